//! Message passing along fixed, weighted edges: a product with a sparse matrix.

use std::sync::Arc;

use burn::tensor::Tensor;

use super::custom::{Dense, Matrix, Operation, apply};
use crate::SparseMatrix;

/// A fixed linear map between the nodes of a graph: the adjacency and its transpose.
///
/// `forward` multiplies by the adjacency, the gradient by the transpose, so no tensor of the size
/// of the edges is ever made.
///
/// # Shapes
/// adjacency `[targets, sources]`, messages `[sources, width] -> [targets, width]`
#[derive(Clone, Debug)]
pub struct Aggregator {
    maps: Arc<Maps>,
}

#[derive(Debug)]
struct Maps {
    forward: SparseMatrix,
    backward: SparseMatrix,
}

impl Aggregator {
    /// Prepares the adjacency, one row per target; entries weigh the messages.
    pub fn new(adjacency: SparseMatrix) -> Self {
        let backward = adjacency.transpose();
        Self { maps: Arc::new(Maps { forward: adjacency, backward }) }
    }

    /// The adjacency.
    pub fn adjacency(&self) -> &SparseMatrix {
        &self.maps.forward
    }

    /// The map from targets back to sources.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let Maps { forward, backward } = &*self.maps;
        Self { maps: Arc::new(Maps { forward: backward.clone(), backward: forward.clone() }) }
    }

    /// Sums the messages of each target's sources, weighted by the adjacency.
    ///
    /// # Shapes
    /// `[sources, width] -> [targets, width]`
    ///
    /// # Panics
    /// When `messages` does not have one row per source, or lies on another device than the processor.
    pub fn aggregate(&self, messages: Tensor<2>) -> Tensor<2> {
        let [sources, _] = messages.dims();
        assert_eq!(sources, self.maps.forward.columns(), "one message per source");
        apply(Sum(Arc::clone(&self.maps)), [messages])
    }
}

#[derive(Debug)]
struct Sum(Arc<Maps>);

impl Operation<1> for Sum {
    fn forward(&self, [messages]: [Matrix<'_>; 1]) -> Dense {
        let values = self.0.forward.multiply(messages.values, messages.columns);
        Dense { values, rows: self.0.forward.rows(), columns: messages.columns }
    }

    fn backward(
        &self,
        _inputs: [Matrix<'_>; 1],
        _output: Matrix<'_>,
        gradient: Matrix<'_>,
        [wanted]: [bool; 1],
    ) -> [Option<Vec<f32>>; 1] {
        [wanted.then(|| self.0.backward.multiply(gradient.values, gradient.columns))]
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::operation::check::slopes_agree;

    fn adjacency() -> SparseMatrix {
        SparseMatrix::from_rows(4, [vec![(0, 0.5), (3, 0.5)], vec![], vec![(1, 2.0), (2, -1.0), (3, 0.25)]])
            .unwrap()
    }

    /// The same sum from the framework's own operations.
    fn gathered(adjacency: &SparseMatrix, messages: &Tensor<2>) -> Tensor<2> {
        let width = messages.dims()[1];
        let row = |row: usize| {
            let (columns, values) = adjacency.row(row);
            let zero = Tensor::zeros([1, width], &messages.device());
            columns.iter().zip(values).fold(zero, |sum, (&column, &value)| {
                sum + messages.clone().narrow(0, column as usize, 1).mul_scalar(value)
            })
        };
        Tensor::cat((0..adjacency.rows()).map(row).collect(), 0)
    }

    #[test]
    fn ref_gradient_agrees_with_finite_differences() {
        let aggregator = Aggregator::new(adjacency());
        slopes_agree([[4, 2]], |[messages]| aggregator.aggregate(messages.tanh()));
    }

    #[test]
    fn ref_agrees_with_the_frameworks_own_operations() {
        let aggregator = Aggregator::new(adjacency());
        let values: Vec<f32> = (0..8).map(|i| (i as f32 * 0.7).sin()).collect();
        let gradient = |ours: bool| -> Vec<f32> {
            let device = Device::flex().autodiff();
            let messages = Tensor::<2>::from_data(TensorData::new(values.clone(), [4, 2]), &device);
            let messages = messages.require_grad();
            let inner = messages.clone().tanh();
            let sums = if ours { aggregator.aggregate(inner) } else { gathered(&adjacency(), &inner) };
            let grads = sums.powi_scalar(2).sum().backward();
            messages.grad(&grads).unwrap().into_data().try_to_vec().unwrap()
        };
        for (ours, theirs) in gradient(true).iter().zip(gradient(false)) {
            assert!((ours - theirs).abs() < 1e-6, "{ours} against {theirs}");
        }
    }

    #[test]
    fn law_messages_reach_only_their_targets() {
        let aggregator = Aggregator::new(adjacency());
        let device = Device::flex().autodiff();
        let messages = Tensor::<2>::ones([4, 2], &device).require_grad();
        let grads = aggregator.aggregate(messages.clone()).narrow(0, 0, 1).sum().backward();
        let slopes: Vec<f32> = messages.grad(&grads).unwrap().into_data().try_to_vec().unwrap();
        assert_eq!(slopes, [0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.5, 0.5]);
    }
}
