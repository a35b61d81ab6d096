//! Mechanisms: what adds noise, or chooses at random, so that one subject hardly matters.

pub(crate) mod additive;
pub(crate) mod convolution;
pub(crate) mod exact;
pub(crate) mod integer;
pub(crate) mod selection;
pub(crate) mod vector;

use thiserror::Error;

/// A mechanism that cannot be made or applied as asked. Nothing was released.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum MechanismError {
    /// A parameter out of range.
    #[error("{parameter} {value} is not {range}")]
    Parameter {
        /// Which one.
        parameter: &'static str,
        /// What it was.
        value: f64,
        /// What it may be.
        range: &'static str,
    },
    /// A value that is not a number, or infinite. Its size is not told, since it may be someone's.
    #[error("the value at position {position} is not finite")]
    NotFinite {
        /// Where it stands.
        position: usize,
    },
    /// More values than the widening for rounding allows for.
    #[error("{length} values are more than {limit}")]
    TooMany {
        /// How many were handed in.
        length: usize,
        /// How many may be.
        limit: usize,
    },
    /// Not as many values as the mechanism is for.
    #[error("{length} values are not {expected}")]
    Length {
        /// How many were handed in.
        length: usize,
        /// How many it is for.
        expected: usize,
    },
    /// Nothing to choose among.
    #[error("there is nothing to choose among")]
    Empty,
}

/// `value` if it lies above 0 and at most at `largest`.
pub(crate) fn positive(
    parameter: &'static str,
    value: f64,
    largest: f64,
    range: &'static str,
) -> Result<f64, MechanismError> {
    if value > 0.0 && value <= largest {
        Ok(value)
    } else {
        Err(MechanismError::Parameter { parameter, value, range })
    }
}

/// Refuses values that are not finite.
pub(crate) fn finite(values: &[f64]) -> Result<(), MechanismError> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(position) => Err(MechanismError::NotFinite { position }),
        None => Ok(()),
    }
}
