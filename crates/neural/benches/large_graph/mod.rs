//! An epoch of two layers on a graph of 100,000 nodes and 1,000,000 edges, for benches and examples.

use burn::tensor::{Device, Tensor, TensorData};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use twinloom_neural::layer::{GraphAttention, Heads, Neighbours, Sage};
use twinloom_neural::{
    Aggregator, Edges, Objective, Pass, SparseMatrix, Weights, cross_entropy, elu, relu, stream,
};

const NODES: usize = 100_000;
const EDGES: usize = 1_000_000;
pub const WIDTH: usize = 64;

/// A graph with edges from and to nodes drawn at random, as `row <- column`.
pub fn graph() -> SparseMatrix {
    let mut rng = stream(1, 0);
    let mut rows = vec![Vec::new(); NODES];
    for _ in 0..EDGES {
        rows[rng.random_range(0..NODES)].push((rng.random_range(0..NODES as u32), 1.0));
    }
    SparseMatrix::from_rows(NODES, rows).expect("columns below the number of nodes")
}

pub fn features() -> Vec<f32> {
    let mut rng = stream(2, 0);
    (0..NODES * WIDTH).map(|_| rng.random_range(-1.0..1.0)).collect()
}

/// What the two networks share: inputs and labels.
struct Inputs {
    features: Tensor<2>,
    labels: Vec<(usize, usize)>,
}

impl Inputs {
    fn new() -> Self {
        let features = TensorData::new(features(), [NODES, WIDTH]);
        let features = Tensor::from_data(features, &Device::flex().autodiff());
        Self { features, labels: (0..NODES).map(|node| (node, node % 2)).collect() }
    }
}

pub struct SageEpoch {
    inputs: Inputs,
    neighbours: Neighbours,
    layers: [Sage; 2],
}

impl SageEpoch {
    pub fn new(graph: &SparseMatrix) -> (Self, Weights) {
        let (mut weights, mut rng) = (Weights::new(), stream(3, 0));
        let first = Sage::mean(&mut weights, "first", WIDTH, WIDTH, &mut rng);
        let second = Sage::mean(&mut weights, "second", WIDTH, 2, &mut rng);
        let neighbours = Neighbours::Mean(Aggregator::new(graph.clone().into_row_means()));
        (Self { inputs: Inputs::new(), neighbours, layers: [first, second] }, weights)
    }
}

impl Objective for SageEpoch {
    type Batch = ();

    fn batches(&self, _epoch: usize, _rng: &mut ChaCha8Rng) -> Vec<()> {
        vec![()]
    }

    fn loss(&self, pass: &mut Pass, (): &()) -> Tensor<1> {
        let hidden = relu(self.layers[0].forward(pass, &self.neighbours, self.inputs.features.clone()));
        cross_entropy(self.layers[1].forward(pass, &self.neighbours, hidden), &self.inputs.labels)
    }
}

pub struct AttentionEpoch {
    inputs: Inputs,
    edges: Edges,
    layers: [GraphAttention; 2],
}

impl AttentionEpoch {
    pub fn new(graph: &SparseMatrix) -> (Self, Weights) {
        let (mut weights, mut rng) = (Weights::new(), stream(3, 0));
        let mut layer = |name: &str, outputs| {
            GraphAttention::new(&mut weights, name, WIDTH, (1, outputs), Heads::Concatenated, 0.0, &mut rng)
        };
        let layers = [layer("first", WIDTH), layer("second", 2)];
        (Self { inputs: Inputs::new(), edges: Edges::of(graph), layers }, weights)
    }
}

impl Objective for AttentionEpoch {
    type Batch = ();

    fn batches(&self, _epoch: usize, _rng: &mut ChaCha8Rng) -> Vec<()> {
        vec![()]
    }

    fn loss(&self, pass: &mut Pass, (): &()) -> Tensor<1> {
        let hidden = elu(self.layers[0].forward(pass, &self.edges, self.inputs.features.clone()));
        cross_entropy(self.layers[1].forward(pass, &self.edges, hidden), &self.inputs.labels)
    }
}
