//! Values of attributes and how conditions compare them.
//!
//! # Source
//! Comparison as in Synthea's `Utilities.compare`, with its oddities: any order comparison of two
//! booleans means "differ".

use crate::names::{CodingId, Interner, TextId};

/// What an attribute holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value {
    /// Nothing: never set, or cleared.
    Nil,
    Boolean(bool),
    Integer(i64),
    Number(f64),
    Text(TextId),
    Code(CodingId),
    /// An entry of the person's record.
    Entry(u32),
    /// Computed by the host at reading.
    Computed(Computed),
}

/// Attributes that the Java engine sets every week; here they are worked out when read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Computed {
    IschaemicHeartDiseaseRisk,
    InfarctionRisk,
    CardiovascularRisk,
    FibrillationRisk,
    StrokeRisk,
    DaysUntilDeath,
    FallRisk,
    InsuranceStatus,
}

impl Value {
    /// The value as a number, where it is one.
    pub(crate) fn number(self) -> Option<f64> {
        match self {
            Self::Integer(value) => Some(value as f64),
            Self::Number(value) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn is_true(self) -> bool {
        self == Self::Boolean(true)
    }
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    GreaterOrEqual,
    Greater,
    IsNil,
    IsNotNil,
}

impl Operator {
    /// The operators as modules write them.
    pub(crate) const WORDS: [(&'static str, Self); 8] = [
        ("<", Self::Less),
        ("<=", Self::LessOrEqual),
        ("==", Self::Equal),
        ("!=", Self::NotEqual),
        (">=", Self::GreaterOrEqual),
        (">", Self::Greater),
        ("is nil", Self::IsNil),
        ("is not nil", Self::IsNotNil),
    ];

    /// Compares numbers; a number is never nil.
    #[allow(clippy::float_cmp, reason = "modules say == and mean it: stages, counts, flags")]
    pub(crate) fn numbers(self, left: f64, right: f64) -> bool {
        match self {
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::GreaterOrEqual => left >= right,
            Self::Greater => left > right,
            Self::IsNil => false,
            Self::IsNotNil => true,
        }
    }

    /// Compares values; `None` when they are of kinds that can't be compared, where the Java engine
    /// gives the person up.
    pub(crate) fn values(self, left: Value, right: Value, texts: &Interner) -> Option<bool> {
        match self {
            Self::IsNil => return Some(left == Value::Nil),
            Self::IsNotNil => return Some(left != Value::Nil),
            _ if left == Value::Nil => return Some(false),
            _ => {}
        }
        if let (Some(left), Some(right)) = (left.number(), right.number()) {
            return Some(self.numbers(left, right));
        }
        match (left, right) {
            (Value::Boolean(left), Value::Boolean(right)) => {
                Some(if self == Self::Equal { left == right } else { left != right })
            }
            (Value::Text(left), Value::Text(right)) => Some(match self {
                Self::Equal => left == right,
                Self::NotEqual => left != right,
                _ => {
                    let ordering = texts.get(left.index()).cmp(texts.get(right.index()));
                    self.numbers(f64::from(ordering as i8), 0.0)
                }
            }),
            (Value::Code(left), Value::Code(right)) => match self {
                Self::Equal => Some(left == right),
                Self::NotEqual => Some(left != right),
                _ => Some(false),
            },
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_comparisons_with_javas_oddities() {
        let mut texts = Interner::default();
        let (a, b) = (Value::Text(TextId(texts.add("a"))), Value::Text(TextId(texts.add("b"))));
        let is = |operator: Operator, left, right| operator.values(left, right, &texts);
        assert_eq!(is(Operator::Equal, Value::Integer(3), Value::Number(3.0)), Some(true));
        assert_eq!(is(Operator::NotEqual, Value::Nil, Value::Number(3.0)), Some(false));
        assert_eq!(is(Operator::Less, Value::Boolean(true), Value::Boolean(false)), Some(true));
        assert_eq!(is(Operator::Less, a, b), Some(true));
        assert_eq!(is(Operator::GreaterOrEqual, a, b), Some(false));
        assert_eq!(is(Operator::IsNil, Value::Nil, Value::Nil), Some(true));
        assert_eq!(is(Operator::Equal, a, Value::Integer(1)), None);
    }
}
