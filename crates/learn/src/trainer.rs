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
/// | `weighting` | plain | what an instance of either outcome weighs in training | |
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
    /// What an instance of either outcome weighs in training.
    pub weighting: Weighting,
}

/// What an instance of either outcome weighs in training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weighting {
    /// The same.
    #[default]
    Plain,
    /// Each outcome as much as the other in all: one with the outcome weighs as many times more as there are
    /// instances without it for each with it. Log odds are set back by the logarithm of that weight
    /// afterwards, so that probabilities are those of the population.
    ///
    /// # Source
    /// King and Zeng, Logistic Regression in Rare Events Data (Political Analysis 2001), equation 7, the
    /// correction of the intercept.
    Balanced,
}

impl Weighting {
    /// The weight of an instance with an outcome, one without it weighing 1; `positives` of `instances` have it.
    pub(crate) fn positive_weight(self, positives: usize, instances: usize) -> f32 {
        match self {
            Self::Plain => 1.0,
            Self::Balanced => (instances - positives).max(1) as f32 / positives.max(1) as f32,
        }
    }
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
            weighting: Weighting::Plain,
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

    /// The first so many of the settings that the tuning subjects choose among: as given, a slower rate, more
    /// dropout, and both.
    pub(crate) fn settings(&self, count: usize) -> Vec<Self> {
        let slower = Self { learning_rate: self.learning_rate / SLOWER, ..*self };
        let more = |other: Self| Self { dropout: f32::midpoint(other.dropout, MOST_DROPOUT), ..other };
        [*self, slower, more(*self), more(slower)].into_iter().take(count.max(1)).collect()
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

/// Settings that there are of a network.
pub(crate) const MOST_SETTINGS: usize = 4;

/// By which the slower rate is less.
const SLOWER: f32 = 4.0;

/// Half-way to this lies the setting of more dropout.
const MOST_DROPOUT: f32 = 0.7;

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
