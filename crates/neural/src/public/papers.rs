//! Networks on a hypergraph of papers.

use burn::tensor::Tensor;

use super::{NodeNetwork, PaperHypergraph};
use crate::layer::{DeepSets, HypergraphConvolution, Linear, SetTransformer, UniGcnii};
use crate::{Aggregator, Edges, Pass, Weights, relu, stream};

/// Networks on a hypergraph of papers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperModel {
    /// Two layers without any hyperedge.
    Perceptron,
    /// Two layers of hypergraph convolution.
    Convolution,
    /// The same with a rectifier on the scores too.
    ///
    /// # Source
    /// The program of Yadati et al. (NeurIPS 2019), whose networks rectify the last layer as any other.
    RectifiedConvolution,
    /// Deep convolution.
    UniGcnii,
    /// Functions of sets as sums.
    DeepSets,
    /// Functions of sets as attention.
    SetTransformer,
}

/// Sizes and dropout of a network on papers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PaperShape {
    /// Units of a layer.
    pub width: usize,
    /// Heads, where there are any.
    pub heads: usize,
    /// Layers, where they can be stacked.
    pub depth: usize,
    /// Share of words left out in training.
    pub input_dropout: f32,
    /// Share of units left out in training.
    pub dropout: f32,
}

/// A network on a hypergraph of papers.
#[derive(Debug)]
pub struct PaperNetwork {
    features: Aggregator,
    layers: Layers,
    input_dropout: f32,
    dropout: f32,
}

#[derive(Debug)]
enum Layers {
    Perceptron { first: Linear, last: Linear },
    Convolution { first: HypergraphConvolution, last: HypergraphConvolution, rectified: bool },
    UniGcnii { first: Linear, deep: Vec<UniGcnii>, last: Linear },
    DeepSets { enter: Linear, means: Box<(Aggregator, Aggregator)>, halves: Box<[DeepSets; 2]>, last: Linear },
    SetTransformer { hears: [Edges; 2], halves: Box<[SetTransformer; 2]>, last: Linear },
}

impl PaperNetwork {
    /// The network and its first weights.
    pub fn new(data: &PaperHypergraph, model: PaperModel, shape: PaperShape, seed: u64) -> (Self, Weights) {
        let (mut weights, mut rng) = (Weights::new(), stream(seed, 0));
        let (inputs, width, classes) = (data.features.columns(), shape.width, data.class_count);
        let hypergraph = &data.hypergraph;
        let (store, rng) = (&mut weights, &mut rng);
        let layers = match model {
            PaperModel::Perceptron => Layers::Perceptron {
                first: Linear::new(store, "first", inputs, width, rng),
                last: Linear::new(store, "last", width, classes, rng),
            },
            PaperModel::Convolution | PaperModel::RectifiedConvolution => Layers::Convolution {
                first: HypergraphConvolution::new(store, "first", hypergraph, (inputs, width), rng),
                last: HypergraphConvolution::new(store, "last", hypergraph, (width, classes), rng),
                rectified: model == PaperModel::RectifiedConvolution,
            },
            PaperModel::UniGcnii => {
                let first = Linear::new(store, "first", inputs, width, rng);
                let layer =
                    |depth| UniGcnii::new(store, &format!("deep.{depth}"), hypergraph, (width, depth), rng);
                let deep = (1..=shape.depth).map(layer).collect();
                Layers::UniGcnii { first, deep, last: Linear::new(store, "last", width, classes, rng) }
            }
            PaperModel::DeepSets => Layers::DeepSets {
                enter: Linear::new(store, "enter", inputs, width, rng),
                means: Box::new(hypergraph.means()),
                halves: Box::new(
                    ["to_hyperedges", "to_nodes"].map(|name| DeepSets::new(store, name, width, width, rng)),
                ),
                last: Linear::new(store, "last", width, classes, rng),
            },
            PaperModel::SetTransformer => {
                let mut half =
                    |name, inputs| SetTransformer::new(store, name, inputs, (width, shape.heads), rng);
                let halves = Box::new([half("to_hyperedges", inputs), half("to_nodes", width)]);
                let hears = [hypergraph.hears_nodes(), hypergraph.hears_hyperedges()];
                Layers::SetTransformer {
                    hears,
                    halves,
                    last: Linear::new(store, "last", width, classes, rng),
                }
            }
        };
        let features = Aggregator::new(data.features.clone());
        (Self { features, layers, input_dropout: shape.input_dropout, dropout: shape.dropout }, weights)
    }
}

impl NodeNetwork for PaperNetwork {
    fn scores(&self, pass: &mut Pass) -> Tensor<2> {
        let features = pass.dropout_sparse(&self.features, self.input_dropout);
        match &self.layers {
            Layers::Perceptron { first, last } => {
                let hidden = relu(first.forward_sparse(pass, &features));
                let hidden = pass.dropout(hidden, self.dropout);
                last.forward(pass, hidden)
            }
            Layers::Convolution { first, last, rectified } => {
                let hidden = relu(first.forward_sparse(pass, &features));
                let hidden = pass.dropout(hidden, self.dropout);
                let scores = last.forward(pass, hidden);
                if *rectified { relu(scores) } else { scores }
            }
            Layers::UniGcnii { first, deep, last } => {
                let first = relu(first.forward_sparse(pass, &features));
                let mut hidden = first.clone();
                for layer in deep {
                    let kept = pass.dropout(hidden, self.dropout);
                    hidden = relu(layer.forward(pass, kept, first.clone()));
                }
                let hidden = pass.dropout(hidden, self.dropout);
                last.forward(pass, hidden)
            }
            Layers::DeepSets { enter, means, halves, last } => {
                let nodes = enter.forward_sparse(pass, &features);
                let sets = relu(halves[0].forward(pass, &means.0, nodes, self.dropout));
                let sets = pass.dropout(sets, self.dropout);
                let nodes = relu(halves[1].forward(pass, &means.1, sets, self.dropout));
                let nodes = pass.dropout(nodes, self.dropout);
                last.forward(pass, nodes)
            }
            Layers::SetTransformer { hears, halves, last } => {
                let sets = relu(halves[0].forward_sparse(pass, &hears[0], &features));
                let sets = pass.dropout(sets, self.dropout);
                let nodes = relu(halves[1].forward(pass, &hears[1], sets));
                let nodes = pass.dropout(nodes, self.dropout);
                last.forward(pass, nodes)
            }
        }
    }
}
