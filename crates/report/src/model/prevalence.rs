//! How common each condition is.

use serde::{Deserialize, Serialize};

use super::Estimate;

/// Prevalence of several conditions in one population.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Prevalence {
    /// Who was counted (`adults registered on 31 December 2025`).
    pub population: String,
    /// Conditions in the order to show.
    pub rows: Vec<PrevalenceRow>,
}

/// One condition's prevalence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrevalenceRow {
    /// The condition in words.
    pub condition: String,
    /// People with it.
    pub cases: u64,
    /// People looked at.
    pub population: u64,
    /// The share with its 95 % interval, 0 to 1.
    pub share: Estimate,
    /// A published value to compare with.
    pub target: Option<Target>,
}

impl PrevalenceRow {
    /// Counts cases; the interval is Wilson's.
    pub fn new(condition: impl Into<String>, cases: u64, population: u64) -> Self {
        let share = Estimate::proportion(cases, population);
        Self { condition: condition.into(), cases, population, share, target: None }
    }

    /// Adds a published value.
    #[must_use]
    pub fn target(mut self, share: f64, source: impl Into<String>) -> Self {
        self.target = Some(Target { share, source: source.into() });
        self
    }
}

/// A published prevalence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// 0 to 1.
    pub share: f64,
    /// Who published it, for which year and population.
    pub source: String,
}
