//! Shapes of the encodings and how they are trained.

use serde::{Deserialize, Serialize};

use crate::{TrainerError, TrainerParameters};

/// Shape and training of the networks that read a record as a bag or as a sequence.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `width` | 16 | numbers per code | >= 1 |
/// | `hidden` | 32 | units of a recurrent state and of hidden layers | >= 1, shared by the heads |
/// | `heads` | 2 | heads of the Transformer's attention | >= 1 |
/// | `blocks` | 1 | blocks of the Transformer | >= 1 |
/// | `longest` | 96 | tokens that the Transformer reads, the latest | >= 1 |
/// | `trainer` | | see [`TrainerParameters`] | |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SequenceParameters {
    /// Numbers per code.
    pub width: usize,
    /// Units of a recurrent state and of hidden layers.
    pub hidden: usize,
    /// Heads of attention.
    pub heads: usize,
    /// Blocks of the Transformer.
    pub blocks: usize,
    /// Tokens that the Transformer reads, the latest.
    pub longest: usize,
    /// How they are trained.
    pub trainer: TrainerParameters,
}

impl Default for SequenceParameters {
    fn default() -> Self {
        Self { width: 16, hidden: 32, heads: 2, blocks: 1, longest: 96, trainer: light() }
    }
}

impl SequenceParameters {
    /// Whether the values can be used.
    ///
    /// # Errors
    /// [`TrainerError`] naming the value out of range.
    pub fn check(&self) -> Result<(), TrainerError> {
        at_least_one(&[
            ("sequence width", self.width),
            ("hidden units", self.hidden),
            ("heads", self.heads),
            ("blocks", self.blocks),
            ("longest sequence", self.longest),
        ])?;
        if !self.hidden.is_multiple_of(self.heads) {
            let (name, value) = ("heads", self.heads as f64);
            return Err(TrainerError { name, value, permitted: "a divisor of the hidden units" });
        }
        self.trainer.check()
    }
}

/// Shape and training of the networks that read a record as a graph of its codes or of its visits.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `width` | 32 | numbers per code | >= 1 |
/// | `most_codes` | 48 | different codes that make an instance's graph, the latest | >= 1 |
/// | `blocks` | 2 | blocks of the graph convolutional transformer | >= 2 |
/// | `variational` | 0.01 | weight of the mean divergence of an active code from the standard normal | >= 0 |
/// | `prior` | 0.1 | weight of the divergences between the attentions of successive blocks | >= 0 |
/// | `trainer` | | see [`TrainerParameters`] | |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GraphParameters {
    /// Numbers per code.
    pub width: usize,
    /// Different codes that make an instance's graph, the latest.
    pub most_codes: usize,
    /// Blocks of the graph convolutional transformer.
    pub blocks: usize,
    /// Weight of the variational term.
    pub variational: f32,
    /// Weight of the chain of divergences.
    pub prior: f32,
    /// How they are trained.
    pub trainer: TrainerParameters,
}

impl Default for GraphParameters {
    fn default() -> Self {
        Self { width: 32, most_codes: 48, blocks: 2, variational: 0.01, prior: 0.1, trainer: light() }
    }
}

impl GraphParameters {
    /// Whether the values can be used.
    ///
    /// # Errors
    /// [`TrainerError`] naming the value out of range.
    pub fn check(&self) -> Result<(), TrainerError> {
        at_least_one(&[("graph width", self.width), ("most codes", self.most_codes)])?;
        if self.blocks < 2 {
            let (name, value) = ("blocks", self.blocks as f64);
            return Err(TrainerError { name, value, permitted: "2 or more" });
        }
        for (name, value) in [("variational weight", self.variational), ("prior weight", self.prior)] {
            if !(value.is_finite() && value >= 0.0) {
                return Err(TrainerError { name, value: value.into(), permitted: "0 or more" });
            }
        }
        self.trainer.check()
    }
}

/// Steps cost more than those of means of embeddings, so there are fewer epochs, and deeper networks ask for a
/// slower rate.
fn light() -> TrainerParameters {
    let (epochs, patience, batch_size, learning_rate) = (30, 4, 64, 2e-3);
    TrainerParameters { epochs, patience, batch_size, learning_rate, ..TrainerParameters::default() }
}

fn at_least_one(values: &[(&'static str, usize)]) -> Result<(), TrainerError> {
    match values.iter().find(|(_, value)| *value == 0) {
        Some((name, _)) => Err(TrainerError { name, value: 0.0, permitted: "1 or more" }),
        None => Ok(()),
    }
}
