//! The variationally regularised graph network, and its encoder and decoder without the variational term.

use burn::tensor::activation::{elu, leaky_relu, relu};
use burn::tensor::{Tensor, TensorData};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use twinloom_neural::layer::{LayerNorm, Linear};
use twinloom_neural::{Aggregator, Edges, Pass, SparseMatrix, WeightId, Weights, product, stream};

use super::code_sets::NodesBatch;
use super::{CodeSets, GraphParameters};
use crate::network::{Network, Scored};
use crate::output::Output;

/// The paper's negative slope.
const SLOPE_BELOW: f64 = 0.1;

/// What stands between the encoder and the decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nodes {
    /// Each active code's vector is drawn from a normal distribution of its own, held near the standard one.
    Drawn,
    /// The encoder's vectors as they are.
    Plain,
}

/// A graph per instance: an attention layer over all pairs of its active codes, vectors drawn about their
/// means in training, and a second attention layer from the codes to a node that stands for the instance.
///
/// The authors' program departs from their paper in three places, where this follows the paper:
///
/// - the divergence is taken over the *active* codes (theirs indexes with a matrix of 0 and 1 as if it were
///   numbers of rows, and so regularises the first two rows of the table);
/// - gradients are clipped after the backward pass that makes them (theirs before);
/// - the rarer outcome weighs more, by the ratio of the commoner to it (theirs by the reciprocal).
///
/// Of the second layer only the edges to the instance's node are computed, since nothing else of it is used:
/// the same numbers at a fraction of the cost. Not followed: the random removal of 5 % of the codes.
///
/// # Source
/// Zhu and Razavian, Variationally Regularized Graph-based Representation Learning for Electronic Health
/// Records (CHIL 2021), arXiv 1912.03761, section 3: graph layers, the variational term, the instance's node.
pub(crate) struct VgnnNetwork<'a> {
    sets: &'a CodeSets,
    facts: &'a SparseMatrix,
    nodes: Nodes,
    width: usize,
    divergence_weight: f32,
}

impl<'a> VgnnNetwork<'a> {
    pub(crate) fn new(
        sets: &'a CodeSets,
        facts: &'a SparseMatrix,
        nodes: Nodes,
        parameters: &GraphParameters,
    ) -> Self {
        Self { sets, facts, nodes, width: parameters.width, divergence_weight: parameters.variational }
    }
}

/// One head of the paper's attention.
///
/// # Source
/// The paper's equations of the graph layer: scores `leaky(a [z_i, z_j]) / sqrt(width)`, shares by softmax.
#[derive(Clone, Copy, Debug)]
struct GraphLayer {
    linear: Linear,
    of_source: WeightId,
    of_target: WeightId,
    width: usize,
}

impl GraphLayer {
    fn new(weights: &mut Weights, name: &str, width: usize, rng: &mut ChaCha8Rng) -> Self {
        Self {
            linear: Linear::new(weights, name, width, width, rng),
            of_source: weights.glorot(&format!("{name}.source"), [width, 1], rng),
            of_target: weights.glorot(&format!("{name}.target"), [width, 1], rng),
            width,
        }
    }

    /// What `targets`, some of the nodes, hear from all nodes along the edges.
    fn forward(
        self,
        pass: &Pass,
        edges: &Edges,
        nodes: Tensor<2>,
        targets: Option<&Aggregator>,
    ) -> Tensor<2> {
        let messages = self.linear.forward(pass, nodes);
        let of_source = product(messages.clone(), pass.weight(self.of_source));
        let of_target = product(messages.clone(), pass.weight(self.of_target));
        let of_target = targets.map_or(of_target.clone(), |targets| targets.aggregate(of_target));
        let scores = leaky_relu(edges.added(of_source, of_target), SLOPE_BELOW);
        let shares = edges.softmax(scores.div_scalar((self.width as f32).sqrt()));
        edges.weighted_sum(shares, messages)
    }
}

/// Where the matrices lie.
pub(crate) struct VgnnLayers {
    vectors: WeightId,
    encoder: GraphLayer,
    encoder_norm: LayerNorm,
    mean: Linear,
    log_variance: Linear,
    decoder: GraphLayer,
    decoder_norm: LayerNorm,
    decoded: Linear,
    facts: Linear,
    inner: Linear,
    output: Output,
}

/// Graphs of some instances.
pub(crate) struct VgnnBatch {
    nodes: NodesBatch,
    /// All pairs of codes, a code with itself, and the instance's node with itself.
    encoder: Edges,
    /// To each instance's node from all its nodes.
    decoder: Edges,
    /// Takes each instance's node.
    own: Aggregator,
    facts: Aggregator,
}

