//! Figures over repeated folds, with an interval that allows for the folds sharing what they learn from.

use serde::{Deserialize, Serialize};

use crate::estimate::{Estimate, Undefined};
use crate::ranking::Ranking;

/// Scores of one fold's test part and what they should have told; only the order of scores counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores<'a> {
    /// More is likelier.
    pub scores: &'a [f64],
    /// What is so.
    pub labels: &'a [bool],
}

/// Ranking over repeated folds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RepeatedRanking {
    /// Folds of all repeats that define the figures.
    pub runs: usize,
    /// Mean chance that a positive is ranked above a negative.
    pub auroc: Estimate,
    /// Mean average precision.
    pub auprc: Estimate,
    /// Mean share of positives: the average precision of a coin.
    pub prevalence: f64,
}

/// Ranks each run by itself and takes means; `test_to_train` is the size of a test part over that of its
/// training part, 1/4 for five folds.
///
/// Runs whose scores are not all finite, or that hold one class only, define nothing and are left out.
pub fn repeated_ranking(runs: &[Scores<'_>], test_to_train: f64) -> RepeatedRanking {
    let (mut auroc, mut auprc, mut prevalence) = (Vec::new(), Vec::new(), Vec::new());
    for run in runs {
        if run.scores.len() != run.labels.len() || run.scores.iter().any(|score| !score.is_finite()) {
            continue;
        }
        let (ranking, weights) = (Ranking::new(run.scores), vec![1.0; run.labels.len()]);
        let figures = (ranking.auroc(run.labels, &weights), ranking.average_precision(run.labels, &weights));
        if let (Ok(area), Ok(precision)) = figures {
            auroc.push(area);
            auprc.push(precision);
            let positives = run.labels.iter().filter(|label| **label).count();
            prevalence.push(positives as f64 / run.labels.len() as f64);
        }
    }
    RepeatedRanking {
        runs: auroc.len(),
        auroc: repeated_mean(&auroc, test_to_train),
        auprc: repeated_mean(&auprc, test_to_train),
        prevalence: prevalence.iter().sum::<f64>() / prevalence.len().max(1) as f64,
    }
}

/// The mean of a figure over repeated folds, with Student's 95 % interval of the corrected variance,
/// `(1/J + test/train) s^2`: the plain one, `s^2 / J`, takes folds that share most of what they learn from
/// for independent, and is too narrow.
///
/// # Source
/// Nadeau and Bengio, Inference for the Generalization Error (Machine Learning 52, 2003), section 5.1, as
/// Bouckaert and Frank, Evaluating the Replicability of Significance Tests (PAKDD 2004), use it for repeated
/// folds.
///
/// # Limits
/// The interval may leave the range of the figure: it is symmetric.
pub fn repeated_mean(values: &[f64], test_to_train: f64) -> Estimate {
    let runs = values.len();
    if runs == 0 {
        return Estimate::new(Err(Undefined::NoInstances), None);
    }
    let mean = values.iter().sum::<f64>() / runs as f64;
    let interval = (runs > 1).then(|| {
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (runs - 1) as f64;
        let half = student_975(runs - 1) * (variance * (1.0 / runs as f64 + test_to_train)).sqrt();
        (mean - half, mean + half)
    });
    Estimate::new(Ok(mean), interval)
}

/// The 97.5th percentile of Student's distribution.
///
/// # Source
/// Printed tables up to 10 degrees of freedom; beyond, Abramowitz and Stegun, Handbook of Mathematical Functions,
/// 26.7.5, to its third term: off by less than 0.001.
fn student_975(degrees_of_freedom: usize) -> f64 {
    const TABLE: [f64; 11] = [0.0, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
    if let Some(value) = TABLE.get(degrees_of_freedom) {
        return *value;
    }
    let (z, n) = (crate::normal::Z_95, degrees_of_freedom as f64);
    let first = (z.powi(3) + z) / 4.0;
    let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
    let third = (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0;
    z + first / n + second / n.powi(2) + third / n.powi(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_student_percentiles_of_the_tables() {
        for (degrees, expected) in [(1, 12.706), (10, 2.228), (11, 2.201), (24, 2.064), (120, 1.980)] {
            assert!((student_975(degrees) - expected).abs() < 1e-3, "{degrees}");
        }
    }

    #[test]
    fn ref_corrected_interval_by_hand() {
        // Mean 0.8, variance 0.01, factor 1/3 + 1/4, 2 degrees of freedom.
        let found = repeated_mean(&[0.7, 0.8, 0.9], 0.25);
        let half = 4.303 * (0.01_f64 * (1.0 / 3.0 + 0.25)).sqrt();
        assert!((found.value.unwrap() - 0.8).abs() < 1e-12);
        assert!((found.upper.unwrap() - (0.8 + half)).abs() < 1e-12);
        assert_eq!(repeated_mean(&[0.5], 0.25).lower, None);
        assert_eq!(repeated_mean(&[], 0.25).undefined, Some(Undefined::NoInstances));
    }

    #[test]
    fn law_runs_that_define_nothing_are_left_out() {
        let good = Scores { scores: &[0.9, 0.2, 0.4], labels: &[true, false, false] };
        let one_class = Scores { scores: &[0.9, 0.2], labels: &[true, true] };
        let nan = Scores { scores: &[f64::NAN, 0.2], labels: &[true, false] };
        let found = repeated_ranking(&[good, one_class, nan, good], 0.25);
        assert_eq!((found.runs, found.auroc.value, found.auprc.value), (2, Some(1.0), Some(1.0)));
        assert!((found.prevalence - 1.0 / 3.0).abs() < 1e-12);
    }
}
