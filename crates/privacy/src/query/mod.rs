//! Small questions to real data, with their answers made private: counts, histograms, bounds, quantiles, bins, means.
//!
//! Every question has its cost as a function of its own, to be entered in the ledger first. Costs hold when one subject is
//! added or removed and gives at most one value, unless a [`Contribution`] says how many. Answers name nothing that one
//! subject alone could have brought in, but with the chance delta that their cost states.
//!
//! | question | by | cost |
//! |---|---|---|
//! | [`count`] | discrete Gaussian | rho |
//! | [`histogram()`] over known cells | discrete Gaussian | rho |
//! | [`discover`] unknown cells | discrete Gaussian above a threshold | rho and delta |
//! | [`bounds()`] | the same over powers of two, all known | rho |
//! | [`quantiles`], [`bins()`] | exponential mechanism, by halves | rho, or epsilon |
//! | [`moments()`] in known bounds | Gaussian | rho |

mod bins;
mod bounds;
mod histogram;
mod moments;
mod quantile;

pub use bins::{Bins, bins};
pub use bounds::{Span, bounds};
pub use histogram::{Contribution, Counted, count, discover, histogram};
pub use moments::{Moments, moments};
pub use quantile::{Line, quantile_epsilon, quantile_rank_error, quantiles};

use thiserror::Error;

use crate::budget::BudgetError;
use crate::mechanism::MechanismError;

/// A question that cannot be asked so. Nothing was released.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum QueryError {
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
    /// Bounds that no value lies between.
    #[error("bounds {least} and {greatest} are not finite and in order, or too far apart")]
    Bounds {
        /// The lower.
        least: f64,
        /// The upper.
        greatest: f64,
    },
    /// The noise can't be drawn.
    #[error(transparent)]
    Mechanism(#[from] MechanismError),
    /// A cost out of range.
    #[error(transparent)]
    Budget(#[from] BudgetError),
}

/// `value` if it lies above 0 and below 1.
fn share(parameter: &'static str, value: f64) -> Result<f64, QueryError> {
    if value > 0.0 && value < 1.0 {
        Ok(value)
    } else {
        Err(QueryError::Parameter { parameter, value, range: "above 0 and below 1" })
    }
}

/// Refuses bounds that are not finite, in order, and of finite distance.
fn in_order(least: f64, greatest: f64) -> Result<(), QueryError> {
    if least.is_finite() && greatest.is_finite() && least < greatest && (greatest - least).is_finite() {
        Ok(())
    } else {
        Err(QueryError::Bounds { least, greatest })
    }
}
