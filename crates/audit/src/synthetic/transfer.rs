//! Train on synthetic, test on real: whether a model learned from synthetic people serves real ones.

use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use twinloom_table::Table;

use super::coded::check_alike;
use super::encoded::{Encoded, Encoder};
use super::error::SyntheticError;
use super::labels::Target;
use super::learner::Learner;
use super::resample::{Resampling, Value, Weights, estimate};
use crate::estimate::{Estimate, Undefined};
use crate::ranking::Ranking;

/// How one learner does on real people held out, taught by real or by synthetic ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TransferFigures {
    /// What is predicted.
    pub target: Target,
    /// What learns.
    pub learner: Arc<str>,
    /// Area under the ROC curve on held-out people after training on the real table (TRTR).
    pub real: Estimate,
    /// The same after training on the synthetic one (TSTR).
    pub synthetic: Estimate,
    /// The real figure less the synthetic, on the same people; what synthesis costs.
    pub cost: Estimate,
}

/// Fewest rows of either class to learn from and to be judged on.
const LEAST_OF_A_CLASS: usize = 2;

/// Judges each learner on each target, on real people held out.
///
/// Columns in `without` are kept from the learners (a follow-up time that tells the outcome). Rows where the target is
/// missing are left out. Each table is encoded by its own means and categories, as someone who has it alone would.
///
/// # Source
/// Esteban, Hyland and Raetsch, arXiv 1706.02633 (2017), section 4.2.
///
/// # Errors
/// [`SyntheticError`] where the schemas differ, a column or category is unknown, nothing is left to learn from, or the
/// real or held-out table has fewer than 2 rows of a class; a synthetic table that lacks a class has no figure.
///
/// # Limits
/// Intervals are over held-out people, with the models as trained: they leave out the luck of training.
pub fn transfer(
    [real, holdout, synthetic]: [&Table; 3],
    targets: &[Target],
    without: &[&str],
    learners: &[&dyn Learner],
    resampling: &Resampling,
) -> Result<Vec<TransferFigures>, SyntheticError> {
    resampling.check()?;
    check_alike(real, holdout)?;
    check_alike(real, synthetic)?;
    let [real, holdout, synthetic] = [real, holdout, synthetic].map(|table| resampling.kept(table));
    let jobs = targets.iter().map(|target| {
        let mut left_out = without.to_vec();
        left_out.push(target.column());
        let (test, answers) = labelled(&holdout, target)?;
        both_classes(target, &answers)?;
        let train = |table: &Table| -> Result<_, SyntheticError> {
            let (known, labels) = labelled(table, target)?;
            let encoder = Encoder::new(&known, &left_out)?;
            Ok((encoder.encode(&known)?, labels, encoder.encode(&test)?))
        };
        let of_real = train(&real)?;
        both_classes(target, &of_real.1)?;
        let of_synthetic = train(&synthetic)?;
        Ok((target, test, answers, of_real, of_synthetic))
    });
    let jobs: Vec<_> = jobs.collect::<Result<_, SyntheticError>>()?;
    let pairs: Vec<_> =
        jobs.iter().flat_map(|job| learners.iter().map(move |learner| (job, *learner))).collect();
    let figures = |((target, test, answers, real, synthetic), learner): &(&Job, &dyn Learner)| {
        let weights = resampling.weights([test, test]);
        let scores = [real, synthetic].map(|trained| scores(*learner, trained));
        let ranked = scores.each_ref().map(|scores| scores.as_ref().map(|scores| Ranking::new(scores)));
        let auroc = |at: usize, weights: &Weights| match &ranked[at] {
            Ok(ranking) => {
                ranking.auroc(answers, &weights[0].iter().map(|w| f64::from(*w)).collect::<Vec<_>>())
            }
            Err(why) => Err(**why),
        };
        let of = |statistic: &dyn Fn(&Weights) -> Value, range| {
            estimate(&weights.iter().map(statistic).collect::<Vec<_>>(), range)
        };
        TransferFigures {
            target: (*target).clone(),
            learner: learner.name().into(),
            real: of(&|weights| auroc(0, weights), (0.0, 1.0)),
            synthetic: of(&|weights| auroc(1, weights), (0.0, 1.0)),
            cost: of(&|weights| Ok(auroc(0, weights)? - auroc(1, weights)?), (-1.0, 1.0)),
        }
    };
    Ok(pairs.par_iter().map(figures).collect())
}

type Trained = (Encoded, Vec<bool>, Encoded);
type Job<'a> = (&'a Target, Table, Vec<bool>, Trained, Trained);

fn labelled(table: &Table, target: &Target) -> Result<(Table, Vec<bool>), SyntheticError> {
    let labels = target.labels(table)?;
    let known: Vec<usize> = (0..labels.len()).filter(|row| labels[*row].is_some()).collect();
    Ok((table.rows_of(&known), labels.into_iter().flatten().collect()))
}

fn both_classes(target: &Target, labels: &[bool]) -> Result<(), SyntheticError> {
    let positive = labels.iter().filter(|label| **label).count();
    if positive.min(labels.len() - positive) < LEAST_OF_A_CLASS {
        let (target, rows) = (target.to_string(), labels.len());
        return Err(SyntheticError::OneClass { target, positive, rows, least: LEAST_OF_A_CLASS });
    }
    Ok(())
}

fn scores(learner: &dyn Learner, (train, labels, test): &Trained) -> Result<Vec<f64>, Undefined> {
    if labels.iter().all(|label| *label) || !labels.iter().any(|label| *label) {
        return Err(Undefined::OneClass);
    }
    let scores = learner.fit_predict(train, labels, test);
    if scores.len() != test.len() || scores.iter().any(|score| score.is_nan()) {
        return Err(Undefined::NoInstances);
    }
    Ok(scores)
}
