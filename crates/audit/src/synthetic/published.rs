//! The metrics that SynthVAE published, for comparison with what it and others print.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use twinloom_table::{Column, Table};

use super::coded::{Coded, MISSING, Pair, normalised};
use super::detection::{DetectionFigures, detection};
use super::error::SyntheticError;
use super::learner::{Learner, RidgeLogistic};
use super::mixture;
use super::resample::{Resampling, Value, Weights, estimate};
use super::univariate::kolmogorov_smirnov;
use super::vector_machine::VectorMachine;
use crate::estimate::{Estimate, Undefined};
use crate::normal::two_sided_p;

/// SDMetrics' scores as SynthVAE printed them; 1 is best but for the likelihood.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PublishedFigures {
    /// `LogisticDetection`. Blind to how columns go together: columns drawn independently score 0.999.
    pub logistic_detection: Estimate,
    /// `SVCDetection`. Sees what two columns do together; the score falls with rows as much as with faults.
    pub vector_detection: Estimate,
    /// `CSTest`: mean p value of a chi-squared test of *shares*. Taken for a test it has no power: shares of ten people
    /// and of a million give the same p.
    pub chi_squared: Estimate,
    /// `KSTest`: mean over numbers of 1 less the Kolmogorov-Smirnov distance. Sees single columns only.
    pub kolmogorov_smirnov: Estimate,
    /// `KSTestExtended`: the same over numbers and each category as a number 0 or 1. Rare categories raise it.
    pub kolmogorov_smirnov_extended: Estimate,
    /// `ContinuousKLDivergence`: mean over pairs of numbers. Bins of equal width: an extreme value hides all else, and
    /// what falls outside the real range is not counted.
    pub continuous_divergence: Estimate,
    /// `DiscreteKLDivergence`: mean over pairs of categories. Categories that are never made count little.
    pub discrete_divergence: Estimate,
    /// `GMLogLikelihood`: mean log-likelihood of the other rows' numbers under a Gaussian mixture of the real ones. A table
    /// that repeats the likeliest row gets more than the real one does.
    pub mixture_likelihood: Estimate,
}

impl PublishedFigures {
    /// Each figure by SDMetrics' name, with what it can't see.
    pub fn named(&self) -> [(&'static str, Estimate, &'static str); 8] {
        [
            (
                "LogisticDetection",
                self.logistic_detection,
                "joint structure: independent columns score 0.999",
            ),
            ("SVCDetection", self.vector_detection, "how many rows made it: more rows, lower score"),
            ("CSTest", self.chi_squared, "numbers of people: it tests shares as if they were counts"),
            ("KSTest", self.kolmogorov_smirnov, "how columns go together"),
            ("KSTestExtended", self.kolmogorov_smirnov_extended, "how columns go together"),
            ("ContinuousKLDivergence", self.continuous_divergence, "what lies outside the real range"),
            ("DiscreteKLDivergence", self.discrete_divergence, "categories that are never made"),
            ("GMLogLikelihood", self.mixture_likelihood, "variety: repeating the likeliest row scores best"),
        ]
    }
}

