//! Whether a learner can tell two tables' rows apart.

use std::sync::Arc;

use rand::{RngExt, SeedableRng};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use twinloom_table::Table;

use super::coded::check_alike;
use super::encoded::Encoder;
use super::error::SyntheticError;
use super::learner::Learner;
use super::resample::{Resampling, Value, Weights, estimate};
use crate::estimate::{Estimate, Undefined};
use crate::ranking::Ranking;

/// How well one learner tells rows apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DetectionFigures {
    /// What learns.
    pub learner: Arc<str>,
    /// Mean over folds of the area under the ROC curve: 0.5 where it can't tell them apart.
    pub auroc: Estimate,
    /// SDMetrics' score of it: 1 less how far the folds' areas are above 0.5, doubled; 1 is best.
    pub score: Estimate,
}

/// Stream of the folds.
const FOLDS: u64 = 0x464f_4c44;

/// Classifier two-sample test: learners tell rows of one table from another's, by cross-validation.
///
/// # Source
/// Lopez-Paz and Oquab, Revisiting classifier two-sample tests, ICLR 2017, section 3, with the area under the ROC curve
/// in place of accuracy; the score is SDMetrics 0.32's `DetectionMetric`.
///
/// # Errors
/// [`SyntheticError`] where the schemas differ, a table has fewer than 2 rows of each fold, or a setting is out of
/// range.
///
/// # Limits
/// A learner sees what it can learn: logistic regression compares means and shares, and gives full marks to columns
/// drawn independently. Boosted trees find how numbers were rounded. Areas below 0.5 come of rows that stand in both
/// tables. Intervals take the folds' models as given.
pub fn detection(
    real: &Table,
    other: &Table,
    learners: &[&dyn Learner],
    folds: usize,
    resampling: &Resampling,
) -> Result<Vec<DetectionFigures>, SyntheticError> {
    resampling.check()?;
    check_alike(real, other)?;
    if !(2..=20).contains(&folds) {
        let given = folds as f64;
        return Err(SyntheticError::Setting { name: "folds", given, permitted: "2 to 20" });
    }
    let (real, other) = (resampling.kept(real), resampling.kept(other));
    for table in [&real, &other] {
        if table.len() < 2 * folds {
            return Err(SyntheticError::Rows { rows: table.len(), least: 2 * folds });
        }
    }
    let encoder = Encoder::new(&real, &[])?;
    let encoded = [encoder.encode(&real)?, encoder.encode(&other)?];
    let fold_of = [0, 1]
        .map(|table: usize| folds_of(encoded[table].len(), folds, resampling.seed ^ FOLDS ^ table as u64));
    let weights = resampling.weights([&real, &other]);
    let one = |learner: &&dyn Learner| {
        let by_fold: Vec<Fold> = (0..folds)
            .into_par_iter()
            .map(|fold| {
                let rows = |table: usize, held: bool| -> Vec<usize> {
                    (0..fold_of[table].len()).filter(|row| (fold_of[table][*row] == fold) == held).collect()
                };
                let [train, test] = [false, true].map(|held| {
                    let (left, right) = (rows(0, held), rows(1, held));
                    let both = encoded[0].rows_of(&left).then(&encoded[1].rows_of(&right));
                    (both, left, right)
                });
                let labels = |(_, left, right): &(_, Vec<usize>, Vec<usize>)| -> Vec<bool> {
                    (0..left.len() + right.len()).map(|at| at >= left.len()).collect()
                };
                let scores = learner.fit_predict(&train.0, &labels(&train), &test.0);
                let sound = scores.len() == test.0.len() && !scores.iter().any(|score| score.is_nan());
                Fold {
                    ranking: sound.then(|| Ranking::new(&scores)),
                    labels: labels(&test),
                    rows: [test.1, test.2],
                }
            })
            .collect();
        let areas = |weights: &Weights| -> Result<Vec<f64>, Undefined> {
            by_fold.iter().map(|fold| fold.area(weights)).collect()
        };
        let of = |statistic: &(dyn Fn(Vec<f64>) -> f64 + Sync), range| {
            let values: Vec<Value> =
                weights.par_iter().map(|weights| areas(weights).map(statistic)).collect();
            estimate(&values, range)
        };
        let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
        DetectionFigures {
            learner: learner.name().into(),
            auroc: of(&mean, (0.0, 1.0)),
            score: of(
                &|values| 1.0 - mean(values.iter().map(|area| 2.0 * area.max(0.5) - 1.0).collect()),
                (0.0, 1.0),
            ),
        }
    };
    Ok(learners.iter().map(one).collect())
}

struct Fold {
    ranking: Option<Ranking>,
    labels: Vec<bool>,
    rows: [Vec<usize>; 2],
}

impl Fold {
    fn area(&self, weights: &Weights) -> Value {
        let own = [0, 1].map(|table| self.rows[table].iter().map(move |&row| f64::from(weights[table][row])));
        let own: Vec<f64> = own.into_iter().flatten().collect();
        self.ranking.as_ref().ok_or(Undefined::NoInstances)?.auroc(&self.labels, &own)
    }
}

/// Folds of nearly equal size in random order.
fn folds_of(rows: usize, folds: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows).map(|row| row % folds).collect();
    shuffle(&mut order, seed);
    order
}

/// Fisher and Yates' shuffle.
pub(crate) fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    for last in (1..items.len()).rev() {
        items.swap(last, random.random_range(0..=last));
    }
}
