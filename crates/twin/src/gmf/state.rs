//! The states of a module.

use super::condition::{Condition, read_vital_sign};
use super::encounter_spec::EncounterSpec;
use super::hazard::Hazard;
use super::names::Names;
use super::node::Node;
use super::quantity::{read_distribution_of, read_duration, read_range, read_value};
use super::spec::{BeginSpec, ObservationSpec, TestOrder};
use super::topics::Topics;
use super::transition::Transition;
use super::words::read_flag;
use super::{PathwayError, States, Value};
use crate::distribution::Distribution;
use crate::nearest::nearest;
use crate::patient::{CodeId, FactKind};
use crate::physiology::VitalSign;

/// A state with its way out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    pub(crate) name: String,
    pub(crate) kind: StateKind,
    /// A test that the state orders and whose result it waits for.
    pub(crate) order: Option<TestOrder>,
    /// Whether it waits for the letter of the module's last hospital contact.
    pub(crate) awaits_letter: bool,
    /// What a guard or a rate reads.
    pub(crate) topics: Topics,
    pub(crate) transition: Option<Transition>,
}

/// What a state does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum StateKind {
    /// Initial and Simple: nothing.
    Pass,
    Terminal,
    /// Waits a time drawn in days.
    Delay(Distribution),
    /// Waits for an event that comes at a rate.
    Hazard(Hazard),
    Guard(Condition),
    SetAttribute(u32, Setting),
    Counter(u32, f64),
    Encounter(EncounterSpec),
    EncounterEnd,
    /// ConditionOnset, AllergyOnset, MedicationOrder, CarePlanStart, Device: in force from now on.
    Begin(BeginSpec),
    /// Their ends.
    End(FactKind, EndBy),
    /// Procedure and Vaccine: done and over; the duration in days.
    Act(FactKind, Vec<CodeId>, Option<Distribution>),
    Observation(ObservationSpec),
    /// MultiObservation and DiagnosticReport: a panel of observations.
    Panel {
        kind: FactKind,
        code: CodeId,
        category: Option<u32>,
        parts: Vec<ObservationSpec>,
    },
    VitalSign(VitalSign, Distribution),
    Symptom(u32, Distribution),
    /// After some days, or at once; of a cause.
    Death(Option<Distribution>, Option<CodeId>),
    CallSubmodule(String),
}

/// What an attribute is set to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Setting {
    Fixed(Value),
    Drawn(Distribution),
    /// The probability in percent that an event of this rate comes within so many years.
    Risk(Box<Hazard>, f64),
}

/// Which entry a state ends.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum EndBy {
    State(u32),
    Attribute(u32),
    Codes(Vec<CodeId>),
}

const PERMITTED: &str = "Initial, Simple, Terminal, Delay, Guard, SetAttribute, Counter, Encounter, EncounterEnd, ConditionOnset, ConditionEnd, AllergyOnset, AllergyEnd, MedicationOrder, MedicationEnd, CarePlanStart, CarePlanEnd, Procedure, ImagingStudy, Vaccine, Device, DeviceEnd, Observation, MultiObservation, DiagnosticReport, VitalSign, Symptom, Death, CallSubmodule";

impl State {
    pub(crate) fn read(
        name: &str,
        node: &Node<'_>,
        names: &mut Names,
        states: &States<'_>,
    ) -> Result<Self, PathwayError> {
        let kind = StateKind::read(node, names, states)?;
        let transition = Transition::read(node, names, states)?;
        let ends = matches!(kind, StateKind::Terminal | StateKind::Death(..));
        if transition.is_none() && !ends {
            return Err(node.error("has no transition; permitted: none only on Terminal and Death"));
        }
        let order = TestOrder::read(node)?;
        let may_order =
            matches!(kind, StateKind::Act(..) | StateKind::Observation(_) | StateKind::Panel { .. });
        if order.is_some() && !may_order {
            return Err(node.error(
                "orders a test; permitted: laboratory and imaging on Observation, MultiObservation, DiagnosticReport, Procedure and ImagingStudy",
            ));
        }
        let awaits_letter = read_flag(node, "awaits_letter", false)?;
        if awaits_letter && !matches!(kind, StateKind::Guard(_) | StateKind::Pass) {
            return Err(node.error("awaits_letter; permitted: on Guard and Simple"));
        }
        let topics = match &kind {
            StateKind::Guard(condition) => condition.topics(),
            StateKind::Hazard(hazard) => hazard.topics(),
            _ => Topics::default(),
        };
        Ok(Self { name: name.to_owned(), kind, order, awaits_letter, topics, transition })
    }
}

