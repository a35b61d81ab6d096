//! The loss of a classification among several classes.

use burn::tensor::Tensor;

use super::custom::{Dense, Matrix, Operation, apply};

/// The mean over the labelled rows of minus the log of the softmax share of the row's class.
///
/// # Shapes
/// scores `[rows, classes] -> [1]`; `labelled` holds row and class.
///
/// # Panics
/// When a row or class is out of range; when nothing is labelled.
pub fn cross_entropy(scores: Tensor<2>, labelled: &[(usize, usize)]) -> Tensor<1> {
    let [rows, classes] = scores.dims();
    assert!(!labelled.is_empty(), "a mean over no row");
    assert!(labelled.iter().all(|(row, class)| *row < rows && *class < classes), "a label out of range");
    apply(CrossEntropy(labelled.to_vec()), [scores]).reshape([1])
}

#[derive(Debug)]
struct CrossEntropy(Vec<(usize, usize)>);

/// The largest score, and the log of the sum of exponentials of what each is below it.
fn log_sum(scores: &[f32]) -> (f32, f32) {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    (largest, scores.iter().map(|score| (score - largest).exp()).sum::<f32>().ln())
}

impl Operation<1> for CrossEntropy {
    fn forward(&self, [scores]: [Matrix<'_>; 1]) -> Dense {
        let loss = |(row, class): &(usize, usize)| {
            let own = &scores.values[row * scores.columns..(row + 1) * scores.columns];
            let (largest, total) = log_sum(own);
            f64::from(largest - own[*class]) + f64::from(total)
        };
        let mean = self.0.iter().map(loss).sum::<f64>() / self.0.len() as f64;
        Dense { values: vec![mean as f32], rows: 1, columns: 1 }
    }

    fn backward(
        &self,
        [scores]: [Matrix<'_>; 1],
        _output: Matrix<'_>,
        gradient: Matrix<'_>,
        [wanted]: [bool; 1],
    ) -> [Option<Vec<f32>>; 1] {
        let slopes = || {
            let share = gradient.values[0] / self.0.len() as f32;
            let mut slopes = vec![0.0; scores.values.len()];
            for (row, class) in &self.0 {
                let range = row * scores.columns..(row + 1) * scores.columns;
                let own = &scores.values[range.clone()];
                let (largest, total) = log_sum(own);
                let into = &mut slopes[range];
                for (slope, score) in into.iter_mut().zip(own) {
                    *slope += share * (score - largest - total).exp();
                }
                into[*class] -= share;
            }
            slopes
        };
        [wanted.then(slopes)]
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::operation::check::slopes_agree;

    #[test]
    fn ref_gradient_agrees_with_finite_differences() {
        slopes_agree([[4, 3]], |[scores]| {
            cross_entropy(scores.mul_scalar(3.0), &[(0, 2), (3, 1), (3, 0)]).reshape([1, 1])
        });
    }

    #[test]
    fn ref_equal_scores_cost_the_log_of_the_classes() {
        let scores = Tensor::<2>::from_data(TensorData::new(vec![1e6_f32; 8], [2, 4]), &Device::flex());
        let loss = cross_entropy(scores, &[(1, 3)]).into_scalar::<f32>();
        assert!((loss - 4.0_f32.ln()).abs() < 1e-6, "{loss}");
    }
}
