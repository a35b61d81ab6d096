//! Relational graph convolution on the heterogeneous patient graph.

use burn::tensor::activation::relu;
use rand_chacha::ChaCha8Rng;
use twinloom_neural::layer::{Linear, RelationalConvolution};
use twinloom_neural::{Aggregator, Pass, WeightId, Weights};

use super::Head;
use super::people::{PERSON_FACTS, People, TIMES};
use crate::SageParameters;
use crate::network::{Network, Scored};

/// R-GCN with two layers: people hear the concepts that they met, as fixed facts, in the last year and earlier;
/// instances hear the people they live with and their practice.
///
/// Longer paths of the graph would only return to where they came from, so each layer is computed for the nodes
/// and relations that are heard later on.
///
/// # Source
/// Schlichtkrull et al., Modeling Relational Data with Graph Convolutional Networks (ESWC 2018), equation 2 with
/// the basis decomposition of equation 3.
pub(crate) struct RelationalNetwork<'a> {
    people: People<'a>,
    width: usize,
    hidden: usize,
}

/// Matrices that those of a layer's relations are made of.
const BASES: usize = 2;

/// Housemates and practice.
const LINKS: usize = 2;

impl<'a> RelationalNetwork<'a> {
    pub(crate) fn new(people: People<'a>, parameters: &SageParameters) -> Self {
        Self { people, width: parameters.width, hidden: parameters.hidden }
    }
}

/// Where the matrices lie.
pub(crate) struct RelationalLayers {
    concepts: WeightId,
    practices: WeightId,
    persons: Linear,
    from_concepts: RelationalConvolution,
    from_people: RelationalConvolution,
    head: Head,
}

/// Maps of some instances.
pub(crate) struct RelationalBatch {
    concepts: Aggregator,
    persons: Aggregator,
    met: Vec<Aggregator>,
    housemates: Aggregator,
    practices: Aggregator,
    facts: Aggregator,
}

impl Network for RelationalNetwork<'_> {
    type Layers = RelationalLayers;
    type Batch = RelationalBatch;

    fn initial(&self, prior_log_odds: &[f32], rng: &mut ChaCha8Rng) -> (RelationalLayers, Weights) {
        let (mut weights, width, hidden) = (Weights::new(), self.width, self.hidden);
        let own = &mut weights;
        let mut layer = |name: &str, sizes, relations, rng: &mut ChaCha8Rng| {
            RelationalConvolution::new(own, name, sizes, (relations, BASES), rng)
        };
        let from_concepts = layer("from concepts", (width, hidden), TIMES, rng);
        let from_people = layer("from people", (hidden, hidden), LINKS, rng);
        let layers = RelationalLayers {
            concepts: own.embedding("concepts", [self.people.concepts(), width], rng),
            practices: own.embedding("practices", [self.people.practices(), hidden], rng),
            persons: Linear::new(own, "persons", PERSON_FACTS, width, rng),
            from_concepts,
            from_people,
            head: Head::new(own, (hidden, self.people.facts(), hidden), prior_log_odds, rng),
        };
        (layers, weights)
    }

    fn batch(&self, instances: &[usize]) -> RelationalBatch {
        let batch = self.people.batch(instances);
        RelationalBatch {
            concepts: batch.concepts,
            persons: batch.persons,
            met: batch.met.into_iter().map(Aggregator::new).collect(),
            housemates: Aggregator::new(batch.housemates),
            practices: Aggregator::new(batch.practices),
            facts: batch.facts,
        }
    }

    fn forward(
        &self,
        layers: &RelationalLayers,
        pass: &mut Pass,
        batch: &RelationalBatch,
        dropout: f32,
    ) -> Scored {
        let concepts = batch.concepts.aggregate(pass.weight(layers.concepts));
        let concepts = pass.dropout(concepts, dropout);
        let met: Vec<_> = batch.met.iter().map(|map| (map, &concepts)).collect();
        let persons = layers.persons.forward_sparse(pass, &batch.persons);
        let people = relu(layers.from_concepts.forward_targets(pass, &met, persons));
        let people = pass.dropout(people, dropout);
        let practices = pass.weight(layers.practices);
        let heard = [(&batch.housemates, &people), (&batch.practices, &practices)];
        let own = people.clone().narrow(0, 0, batch.housemates.adjacency().rows());
        let instances = relu(layers.from_people.forward_targets(pass, &heard, own));
        layers.head.forward(pass, instances, &batch.facts, dropout).into()
    }
}

#[cfg(test)]
mod tests {
    use twinloom_neural::stream;

    use super::super::people::Links;
    use super::super::people::tests::{facts, graph, only_housemates_are_heard, people};
    use super::*;
    use crate::network::tests::slopes_of_network_agree_at;

    fn network(
        facts: &twinloom_neural::SparseMatrix,
        (exchanged, links): (bool, Links),
    ) -> (RelationalNetwork<'_>, RelationalLayers, Weights) {
        let parameters = SageParameters { width: 3, hidden: 4, ..SageParameters::default() };
        let network = RelationalNetwork::new(people(&graph(exchanged), facts, links), &parameters);
        let (layers, mut weights) = network.initial(&[-0.3], &mut stream(7, 0));
        weights.values_mut(layers.head.output().matrix()).copy_from_slice(&[0.7, -0.4, 0.9, -1.1]);
        (network, layers, weights)
    }

    #[test]
    fn ref_gradients_agree_with_finite_differences() {
        let facts = facts();
        let (network, layers, weights) = network(&facts, (false, Links::Kept));
        slopes_of_network_agree_at(&network, &layers, (&weights, 1e-3), &[0, 1, 2, 3, 4]);
    }

    #[test]
    fn law_an_instance_hears_its_housemates_in_any_order_and_nobody_else() {
        let facts = facts();
        only_housemates_are_heard(|exchanged, links| network(&facts, (exchanged, links)));
    }
}
