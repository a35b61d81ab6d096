//! Graph isomorphism network.

use burn::tensor::Tensor;
use rand::Rng;

use super::{BatchNorm, Linear};
use crate::{Aggregator, Pass, WeightId, Weights, relu};

/// A layer of the graph isomorphism network: a perceptron of the node, weighed, and the sum of its neighbours.
///
/// # Source
/// Xu et al., How Powerful are Graph Neural Networks? (ICLR 2019), equation 4.1, with the two-layer
/// perceptron and batch normalisation of section 7.
///
/// # Shapes
/// `[nodes, inputs] -> [nodes, outputs]`
#[derive(Clone, Copy, Debug)]
pub struct GraphIsomorphism {
    own: WeightId,
    hidden: Linear,
    inner: BatchNorm,
    output: Linear,
    outer: BatchNorm,
}

impl GraphIsomorphism {
    /// A layer whose node weighs as each neighbour does at first.
    pub fn new(weights: &mut Weights, name: &str, inputs: usize, outputs: usize, rng: &mut impl Rng) -> Self {
        Self {
            own: weights.bias(&format!("{name}.own"), 1, 0.0),
            hidden: Linear::new(weights, &format!("{name}.hidden"), inputs, outputs, rng),
            inner: BatchNorm::new(weights, &format!("{name}.inner"), outputs),
            output: Linear::new(weights, &format!("{name}.output"), outputs, outputs, rng),
            outer: BatchNorm::new(weights, &format!("{name}.outer"), outputs),
        }
    }

    /// The nodes after hearing their neighbours; `sums` adds them up.
    pub fn forward(&self, pass: &mut Pass, sums: &Aggregator, nodes: Tensor<2>) -> Tensor<2> {
        let own = pass.weight(self.own).add_scalar(1.0);
        let heard = sums.aggregate(nodes.clone()) + nodes * own;
        let hidden = self.hidden.forward(pass, heard);
        let hidden = relu(self.inner.forward(pass, hidden));
        let output = self.output.forward(pass, hidden);
        relu(self.outer.forward(pass, output))
    }
}
