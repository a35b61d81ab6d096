//! The record as a hypergraph: codes are nodes, visits are sets of them.

use rand_chacha::ChaCha8Rng;
use twinloom_graph::TaskGraph;
use twinloom_neural::layer::{Linear, SetTransformer};
use twinloom_neural::{Aggregator, Edges, Pass, SparseError, SparseMatrix, WeightId, Weights};

use super::{GraphParameters, Head};
use crate::network::{Network, Scored};

/// A set transformer over the hypergraph of each instance: codes attend into visits, visits back into codes,
/// codes into visits again, visits into the instance.
///
/// A code of one instance is a node of its own, so no message passes between instances; events outside of
/// encounters are one more visit. What joins instances is the vectors of the codes.
///
/// # Source
/// Chien et al., You are AllSet (ICLR 2022), equations 7 and 8: each direction is attention of learned
/// queries over the set, added and normalised twice. Xu et al., HypEHR (ML4H 2022), for visits as sets of
/// codes.
pub(crate) struct VisitsNetwork<'a> {
    /// Of each instance, the codes of each of its visits and how it is known.
    visits: Vec<Vec<Visit>>,
    concepts: usize,
    facts: &'a SparseMatrix,
    width: usize,
}

struct Visit {
    codes: Vec<u32>,
    facts: [f32; VISIT_FACTS],
}

/// Heads of each attention.
const HEADS: usize = 1;

/// How long ago, how many codes, and whether it was an encounter, on a scale of about 0 to 1.
const VISIT_FACTS: usize = 3;

impl<'a> VisitsNetwork<'a> {
    pub(crate) fn new(graph: &TaskGraph, facts: &'a SparseMatrix, parameters: &GraphParameters) -> Self {
        let size = |codes: &[u32]| (codes.len() as f32).ln_1p() / 4.0;
        let visits = |instance: usize| {
            let encounters = graph.instance_to_encounter().row(instance).iter().map(|&encounter| {
                let codes = graph.encounter_to_concept().row(encounter as usize);
                let days = graph.encounter_days_before()[encounter as usize].max(0.0);
                Visit { codes: codes.to_vec(), facts: [days.ln_1p() / 8.0, size(codes), 1.0] }
            });
            let outside = graph.instance_to_concept().row(instance);
            let outside = Visit { codes: outside.to_vec(), facts: [0.0, size(outside), 0.0] };
            encounters.chain([outside]).filter(|visit| !visit.codes.is_empty()).collect()
        };
        let instances = graph.instance_to_encounter().rows();
        Self {
            visits: (0..instances).map(visits).collect(),
            concepts: graph.concepts().len(),
            facts,
            width: parameters.width,
        }
    }

    fn matrices(&self, instances: &[usize]) -> Result<[SparseMatrix; 4], SparseError> {
        let (mut nodes, mut to_visits, mut facts, mut to_instances) = (vec![], vec![], vec![], vec![]);
        for &instance in instances {
            let visits = &self.visits[instance];
            let mut own: Vec<u32> = visits.iter().flat_map(|visit| visit.codes.iter().copied()).collect();
            own.sort_unstable();
            own.dedup();
            let first = nodes.len() as u32;
            let place = |code: &u32| (first + own.partition_point(|other| other < code) as u32, 1.0);
            let before = to_visits.len() as u32;
            to_instances.push((before..before + visits.len() as u32).map(|visit| (visit, 1.0)).collect());
            for visit in visits {
                to_visits.push(visit.codes.iter().map(place).collect());
                facts.push((0..).zip(visit.facts).collect());
            }
            nodes.extend(own.iter().map(|&code| vec![(code, 1.0)]));
        }
        let (node_count, visit_count) = (nodes.len(), to_visits.len());
        Ok([
            SparseMatrix::from_rows(self.concepts, nodes)?,
            SparseMatrix::from_rows(node_count, to_visits)?,
            SparseMatrix::from_rows(VISIT_FACTS, facts)?,
            SparseMatrix::from_rows(visit_count, to_instances)?,
        ])
    }
}

/// Where the matrices lie.
pub(crate) struct VisitsLayers {
    vectors: WeightId,
    into_visits: SetTransformer,
    into_codes: SetTransformer,
    again: SetTransformer,
    visit_facts: Linear,
    into_instances: SetTransformer,
    head: Head,
}

/// Hypergraphs of some instances.
pub(crate) struct VisitsBatch {
    nodes: Aggregator,
    to_visits: Edges,
    to_codes: Edges,
    visit_facts: Aggregator,
    to_instances: Edges,
    facts: Aggregator,
}

