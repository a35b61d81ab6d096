//! The heterogeneous graph Transformer on the patient graph.

use rand_chacha::ChaCha8Rng;
use twinloom_neural::layer::{HeterogeneousAttention, Linear, Relation, TypedGraph};
use twinloom_neural::{Aggregator, Pass, SparseMatrix, WeightId, Weights};

use super::Head;
use super::people::{PERSON_FACTS, People, TIMES};
use crate::SageParameters;
use crate::network::{Network, Scored};

/// HGT with two layers: people attend to the concepts that they met, as fixed facts, in the last year and earlier;
/// instances attend to the people they live with and their practice.
///
/// Longer paths of the graph would only return to where they came from, so each layer is computed for the nodes
/// and relations that are heard later on.
///
/// # Source
/// Hu et al., Heterogeneous Graph Transformer (WWW 2020), equations 1 to 5.
pub(crate) struct TypedNetwork<'a> {
    people: People<'a>,
    heads: usize,
    /// Numbers per node.
    size: usize,
}

/// Heads of each attention, where the units can be shared by them.
const HEADS: usize = 2;

/// Types of the first layer.
const CONCEPT: usize = 0;
const PERSON: usize = 1;

/// Types of the second: people as of the first, their practices, and the instances that listen.
const HEARD: usize = 0;
const PRACTICE: usize = 1;
const INSTANCE: usize = 2;

impl<'a> TypedNetwork<'a> {
    pub(crate) fn new(people: People<'a>, parameters: &SageParameters) -> Self {
        let size = parameters.hidden;
        Self { people, heads: if size.is_multiple_of(HEADS) { HEADS } else { 1 }, size }
    }
}

/// Where the matrices lie.
pub(crate) struct TypedLayers {
    concepts: WeightId,
    practices: WeightId,
    persons: Linear,
    to_concepts: HeterogeneousAttention,
    to_people: HeterogeneousAttention,
    head: Head,
}

/// Graphs of some instances.
pub(crate) struct TypedBatch {
    concepts: Aggregator,
    persons: Aggregator,
    met: TypedGraph,
    linked: TypedGraph,
    instances: usize,
    facts: Aggregator,
}

/// Concepts and people.
fn met(edges: Vec<SparseMatrix>, (concepts, people): (usize, usize)) -> TypedGraph {
    let relation = |adjacency| Relation { source: CONCEPT, target: PERSON, adjacency };
    let relations: Vec<Relation> = edges.into_iter().map(relation).collect();
    TypedGraph::new(&[concepts, people], &relations).expect("edges from concepts to people")
}

/// People, practices and instances.
fn linked(housemates: SparseMatrix, practices: SparseMatrix) -> TypedGraph {
    let nodes = [housemates.columns(), practices.columns(), housemates.rows()];
    let relation = |source, adjacency| Relation { source, target: INSTANCE, adjacency };
    let relations = [relation(HEARD, housemates), relation(PRACTICE, practices)];
    TypedGraph::new(&nodes, &relations).expect("edges from people and practices to instances")
}

impl Network for TypedNetwork<'_> {
    type Layers = TypedLayers;
    type Batch = TypedBatch;

    fn initial(&self, prior_log_odds: &[f32], rng: &mut ChaCha8Rng) -> (TypedLayers, Weights) {
        let (mut weights, size) = (Weights::new(), self.size);
        let own = &mut weights;
        let shape = (self.heads, size / self.heads);
        // Types and relations alone matter here, and those are of every batch.
        let none = || SparseMatrix::empty(0);
        let (met, linked) = (met(vec![none(); TIMES], (0, 0)), linked(none(), none()));
        let layers = TypedLayers {
            concepts: own.embedding("concepts", [self.people.concepts(), size], rng),
            practices: own.embedding("practices", [self.people.practices(), size], rng),
            persons: Linear::new(own, "persons", PERSON_FACTS, size, rng),
            to_concepts: HeterogeneousAttention::new(own, "to concepts", &met, shape, rng),
            to_people: HeterogeneousAttention::new(own, "to people", &linked, shape, rng),
            head: Head::new(own, (size, self.people.facts(), size), prior_log_odds, rng),
        };
        (layers, weights)
    }

    fn batch(&self, instances: &[usize]) -> TypedBatch {
        let batch = self.people.batch(instances);
        let sizes = (batch.concepts.adjacency().rows(), batch.persons.adjacency().rows());
        TypedBatch {
            met: met(batch.met, sizes),
            linked: linked(batch.housemates, batch.practices),
            concepts: batch.concepts,
            persons: batch.persons,
            instances: instances.len(),
            facts: batch.facts,
        }
    }

    fn forward(&self, layers: &TypedLayers, pass: &mut Pass, batch: &TypedBatch, dropout: f32) -> Scored {
        let concepts = batch.concepts.aggregate(pass.weight(layers.concepts));
        let concepts = pass.dropout(concepts, dropout);
        let persons = layers.persons.forward_sparse(pass, &batch.persons);
        let people = layers.to_concepts.forward(pass, &batch.met, &[concepts, persons]).swap_remove(PERSON);
        let people = pass.dropout(people, dropout);
        let own = people.clone().narrow(0, 0, batch.instances);
        let nodes = [people, pass.weight(layers.practices), own];
        let instances = layers.to_people.forward(pass, &batch.linked, &nodes).swap_remove(INSTANCE);
        layers.head.forward(pass, instances, &batch.facts, dropout).into()
    }
}

#[cfg(test)]
mod tests {
    use twinloom_neural::stream;

    use super::super::people::Links;
    use super::super::people::tests::{facts, graph, only_housemates_are_heard, people};
    use super::*;
    use crate::network::tests::slopes_of_network_agree;

    fn network(
        facts: &SparseMatrix,
        (exchanged, links): (bool, Links),
    ) -> (TypedNetwork<'_>, TypedLayers, Weights) {
        let parameters = SageParameters { hidden: 4, ..SageParameters::default() };
        let network = TypedNetwork::new(people(&graph(exchanged), facts, links), &parameters);
        let (layers, mut weights) = network.initial(&[-0.3], &mut stream(7, 0));
        weights.values_mut(layers.head.output().matrix()).copy_from_slice(&[0.7, -0.4, 0.9, -1.1]);
        (network, layers, weights)
    }

    #[test]
    fn ref_gradients_agree_with_finite_differences() {
        let facts = facts();
        let (network, layers, weights) = network(&facts, (false, Links::Kept));
        slopes_of_network_agree(&network, &layers, &weights, &[0, 1, 2, 3, 4]);
    }

    #[test]
    fn law_an_instance_hears_its_housemates_in_any_order_and_nobody_else() {
        let facts = facts();
        only_housemates_are_heard(|exchanged, links| network(&facts, (exchanged, links)));
    }
}
