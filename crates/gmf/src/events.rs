//! A life's record as canonical events.

use std::fmt::Write as _;
use std::sync::Arc;

use twinloom_event::{
    Attribute, Code, EncounterId, Event, EventKind, RecordId, Source, SubjectId, Timeline, Timestamp, Unit,
};

use crate::ir::{Action, Observation, Sex};
use crate::life::{EncounterRecord, Entry, Kind, Life, NEVER};
use crate::names::CodingId;
use crate::value::Value;

/// Names of attributes and systems, kept once for each worker.
pub(crate) struct Writer {
    source: Option<Source>,
    class: Arc<str>,
    service: Arc<str>,
    reason: Arc<str>,
    discharge: Arc<str>,
    category: Arc<str>,
    cause: Arc<str>,
    administration: Arc<str>,
    reactions: Arc<str>,
    images: Arc<str>,
    modality: Arc<str>,
    body_site: Arc<str>,
    text: String,
}

impl Writer {
    pub(crate) fn new() -> Self {
        Self {
            source: Source::new("gmf").ok(),
            class: "class".into(),
            service: "service".into(),
            reason: "reason".into(),
            discharge: "discharge".into(),
            category: "category".into(),
            cause: "cause".into(),
            administration: "administration".into(),
            reactions: "reactions".into(),
            images: "images".into(),
            modality: "modality".into(),
            body_site: "body_site".into(),
            text: String::new(),
        }
    }

    /// All events of a life, in order.
    pub(crate) fn timeline(&mut self, life: &Life<'_>, subject: SubjectId) -> Option<Timeline> {
        let mut events = Vec::with_capacity(life.record.entries.len() + life.record.encounters.len() + 8);
        self.person(life, subject, &mut events);
        let encounters: Vec<Option<EncounterId>> = life
            .record
            .encounters
            .iter()
            .enumerate()
            .map(|(place, encounter)| {
                let id = self.id("Encounter", subject, place);
                self.encounter(life, subject, encounter, &id, &mut events);
                EncounterId::new(id).ok()
            })
            .collect();
        for (place, entry) in life.record.entries.iter().enumerate() {
            if let Some(event) = self.entry(life, subject, place, entry, &encounters) {
                events.push(event);
            }
        }
        Timeline::from_unordered(subject, events).ok()
    }

    fn id(&mut self, kind: &str, subject: SubjectId, place: usize) -> Arc<str> {
        self.text.clear();
        // Writing into a text can't fail.
        let _ = write!(self.text, "{kind}/{subject}-{place}");
        Arc::from(self.text.as_str())
    }

    fn person(&mut self, life: &Life<'_>, subject: SubjectId, events: &mut Vec<Event>) {
        let known = &life.library.host.known;
        let sex = if life.sex() == Sex::Female { "female" } else { "male" };
        let race = life.spelt_attribute(known.race);
        let ethnicity = life.spelt_attribute(known.ethnicity);
        for (system, value) in [("SEX", Some(sex)), ("RACE", race), ("ETHNICITY", ethnicity)] {
            if let Some(code) = value.and_then(|value| Code::new(system, value).ok()) {
                events.push(self.event(subject, None, code, EventKind::Demographic));
            }
        }
        events.push(self.event(subject, time(life.birth_ms), Code::birth(), EventKind::Birth));
        if let Some(death_ms) = life.death_ms.filter(|death_ms| *death_ms <= life.terms.end_ms) {
            let mut event = self.event(subject, time(death_ms), Code::death(), EventKind::Death);
            if let Some(cause) = life.cause {
                event = event.with_attribute(Arc::clone(&self.cause), text_of(life, cause));
            }
            events.push(event);
        }
    }

    fn event(&self, subject: SubjectId, at: Option<Timestamp>, code: Code, kind: EventKind) -> Event {
        let event = Event::new(subject, at, code).with_kind(kind);
        match &self.source {
            Some(source) => event.with_source(source.clone()),
            None => event,
        }
    }

    fn encounter(
        &mut self,
        life: &Life<'_>,
        subject: SubjectId,
        encounter: &EncounterRecord,
        id: &Arc<str>,
        events: &mut Vec<Event>,
    ) {
        let code = match encounter.coding {
            Some(coding) => life.library.vocabulary.codings.get(coding).code.clone(),
            None => match Code::new("ENCOUNTER", encounter.class.word()) {
                Ok(code) => code,
                Err(_) => return,
            },
        };
        let mut event = self.event(subject, time(encounter.start_ms), code, EventKind::Encounter);
        if let Some(end) = time(encounter.stop_ms) {
            event = event.clone().with_end_time(end).unwrap_or(event);
        }
        if let (Ok(record), Ok(encounter)) = (RecordId::new(Arc::clone(id)), EncounterId::new(Arc::clone(id)))
        {
            event = event.with_record_id(record).with_encounter_id(encounter);
        }
        event = event
            .with_attribute(Arc::clone(&self.class), Attribute::Text(encounter.class.act_code().into()))
            .with_attribute(Arc::clone(&self.service), Attribute::Text(encounter.class.word().into()));
        if let Some(reason) = encounter.reason {
            event = event.with_attribute(Arc::clone(&self.reason), text_of(life, reason));
        }
        if let Some(discharge) = encounter.discharge {
            event = event.with_attribute(Arc::clone(&self.discharge), text_of(life, discharge));
        }
        events.push(event);
    }