impl Network for VisitsNetwork<'_> {
    type Layers = VisitsLayers;
    type Batch = VisitsBatch;

    fn initial(&self, prior_log_odds: &[f32], rng: &mut ChaCha8Rng) -> (VisitsLayers, Weights) {
        let (mut weights, width) = (Weights::new(), self.width);
        let own = &mut weights;
        let layers = VisitsLayers {
            vectors: own.embedding("vectors", [self.concepts, width], rng),
            into_visits: SetTransformer::new(own, "into visits", width, (width, HEADS), rng),
            into_codes: SetTransformer::new(own, "into codes", width, (width, HEADS), rng),
            again: SetTransformer::new(own, "again", width, (width, HEADS), rng),
            visit_facts: Linear::new(own, "visit facts", VISIT_FACTS, width, rng),
            into_instances: SetTransformer::new(own, "into instances", width, (width, HEADS), rng),
            head: Head::new(own, (width, self.facts.columns(), width), prior_log_odds, rng),
        };
        (layers, weights)
    }

    fn batch(&self, instances: &[usize]) -> VisitsBatch {
        let [nodes, to_visits, visit_facts, to_instances] =
            self.matrices(instances).expect("codes of the vocabulary, visits and nodes of the batch");
        VisitsBatch {
            nodes: Aggregator::new(nodes),
            to_codes: Edges::of(&to_visits.transpose()),
            to_visits: Edges::of(&to_visits),
            visit_facts: Aggregator::new(visit_facts),
            to_instances: Edges::of(&to_instances),
            facts: Aggregator::new(self.facts.select_rows(instances)),
        }
    }

    fn forward(&self, layers: &VisitsLayers, pass: &mut Pass, batch: &VisitsBatch, dropout: f32) -> Scored {
        let nodes = batch.nodes.aggregate(pass.weight(layers.vectors));
        let nodes = pass.dropout(nodes, dropout);
        let visits = layers.into_visits.forward(pass, &batch.to_visits, nodes.clone());
        let visits = pass.dropout(visits, dropout);
        let nodes = nodes + layers.into_codes.forward(pass, &batch.to_codes, visits);
        let nodes = pass.dropout(nodes, dropout);
        let visits = layers.again.forward(pass, &batch.to_visits, nodes)
            + layers.visit_facts.forward_sparse(pass, &batch.visit_facts);
        let summaries = layers.into_instances.forward(pass, &batch.to_instances, visits);
        layers.head.forward(pass, summaries, &batch.facts, dropout).into()
    }
}

#[cfg(test)]
mod tests {
    use twinloom_neural::stream;

    use super::*;
    use crate::network::tests::slopes_of_network_agree;
    use crate::network::values;

    /// Three instances: two visits that share a code, one visit, and none.
    fn network(facts: &SparseMatrix) -> VisitsNetwork<'_> {
        let visit = |codes: &[u32], days: f32| Visit { codes: codes.to_vec(), facts: [days, 0.3, 1.0] };
        let visits =
            vec![vec![visit(&[0, 2, 3], 0.5), visit(&[1, 2], 0.1)], vec![visit(&[1, 3], 0.2)], vec![]];
        VisitsNetwork { visits, concepts: 5, facts, width: 4 }
    }

    fn facts() -> SparseMatrix {
        SparseMatrix::from_rows(2, (0..3).map(|row| vec![(row % 2, 1.0)])).unwrap()
    }

    #[test]
    fn ref_gradients_agree_with_finite_differences() {
        let facts = facts();
        let network = network(&facts);
        let (layers, mut weights) = network.initial(&[-0.3], &mut stream(4, 0));
        weights.values_mut(layers.head.output().matrix()).copy_from_slice(&[0.7, -0.4, 0.9, -1.1]);
        slopes_of_network_agree(&network, &layers, &weights, &[0, 1, 2]);
    }

    #[test]
    fn law_no_message_passes_between_instances() {
        let facts = facts();
        let network = network(&facts);
        let (layers, mut weights) = network.initial(&[0.0], &mut stream(4, 0));
        weights.values_mut(layers.head.output().matrix()).fill(0.5);
        let log_odds = |instances: &[usize]| {
            let mut pass = Pass::in_use(&weights);
            values(network.forward(&layers, &mut pass, &network.batch(instances), 0.0).log_odds)
        };
        let together = log_odds(&[2, 0, 1]);
        for (place, instance) in [2, 0, 1].into_iter().enumerate() {
            assert!((log_odds(&[instance])[0] - together[place]).abs() < 1e-5, "instance {instance}");
        }
    }
}
