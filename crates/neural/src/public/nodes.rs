//! Classification of the nodes of one graph.

use burn::tensor::Tensor;
use rand_chacha::ChaCha8Rng;

use super::CitationNetwork;
use crate::layer::{GraphAttention, GraphConvolution, Heads, renormalised};
use crate::trainer::numbers;
use crate::{
    AdamParameters, Aggregator, Decay, Edges, FitError, FitParameters, Objective, Pass, Weights,
    cross_entropy, elu, fit, relu, stream,
};

/// A network that gives every node a score for each class.
pub trait NodeNetwork {
    /// The scores.
    ///
    /// # Shapes
    /// `[nodes, classes]`
    fn scores(&self, pass: &mut Pass) -> Tensor<2>;
}

/// Cross-entropy of some nodes, the whole graph in one batch.
struct Classification<'a, N> {
    network: &'a N,
    split: &'a NodeSplit,
    tuned_by: TunedBy,
}

/// What the tuning nodes choose the epoch by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TunedBy {
    /// Their least cross-entropy.
    Loss,
    /// Their highest accuracy, the first epoch that reaches it.
    Accuracy,
}

/// Nodes with their classes, by what they are for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeSplit {
    /// To train on.
    pub train: Vec<(usize, usize)>,
    /// To tune by.
    pub tuning: Vec<(usize, usize)>,
    /// To test on.
    pub test: Vec<(usize, usize)>,
}

impl<N: NodeNetwork> Objective for Classification<'_, N> {
    type Batch = ();

    fn batches(&self, _epoch: usize, _rng: &mut ChaCha8Rng) -> Vec<()> {
        vec![()]
    }

    fn loss(&self, pass: &mut Pass, (): &()) -> Tensor<1> {
        cross_entropy(self.network.scores(pass), &self.split.train)
    }

    fn tuning_loss(&self, pass: &mut Pass) -> Option<f64> {
        let tuning = &self.split.tuning;
        let judged = || {
            let scores = self.network.scores(pass);
            match self.tuned_by {
                TunedBy::Loss => f64::from(cross_entropy(scores, tuning).into_scalar::<f32>()),
                TunedBy::Accuracy => -accuracy(scores, tuning),
            }
        };
        (!tuning.is_empty()).then(judged)
    }
}

/// Trains on some nodes, stops and chooses the epoch by others, and gives the share of the test nodes put into
/// their class.
///
/// # Errors
/// [`FitError`] as of [`fit`].
pub fn node_accuracy<N: NodeNetwork>(
    network: &N,
    weights: Weights,
    split: &NodeSplit,
    (parameters, tuned_by): (&FitParameters, TunedBy),
    seed: u64,
) -> Result<f64, FitError> {
    let objective = Classification { network, split, tuned_by };
    let fitted = fit(&objective, weights, parameters, seed, None, &|_| {})?;
    Ok(accuracy(network.scores(&mut Pass::in_use(&fitted.weights)), &split.test))
}

/// The share of rows whose own class has the highest score alone.
pub(super) fn accuracy(scores: Tensor<2>, rows: &[(usize, usize)]) -> f64 {
    let classes = scores.dims()[1];
    let scores = numbers(scores);
    let right = rows.iter().filter(|(row, class)| {
        let own = &scores[row * classes..(row + 1) * classes];
        own.iter().enumerate().all(|(other, score)| other == *class || *score < own[*class])
    });
    right.count() as f64 / rows.len().max(1) as f64
}

/// Two layers of graph convolution with the settings of its paper.
///
/// # Source
/// Kipf and Welling (ICLR 2017), section 5.2: 16 hidden units, dropout 0.5, a penalty of 5e-4 on the first
/// layer, rate 0.01, 200 epochs.
#[derive(Debug)]
pub struct ConvolutionNetwork {
    features: Aggregator,
    adjacency: Aggregator,
    first: GraphConvolution,
    second: GraphConvolution,
}