    fn entry(
        &mut self,
        life: &Life<'_>,
        subject: SubjectId,
        place: usize,
        entry: &Entry,
        encounters: &[Option<EncounterId>],
    ) -> Option<Event> {
        let (kind, resource) = match entry.kind {
            Kind::Latent => return None,
            Kind::Condition => (EventKind::Condition, "Condition"),
            Kind::Allergy => (EventKind::Allergy, "AllergyIntolerance"),
            Kind::Medication => (EventKind::Medication, "MedicationRequest"),
            Kind::Administration => (EventKind::Medication, "MedicationAdministration"),
            Kind::CarePlan => (EventKind::CarePlan, "CarePlan"),
            Kind::Procedure => (EventKind::Procedure, "Procedure"),
            Kind::Device => (EventKind::Device, "Device"),
            Kind::Observation | Kind::MultiObservation => (EventKind::Observation, "Observation"),
            Kind::Report => (EventKind::Document, "DiagnosticReport"),
            Kind::ImagingStudy => (EventKind::Document, "ImagingStudy"),
            Kind::Supply => (EventKind::Device, "SupplyDelivery"),
            Kind::Immunisation => (EventKind::Immunisation, "Immunization"),
        };
        let code = life.library.vocabulary.codings.get(entry.coding).code.clone();
        let mut event = self.event(subject, time(entry.start_ms), code, kind);
        if entry.stop_ms != NEVER
            && let Some(end) = time(entry.stop_ms.max(entry.start_ms))
        {
            event = match event.with_end_time(end) {
                Ok(event) => event,
                Err(_) => return None,
            };
        }
        if let Ok(record) = RecordId::new(self.id(resource, subject, place)) {
            event = event.with_record_id(record);
        }
        if let Some(Some(encounter)) = encounters.get(entry.encounter as usize) {
            event = event.with_encounter_id(encounter.clone());
        }
        if let Some(reason) = entry.reason {
            event = event.with_attribute(Arc::clone(&self.reason), text_of(life, reason));
        }
        if entry.kind == Kind::Administration {
            event = event.with_attribute(Arc::clone(&self.administration), Attribute::Boolean(true));
        }
        Some(self.details(life, entry, event))
    }

    /// Values, units and what else the state says of an entry.
    fn details(&self, life: &Life<'_>, entry: &Entry, mut event: Event) -> Event {
        let action = entry.state.map(|state| &life.library.state(state).action);
        match action {
            Some(Action::ImagingStudy(study)) if entry.kind == Kind::ImagingStudy => {
                if let Value::Number(images) = entry.value {
                    event = event.with_attribute(Arc::clone(&self.images), Attribute::Integer(images as i64));
                }
                if let Some(site) = study.series.first().and_then(|series| series.body_site) {
                    event = event.with_attribute(Arc::clone(&self.body_site), text_of(life, site));
                }
                if let Some(modality) = study.series.first().and_then(|series| series.modality) {
                    event = event.with_attribute(Arc::clone(&self.modality), text_of(life, modality));
                }
                return event;
            }
            Some(Action::Onset(onset)) => {
                if let Some(category) = &onset.category {
                    event = event
                        .with_attribute(Arc::clone(&self.category), Attribute::Text(Arc::clone(category)));
                }
                if !onset.reactions.is_empty() {
                    let reactions: Vec<&str> = onset
                        .reactions
                        .iter()
                        .map(|reaction| life.library.vocabulary.codings.get(*reaction).code.as_str())
                        .collect();
                    let text = Attribute::Text(reactions.join(" ").into());
                    event = event.with_attribute(Arc::clone(&self.reactions), text);
                }
                return event;
            }
            Some(Action::MultiObservation { category: Some(category), .. })
                if entry.kind == Kind::MultiObservation =>
            {
                let category = Attribute::Text(Arc::clone(category));
                return event.with_attribute(Arc::clone(&self.category), category);
            }
            _ => {}
        }
        if let Some(observation) = action.and_then(|action| observation_of(action, entry.part))
            && entry.kind == Kind::Observation
        {
            if let Some(unit) = observation.unit.as_ref().and_then(|unit| Unit::new(Arc::clone(unit)).ok()) {
                event = event.with_unit(unit);
            }
            if let Some(category) = &observation.category {
                event =
                    event.with_attribute(Arc::clone(&self.category), Attribute::Text(Arc::clone(category)));
            }
        }
        match entry.value {
            Value::Integer(whole) => numeric(event, whole as f64),
            Value::Number(number) => numeric(event, number),
            Value::Boolean(flag) => event.with_text_value(if flag { "true" } else { "false" }),
            Value::Text(text) => {
                event.with_text_value(Arc::clone(life.library.vocabulary.texts.get(text.index())))
            }
            Value::Code(coding) => {
                let coding = life.library.vocabulary.codings.get(coding);
                event.with_text_value(Arc::<str>::from(coding.code.clone()))
            }
            Value::Nil | Value::Entry(_) | Value::Computed(_) => event,
        }
    }
}

fn observation_of(action: &Action, part: u16) -> Option<&Observation> {
    match action {
        Action::Observation(observation) => Some(observation),
        Action::MultiObservation { parts, .. } | Action::Report { parts, .. } => parts.get(part as usize),
        _ => None,
    }
}

fn numeric(event: Event, value: f64) -> Event {
    if value.is_finite() { event.clone().with_numeric_value(value).unwrap_or(event) } else { event }
}

fn text_of(life: &Life<'_>, coding: CodingId) -> Attribute {
    Attribute::Text(life.library.vocabulary.codings.get(coding).code.clone().into())
}

fn time(time_ms: i64) -> Option<Timestamp> {
    Timestamp::from_micros(time_ms.saturating_mul(1000)).ok()
}
