//! GraphSAGE from concepts through encounters to prediction instances.

use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use twinloom_graph::{Csr, EdgeFeatures, TaskGraph};
use twinloom_neural::layer::Linear;
use twinloom_neural::{Aggregator, Pass, SparseError, SparseMatrix, WeightId, Weights};

use crate::network::{Network, Scored};
use crate::output::Output;
use crate::scales::Scales;
use crate::{TrainerError, TrainerParameters};

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
/// concepts `[concepts, width]`, encounters `[encounters, hidden]`, log odds `[instances, outcomes]`
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
    messages: Messages,
}

/// Whether nodes hear each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Messages {
    /// Along the graph's edges.
    Sent,
    /// Not at all: what the facts beside the graph say by themselves.
    Withheld,
}

impl<'a> SageNetwork<'a> {
    /// Standardises values by the training instances' edges.
    pub(crate) fn new(
        graph: &'a TaskGraph,
        train: &[usize],
        facts: &'a SparseMatrix,
        messages: Messages,
        parameters: &SageParameters,
    ) -> Result<Self, SparseError> {
        let scales = scales(graph, train);
        let (encounters, outside) = (graph.encounter_to_concept(), graph.instance_to_concept());
        Ok(Self {
            instance_to_encounter: graph.instance_to_encounter(),
            encounter_to_concept: weighted(encounters, graph.encounter_features())?,
            encounter_values: scaled(&scales, encounters, graph.encounter_features())?,
            instance_to_concept: weighted(outside, graph.instance_features())?,
            instance_values: scaled(&scales, outside, graph.instance_features())?,
            encounter_facts: encounter_facts(graph)?,
            facts,
            width: parameters.width,
            hidden: parameters.hidden,
            messages,
        })
    }
}

impl SageNetwork<'_> {
    fn without_messages(&self, instances: &[usize]) -> SageBatch {
        let nothing = |rows: usize, columns: usize| {
            let rows = std::iter::repeat_with(Vec::new).take(rows);
            Aggregator::new(SparseMatrix::from_rows(columns, rows).expect("no entry to be wrong"))
        };
        let concepts = self.encounter_to_concept.columns();
        SageBatch {
            instance_to_encounter: nothing(instances.len(), 0),
            encounter_to_concept: nothing(0, concepts),
            encounter_values: nothing(0, concepts),
            encounter_facts: nothing(0, ENCOUNTER_FACTS),
            instance_to_concept: nothing(instances.len(), concepts),
            instance_values: nothing(instances.len(), concepts),
            facts: Aggregator::new(self.facts.select_rows(instances)),
        }
    }
}

/// Where the matrices lie.
pub(crate) struct SageLayers {
    concepts: WeightId,
    values: WeightId,
    concepts_to_encounter: Linear,
    facts_to_encounter: Linear,
    encounters_to_instance: Linear,
    concepts_to_instance: Linear,
    facts_to_instance: Linear,
    output: Output,
}

