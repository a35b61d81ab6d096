//! Co-citation and co-authorship hypergraphs, and networks on them.

use std::path::Path;

use burn::tensor::Tensor;
use rand::seq::SliceRandom;

use super::files::{PublicDataError, number, rows};
use super::planetoid::read_features;
use super::{NodeNetwork, NodeSplit};
use crate::layer::{DeepSets, Hypergraph, HypergraphConvolution, Linear, SetTransformer, UniGcnii};
use crate::{Aggregator, Edges, Pass, SparseMatrix, Weights, relu, stream};

/// Papers with words and subjects, and which are cited, or written, together.
///
/// # Source
/// Yadati et al., HyperGCN (NeurIPS 2019), section 6.
#[derive(Clone, Debug)]
pub struct PaperHypergraph {
    /// The papers and their hyperedges.
    pub hypergraph: Hypergraph,
    /// Words of each paper, summing to 1 in each.
    pub features: SparseMatrix,
    /// The subject of each paper.
    pub classes: Vec<usize>,
    /// Number of subjects.
    pub class_count: usize,
    /// The papers that each of the published splits trains on.
    pub train: Vec<Vec<usize>>,
}

/// More than any of these data sets has.
const MOST: usize = 1 << 24;

impl PaperHypergraph {
    /// Reads `labels.csv` (node, label), `hyperedges.csv` (hyperedge, node), `features.csv` and
    /// `split_1_train.txt` to `split_10_train.txt` of which those that are there.
    ///
    /// # Errors
    /// [`PublicDataError`] with file and line.
    pub fn read(folder: &Path) -> Result<Self, PublicDataError> {
        let file = folder.join("labels.csv");
        let listed = rows(&file, ["node", "label"])?;
        let nodes = listed.len();
        let mut classes = vec![0; nodes];
        for (row, [node, label]) in listed.iter().enumerate() {
            classes[number(&file, row, node, nodes)?] = number(&file, row, label, nodes)?;
        }
        let file = folder.join("hyperedges.csv");
        let mut members: Vec<Vec<u32>> = Vec::new();
        for (row, [hyperedge, node]) in rows(&file, ["hyperedge", "node"])?.iter().enumerate() {
            let (edge, node) = (number(&file, row, hyperedge, MOST)?, number(&file, row, node, nodes)?);
            if members.len() <= edge {
                members.resize(edge + 1, Vec::new());
            }
            members[edge].push(node as u32);
        }
        let mut train = Vec::new();
        for split in 1..=10 {
            let file = folder.join(format!("split_{split}_train.txt"));
            let Ok(text) = std::fs::read_to_string(&file) else { continue };
            let node = |(row, line): (usize, &str)| number(&file, row.saturating_sub(1), line, nodes);
            let own: Result<Vec<usize>, _> =
                text.lines().filter(|line| !line.is_empty()).enumerate().map(node).collect();
            train.push(own?);
        }
        Ok(Self {
            hypergraph: Hypergraph::new(nodes, members)?,
            features: read_features(&folder.join("features.csv"), nodes)?.into_row_means(),
            class_count: classes.iter().max().map_or(0, |class| class + 1),
            classes,
            train,
        })
    }

    /// A published split: trains on its papers and tests on all others.
    ///
    /// # Source
    /// Yadati et al. (NeurIPS 2019), section 6.1.
    pub fn published_split(&self, number: usize) -> Option<NodeSplit> {
        let train = self.train.get(number)?;
        let labelled = |node: usize| (node, self.classes[node]);
        let mut taken = vec![false; self.classes.len()];
        for node in train {
            taken[*node] = true;
        }
        Some(NodeSplit {
            train: train.iter().map(|node| labelled(*node)).collect(),
            tuning: Vec::new(),
            test: (0..taken.len()).filter(|node| !taken[*node]).map(labelled).collect(),
        })
    }

    /// Half of the papers to train on, a quarter each to tune by and to test on, at random.
    ///
    /// # Source
    /// Chien et al. (ICLR 2022), section 5.
    pub fn random_split(&self, seed: u64) -> NodeSplit {
        let mut nodes: Vec<(usize, usize)> = self.classes.iter().copied().enumerate().collect();
        nodes.shuffle(&mut stream(seed, SPLIT_STREAM));
        let (half, quarter) = (nodes.len() / 2, nodes.len() / 4);
        let test = nodes.split_off(half + quarter);
        let tuning = nodes.split_off(half);
        NodeSplit { train: nodes, tuning, test }
    }
}

/// Streams of splits, apart from those of weights.
const SPLIT_STREAM: u64 = 1 << 20;

/// Networks on a hypergraph of papers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperModel {
    /// Two layers without any hyperedge.
    Perceptron,
    /// Two layers of hypergraph convolution.
    Convolution,
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
    /// Share of units left out in training.
    pub dropout: f32,
}

/// A network on a hypergraph of papers.
#[derive(Debug)]
pub struct PaperNetwork {
    features: Aggregator,
    layers: Layers,
    dropout: f32,
}

#[derive(Debug)]
enum Layers {
    Perceptron { first: Linear, last: Linear },
    Convolution { first: HypergraphConvolution, last: HypergraphConvolution },
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
            PaperModel::Convolution => Layers::Convolution {
                first: HypergraphConvolution::new(store, "first", hypergraph, (inputs, width), rng),
                last: HypergraphConvolution::new(store, "last", hypergraph, (width, classes), rng),
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
        (Self { features: Aggregator::new(data.features.clone()), layers, dropout: shape.dropout }, weights)
    }
}

impl NodeNetwork for PaperNetwork {
    fn scores(&self, pass: &mut Pass) -> Tensor<2> {
        let features = pass.dropout_sparse(&self.features, self.dropout);
        match &self.layers {
            Layers::Perceptron { first, last } => {
                let hidden = relu(first.forward_sparse(pass, &features));
                let hidden = pass.dropout(hidden, self.dropout);
                last.forward(pass, hidden)
            }
            Layers::Convolution { first, last } => {
                let hidden = relu(first.forward_sparse(pass, &features));
                let hidden = pass.dropout(hidden, self.dropout);
                last.forward(pass, hidden)
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
