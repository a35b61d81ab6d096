//! Attention among neighbours by meta-paths, and among the meta-paths.

use burn::tensor::Tensor;
use burn::tensor::activation::softmax;
use rand::Rng;

use super::Linear;
use crate::operation::{elu, head_dots, leaky_relu};
use crate::{Edges, Pass, WeightId, Weights, product};

/// Slope of the rectifier below 0, as of graph attention.
const SLOPE_BELOW: f32 = 0.2;

/// A layer of the heterogeneous graph attention network, for nodes of one type.
///
/// # Source
/// Wang et al., Heterogeneous Graph Attention Network (WWW 2019), equations 1 to 9; one projection for the
/// type, attention of its own for each meta-path. Nodes are their own neighbours where the edges say so, as
/// in the paper.
///
/// # Shapes
/// `[nodes, inputs] -> [nodes, heads * width]`, and the meta-paths' shares `[1, paths]`
#[derive(Clone, Debug)]
pub struct MetaPathAttention {
    projection: Linear,
    /// Of each meta-path the vectors for source and target.
    vectors: Vec<(WeightId, WeightId)>,
    semantic: Linear,
    query: WeightId,
    heads: usize,
    dropout: f32,
}

impl MetaPathAttention {
    /// A layer for so many meta-paths, with so many hidden units in the attention among them; `dropout` is
    /// that of the neighbours' shares.
    pub fn new(
        weights: &mut Weights,
        name: &str,
        inputs: usize,
        (heads, width): (usize, usize),
        (paths, hidden): (usize, usize),
        dropout: f32,
        rng: &mut impl Rng,
    ) -> Self {
        let size = heads * width;
        let projection = Linear::without_bias(weights, &format!("{name}.projection"), inputs, size, rng);
        let bound = (6.0 / (width + 1) as f32).sqrt();
        let vectors = (0..paths)
            .map(|path| {
                let mut vector =
                    |end| weights.uniform(&format!("{name}.path{path}.{end}"), [1, size], bound, rng);
                (vector("source"), vector("target"))
            })
            .collect();
        let semantic = Linear::new(weights, &format!("{name}.semantic"), size, hidden, rng);
        let query = weights.glorot(&format!("{name}.query"), [hidden, 1], rng);
        Self { projection, vectors, semantic, query, heads, dropout }
    }

    /// The nodes, and the share of each meta-path in them.
    ///
    /// # Panics
    /// When there are not the edges of each meta-path, one at least.
    pub fn forward(&self, pass: &mut Pass, paths: &[Edges], nodes: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        assert!(paths.len() == self.vectors.len() && !paths.is_empty(), "edges of each meta-path");
        let messages = self.projection.forward(pass, nodes);
        let (mut heard, mut importance) = (Vec::new(), Vec::new());
        for (edges, (source, target)) in paths.iter().zip(&self.vectors) {
            let score = |vector: &WeightId| head_dots(messages.clone(), pass.weight(*vector), self.heads);
            let scores = leaky_relu(edges.added(score(source), score(target)), SLOPE_BELOW);
            let shares = pass.dropout(edges.softmax(scores), self.dropout);
            let own = elu(edges.weighted_sum(shares, messages.clone()));
            let hidden = self.semantic.forward(pass, own.clone()).tanh();
            importance.push(product(hidden, pass.weight(self.query)).mean_dim(0));
            heard.push(own);
        }
        let shares = softmax(Tensor::cat(importance, 1), 1);
        let weighed =
            heard.into_iter().enumerate().map(|(path, own)| own * shares.clone().narrow(1, path, 1));
        let sum = weighed.reduce(|sum, own| sum + own).expect("there is one meta-path at least");
        (sum, shares)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::check::numbers as values;
    use crate::trainer::numbers;
    use crate::{SparseMatrix, stream};
    use burn::tensor::{Device, TensorData};

    #[test]
    fn ref_layer_is_the_two_softmaxes_of_its_definition() {
        let (nodes, inputs, heads, width, hidden) = (3, 2, 2, 2, 3);
        let size = heads * width;
        let paths: [&[(usize, usize)]; 2] =
            [&[(0, 0), (0, 1), (1, 1), (2, 0), (2, 2)], &[(0, 2), (1, 0), (1, 1), (2, 2)]];
        let edges = paths.map(|pairs| {
            let row = |node| pairs.iter().filter(|p| p.0 == node).map(|p| (p.1 as u32, 1.0)).collect();
            let rows: Vec<Vec<(u32, f32)>> = (0..nodes).map(row).collect();
            Edges::of(&SparseMatrix::from_rows(nodes, rows).unwrap())
        });
        let mut weights = Weights::new();
        let layer = MetaPathAttention::new(
            &mut weights,
            "h",
            inputs,
            (heads, width),
            (2, hidden),
            0.0,
            &mut stream(8, 0),
        );
        let block = |name: &str| {
            weights.blocks().iter().find(|block| block.name() == format!("h.{name}")).unwrap().values()
        };
        let x = values(nodes * inputs, 5);
        let m = block("projection.weight");
        let message = |node: usize, c: usize| -> f32 {
            (0..inputs).map(|i| x[node * inputs + i] * m[i * size + c]).sum()
        };
        let mut heard = vec![vec![0.0_f32; nodes * size]; 2];
        let mut importance = [0.0_f32; 2];
        for (path, pairs) in paths.iter().enumerate() {
            let (a, b) = (block(&format!("path{path}.source")), block(&format!("path{path}.target")));
            for node in 0..nodes {
                for head in 0..heads {
                    let part = head * width..(head + 1) * width;
                    let weigh = |other: usize| {
                        let score: f32 =
                            part.clone().map(|c| a[c] * message(other, c) + b[c] * message(node, c)).sum();
                        (if score < 0.0 { 0.2 * score } else { score }).exp()
                    };
                    let own: Vec<usize> = pairs.iter().filter(|p| p.0 == node).map(|p| p.1).collect();
                    let total: f32 = own.iter().map(|other| weigh(*other)).sum();
                    for c in part.clone() {
                        let sum: f32 = own.iter().map(|o| weigh(*o) / total * message(*o, c)).sum();
                        heard[path][node * size + c] = if sum < 0.0 { sum.exp_m1() } else { sum };
                    }
                }
                for unit in 0..hidden {
                    let sum: f32 = (0..size)
                        .map(|c| heard[path][node * size + c] * block("semantic.weight")[c * hidden + unit])
                        .sum();
                    let sum = sum + block("semantic.bias")[unit];
                    importance[path] += block("query")[unit] * sum.tanh() / nodes as f32;
                }
            }
        }
        let total: f32 = importance.iter().map(|w| w.exp()).sum();
        let rows = Tensor::<2>::from_data(TensorData::new(x.clone(), [nodes, inputs]), &Device::flex());
        let (found, shares) = layer.forward(&mut Pass::in_use(&weights), &edges, rows);
        let (found, shares) = (numbers(found), numbers(shares));
        for place in 0..nodes * size {
            let expected: f32 = (0..2).map(|path| importance[path].exp() / total * heard[path][place]).sum();
            assert!((found[place] - expected).abs() < 1e-5, "{} against {expected}", found[place]);
        }
        assert!((shares[0] - importance[0].exp() / total).abs() < 1e-6);
    }
}
