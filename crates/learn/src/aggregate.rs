//! Message passing on a fixed graph as one differentiable operation.

use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind, unary};
use burn::backend::flex::FlexDevice;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex};
use burn::tensor::{Int, Tensor, TensorData};

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

    /// Sums the messages of each target's sources, weighted by the adjacency.
    ///
    /// # Shapes
    /// `[sources, width] -> [targets, width]`
    ///
    /// # Panics
    /// When `messages` does not have one row per source.
    pub fn aggregate(&self, messages: Tensor<2>) -> Tensor<2> {
        let [sources, _] = messages.dims();
        assert_eq!(sources, self.maps.forward.columns(), "one message per source");
        match messages.clone().try_into_primitive::<Autodiff<Flex, NoCheckpointing>>() {
            Ok(tracked) => {
                let (primitive, guard) = tracked.into_parts();
                let product = multiply(&self.maps.forward, &primitive);
                let prepared = Transposed.prepare::<NoCheckpointing>([guard]).compute_bound().stateful();
                let output = match prepared {
                    OpsKind::Tracked(prepared) => prepared.finish(Arc::clone(&self.maps), product),
                    OpsKind::UnTracked(prepared) => prepared.finish(product),
                };
                Tensor::from_primitive::<Autodiff<Flex, NoCheckpointing>>(output)
            }
            Err(_) => match messages.clone().try_into_primitive::<Flex>() {
                Ok(plain) => Tensor::from_primitive::<Flex>(multiply(&self.maps.forward, &plain)),
                Err(_) => self.gather_and_add(messages),
            },
        }
    }

    /// The same sum from the framework's own operations, for devices whose memory we can't read.
    fn gather_and_add(&self, messages: Tensor<2>) -> Tensor<2> {
        let device = messages.device();
        let [_, width] = messages.dims();
        let adjacency = &self.maps.forward;
        let (mut sources, mut targets, mut weights) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..adjacency.rows() {
            let (columns, values) = adjacency.row(row);
            sources.extend(columns.iter().map(|&column| i64::from(column)));
            targets.extend(columns.iter().map(|_| row as i64));
            weights.extend_from_slice(values);
        }
        let edges = weights.len();
        let sums = Tensor::<2>::zeros([adjacency.rows(), width], &device);
        if edges == 0 {
            return sums;
        }
        let sources = Tensor::<1, Int>::from_data(TensorData::new(sources, [edges]), &device);
        let targets = Tensor::<1, Int>::from_data(TensorData::new(targets, [edges]), &device);
        let weights = Tensor::<2>::from_data(TensorData::new(weights, [edges, 1]), &device);
        let update = burn::tensor::IndexingUpdateOp::Add;
        sums.select_assign(0, targets, messages.select(0, sources) * weights, update)
    }
}

fn multiply(matrix: &SparseMatrix, dense: &FloatTensor<Flex>) -> FloatTensor<Flex> {
    let dense = dense.to_contiguous();
    let width = dense.layout().shape()[1];
    let values = dense.as_slice::<f32>().expect("to_contiguous leaves the values in one run");
    let product = matrix.multiply(values, width);
    Flex::float_from_data(TensorData::new(product, [matrix.rows(), width]), &FlexDevice)
}

/// The gradient of a product with a matrix: the product with its transpose.
#[derive(Debug)]
struct Transposed;

impl Backward<Flex, 1> for Transposed {
    type State = Arc<Maps>;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let maps = ops.state;
        unary::<Flex, _>(ops.parents, ops.node, grads, |gradient| multiply(&maps.backward, &gradient));
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    fn adjacency() -> SparseMatrix {
        SparseMatrix::from_rows(4, [vec![(0, 0.5), (3, 0.5)], vec![], vec![(1, 2.0), (2, -1.0), (3, 0.25)]])
            .unwrap()
    }

    fn loss(messages: Tensor<2>, aggregate: impl Fn(Tensor<2>) -> Tensor<2>) -> Tensor<1> {
        (aggregate(messages.clone().tanh()).powi_scalar(2).sum() + messages.sum()).reshape([1])
    }

    fn values() -> Vec<f32> {
        (0..8).map(|i| (i as f32 * 0.7).sin()).collect()
    }

    fn gradient(device: &Device, aggregate: impl Fn(Tensor<2>) -> Tensor<2>) -> Vec<f32> {
        let messages = Tensor::<2>::from_data(TensorData::new(values(), [4, 2]), device).require_grad();
        let grads = loss(messages.clone(), aggregate).backward();
        messages.grad(&grads).unwrap().into_data().try_to_vec().unwrap()
    }

    #[test]
    fn ref_gradient_agrees_with_finite_differences() {
        // Central differences, step 1e-2 in f32: error below 1e-3 for this loss.
        let aggregator = Aggregator::new(adjacency());
        let analytic = gradient(&Device::flex().autodiff(), |messages| aggregator.aggregate(messages));
        let at = |values: Vec<f32>| {
            let messages = Tensor::<2>::from_data(TensorData::new(values, [4, 2]), &Device::flex());
            loss(messages, |messages| aggregator.aggregate(messages)).into_scalar::<f32>()
        };
        for (place, &slope) in analytic.iter().enumerate() {
            let (mut up, mut down) = (values(), values());
            up[place] += 1e-2;
            down[place] -= 1e-2;
            let numeric = (at(up) - at(down)) / 2e-2;
            assert!((numeric - slope).abs() < 1e-3, "value {place}: {numeric} against {slope}");
        }
    }

    #[test]
    fn ref_agrees_with_gather_and_scatter() {
        let aggregator = Aggregator::new(adjacency());
        let device = Device::flex().autodiff();
        let ours = gradient(&device, |messages| aggregator.aggregate(messages));
        let theirs = gradient(&device, |messages| aggregator.gather_and_add(messages));
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert!((ours - theirs).abs() < 1e-6, "{ours} against {theirs}");
        }
    }

    #[test]
    fn law_messages_reach_only_their_targets() {
        let aggregator = Aggregator::new(adjacency());
        let device = Device::flex().autodiff();
        let messages = Tensor::<2>::from_data(TensorData::new(values(), [4, 2]), &device).require_grad();
        let grads = aggregator.aggregate(messages.clone()).narrow(0, 0, 1).sum().backward();
        let slopes: Vec<f32> = messages.grad(&grads).unwrap().into_data().try_to_vec().unwrap();
        assert_eq!(slopes, [0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.5, 0.5]);
    }
}
