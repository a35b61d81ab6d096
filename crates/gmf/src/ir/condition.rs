//! Conditions.

use crate::host::VitalSign;
use crate::names::{AttributeId, KeyId, MarkId, SymptomId, TextId};
use crate::value::{Operator, Value};

/// A person's sex as modules write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// `F`.
    Female,
    /// `M`.
    Male,
}

/// What an age is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AgeUnit {
    Years,
    Months,
}

/// What a date is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum DateTest {
    Year(i32),
    Month(i32),
    /// Milliseconds since 1970.
    Instant(i64),
}

/// What is meant: something coded, or what an attribute refers to.
#[derive(Clone, Debug)]
pub(crate) enum Referred {
    Codes(Box<[KeyId]>),
    Attribute(AttributeId),
}

/// What must be present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ActiveKind {
    Condition,
    Allergy,
    Medication,
    CarePlan,
}

/// A condition.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    True,
    False,
    Gender(Option<Sex>),
    Race(TextId),
    SocioeconomicStatus(TextId),
    Age { unit: AgeUnit, operator: Operator, quantity: f64 },
    Date { test: DateTest, operator: Operator },
    Symptom { symptom: SymptomId, operator: Operator, value: f64 },
    Observation { of: Referred, operator: Operator, value: Value },
    VitalSign { vital_sign: VitalSign, operator: Operator, value: f64 },
    Attribute { attribute: AttributeId, operator: Operator, value: Value },
    Active { kind: ActiveKind, of: Referred },
    PriorState { name: MarkId, since: Option<MarkId>, within_ms: Option<i64> },
    And(Box<[Condition]>),
    Or(Box<[Condition]>),
    Not(Box<Condition>),
    AtLeast { minimum: usize, conditions: Box<[Condition]> },
    AtMost { maximum: usize, conditions: Box<[Condition]> },
}

impl Condition {
    /// Visits the condition and everything inside it.
    pub(crate) fn for_each<'c>(&'c self, visit: &mut dyn FnMut(&'c Self)) {
        visit(self);
        match self {
            Self::And(inner)
            | Self::Or(inner)
            | Self::AtLeast { conditions: inner, .. }
            | Self::AtMost { conditions: inner, .. } => inner.iter().for_each(|each| each.for_each(visit)),
            Self::Not(inner) => inner.for_each(visit),
            _ => {}
        }
    }
}