impl StateKind {
    fn read(node: &Node<'_>, names: &mut Names, states: &States<'_>) -> Result<Self, PathwayError> {
        let kind = node.need("type")?;
        Ok(match kind.text()? {
            "Initial" | "Simple" => Self::Pass,
            "Terminal" => Self::Terminal,
            "Delay" => {
                match node.get("hazard_per_year") {
                    Some(hazard) => Self::Hazard(Hazard::read(&hazard, names, states)?),
                    None => Self::Delay(read_duration(node, names)?.ok_or_else(|| {
                        node.error("permitted: exact, range, distribution or hazard_per_year")
                    })?),
                }
            }
            "Guard" => Self::Guard(Condition::read(&node.need("allow")?, names, states)?),
            "SetAttribute" => Self::read_set_attribute(node, names, states)?,
            "Counter" => {
                let amount = node.number_of("amount")?.unwrap_or(1.0);
                let action = node.need("action")?;
                let sign = match action.text()? {
                    "increment" => 1.0,
                    "decrement" => -1.0,
                    other => return Err(action.error(format!("{other:?}; permitted: increment, decrement"))),
                };
                Self::Counter(names.attribute(node.need("attribute")?.text()?), sign * amount)
            }
            "Encounter" => Self::Encounter(EncounterSpec::read(node, names, states)?),
            "EncounterEnd" => Self::EncounterEnd,
            "ConditionOnset" => Self::Begin(BeginSpec::read(FactKind::Condition, node, names, states)?),
            "AllergyOnset" => Self::Begin(BeginSpec::read(FactKind::Allergy, node, names, states)?),
            "MedicationOrder" => Self::Begin(BeginSpec::read(FactKind::Medication, node, names, states)?),
            "CarePlanStart" => Self::Begin(BeginSpec::read(FactKind::CarePlan, node, names, states)?),
            "Device" => Self::Begin(BeginSpec::read(FactKind::Device, node, names, states)?),
            "ConditionEnd" => Self::read_end(FactKind::Condition, "condition_onset", node, names, states)?,
            "AllergyEnd" => Self::read_end(FactKind::Allergy, "allergy_onset", node, names, states)?,
            "MedicationEnd" => Self::read_end(FactKind::Medication, "medication_order", node, names, states)?,
            "CarePlanEnd" => Self::read_end(FactKind::CarePlan, "careplan", node, names, states)?,
            "DeviceEnd" => Self::read_end(FactKind::Device, "device", node, names, states)?,
            "Procedure" => Self::Act(
                FactKind::Procedure,
                names.code_list(&node.need("codes")?)?,
                match node.get("duration") {
                    Some(duration) => read_range(&duration, names)?,
                    None => read_distribution_of(node)?,
                },
            ),
            "ImagingStudy" => {
                Self::Act(FactKind::Document, vec![names.code(&node.need("procedure_code")?)?], None)
            }
            "Vaccine" => Self::Act(FactKind::Immunisation, names.code_list(&node.need("codes")?)?, None),
            "Observation" => Self::Observation(ObservationSpec::read(node, names)?),
            "MultiObservation" => Self::read_panel(FactKind::Observation, node, names)?,
            "DiagnosticReport" => Self::read_panel(FactKind::Document, node, names)?,
            "VitalSign" => Self::VitalSign(
                read_vital_sign(&node.need("vital_sign")?)?,
                read_value(node)?.ok_or_else(|| node.error("permitted: exact, range or distribution"))?,
            ),
            "Symptom" => Self::Symptom(
                names.text(node.need("symptom")?.text()?),
                read_value(node)?.ok_or_else(|| node.error("permitted: exact, range or distribution"))?,
            ),
            "Death" => Self::Death(
                read_duration(node, names)?,
                node.get("codes").map(|codes| names.code_list(&codes)).transpose()?.map(|codes| codes[0]),
            ),
            "CallSubmodule" => Self::CallSubmodule(node.need("submodule")?.text()?.to_owned()),
            other => {
                return Err(kind.error(format!(
                    "state type {other:?} is not supported; nearest: {}; permitted: {PERMITTED}",
                    nearest(other, PERMITTED.split(", "), 1)
                )));
            }
        })
    }

    fn read_set_attribute(
        node: &Node<'_>,
        names: &mut Names,
        states: &States<'_>,
    ) -> Result<Self, PathwayError> {
        let attribute = names.attribute(node.need("attribute")?.text()?);
        if let Some(risk) = node.get("risk_percent") {
            let years = risk.need("years")?.number()?;
            let hazard = Hazard::read(&risk.need("hazard_per_year")?, names, states)?;
            return Ok(Self::SetAttribute(attribute, Setting::Risk(Box::new(hazard), years)));
        }
        if let Some(expression) = node.get("expression") {
            return Err(expression.error("is not supported; permitted: value, range, exact or distribution"));
        }
        let setting = match (node.get("value"), read_value(node)?) {
            (Some(value), _) => Setting::Fixed(names.value(&value)?),
            (None, Some(distribution)) => Setting::Drawn(distribution),
            (None, None) => Setting::Fixed(Value::Nil),
        };
        Ok(Self::SetAttribute(attribute, setting))
    }

    fn read_end(
        kind: FactKind,
        by_state: &str,
        node: &Node<'_>,
        names: &mut Names,
        states: &States<'_>,
    ) -> Result<Self, PathwayError> {
        let by = if let Some(state) = node.get(by_state) {
            EndBy::State(states.global(&state)?)
        } else if let Some(attribute) = node.text_of("referenced_by_attribute")? {
            EndBy::Attribute(names.attribute(attribute))
        } else {
            EndBy::Codes(names.code_list(&node.need("codes")?)?)
        };
        Ok(Self::End(kind, by))
    }

    fn read_panel(kind: FactKind, node: &Node<'_>, names: &mut Names) -> Result<Self, PathwayError> {
        let parts = node.need("observations")?.list()?;
        Ok(Self::Panel {
            kind,
            code: names.code_list(&node.need("codes")?)?[0],
            category: node.text_of("category")?.map(|text| names.text(text)),
            parts: parts.iter().map(|part| ObservationSpec::read(part, names)).collect::<Result<_, _>>()?,
        })
    }

    /// Whether time passes, or may pass, in the state.
    pub(crate) fn may_wait(&self) -> bool {
        matches!(
            self,
            Self::Delay(_)
                | Self::Hazard(_)
                | Self::Guard(_)
                | Self::Encounter(_)
                | Self::Terminal
                | Self::Death(..)
                | Self::CallSubmodule(_)
        )
    }
}
