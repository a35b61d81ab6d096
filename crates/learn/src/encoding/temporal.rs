//! The record as a graph of a patient and concepts whose edges have times.

use burn::tensor::Tensor;
use rand_chacha::ChaCha8Rng;
use twinloom_neural::layer::{
    Direction, EdgeAttention, Gru, Linear, OwnEdges, Runs, TimeEncoding, TimeFunctions,
};
use twinloom_neural::{Aggregator, Pass, SparseMatrix, WeightId, Weights};

use super::interactions::{Interactions, TimedBatch};
use super::{Head, SequenceParameters};
use crate::network::{Network, Scored};

/// A temporal graph network of one patient and the concepts met: the patient remembers, and attends to the
/// latest meetings as of the prediction.
///
/// Patient and concept meet at a time, with a value where one was measured. The concept's side of a meeting is
/// its vector plus its standardised value times a second vector; with the functions of the time since the
/// patient's memory last changed it is the message, whose linear maps and those of the memory itself are the
/// recurrent unit's own. Meetings of one time slot change the memory together, by the mean of their messages.
/// The patient at the prediction is attention from the memory to the latest meetings, each known by its
/// concept, its value and how long ago it was.
///
/// Each instance has a graph of its own, which holds what was known at its time: no message passes between
/// instances or from later. What joins instances is the vectors of the concepts, which are their features;
/// concepts keep no memory, which would be of the one patient.
///
/// # Source
/// Rossi et al., Temporal Graph Networks for Deep Learning on Dynamic Graphs (2020), section 3.1: equation 1
/// for messages, 2 with the mean as aggregator, 3 with a GRU for the memory, 8 to 11 with one layer for the
/// embedding; the attention itself is [`EdgeAttention`].
///
/// # Units
/// Days; functions of time start with periods from six hours to 17 years.
pub(crate) struct TemporalNetwork<'a> {
    interactions: &'a Interactions,
    facts: &'a SparseMatrix,
    width: usize,
    hidden: usize,
    heads: usize,
}

/// Functions of time of either unit.
const TIME_FUNCTIONS: usize = 4;

/// Hours of a day, for the functions of hours.
const HOURS: f32 = 24.0;

impl<'a> TemporalNetwork<'a> {
    pub(crate) fn new(
        interactions: &'a Interactions,
        facts: &'a SparseMatrix,
        parameters: &SequenceParameters,
    ) -> Self {
        let SequenceParameters { width, hidden, heads, .. } = *parameters;
        Self { interactions, facts, width, hidden, heads }
    }
}

/// Where the matrices lie.
pub(crate) struct TemporalLayers {
    concepts: WeightId,
    values: WeightId,
    hours: TimeEncoding,
    days: TimeEncoding,
    since: Linear,
    memory: Gru,
    meeting: Linear,
    attention: EdgeAttention,
    head: Head,
}

impl TemporalLayers {
    /// Functions of some times; of none no row.
    fn times(&self, pass: &Pass, days: &[f32]) -> Tensor<2> {
        let hours: Vec<f32> = days.iter().map(|days| HOURS * days).collect();
        Tensor::cat(vec![self.hours.forward(pass, &hours), self.days.forward(pass, days)], 1)
    }

    /// Vectors of concepts with their values.
    fn met(&self, pass: &Pass, batch: &TimedBatch) -> Tensor<2> {
        batch.concepts.aggregate(pass.weight(self.concepts))
            + batch.values.aggregate(pass.weight(self.values))
    }
}

/// Inputs of some instances.
pub(crate) struct TemporalBatch {
    slots: TimedBatch,
    runs: Runs,
    /// From each instance to its memory after the last slot.
    last: Aggregator,
    latest: TimedBatch,
    edges: OwnEdges,
    facts: Aggregator,
}

