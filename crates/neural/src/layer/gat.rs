//! Graph attention.

use burn::tensor::{Int, Tensor, TensorData};
use rand::Rng;

use super::Linear;
use crate::operation::{head_dots, leaky_relu};
use crate::{Aggregator, Edges, Pass, WeightId, Weights};

/// Slope of the rectifier below 0, as in both papers.
const SLOPE_BELOW: f32 = 0.2;

/// How the heads of an attention layer become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heads {
    /// Side by side.
    Concatenated,
    /// Their mean.
    Averaged,
}

/// A layer of graph attention: a node hears its neighbours by shares that depend on both ends.
///
/// # Source
/// Veličković et al., Graph Attention Networks (ICLR 2018), equations 3 to 6, without the activation.
///
/// # Shapes
/// `[nodes, inputs] -> [nodes, heads * width]`, or `[nodes, width]` where heads are averaged
#[derive(Clone, Copy, Debug)]
pub struct GraphAttention {
    linear: Linear,
    of_source: WeightId,
    of_target: WeightId,
    bias: WeightId,
    heads: usize,
    width: usize,
    together: Heads,
    dropout: f32,
}

impl GraphAttention {
    /// A layer of so many heads of a width; `dropout` is that of the shares.
    pub fn new(
        weights: &mut Weights,
        name: &str,
        inputs: usize,
        (heads, width): (usize, usize),
        together: Heads,
        dropout: f32,
        rng: &mut impl Rng,
    ) -> Self {
        let linear = Linear::without_bias(weights, name, inputs, heads * width, rng);
        let mut vector = |end: &str| {
            let bound = (6.0 / (width + 1) as f32).sqrt();
            weights.uniform(&format!("{name}.{end}"), [1, heads * width], bound, rng)
        };
        let (of_source, of_target) = (vector("source"), vector("target"));
        let outputs = if together == Heads::Averaged { width } else { heads * width };
        let bias = weights.bias(&format!("{name}.bias"), outputs, 0.0);
        Self { linear, of_source, of_target, bias, heads, width, together, dropout }
    }

    /// Of dense features.
    pub fn forward(&self, pass: &mut Pass, edges: &Edges, nodes: Tensor<2>) -> Tensor<2> {
        let messages = self.linear.forward(pass, nodes);
        self.attend(pass, edges, messages)
    }

    /// Of sparse features.
    pub fn forward_sparse(&self, pass: &mut Pass, edges: &Edges, nodes: &Aggregator) -> Tensor<2> {
        let messages = self.linear.forward_sparse(pass, nodes);
        self.attend(pass, edges, messages)
    }

    fn attend(&self, pass: &mut Pass, edges: &Edges, messages: Tensor<2>) -> Tensor<2> {
        let score = |vector: WeightId| head_dots(messages.clone(), pass.weight(vector), self.heads);
        let scores = edges.added(score(self.of_source), score(self.of_target));
        let shares = edges.softmax(leaky_relu(scores, SLOPE_BELOW));
        let shares = pass.dropout(shares, self.dropout);
        let heard = edges.weighted_sum(shares, messages);
        together(self.together, heard, self.heads, self.width) + pass.weight(self.bias)
    }
}

/// A layer of graph attention whose order of neighbours may differ from node to node.
///
/// # Source
/// Brody, Alon and Yahav, How Attentive are Graph Attention Networks? (ICLR 2022), equation 7, with separate
/// maps of source and target.
///
/// # Shapes
/// As [`GraphAttention`].
#[derive(Clone, Copy, Debug)]
pub struct DynamicGraphAttention {
    of_source: Linear,
    of_target: Linear,
    vectors: WeightId,
    bias: WeightId,
    heads: usize,
    width: usize,
    together: Heads,
    dropout: f32,
}

impl DynamicGraphAttention {
    /// A layer of so many heads of a width; `dropout` is that of the shares.
    pub fn new(
        weights: &mut Weights,
        name: &str,
        inputs: usize,
        (heads, width): (usize, usize),
        together: Heads,
        dropout: f32,
        rng: &mut impl Rng,
    ) -> Self {
        let outputs = if together == Heads::Averaged { width } else { heads * width };
        Self {
            of_source: Linear::new(weights, &format!("{name}.source"), inputs, heads * width, rng),
            of_target: Linear::new(weights, &format!("{name}.target"), inputs, heads * width, rng),
            vectors: weights.glorot(&format!("{name}.vectors"), [heads, width], rng),
            bias: weights.bias(&format!("{name}.bias"), outputs, 0.0),
            heads,
            width,
            together,
            dropout,
        }
    }

    /// Of dense features.
    pub fn forward(&self, pass: &mut Pass, edges: &Edges, nodes: Tensor<2>) -> Tensor<2> {
        let messages = self.of_source.forward(pass, nodes.clone());
        let targets = self.of_target.forward(pass, nodes);
        let scores = edges.attended(messages.clone(), targets, pass.weight(self.vectors), SLOPE_BELOW);
        let shares = pass.dropout(edges.softmax(scores), self.dropout);
        let heard = edges.weighted_sum(shares, messages);
        together(self.together, heard, self.heads, self.width) + pass.weight(self.bias)
    }
}

fn together(how: Heads, heard: Tensor<2>, heads: usize, width: usize) -> Tensor<2> {
    if how == Heads::Concatenated || heads == 1 {
        return heard;
    }
    let device = heard.device();
    let part = |head: usize| {
        let columns: Vec<i64> = (0..width).map(|column| (head * width + column) as i64).collect();
        heard.clone().select(1, Tensor::<1, Int>::from_data(TensorData::new(columns, [width]), &device))
    };
    let sum = (1..heads).map(part).fold(part(0), |sum, next| sum + next);
    sum.div_scalar(heads as f32)
}
