//! A Transformer over the latest tokens of each instance.

use burn::tensor::Tensor;
use rand::Rng;
use rustc_hash::FxHashSet;
use twinloom_neural::layer::{LayerNorm, Runs, TransformerBlock};
use twinloom_neural::{Aggregator, Pass, SparseMatrix, Weights};
use twinloom_views::Sequences;

use super::SequenceParameters;
use super::steps::{SLOTS, slot, timed};

/// A dated code of the record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Token {
    pub code: u32,
    /// The time slot, less than [`SLOTS`].
    pub slot: u32,
    pub days_before: f32,
}

/// The latest dated tokens of an instance, oldest first; a code repeated within a slot is one token.
///
/// Undated demographics are no token, since each has a time; the facts beside hold them.
pub(crate) fn latest_tokens(sequences: &Sequences, instance: usize, longest: usize) -> Vec<Token> {
    let mut seen = FxHashSet::default();
    let token =
        |(code, days_before)| Token { code, slot: slot(days_before).min(SLOTS as u32 - 1), days_before };
    let mut found: Vec<Token> = timed(sequences, instance)
        .rev()
        .map(token)
        .filter(|token| seen.insert((token.code, token.slot)))
        .take(longest)
        .collect();
    found.reverse();
    found
}

impl Encoder {
    /// The share that the mean over one sequence's rows has of each row that came in, rolled out over the blocks.
    ///
    /// # Source
    /// Abnar and Zuidema, Quantifying Attention Flow in Transformers (ACL 2020), equation 1, the residual
    /// connection as half of each row (section 3.1) and heads averaged.
    pub(crate) fn rolled_out(&self, pass: &mut Pass, runs: &Runs, mut rows: Tensor<2>) -> Vec<f64> {
        let length = runs.rows();
        let mut shares = Vec::with_capacity(self.blocks.len());
        for block in &self.blocks {
            shares.extend(block.shares(pass, runs, rows.clone()));
            rows = block.forward(pass, runs, rows, 0.0);
        }
        // What is heard of the last block's rows, then of those of the one before, and so on.
        let mut heard = vec![1.0 / length.max(1) as f64; length];
        for block in shares.iter().rev() {
            let mut before: Vec<f64> = heard.iter().map(|share| 0.5 * share).collect();
            for (share, row) in heard.iter().zip(block.chunks(length.max(1))) {
                before.iter_mut().zip(row).for_each(|(sum, part)| *sum += 0.5 * share * f64::from(*part));
            }
            heard = before;
        }
        heard
    }
}

/// Blocks of a Transformer, normalised after the last.
#[derive(Clone, Debug)]
pub(crate) struct Encoder {
    blocks: Vec<TransformerBlock>,
    last: LayerNorm,
}

impl Encoder {
    pub(crate) fn new(weights: &mut Weights, parameters: &SequenceParameters, rng: &mut impl Rng) -> Self {
        let SequenceParameters { hidden, heads, .. } = *parameters;
        let mut blocks = Vec::with_capacity(parameters.blocks);
        for block in 0..parameters.blocks {
            blocks.push(TransformerBlock::new(weights, &format!("block {block}"), hidden, heads, &mut *rng));
        }
        Self { blocks, last: LayerNorm::new(weights, "last", hidden) }
    }

    /// The tokens after hearing those of their own instance.
    ///
    /// # Shapes
    /// `[tokens, hidden] -> [tokens, hidden]`
    pub(crate) fn forward(&self, pass: &mut Pass, runs: &Runs, tokens: Tensor<2>, dropout: f32) -> Tensor<2> {
        let mut tokens = pass.dropout(tokens, dropout);
        for block in &self.blocks {
            tokens = block.forward(pass, runs, tokens, dropout);
        }
        self.last.forward(pass, tokens)
    }
}

/// One row of a table for each token.
///
/// # Panics
/// When an id is not below `rows`.
pub(crate) fn one_each(rows: usize, ids: impl IntoIterator<Item = u32>) -> Aggregator {
    let ids = ids.into_iter().map(|id| vec![(id, 1.0)]);
    Aggregator::new(SparseMatrix::from_rows(rows, ids).expect("ids of the table's rows"))
}

/// The mean over each sequence; nothing of one without a row.
pub(crate) fn means(runs: &Runs) -> Aggregator {
    let all = (0..runs.len()).map(|run| runs.range(run).map(|row| (row as u32, 1.0)).collect());
    let rows = SparseMatrix::from_rows(runs.rows(), all).expect("rows of the runs");
    Aggregator::new(rows.into_row_means())
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
        let all = latest_tokens(&sequences, 0, 10);
        assert_eq!(all.iter().map(|token| token.code).collect::<Vec<_>>(), [3, 4, 3]);
        assert_eq!(latest_tokens(&sequences, 0, 2), all[1..]);
    }
}
