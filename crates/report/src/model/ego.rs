//! One condition and those around it.

use serde::{Deserialize, Serialize};

use super::Estimate;

/// A condition in the middle, with what came before it, what came after and what goes with it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EgoNetwork {
    /// The condition in the middle.
    pub centre: String,
    /// People who have it, as may be released.
    pub people: String,
    /// Of whom (`20,000 simulated patients`).
    pub population: String,
    /// How values and intervals came about, a sentence.
    pub method: String,
    /// Its neighbours; drawn by side, heaviest first.
    pub neighbours: Vec<EgoNeighbour>,
}

/// On which side of the middle a neighbour stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EgoSide {
    /// It came first.
    Before,
    /// It came later.
    After,
    /// In whatever order.
    Together,
}

/// A condition, or several, beside the one in the middle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EgoNeighbour {
    /// The conditions.
    pub conditions: Vec<String>,
    /// Where it stands.
    pub side: EgoSide,
    /// How strongly it is tied to the middle; not below 0.
    pub weight: Estimate,
    /// People behind it, as may be released.
    pub people: String,
}
