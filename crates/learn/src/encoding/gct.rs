//! The graph convolutional transformer.

use burn::tensor::activation::relu;
use burn::tensor::{Tensor, TensorData};
use rand_chacha::ChaCha8Rng;
use rustc_hash::FxHashMap;
use twinloom_neural::layer::{LayerNorm, Linear};
use twinloom_neural::{Aggregator, Edges, Pass, SparseMatrix, WeightId, Weights};

use super::code_sets::NodesBatch;
use super::{CodeSets, GraphParameters, Head};
use crate::network::{Network, Scored};

/// A Transformer over the codes of an instance whose attention is taught by how often codes occur together:
/// the first block's messages follow the conditional probabilities themselves, and each block's attention is
/// held near the one before it.
///
/// Where the paper's graph is an encounter with typed pairs only (diagnosis to treatment, treatment to test),
/// this is an instance's record with all pairs of its codes, since a general record does not type them; and
/// vectors are normalised before each part.
///
/// # Source
/// Choi et al., Learning the Graphical Structure of Electronic Health Records with Graph Convolutional
/// Transformer (AAAI 2020), equations 2 to 4 and algorithm of the conditional probabilities.
pub(crate) struct GctNetwork<'a> {
    sets: &'a CodeSets,
    prior: Conditional,
    facts: &'a SparseMatrix,
    width: usize,
    blocks: usize,
    prior_weight: f32,
}

impl<'a> GctNetwork<'a> {
    /// Counts codes together in the training instances alone.
    pub(crate) fn new(
        sets: &'a CodeSets,
        train: &[usize],
        facts: &'a SparseMatrix,
        parameters: &GraphParameters,
    ) -> Self {
        Self {
            sets,
            prior: Conditional::of(sets, train),
            facts,
            width: parameters.width,
            blocks: parameters.blocks,
            prior_weight: parameters.prior,
        }
    }
}

/// How often codes occur together in training instances.
struct Conditional {
    instances: u32,
    alone: Vec<u32>,
    together: FxHashMap<(u32, u32), u32>,
}

impl Conditional {
    fn of(sets: &CodeSets, train: &[usize]) -> Self {
        let mut alone = vec![0; sets.tokens()];
        let mut together = FxHashMap::default();
        for &instance in train {
            let codes = sets.of(instance);
            for (place, &code) in codes.iter().enumerate() {
                alone[code as usize] += 1;
                for &other in &codes[place + 1..] {
                    *together.entry((code, other)).or_default() += 1;
                }
            }
        }
        Self { instances: train.len() as u32, alone, together }
    }

    /// Of instances with `given`, the share that have `code`.
    fn probability(&self, code: u32, given: u32) -> f32 {
        let both = self.together.get(&(code.min(given), code.max(given))).copied().unwrap_or(0);
        both as f32 / self.alone[given as usize].max(1) as f32
    }

    /// Of the nodes of an instance (its codes, then its own), what each attends to: the probability of the
    /// others given it, in shares. The own node is a code that every instance has; no node attends to itself.
    fn shares(&self, codes: &[u32]) -> Vec<f32> {
        let nodes = codes.len() + 1;
        let mut shares = vec![0.0; nodes * nodes];
        for (target, row) in shares.chunks_exact_mut(nodes).enumerate() {
            for (source, share) in row.iter_mut().enumerate() {
                *share = match (codes.get(target), codes.get(source)) {
                    _ if source == target => 0.0,
                    (Some(&given), Some(&code)) => self.probability(code, given),
                    (Some(_), None) => 1.0,
                    (None, Some(&code)) => self.alone[code as usize] as f32 / self.instances.max(1) as f32,
                    (None, None) => 0.0,
                };
            }
            let sum: f32 = row.iter().sum();
            if sum > 0.0 {
                for share in row {
                    *share /= sum;
                }
            } else {
                // Codes that training never had, or a node alone: all alike.
                row.fill(1.0 / nodes as f32);
            }
        }
        shares
    }
}

/// Attention of one block and the perceptron behind it.
struct GctBlock {
    before_attention: LayerNorm,
    query: Linear,
    key: Linear,
    value: Linear,
    before_perceptron: LayerNorm,
    inner: Linear,
    outer: Linear,
}

