//! Gradients against finite differences, for tests.

use burn::tensor::{Device, Tensor, TensorData};

use crate::SparseMatrix;

/// Five edges from four sources to three targets, the second of them without an edge.
pub(crate) fn few_edges() -> SparseMatrix {
    let rows = [vec![(0, 1.0), (3, 1.0)], vec![], vec![(1, 1.0), (2, 1.0), (3, 1.0)]];
    SparseMatrix::from_rows(4, rows).expect("four sources")
}

/// Numbers between -1 and 1 without a pattern.
pub(crate) fn numbers(count: usize, seed: usize) -> Vec<f32> {
    (0..count).map(|i| ((i + 1) as f32 * 1.37 + seed as f32 * 0.71).sin()).collect()
}

/// Asserts that the slopes of a function agree with central differences (step 1e-2 in f32, tolerance
/// 4e-3 plus 2 %), the outputs weighed unequally so that errors can't cancel.
///
/// Functions with kinks are to be given where no input lies within a step of one.
pub(crate) fn slopes_agree<const N: usize>(
    shapes: [[usize; 2]; N],
    function: impl Fn([Tensor<2>; N]) -> Tensor<2>,
) {
    let values: Vec<Vec<f32>> =
        shapes.iter().enumerate().map(|(place, shape)| numbers(shape[0] * shape[1], place)).collect();
    let tensors = |values: &[Vec<f32>], device: &Device| -> [Tensor<2>; N] {
        std::array::from_fn(|place| {
            Tensor::from_data(TensorData::new(values[place].clone(), shapes[place]), device)
        })
    };
    let weighed = |output: Tensor<2>| {
        let shape = output.dims();
        let weights = TensorData::new(numbers(shape[0] * shape[1], 99), shape);
        let device = output.device();
        (output * Tensor::from_data(weights, &device)).sum()
    };
    let leaves = tensors(&values, &Device::flex().autodiff()).map(Tensor::require_grad);
    let grads = weighed(function(leaves.clone())).backward();
    let at = |values: &[Vec<f32>]| {
        f64::from(weighed(function(tensors(values, &Device::flex()))).into_scalar::<f32>())
    };
    for (input, leaf) in leaves.iter().enumerate() {
        let slopes: Vec<f32> = leaf.grad(&grads).expect("a gradient").into_data().try_to_vec().expect("f32");
        for (place, slope) in slopes.into_iter().enumerate() {
            let (mut up, mut down) = (values.clone(), values.clone());
            up[input][place] += 1e-2;
            down[input][place] -= 1e-2;
            let numeric = (at(&up) - at(&down)) / 2e-2;
            let slope = f64::from(slope);
            assert!(
                (numeric - slope).abs() < 4e-3 + 0.02 * slope.abs(),
                "input {input}, number {place}: {slope} against {numeric}"
            );
        }
    }
}