const CONVOLUTION_HIDDEN: usize = 16;
const CONVOLUTION_DROPOUT: f32 = 0.5;

impl ConvolutionNetwork {
    /// The network and its first weights.
    pub fn new(data: &CitationNetwork, seed: u64) -> (Self, Weights) {
        let (mut weights, mut rng) = (Weights::new(), stream(seed, 0));
        let inputs = data.features.columns();
        let first = GraphConvolution::new(&mut weights, "first", inputs, CONVOLUTION_HIDDEN, &mut rng);
        let second =
            GraphConvolution::new(&mut weights, "second", CONVOLUTION_HIDDEN, data.class_count, &mut rng);
        weights.decay(second.linear().matrix(), 0.0);
        let features = Aggregator::new(data.features.clone());
        let adjacency = Aggregator::new(renormalised(&data.adjacency));
        (Self { features, adjacency, first, second }, weights)
    }

    /// How its paper trains it.
    pub fn training() -> FitParameters {
        let optimiser = AdamParameters { learning_rate: 0.01, weight_decay: 5e-4, decay: Decay::Penalty };
        FitParameters { epochs: 200, optimiser, ..FitParameters::default() }
    }
}

impl NodeNetwork for ConvolutionNetwork {
    fn scores(&self, pass: &mut Pass) -> Tensor<2> {
        let features = pass.dropout_sparse(&self.features, CONVOLUTION_DROPOUT);
        let hidden = relu(self.first.forward_sparse(pass, &self.adjacency, &features));
        let hidden = pass.dropout(hidden, CONVOLUTION_DROPOUT);
        self.second.forward(pass, &self.adjacency, hidden)
    }
}

/// Two layers of graph attention with the settings of its paper.
///
/// # Source
/// Veličković et al. (ICLR 2018), section 3.3: eight heads of eight, then one head of the classes, dropout 0.6
/// of units and of shares, a penalty of 5e-4, rate 0.005, patience of 100 epochs.
#[derive(Debug)]
pub struct AttentionNetwork {
    features: Aggregator,
    edges: Edges,
    first: GraphAttention,
    second: GraphAttention,
}

const ATTENTION_HEADS: (usize, usize) = (8, 8);
const ATTENTION_DROPOUT: f32 = 0.6;

impl AttentionNetwork {
    /// The network and its first weights.
    pub fn new(data: &CitationNetwork, seed: u64) -> (Self, Weights) {
        let (mut weights, mut rng) = (Weights::new(), stream(seed, 0));
        let (inputs, hidden) = (data.features.columns(), ATTENTION_HEADS.0 * ATTENTION_HEADS.1);
        let mut layer = |name: &str, inputs, heads, together| {
            GraphAttention::new(&mut weights, name, inputs, heads, together, ATTENTION_DROPOUT, &mut rng)
        };
        let first = layer("first", inputs, ATTENTION_HEADS, Heads::Concatenated);
        let second = layer("second", hidden, (1, data.class_count), Heads::Averaged);
        let features = Aggregator::new(data.features.clone());
        let edges = Edges::of(&data.adjacency.with_self_loops());
        (Self { features, edges, first, second }, weights)
    }

    /// How its paper trains it.
    pub fn training() -> FitParameters {
        let optimiser = AdamParameters { learning_rate: 0.005, weight_decay: 5e-4, decay: Decay::Penalty };
        FitParameters { epochs: 1_000, patience: Some(100), optimiser, ..FitParameters::default() }
    }
}

impl NodeNetwork for AttentionNetwork {
    fn scores(&self, pass: &mut Pass) -> Tensor<2> {
        let features = pass.dropout_sparse(&self.features, ATTENTION_DROPOUT);
        let hidden = elu(self.first.forward_sparse(pass, &self.edges, &features));
        let hidden = pass.dropout(hidden, ATTENTION_DROPOUT);
        self.second.forward(pass, &self.edges, hidden)
    }
}
