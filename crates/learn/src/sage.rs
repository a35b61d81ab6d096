//! GraphSAGE from concepts through encounters to prediction instances.

use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use rand::Rng;
use serde::{Deserialize, Serialize};
use twinloom_graph::{Csr, EdgeFeatures, TaskGraph};

use crate::parameters::Weights;
use crate::trainer::{Dropout, Network, TrainerError, TrainerParameters};
use crate::{Aggregator, SparseError, SparseMatrix};

/// Shape and training of GraphSAGE.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `width` | 16 | numbers per concept | >= 1 |
/// | `hidden` | 32 | units per encounter and per instance | >= 1 |
/// | `trainer` | | see [`TrainerParameters`] | |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SageParameters {
    /// Numbers per concept.
    pub width: usize,
    /// Units per encounter and per instance.
    pub hidden: usize,
    /// How it is trained.
    pub trainer: TrainerParameters,
}

impl Default for SageParameters {
    fn default() -> Self {
        Self { width: 16, hidden: 32, trainer: TrainerParameters::default() }
    }
}

impl SageParameters {
    /// Whether the values can be used.
    ///
    /// # Errors
    /// [`TrainerError`] naming the value out of range.
    pub fn check(&self) -> Result<(), TrainerError> {
        for (name, value) in [("concept width", self.width), ("hidden units", self.hidden)] {
            if value == 0 {
                return Err(TrainerError { name, value: 0.0, permitted: "1 or more" });
            }
        }
        self.trainer.check()
    }
}

/// GraphSAGE with the mean aggregator, two layers, inductive.
///
/// Layer 1 gives each encounter the mean of its concepts' vectors beside its own features; layer 2
/// gives each instance the mean of its encounters beside its own facts and the mean of the concepts
/// met outside encounters. A measured concept adds its standardised value times a second vector,
/// so that a creatinine of 300 is not the message of one of 60.
///
/// An instance's encounters hold what was known at its time and belong to it alone, so neither a
/// later event nor another instance's label can reach it; only the concepts' vectors are shared.
///
/// # Source
/// Hamilton, Ying and Leskovec, Inductive Representation Learning on Large Graphs (2017), algorithm
/// 1, without its rescaling of each layer to unit length.
///
/// # Shapes
/// concepts `[concepts, width]`, encounters `[encounters, hidden]`, log odds `[instances, 1]`
pub(crate) struct SageNetwork<'a> {
    instance_to_encounter: &'a Csr,
    encounter_to_concept: SparseMatrix,
    encounter_values: SparseMatrix,
    instance_to_concept: SparseMatrix,
    instance_values: SparseMatrix,
    encounter_facts: SparseMatrix,
    facts: &'a SparseMatrix,
    width: usize,
    hidden: usize,
}

impl<'a> SageNetwork<'a> {
    /// Standardises values by the training instances' edges.
    pub(crate) fn new(
        graph: &'a TaskGraph,
        train: &[usize],
        facts: &'a SparseMatrix,
        parameters: &SageParameters,
    ) -> Result<Self, SparseError> {
        let scales = ValueScales::fit(graph, train);
        let (encounters, outside) = (graph.encounter_to_concept(), graph.instance_to_concept());
        Ok(Self {
            instance_to_encounter: graph.instance_to_encounter(),
            encounter_to_concept: weighted(encounters, graph.encounter_features())?,
            encounter_values: scales.apply(encounters, graph.encounter_features())?,
            instance_to_concept: weighted(outside, graph.instance_features())?,
            instance_values: scales.apply(outside, graph.instance_features())?,
            encounter_facts: encounter_facts(graph)?,
            facts,
            width: parameters.width,
            hidden: parameters.hidden,
        })
    }

    /// Weights to start from.
    pub(crate) fn initial(&self, prior_log_odds: f32, rng: &mut impl Rng) -> Weights {
        let concepts = self.encounter_to_concept.columns();
        let mut weights = Weights::default();
        weights.embedding([concepts, self.width], rng);
        weights.embedding([concepts, self.width], rng);
        weights.dense([self.width, self.hidden], rng);
        weights.dense([ENCOUNTER_FACTS, self.hidden], rng);
        weights.bias(self.hidden, 0.0);
        weights.dense([self.hidden, self.hidden], rng);
        weights.dense([self.width, self.hidden], rng);
        weights.dense([self.facts.columns(), self.hidden], rng);
        weights.bias(self.hidden, 0.0);
        weights.zeros([self.hidden, 1]);
        weights.bias(1, prior_log_odds);
        weights
    }
}

