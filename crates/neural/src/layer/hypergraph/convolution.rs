//! Hypergraph convolution.

use burn::tensor::Tensor;
use rand::Rng;

use super::Hypergraph;
use super::incidence::inverse_root;
use crate::layer::Linear;
use crate::{Aggregator, Pass, WeightId, Weights};

/// Hypergraph convolution by the normalised Laplacian, `Dv^-1/2 H W De^-1 H' Dv^-1/2 X T + b`.
///
/// # Source
/// Feng et al., Hypergraph Neural Networks (AAAI 2019), equation 10.
///
/// # Shapes
/// `[nodes, inputs] -> [nodes, outputs]`
#[derive(Clone, Debug)]
pub struct HypergraphConvolution {
    inner: TwoSteps,
}

/// Hypergraph convolution by means: of a hyperedge's nodes, then of a node's hyperedges by their weights,
/// `Dv^-1 H W De^-1 H' X T + b`.
///
/// # Source
/// Gao et al., HGNN+: General Hypergraph Neural Networks (IEEE TPAMI 2023), equation 10.
///
/// # Shapes
/// `[nodes, inputs] -> [nodes, outputs]`
#[derive(Clone, Debug)]
pub struct HypergraphConvolutionPlus {
    inner: TwoSteps,
}

#[derive(Clone, Debug)]
struct TwoSteps {
    to_hyperedges: Aggregator,
    to_nodes: Aggregator,
    linear: Linear,
    bias: WeightId,
}

impl TwoSteps {
    fn new(
        weights: &mut Weights,
        name: &str,
        (to_hyperedges, to_nodes): (Aggregator, Aggregator),
        (inputs, outputs): (usize, usize),
        rng: &mut impl Rng,
    ) -> Self {
        let linear = Linear::without_bias(weights, name, inputs, outputs, rng);
        Self { to_hyperedges, to_nodes, linear, bias: weights.bias(&format!("{name}.bias"), outputs, 0.0) }
    }

    fn heard(&self, pass: &Pass, mapped: Tensor<2>) -> Tensor<2> {
        self.to_nodes.aggregate(self.to_hyperedges.aggregate(mapped)) + pass.weight(self.bias)
    }
}

impl HypergraphConvolution {
    /// A layer over a hypergraph.
    pub fn new(
        weights: &mut Weights,
        name: &str,
        hypergraph: &Hypergraph,
        sizes: (usize, usize),
        rng: &mut impl Rng,
    ) -> Self {
        let (degrees, counts) = (hypergraph.degrees(), hypergraph.sizes());
        let root = |node: usize| inverse_root(degrees[node]);
        let mean = hypergraph.to_hyperedges(|edge, _, node| root(node) / counts[edge].max(1.0));
        let back = hypergraph.to_hyperedges(|_, weight, node| weight * root(node)).transpose();
        let steps = (Aggregator::new(mean), Aggregator::new(back));
        Self { inner: TwoSteps::new(weights, name, steps, sizes, rng) }
    }

    /// Of dense features.
    pub fn forward(&self, pass: &Pass, nodes: Tensor<2>) -> Tensor<2> {
        self.inner.heard(pass, self.inner.linear.forward(pass, nodes))
    }

    /// Of sparse features.
    pub fn forward_sparse(&self, pass: &Pass, nodes: &Aggregator) -> Tensor<2> {
        self.inner.heard(pass, self.inner.linear.forward_sparse(pass, nodes))
    }
}

impl HypergraphConvolutionPlus {
    /// A layer over a hypergraph.
    pub fn new(
        weights: &mut Weights,
        name: &str,
        hypergraph: &Hypergraph,
        sizes: (usize, usize),
        rng: &mut impl Rng,
    ) -> Self {
        let mean = hypergraph.to_hyperedges(|_, _, _| 1.0).into_row_means();
        let back = hypergraph.to_hyperedges(|_, weight, _| weight).transpose().into_row_means();
        let steps = (Aggregator::new(mean), Aggregator::new(back));
        Self { inner: TwoSteps::new(weights, name, steps, sizes, rng) }
    }

    /// Of dense features.
    pub fn forward(&self, pass: &Pass, nodes: Tensor<2>) -> Tensor<2> {
        self.inner.heard(pass, self.inner.linear.forward(pass, nodes))
    }

    /// Of sparse features.
    pub fn forward_sparse(&self, pass: &Pass, nodes: &Aggregator) -> Tensor<2> {
        self.inner.heard(pass, self.inner.linear.forward_sparse(pass, nodes))
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::stream;
    use crate::trainer::numbers;

    /// Nodes 0 to 3, hyperedges {0, 1, 2} of weight 1 and {2, 3} of weight 2: degrees 1, 1, 3, 2.
    fn hypergraph() -> Hypergraph {
        Hypergraph::new(4, vec![vec![0, 1, 2], vec![2, 3]]).unwrap().weighted(vec![1.0, 2.0]).unwrap()
    }

    /// The dense formula, by the definition: entry (i, j) of the map between nodes.
    fn dense(entry: impl Fn(usize, usize) -> f32, x: [f32; 4]) -> [f32; 4] {
        std::array::from_fn(|i| (0..4).map(|j| entry(i, j) * x[j]).sum())
    }

    fn close(found: &[f32], expected: [f32; 4]) {
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5), "{found:?} {expected:?}");
    }

    #[test]
    fn ref_convolutions_are_their_dense_formulas() {
        let incidence = [[1.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0_f32]];
        let (weight, size, degree) = ([1.0, 2.0_f32], [3.0, 2.0_f32], [1.0, 1.0, 3.0, 2.0_f32]);
        let shared = |i: usize, j: usize| -> f32 {
            (0..2).map(|e| incidence[i][e] * weight[e] / size[e] * incidence[j][e]).sum()
        };
        let x = [0.5, -1.0, 2.0, 3.0_f32];
        let rows = || Tensor::<2>::from_data(TensorData::new(x.to_vec(), [4, 1]), &Device::flex());
        let mut weights = Weights::new();
        let mut rng = stream(1, 0);
        let plain = HypergraphConvolution::new(&mut weights, "plain", &hypergraph(), (1, 1), &mut rng);
        let plus = HypergraphConvolutionPlus::new(&mut weights, "plus", &hypergraph(), (1, 1), &mut rng);
        weights.values_mut(plain.inner.linear.matrix())[0] = 1.0;
        weights.values_mut(plus.inner.linear.matrix())[0] = 1.0;
        let pass = Pass::in_use(&weights);
        let expected = dense(|i, j| shared(i, j) / (degree[i] * degree[j]).sqrt(), x);
        close(&numbers(plain.forward(&pass, rows())), expected);
        close(&numbers(plus.forward(&pass, rows())), dense(|i, j| shared(i, j) / degree[i], x));
    }
}