impl VgnnLayers {
    fn new(
        weights: &mut Weights,
        tokens: usize,
        width: usize,
        facts: usize,
        prior: &[f32],
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let half = width.div_ceil(2);
        Self {
            vectors: weights.embedding("vectors", [tokens + 1, width], rng),
            encoder: GraphLayer::new(weights, "encoder", width, rng),
            encoder_norm: LayerNorm::new(weights, "encoder norm", width),
            mean: Linear::new(weights, "mean", width, width, rng),
            log_variance: Linear::new(weights, "log variance", width, width, rng),
            decoder: GraphLayer::new(weights, "decoder", width, rng),
            decoder_norm: LayerNorm::new(weights, "decoder norm", width),
            decoded: Linear::new(weights, "decoded", width, width, rng),
            facts: Linear::new(weights, "facts", facts, half, rng),
            inner: Linear::new(weights, "inner", width + half, width, rng),
            output: Output::new(weights, width, prior),
        }
    }
}

impl Network for VgnnNetwork<'_> {
    type Layers = VgnnLayers;
    type Batch = VgnnBatch;

    fn initial(&self, prior_log_odds: &[f32], rng: &mut ChaCha8Rng) -> (VgnnLayers, Weights) {
        let mut weights = Weights::new();
        let (tokens, facts) = (self.sets.tokens(), self.facts.columns());
        let layers = VgnnLayers::new(&mut weights, tokens, self.width, facts, prior_log_odds, rng);
        (layers, weights)
    }

    fn batch(&self, instances: &[usize]) -> VgnnBatch {
        let nodes = self.sets.batch(instances);
        let encoder =
            nodes.edges(|set, node| if node + 1 == set.end { node..set.end } else { set.start..set.end - 1 });
        let decoder = Edges::of(&nodes.to_instances(Clone::clone));
        let own = Aggregator::new(nodes.to_instances(|set| set.end - 1..set.end));
        VgnnBatch { nodes, encoder, decoder, own, facts: Aggregator::new(self.facts.select_rows(instances)) }
    }

    fn forward(&self, layers: &VgnnLayers, pass: &mut Pass, batch: &VgnnBatch, dropout: f32) -> Scored {
        let vectors = batch.nodes.vectors.aggregate(pass.weight(layers.vectors));
        let encoded = layers.encoder.forward(pass, &batch.encoder, vectors, None);
        let encoded = pass.dropout(encoded, dropout);
        let encoded = elu(layers.encoder_norm.forward(pass, encoded), 1.0);
        let (nodes, penalty) = match self.nodes {
            Nodes::Plain => (encoded, None),
            Nodes::Drawn => {
                let mean = layers.mean.forward(pass, encoded.clone());
                let log_variance = layers.log_variance.forward(pass, encoded);
                let active = active(&batch.nodes, &pass.device());
                let divergence = divergence(mean.clone(), log_variance.clone(), active.clone());
                let drawn = drawn(pass, mean, log_variance, active);
                (drawn, Some(divergence.mul_scalar(self.divergence_weight)))
            }
        };
        let heard = layers.decoder.forward(pass, &batch.decoder, nodes, Some(&batch.own));
        let heard = layers.decoded.forward(pass, relu(layers.decoder_norm.forward(pass, heard)));
        let facts = relu(layers.facts.forward_sparse(pass, &batch.facts));
        let joined = Tensor::cat(vec![relu(heard), pass.dropout(facts, dropout)], 1);
        let inner = relu(layers.inner.forward(pass, joined));
        let inner = pass.dropout(inner, dropout);
        Scored { log_odds: layers.output.forward(pass, inner), penalty }
    }
}

/// 1 for a node that is an active code, 0 for one that stands for an instance.
///
/// # Shapes
/// `[nodes, 1]`
fn active(nodes: &NodesBatch, device: &burn::tensor::Device) -> Tensor<2> {
    let flags: Vec<f32> = nodes.are_codes().map(|code| f32::from(u8::from(code))).collect();
    let shape = [flags.len(), 1];
    Tensor::from_data(TensorData::new(flags, shape), device)
}

/// The mean over the active codes of the divergence of their normal distributions from the standard one.
///
/// # Source
/// The paper's variational term; Kingma and Welling, Auto-Encoding Variational Bayes (ICLR 2014), appendix B:
/// half the sum of `exp(v) - v - 1 + m^2`.
fn divergence(mean: Tensor<2>, log_variance: Tensor<2>, active: Tensor<2>) -> Tensor<1> {
    let parts = log_variance.clone().exp() - log_variance.add_scalar(1.0) + mean.powi_scalar(2);
    let codes = active.clone().sum().into_scalar::<f32>().max(1.0);
    (parts * active).sum().mul_scalar(0.5 / codes)
}

