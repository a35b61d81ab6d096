//! The record as a sequence of tokens, read by a Transformer.

use rand_chacha::ChaCha8Rng;
use twinloom_neural::layer::Runs;
use twinloom_neural::{Aggregator, Pass, SparseMatrix, WeightId, Weights};
use twinloom_views::Sequences;

use super::encoder::{Encoder, Token, latest_tokens, means, one_each};
use super::steps::SLOTS;
use super::{Head, SequenceParameters};
use crate::network::{Network, Scored};

/// A Transformer over the latest tokens of the record, each the sum of its code's vector and that of its time
/// slot; the mean over the tokens is the record's summary.
///
/// Every element of the record is a token in order of time, as Rajkomar et al. have it; where they read it with
/// a recurrent network and with attention over embedded time, this is self-attention.
///
/// # Source
/// Rajkomar et al., Scalable and accurate deep learning with electronic health records (npj Digital Medicine
/// 2018), methods, for the tokens; Vaswani et al., Attention Is All You Need (NeurIPS 2017), for the network, section 3.4 for
/// the factor on the vectors, without which what a block adds would drown them.
pub(crate) struct TransformerNetwork<'a> {
    /// Of each instance, oldest first.
    tokens: Vec<Vec<Token>>,
    vocabulary: usize,
    facts: &'a SparseMatrix,
    parameters: &'a SequenceParameters,
}

impl<'a> TransformerNetwork<'a> {
    pub(crate) fn new(
        sequences: &Sequences,
        vocabulary: usize,
        facts: &'a SparseMatrix,
        parameters: &'a SequenceParameters,
    ) -> Self {
        let tokens = |instance| latest_tokens(sequences, instance, parameters.longest);
        Self { tokens: (0..sequences.len()).map(tokens).collect(), vocabulary, facts, parameters }
    }
}

impl TransformerNetwork<'_> {
    /// An instance's codes, each with the share that the summary has of it.
    pub(crate) fn rolled_out(
        &self,
        layers: &TransformerLayers,
        pass: &mut Pass,
        instance: usize,
    ) -> Vec<(u32, f64)> {
        let batch = self.batch(&[instance]);
        let rows = batch.codes.aggregate(pass.weight(layers.codes))
            + batch.slots.aggregate(pass.weight(layers.slots));
        let shares = layers.encoder.rolled_out(pass, &batch.runs, rows);
        self.tokens[instance].iter().map(|token| token.code).zip(shares).collect()
    }
}

/// Where the matrices lie.
pub(crate) struct TransformerLayers {
    codes: WeightId,
    slots: WeightId,
    encoder: Encoder,
    head: Head,
}

/// Inputs of some instances.
pub(crate) struct TransformerBatch {
    runs: Runs,
    codes: Aggregator,
    slots: Aggregator,
    means: Aggregator,
    facts: Aggregator,
}

impl Network for TransformerNetwork<'_> {
    type Layers = TransformerLayers;
    type Batch = TransformerBatch;

    fn initial(&self, prior_log_odds: &[f32], rng: &mut ChaCha8Rng) -> (TransformerLayers, Weights) {
        let (mut weights, hidden) = (Weights::new(), self.parameters.hidden);
        let own = &mut weights;
        let layers = TransformerLayers {
            codes: own.embedding("codes", [self.vocabulary, hidden], rng),
            slots: own.embedding("slots", [SLOTS, hidden], rng),
            encoder: Encoder::new(own, self.parameters, rng),
            head: Head::new(own, (hidden, self.facts.columns(), hidden), prior_log_odds, rng),
        };
        (layers, weights)
    }

    fn batch(&self, instances: &[usize]) -> TransformerBatch {
        let own = || instances.iter().map(|&instance| &self.tokens[instance]);
        let runs = Runs::of_lengths(own().map(Vec::len));
        TransformerBatch {
            codes: one_each(self.vocabulary, own().flatten().map(|token| token.code)),
            slots: one_each(SLOTS, own().flatten().map(|token| token.slot)),
            means: means(&runs),
            facts: Aggregator::new(self.facts.select_rows(instances)),
            runs,
        }
    }

    fn forward(
        &self,
        layers: &TransformerLayers,
        pass: &mut Pass,
        batch: &TransformerBatch,
        dropout: f32,
    ) -> Scored {
        let tokens = batch.codes.aggregate(pass.weight(layers.codes))
            + batch.slots.aggregate(pass.weight(layers.slots));
        let tokens = tokens.mul_scalar((self.parameters.hidden as f32).sqrt());
        let tokens = layers.encoder.forward(pass, &batch.runs, tokens, dropout);
        layers.head.forward(pass, batch.means.aggregate(tokens), &batch.facts, dropout).into()
    }
}
