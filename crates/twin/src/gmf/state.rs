//! The states of a module.

use super::condition::{Condition, read_days, read_vital_sign, unit_days};
use super::hazard::Hazard;
use super::names::Names;
use super::node::Node;
use super::transition::Transition;
use super::{PathwayError, States, Value};
use crate::distribution::Distribution;
use crate::patient::{CodeId, EncounterClass, FactKind};
use crate::physiology::{Effect, VitalSign};

/// A state with its way out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    pub(crate) name: String,
    pub(crate) kind: StateKind,
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

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EncounterSpec {
    pub(crate) class: EncounterClass,
    pub(crate) code: CodeId,
    pub(crate) reason: Option<CodeId>,
    pub(crate) minutes: f64,
    /// Days from the wish for a booked contact to the first day on which it may be.
    pub(crate) wait_days: Distribution,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BeginSpec {
    pub(crate) kind: FactKind,
    pub(crate) codes: Vec<CodeId>,
    /// The state whose encounter diagnoses a condition.
    pub(crate) target: Option<u32>,
    pub(crate) assign: Option<u32>,
    /// Drawn once, multiplies the effects.
    pub(crate) severity: Option<Distribution>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) text: Option<u32>,
}

/// Which entry a state ends.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum EndBy {
    State(u32),
    Attribute(u32),
    Codes(Vec<CodeId>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ObservationSpec {
    pub(crate) code: CodeId,
    pub(crate) category: Option<u32>,
    pub(crate) unit: Option<u32>,
    pub(crate) source: ObservationSource,
}

/// Where an observation's value comes from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ObservationSource {
    Sign(VitalSign),
    Drawn(Distribution),
    Code(CodeId),
    Attribute(u32),
    Absent,
}