/// In training the active codes' vectors are drawn; in use, and of the instances' nodes, the means are taken.
fn drawn(pass: &mut Pass, mean: Tensor<2>, log_variance: Tensor<2>, active: Tensor<2>) -> Tensor<2> {
    let Some(key) = pass.next_key() else { return mean };
    let shape = mean.dims();
    let noise = normals(shape[0] * shape[1], key);
    let noise = Tensor::from_data(TensorData::new(noise, shape), &mean.device());
    mean + log_variance.mul_scalar(0.5).exp() * noise * active
}

/// Standard normal numbers of a key.
///
/// # Source
/// Box and Muller, A Note on the Generation of Random Normal Deviates (1958), equation 1.
fn normals(count: usize, key: u64) -> Vec<f32> {
    let mut rng = stream(key, 0);
    let mut numbers = Vec::with_capacity(count + 1);
    while numbers.len() < count {
        // 1 - u is never 0, so the logarithm is finite.
        let (u, v): (f32, f32) = (rng.random(), rng.random());
        let (radius, angle) = ((-2.0 * (1.0 - u).ln()).sqrt(), std::f32::consts::TAU * v);
        numbers.extend([radius * angle.cos(), radius * angle.sin()]);
    }
    numbers.truncate(count);
    numbers
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;
    use twinloom_neural::WeightBlock;
    use twinloom_views::Sequences;

    use super::*;
    use crate::TrainerParameters;
    use crate::network::tests::slopes_of_network_agree;
    use crate::network::{Part, train, values};

    fn tensor(values: &[f32], columns: usize) -> Tensor<2> {
        let shape = [values.len() / columns, columns];
        Tensor::from_data(TensorData::new(values.to_vec(), shape), &Device::flex())
    }

    /// Two instances; codes 2 to 6 of a table of 9.
    fn sets() -> (CodeSets, SparseMatrix) {
        let sequences = Sequences {
            offsets: vec![0, 3, 7],
            tokens: vec![2, 5, 6, 3, 4, 5, 6],
            days_before: vec![0.0; 7],
            visits: vec![1; 7],
            ..Sequences::default()
        };
        let facts = SparseMatrix::from_rows(2, [vec![(0, 1.0)], vec![(1, -0.5)]]).unwrap();
        (CodeSets::new(&sequences, 9, 10), facts)
    }

    fn network<'a>(sets: &'a CodeSets, facts: &'a SparseMatrix, weight: f32) -> VgnnNetwork<'a> {
        let parameters = GraphParameters { width: 4, variational: weight, ..GraphParameters::default() };
        VgnnNetwork::new(sets, facts, Nodes::Drawn, &parameters)
    }

    #[test]
    fn ref_divergence_of_a_hand_computed_case_counts_active_codes_only() {
        // Three nodes of two numbers; the last stands for the instance. By hand: node 1 has means (1, 0) and
        // log variances (0, 0): 0.5; node 2 means (0, 2) and log variances (0, 1): 2 + (e - 2) / 2. Their
        // mean is what is paid; the third node, far away, costs nothing.
        let mean = tensor(&[1.0, 0.0, 0.0, 2.0, 9.0, 9.0], 2);
        let log_variance = tensor(&[0.0, 0.0, 0.0, 1.0, 5.0, 5.0], 2);
        let found = divergence(mean, log_variance, tensor(&[1.0, 1.0, 0.0], 1)).into_scalar::<f32>();
        let expected = f32::midpoint(0.5, 2.0 + (std::f32::consts::E - 2.0) / 2.0);
        assert!((found - expected).abs() < 1e-5, "{found} against {expected}");
    }

    #[test]
    fn law_every_active_code_is_regularised_and_no_other() {
        // The first defect of the authors' program: rows 0 and 1 of the table were regularised, whatever was
        // active. Here the penalty's slope is felt by the vectors of the batch's codes 2 to 6, and by no
        // other row, the padding and the first code among them, nor by the node of the instance (row 9).
        let (sets, facts) = sets();
        let network = network(&sets, &facts, 1.0);
        let (layers, weights) = network.initial(&[0.0], &mut stream(3, 0));
        let batch = network.batch(&[0, 1]);
        let mut pass = Pass::differentiable(&weights);
        let penalty = network.forward(&layers, &mut pass, &batch, 0.0).penalty.unwrap();
        let slopes = penalty.backward();
        let slopes = values(pass.weight(layers.vectors).grad(&slopes).unwrap());
        for (code, slopes) in slopes.chunks(4).enumerate() {
            let felt = slopes.iter().any(|slope| slope.abs() > 1e-7);
            assert_eq!(felt, (2..=6).contains(&code), "code {code}: {slopes:?}");
        }
    }

    #[test]
    fn law_the_penalty_of_a_batch_is_the_mean_over_its_active_codes() {
        let (sets, facts) = sets();
        let network = network(&sets, &facts, 1.0);
        let (layers, weights) = network.initial(&[0.0], &mut stream(3, 0));
        let penalty = |instances: &[usize]| {
            let mut pass = Pass::in_use(&weights);
            let scored = network.forward(&layers, &mut pass, &network.batch(instances), 0.0);
            scored.penalty.unwrap().into_scalar::<f32>()
        };
        let expected = (3.0 * penalty(&[0]) + 4.0 * penalty(&[1])) / 7.0;
        assert!(expected > 0.0 && (penalty(&[0, 1]) - expected).abs() < 1e-5 * expected, "{expected}");
    }

    #[test]
    fn ref_gradients_agree_with_finite_differences() {
        let (sets, facts) = sets();
        let network = network(&sets, &facts, 0.5);
        let (layers, mut weights) = network.initial(&[-0.3], &mut stream(3, 0));
        weights.values_mut(layers.output.matrix()).copy_from_slice(&[0.7, -0.4, 0.9, -1.1]);
        slopes_of_network_agree(&network, &layers, &weights, &[0, 1]);
    }

    #[test]
    fn ref_the_instances_node_hears_its_codes_by_softmax_shares() {
        // The layer's formula written out for one instance of two codes and its node.
        let mut weights = Weights::new();
        let layer = GraphLayer::new(&mut weights, "layer", 2, &mut stream(8, 0));
        let nodes = [0.3_f32, -0.2, 0.9, 0.4, -0.5, 0.8];
        let edges = Edges::of(&SparseMatrix::from_rows(3, [vec![(0, 1.0), (1, 1.0), (2, 1.0)]]).unwrap());
        let own = Aggregator::new(SparseMatrix::from_rows(3, [vec![(2, 1.0)]]).unwrap());
        let pass = Pass::in_use(&weights);
        let found = values(layer.forward(&pass, &edges, tensor(&nodes, 2), Some(&own)));
        let [matrix, bias] =
            [layer.linear.matrix(), layer.linear.bias().unwrap()].map(|id| values(pass.weight(id)));
        let [source, target] = [layer.of_source, layer.of_target].map(|id| values(pass.weight(id)));
        let z: Vec<[f32; 2]> = nodes
            .chunks(2)
            .map(|x| [0, 1].map(|k| x[0] * matrix[k] + x[1] * matrix[2 + k] + bias[k]))
            .collect();
        let score = |j: usize| {
            let sum = (0..2).map(|k| source[k] * z[j][k] + target[k] * z[2][k]).sum::<f32>();
            (if sum > 0.0 { sum } else { 0.1 * sum } / 2.0_f32.sqrt()).exp()
        };
        let total: f32 = (0..3).map(score).sum();
        for k in 0..2 {
            let expected: f32 = (0..3).map(|j| score(j) / total * z[j][k]).sum();
            assert!((found[k] - expected).abs() < 1e-5, "{found:?} against {expected}");
        }
    }

    #[test]
    fn law_its_gradients_are_clipped_after_the_backward_pass() {
        // The second defect: a norm clipped before the pass that makes it bounds nothing. Clipped to 1e-12, far
        // below Adam's epsilon, one epoch moves no weight; unclipped it moves by about the rate.
        let (sets, facts) = sets();
        let network = network(&sets, &facts, 1.0);
        let part = Part { instances: &[0, 1], labels: &[true, false], outcomes: 1 };
        let moved = |largest_norm| {
            let parameters =
                TrainerParameters { epochs: 1, largest_norm, weight_decay: 0.0, ..Default::default() };
            let none = Part { instances: &[], labels: &[], outcomes: 1 };
            let train = |parameters| train(&network, part, none, parameters, 3).unwrap().weights;
            let slow = TrainerParameters { learning_rate: 1e-30, ..parameters };
            let (start, end) = (train(&slow), train(&parameters));
            let pairs = start.blocks().iter().zip(end.blocks());
            let of = |(one, other): (&WeightBlock, &WeightBlock)| {
                one.values().iter().zip(other.values()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
            };
            pairs.map(of).fold(0.0, f32::max)
        };
        assert!(moved(1e6) > 1e-3 && moved(1e-12) < 1e-5, "{} {}", moved(1e6), moved(1e-12));
    }

    #[test]
    fn law_normals_have_mean_0_and_variance_1() {
        // 20,000 numbers: standard errors 0.007 and 0.010; five of them, and the key is fixed.
        let numbers = normals(20_000, 5);
        let mean = numbers.iter().sum::<f32>() / 20_000.0;
        let variance = numbers.iter().map(|x| x * x).sum::<f32>() / 20_000.0;
        assert!(mean.abs() < 0.036 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
    }
}
