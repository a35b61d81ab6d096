//! From which condition one moves to which.

use serde::{Deserialize, Serialize};

/// Matrices of transition probabilities over the same conditions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Transitions {
    /// Of whom (`20,000 simulated patients`).
    pub population: String,
    /// How the probabilities came about, a sentence.
    pub method: String,
    /// The conditions in the order of rows and of columns: those that tend to come early first.
    pub conditions: Vec<String>,
    /// The matrices.
    pub matrices: Vec<TransitionMatrix>,
}

/// Which way a walk goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Walk {
    /// Along the order of onset.
    #[default]
    Successor,
    /// Against it.
    Predecessor,
}

/// One matrix.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TransitionMatrix {
    /// Which way it goes.
    pub walk: Walk,
    /// A row per condition one is at, a column per condition one moves to; no number
    /// where it is withheld. Rows sum to 1 over all conditions, those not shown included.
    pub rows: Vec<Vec<f64>>,
}
