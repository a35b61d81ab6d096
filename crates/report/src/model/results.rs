//! Models and their scores on the same patients.

use serde::{Deserialize, Serialize};

use super::Estimate;

/// Scores of several models on one task.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// What is predicted (`death in hospital`).
    pub outcome: String,
    /// From what and when (`from the first 24 hours after unit admission`).
    pub prediction_time: String,
    /// Who was scored (`held-out patients`).
    pub population: String,
    /// How the intervals were made (`1,000 bootstrap samples of patients`).
    pub interval_method: String,
    /// The models in the order to show.
    pub rows: Vec<ModelResult>,
}

/// What sort of row it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// A plain model to beat.
    Baseline,
    /// A model under study.
    Model,
    /// A model deprived of what it claims to use (graph edges shuffled).
    Control,
    /// A prediction that came with the data (APACHE IVa).
    Comparator,
}

/// One model's scores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelResult {
    /// The model in words.
    pub name: String,
    /// What sort of row it is.
    pub kind: ModelKind,
    /// Area under the receiver operating characteristic.
    pub auroc: Option<Estimate>,
    /// Area under the precision-recall curve.
    pub auprc: Option<Estimate>,
    /// Brier score.
    pub brier: Option<Estimate>,
    /// Slope of the outcome's logit on the prediction's.
    pub calibration_slope: Option<Estimate>,
    /// Patients scored.
    pub n: u64,
    /// Patients among them with the outcome.
    pub events: u64,
    /// A remark; may be empty.
    pub note: String,
}
