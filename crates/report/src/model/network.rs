//! Conditions joined in pairs, in communities.

use serde::{Deserialize, Serialize};

use super::Estimate;

/// A network of conditions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ConditionNetwork {
    /// Of whom (`20,000 simulated patients`).
    pub population: String,
    /// How ties and communities were found, a sentence.
    pub method: String,
    /// What a tie's strength is (`Odds ratio`).
    pub measure: String,
    /// The conditions.
    pub nodes: Vec<NetworkNode>,
    /// The ties.
    pub ties: Vec<NetworkTie>,
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkNode {
    /// Its name in plain English.
    pub name: String,
    /// Its community, from 0.
    pub community: usize,
    /// The share of people who have it.
    pub prevalence: f64,
}

/// Two conditions found together more often than their prevalence explains.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkTie {
    /// Place of one condition among the nodes.
    pub from: usize,
    /// Place of the other.
    pub to: usize,
    /// How strong; above 0.
    pub strength: Estimate,
    /// Whether `from` tends to come first.
    pub directed: bool,
}