impl Network for TemporalNetwork<'_> {
    type Layers = TemporalLayers;
    type Batch = TemporalBatch;

    fn initial(&self, prior_log_odds: &[f32], rng: &mut ChaCha8Rng) -> (TemporalLayers, Weights) {
        let (width, hidden, known) = (self.width, self.hidden, 2 * TIME_FUNCTIONS);
        let table = [self.interactions.tokens(), width];
        let heads = (self.heads, hidden / self.heads);
        let mut weights = Weights::new();
        let own = &mut weights;
        let cosines = TimeFunctions::Cosines;
        let layers = TemporalLayers {
            concepts: own.embedding("concepts", table, rng),
            values: own.embedding("values", table, rng),
            hours: TimeEncoding::new(own, "hours", cosines, TIME_FUNCTIONS),
            days: TimeEncoding::new(own, "days", cosines, TIME_FUNCTIONS),
            since: Linear::new(own, "since", known, width, rng),
            memory: Gru::new(own, "memory", width, hidden, Direction::Forward, rng),
            meeting: Linear::new(own, "meeting", width, hidden, rng),
            attention: EdgeAttention::new(own, "attention", (hidden, known), heads, 0.0, rng),
            head: Head::new(own, (hidden, self.facts.columns(), hidden), prior_log_odds, rng),
        };
        (layers, weights)
    }

    fn batch(&self, instances: &[usize]) -> TemporalBatch {
        let slots = self.interactions.slots(instances);
        let latest = self.interactions.latest(instances);
        let runs = Runs::of_lengths(slots.counts.iter().copied());
        let last = |run| runs.range(run).next_back().map(|row| (row as u32, 1.0)).into_iter().collect();
        let last = SparseMatrix::from_rows(runs.rows(), (0..runs.len()).map(last)).expect("rows of the runs");
        TemporalBatch {
            last: Aggregator::new(last),
            edges: OwnEdges::of_counts(&latest.counts),
            facts: Aggregator::new(self.facts.select_rows(instances)),
            runs,
            slots,
            latest,
        }
    }

    fn forward(
        &self,
        layers: &TemporalLayers,
        pass: &mut Pass,
        batch: &TemporalBatch,
        dropout: f32,
    ) -> Scored {
        let since = layers.since.forward(pass, layers.times(pass, &batch.slots.days));
        let messages = pass.dropout(layers.met(pass, &batch.slots) + since, dropout);
        let memories = layers.memory.forward(pass, &batch.runs, messages);
        let patients = batch.last.aggregate(memories);
        let latest = pass.dropout(layers.met(pass, &batch.latest), dropout);
        let latest = layers.meeting.forward(pass, latest);
        let ago = layers.times(pass, &batch.latest.days);
        let embedded = layers.attention.forward(pass, &batch.edges, patients, latest, ago);
        layers.head.forward(pass, embedded, &batch.facts, dropout).into()
    }
}

#[cfg(test)]
mod tests {
    use twinloom_neural::stream;
    use twinloom_views::Sequences;

    use super::*;
    use crate::network::{tests::slopes_of_network_agree, values};

    /// Three instances over the codes 2 to 6, the second without any; the last value is `last` and the last code
    /// lies `ahead` days before the prediction.
    fn interactions(last: f32, ahead: f32) -> Interactions {
        let sequences = Sequences {
            offsets: vec![0, 5, 5, 9],
            tokens: vec![2, 3, 4, 3, 5, 4, 4, 2, 6],
            days_before: vec![0.0, 9.0, 9.0, 2.0, 0.1, 40.0, 3.0, 3.0, ahead],
            visits: vec![0, 1, 1, 2, 2, 1, 2, 2, 3],
            values: vec![None, Some(3.0), None, Some(5.0), None, None, None, Some(1.0), Some(last)],
        };
        Interactions::new(&sequences, 7, &[0, 1, 2]).unwrap()
    }

    fn facts() -> SparseMatrix {
        SparseMatrix::from_rows(2, (0..3).map(|row| vec![(row % 2, 1.0)])).unwrap()
    }

    fn network<'a>(
        interactions: &'a Interactions,
        facts: &'a SparseMatrix,
    ) -> (TemporalNetwork<'a>, TemporalLayers, Weights) {
        let parameters = SequenceParameters { width: 3, hidden: 4, ..SequenceParameters::default() };
        let network = TemporalNetwork::new(interactions, facts, &parameters);
        let (layers, mut weights) = network.initial(&[-0.3], &mut stream(5, 0));
        weights.values_mut(layers.head.output().matrix()).copy_from_slice(&[0.7, -0.4, 0.9, -1.1]);
        (network, layers, weights)
    }

    fn log_odds(interactions: &Interactions, instances: &[usize]) -> Vec<f32> {
        let facts = facts();
        let (network, layers, weights) = network(interactions, &facts);
        let mut pass = Pass::in_use(&weights);
        values(network.forward(&layers, &mut pass, &network.batch(instances), 0.0).log_odds)
    }

    #[test]
    fn ref_gradients_agree_with_finite_differences() {
        let (interactions, facts) = (interactions(2.0, 0.5), facts());
        let (network, layers, weights) = network(&interactions, &facts);
        slopes_of_network_agree(&network, &layers, &weights, &[0, 1, 2]);
    }

    #[test]
    fn law_no_message_passes_between_instances_and_none_needs_a_record() {
        let interactions = interactions(2.0, 0.5);
        let together = log_odds(&interactions, &[2, 1, 0]);
        for (place, instance) in [2, 1, 0].into_iter().enumerate() {
            let alone = log_odds(&interactions, &[instance])[0];
            assert!((alone - together[place]).abs() < 1e-5, "instance {instance}: {alone}");
        }
        assert!(log_odds(&interactions, &[]).is_empty());
    }

    #[test]
    fn law_what_comes_after_the_prediction_changes_no_bit() {
        // Before the prediction code 6 and its value matter; after it, neither does.
        let instances = [0, 1, 2];
        let of = |last, ahead| log_odds(&interactions(last, ahead), &instances);
        assert_ne!(of(2.0, 0.5), of(2.0, 0.6));
        assert_eq!(of(2.0, -0.5), of(-70.0, -3.0));
    }
}
