//! A figure with its interval, or the reason why there is none.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A metric's value with a 95 % interval; never NaN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The value on all instances; absent if not defined.
    pub value: Option<f64>,
    /// Lower limit; absent if the value is, or if too few replicates define it.
    pub lower: Option<f64>,
    /// Upper limit; absent as `lower`.
    pub upper: Option<f64>,
    /// Why there is no value.
    pub undefined: Option<Undefined>,
}

impl Estimate {
    pub(crate) fn new(value: Result<f64, Undefined>, interval: Option<(f64, f64)>) -> Self {
        let interval = interval.filter(|_| value.is_ok());
        Self {
            value: value.ok(),
            lower: interval.map(|(lower, _)| lower),
            upper: interval.map(|(_, upper)| upper),
            undefined: value.err(),
        }
    }
}

/// Why a metric has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undefined {
    /// There are no instances.
    NoInstances,
    /// Every instance has the same label.
    OneClass,
    /// Every instance has the same prediction.
    ConstantPrediction,
    /// The predictions separate the classes, so that no finite slope fits best.
    Separated,
    /// Too few subjects of a class to estimate a variance.
    TooFew,
    /// A column has one value only.
    ConstantColumn,
}

impl fmt::Display for Undefined {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NoInstances => "no instances",
            Self::OneClass => "every instance has the same label",
            Self::ConstantPrediction => "every instance has the same prediction",
            Self::Separated => "the predictions separate the classes",
            Self::TooFew => "too few subjects of a class",
            Self::ConstantColumn => "a column has one value only",
        })
    }
}
