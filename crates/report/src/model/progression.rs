//! Which conditions tend to come before others, and which after.

use serde::{Deserialize, Serialize};

use super::Estimate;

/// Conditions by two centralities: how often a walk against the order of onset ends at them, and how
/// often one along it does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProgressionScatter {
    /// Of whom (`20,000 simulated patients`).
    pub population: String,
    /// How values and intervals came about, a sentence.
    pub method: String,
    /// Within this factor of each other the two centralities count as alike; at least 1.
    pub alike: f64,
    /// The conditions.
    pub points: Vec<ProgressionPoint>,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProgressionPoint {
    /// Its name in plain English.
    pub name: String,
    /// Successor PageRank, a share of 1 over all conditions.
    pub successor: Estimate,
    /// Predecessor PageRank, a share of 1 over all conditions.
    pub predecessor: Estimate,
    /// People who have it, as may be released (`1,240`, `fewer than 5`).
    pub people: String,
}

impl Default for ProgressionScatter {
    fn default() -> Self {
        Self { population: String::new(), method: String::new(), alike: 1.25, points: Vec::new() }
    }
}
