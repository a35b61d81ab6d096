//! What states begin, order and observe.

use super::condition::read_vital_sign;
use super::names::Names;
use super::node::Node;
use super::quantity::{read_distribution, read_value};
use super::words::{read_flag, read_word};
use super::{PathwayError, States};
use crate::distribution::Distribution;
use crate::patient::{CodeId, FactKind};
use crate::physiology::{Effect, VitalSign};
use crate::supply::{Modality, Priority};

/// A test whose result comes later: the module waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TestOrder {
    Laboratory { urgent: bool },
    Imaging { modality: Modality, priority: Option<Priority> },
}

impl TestOrder {
    /// Reads `laboratory` and `imaging`; `None` where the state orders nothing.
    pub(super) fn read(node: &Node<'_>) -> Result<Option<Self>, PathwayError> {
        let priority = read_word(node, "priority")?;
        if let Some(modality) = read_word(node, "imaging")? {
            return Ok(Some(Self::Imaging { modality, priority }));
        }
        let laboratory = read_flag(node, "laboratory", false)?;
        let urgent = matches!(priority, Some(Priority::Emergency | Priority::Urgent));
        Ok(laboratory.then_some(Self::Laboratory { urgent }))
    }
}

/// Something in force from its state on.
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
    /// Days that one issue of a medicine lasts.
    pub(crate) issue_days: Option<u16>,
    /// Prescribed by a hospital rather than the practice; unsaid, it goes by the contact.
    pub(crate) hospital: Option<bool>,
}

/// One measurement.
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

impl BeginSpec {
    pub(super) fn read(
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
            issue_days: match node.number_of("issue_days")? {
                Some(days) if !(1.0..=366.0).contains(&days) => {
                    return Err(node.error(format!("issue_days is {days}; permitted: 1 to 366")));
                }
                days => days.map(|days| days as u16),
            },
            hospital: match node.text_of("prescriber")? {
                None => None,
                Some("general_practice") => Some(false),
                Some("hospital") => Some(true),
                Some(other) => {
                    return Err(node.error(format!(
                        "prescriber {other:?} is unknown; permitted: general_practice, hospital"
                    )));
                }
            },
        })
    }
}

impl ObservationSpec {
    pub(super) fn read(node: &Node<'_>, names: &mut Names) -> Result<Self, PathwayError> {
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
