//! Tuning of onset rates to targets by the cross-entropy method.

mod cross_entropy;
mod tuning;

pub use cross_entropy::{CrossEntropy, Iteration, Settings, SettingsError};
pub use tuning::{CalibrationError, Tuned, tune};