impl Network for SageNetwork<'_> {
    type Layers = SageLayers;
    type Batch = SageBatch;

    fn initial(&self, prior_log_odds: &[f32], rng: &mut ChaCha8Rng) -> (SageLayers, Weights) {
        let (concepts, width, hidden) = (self.encounter_to_concept.columns(), self.width, self.hidden);
        let mut weights = Weights::new();
        let own = &mut weights;
        let layers = SageLayers {
            concepts: own.embedding("concepts", [concepts, width], rng),
            values: own.embedding("values", [concepts, width], rng),
            concepts_to_encounter: Linear::without_bias(own, "concepts to encounter", width, hidden, rng),
            facts_to_encounter: Linear::new(own, "facts to encounter", ENCOUNTER_FACTS, hidden, rng),
            encounters_to_instance: Linear::without_bias(own, "encounters to instance", hidden, hidden, rng),
            concepts_to_instance: Linear::without_bias(own, "concepts to instance", width, hidden, rng),
            facts_to_instance: Linear::new(own, "facts to instance", self.facts.columns(), hidden, rng),
            output: Output::new(own, hidden, prior_log_odds),
        };
        (layers, weights)
    }

    fn batch(&self, instances: &[usize]) -> SageBatch {
        if self.messages == Messages::Withheld {
            return self.without_messages(instances);
        }
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

    fn forward(&self, layers: &SageLayers, pass: &mut Pass, batch: &SageBatch, dropout: f32) -> Scored {
        let (concepts, values) = (pass.weight(layers.concepts), pass.weight(layers.values));
        let heard = batch.encounter_to_concept.aggregate(concepts.clone())
            + batch.encounter_values.aggregate(values.clone());
        let heard = pass.dropout(heard, dropout);
        let encounters = layers.concepts_to_encounter.forward(pass, heard)
            + layers.facts_to_encounter.forward_sparse(pass, &batch.encounter_facts);
        let from_encounters = batch.instance_to_encounter.aggregate(relu(encounters));
        let from_encounters = pass.dropout(from_encounters, dropout);
        let outside = batch.instance_to_concept.aggregate(concepts) + batch.instance_values.aggregate(values);
        let outside = pass.dropout(outside, dropout);
        let instances = layers.encounters_to_instance.forward(pass, from_encounters)
            + layers.concepts_to_instance.forward(pass, outside)
            + layers.facts_to_instance.forward_sparse(pass, &batch.facts);
        let instances = pass.dropout(relu(instances), dropout);
        layers.output.forward(pass, instances).into()
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

/// One instance's edges, each by itself, so that each can be given a share of its message.
pub(crate) struct Neighbourhood {
    /// Of each edge from an encounter to a concept: the encounter's place among the instance's, the concept.
    pub inside: Vec<(usize, u32)>,
    /// Number of encounters, each with an edge to the instance.
    pub encounters: usize,
    /// Concepts met outside encounters.
    pub outside: Vec<u32>,
    inside_messages: EdgeMessages,
    encounter_facts: Aggregator,
    to_instance: Aggregator,
    outside_messages: EdgeMessages,
    facts: Aggregator,
}

/// Messages of edges before they are added up.
struct EdgeMessages {
    /// `[edges, concepts]`
    concepts: Aggregator,
    /// `[edges, concepts]`
    values: Aggregator,
    /// `[targets, edges]`
    targets: Aggregator,
}

impl EdgeMessages {
    /// From the rows of weights and values, which have the same columns where a value is.
    fn of(weights: &SparseMatrix, values: &SparseMatrix) -> (Self, Vec<(usize, u32)>) {
        let (mut edges, mut heard, mut measured) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..weights.rows() {
            let (columns, entries) = weights.row(row);
            let (valued, numbers) = values.row(row);
            for (&column, &entry) in columns.iter().zip(entries) {
                edges.push((row, column));
                heard.push(vec![(column, entry)]);
                let number = valued.binary_search(&column).map(|place| (column, numbers[place]));
                measured.push(number.into_iter().collect());
            }
        }
        let mut targets = vec![Vec::new(); weights.rows()];
        for (edge, (row, _)) in (0..).zip(&edges) {
            targets[*row].push((edge, 1.0));
        }
        let matrix = |columns, rows: Vec<Vec<(u32, f32)>>| {
            Aggregator::new(SparseMatrix::from_rows(columns, rows).expect("entries of the matrices given"))
        };
        let columns = weights.columns();
        let targets = matrix(edges.len(), targets);
        (Self { concepts: matrix(columns, heard), values: matrix(columns, measured), targets }, edges)
    }

    fn aggregate(&self, concepts: Tensor<2>, values: Tensor<2>, shares: Tensor<2>) -> Tensor<2> {
        let messages = self.concepts.aggregate(concepts) + self.values.aggregate(values);
        self.targets.aggregate(messages * shares)
    }
}

impl SageNetwork<'_> {
    /// Takes an instance's edges apart.
    pub(crate) fn neighbourhood(&self, instance: usize) -> Neighbourhood {
        let own: Vec<usize> =
            self.instance_to_encounter.row(instance).iter().map(|&encounter| encounter as usize).collect();
        let select = |matrix: &SparseMatrix, rows: &[usize]| matrix.select_rows(rows);
        let (inside_messages, inside) = EdgeMessages::of(
            &select(&self.encounter_to_concept, &own),
            &select(&self.encounter_values, &own),
        );
        let (outside_messages, outside) = EdgeMessages::of(
            &select(&self.instance_to_concept, &[instance]),
            &select(&self.instance_values, &[instance]),
        );
        let batch = self.batch(&[instance]);
        Neighbourhood {
            inside,
            encounters: own.len(),
            outside: outside.into_iter().map(|(_, concept)| concept).collect(),
            inside_messages,
            encounter_facts: batch.encounter_facts,
            to_instance: batch.instance_to_encounter,
            outside_messages,
            facts: batch.facts,
        }
    }

    /// Scores the instance while each edge passes on a share of its message; shares of 1 give what
    /// [`Network::forward`] gives.
    ///
    /// # Shapes
    /// shares `[inside edges, 1]`, `[encounters, 1]`, `[outside edges, 1]`
    pub(crate) fn forward_in_part(
        layers: &SageLayers,
        pass: &mut Pass,
        edges: &Neighbourhood,
        [inside, encounters, outside]: [Tensor<2>; 3],
    ) -> Tensor<2> {
        let (concepts, values) = (pass.weight(layers.concepts), pass.weight(layers.values));
        let heard = edges.inside_messages.aggregate(concepts.clone(), values.clone(), inside);
        let units = layers.concepts_to_encounter.forward(pass, heard)
            + layers.facts_to_encounter.forward_sparse(pass, &edges.encounter_facts);
        let from_encounters = edges.to_instance.aggregate(relu(units) * encounters);
        let outside = edges.outside_messages.aggregate(concepts, values, outside);
        let instance = layers.encounters_to_instance.forward(pass, from_encounters)
            + layers.concepts_to_instance.forward(pass, outside)
            + layers.facts_to_instance.forward_sparse(pass, &edges.facts);
        layers.output.forward(pass, relu(instance))
    }
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

/// Scales of the concepts' values along the edges of the training instances.
fn scales(graph: &TaskGraph, train: &[usize]) -> Scales {
    let (encounters, outside) = (graph.encounter_to_concept(), graph.instance_to_concept());
    let values = train.iter().flat_map(|&instance| {
        let inside = graph.instance_to_encounter().row(instance).iter();
        let inside = inside.flat_map(|&row| values_of(encounters, graph.encounter_features(), row as usize));
        values_of(outside, graph.instance_features(), instance).chain(inside)
    });
    Scales::fit(graph.concepts().len(), values)
}

/// Concept and value of each edge of a row; no number where it has no value.
fn values_of<'a>(
    edges: &'a Csr,
    features: &'a EdgeFeatures,
    row: usize,
) -> impl Iterator<Item = (u32, f32)> + use<'a> {
    edges.row(row).iter().copied().zip(features.value[edges.range(row)].iter().copied())
}

