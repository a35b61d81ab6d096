//! What one resource becomes, before it is known whom its references mean.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use twinloom_event::{
    Attribute, Attributes, Code, Concept, EncounterId, Entity, Event, EventKind, RecordId, Source, SubjectId,
    TimePrecision, Timestamp,
};

use super::moment::Moment;
use super::reference::Target;
use super::value::{Notes, Value};

/// An event without its subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Draft {
    pub(crate) kind: EventKind,
    /// `None` where a reference to a Medication gives the code.
    pub(crate) code: Option<Code>,
    pub(crate) time: Option<Timestamp>,
    pub(crate) precision: TimePrecision,
    pub(crate) end: Option<Timestamp>,
    pub(crate) recorded: Option<Timestamp>,
    pub(crate) value: Value,
    #[serde(with = "super::exact")]
    pub(crate) attributes: Attributes,
}

impl Draft {
    pub(crate) fn new(kind: EventKind, code: Option<Code>) -> Self {
        Self {
            kind,
            code,
            time: None,
            precision: TimePrecision::Instant,
            end: None,
            recorded: None,
            value: Value::default(),
            attributes: Attributes::new(),
        }
    }

    pub(crate) fn at(mut self, moment: Moment) -> Self {
        self.time = Some(moment.start);
        self.precision = moment.precision;
        self
    }

    pub(crate) fn with_text_attribute(mut self, name: &str, text: impl Into<Arc<str>>) -> Self {
        self.attributes.insert(name.into(), Attribute::Text(text.into()));
        self
    }

    /// The event, now that its subject, encounter and code are known.
    pub(crate) fn into_event(self, context: &EventContext<'_>) -> Event {
        let code = self.code.unwrap_or_else(|| context.code.clone());
        let mut event = Event::new(context.subject_id, self.time, code)
            .with_kind(self.kind)
            .with_time_precision(self.precision)
            .with_seq(context.seq(self.kind))
            .with_source(context.source.clone())
            .with_record_id(context.record_id.clone());
        if let Some(end) = self.end.filter(|end| self.time.is_some_and(|start| start <= *end)) {
            event = event.with_end_time(end).expect("the end was just compared with the start");
        }
        if let Some(number) = self.value.number.filter(|number| number.is_finite()) {
            event = event.with_numeric_value(number).expect("the number was just found finite");
        }
        if let Some(recorded) = self.recorded {
            event = event.with_recorded_time(recorded);
        }
        if let Some(text) = self.value.text {
            event = event.with_text_value(text);
        }
        if let Some(unit) = self.value.unit {
            event = event.with_unit(unit);
        }
        if let Some(encounter) = context.encounter_id {
            event = event.with_encounter_id(encounter.clone());
        }
        for (name, attribute) in self.attributes.into_iter().chain(self.value.attributes) {
            event = event.with_attribute(name, attribute);
        }
        event
    }
}

/// What all events of one resource share.
pub(crate) struct EventContext<'a> {
    pub(crate) subject_id: SubjectId,
    pub(crate) encounter_id: Option<&'a EncounterId>,
    pub(crate) record_id: &'a RecordId,
    pub(crate) source: &'a Source,
    /// The code of drafts that have none.
    pub(crate) code: &'a Code,
    /// The resource's place in the whole input.
    pub(crate) ordinal: u64,
}

impl EventContext<'_> {
    const ORDINAL_BITS: u32 = 30;

    /// Breaks ties of time: birth, then encounters, then what happened in them, then death; within
    /// these the order of the input. So a Patient that comes after its events changes nothing.
    fn seq(&self, kind: EventKind) -> u32 {
        let rank = match kind {
            EventKind::Birth | EventKind::Demographic => 0,
            EventKind::Encounter => 1,
            EventKind::Death => 3,
            _ => 2,
        };
        let last = (1 << Self::ORDINAL_BITS) - 1;
        rank << Self::ORDINAL_BITS | self.ordinal.min(last) as u32
    }
}

/// A reference that may become a link.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Reference {
    /// The artefact holding it, where not the resource itself (a contained one).
    pub(crate) from: Option<String>,
    pub(crate) path: String,
    pub(crate) target: Target,
}

/// What of a resource is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) record_id: RecordId,
    /// Keys of its further names.
    pub(crate) names: Vec<u64>,
    pub(crate) content: u32,
    /// `meta.lastUpdated` in seconds since 1970; 0 if not stated.
    pub(crate) updated: u32,
    /// Whose facts the drafts are; `None` for entities.
    pub(crate) subject: Option<Target>,
    pub(crate) encounter: Option<Target>,
    /// The Medication that gives the code.
    pub(crate) medication: Option<Target>,
    /// For Medications: their own code.
    pub(crate) own_code: Option<Code>,
    /// The code that only names the resource type.
    pub(crate) fallback: Code,
    pub(crate) drafts: Vec<Draft>,
    pub(crate) entities: Vec<Entity>,
    pub(crate) references: Vec<Reference>,
}

/// What became of one resource.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outcome {
    /// The resource type, or `document` where none could be told.
    pub(crate) table: Cow<'static, str>,
    /// The entry counted from here, for Bundles within one piece.
    pub(crate) entry: u64,
    pub(crate) verdict: Verdict,
    pub(crate) notes: Notes,
    pub(crate) concepts: Vec<Concept>,
}

/// Whether a resource is kept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    Kept(Box<Kept>),
    Skipped(Cow<'static, str>),
}
