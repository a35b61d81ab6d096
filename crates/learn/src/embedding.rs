//! Entity-embedding network: one vector per code, averaged by recency, with the facts beside it.

use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use twinloom_neural::layer::Linear;
use twinloom_neural::{Aggregator, Pass, SparseError, SparseMatrix, WeightId, Weights};
use twinloom_views::Sequences;

use crate::network::{Network, Scored};
use crate::output::Output;
use crate::{TrainerError, TrainerParameters};

/// Shape and training of the entity-embedding network.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `width` | 16 | numbers per code | >= 1 |
/// | `hidden` | 32 | hidden units | >= 1 |
/// | `lookback_days` | 365, 30, 1 | windows averaged besides the whole record | > 0 |
/// | `trainer` | | see [`TrainerParameters`] | |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingParameters {
    /// Numbers per code.
    pub width: usize,
    /// Hidden units.
    pub hidden: usize,
    /// Windows averaged besides the whole record, in days before the prediction.
    pub lookback_days: Vec<f32>,
    /// How it is trained.
    pub trainer: TrainerParameters,
}

impl Default for EmbeddingParameters {
    fn default() -> Self {
        Self {
            width: 16,
            hidden: 32,
            lookback_days: vec![365.0, 30.0, 1.0],
            trainer: TrainerParameters::default(),
        }
    }
}

impl EmbeddingParameters {
    /// Whether the values can be used.
    ///
    /// # Errors
    /// [`TrainerError`] naming the value out of range.
    pub fn check(&self) -> Result<(), TrainerError> {
        for (name, value) in [("embedding width", self.width), ("hidden units", self.hidden)] {
            if value == 0 {
                return Err(TrainerError { name, value: 0.0, permitted: "1 or more" });
            }
        }
        match self.lookback_days.iter().find(|days| !(days.is_finite() && **days > 0.0)) {
            Some(&days) => {
                Err(TrainerError { name: "lookback days", value: days.into(), permitted: "greater than 0" })
            }
            None => self.trainer.check(),
        }
    }
}

/// Guo and Berkhahn's entity embeddings for sets of codes: per window the mean of the codes'
/// vectors (a code counted n times weighs ln(1 + n)), then one hidden layer with the facts.
///
/// # Source
/// Guo and Berkhahn, Entity Embeddings of Categorical Variables (2016), arXiv 1604.06737. Their
/// categories have one value each; a record has sets of codes, hence the means.
///
/// # Shapes
/// pooled `[instances, windows * width]`, facts `[instances, facts]`, log odds `[instances, outcomes]`
pub(crate) struct EmbeddingNetwork<'a> {
    windows: Vec<SparseMatrix>,
    facts: &'a SparseMatrix,
    tokens: usize,
    width: usize,
    hidden: usize,
}

impl<'a> EmbeddingNetwork<'a> {
    pub(crate) fn new(
        sequences: &Sequences,
        tokens: usize,
        facts: &'a SparseMatrix,
        parameters: &EmbeddingParameters,
    ) -> Result<Self, SparseError> {
        let mut windows: Vec<SparseMatrix> = Vec::new();
        for days in std::iter::once(f32::INFINITY).chain(parameters.lookback_days.iter().copied()) {
            let counts = window_counts(sequences, tokens, days)?;
            // A window that holds just what a wider one holds would only repeat it.
            if windows.last() != Some(&counts) {
                windows.push(counts);
            }
        }
        let windows = windows.into_iter().map(SparseMatrix::into_row_means).collect();
        Ok(Self { windows, facts, tokens, width: parameters.width, hidden: parameters.hidden })
    }
}

/// Where the matrices lie.
pub(crate) struct EmbeddingLayers {
    codes: WeightId,
    pooled: Linear,
    facts: Linear,
    output: Output,
}

impl Network for EmbeddingNetwork<'_> {
    type Layers = EmbeddingLayers;
    type Batch = EmbeddingBatch;

    fn initial(&self, prior_log_odds: &[f32], rng: &mut ChaCha8Rng) -> (EmbeddingLayers, Weights) {
        let mut weights = Weights::new();
        let pooled = self.windows.len() * self.width;
        let layers = EmbeddingLayers {
            codes: weights.embedding("codes", [self.tokens, self.width], rng),
            pooled: Linear::without_bias(&mut weights, "pooled", pooled, self.hidden, rng),
            facts: Linear::new(&mut weights, "facts", self.facts.columns(), self.hidden, rng),
            output: Output::new(&mut weights, self.hidden, prior_log_odds),
        };
        (layers, weights)
    }

    fn batch(&self, instances: &[usize]) -> EmbeddingBatch {
        let select = |matrix: &SparseMatrix| Aggregator::new(matrix.select_rows(instances));
        EmbeddingBatch { windows: self.windows.iter().map(select).collect(), facts: select(self.facts) }
    }

    fn forward(
        &self,
        layers: &EmbeddingLayers,
        pass: &mut Pass,
        batch: &EmbeddingBatch,
        dropout: f32,
    ) -> Scored {
        let codes = pass.weight(layers.codes);
        let pooled: Vec<Tensor<2>> =
            batch.windows.iter().map(|window| window.aggregate(codes.clone())).collect();
        let pooled = pass.dropout(Tensor::cat(pooled, 1), dropout);
        let hidden = layers.pooled.forward(pass, pooled) + layers.facts.forward_sparse(pass, &batch.facts);
        let hidden = pass.dropout(relu(hidden), dropout);
        layers.output.forward(pass, hidden).into()
    }
}

/// Inputs of some instances.
pub(crate) struct EmbeddingBatch {
    windows: Vec<Aggregator>,
    facts: Aggregator,
}

/// ln(1 + n) of each token within the last `days`; undated demographics are in every window.
pub(crate) fn window_counts(
    sequences: &Sequences,
    tokens: usize,
    days: f32,
) -> Result<SparseMatrix, SparseError> {
    let rows = (0..sequences.len()).map(|instance| {
        let mut own: Vec<u32> = sequences
            .tokens_of(instance)
            .iter()
            .zip(sequences.days_before_of(instance))
            .filter(|(_, before)| **before <= days)
            .map(|(&token, _)| token)
            .collect();
        own.sort_unstable();
        own.chunk_by(|left, right| left == right).map(|run| (run[0], (run.len() as f32).ln_1p())).collect()
    });
    SparseMatrix::from_rows(tokens, rows)
}