impl Network for SageNetwork<'_> {
    type Batch = SageBatch;

    fn batch(&self, instances: &[usize]) -> SageBatch {
        let mut encounters = Vec::new();
        let mut rows = Vec::with_capacity(instances.len());
        for &instance in instances {
            let own = self.instance_to_encounter.row(instance);
            let share = 1.0 / own.len().max(1) as f32;
            let first = encounters.len() as u32;
            rows.push((first..first + own.len() as u32).map(|place| (place, share)).collect());
            encounters.extend(own.iter().map(|&encounter| encounter as usize));
        }
        let to_encounter = SparseMatrix::from_rows(encounters.len(), rows)
            .expect("places below the number of encounters, shares of 1");
        let of_encounters = |matrix: &SparseMatrix| Aggregator::new(matrix.select_rows(&encounters));
        let of_instances = |matrix: &SparseMatrix| Aggregator::new(matrix.select_rows(instances));
        SageBatch {
            instance_to_encounter: Aggregator::new(to_encounter),
            encounter_to_concept: of_encounters(&self.encounter_to_concept),
            encounter_values: of_encounters(&self.encounter_values),
            encounter_facts: of_encounters(&self.encounter_facts),
            instance_to_concept: of_instances(&self.instance_to_concept),
            instance_values: of_instances(&self.instance_values),
            facts: of_instances(self.facts),
        }
    }

    fn log_odds(&self, weights: &[Tensor<2>], batch: &SageBatch, dropout: &mut Dropout) -> Tensor<2> {
        let [
            concepts,
            values,
            concepts_to_encounter,
            facts_to_encounter,
            encounter_bias,
            encounters_to_instance,
            concepts_to_instance,
            facts_to_instance,
            instance_bias,
            to_output,
            output_bias,
        ] = weights
        else {
            unreachable!("initial() makes eleven blocks of weights")
        };
        let heard = batch.encounter_to_concept.aggregate(concepts.clone())
            + batch.encounter_values.aggregate(values.clone());
        let encounters = dropout.apply(heard).matmul(concepts_to_encounter.clone())
            + batch.encounter_facts.aggregate(facts_to_encounter.clone())
            + encounter_bias.clone();
        let encounters = relu(encounters);
        let outside = batch.instance_to_concept.aggregate(concepts.clone())
            + batch.instance_values.aggregate(values.clone());
        let from_encounters = dropout.apply(batch.instance_to_encounter.aggregate(encounters));
        let instances = from_encounters.matmul(encounters_to_instance.clone())
            + dropout.apply(outside).matmul(concepts_to_instance.clone())
            + batch.facts.aggregate(facts_to_instance.clone())
            + instance_bias.clone();
        dropout.apply(relu(instances)).matmul(to_output.clone()) + output_bias.clone()
    }
}

/// Inputs of some instances.
pub(crate) struct SageBatch {
    instance_to_encounter: Aggregator,
    encounter_to_concept: Aggregator,
    encounter_values: Aggregator,
    encounter_facts: Aggregator,
    instance_to_concept: Aggregator,
    instance_values: Aggregator,
    facts: Aggregator,
}

/// Edges weighted by ln(1 + events), each row summing to 1.
fn weighted(edges: &Csr, features: &EdgeFeatures) -> Result<SparseMatrix, SparseError> {
    let rows = (0..edges.rows()).map(|row| {
        let range = edges.range(row);
        edges.row(row).iter().copied().zip(features.log_count[range].iter().copied()).collect()
    });
    Ok(SparseMatrix::from_rows(edges.columns(), rows)?.into_row_means())
}

const ENCOUNTER_FACTS: usize = 2;

/// How long ago the encounter began and how much it holds, on a scale of about 0 to 1.
fn encounter_facts(graph: &TaskGraph) -> Result<SparseMatrix, SparseError> {
    let concepts = graph.encounter_to_concept();
    let rows = graph.encounter_days_before().iter().enumerate().map(|(encounter, days)| {
        let degree = concepts.row(encounter).len() as f32;
        vec![(0, days.max(0.0).ln_1p() / 8.0), (1, degree.ln_1p() / 4.0)]
    });
    SparseMatrix::from_rows(ENCOUNTER_FACTS, rows)
}

/// Centre and spread of each concept's values.
struct ValueScales {
    scales: Vec<(f32, f32)>,
}

/// Standardised values are clipped here, in standard deviations.
const CLIP: f32 = 5.0;

impl ValueScales {
    fn fit(graph: &TaskGraph, train: &[usize]) -> Self {
        let mut sums = vec![(0.0_f64, 0.0_f64, 0_u32); graph.concepts().len()];
        let mut add = |edges: &Csr, features: &EdgeFeatures, row: usize| {
            for (edge, &concept) in edges.range(row).zip(edges.row(row)) {
                let value = f64::from(features.value[edge]);
                if value.is_finite() {
                    let (sum, squares, count) = &mut sums[concept as usize];
                    *sum += value;
                    *squares += value * value;
                    *count += 1;
                }
            }
        };
        for &instance in train {
            add(graph.instance_to_concept(), graph.instance_features(), instance);
            for &encounter in graph.instance_to_encounter().row(instance) {
                add(graph.encounter_to_concept(), graph.encounter_features(), encounter as usize);
            }
        }
        let scale = |(sum, squares, count): (f64, f64, u32)| {
            let count = f64::from(count.max(1));
            let mean = sum / count;
            let variance = squares / count - mean * mean;
            let spread = if variance > 1e-9 * (1.0 + mean * mean) { variance.sqrt() } else { 1.0 };
            (mean as f32, spread as f32)
        };
        Self { scales: sums.into_iter().map(scale).collect() }
    }

