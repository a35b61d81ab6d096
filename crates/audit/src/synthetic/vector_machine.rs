//! A support vector classifier, which sees what is not additive.

use super::encoded::Encoded;
use super::learner::Learner;
use super::resample::some_of;

/// Support vector classifier with a Gaussian kernel, as SDMetrics' `SVCDetection` has it.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `cost` | 1 | greatest weight of one row | > 0 |
/// | `most_rows` | 2,000 | rows learned from, drawn where there are more: the kernel takes their square | >= 2 |
///
/// The kernel's width is scikit-learn's `scale`: 1 over the number of columns times the variance of all values.
///
/// # Source
/// Fan, Chen and Lin, Working set selection using second order information, JMLR 6 (2005), algorithm 1 with the maximal
/// violating pair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VectorMachine {
    /// Greatest weight of one row.
    pub cost: f64,
    /// Rows learned from.
    pub most_rows: usize,
}

impl Default for VectorMachine {
    fn default() -> Self {
        Self { cost: 1.0, most_rows: 2_000 }
    }
}

/// Greatest violation left over, libsvm's default.
const TOLERANCE: f64 = 1e-3;
/// Steps per row after which it stops where it is.
const STEPS_PER_ROW: usize = 100;

impl Learner for VectorMachine {
    fn name(&self) -> String {
        "support vector classifier".to_owned()
    }

    fn fit_predict(&self, train: &Encoded, labels: &[bool], test: &Encoded) -> Vec<f64> {
        let kept = some_of(train.len(), self.most_rows.max(2).min(train.len()), 0);
        let train = train.rows_of(&kept);
        let signs: Vec<f64> = kept.iter().map(|&row| if labels[row] { 1.0 } else { -1.0 }).collect();
        let width = kernel_width(&train);
        let kernel = |left: &[f64], right: &[f64]| (-width * squared(left, right)).exp();
        let n = train.len();
        let mut matrix = vec![0.0_f32; n * n];
        for row in 0..n {
            for column in 0..=row {
                let value = kernel(train.row(row), train.row(column)) as f32;
                matrix[row * n + column] = value;
                matrix[column * n + row] = value;
            }
        }
        let (weights, shift) = solve(&matrix, &signs, self.cost.max(1e-9));
        let support: Vec<usize> = (0..n).filter(|row| weights[*row] > 0.0).collect();
        let score = |row: usize| {
            let of = |&at: &usize| weights[at] * signs[at] * kernel(train.row(at), test.row(row));
            support.iter().map(of).sum::<f64>() - shift
        };
        (0..test.len()).map(score).collect()
    }
}

pub(crate) fn squared(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| (left - right) * (left - right)).sum()
}

fn kernel_width(train: &Encoded) -> f64 {
    let values = train.values();
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    let variance =
        values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len().max(1) as f64;
    if variance > 0.0 && variance.is_finite() { 1.0 / (train.width() as f64 * variance) } else { 1.0 }
}

/// The rows' weights and the shift of the scores.
fn solve(kernel: &[f32], signs: &[f64], cost: f64) -> (Vec<f64>, f64) {
    let n = signs.len();
    let mut weights = vec![0.0; n];
    // Slope of the dual by weight.
    let mut slope = vec![-1.0; n];
    let (mut most, mut least) = (0.0, 0.0);
    for _ in 0..STEPS_PER_ROW * n {
        let (mut up, mut down) = (None, None);
        (most, least) = (f64::NEG_INFINITY, f64::INFINITY);
        for at in 0..n {
            let value = -signs[at] * slope[at];
            let (rises, falls) = if signs[at] > 0.0 {
                (weights[at] < cost, weights[at] > 0.0)
            } else {
                (weights[at] > 0.0, weights[at] < cost)
            };
            if rises && value > most {
                (most, up) = (value, Some(at));
            }
            if falls && value < least {
                (least, down) = (value, Some(at));
            }
        }
        let (Some(up), Some(down)) = (up, down) else { break };
        if most - least < TOLERANCE {
            break;
        }
        let at = |left: usize, right: usize| f64::from(kernel[left * n + right]);
        let bend = (at(up, up) + at(down, down) - 2.0 * at(up, down)).max(1e-12);
        let room_up = if signs[up] > 0.0 { cost - weights[up] } else { weights[up] };
        let room_down = if signs[down] > 0.0 { weights[down] } else { cost - weights[down] };
        let step = ((most - least) / bend).min(room_up).min(room_down);
        weights[up] = (weights[up] + signs[up] * step).clamp(0.0, cost);
        weights[down] = (weights[down] - signs[down] * step).clamp(0.0, cost);
        for (row, slope) in slope.iter_mut().enumerate() {
            *slope += signs[row] * step * (at(up, row) - at(down, row));
        }
    }
    let shift = -(most + least) / 2.0;
    (weights, if shift.is_finite() { shift } else { 0.0 })
}
