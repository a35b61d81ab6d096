//! Tuning of onset rates to targets by the cross-entropy method.

mod cross_entropy;

pub use cross_entropy::{CrossEntropy, Iteration, Settings, SettingsError};
