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
    hearing: Hearing,
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
        let hearing = Hearing::new(weights, name, (heads, width), together, dropout);
        Self { linear, of_source, of_target, hearing }
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
        let score = |vector: WeightId| head_dots(messages.clone(), pass.weight(vector), self.hearing.heads);
        let scores = edges.added(score(self.of_source), score(self.of_target));
        self.hearing.hear(pass, edges, leaky_relu(scores, SLOPE_BELOW), messages)
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
    hearing: Hearing,
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
        Self {
            of_source: Linear::new(weights, &format!("{name}.source"), inputs, heads * width, rng),
            of_target: Linear::new(weights, &format!("{name}.target"), inputs, heads * width, rng),
            vectors: weights.glorot(&format!("{name}.vectors"), [heads, width], rng),
            hearing: Hearing::new(weights, name, (heads, width), together, dropout),
        }
    }

    /// Of dense features.
    pub fn forward(&self, pass: &mut Pass, edges: &Edges, nodes: Tensor<2>) -> Tensor<2> {
        let messages = self.of_source.forward(pass, nodes.clone());
        let targets = self.of_target.forward(pass, nodes);
        let scores = edges.attended(messages.clone(), targets, pass.weight(self.vectors), SLOPE_BELOW);
        self.hearing.hear(pass, edges, scores, messages)
    }
}

/// What both layers do with the scores of the edges.
#[derive(Clone, Copy, Debug)]
struct Hearing {
    bias: WeightId,
    heads: usize,
    width: usize,
    together: Heads,
    dropout: f32,
}

impl Hearing {
    fn new(
        weights: &mut Weights,
        name: &str,
        (heads, width): (usize, usize),
        together: Heads,
        dropout: f32,
    ) -> Self {
        let outputs = if together == Heads::Averaged { width } else { heads * width };
        Self { bias: weights.bias(&format!("{name}.bias"), outputs, 0.0), heads, width, together, dropout }
    }

    fn hear(self, pass: &mut Pass, edges: &Edges, scores: Tensor<2>, messages: Tensor<2>) -> Tensor<2> {
        let shares = pass.dropout(edges.softmax(scores), self.dropout);
        let heard = edges.weighted_sum(shares, messages);
        self.joined(heard) + pass.weight(self.bias)
    }

    fn joined(self, heard: Tensor<2>) -> Tensor<2> {
        if self.together == Heads::Concatenated || self.heads == 1 {
            return heard;
        }
        let device = heard.device();
        let part = |head: usize| {
            let columns: Vec<i64> =
                (0..self.width).map(|column| (head * self.width + column) as i64).collect();
            let columns = TensorData::new(columns, [self.width]);
            heard.clone().select(1, Tensor::<1, Int>::from_data(columns, &device))
        };
        let sum = (1..self.heads).map(part).fold(part(0), |sum, next| sum + next);
        sum.div_scalar(self.heads as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::check::numbers as values;
    use crate::trainer::numbers;
    use crate::{SparseMatrix, stream};
    use burn::tensor::Device;

    const NODES: usize = 4;
    const HEADS: usize = 2;
    const WIDTH: usize = 3;

    fn neighbours() -> SparseMatrix {
        let rows = [vec![0, 3], vec![], vec![1, 2, 3], vec![1]];
        let row = |row: Vec<u32>| row.into_iter().map(|source| (source, 1.0)).collect();
        SparseMatrix::from_rows(NODES, rows.map(row)).unwrap()
    }

    /// The definition with a loop over targets, heads and sources: `score` of source and target row.
    fn by_hand(messages: &[f32], how: Heads, score: impl Fn(usize, usize, usize) -> f32) -> Vec<f32> {
        let rows = neighbours();
        let mut expected = Vec::new();
        for target in 0..rows.rows() {
            let mut heard = [[0.0_f32; WIDTH]; HEADS];
            for (head, heard) in heard.iter_mut().enumerate() {
                let scores =
                    rows.row(target).0.iter().map(|&source| score(source as usize, target, head).exp());
                let scores: Vec<f32> = scores.collect();
                for (&source, share) in rows.row(target).0.iter().zip(&scores) {
                    for (column, heard) in heard.iter_mut().enumerate() {
                        let message = messages[source as usize * HEADS * WIDTH + head * WIDTH + column];
                        *heard += share / scores.iter().sum::<f32>() * message;
                    }
                }
            }
            match how {
                Heads::Concatenated => expected.extend(heard.concat()),
                Heads::Averaged => {
                    expected
                        .extend((0..WIDTH).map(|column| f32::midpoint(heard[0][column], heard[1][column])));
                }
            }
        }
        expected
    }

    fn agree(found: &[f32], expected: &[f32]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-5, "{found} against {expected}");
        }
    }

    fn leaky(value: f32) -> f32 {
        if value > 0.0 { value } else { SLOPE_BELOW * value }
    }

    #[test]
    fn ref_both_layers_are_what_their_equations_give() {
        let nodes = TensorData::new(values(NODES * 5, 2), [NODES, 5]);
        let nodes = Tensor::<2>::from_data(nodes, &Device::flex());
        let edges = Edges::of(&neighbours());
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let part = |row: usize, head: usize| {
            row * HEADS * WIDTH + head * WIDTH..row * HEADS * WIDTH + (head + 1) * WIDTH
        };
        for how in [Heads::Concatenated, Heads::Averaged] {
            let (mut weights, rng) = (Weights::new(), &mut stream(4, 0));
            let plain = GraphAttention::new(&mut weights, "plain", 5, (HEADS, WIDTH), how, 0.6, rng);
            let dynamic =
                DynamicGraphAttention::new(&mut weights, "dynamic", 5, (HEADS, WIDTH), how, 0.6, rng);
            let mut pass = Pass::in_use(&weights);
            let of = |id: WeightId| numbers(pass.weight(id));

            let messages = numbers(plain.linear.forward(&pass, nodes.clone()));
            let (of_source, of_target) = (of(plain.of_source), of(plain.of_target));
            let first = by_hand(&messages, how, |source, target, head| {
                let side = |vector: &[f32], row| dot(&vector[part(0, head)], &messages[part(row, head)]);
                leaky(side(&of_source, source) + side(&of_target, target))
            });

            let sources = numbers(dynamic.of_source.forward(&pass, nodes.clone()));
            let targets = numbers(dynamic.of_target.forward(&pass, nodes.clone()));
            let vectors = of(dynamic.vectors);
            let second = by_hand(&sources, how, |source, target, head| {
                let pairs = sources[part(source, head)].iter().zip(&targets[part(target, head)]);
                let rectified: Vec<f32> = pairs.map(|(source, target)| leaky(source + target)).collect();
                dot(&vectors[part(0, head)], &rectified)
            });

            agree(&numbers(plain.forward(&mut pass, &edges, nodes.clone())), &first);
            agree(&numbers(dynamic.forward(&mut pass, &edges, nodes.clone())), &second);
        }
    }
}
