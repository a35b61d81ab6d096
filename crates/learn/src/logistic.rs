//! Logistic regression with an L2 penalty chosen on the tuning split.

use serde::{Deserialize, Serialize};
use twinloom_neural::SparseMatrix;

use crate::lbfgs::{LbfgsParameters, minimise};
use crate::loss::{log_loss, logit, sigmoid};

/// What to try for [`LogisticRegression`].
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `penalties` | 0.3, 0.05, 0.01, 0.002 | weight of half the squared norm beside the mean log loss | finite, > 0 |
/// | `refit` | true | fit once more on train and tuning with the penalty chosen | |
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogisticParameters {
    /// Penalties tried, from strong to weak; three in a row without gain end the search.
    pub penalties: Vec<f64>,
    /// Whether to fit again on train and tuning together with the penalty chosen.
    pub refit: bool,
}

impl Default for LogisticParameters {
    fn default() -> Self {
        Self { penalties: vec![0.3, 0.05, 0.01, 2e-3], refit: true }
    }
}

impl LogisticParameters {
    /// Whether the values can be used.
    ///
    /// # Errors
    /// [`LogisticError`] when no penalty is given or one is not positive.
    pub fn check(&self) -> Result<(), LogisticError> {
        if self.penalties.is_empty() {
            return Err(LogisticError::NoPenalty);
        }
        match self.penalties.iter().find(|penalty| !(penalty.is_finite() && **penalty > 0.0)) {
            Some(&penalty) => Err(LogisticError::Penalty { penalty }),
            None => Ok(()),
        }
    }
}

/// Penalties without a better tuning loss before the search ends.
const PATIENCE: usize = 3;

/// A fitted logistic regression: an intercept and one coefficient per feature.
///
/// Minimises `mean log loss + penalty / 2 * |coefficients|^2`; the intercept is not penalised.
/// Scikit-learn's `C` is `1 / (penalty * n)`.
///
/// # Limits
/// Columns should be scaled alike beforehand; they need not be centred, since the free intercept
/// takes up any shift.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogisticRegression {
    /// Log odds when every feature is zero.
    pub intercept: f64,
    /// Change of the log odds per unit of each feature.
    pub coefficients: Vec<f64>,
    /// The penalty chosen.
    pub penalty: f64,
}

impl LogisticRegression {
    /// Fits with every penalty on the first `train` rows, keeps the one with the least log loss on
    /// the rest, and refits on all rows if asked to.
    ///
    /// # Errors
    /// [`LogisticError`] on parameters out of range or labels that don't match the rows.
    pub fn fit(
        features: &SparseMatrix,
        labels: &[bool],
        train: usize,
        parameters: &LogisticParameters,
    ) -> Result<Self, LogisticError> {
        parameters.check()?;
        if features.rows() != labels.len() || train == 0 || train > labels.len() {
            return Err(LogisticError::Rows { rows: features.rows(), labels: labels.len(), train });
        }
        let (train_labels, tuning_labels) = labels.split_at(train);
        let rows: Vec<usize> = (0..train).collect();
        let train_features = features.select_rows(&rows);
        let tuning_rows: Vec<usize> = (train..labels.len()).collect();
        let tuning_features = features.select_rows(&tuning_rows);
        let mut best: Option<(f64, Self)> = None;
        let mut start = Self::null(features.columns(), train_labels);
        let mut worse = 0;
        for &penalty in &parameters.penalties {
            let fitted = start.minimise(&train_features, train_labels, penalty);
            let loss = if tuning_labels.is_empty() {
                log_loss(&fitted.predict(&train_features), train_labels)
            } else {
                log_loss(&fitted.predict(&tuning_features), tuning_labels)
            };
            start = fitted.clone();
            match &best {
                Some((least, _)) if loss >= *least => worse += 1,
                _ => {
                    best = Some((loss, fitted));
                    worse = 0;
                }
            }
            if worse == PATIENCE {
                break;
            }
        }
        let (_, chosen) = best.ok_or(LogisticError::NoPenalty)?;
        if parameters.refit && !tuning_labels.is_empty() {
            return Ok(chosen.refit(features, labels));
        }
        Ok(chosen)
    }

    /// Fits again on these rows with the same penalty, from where this fit ended.
    #[must_use]
    pub(crate) fn refit(&self, features: &SparseMatrix, labels: &[bool]) -> Self {
        self.minimise(features, labels, self.penalty)
    }

    /// Probabilities, one per row.
    pub fn predict(&self, features: &SparseMatrix) -> Vec<f64> {
        (0..features.rows()).map(|row| sigmoid(self.log_odds(features, row))).collect()
    }

    fn null(columns: usize, labels: &[bool]) -> Self {
        let positives = labels.iter().filter(|label| **label).count();
        // Half a case on either side keeps the log odds finite when all labels agree.
        let prevalence = (positives as f64 + 0.5) / (labels.len() as f64 + 1.0);
        Self { intercept: logit(prevalence), coefficients: vec![0.0; columns], penalty: f64::INFINITY }
    }

