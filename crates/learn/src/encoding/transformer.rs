//! The record as a sequence of tokens, read by a Transformer.

use rand_chacha::ChaCha8Rng;
use rustc_hash::FxHashSet;
use twinloom_neural::layer::{LayerNorm, Runs, TransformerBlock};
use twinloom_neural::{Aggregator, Pass, SparseMatrix, WeightId, Weights};
use twinloom_views::Sequences;

use super::steps::{SLOTS, slot};
use super::{Head, SequenceParameters};
use crate::network::{Network, Scored};

/// A Transformer over the latest tokens of the record, each the sum of its code's vector and that of its time
/// slot; the mean over the tokens is the record's summary.
///
/// A code repeated within a slot is one token. Every element of the record is a token in order of time, as
/// Rajkomar et al. have it; where they read it with a recurrent network and with attention over embedded
/// time, this is self-attention.
///
/// # Source
/// Rajkomar et al., Scalable and accurate deep learning with electronic health records (npj Digital Medicine
/// 2018), methods, for the tokens; Vaswani et al., Attention Is All You Need (NeurIPS 2017), for the network.
pub(crate) struct TransformerNetwork<'a> {
    /// Of each instance, token and slot, oldest first.
    tokens: Vec<Vec<(u32, u32)>>,
    vocabulary: usize,
    facts: &'a SparseMatrix,
    hidden: usize,
    heads: usize,
    blocks: usize,
}

impl<'a> TransformerNetwork<'a> {
    pub(crate) fn new(
        sequences: &Sequences,
        vocabulary: usize,
        facts: &'a SparseMatrix,
        parameters: &SequenceParameters,
    ) -> Self {
        let tokens = |instance| latest(sequences, instance, parameters.longest);
        Self {
            tokens: (0..sequences.len()).map(tokens).collect(),
            vocabulary,
            facts,
            hidden: parameters.hidden,
            heads: parameters.heads,
            blocks: parameters.blocks,
        }
    }
}

fn latest(sequences: &Sequences, instance: usize, longest: usize) -> Vec<(u32, u32)> {
    let (tokens, days) = (sequences.tokens_of(instance), sequences.days_before_of(instance));
    let mut seen = FxHashSet::default();
    let mut found: Vec<(u32, u32)> = tokens
        .iter()
        .zip(days)
        .rev()
        .map(|(&token, &days)| (token, slot(days).min(SLOTS as u32 - 1)))
        .filter(|pair| seen.insert(*pair))
        .take(longest)
        .collect();
    found.reverse();
    found
}

/// Where the matrices lie.
pub(crate) struct TransformerLayers {
    codes: WeightId,
    slots: WeightId,
    blocks: Vec<TransformerBlock>,
    last: LayerNorm,
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
        let (mut weights, hidden) = (Weights::new(), self.hidden);
        let own = &mut weights;
        let codes = own.embedding("codes", [self.vocabulary, hidden], rng);
        let slots = own.embedding("slots", [SLOTS, hidden], rng);
        let mut blocks = Vec::with_capacity(self.blocks);
        for block in 0..self.blocks {
            blocks.push(TransformerBlock::new(own, &format!("block {block}"), hidden, self.heads, rng));
        }
        let last = LayerNorm::new(own, "last", hidden);
        let head = Head::new(own, (hidden, self.facts.columns(), hidden), prior_log_odds, rng);
        (TransformerLayers { codes, slots, blocks, last, head }, weights)
    }

    fn batch(&self, instances: &[usize]) -> TransformerBatch {
        let own = || instances.iter().map(|&instance| &self.tokens[instance]);
        let runs = Runs::of_lengths(own().map(Vec::len));
        let one = |columns, of: fn(&(u32, u32)) -> u32| {
            let rows = own().flatten().map(|pair| vec![(of(pair), 1.0)]);
            Aggregator::new(SparseMatrix::from_rows(columns, rows).expect("tokens and slots are in range"))
        };
        let all = (0..runs.len()).map(|run| runs.range(run).map(|row| (row as u32, 1.0)).collect());
        let means = SparseMatrix::from_rows(runs.rows(), all).expect("rows of the batch").into_row_means();
        TransformerBatch {
            codes: one(self.vocabulary, |pair| pair.0),
            slots: one(SLOTS, |pair| pair.1),
            means: Aggregator::new(means),
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
        let mut tokens = pass.dropout(tokens, dropout);
        for block in &layers.blocks {
            tokens = block.forward(pass, &batch.runs, tokens, dropout);
        }
        let summaries = batch.means.aggregate(layers.last.forward(pass, tokens));
        layers.head.forward(pass, summaries, &batch.facts, dropout).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_the_latest_tokens_are_kept_once_a_slot() {
        let sequences = Sequences {
            offsets: vec![0, 5],
            tokens: vec![2, 3, 3, 4, 3],
            days_before: vec![0.0, 400.0, 400.0, 1.0, 0.01],
            visits: vec![0, 1, 1, 2, 2],
            ..Sequences::default()
        };
        let all = latest(&sequences, 0, 10);
        assert_eq!(all.iter().map(|pair| pair.0).collect::<Vec<_>>(), [2, 3, 4, 3]);
        assert_eq!(latest(&sequences, 0, 2), all[2..]);
    }
}
