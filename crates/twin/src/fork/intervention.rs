//! What is done to a person at a fork.

use twinloom_event::Code;

use super::ForkError;
use crate::engine::Moment;
use crate::gmf::{BeginSpec, Value};
use crate::life::Life;
use crate::patient::{CodeId, Entry, Fact, FactKind};
use crate::physiology::{Effect, VitalSign};
use crate::stream::Stream;
use crate::world::World;

/// Something done to one person.
#[derive(Clone, Debug, PartialEq)]
pub enum Intervention {
    /// Nothing: both arms of a future are alike.
    Nothing,
    /// A medicine is begun as a module of the run gives it, with its effects.
    StartMedication(Code),
    /// The person stops smoking for good.
    StopSmoking,
    /// The person weighs so many kilograms less from now on; 0 to 100.
    LoseWeight(f64),
    /// An attribute that modules read is set to a number.
    SetNumber(String, f64),
    /// An attribute that modules read is set to true or false.
    SetFlag(String, bool),
    /// A condition that the person has, and that nobody knows of, is found.
    Diagnose(Code),
    /// A vaccine is given.
    Vaccinate(Code),
}

/// An intervention in the run's own numbering.
#[derive(Clone, Debug)]
pub(super) enum Change<'a> {
    Nothing,
    Medicine(CodeId, &'a BeginSpec),
    StopSmoking(u32),
    LoseWeight(f64),
    Set(u32, Value),
    Diagnose(CodeId),
    Vaccine(CodeId),
}

impl Intervention {
    /// Finds what the intervention names.
    pub(super) fn resolve<'w>(&self, world: &'w World<'_>) -> Result<Change<'w>, ForkError> {
        let program = &world.interpreter.program;
        let wrong = |code: &Code, what| ForkError::Code { code: code.to_string(), what };
        let find = |code: &Code, what| program.names.find_code(code).ok_or_else(|| wrong(code, what));
        let attribute = |name: &String| {
            program.names.find_attribute(name).ok_or_else(|| ForkError::Attribute { name: name.clone() })
        };
        Ok(match self {
            Self::Nothing => Change::Nothing,
            Self::StartMedication(code) => {
                let id = find(code, "medicine")?;
                let spec = program.medicine(id);
                Change::Medicine(id, spec.ok_or_else(|| wrong(code, "medicine"))?)
            }
            Self::StopSmoking => Change::StopSmoking(program.smoker),
            Self::LoseWeight(kilograms) if !(0.0..=100.0).contains(kilograms) => {
                let permitted = "0 to 100 kg";
                return Err(ForkError::Value { what: "weight loss", value: *kilograms, permitted });
            }
            Self::LoseWeight(kilograms) => Change::LoseWeight(*kilograms),
            Self::SetNumber(_, value) if !value.is_finite() => {
                let permitted = "finite numbers";
                return Err(ForkError::Value { what: "attribute", value: *value, permitted });
            }
            Self::SetNumber(name, value) => Change::Set(attribute(name)?, Value::Number(*value)),
            Self::SetFlag(name, flag) => Change::Set(attribute(name)?, Value::Boolean(*flag)),
            Self::Diagnose(code) => {
                let id = find(code, "condition")?;
                let known = world.codes.condition(id).is_some() || program.writes(FactKind::Condition, id);
                known.then_some(Change::Diagnose(id)).ok_or_else(|| wrong(code, "condition"))?
            }
            Self::Vaccinate(code) => {
                let id = find(code, "vaccine")?;
                let given = program.writes(FactKind::Immunisation, id);
                given.then_some(Change::Vaccine(id)).ok_or_else(|| wrong(code, "vaccine"))?
            }
        })
    }
}

impl Change<'_> {
    /// Does it and says whether there was anything to do. `stream` is the same in both arms of a future.
    pub(super) fn apply(&self, life: &mut Life, at: Moment, stream: &mut Stream) -> bool {
        let patient = &mut life.patient;
        match self {
            Self::Nothing => return false,
            Self::Medicine(code, spec) => {
                let taken = |entry: &Entry| entry.kind == FactKind::Medication && entry.code == *code;
                if patient.entries.iter().any(taken) {
                    return false;
                }
                let response = spec.severity.as_ref().map_or(1.0, |severity| severity.sample(stream));
                let (fact, artefact) = (patient.facts.len() as u32, patient.new_artefact());
                patient.facts.push(Fact {
                    text: spec.text,
                    issue_days: spec.issue_days,
                    ..Fact::new(FactKind::Medication, artefact, 0, *code, at)
                });
                patient.begin_entry(Entry { kind: FactKind::Medication, code: *code, fact, state: u32::MAX });
                for effect in &spec.effects {
                    let mut effect = *effect;
                    effect.change *= response * patient.adherence;
                    effect.change_per_year *= response * patient.adherence;
                    patient.begin_effect(at, fact, effect);
                }
            }
            Self::StopSmoking(attribute) => {
                let smokes = life.smoking.started.is_some_and(|started| started <= at)
                    && life.smoking.stopped.is_none_or(|stopped| stopped > at);
                if !smokes {
                    return false;
                }
                life.smoking.stopped = Some(at);
                patient.set_attribute(*attribute, Value::Boolean(false));
            }
            Self::LoseWeight(kilograms) => {
                let height = patient.vital_sign(VitalSign::Height, at) / 100.0;
                let change = -kilograms / (height * height).max(0.1);
                let effect = Effect { sign: VitalSign::BodyMassIndex, change, change_per_year: 0.0 };
                patient.begin_effect(at, u32::MAX, effect);
            }
            Self::Set(attribute, value) => patient.set_attribute(*attribute, *value),
            Self::Diagnose(code) => {
                let is_it = |entry: &&Entry| entry.kind == FactKind::Condition && entry.code == *code;
                let Some(fact) = patient.entries.iter().find(is_it).map(|entry| entry.fact) else {
                    return false;
                };
                return patient.diagnose(fact, None, at);
            }
            Self::Vaccine(code) => {
                let artefact = patient.new_artefact();
                patient.facts.push(Fact::new(FactKind::Immunisation, artefact, 0, *code, at));
            }
        }
        true
    }
}