const PERMITTED: &str = "Initial, Simple, Terminal, Delay, Guard, SetAttribute, Counter, Encounter, EncounterEnd, ConditionOnset, ConditionEnd, AllergyOnset, AllergyEnd, MedicationOrder, MedicationEnd, CarePlanStart, CarePlanEnd, Procedure, Vaccine, Device, DeviceEnd, Observation, MultiObservation, DiagnosticReport, VitalSign, Symptom, Death, CallSubmodule";

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
        Ok(Self { name: name.to_owned(), kind, transition })
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
                    None => Self::Delay(read_duration(node)?.ok_or_else(|| {
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
            "Encounter" => Self::Encounter(EncounterSpec::read(node, names)?),
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
                    Some(duration) => read_range(&duration)?,
                    None => read_distribution_of(node)?,
                },
            ),
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
                read_duration(node)?,
                node.get("codes").map(|codes| names.code_list(&codes)).transpose()?.map(|codes| codes[0]),
            ),
            "CallSubmodule" => Self::CallSubmodule(node.need("submodule")?.text()?.to_owned()),
            other => {
                return Err(
                    kind.error(format!("state type {other:?} is not supported; permitted: {PERMITTED}"))
                );
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

impl EncounterSpec {
    fn read(node: &Node<'_>, names: &mut Names) -> Result<Self, PathwayError> {
        let wellness = node.get("wellness").is_some_and(|flag| flag.json().as_bool() == Some(true));
        let class = match node.text_of("encounter_class")? {
            _ if wellness => EncounterClass::GeneralPractice,
            Some("ambulatory" | "wellness" | "home") => EncounterClass::GeneralPractice,
            Some("virtual") => EncounterClass::Remote,
            Some("outpatient") => EncounterClass::Outpatient,
            Some("emergency" | "urgentcare") => EncounterClass::Emergency,
            Some("inpatient" | "snf" | "hospice") => EncounterClass::Inpatient,
            other => {
                return Err(node.error(format!(
                    "encounter class {other:?} is unknown; permitted: ambulatory, wellness, home, virtual, outpatient, emergency, urgentcare, inpatient, snf, hospice"
                )));
            }
        };
        let reason = match node.get("reason") {
            // A reason that names a state or an attribute is resolved by neither the GP nor the twin.
            Some(reason) if reason.json().is_object() => Some(names.code(&reason)?),
            _ => None,
        };
        let (minutes, wait) = match class {
            EncounterClass::GeneralPractice | EncounterClass::Remote => {
                (10.0, Distribution::Exponential { mean: 3.0 })
            }
            EncounterClass::Outpatient => (20.0, Distribution::Exponential { mean: 60.0 }),
            EncounterClass::Emergency => (180.0, Distribution::Exact { value: 0.0 }),
            EncounterClass::Inpatient => (720.0, Distribution::Exact { value: 0.0 }),
        };
        Ok(Self {
            class,
            code: match node.get("codes") {
                Some(codes) => names.code_list(&codes)?[0],
                None => return Err(node.error("lacks the field \"codes\"")),
            },
            reason,
            minutes: node.number_of("duration_minutes")?.unwrap_or(minutes),
            wait_days: match node.get("wait_days") {
                Some(days) => read_distribution(&days)?,
                None => wait,
            },
        })
    }
}

impl BeginSpec {
    fn read(
        kind: FactKind,
        node: &Node<'_>,
        names: &mut Names,
        states: &States<'_>,
    ) -> Result<Self, PathwayError> {
        let mut effects = Vec::new();
        for effect in node.list_of("effects")? {
            effects.push(Effect {
                sign: read_vital_sign(&effect.need("vital_sign")?)?,
                change: effect.number_of("change")?.unwrap_or(0.0),
                change_per_year: effect.number_of("change_per_year")?.unwrap_or(0.0),
            });
        }
        Ok(Self {
            kind,
            codes: names.code_list(&node.need("codes")?)?,
            target: node.get("target_encounter").map(|state| states.global(&state)).transpose()?,
            assign: node.text_of("assign_to_attribute")?.map(|attribute| names.attribute(attribute)),
            severity: node.get("severity").map(|severity| read_distribution(&severity)).transpose()?,
            effects,
            text: node.text_of("dosage_text")?.map(|text| names.text(text)),
        })
    }
}

impl ObservationSpec {
    fn read(node: &Node<'_>, names: &mut Names) -> Result<Self, PathwayError> {
        let source = if let Some(sign) = node.get("vital_sign") {
            ObservationSource::Sign(read_vital_sign(&sign)?)
        } else if let Some(code) = node.get("value_code") {
            ObservationSource::Code(names.code(&code)?)
        } else if let Some(attribute) = node.text_of("attribute")? {
            ObservationSource::Attribute(names.attribute(attribute))
        } else {
            read_value(node)?.map_or(ObservationSource::Absent, ObservationSource::Drawn)
        };
        let unit = match (&source, node.text_of("unit")?) {
            (_, Some("")) => None,
            (_, Some(unit)) => Some(names.text(unit)),
            (ObservationSource::Sign(sign), None) => Some(names.text(sign.unit())),
            _ => None,
        };
        Ok(Self {
            code: names.code_list(&node.need("codes")?)?[0],
            category: node.text_of("category")?.map(|text| names.text(text)),
            unit,
            source,
        })
    }
}

/// A duration in days: `exact`, `range` or `distribution` with its unit.
fn read_duration(node: &Node<'_>) -> Result<Option<Distribution>, PathwayError> {
    if let Some(exact) = node.get("exact") {
        return Ok(Some(Distribution::Exact { value: read_days(&exact)? }));
    }
    if let Some(range) = node.get("range") {
        return read_range(&range);
    }
    read_distribution_of(node)
}

fn read_range(range: &Node<'_>) -> Result<Option<Distribution>, PathwayError> {
    let unit = match range.get("unit") {
        Some(unit) => unit_days(&unit)?,
        None => 1.0,
    };
    let (low, high) = (range.need("low")?.number()? * unit, range.need("high")?.number()? * unit);
    Ok(Some(Distribution::Uniform { low, high }))
}

/// `distribution` in the state's `unit`, as days.
fn read_distribution_of(node: &Node<'_>) -> Result<Option<Distribution>, PathwayError> {
    let Some(distribution) = node.get("distribution") else { return Ok(None) };
    let unit = match node.get("unit") {
        Some(unit) => unit_days(&unit)?,
        None => 1.0,
    };
    Ok(Some(match read_distribution(&distribution)? {
        Distribution::Exact { value } => Distribution::Exact { value: value * unit },
        Distribution::Uniform { low, high } => Distribution::Uniform { low: low * unit, high: high * unit },
        Distribution::Gaussian { mean, standard_deviation, min, max } => Distribution::Gaussian {
            mean: mean * unit,
            standard_deviation: standard_deviation * unit,
            min: min.map(|bound| bound * unit),
            max: max.map(|bound| bound * unit),
        },
        Distribution::Exponential { mean } => Distribution::Exponential { mean: mean * unit },
        Distribution::Triangular { min, mode, max } => {
            Distribution::Triangular { min: min * unit, mode: mode * unit, max: max * unit }
        }
    }))
}

/// A value: `exact`, `range` or `distribution` without a unit of time.
fn read_value(node: &Node<'_>) -> Result<Option<Distribution>, PathwayError> {
    if let Some(exact) = node.get("exact") {
        return Ok(Some(Distribution::Exact { value: exact.need("quantity")?.number()? }));
    }
    if let Some(range) = node.get("range") {
        let (low, high) = (range.need("low")?.number()?, range.need("high")?.number()?);
        return Ok(Some(Distribution::Uniform { low, high }));
    }
    node.get("distribution").map(|distribution| read_distribution(&distribution)).transpose()
}

/// `{"kind", "parameters"}`.
fn read_distribution(node: &Node<'_>) -> Result<Distribution, PathwayError> {
    let (kind, parameters) = (node.need("kind")?, node.need("parameters")?);
    let number = |name: &str| parameters.need(name)?.number();
    let distribution = match kind.text()? {
        "EXACT" => Distribution::Exact { value: number("value")? },
        "UNIFORM" => Distribution::Uniform { low: number("low")?, high: number("high")? },
        "GAUSSIAN" => Distribution::Gaussian {
            mean: number("mean")?,
            standard_deviation: number("standardDeviation")?,
            min: parameters.number_of("min")?,
            max: parameters.number_of("max")?,
        },
        "EXPONENTIAL" => Distribution::Exponential { mean: number("mean")? },
        "TRIANGULAR" => {
            Distribution::Triangular { min: number("min")?, mode: number("mode")?, max: number("max")? }
        }
        other => {
            return Err(kind.error(format!(
                "distribution {other:?} is unknown; permitted: EXACT, UNIFORM, GAUSSIAN, EXPONENTIAL, TRIANGULAR"
            )));
        }
    };
    let in_order = match distribution {
        Distribution::Uniform { low, high } => low <= high,
        Distribution::Gaussian { standard_deviation, min, max, .. } => {
            standard_deviation >= 0.0 && min.unwrap_or(f64::MIN) <= max.unwrap_or(f64::MAX)
        }
        Distribution::Exponential { mean } => mean >= 0.0,
        Distribution::Triangular { min, mode, max } => min <= mode && mode <= max,
        Distribution::Exact { .. } => true,
    };
    if in_order {
        Ok(distribution)
    } else {
        Err(node.error("parameters contradict each other; permitted: bounds in order, spreads of 0 or more"))
    }
}