/// Where the matrices lie.
pub(crate) struct GctLayers {
    vectors: WeightId,
    blocks: Vec<GctBlock>,
    last: LayerNorm,
    head: Head,
}

/// Graphs of some instances.
pub(crate) struct GctBatch {
    nodes: NodesBatch,
    edges: Edges,
    /// Of each edge.
    prior: Vec<f32>,
    own: Aggregator,
    facts: Aggregator,
}

/// Shares below this are taken for it where their logarithm is asked.
const LEAST_SHARE: f32 = 1e-9;

impl Network for GctNetwork<'_> {
    type Layers = GctLayers;
    type Batch = GctBatch;

    fn initial(&self, prior_log_odds: &[f32], rng: &mut ChaCha8Rng) -> (GctLayers, Weights) {
        let (mut weights, width) = (Weights::new(), self.width);
        let own = &mut weights;
        let vectors = own.embedding("vectors", [self.sets.tokens() + 1, width], rng);
        let mut blocks = Vec::with_capacity(self.blocks);
        for block in 0..self.blocks {
            let name = |part: &str| format!("block {block}.{part}");
            blocks.push(GctBlock {
                before_attention: LayerNorm::new(own, &name("before attention"), width),
                query: Linear::new(own, &name("query"), width, width, rng),
                key: Linear::new(own, &name("key"), width, width, rng),
                value: Linear::new(own, &name("value"), width, width, rng),
                before_perceptron: LayerNorm::new(own, &name("before perceptron"), width),
                inner: Linear::new(own, &name("inner"), width, width, rng),
                outer: Linear::new(own, &name("outer"), width, width, rng),
            });
        }
        let last = LayerNorm::new(own, "last", width);
        let head = Head::new(own, (width, self.facts.columns(), width), prior_log_odds, rng);
        (GctLayers { vectors, blocks, last, head }, weights)
    }

    fn batch(&self, instances: &[usize]) -> GctBatch {
        let nodes = self.sets.batch(instances);
        let edges = nodes.edges(|set, _| set.clone());
        let prior =
            instances.iter().flat_map(|&instance| self.prior.shares(self.sets.of(instance))).collect();
        let own = Aggregator::new(nodes.to_instances(|set| set.end - 1..set.end));
        GctBatch { nodes, edges, prior, own, facts: Aggregator::new(self.facts.select_rows(instances)) }
    }

    fn forward(&self, layers: &GctLayers, pass: &mut Pass, batch: &GctBatch, dropout: f32) -> Scored {
        let edges = &batch.edges;
        let shape = [batch.prior.len(), 1];
        let prior = Tensor::<2>::from_data(TensorData::new(batch.prior.clone(), shape), &pass.device());
        let mut nodes = batch.nodes.vectors.aggregate(pass.weight(layers.vectors));
        let (mut before, mut penalty) = (prior.clone(), None);
        for (place, block) in layers.blocks.iter().enumerate() {
            let normal = block.before_attention.forward(pass, nodes.clone());
            let queries = block.query.forward(pass, normal.clone());
            let keys = block.key.forward(pass, normal.clone());
            let scores = edges.dotted(keys, queries, 1).div_scalar((self.width as f32).sqrt());
            let shares = edges.softmax(scores);
            let divergence = divergence(before, shares.clone(), batch.nodes.nodes());
            penalty = Some(penalty.map_or(divergence.clone(), |sum: Tensor<1>| sum + divergence));
            let followed = if place == 0 { prior.clone() } else { shares.clone() };
            let heard = edges.weighted_sum(followed, block.value.forward(pass, normal));
            nodes = nodes + pass.dropout(heard, dropout);
            let normal = block.before_perceptron.forward(pass, nodes.clone());
            let inner = relu(block.inner.forward(pass, normal));
            let outer = block.outer.forward(pass, inner);
            nodes = nodes + pass.dropout(outer, dropout);
            before = shares;
        }
        let summaries = batch.own.aggregate(layers.last.forward(pass, nodes));
        let log_odds = layers.head.forward(pass, summaries, &batch.facts, dropout);
        Scored { log_odds, penalty: penalty.map(|penalty| penalty.mul_scalar(self.prior_weight)) }
    }
}

