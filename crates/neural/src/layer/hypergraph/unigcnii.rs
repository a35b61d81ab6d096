//! Deep convolution over hypergraphs.

use burn::tensor::Tensor;
use rand::Rng;

use super::Hypergraph;
use super::incidence::inverse_root;
use crate::operation::product;
use crate::{Aggregator, Pass, WeightId, Weights};

/// How much of the first features each layer keeps.
const KEPT: f32 = 0.1;
/// How fast the layers' own maps fade with depth.
const FADING: f32 = 0.5;

/// A layer that keeps some of the first features and, the deeper, the more of what it heard unmapped.
///
/// # Source
/// Huang and Yang, UniGNN: a Unified Framework for Graph and Hypergraph Neural Networks (IJCAI 2021), equation 10,
/// with alpha 0.1 and lambda 0.5; a hyperedge's degree is the mean of its nodes', equation 7.
///
/// # Shapes
/// `[nodes, width] -> [nodes, width]`
#[derive(Clone, Debug)]
pub struct UniGcnii {
    to_hyperedges: Aggregator,
    to_nodes: Aggregator,
    matrix: WeightId,
    share: f32,
}

impl UniGcnii {
    /// The layer of a depth, counted from 1.
    pub fn new(
        weights: &mut Weights,
        name: &str,
        hypergraph: &Hypergraph,
        (width, depth): (usize, usize),
        rng: &mut impl Rng,
    ) -> Self {
        let mean = hypergraph.to_hyperedges(|_, _, _| 1.0).into_row_means();
        let degrees: Vec<f32> = hypergraph
            .to_hyperedges(|_, _, _| 1.0)
            .transpose()
            .multiply(&vec![1.0; hypergraph.hyperedges()], 1);
        let of_hyperedges = mean.multiply(&degrees, 1);
        let entry =
            |edge: usize, _, node: usize| inverse_root(of_hyperedges[edge]) * inverse_root(degrees[node]);
        let back = hypergraph.to_hyperedges(entry).transpose();
        Self {
            to_hyperedges: Aggregator::new(mean),
            to_nodes: Aggregator::new(back),
            matrix: weights.glorot(&format!("{name}.weight"), [width, width], rng),
            share: (FADING / depth.max(1) as f32).ln_1p(),
        }
    }

    /// The nodes after hearing one another; `first` are those before all layers.
    pub fn forward(&self, pass: &Pass, nodes: Tensor<2>, first: Tensor<2>) -> Tensor<2> {
        let heard = self.to_nodes.aggregate(self.to_hyperedges.aggregate(nodes));
        let mixed = heard.mul_scalar(1.0 - KEPT) + first.mul_scalar(KEPT);
        let mapped = product(mixed.clone(), pass.weight(self.matrix));
        mixed.mul_scalar(1.0 - self.share) + mapped.mul_scalar(self.share)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::stream;
    use crate::trainer::numbers;

    #[test]
    fn ref_one_layer_by_hand() {
        // Hyperedges {0, 1} and {1}: node degrees 1 and 2, hyperedge degrees 1.5 and 2.
        let hypergraph = Hypergraph::new(2, vec![vec![0, 1], vec![1]]).unwrap();
        let mut weights = Weights::new();
        let layer = UniGcnii::new(&mut weights, "layer", &hypergraph, (1, 1), &mut stream(1, 0));
        weights.values_mut(layer.matrix)[0] = 3.0;
        let rows = |values: [f32; 2]| {
            Tensor::<2>::from_data(TensorData::new(values.to_vec(), [2, 1]), &Device::flex())
        };
        let found = numbers(layer.forward(&Pass::in_use(&weights), rows([1.0, 5.0]), rows([10.0, 20.0])));
        let beta = 1.5_f64.ln();
        let heard = [3.0 / 1.5_f64.sqrt(), (3.0 / 1.5_f64.sqrt() + 5.0 / 2.0_f64.sqrt()) / 2.0_f64.sqrt()];
        for ((found, heard), first) in found.iter().zip(heard).zip([10.0, 20.0]) {
            let mixed = 0.9 * heard + 0.1 * first;
            let expected = (1.0 - beta) * mixed + beta * 3.0 * mixed;
            assert!((f64::from(*found) - expected).abs() < 1e-4, "{found} {expected}");
        }
    }
}
