//! RETAIN: two-level attention backwards in time.

use burn::tensor::activation::tanh;
use rand_chacha::ChaCha8Rng;
use twinloom_neural::layer::{Direction, Gru, Linear};
use twinloom_neural::{Aggregator, Edges, Pass, SparseMatrix, WeightId, Weights};

use super::steps::{STEP_FACTS, StepsBatch};
use super::{SequenceParameters, Steps};
use crate::network::{Network, Scored};
use crate::output::Output;

/// RETAIN: one recurrent network, backwards in time, weighs the steps; another weighs the numbers of each
/// step's vector; their weighted sum decides linearly, so that a prediction falls apart into steps and codes.
///
/// A step is a time slot of the record where the paper has a visit: a stay in intensive care is one visit.
/// Time is told to the two recurrent networks and not to what they weigh.
///
/// # Source
/// Choi et al., RETAIN: An Interpretable Predictive Model for Healthcare using Reverse Time Attention
/// Mechanism (NeurIPS 2016), section 2.2, steps 1 to 5; section 2.3 for the sum's parts.
pub(crate) struct RetainNetwork<'a> {
    steps: &'a Steps,
    facts: &'a SparseMatrix,
    width: usize,
    hidden: usize,
}

impl<'a> RetainNetwork<'a> {
    pub(crate) fn new(steps: &'a Steps, facts: &'a SparseMatrix, parameters: &SequenceParameters) -> Self {
        Self { steps, facts, width: parameters.width, hidden: parameters.hidden }
    }
}

/// Where the matrices lie.
pub(crate) struct RetainLayers {
    codes: WeightId,
    times: Linear,
    of_steps: Gru,
    step_weight: Linear,
    of_numbers: Gru,
    number_weights: Linear,
    facts: WeightId,
    output: Output,
}

impl Network for RetainNetwork<'_> {
    type Layers = RetainLayers;
    type Batch = (StepsBatch, Edges, Aggregator);

    fn initial(&self, prior_log_odds: &[f32], rng: &mut ChaCha8Rng) -> (RetainLayers, Weights) {
        let (width, hidden) = (self.width, self.hidden);
        let mut weights = Weights::new();
        let own = &mut weights;
        let layers = RetainLayers {
            codes: own.embedding("codes", [self.steps.tokens(), width], rng),
            times: Linear::new(own, "times", STEP_FACTS, width, rng),
            of_steps: Gru::new(own, "of steps", width, hidden, Direction::Backward, rng),
            step_weight: Linear::new(own, "step weight", hidden, 1, rng),
            of_numbers: Gru::new(own, "of numbers", width, hidden, Direction::Backward, rng),
            number_weights: Linear::new(own, "number weights", hidden, width, rng),
            facts: own.filled("facts", [self.facts.columns(), 1], 0.0),
            output: Output::new(own, width, prior_log_odds),
        };
        (layers, weights)
    }

    fn batch(&self, instances: &[usize]) -> Self::Batch {
        let steps = self.steps.batch(instances);
        let edges = Edges::of(&steps.all());
        (steps, edges, Aggregator::new(self.facts.select_rows(instances)))
    }

    fn forward(&self, layers: &RetainLayers, pass: &mut Pass, batch: &Self::Batch, dropout: f32) -> Scored {
        let (steps, edges, facts) = batch;
        let vectors = steps.codes.aggregate(pass.weight(layers.codes));
        let vectors = pass.dropout(vectors, dropout);
        let inputs = vectors.clone() + layers.times.forward_sparse(pass, &steps.facts);
        let states = layers.of_steps.forward(pass, &steps.runs, inputs.clone());
        let shares = edges.softmax(layers.step_weight.forward(pass, states));
        let states = layers.of_numbers.forward(pass, &steps.runs, inputs);
        let weighed = tanh(layers.number_weights.forward(pass, states)) * vectors;
        let context = edges.weighted_sum(shares, weighed);
        let context = pass.dropout(context, dropout);
        let of_facts = facts.aggregate(pass.weight(layers.facts));
        (layers.output.forward(pass, context) + of_facts).into()
    }
}
