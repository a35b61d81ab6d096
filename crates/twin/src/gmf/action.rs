//! What states write into a person's life: things begun, ended, measured.

use super::Value;
use super::instance::Instance;
use super::interpreter::Interpreter;
use super::spec::{BeginSpec, ObservationSource, ObservationSpec};
use super::state::{EndBy, StateKind};
use crate::engine::{Context, Moment};
use crate::patient::{Entry, FactKind, Patient, Reading};

impl Interpreter {
    pub(super) fn begin(
        spec: &BeginSpec,
        state: u32,
        patient: &mut Patient,
        instance: &mut Instance,
        context: &mut Context,
    ) {
        let now = context.now();
        let severity = spec.severity.as_ref().map(|severity| severity.sample(&mut instance.stream));
        let at = patient.time_of_contact(instance.encounter, now);
        let by_hospital = instance.encounter.is_some_and(|contact| {
            patient.encounters.get(contact as usize).is_some_and(|contact| contact.service.is_hospital())
        });
        // Who takes half of a medicine gets half of its effect.
        let taken = if spec.kind == FactKind::Medication { patient.adherence } else { 1.0 };
        let artefact = patient.new_artefact();
        let first = patient.facts.len() as u32;
        for code in &spec.codes {
            let number = patient.facts.len() as u32;
            let mut fact = instance.fact(spec.kind, artefact, *code, at);
            fact.text = spec.text;
            fact.issue_days = spec.issue_days;
            fact.hospital = spec.hospital.unwrap_or(by_hospital);
            if spec.kind == FactKind::Condition {
                fact.truth = severity.map_or(Reading::None, Reading::Number);
                if spec.target.is_some() || instance.skipping {
                    fact.encounter = None;
                } else if let Some(contact) = fact.encounter {
                    fact.diagnosed = Some(at);
                    fact.diagnosed_by = patient.encounters.get(contact as usize).map(|own| own.service);
                }
                fact.target = spec.target;
            }
            patient.facts.push(fact);
            patient.begin_entry(Entry { kind: spec.kind, code: *code, fact: number, state });
        }
        let scale = severity.unwrap_or(1.0) * taken;
        if spec.kind == FactKind::Medication && !spec.hospital.unwrap_or(by_hospital) && context.is_served() {
            Self::send_to_pharmacy(spec, artefact, scale, patient, context);
        } else {
            Self::begin_effects(spec, first, scale, patient, now);
        }
        if let Some(attribute) = spec.assign {
            patient.set_attribute(attribute, Value::Fact(first));
        }
    }

    /// Writes down what is done at one moment: acts, measurements, panels.
    pub(super) fn write(
        &self,
        kind: &StateKind,
        patient: &mut Patient,
        instance: &mut Instance,
        now: Moment,
    ) {
        let taken = instance.test.map(|test| test.taken);
        let at = taken.unwrap_or_else(|| patient.time_of_contact(instance.encounter, now));
        let test = instance.test.take().map(|test| {
            patient.tests.push(test);
            patient.tests.len() as u32 - 1
        });
        match kind {
            StateKind::Act(kind, codes, duration) => {
                let artefact = patient.new_artefact();
                let days = duration.as_ref().map(|own| own.sample(&mut instance.stream).max(0.0));
                for code in codes {
                    let mut fact = instance.fact(*kind, artefact, *code, at);
                    fact.end = days.map(|days| at.plus_days(days));
                    fact.test = test;
                    patient.facts.push(fact);
                }
            }
            StateKind::Observation(spec) => {
                let artefact = patient.new_artefact();
                self.observe(spec, artefact, test, patient, instance, at);
            }
            StateKind::Panel { kind, code, category, parts } => {
                let artefact = patient.new_artefact();
                let mut fact = instance.fact(*kind, artefact, *code, at);
                fact.category = *category;
                fact.test = test;
                patient.facts.push(fact);
                for part in parts {
                    // A report points to observations of their own; a panel's parts belong to it.
                    let own = if *kind == FactKind::Observation { artefact } else { patient.new_artefact() };
                    self.observe(part, own, test, patient, instance, at);
                }
            }
            _ => {}
        }
    }

    pub(super) fn end(kind: FactKind, by: &EndBy, patient: &mut Patient, now: Moment) {
        let referred = match by {
            EndBy::Attribute(attribute) => patient.attributes[*attribute as usize],
            _ => Value::Nil,
        };
        while let Some(index) = patient.entries.iter().position(|entry| {
            entry.kind == kind
                && match by {
                    EndBy::State(state) => entry.state == *state,
                    EndBy::Attribute(_) => Value::Fact(entry.fact) == referred,
                    EndBy::Codes(codes) => codes.contains(&entry.code),
                }
        }) {
            patient.end_entry(index, now);
        }
    }

    pub(super) fn observe(
        &self,
        spec: &ObservationSpec,
        artefact: u32,
        test: Option<u32>,
        patient: &mut Patient,
        instance: &mut Instance,
        now: Moment,
    ) {
        let mut fact = instance.fact(FactKind::Observation, artefact, spec.code, now);
        fact.unit = spec.unit;
        fact.category = spec.category;
        fact.test = test;
        match &spec.source {
            ObservationSource::Sign(sign) => {
                let truth = patient.vital_sign(*sign, now);
                fact.sign = Some(*sign);
                fact.truth = Reading::Number(truth);
                fact.measured = Reading::Number(sign.measure(truth, &mut instance.stream));
            }
            ObservationSource::Drawn(distribution) => {
                fact.truth = Reading::Number(distribution.sample(&mut instance.stream));
                fact.measured = fact.truth;
            }
            ObservationSource::Code(code) => {
                fact.truth = Reading::Code(*code);
                fact.measured = fact.truth;
            }
            ObservationSource::Attribute(attribute) => {
                fact.truth = match patient.attributes[*attribute as usize] {
                    Value::Number(number) => Reading::Number(number),
                    Value::Boolean(flag) => Reading::Number(f64::from(u8::from(flag))),
                    _ => Reading::None,
                };
                fact.measured = fact.truth;
            }
            ObservationSource::Absent => {}
        }
        let place = self.program.reading_places[spec.code as usize] as usize;
        if let Some(reading) = patient.readings.get_mut(place) {
            *reading = fact.measured;
            patient.changed |= super::Topics::reading(spec.code);
        }
        patient.facts.push(fact);
    }
}
