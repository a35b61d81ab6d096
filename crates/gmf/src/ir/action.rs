//! What states do.

use std::sync::Arc;

use crate::host::VitalSign;
use crate::ir::{Amount, Condition, Distribution};
use crate::names::{AttributeId, CodingId, KeyId, MarkId, ModuleId, SymptomId, TextId};
use crate::value::Value;

/// What a state does when it runs.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// Nothing (Initial, Simple; Physiology, whose alternative is taken).
    Pass,
    Terminal,
    Delay(Amount),
    Guard(Box<Condition>),
    SetAttribute {
        attribute: AttributeId,
        source: Source,
    },
    Counter {
        attribute: AttributeId,
        step: f64,
    },
    CallSubmodule(Called),
    Encounter(Box<Encounter>),
    EncounterEnd {
        discharge: Option<CodingId>,
    },
    Onset(Box<Onset>),
    End(Box<End>),
    Order(Box<Order>),
    Plan(Box<Plan>),
    Procedure(Box<Procedure>),
    VitalSign {
        vital_sign: VitalSign,
        distribution: Distribution,
    },
    Observation(Box<Observation>),
    /// Observations under a heading of their own.
    MultiObservation {
        codings: Box<[CodingId]>,
        category: Option<Arc<str>>,
        parts: Box<[Observation]>,
    },
    Report {
        codings: Box<[CodingId]>,
        parts: Box<[Observation]>,
    },
    ImagingStudy(Box<ImagingStudy>),
    Symptom(Symptom),
    Device {
        coding: CodingId,
        assign: Option<AttributeId>,
    },
    Supplies(Box<[(CodingId, i64)]>),
    Death(Box<Death>),
    Vaccine {
        codings: Box<[CodingId]>,
        series: i64,
    },
}

/// A submodule by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Called(pub(crate) ModuleId);

/// Where an attribute's value comes from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Constant(Value),
    Range { low: f64, high: f64, decimals: Option<i32> },
    Distribution(Distribution),
    Attribute(AttributeId),
}

/// Why something was done: an attribute's entry, an earlier state's condition, or that state's code.
#[derive(Clone, Debug)]
pub(crate) struct Reason {
    pub(crate) attribute: Option<AttributeId>,
    pub(crate) state: TextId,
    pub(crate) mark: MarkId,
    pub(crate) fallback: Option<CodingId>,
}

/// A kind of encounter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Wellness,
    Ambulatory,
    Outpatient,
    Inpatient,
    Emergency,
    UrgentCare,
    Hospice,
    Home,
    SkilledNursing,
    Virtual,
}

impl Class {
    pub(crate) const WORDS: [(&'static str, Self); 11] = [
        ("wellness", Self::Wellness),
        ("ambulatory", Self::Ambulatory),
        ("outpatient", Self::Outpatient),
        ("inpatient", Self::Inpatient),
        ("emergency", Self::Emergency),
        ("urgentcare", Self::UrgentCare),
        ("hospice", Self::Hospice),
        ("home", Self::Home),
        ("snf", Self::SkilledNursing),
        ("virtual", Self::Virtual),
        ("super", Self::Inpatient),
    ];

    /// The class of an encounter in HL7's ActCode.
    pub(crate) fn act_code(self) -> &'static str {
        match self {
            Self::Inpatient | Self::SkilledNursing => "IMP",
            Self::Emergency => "EMER",
            Self::Hospice | Self::Home => "HH",
            Self::Virtual => "VR",
            _ => "AMB",
        }
    }

    /// The word for the kind, as modules write it.
    pub(crate) fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, class)| *class == self).map_or("ambulatory", |(word, _)| word)
    }
}

/// Whether an encounter may be by telephone or video.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Telemedicine {
    None,
    Possible,
    Always,
}

/// An encounter.
#[derive(Clone, Debug)]
pub(crate) struct Encounter {
    pub(crate) is_wellness: bool,
    pub(crate) class: Class,
    pub(crate) telemedicine: Telemedicine,
    pub(crate) codings: Box<[CodingId]>,
    pub(crate) reason: Option<Reason>,
}

/// What begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnsetKind {
    Condition,
    Allergy,
}

/// The onset of a condition or an allergy.
#[derive(Clone, Debug)]
pub(crate) struct Onset {
    pub(crate) kind: OnsetKind,
    pub(crate) codings: Box<[CodingId]>,
    /// The encounter at which it is diagnosed; at once if absent.
    pub(crate) target_encounter: Option<TextId>,
    pub(crate) assign: Option<AttributeId>,
    pub(crate) category: Option<Arc<str>>,
    /// What an allergy may do.
    pub(crate) reactions: Box<[CodingId]>,
}

/// What ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndKind {
    Condition,
    Allergy,
    Medication,
    CarePlan,
    Device,
}

/// Which one ends.
#[derive(Clone, Debug)]
pub(crate) enum EndOf {
    /// What the state of this name began.
    State(TextId),
    Attribute(AttributeId),
    Codes(Box<[KeyId]>),
    Nothing,
}

/// The end of a condition, allergy, medication, care plan or device.
#[derive(Clone, Debug)]
pub(crate) struct End {
    pub(crate) kind: EndKind,
    pub(crate) of: EndOf,
}

/// A medication order.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) codings: Box<[CodingId]>,
    pub(crate) reason: Option<Reason>,
    pub(crate) assign: Option<AttributeId>,
    pub(crate) is_chronic: bool,
    pub(crate) is_administration: bool,
}

/// A care plan.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) codings: Box<[CodingId]>,
    pub(crate) reason: Option<Reason>,
    pub(crate) assign: Option<AttributeId>,
}

/// A procedure.
#[derive(Clone, Debug)]
pub(crate) struct Procedure {
    pub(crate) codings: Box<[CodingId]>,
    pub(crate) reason: Option<Reason>,
    pub(crate) assign: Option<AttributeId>,
    pub(crate) duration: Option<Amount>,
}

/// Where an observation's value comes from.
#[derive(Clone, Debug)]
pub(crate) enum Observed {
    Exact(Value),
    Range {
        low: f64,
        high: f64,
        decimals: Option<i32>,
    },
    Distribution(Distribution),
    Attribute(AttributeId),
    VitalSign(VitalSign),
    /// A series or a picture: recorded without a value.
    Opaque,
}

/// An observation.
#[derive(Clone, Debug)]
pub(crate) struct Observation {
    pub(crate) codings: Box<[CodingId]>,
    pub(crate) category: Option<Arc<str>>,
    pub(crate) unit: Option<Arc<str>>,
    pub(crate) observed: Observed,
}

/// A series of an imaging study.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) modality: Option<CodingId>,
    pub(crate) body_site: Option<CodingId>,
    pub(crate) instances: u32,
    pub(crate) instance_range: Option<(f64, f64)>,
}

/// An imaging study.
#[derive(Clone, Debug)]
pub(crate) struct ImagingStudy {
    pub(crate) procedure: CodingId,
    pub(crate) series: Box<[Series]>,
    pub(crate) series_range: Option<(f64, f64)>,
}

/// A symptom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Symptom {
    pub(crate) of: SymptomId,
    pub(crate) probability: f64,
    pub(crate) value: Distribution,
}

/// A death.
#[derive(Clone, Debug)]
pub(crate) struct Death {
    pub(crate) coding: Option<CodingId>,
    pub(crate) onset: Option<Reason>,
    pub(crate) attribute: Option<AttributeId>,
    pub(crate) delay: Option<Amount>,
}
