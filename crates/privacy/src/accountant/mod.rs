//! Accountants: what several mechanisms cost together.
//!
//! | accountant | takes | gives |
//! |---|---|---|
//! | [`rdp`] | anything with a Rényi divergence | an upper bound, simple and sound, at times loose |
//! | [`zcdp`] | Gaussian noise without sampling, choices | an upper bound in one number |
//! | [`pld`] | the subsampled Gaussian, pure and approximate mechanisms | an upper and a lower bound, nearly tight |
//! | [`gaussian`] | Gaussian noise without sampling | the exact figure |
//!
//! Sampling is Poisson's: each subject is in a batch with the sampling rate, independently. Adjacency is adding or
//! removing one subject. A batch of fixed size, or shuffling, is not covered by these figures.

pub mod gaussian;
pub mod pld;
pub mod rdp;
pub mod zcdp;

use thiserror::Error;

/// An accountant's parameter that is out of range.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[error("{parameter} {value} is not {range}")]
pub struct AccountantError {
    /// Which one.
    pub parameter: &'static str,
    /// What it was.
    pub value: f64,
    /// What it may be.
    pub range: &'static str,
}

/// Argument and least value of a function with one valley between `low` and `high`, by golden section.
pub(crate) fn valley(mut low: f64, mut high: f64, value: impl Fn(f64) -> f64) -> (f64, f64) {
    const SHARE: f64 = 0.618_033_988_749_894_9;
    let (mut left, mut right) = (high - SHARE * (high - low), low + SHARE * (high - low));
    let (mut at_left, mut at_right) = (value(left), value(right));
    for _ in 0..48 {
        if at_left < at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - SHARE * (high - low);
            at_left = value(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + SHARE * (high - low);
            at_right = value(right);
        }
    }
    if at_left < at_right { (left, at_left) } else { (right, at_right) }
}
