//! A quantity as a run has it.

use serde::Serialize;

use crate::measure::{Interval, RatioSum};

/// A value with its interval and the evidence behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Measured {
    /// The value; absent if the run holds nothing to measure it by.
    pub value: Option<f64>,
    /// 95 % interval, where there is one.
    pub interval: Option<Interval>,
    /// People behind it.
    pub people: u64,
}

impl From<&RatioSum> for Measured {
    fn from(sum: &RatioSum) -> Self {
        Self { value: sum.value(), interval: sum.interval(), people: sum.people() }
    }
}
