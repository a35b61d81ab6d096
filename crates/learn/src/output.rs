//! The last layer of a network that predicts whether outcomes happen.

use burn::tensor::Tensor;
use twinloom_neural::{Pass, WeightId, Weights, product};

/// One number for each outcome from each row of hidden units.
///
/// It starts from zeros and the outcomes' shares, so that it predicts the same for everyone, and a network
/// stopped early stays near that.
///
/// # Shapes
/// `[instances, hidden] -> [instances, outcomes]`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    matrix: WeightId,
    bias: WeightId,
}

impl Output {
    pub(crate) fn new(weights: &mut Weights, hidden: usize, prior_log_odds: &[f32]) -> Self {
        let matrix = weights.filled("output.weight", [hidden, prior_log_odds.len()], 0.0);
        let bias = weights.bias("output.bias", prior_log_odds.len(), 0.0);
        weights.values_mut(bias).copy_from_slice(prior_log_odds);
        Self { matrix, bias }
    }

    #[cfg(test)]
    pub(crate) fn matrix(self) -> WeightId {
        self.matrix
    }

    pub(crate) fn forward(self, pass: &Pass, hidden: Tensor<2>) -> Tensor<2> {
        product(hidden, pass.weight(self.matrix)) + pass.weight(self.bias)
    }
}
