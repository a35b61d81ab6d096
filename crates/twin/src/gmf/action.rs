//! What states write into a person's life: things begun, ended, measured.

use super::Value;
use super::interpreter::{Instance, Interpreter};
use super::state::{BeginSpec, EndBy, ObservationSource, ObservationSpec};
use crate::engine::Moment;
use crate::patient::{CodeId, Entry, Fact, FactKind, Patient, Reading};

impl Interpreter {
    pub(super) fn begin(
        spec: &BeginSpec,
        state: u32,
        patient: &mut Patient,
        instance: &mut Instance,
        now: Moment,
    ) {
        let severity = spec.severity.as_ref().map(|severity| severity.sample(&mut instance.stream));
        let artefact = patient.new_artefact();
        let first = patient.facts.len() as u32;
        for code in &spec.codes {
            let number = patient.facts.len() as u32;
            let mut fact = instance.fact(spec.kind, artefact, *code, now);
            fact.text = spec.text;
            if spec.kind == FactKind::Condition {
                fact.truth = severity.map_or(Reading::None, Reading::Number);
                if spec.target.is_some() {
                    fact.encounter = None;
                } else if fact.encounter.is_some() {
                    fact.diagnosed = Some(now);
                }
                fact.target = spec.target;
            }
            patient.facts.push(fact);
            patient.entries.push(Entry { kind: spec.kind, code: *code, fact: number, state });
        }
        for effect in &spec.effects {
            let scale = severity.unwrap_or(1.0);
            let mut effect = *effect;
            effect.change *= scale;
            effect.change_per_year *= scale;
            patient.effects.push((now, first, effect));
        }
        if let Some(attribute) = spec.assign {
            patient.set_attribute(attribute, Value::Fact(first));
        }
        patient.version += 1;
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
        patient: &mut Patient,
        instance: &mut Instance,
        now: Moment,
    ) {
        let mut fact = instance.fact(FactKind::Observation, artefact, spec.code, now);
        fact.unit = spec.unit;
        fact.category = spec.category;
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
        patient.observed[spec.code as usize] = fact.measured;
        if self.program.watched[spec.code as usize] {
            patient.version += 1;
        }
        patient.facts.push(fact);
    }
}

impl Instance {
    pub(super) fn fact(&self, kind: FactKind, artefact: u32, code: CodeId, now: Moment) -> Fact {
        Fact {
            kind,
            artefact,
            process: self.process,
            code,
            start: now,
            end: None,
            encounter: self.encounter,
            diagnosed: None,
            target: None,
            truth: Reading::None,
            measured: Reading::None,
            sign: None,
            unit: None,
            category: None,
            text: None,
        }
    }
}
