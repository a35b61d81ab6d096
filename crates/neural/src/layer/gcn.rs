//! Graph convolution.

use burn::tensor::Tensor;
use rand::Rng;

use super::Linear;
use crate::{Aggregator, Pass, SparseMatrix, WeightId, Weights};

/// The adjacency that graph convolution multiplies by: with an edge from each node to itself, an entry
/// divided by the square roots of both ends' degrees.
///
/// # Source
/// Kipf and Welling, Semi-Supervised Classification with Graph Convolutional Networks (ICLR 2017), equation 2
/// and the renormalisation of section 2.2.
pub fn renormalised(adjacency: &SparseMatrix) -> SparseMatrix {
    let looped = adjacency.with_self_loops();
    let degree = |row: usize| looped.row(row).1.iter().sum::<f32>();
    let roots: Vec<f32> = (0..looped.rows()).map(|row| degree(row).max(f32::MIN_POSITIVE).sqrt()).collect();
    looped.map_values(|row, column, value| value / (roots[row] * roots[column as usize]))
}

/// A layer of graph convolution, `A X W + b`.
///
/// # Source
/// Kipf and Welling (ICLR 2017), equation 2, without its activation.
///
/// # Shapes
/// `[nodes, inputs] -> [nodes, outputs]`
#[derive(Clone, Copy, Debug)]
pub struct GraphConvolution {
    linear: Linear,
    bias: WeightId,
}

impl GraphConvolution {
    /// Weights by Glorot, a bias of 0.
    pub fn new(weights: &mut Weights, name: &str, inputs: usize, outputs: usize, rng: &mut impl Rng) -> Self {
        let linear = Linear::without_bias(weights, name, inputs, outputs, rng);
        Self { linear, bias: weights.bias(&format!("{name}.bias"), outputs, 0.0) }
    }

    /// Its linear map.
    pub fn linear(&self) -> Linear {
        self.linear
    }

    /// Of dense features.
    pub fn forward(&self, pass: &Pass, adjacency: &Aggregator, nodes: Tensor<2>) -> Tensor<2> {
        adjacency.aggregate(self.linear.forward(pass, nodes)) + pass.weight(self.bias)
    }

    /// Of sparse features.
    pub fn forward_sparse(&self, pass: &Pass, adjacency: &Aggregator, nodes: &Aggregator) -> Tensor<2> {
        adjacency.aggregate(self.linear.forward_sparse(pass, nodes)) + pass.weight(self.bias)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_renormalised_adjacency_of_a_path() {
        // A path of three nodes: degrees with loops 2, 3, 2.
        let path =
            SparseMatrix::from_rows(3, [vec![(1, 1.0)], vec![(0, 1.0), (2, 1.0)], vec![(1, 1.0)]]).unwrap();
        let found = renormalised(&path);
        let root = 1.0 / 6.0_f32.sqrt();
        let expected = [vec![0.5, root], vec![root, 1.0 / 3.0, root], vec![root, 0.5]];
        for (row, expected) in expected.iter().enumerate() {
            for (found, expected) in found.row(row).1.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-6, "{found} {expected}");
            }
        }
    }
}
