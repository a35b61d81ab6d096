//! Facts in the truth: conditions, measurements, medicines, acts and plans.

use twinloom_event::{Attribute, Event, EventKind, RecordId};

use super::writer::Page;
use crate::patient::{Fact, FactKind, Reading};

impl Page<'_> {
    pub(super) fn write_facts(&mut self) {
        let patient = self.patient;
        let mut last: Option<(u32, RecordId)> = None;
        let cutoff = self.cutoff;
        for fact in patient.facts.iter().filter(|fact| fact.start < cutoff) {
            let record_id = match &last {
                Some((artefact, record_id)) if *artefact == fact.artefact => record_id.clone(),
                _ => self.record_id(fact.kind.resource(), fact.artefact),
            };
            last = Some((fact.artefact, record_id.clone()));
            let event = self.fact(fact, record_id);
            self.events.push(event);
        }
    }

    fn fact(&self, fact: &Fact, record_id: RecordId) -> Event {
        let writer = self.writer;
        let mut event = self
            .event(fact.start, &writer.codes[fact.code as usize], fact.kind.event_kind())
            .with_record_id(record_id);
        // A condition begins at its onset, not at the contact that finds it.
        let found_later = fact.kind == FactKind::Condition && fact.diagnosed != Some(fact.start);
        if let Some(id) = self.encounter_id(fact.encounter).filter(|_| !found_later) {
            event = event.with_encounter_id(id);
        }
        event = match fact.kind {
            FactKind::Observation => self.with_reading(event, fact),
            FactKind::Condition => self.with_plant(self.with_diagnosis(event, fact), fact.artefact),
            FactKind::Medication => self.with_supply(event, fact),
            _ => event,
        };
        if let Some(text) = fact.text {
            event = event.with_text_value(writer.texts[text as usize].clone());
        }
        event = self.with_test(event, fact);
        let end = self.known(fact.end).filter(|end| *end >= fact.start.timestamp());
        if fact.kind == FactKind::Medication {
            let status = if end.is_some() { &writer.words.stopped } else { &writer.words.active };
            event = event.with_attribute(writer.words.name.status.clone(), status.clone());
        }
        match end {
            Some(end) => event.with_end_time(end).expect("checked to come after"),
            None => event,
        }
    }

    fn with_reading(&self, mut event: Event, fact: &Fact) -> Event {
        let writer = self.writer;
        match fact.truth {
            Reading::Number(number) => {
                // Readings are finite: bounded curves plus bounded scatter.
                event = event.clone().with_numeric_value(number).unwrap_or(event);
                if let Some(unit) = fact.unit.and_then(|unit| writer.units[unit as usize].clone()) {
                    event = event.with_unit(unit);
                }
            }
            Reading::Code(code) => {
                event = event.with_text_value(writer.codes[code as usize].as_str());
            }
            Reading::None => {}
        }
        match fact.measured {
            Reading::Number(shown) if fact.sign.is_some() => {
                event.with_attribute(writer.words.name.measured.clone(), Attribute::Float(shown))
            }
            _ => event,
        }
    }

    fn with_diagnosis(&self, mut event: Event, fact: &Fact) -> Event {
        let words = &self.writer.words;
        if let Reading::Number(severity) = fact.truth {
            event = event.with_attribute(words.name.severity.clone(), Attribute::Float(severity));
        }
        if let Some(at) = self.known(fact.diagnosed) {
            event = event.with_attribute(words.name.diagnosed.clone(), Attribute::Time(at));
            if let Some(service) = fact.diagnosed_by {
                event = event.with_attribute(words.name.diagnosed_by.clone(), words.service(service));
            }
        }
        event
    }

    fn with_supply(&self, mut event: Event, fact: &Fact) -> Event {
        let words = &self.writer.words;
        if let Some(days) = fact.issue_days {
            let days = Attribute::Integer(i64::from(days));
            event = event.with_attribute(words.name.issue_days.clone(), days);
        }
        let sent = self.patient.dispensings.iter().find(|own| own.artefact == fact.artefact);
        if let Some(at) = self.known(sent.and_then(|own| own.dispensed)) {
            event = event.with_attribute(words.name.dispensed.clone(), Attribute::Time(at));
        }
        let prescriber = if fact.hospital { &words.hospital } else { &words.general_practice };
        event
            .with_attribute(words.name.prescriber.clone(), prescriber.clone())
            .with_attribute(words.name.adherence.clone(), Attribute::Float(self.patient.adherence))
    }

    fn with_test(&self, mut event: Event, fact: &Fact) -> Event {
        let (words, name) = (&self.writer.words, &self.writer.words.name);
        let test = fact.test.and_then(|test| self.patient.tests.get(test as usize));
        let category =
            fact.category.map(|category| Attribute::Text(self.writer.texts[category as usize].clone()));
        let category = match test {
            Some(test) if test.modality.is_some() => Some(words.imaging.clone()),
            Some(_) => category.or_else(|| Some(words.laboratory.clone())),
            None => category,
        };
        if let Some(category) = category {
            event = event.with_attribute(name.category.clone(), category);
        }
        let Some(test) = test else { return event };
        let mut times = vec![(&name.requested, test.requested)];
        match test.modality {
            Some(modality) => {
                event = event.with_attribute(name.modality.clone(), words.modality(modality));
                times.push((&name.reported, test.resulted));
            }
            None => times.extend([(&name.received, test.received), (&name.resulted, test.resulted)]),
        }
        for (name, at) in times {
            if at < self.writer.end {
                event = event.with_attribute(name.clone(), Attribute::Time(at.timestamp()));
            }
        }
        event
    }
}

impl FactKind {
    pub(crate) const fn event_kind(self) -> EventKind {
        match self {
            Self::Condition => EventKind::Condition,
            Self::Observation => EventKind::Observation,
            Self::Medication => EventKind::Medication,
            Self::Procedure => EventKind::Procedure,
            Self::CarePlan => EventKind::CarePlan,
            Self::Document => EventKind::Document,
            Self::Allergy => EventKind::Allergy,
            Self::Immunisation => EventKind::Immunisation,
            Self::Device => EventKind::Device,
        }
    }

    /// The FHIR resource that would hold a fact; record ids begin with it.
    pub(crate) const fn resource(self) -> &'static str {
        match self {
            Self::Condition => "Condition",
            Self::Observation => "Observation",
            Self::Medication => "MedicationRequest",
            Self::Procedure => "Procedure",
            Self::CarePlan => "CarePlan",
            Self::Document => "DiagnosticReport",
            Self::Allergy => "AllergyIntolerance",
            Self::Immunisation => "Immunization",
            Self::Device => "Device",
        }
    }
}
