//! Whether acting on predictions does more good than harm.

use serde::{Deserialize, Serialize};

/// Decision curves of several models on the same patients.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DecisionCurves {
    /// What is predicted (`death in hospital`).
    pub outcome: String,
    /// The models, one panel each.
    pub models: Vec<DecisionCurve>,
}

/// One model's decision curve.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DecisionCurve {
    /// The model in words.
    pub name: String,
    /// Points by ascending threshold.
    pub points: Vec<NetBenefit>,
}

/// Net benefit at one threshold, in true positives per 100 patients.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetBenefit {
    /// Risk from which one acts, 0 to 1.
    pub threshold: f64,
    /// Of acting on the model.
    pub model: f64,
    /// Of acting on everyone.
    pub everyone: f64,
}