/// Computes SynthVAE's metrics of another table against the real one.
///
/// # Source
/// SDMetrics 0.32.0 for all that it still has; `KSTestExtended` was dropped, and is as described. Danks and others,
/// SynthVAE (NHSX Analytics Unit, 2021), tables 1 to 3.
///
/// # Errors
/// [`SyntheticError`] where the schemas differ, a table has fewer than 6 rows, or `resampling` is out of range.
///
/// # Limits
/// Detection encodes as this crate does (z-scores, one-hot categories, marks of what is missing) in three folds drawn
/// once, and the support vector classifier learns from 2,000 rows at most. Mixtures have 1, 2, 4, 6, 8, 10, 15, 20, 25 or
/// 30 components, as the Bayesian information criterion says, fitted to 2,000 rows at most from one start.
pub fn published(
    real: &Table,
    other: &Table,
    resampling: &Resampling,
) -> Result<PublishedFigures, SyntheticError> {
    let pair = Pair::new(real, other, resampling)?;
    let machines: [&dyn Learner; 2] = [&RidgeLogistic::default(), &VectorMachine::default()];
    let detected = detection(real, other, &machines, 3, resampling)?;
    let score = |at: usize| detected.get(at).map_or_else(undefined, |own: &DetectionFigures| own.score);
    let (numbers, words): (Vec<&Coded>, Vec<&Coded>) = pair.columns.iter().partition(|column| column.numeric);
    let single = |columns: &[&Coded], of: fn(&[f64], &[f64]) -> Vec<f64>| {
        let values: Vec<Value> = pair
            .weights
            .par_iter()
            .map(|weights| {
                let shares = columns.iter().filter_map(|column| {
                    Some(of(&column.shares(0, &weights[0])?, &column.shares(1, &weights[1])?))
                });
                mean(&shares.flatten().collect::<Vec<_>>())
            })
            .collect();
        estimate(&values, (0.0, 1.0))
    };
    let extended = |weights: &Weights| {
        let both = numbers.iter().chain(&words).filter_map(|column| {
            let (left, right) = (column.shares(0, &weights[0])?, column.shares(1, &weights[1])?);
            Some(if column.numeric { one_ks(&left, &right) } else { each_share(&left, &right) })
        });
        mean(&both.flatten().collect::<Vec<_>>())
    };
    let pairs = |columns: &[&Coded], cells: fn(&Coded, usize) -> Cells, noughts: Noughts| {
        let places = (0..columns.len()).flat_map(|right| (0..right).map(move |left| (left, right)));
        let places: Vec<(usize, usize)> = places.collect();
        let by_pair: Vec<Vec<Option<f64>>> = places
            .par_iter()
            .map(|&(left, right)| {
                let coded =
                    [0, 1].map(|table| [columns[left], columns[right]].map(|column| cells(column, table)));
                let score = |weights: &Weights| {
                    let table = |at: usize| counts(&coded[at][0], &coded[at][1], &weights[at]);
                    divergence(table(0), table(1), noughts)
                };
                pair.weights.iter().map(score).collect()
            })
            .collect();
        let replicate = |at: usize| mean(&by_pair.iter().filter_map(|own| own[at]).collect::<Vec<_>>());
        estimate(&(0..pair.weights.len()).map(replicate).collect::<Vec<_>>(), (0.0, 1.0))
    };
    Ok(PublishedFigures {
        logistic_detection: score(0),
        vector_detection: score(1),
        chi_squared: single(&words, chi_squared),
        kolmogorov_smirnov: single(&numbers, one_ks),
        kolmogorov_smirnov_extended: estimate(
            &pair.weights.par_iter().map(extended).collect::<Vec<_>>(),
            (0.0, 1.0),
        ),
        continuous_divergence: pairs(&numbers, equal_widths, Noughts::All(1e-5)),
        discrete_divergence: pairs(&words, categories, Noughts::Unseen(1e-6)),
        mixture_likelihood: likelihood(real, other, resampling)?,
    })
}

fn undefined() -> Estimate {
    Estimate::new(Err(Undefined::NoInstances), None)
}

fn mean(values: &[f64]) -> Value {
    if values.is_empty() {
        Err(Undefined::NoInstances)
    } else {
        Ok(values.iter().sum::<f64>() / values.len() as f64)
    }
}

fn one_ks(real: &[f64], other: &[f64]) -> Vec<f64> {
    vec![1.0 - kolmogorov_smirnov(real, other)]
}

fn each_share(real: &[f64], other: &[f64]) -> Vec<f64> {
    let seen = real.iter().zip(other).filter(|(real, other)| **real + **other > 0.0);
    seen.map(|(real, other)| 1.0 - (real - other).abs()).collect()
}

/// SDMetrics' p value: shares stand for counts.
fn chi_squared(real: &[f64], other: &[f64]) -> Vec<f64> {
    let seen = || real.iter().zip(other).filter(|(real, other)| **real + **other > 0.0);
    let square: f64 = seen().map(|(real, other)| (other - real).powi(2) / real.max(1e-9)).sum();
    vec![beyond(square, seen().count().saturating_sub(1))]
}

/// The chance that chi-squared of so many degrees of freedom exceeds a value.
///
/// # Source
/// Abramowitz and Stegun 26.4.4 and 26.4.5.
fn beyond(square: f64, freedom: usize) -> f64 {
    if freedom == 0 {
        return 1.0;
    }
    let half = square / 2.0;
    let (mut term, mut sum, mut step) = if freedom.is_multiple_of(2) {
        ((-half).exp(), 0.0, 1.0)
    } else {
        (2.0 * (half / std::f64::consts::PI).sqrt() * (-half).exp(), two_sided_p(square.sqrt()), 1.5)
    };
    for _ in 0..freedom / 2 {
        sum += term;
        term *= half / step;
        step += 1.0;
    }
    sum.clamp(0.0, 1.0)
}

/// What is added to counts before their logarithm.
#[derive(Clone, Copy)]
enum Noughts {
    /// To all.
    All(f64),
    /// To cells that only the other table has.
    Unseen(f64),
}

/// Weights of the cells of two columns' table; rows outside it are left out.
fn counts(left: &Cells, right: &Cells, weights: &[f32]) -> Vec<f64> {
    let mut cells = vec![0.0; left.1 * right.1];
    for ((&row, &column), &weight) in left.0.iter().zip(&right.0).zip(weights) {
        if row != MISSING && column != MISSING {
            cells[row as usize * right.1 + column as usize] += f64::from(weight);
        }
    }
    cells
}

