//! Activations, unit by unit on all threads.

use burn::tensor::Tensor;
use rayon::prelude::*;

use super::custom::{Dense, Matrix, Operation, apply};

/// Units of one task.
const UNITS_PER_TASK: usize = 1 << 14;

/// What is above 0; 0 for the rest.
///
/// # Shapes
/// `[rows, columns] -> [rows, columns]`
pub fn relu(units: Tensor<2>) -> Tensor<2> {
    leaky_relu(units, 0.0)
}

/// What is above 0, and `slope_below` times the rest.
///
/// # Source
/// Maas, Hannun and Ng, Rectifier Nonlinearities Improve Neural Network Acoustic Models (ICML 2013), equation 3.
///
/// # Shapes
/// `[rows, columns] -> [rows, columns]`
pub fn leaky_relu(units: Tensor<2>, slope_below: f32) -> Tensor<2> {
    apply(Activation::Leaky { slope_below }, [units])
}

/// What is above 0, and `exp(x) - 1` of the rest.
///
/// # Source
/// Clevert, Unterthiner and Hochreiter, Fast and Accurate Deep Network Learning by Exponential Linear Units (ICLR
/// 2016), equation 15, with alpha of 1.
///
/// # Shapes
/// `[rows, columns] -> [rows, columns]`
pub fn elu(units: Tensor<2>) -> Tensor<2> {
    apply(Activation::ExponentialLinear, [units])
}

#[derive(Clone, Copy, Debug)]
enum Activation {
    Leaky { slope_below: f32 },
    ExponentialLinear,
}

impl Operation<1> for Activation {
    fn forward(&self, [units]: [Matrix<'_>; 1]) -> Dense {
        let values = match *self {
            Self::Leaky { slope_below } => {
                by_unit(units.values, units.values, |x, _| if x > 0.0 { x } else { slope_below * x })
            }
            Self::ExponentialLinear => {
                by_unit(units.values, units.values, |x, _| if x > 0.0 { x } else { x.exp_m1() })
            }
        };
        Dense { values, rows: units.rows, columns: units.columns }
    }

    fn backward(
        &self,
        [units]: [Matrix<'_>; 1],
        output: Matrix<'_>,
        gradient: Matrix<'_>,
        [wanted]: [bool; 1],
    ) -> [Option<Vec<f32>>; 1] {
        let slopes = || match *self {
            Self::Leaky { slope_below } => {
                by_unit(
                    units.values,
                    gradient.values,
                    |x, above| if x > 0.0 { above } else { slope_below * above },
                )
            }
            Self::ExponentialLinear => {
                by_unit(
                    output.values,
                    gradient.values,
                    |y, above| if y > 0.0 { above } else { above * (y + 1.0) },
                )
            }
        };
        [wanted.then(slopes)]
    }
}

/// A number from each pair.
fn by_unit(one: &[f32], other: &[f32], of: impl Fn(f32, f32) -> f32 + Sync) -> Vec<f32> {
    let fill = |(out, (one, other)): (&mut [f32], (&[f32], &[f32]))| {
        for ((out, one), other) in out.iter_mut().zip(one).zip(other) {
            *out = of(*one, *other);
        }
    };
    let mut values = vec![0.0; one.len()];
    let inputs = one.par_chunks(UNITS_PER_TASK).zip(other.par_chunks(UNITS_PER_TASK));
    values.par_chunks_mut(UNITS_PER_TASK).zip(inputs).for_each(fill);
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::check::slopes_agree;

    #[test]
    fn ref_gradients_agree_with_finite_differences() {
        slopes_agree([[5, 4]], |[units]| leaky_relu(units, 0.2));
        slopes_agree([[5, 4]], |[units]| elu(units.mul_scalar(2.0)));
    }

    #[test]
    fn ref_agrees_with_the_frameworks_own() {
        use burn::tensor::{Device, TensorData};
        let values: Vec<f32> = (0..40_000).map(|i| (i as f32 * 0.37).sin() * 5.0).collect();
        let units = || Tensor::<2>::from_data(TensorData::new(values.clone(), [200, 200]), &Device::flex());
        let theirs = burn::tensor::activation::elu(units(), 1.0);
        let largest = (elu(units()) - theirs).abs().max().into_scalar::<f32>();
        assert!(largest < 1e-6, "{largest}");
        let theirs = burn::tensor::activation::relu(units());
        assert!((relu(units()) - theirs).abs().max().into_scalar::<f32>() == 0.0);
    }
}
