//! GraphSAGE.

use burn::tensor::Tensor;
use rand::Rng;

use super::Linear;
use crate::{Aggregator, Edges, Pass, Weights, relu};

/// How the neighbours of a node are taken together.
#[derive(Clone, Debug)]
pub enum Neighbours {
    /// Their mean; the map has rows that sum to 1.
    Mean(Aggregator),
    /// Number by number the largest, after a layer and a rectifier of its own.
    Max(Edges),
}

/// A layer of GraphSAGE: the node itself and its neighbours, each through a matrix of its own.
///
/// # Source
/// Hamilton, Ying and Leskovec, Inductive Representation Learning on Large Graphs (NeurIPS 2017), algorithm 1
/// lines 4 and 5 and equation 3 (max), without the rescaling of line 7 and the activation.
///
/// # Shapes
/// `[nodes, inputs] -> [nodes, outputs]`, or `[sources, inputs] -> [targets, outputs]` where the targets are
/// the first of the sources
#[derive(Clone, Copy, Debug)]
pub struct Sage {
    own: Linear,
    heard: Linear,
    pool: Option<Linear>,
    narrows: bool,
}

impl Sage {
    /// A layer that takes means.
    pub fn mean(
        weights: &mut Weights,
        name: &str,
        inputs: usize,
        outputs: usize,
        rng: &mut impl Rng,
    ) -> Self {
        Self {
            own: Linear::new(weights, &format!("{name}.own"), inputs, outputs, rng),
            heard: Linear::without_bias(weights, &format!("{name}.heard"), inputs, outputs, rng),
            pool: None,
            narrows: outputs < inputs,
        }
    }

    /// A layer that takes maxima.
    pub fn max(weights: &mut Weights, name: &str, inputs: usize, outputs: usize, rng: &mut impl Rng) -> Self {
        let pool = Linear::new(weights, &format!("{name}.pool"), inputs, inputs, rng);
        Self { pool: Some(pool), ..Self::mean(weights, name, inputs, outputs, rng) }
    }

    /// The nodes after hearing their neighbours.
    ///
    /// # Panics
    /// When a layer of maxima is given means, or the reverse.
    pub fn forward(&self, pass: &Pass, neighbours: &Neighbours, nodes: Tensor<2>) -> Tensor<2> {
        let heard = match (neighbours, self.pool) {
            // A mean of fewer numbers is cheaper, and both orders are the same map.
            (Neighbours::Mean(means), None) if self.narrows => {
                means.aggregate(self.heard.forward(pass, nodes.clone()))
            }
            (Neighbours::Mean(means), None) => self.heard.forward(pass, means.aggregate(nodes.clone())),
            (Neighbours::Max(edges), Some(pool)) => {
                let pooled = relu(pool.forward(pass, nodes.clone()));
                self.heard.forward(pass, edges.max(pooled))
            }
            _ => panic!("neighbours taken together in the way the layer was made for"),
        };
        // In a sample the targets are the first of the sources; in a whole graph, all of them.
        let targets = heard.dims()[0];
        self.own.forward(pass, nodes.narrow(0, 0, targets)) + heard
    }
}
