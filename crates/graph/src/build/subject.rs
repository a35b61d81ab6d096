//! What each of a subject's events becomes: a patient's property, an encounter or an event node.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use twinloom_event::{Attribute, Code, Event, EventKind, SubjectId, Timeline, Timestamp};

/// One subject's share of the graph, before numbering.
pub(super) struct Subject<'a> {
    pub(super) id: SubjectId,
    pub(super) facts: PatientFacts,
    /// Artefacts that state patient facts; references to them mean the patient.
    pub(super) patient_records: FxHashSet<&'a str>,
    /// In order of first mention.
    pub(super) encounters: Vec<Encounter<'a>>,
    /// In timeline order.
    pub(super) events: Vec<PlannedEvent<'a>>,
}

/// Properties of a patient node.
#[derive(Default)]
pub(super) struct PatientFacts {
    pub(super) sex: Option<Arc<str>>,
    pub(super) birth_year: Option<i64>,
    pub(super) imd_decile: Option<i64>,
    pub(super) ethnicity: Option<Arc<str>>,
    pub(super) count: u64,
}

/// An encounter node: stated by an event of its own, or only named by others.
pub(super) struct Encounter<'a> {
    pub(super) id: EncounterKey<'a>,
    pub(super) record_id: Option<&'a str>,
    pub(super) class: Option<Arc<str>>,
    pub(super) discharge: Option<Arc<str>>,
    pub(super) reason: Option<Arc<str>>,
    pub(super) start: Option<Timestamp>,
    pub(super) end: Option<Timestamp>,
    pub(super) known: Option<Timestamp>,
    pub(super) codes: Vec<Code>,
    stated: bool,
}

/// What names an encounter: its id, or its place in the timeline when it has none.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum EncounterKey<'a> {
    Named(&'a str),
    Unnamed(usize),
}

/// An event node.
pub(super) struct PlannedEvent<'a> {
    pub(super) event: &'a Event,
    /// Place in the timeline.
    pub(super) place: usize,
    /// Place among the subject's encounters.
    pub(super) encounter: Option<u32>,
    /// Place among the artefact's events, 0 for the first.
    pub(super) part: u32,
    /// The panel this is a component of, by place among the subject's events.
    pub(super) panel: Option<u32>,
}

impl<'a> Subject<'a> {
    pub(super) fn of(timeline: &'a Timeline) -> Self {
        let mut subject = Self {
            id: timeline.subject_id(),
            facts: PatientFacts::default(),
            patient_records: FxHashSet::default(),
            encounters: Vec::new(),
            events: Vec::with_capacity(timeline.events().len()),
        };
        let mut encounters: FxHashMap<EncounterKey<'a>, u32> = FxHashMap::default();
        let mut records: FxHashMap<&'a str, Record> = FxHashMap::default();
        let mut is_fact = Vec::with_capacity(timeline.events().len());
        for event in timeline.events() {
            let taken = subject.facts.take(event);
            is_fact.push(taken);
            if let Some(record_id) = event.record_id().filter(|_| taken) {
                // What else this artefact says are further events of it, not its first.
                records.insert(record_id.as_str(), Record { events: 1, panel: None });
                subject.patient_records.insert(record_id.as_str());
            }
        }
        for (place, (event, is_fact)) in timeline.events().iter().zip(is_fact).enumerate() {
            let record_id = event.record_id().map(twinloom_event::RecordId::as_str);
            if is_fact {
                subject.facts.count += 1;
            } else if event.kind() == EventKind::Encounter {
                let key = event.encounter_id().map(twinloom_event::EncounterId::as_str).or(record_id);
                let key = key.map_or(EncounterKey::Unnamed(place), EncounterKey::Named);
                let index = subject.encounter(&mut encounters, key);
                subject.encounters[index as usize].state(event);
            } else {
                let encounter = event.encounter_id().map(|id| {
                    let index = subject.encounter(&mut encounters, EncounterKey::Named(id.as_str()));
                    subject.encounters[index as usize].mention(event);
                    index
                });
                let index = subject.events.len() as u32;
                let (part, panel) = record_id.map_or((0, None), |id| {
                    let record = records.entry(id).or_insert_with(|| Record::headed_by(event, index));
                    let part = record.events;
                    record.events += 1;
                    (part, record.panel.filter(|panel| *panel != index))
                });
                subject.events.push(PlannedEvent { event, place, encounter, part, panel });
            }
        }
        subject
    }

