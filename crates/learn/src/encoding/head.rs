//! From a summary of the record, with the facts beside it, to log odds.

use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use rand::Rng;
use twinloom_neural::layer::Linear;
use twinloom_neural::{Aggregator, Pass, Weights};

use crate::output::Output;

/// One hidden layer of a record's summary and its facts (demographics, last measurements), then one number per outcome:
/// the same for every encoding, so that they differ in the encoding alone.
///
/// # Shapes
/// summaries `[instances, width]`, facts `[instances, facts] -> [instances, outcomes]`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    summary: Linear,
    facts: Linear,
    output: Output,
}

impl Head {
    pub(crate) fn new(
        weights: &mut Weights,
        (width, facts, hidden): (usize, usize, usize),
        prior_log_odds: &[f32],
        rng: &mut impl Rng,
    ) -> Self {
        Self {
            summary: Linear::without_bias(weights, "summary", width, hidden, rng),
            facts: Linear::new(weights, "facts", facts, hidden, rng),
            output: Output::new(weights, hidden, prior_log_odds),
        }
    }

    #[cfg(test)]
    pub(crate) fn output(self) -> Output {
        self.output
    }

    pub(crate) fn forward(
        self,
        pass: &mut Pass,
        summaries: Tensor<2>,
        facts: &Aggregator,
        dropout: f32,
    ) -> Tensor<2> {
        let summaries = pass.dropout(summaries, dropout);
        let hidden = self.summary.forward(pass, summaries) + self.facts.forward_sparse(pass, facts);
        let hidden = pass.dropout(relu(hidden), dropout);
        self.output.forward(pass, hidden)
    }
}
