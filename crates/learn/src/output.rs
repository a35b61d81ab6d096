//! The last layer of a network that predicts whether an outcome happens.

use burn::tensor::Tensor;
use twinloom_neural::{Pass, WeightId, Weights, product};

/// One number from each row of hidden units.
///
/// It starts from zeros and the outcome's share, so that it predicts the same for everyone, and a network
/// stopped early stays near that.
///
/// # Shapes
/// `[instances, hidden] -> [instances, 1]`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    matrix: WeightId,
    bias: WeightId,
}

impl Output {
    pub(crate) fn new(weights: &mut Weights, hidden: usize, prior_log_odds: f32) -> Self {
        let matrix = weights.filled("output.weight", [hidden, 1], 0.0);
        Self { matrix, bias: weights.bias("output.bias", 1, prior_log_odds) }
    }

    #[cfg(test)]
    pub(crate) fn matrix(self) -> WeightId {
        self.matrix
    }

    pub(crate) fn forward(self, pass: &Pass, hidden: Tensor<2>) -> Tensor<2> {
        product(hidden, pass.weight(self.matrix)) + pass.weight(self.bias)
    }
}
