//! Dense layers.

use burn::tensor::Tensor;
use rand::Rng;

use crate::operation::{Aggregator, product};
use crate::{Pass, WeightId, Weights};

/// A linear map, with or without a bias.
///
/// # Shapes
/// `[rows, inputs] -> [rows, outputs]`
#[derive(Clone, Copy, Debug)]
pub struct Linear {
    matrix: WeightId,
    bias: Option<WeightId>,
}

impl Linear {
    /// A map with a bias that starts at 0.
    pub fn new(weights: &mut Weights, name: &str, inputs: usize, outputs: usize, rng: &mut impl Rng) -> Self {
        let bias = weights.bias(&format!("{name}.bias"), outputs, 0.0);
        Self { bias: Some(bias), ..Self::without_bias(weights, name, inputs, outputs, rng) }
    }

    /// A map without a bias.
    pub fn without_bias(
        weights: &mut Weights,
        name: &str,
        inputs: usize,
        outputs: usize,
        rng: &mut impl Rng,
    ) -> Self {
        let matrix = weights.glorot(&format!("{name}.weight"), [inputs, outputs], rng);
        Self { matrix, bias: None }
    }

    /// Its matrix.
    pub fn matrix(&self) -> WeightId {
        self.matrix
    }

    /// Its bias.
    pub fn bias(&self) -> Option<WeightId> {
        self.bias
    }

    /// The map of dense rows.
    pub fn forward(&self, pass: &Pass, rows: Tensor<2>) -> Tensor<2> {
        self.shifted(pass, product(rows, pass.weight(self.matrix)))
    }

    /// The map of sparse rows.
    pub fn forward_sparse(&self, pass: &Pass, rows: &Aggregator) -> Tensor<2> {
        self.shifted(pass, rows.aggregate(pass.weight(self.matrix)))
    }

    fn shifted(&self, pass: &Pass, rows: Tensor<2>) -> Tensor<2> {
        match self.bias {
            Some(bias) => rows + pass.weight(bias),
            None => rows,
        }
    }
}