    /// Standardised values by edge, each divided by the row's number of values; unmeasured edges
    /// have no entry.
    fn apply(&self, edges: &Csr, features: &EdgeFeatures) -> Result<SparseMatrix, SparseError> {
        let rows = (0..edges.rows()).map(|row| {
            let mut entries: Vec<(u32, f32)> = Vec::new();
            for (edge, &concept) in edges.range(row).zip(edges.row(row)) {
                let value = features.value[edge];
                if value.is_finite() {
                    let (mean, spread) = self.scales[concept as usize];
                    entries.push((concept, ((value - mean) / spread).clamp(-CLIP, CLIP)));
                }
            }
            let share = 1.0 / entries.len().max(1) as f32;
            entries.into_iter().map(|(concept, value)| (concept, value * share)).collect()
        });
        SparseMatrix::from_rows(edges.columns(), rows)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;
    use twinloom_event::{Code, Cohort, EncounterId, Event, SubjectId, Timestamp};
    use twinloom_graph::{Instance, Vocabulary};

    use super::*;
    use crate::trainer::stream;

    fn graph() -> TaskGraph {
        let as_of = Timestamp::from_ymd(2020, 2, 1).unwrap();
        let mut events = Vec::new();
        for subject in 1..=4_i64 {
            for visit in 1..=subject {
                let at = Timestamp::from_ymd(2020, 1, visit as u32).unwrap();
                let encounter = EncounterId::new(format!("e{subject}-{visit}")).unwrap();
                for code in 0..3 {
                    let code = Code::new("TEST", &((subject * 3 + visit + code) % 7).to_string()).unwrap();
                    let event = Event::new(SubjectId::new(subject), Some(at), code)
                        .with_numeric_value((subject * visit) as f64)
                        .unwrap();
                    // The last visit's events state no encounter.
                    let inside = visit < subject;
                    events.push(if inside { event.with_encounter_id(encounter.clone()) } else { event });
                }
            }
        }
        let cohort = Cohort::from_events(events).unwrap();
        let instances: Vec<Instance> =
            (1..=4).map(|id| Instance { subject_id: SubjectId::new(id), as_of }).collect();
        TaskGraph::build(&cohort, &instances, &Vocabulary::of_instances(&cohort, &instances, 1)).unwrap()
    }

    fn facts() -> SparseMatrix {
        SparseMatrix::from_rows(2, (0..4).map(|row| vec![(row % 2, 1.0)])).unwrap()
    }

    fn log_odds(network: &SageNetwork<'_>, weights: &Weights, instances: &[usize]) -> Vec<f32> {
        let batch = network.batch(instances);
        let output = network.log_odds(&weights.tensors(&Device::flex()), &batch, &mut Dropout::none());
        output.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn ref_gradients_agree_with_finite_differences() {
        // Central differences in f32, step 1e-2; kinks of the rectifier make single weights miss, so
        // 97 in 100 must agree within 2e-3 plus 2 %.
        let (graph, facts) = (graph(), facts());
        let parameters = SageParameters { width: 3, hidden: 4, ..SageParameters::default() };
        let network = SageNetwork::new(&graph, &[0, 1, 2, 3], &facts, &parameters).unwrap();
        let mut weights = network.initial(-0.3, &mut stream(5, 0));
        // An output layer of zeros would leave every other slope at zero.
        weights.blocks[9].values = vec![0.7, -0.4, 0.9, -1.1];
        let all = [0, 1, 2, 3];
        let leaves = weights.leaves(&Device::flex().autodiff());
        let output = network.log_odds(&leaves, &network.batch(&all), &mut Dropout::none());
        let gradients = output.sum().backward();
        let total = |weights: &Weights| log_odds(&network, weights, &all).iter().sum::<f32>();
        let (mut agree, mut count) = (0, 0);
        for (block, leaf) in leaves.iter().enumerate() {
            let slopes: Vec<f32> = leaf.grad(&gradients).unwrap().into_data().try_to_vec().unwrap();
            for (place, slope) in slopes.into_iter().enumerate() {
                let (mut up, mut down) = (weights.clone(), weights.clone());
                up.blocks[block].values[place] += 1e-2;
                down.blocks[block].values[place] -= 1e-2;
                let numeric = (total(&up) - total(&down)) / 2e-2;
                agree += usize::from((numeric - slope).abs() < 2e-3 + 0.02 * slope.abs());
                count += 1;
            }
        }
        assert!(agree * 100 >= count * 97, "{agree} of {count} gradients agree");
    }

    #[test]
    fn law_no_message_passes_between_instances() {
        let (graph, facts) = (graph(), facts());
        let network = SageNetwork::new(&graph, &[0, 1], &facts, &SageParameters::default()).unwrap();
        let mut weights = network.initial(0.0, &mut stream(5, 0));
        weights.blocks[9].values.fill(0.5);
        let together = log_odds(&network, &weights, &[3, 1, 2, 0]);
        for (place, instance) in [3, 1, 2, 0].into_iter().enumerate() {
            let alone = log_odds(&network, &weights, &[instance])[0];
            assert!((alone - together[place]).abs() < 1e-5, "instance {instance}: {alone}");
        }
    }
}