/// 1 over 1 and the divergence of the other's shares from the real ones.
fn divergence(real: Vec<f64>, other: Vec<f64>, noughts: Noughts) -> Option<f64> {
    let (real, other): (Vec<f64>, Vec<f64>) = match noughts {
        Noughts::All(extra) => {
            let more = |cells: Vec<f64>| cells.into_iter().map(|cell| cell + extra).collect();
            (more(real), more(other))
        }
        Noughts::Unseen(extra) => {
            let seen = |(real, other): (f64, &f64)| if real <= 0.0 && *other > 0.0 { extra } else { real };
            (real.into_iter().zip(&other).map(seen).collect(), other)
        }
    };
    let (real, other) = (normalised(real)?, normalised(other)?);
    let terms = other.iter().zip(&real).filter(|(other, real)| **other > 0.0 && **real > 0.0);
    let sum: f64 = terms.map(|(other, real)| other * (other / real).ln()).sum();
    Some(1.0 / (1.0 + sum.max(0.0)))
}

/// The row or column of a table that each row of data falls in, or none, and how many there are.
type Cells = (Vec<u32>, usize);

fn categories(column: &Coded, table: usize) -> Cells {
    let missing = column.values.len() as u32;
    (column.codes[table].iter().map(|&code| code.min(missing)).collect(), column.values.len() + 1)
}

/// Bins of equal width of the real range.
const WIDTHS: u32 = 10;

/// Ten bins of equal width of the real range, what is missing counted as nought, as SDMetrics does.
fn equal_widths(column: &Coded, table: usize) -> Cells {
    let value = |code: &u32| column.values.get(*code as usize).copied().unwrap_or(0.0);
    let real = || column.codes[0].iter().map(value);
    let (mut least, mut greatest) =
        (real().fold(f64::INFINITY, f64::min), real().fold(f64::NEG_INFINITY, f64::max));
    if least >= greatest {
        (least, greatest) = (least - 0.5, greatest + 0.5);
    }
    let wide = (greatest - least) / f64::from(WIDTHS);
    let step = if wide.is_finite() { wide } else { greatest / f64::from(WIDTHS) - least / f64::from(WIDTHS) };
    let edges: Vec<f64> = (0..WIDTHS).map(|edge| f64::from(edge) * step + least).chain([greatest]).collect();
    let bin = |code: &u32| {
        let value = value(code);
        if value < least || value > greatest {
            return MISSING;
        }
        (edges.partition_point(|edge| *edge <= value) as u32).clamp(1, WIDTHS) - 1
    };
    (column.codes[table].iter().map(bin).collect(), WIDTHS as usize)
}

/// Rows that mixtures are fitted to.
const MIXTURE_ROWS: usize = 2_000;
/// Stream of the rows that mixtures are fitted to.
const MIXTURE: u64 = 0x4d49_5854;

fn likelihood(real: &Table, other: &Table, resampling: &Resampling) -> Result<Estimate, SyntheticError> {
    let numbers = |table: &Table| -> Result<Vec<Vec<f64>>, SyntheticError> {
        let subject = table.schema().subject();
        let columns = table.schema().columns().iter().zip(table.columns());
        let filled =
            columns.filter(|(schema, _)| subject != Some(&*schema.name)).filter_map(|(_, column)| {
                let Column::Number(values) = column else { return None };
                let present: Vec<f64> = values.iter().flatten().copied().collect();
                let mean = present.iter().map(|value| value / present.len() as f64).sum::<f64>();
                Some(values.iter().map(|value| value.unwrap_or(mean)).collect::<Vec<f64>>())
            });
        let filled: Vec<Vec<f64>> = filled.collect();
        Ok((0..table.len()).map(|row| filled.iter().map(|column| column[row]).collect()).collect())
    };
    let kept = Resampling {
        most_rows: resampling.most_rows.min(MIXTURE_ROWS),
        seed: resampling.seed ^ MIXTURE,
        ..*resampling
    };
    let (real, other) = (kept.kept(real), kept.kept(other));
    let weights = kept.weights([&real, &other]);
    let (real, other) = (numbers(&real)?, numbers(&other)?);
    if real.first().is_none_or(Vec::is_empty) {
        return Ok(undefined());
    }
    let by_row = mixture::Mixture::best(&real, kept.seed).map(|mixture| mixture.log_likelihoods(&other));
    let Some(by_row) = by_row.filter(|own| own.iter().all(|value| value.is_finite())) else {
        return Ok(undefined());
    };
    let replicate = |weights: &Weights| -> Value {
        let total: f64 = weights[1].iter().map(|weight| f64::from(*weight)).sum();
        let sum: f64 = by_row.iter().zip(&weights[1]).map(|(value, weight)| value * f64::from(*weight)).sum();
        if total > 0.0 { Ok(sum / total) } else { Err(Undefined::NoInstances) }
    };
    Ok(estimate(&weights.iter().map(replicate).collect::<Vec<_>>(), (f64::NEG_INFINITY, f64::INFINITY)))
}
