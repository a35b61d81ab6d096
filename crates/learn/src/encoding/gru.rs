//! The record as a sequence of steps, read by gated recurrent units.

use rand_chacha::ChaCha8Rng;
use twinloom_neural::layer::{Direction, Gru, Linear};
use twinloom_neural::{Aggregator, Pass, SparseMatrix, WeightId, Weights};

use super::steps::{STEP_FACTS, StepsBatch};
use super::{Head, SequenceParameters, Steps};
use crate::network::{Network, Scored};

/// Gated recurrent units over the steps, each the mean of its codes' vectors with the time before the
/// prediction and since the step before; the last state is the record's summary.
///
/// # Source
/// Choi et al., Doctor AI (MLHC 2016), sections 3.2 and 3.3: codes of a visit embedded together, time gaps
/// beside them, gated recurrent units.
pub(crate) struct GruNetwork<'a> {
    steps: &'a Steps,
    facts: &'a SparseMatrix,
    width: usize,
    hidden: usize,
}

impl<'a> GruNetwork<'a> {
    pub(crate) fn new(steps: &'a Steps, facts: &'a SparseMatrix, parameters: &SequenceParameters) -> Self {
        Self { steps, facts, width: parameters.width, hidden: parameters.hidden }
    }
}

/// Where the matrices lie.
pub(crate) struct GruLayers {
    codes: WeightId,
    times: Linear,
    units: Gru,
    head: Head,
}

impl Network for GruNetwork<'_> {
    type Layers = GruLayers;
    type Batch = (StepsBatch, Aggregator, Aggregator);

    fn initial(&self, prior_log_odds: &[f32], rng: &mut ChaCha8Rng) -> (GruLayers, Weights) {
        let (mut weights, shape) = (Weights::new(), (self.hidden, self.facts.columns(), self.hidden));
        let own = &mut weights;
        let layers = GruLayers {
            codes: own.embedding("codes", [self.steps.tokens(), self.width], rng),
            times: Linear::new(own, "times", STEP_FACTS, self.width, rng),
            units: Gru::new(own, "units", self.width, self.hidden, Direction::Forward, rng),
            head: Head::new(own, shape, prior_log_odds, rng),
        };
        (layers, weights)
    }

    fn batch(&self, instances: &[usize]) -> Self::Batch {
        let steps = self.steps.batch(instances);
        let last = steps.last();
        (steps, last, Aggregator::new(self.facts.select_rows(instances)))
    }

    fn forward(&self, layers: &GruLayers, pass: &mut Pass, batch: &Self::Batch, dropout: f32) -> Scored {
        let (steps, last, facts) = batch;
        let inputs = steps.codes.aggregate(pass.weight(layers.codes))
            + layers.times.forward_sparse(pass, &steps.facts);
        let inputs = pass.dropout(inputs, dropout);
        let states = layers.units.forward(pass, &steps.runs, inputs);
        layers.head.forward(pass, last.aggregate(states), facts, dropout).into()
    }
}
