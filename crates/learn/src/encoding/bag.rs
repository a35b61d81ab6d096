//! The record as a bag of codes.

use burn::tensor::activation::relu;
use rand_chacha::ChaCha8Rng;
use twinloom_neural::layer::Linear;
use twinloom_neural::{Aggregator, Pass, SparseError, SparseMatrix, Weights};
use twinloom_views::Sequences;

use super::{Head, SequenceParameters};
use crate::embedding::window_counts;
use crate::network::{Network, Scored};

/// A perceptron of the counts of each code in the whole record, ln(1 + n), without order or time.
pub(crate) struct BagNetwork<'a> {
    counts: SparseMatrix,
    facts: &'a SparseMatrix,
    hidden: usize,
}

impl<'a> BagNetwork<'a> {
    pub(crate) fn new(
        sequences: &Sequences,
        tokens: usize,
        facts: &'a SparseMatrix,
        parameters: &SequenceParameters,
    ) -> Result<Self, SparseError> {
        let counts = window_counts(sequences, tokens, f32::INFINITY)?;
        Ok(Self { counts, facts, hidden: parameters.hidden })
    }
}

impl Network for BagNetwork<'_> {
    type Layers = (Linear, Head);
    type Batch = [Aggregator; 2];

    fn initial(&self, prior_log_odds: &[f32], rng: &mut ChaCha8Rng) -> (Self::Layers, Weights) {
        let mut weights = Weights::new();
        let counts = Linear::new(&mut weights, "counts", self.counts.columns(), self.hidden, rng);
        let shape = (self.hidden, self.facts.columns(), self.hidden);
        let head = Head::new(&mut weights, shape, prior_log_odds, rng);
        ((counts, head), weights)
    }

    fn batch(&self, instances: &[usize]) -> Self::Batch {
        [&self.counts, self.facts].map(|rows| Aggregator::new(rows.select_rows(instances)))
    }

    fn forward(
        &self,
        (counts, head): &Self::Layers,
        pass: &mut Pass,
        batch: &Self::Batch,
        dropout: f32,
    ) -> Scored {
        let [codes, facts] = batch;
        let codes = pass.dropout_sparse(codes, dropout);
        let hidden = relu(counts.forward_sparse(pass, &codes));
        head.forward(pass, hidden, facts, dropout).into()
    }
}
