//! What learns from one table and is judged on another.

use super::encoded::Encoded;
use super::solve::solve;

/// A model, seen from outside only.
pub trait Learner: Sync {
    /// What readers call it.
    fn name(&self) -> String;

    /// Learns the labels of `train` and scores each row of `test`, higher where a label is more likely.
    ///
    /// # Arguments
    /// `labels` has as many answers as `train` rows, both kinds among them. The same input must give the same scores.
    fn fit_predict(&self, train: &Encoded, labels: &[bool], test: &Encoded) -> Vec<f64>;
}

/// Logistic regression with a penalty on squared weights, fitted by Newton's method.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `penalty` | 1 | half of this times the squared weights is added to the loss; the intercept is free | > 0 |
///
/// # Source
/// Hastie, Tibshirani and Friedman, The Elements of Statistical Learning (2nd edition), equations 4.26 and 4.31.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RidgeLogistic {
    /// Half of this times the squared weights is added to the loss.
    pub penalty: f64,
}

impl Default for RidgeLogistic {
    fn default() -> Self {
        Self { penalty: 1.0 }
    }
}

/// Newton steps at most; from nought it takes under ten where the penalty is not tiny.
const MOST_STEPS: usize = 50;

impl RidgeLogistic {
    /// The weights by column, then the intercept.
    pub(crate) fn fit(self, train: &Encoded, labels: &[bool]) -> Vec<f64> {
        let width = train.width();
        let penalty = self.penalty.max(1e-9);
        let mut weights = vec![0.0; width + 1];
        let mut loss = Self::loss(train, labels, &weights, penalty);
        for _ in 0..MOST_STEPS {
            let (mut curvature, mut step) = derivatives(train, labels, &weights, penalty);
            let slope: f64 = step.iter().map(|own| own * own).sum();
            if !solve(&mut curvature, &mut step) {
                break;
            }
            let mut length = 1.0;
            let improved = loop {
                let next: Vec<f64> =
                    weights.iter().zip(&step).map(|(weight, step)| weight - length * step).collect();
                let next_loss = Self::loss(train, labels, &next, penalty);
                if next_loss <= loss {
                    let gained = loss - next_loss;
                    (weights, loss) = (next, next_loss);
                    break gained > 1e-12 * (1.0 + loss.abs());
                }
                length /= 2.0;
                if length < 1e-6 {
                    break false;
                }
            };
            if !improved || slope < 1e-18 {
                break;
            }
        }
        weights
    }

    fn loss(train: &Encoded, labels: &[bool], weights: &[f64], penalty: f64) -> f64 {
        let data: f64 = labels
            .iter()
            .enumerate()
            .map(|(row, &label)| {
                let score = score(train.row(row), weights);
                softplus(if label { -score } else { score })
            })
            .sum();
        let penalised = &weights[..weights.len() - 1];
        data + penalty / 2.0 * penalised.iter().map(|own| own * own).sum::<f64>()
    }
}

impl Learner for RidgeLogistic {
    fn name(&self) -> String {
        "logistic regression".to_owned()
    }

    fn fit_predict(&self, train: &Encoded, labels: &[bool], test: &Encoded) -> Vec<f64> {
        let weights = self.fit(train, labels);
        (0..test.len()).map(|row| probability(score(test.row(row), &weights))).collect()
    }
}

fn score(row: &[f64], weights: &[f64]) -> f64 {
    let (intercept, weights) = weights.split_last().unwrap_or((&0.0, &[]));
    intercept + row.iter().zip(weights).map(|(value, weight)| value * weight).sum::<f64>()
}

fn probability(score: f64) -> f64 {
    1.0 / (1.0 + (-score).exp())
}

fn softplus(score: f64) -> f64 {
    score.max(0.0) + (-score.abs()).exp().ln_1p()
}

fn derivatives(train: &Encoded, labels: &[bool], weights: &[f64], penalty: f64) -> (Vec<f64>, Vec<f64>) {
    let size = weights.len();
    let (mut curvature, mut slope) = (vec![0.0; size * size], vec![0.0; size]);
    let mut filled = Vec::with_capacity(size);
    for (row, &label) in labels.iter().enumerate() {
        let values = train.row(row);
        let p = probability(score(values, weights));
        let (miss, bend) = (p - f64::from(u8::from(label)), p * (1.0 - p));
        // Most of a row of categories is nought.
        filled.clear();
        filled.extend(values.iter().copied().chain([1.0]).enumerate().filter(|(_, value)| *value != 0.0));
        for (at, &(left, x)) in filled.iter().enumerate() {
            slope[left] += miss * x;
            for &(right, y) in &filled[..=at] {
                curvature[left * size + right] += bend * x * y;
            }
        }
    }
    for at in 0..size {
        if at + 1 < size {
            slope[at] += penalty * weights[at];
            curvature[at * size + at] += penalty;
        } else {
            // Keeps the system solvable where every row is already certain.
            curvature[at * size + at] += 1e-9;
        }
        for right in 0..at {
            curvature[right * size + at] = curvature[at * size + right];
        }
    }
    (curvature, slope)
}
