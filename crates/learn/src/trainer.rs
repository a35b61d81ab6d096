//! How a network is trained.

use serde::{Deserialize, Serialize};
use twinloom_neural::{AdamParameters, Decay, FitParameters, Keep, Schedule};

/// How a network is trained.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `epochs` | 60 | most passes over the training instances | >= 1 |
/// | `patience` | 12 | epochs without a better tuning loss before stopping | >= 1 |
/// | `batch_size` | 128 | instances per step | >= 1 |
/// | `learning_rate` | 0.004 | Adam's step | > 0 |
/// | `weight_decay` | 0.1 | decoupled decay of all but biases | >= 0 |
/// | `largest_norm` | 1 | gradients are clipped to this joint norm after backward | > 0 |
/// | `dropout` | 0.3 | share of hidden units left out in training | 0 to 1, 1 excluded |
/// | `members` | 3 | networks from different starts whose probabilities are averaged | >= 1 |
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainerParameters {
    /// Most passes over the training instances.
    pub epochs: usize,
    /// Epochs without a better tuning loss before stopping.
    pub patience: usize,
    /// Instances per step.
    pub batch_size: usize,
    /// Adam's step.
    pub learning_rate: f32,
    /// Decoupled decay of all weights but biases.
    pub weight_decay: f32,
    /// Gradients are clipped to this joint norm, after the backward pass.
    pub largest_norm: f32,
    /// Share of hidden units left out in training.
    pub dropout: f32,
    /// Networks from different starts whose probabilities are averaged.
    pub members: usize,
}

impl Default for TrainerParameters {
    fn default() -> Self {
        Self {
            epochs: 60,
            patience: 12,
            batch_size: 128,
            learning_rate: 4e-3,
            weight_decay: 0.1,
            largest_norm: 1.0,
            dropout: 0.3,
            members: 3,
        }
    }
}

impl TrainerParameters {
    /// Whether the values can be used.
    ///
    /// # Errors
    /// [`TrainerError`] naming the value out of range.
    pub fn check(&self) -> Result<(), TrainerError> {
        let positive = |value: f32| value.is_finite() && value > 0.0;
        let checks = [
            (self.epochs >= 1, "epochs", self.epochs as f64, "1 or more"),
            (self.patience >= 1, "patience", self.patience as f64, "1 or more"),
            (self.batch_size >= 1, "batch size", self.batch_size as f64, "1 or more"),
            (self.members >= 1, "members", self.members as f64, "1 or more"),
            (positive(self.learning_rate), "learning rate", self.learning_rate.into(), "greater than 0"),
            (
                self.weight_decay.is_finite() && self.weight_decay >= 0.0,
                "weight decay",
                self.weight_decay.into(),
                "0 or more",
            ),
            (positive(self.largest_norm), "largest norm", self.largest_norm.into(), "greater than 0"),
            ((0.0..1.0).contains(&self.dropout), "dropout", self.dropout.into(), "0 to 1, 1 excluded"),
        ];
        match checks.into_iter().find(|check| !check.0) {
            Some((_, name, value, permitted)) => Err(TrainerError { name, value, permitted }),
            None => Ok(()),
        }
    }

    /// The same as the trainer below takes them; the epoch of the least tuning loss is kept.
    pub(crate) fn fit_parameters(&self) -> FitParameters {
        let Self { learning_rate, weight_decay, .. } = *self;
        FitParameters {
            epochs: self.epochs,
            patience: Some(self.patience),
            optimiser: AdamParameters { learning_rate, weight_decay, decay: Decay::Decoupled },
            schedule: Schedule::Constant,
            largest_norm: Some(self.largest_norm),
            keep: Keep::Best,
        }
    }
}

/// A training parameter is out of range.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("{name} {value}; permitted: {permitted}")]
pub struct TrainerError {
    /// Which parameter.
    pub name: &'static str,
    /// Value given.
    pub value: f64,
    /// What is permitted.
    pub permitted: &'static str,
}