/// Standardised values by edge, each divided by the row's number of values; unmeasured edges
/// have no entry.
fn scaled(scales: &Scales, edges: &Csr, features: &EdgeFeatures) -> Result<SparseMatrix, SparseError> {
    let rows = (0..edges.rows()).map(|row| {
        let values = values_of(edges, features, row);
        let entries: Vec<(u32, f32)> = values
            .filter_map(|(concept, value)| Some((concept, scales.standardised(concept, value)?)))
            .collect();
        let share = 1.0 / entries.len().max(1) as f32;
        entries.into_iter().map(|(concept, value)| (concept, value * share)).collect()
    });
    SparseMatrix::from_rows(edges.columns(), rows)
}

#[cfg(test)]
mod tests {
    use twinloom_event::{Code, Cohort, EncounterId, Event, SubjectId, Timestamp};
    use twinloom_graph::{Instance, Vocabulary};
    use twinloom_neural::stream;

    use super::*;
    use crate::network::{tests::slopes_of_network_agree, values};

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

    /// A network whose output layer is not the zeros it starts from, which would leave every slope at 0.
    fn network<'a>(graph: &'a TaskGraph, facts: &'a SparseMatrix) -> (SageNetwork<'a>, SageLayers, Weights) {
        let parameters = SageParameters { width: 3, hidden: 4, ..SageParameters::default() };
        let network = SageNetwork::new(graph, &[0, 1, 2, 3], facts, Messages::Sent, &parameters).unwrap();
        let (layers, mut weights) = network.initial(&[-0.3], &mut stream(5, 0));
        weights.values_mut(layers.output.matrix()).copy_from_slice(&[0.7, -0.4, 0.9, -1.1]);
        (network, layers, weights)
    }

    #[test]
    fn ref_gradients_agree_with_finite_differences() {
        let (graph, facts) = (graph(), facts());
        let (network, layers, weights) = network(&graph, &facts);
        slopes_of_network_agree(&network, &layers, &weights, &[0, 1, 2, 3]);
    }

    #[test]
    fn law_no_message_passes_between_instances() {
        let (graph, facts) = (graph(), facts());
        let (network, layers, weights) = network(&graph, &facts);
        let log_odds = |instances: &[usize]| {
            let mut pass = Pass::in_use(&weights);
            values(network.forward(&layers, &mut pass, &network.batch(instances), 0.0).log_odds)
        };
        let together = log_odds(&[3, 1, 2, 0]);
        for (place, instance) in [3, 1, 2, 0].into_iter().enumerate() {
            let alone = log_odds(&[instance])[0];
            assert!((alone - together[place]).abs() < 1e-5, "instance {instance}: {alone}");
        }
    }
}