/// The mean over the nodes of the divergence of the later attention from the earlier.
///
/// # Source
/// The paper's equation 4: the sum of `p ln(p / a)`.
fn divergence(earlier: Tensor<2>, later: Tensor<2>, nodes: usize) -> Tensor<1> {
    let log = |shares: Tensor<2>| shares.clamp_min(LEAST_SHARE).log();
    let parts = earlier.clone() * (log(earlier) - log(later));
    parts.sum().div_scalar(nodes.max(1) as f32)
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;
    use twinloom_neural::stream;
    use twinloom_views::Sequences;

    use super::*;
    use crate::network::tests::slopes_of_network_agree;

    /// Four instances over the codes 2 to 4.
    fn sets() -> (CodeSets, SparseMatrix) {
        let sequences = Sequences {
            offsets: vec![0, 2, 5, 6, 8],
            tokens: vec![2, 3, 2, 3, 4, 2, 3, 4],
            days_before: vec![0.0; 8],
            visits: vec![1; 8],
            ..Sequences::default()
        };
        let facts = SparseMatrix::from_rows(2, (0..4).map(|row| vec![(row % 2, 1.0)])).unwrap();
        (CodeSets::new(&sequences, 5, 10), facts)
    }

    #[test]
    fn ref_conditional_probabilities_of_a_hand_counted_case() {
        // Code 2 is in instances 0, 1 and 2; 3 in 0, 1 and 3; 4 in 1 and 3. Given 2: 3 in two of three, 4 in
        // one of three; the instance's own node in all. Shares: 2/3, 1/3 and 1 over their sum of 2.
        let (sets, _) = sets();
        let prior = Conditional::of(&sets, &[0, 1, 2, 3]);
        let shares = prior.shares(&[2, 3, 4]);
        let expected = [
            [0.0, 1.0 / 3.0, 1.0 / 6.0, 0.5],
            // Given 3: 2 in two of three, 4 in two of three.
            [2.0 / 7.0, 0.0, 2.0 / 7.0, 3.0 / 7.0],
            // Given 4: 2 in one of two, 3 in both.
            [0.2, 0.4, 0.0, 0.4],
            // Given nothing: 3/4, 3/4 and 2/4.
            [0.375, 0.375, 0.25, 0.0],
        ];
        for (found, expected) in shares.iter().zip(expected.iter().flatten()) {
            assert!((found - expected).abs() < 1e-6, "{shares:?}");
        }
        // What only the instances outside training have is not counted.
        assert_eq!(Conditional::of(&sets, &[0]).alone, [0, 0, 1, 1, 0]);
    }

    #[test]
    fn ref_divergence_of_two_nodes_by_hand() {
        let tensor =
            |values: Vec<f32>| Tensor::<2>::from_data(TensorData::new(values, [4, 1]), &Device::flex());
        let (earlier, later) = (tensor(vec![1.0, 0.0, 0.5, 0.5]), tensor(vec![0.5, 0.5, 0.25, 0.75]));
        let found = divergence(earlier.clone(), later, 2).into_scalar::<f32>();
        let expected = f32::midpoint(2.0_f32.ln(), 0.5 * 2.0_f32.ln() + 0.5 * (2.0_f32 / 3.0).ln());
        assert!((found - expected).abs() < 1e-5, "{found} against {expected}");
        assert!(divergence(earlier.clone(), earlier, 2).into_scalar::<f32>().abs() < 1e-6);
    }

    #[test]
    fn ref_gradients_agree_with_finite_differences() {
        let (sets, facts) = sets();
        let parameters = GraphParameters { width: 4, ..GraphParameters::default() };
        let network = GctNetwork::new(&sets, &[0, 1, 2], &facts, &parameters);
        let (layers, mut weights) = network.initial(&[-0.3], &mut stream(4, 0));
        weights.values_mut(layers.head.output().matrix()).copy_from_slice(&[0.7, -0.4, 0.9, -1.1]);
        slopes_of_network_agree(&network, &layers, &weights, &[0, 1, 2, 3]);
    }
}
