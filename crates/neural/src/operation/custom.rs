//! Operations of our own inside burn's automatic differentiation, written on plain numbers.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexDevice;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex};
use burn::tensor::{Tensor, TensorData};

/// A matrix of numbers, row after row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Matrix<'a> {
    pub(crate) values: &'a [f32],
    pub(crate) rows: usize,
    pub(crate) columns: usize,
}

/// A matrix made by an operation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dense {
    pub(crate) values: Vec<f32>,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
}

/// A function of `N` matrices with its derivative.
///
/// Whoever implements one writes both directions on plain slices, in an order of summation that does
/// not depend on the number of threads.
pub(crate) trait Operation<const N: usize>: Send + Sync + Debug + 'static {
    /// The value.
    fn forward(&self, inputs: [Matrix<'_>; N]) -> Dense;

    /// The gradient by each input that is `wanted`, from the gradient by the output; each has the shape
    /// of its input.
    fn backward(
        &self,
        inputs: [Matrix<'_>; N],
        output: Matrix<'_>,
        gradient: Matrix<'_>,
        wanted: [bool; N],
    ) -> [Option<Vec<f32>>; N];
}

/// Applies an operation to tensors of the processor, tracked or not.
///
/// # Panics
/// When a tensor lies on another device: operations of our own run on the processor only.
pub(crate) fn apply<const N: usize, O: Operation<N>>(operation: O, inputs: [Tensor<2>; N]) -> Tensor<2> {
    let tracked = inputs
        .iter()
        .any(|input| input.clone().try_into_primitive::<Autodiff<Flex, NoCheckpointing>>().is_ok());
    if !tracked {
        let plain = inputs.map(|input| {
            contiguous(&input.try_into_primitive::<Flex>().expect("own operations run on the processor"))
        });
        let output = made(operation.forward(plain.each_ref().map(matrix)));
        return Tensor::from_primitive::<Flex>(output);
    }
    let parts = inputs.map(|input| {
        let tracked = input
            .try_into_primitive::<Autodiff<Flex, NoCheckpointing>>()
            .expect("tensors of one computation are all tracked, on the processor");
        tracked.into_parts()
    });
    let mut primitives = Vec::with_capacity(N);
    let guards = parts.map(|(primitive, guard)| {
        primitives.push(contiguous(&primitive));
        guard
    });
    let inputs: [FloatTensor<Flex>; N] =
        primitives.try_into().unwrap_or_else(|_| unreachable!("one primitive was pushed for each input"));
    let output = made(operation.forward(inputs.each_ref().map(matrix)));
    let prepared = Derivative(PhantomData::<O>).prepare::<NoCheckpointing>(guards).compute_bound().stateful();
    let output = match prepared {
        OpsKind::Tracked(prepared) => {
            let saved = Saved { operation: Arc::new(operation), inputs, output: output.clone() };
            prepared.finish(saved, output)
        }
        OpsKind::UnTracked(prepared) => prepared.finish(output),
    };
    Tensor::from_primitive::<Autodiff<Flex, NoCheckpointing>>(output)
}

fn contiguous(tensor: &FloatTensor<Flex>) -> FloatTensor<Flex> {
    tensor.to_contiguous()
}

fn matrix(tensor: &FloatTensor<Flex>) -> Matrix<'_> {
    let shape = tensor.layout().shape();
    let values = tensor.as_slice::<f32>().expect("to_contiguous leaves the values in one run");
    Matrix { values, rows: shape[0], columns: shape[1] }
}

fn made(dense: Dense) -> FloatTensor<Flex> {
    debug_assert_eq!(dense.values.len(), dense.rows * dense.columns, "as many values as its shape says");
    Flex::float_from_data(TensorData::new(dense.values, [dense.rows, dense.columns]), &FlexDevice)
}

/// The gradient of an operation, from what was kept of its forward pass.
#[derive(Debug)]
struct Derivative<O>(PhantomData<O>);

#[derive(Debug)]
struct Saved<O, const N: usize> {
    operation: Arc<O>,
    inputs: [FloatTensor<Flex>; N],
    output: FloatTensor<Flex>,
}

impl<O, const N: usize> Clone for Saved<O, N> {
    fn clone(&self) -> Self {
        Self {
            operation: Arc::clone(&self.operation),
            inputs: self.inputs.clone(),
            output: self.output.clone(),
        }
    }
}

impl<O: Operation<N>, const N: usize> Backward<Flex, N> for Derivative<O> {
    type State = Saved<O, N>;

    fn backward(self, ops: Ops<Self::State, N>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = contiguous(&grads.consume::<Flex>(&ops.node));
        let Saved { operation, inputs, output } = ops.state;
        let wanted = ops.parents.each_ref().map(Option::is_some);
        let shapes = inputs.each_ref().map(matrix);
        let found = operation.backward(shapes, matrix(&output), matrix(&gradient), wanted);
        for ((parent, gradient), shape) in ops.parents.into_iter().zip(found).zip(shapes) {
            if let (Some(parent), Some(values)) = (parent, gradient) {
                let dense = Dense { values, rows: shape.rows, columns: shape.columns };
                grads.register::<Flex>(parent.id, made(dense));
            }
        }
    }
}