    fn encounter(&mut self, numbers: &mut FxHashMap<EncounterKey<'a>, u32>, key: EncounterKey<'a>) -> u32 {
        *numbers.entry(key).or_insert_with(|| {
            self.encounters.push(Encounter {
                id: key,
                record_id: None,
                class: None,
                discharge: None,
                reason: None,
                start: None,
                end: None,
                known: None,
                codes: Vec::new(),
                stated: false,
            });
            self.encounters.len() as u32 - 1
        })
    }
}

/// The events of one artefact.
struct Record {
    events: u32,
    panel: Option<u32>,
}

impl Record {
    /// The first event is a panel of the others if it has no value of its own, or if the artefact is
    /// an Observation, whose components are parts of it by definition. A table row's columns stand
    /// side by side instead.
    fn headed_by(event: &Event, index: u32) -> Self {
        let valueless = event.numeric_value().is_none() && event.text_value().is_none();
        let observation = event.record_id().is_some_and(|id| id.as_str().starts_with("Observation/"));
        Self { events: 0, panel: (valueless || observation).then_some(index) }
    }
}

impl PatientFacts {
    /// Takes the event as a property of the patient if it is one not yet known or repeats it.
    fn take(&mut self, event: &Event) -> bool {
        let code = event.code();
        if event.kind() == EventKind::Birth || code.is_birth() {
            let year = event.time().map(|time| i64::from(time.year()));
            return year.is_none() || keep(&mut self.birth_year, year);
        }
        if event.kind() != EventKind::Demographic || event.time().is_some() {
            return false;
        }
        match code.system() {
            Some("SEX") => keep(&mut self.sex, Some(code.value().into())),
            Some("ETHNICITY") => keep(&mut self.ethnicity, Some(code.value().into())),
            Some("IMD_DECILE") => {
                code.value().parse().is_ok_and(|decile| keep(&mut self.imd_decile, Some(decile)))
            }
            _ => false,
        }
    }
}

fn keep<T: PartialEq>(slot: &mut Option<T>, value: Option<T>) -> bool {
    if slot.is_none() {
        *slot = value;
        true
    } else {
        *slot == value
    }
}

impl<'a> Encounter<'a> {
    /// Takes what the encounter's own event says; a second such event can only widen it.
    fn state(&mut self, event: &'a Event) {
        let known = event.known_time();
        self.known = if self.stated { self.known.min(known) } else { known };
        self.stated = true;
        self.record_id = self.record_id.or(event.record_id().map(twinloom_event::RecordId::as_str));
        let class = event.attribute("class").and_then(Attribute::as_text);
        self.class = self.class.take().or(class.map(Arc::from));
        let discharge = event.attribute("discharge_disposition").and_then(Attribute::as_text);
        self.discharge = self.discharge.take().or(discharge.map(Arc::from));
        let reason = event.attribute("reason").and_then(Attribute::as_text);
        self.reason = self.reason.take().or(reason.map(Arc::from));
        self.start = match (self.start, event.time()) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        self.end = self.end.max(event.end_time());
        for code in std::iter::once(event.code().clone()).chain(other_codes(event)) {
            if !self.codes.contains(&code) {
                self.codes.push(code);
            }
        }
    }

    /// Learns of the encounter from an event of it.
    fn mention(&mut self, event: &Event) {
        if !self.stated {
            self.known = match (self.known, event.known_time()) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
    }
}

/// The artefact's further codings, in rank order, without repeats of the main code.
pub(super) fn other_codes(event: &Event) -> Vec<Code> {
    let Some(json) = event.attribute("other_codes").and_then(Attribute::as_text) else {
        return Vec::new();
    };
    let mut codes: Vec<Code> = Vec::new();
    for text in serde_json::from_str::<Vec<String>>(json).unwrap_or_default() {
        if let Ok(code) = Code::parse(text)
            && code != *event.code()
            && !codes.contains(&code)
        {
            codes.push(code);
        }
    }
    codes
}