    fn minimise(&self, features: &SparseMatrix, labels: &[bool], penalty: f64) -> Self {
        let scale = 1.0 / labels.len() as f64;
        let function = |point: &[f64]| {
            let (intercept, coefficients) = (point[0], &point[1..]);
            let mut gradient = vec![0.0; point.len()];
            let mut loss = 0.0;
            for (row, &label) in labels.iter().enumerate() {
                let (columns, values) = features.row(row);
                let sum: f64 =
                    columns.iter().zip(values).map(|(&k, &x)| coefficients[k as usize] * f64::from(x)).sum();
                let odds = intercept + sum;
                // log(1 + e^z) - y z without overflow.
                loss += odds.max(0.0) + (-odds.abs()).exp().ln_1p() - if label { odds } else { 0.0 };
                let error = (sigmoid(odds) - f64::from(u8::from(label))) * scale;
                gradient[0] += error;
                for (&k, &x) in columns.iter().zip(values) {
                    gradient[1 + k as usize] += error * f64::from(x);
                }
            }
            let mut squares = 0.0;
            for (slope, weight) in gradient[1..].iter_mut().zip(coefficients) {
                *slope += penalty * weight;
                squares += weight * weight;
            }
            (loss * scale + 0.5 * penalty * squares, gradient)
        };
        let mut start = Vec::with_capacity(1 + self.coefficients.len());
        start.push(self.intercept);
        start.extend_from_slice(&self.coefficients);
        let found = minimise(function, start, LbfgsParameters::default());
        Self { intercept: found[0], coefficients: found[1..].to_vec(), penalty }
    }

    fn log_odds(&self, features: &SparseMatrix, row: usize) -> f64 {
        let (columns, values) = features.row(row);
        let sum: f64 =
            columns.iter().zip(values).map(|(&k, &x)| self.coefficients[k as usize] * f64::from(x)).sum();
        self.intercept + sum
    }
}

/// Why a logistic regression can't be fitted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LogisticError {
    /// Nothing to try.
    #[error("no penalty to try; permitted: one or more")]
    NoPenalty,
    /// A penalty that bounds nothing.
    #[error("penalty {penalty}; permitted: finite and greater than 0")]
    Penalty {
        /// Value given.
        penalty: f64,
    },
    /// Rows and labels don't match.
    #[error(
        "{rows} rows, {labels} labels, {train} of them to train on; permitted: one label per row, 1 to {labels} to train on"
    )]
    Rows {
        /// Rows of features.
        rows: usize,
        /// Labels.
        labels: usize,
        /// Rows to train on.
        train: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> (SparseMatrix, Vec<bool>) {
        let cell = |i: u32, k: u32| {
            if (i + k).is_multiple_of(3) { 0.0 } else { ((i * 7 + k * 13) % 11) as f32 / 5.0 - 1.0 }
        };
        let rows = (0..40).map(|i| (0..4).map(|k| (k, cell(i, k))).collect());
        let label = |i: u32| cell(i, 0) - 0.5 * cell(i, 1) + ((i * 5) % 7) as f32 / 7.0 - 0.5 > 0.0;
        (SparseMatrix::from_rows(4, rows).unwrap(), (0..40).map(label).collect())
    }

    fn fit(penalty: f64) -> LogisticRegression {
        let (features, labels) = example();
        let parameters = LogisticParameters { penalties: vec![penalty], refit: false };
        LogisticRegression::fit(&features, &labels, labels.len(), &parameters).unwrap()
    }

    #[test]
    fn ref_coefficients_agree_with_scikit_learn() {
        // scikit-learn 1.9.1, LogisticRegression(C=1/(penalty*40), tol=1e-12, solver="newton-cholesky").
        let strong = [-0.225_308_99, 0.783_005_25, -0.671_229_76, -0.128_878_85, -0.460_101_13];
        let weak = [-0.261_229_76, 2.463_328_03, -1.990_529_18, 0.170_886_09, -0.855_543_75];
        for (penalty, expected) in [(0.1, strong), (0.01, weak)] {
            let fitted = fit(penalty);
            let ours = std::iter::once(&fitted.intercept).chain(&fitted.coefficients);
            for (ours, theirs) in ours.zip(expected) {
                assert!((ours - theirs).abs() < 1e-5, "penalty {penalty}: {ours} against {theirs}");
            }
        }
    }

    #[test]
    fn law_predictions_average_to_the_prevalence_in_training() {
        // The intercept's score equation: without penalty on it, mean probability = mean label.
        let (features, labels) = example();
        let mean = fit(0.03).predict(&features).iter().sum::<f64>() / 40.0;
        let prevalence = labels.iter().filter(|label| **label).count() as f64 / 40.0;
        assert!((mean - prevalence).abs() < 1e-6, "{mean} against {prevalence}");
    }

    #[test]
    fn law_penalty_is_the_best_on_the_tuning_rows() {
        let (features, labels) = example();
        let parameters = LogisticParameters { refit: false, ..LogisticParameters::default() };
        let chosen = LogisticRegression::fit(&features, &labels, 25, &parameters).unwrap();
        let tuning: Vec<usize> = (25..40).collect();
        let loss = |fitted: &LogisticRegression| {
            log_loss(&fitted.predict(&features.select_rows(&tuning)), &labels[25..])
        };
        for &penalty in &parameters.penalties {
            let one = LogisticParameters { penalties: vec![penalty], refit: false };
            let other = LogisticRegression::fit(&features, &labels, 25, &one).unwrap();
            assert!(loss(&chosen) <= loss(&other) + 1e-6);
        }
    }

    #[test]
    fn regress_one_class_gives_a_finite_model() {
        let (features, _) = example();
        let fitted =
            LogisticRegression::fit(&features, &[false; 40], 30, &LogisticParameters::default()).unwrap();
        assert!(fitted.predict(&features).iter().all(|probability| (0.0..0.1).contains(probability)));
    }

    #[test]
    fn regress_bad_parameters_are_refused() {
        let (features, labels) = example();
        let bad = LogisticParameters { penalties: vec![-1.0], refit: true };
        assert!(LogisticRegression::fit(&features, &labels, 30, &bad).is_err());
        assert!(
            LogisticRegression::fit(&features, &labels[1..], 30, &LogisticParameters::default()).is_err()
        );
    }
}
