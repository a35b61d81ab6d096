//! Each column by itself.

use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use twinloom_table::Table;

use super::coded::{Coded, Pair, normalised};
use super::error::SyntheticError;
use super::resample::{Resampling, Value, Weights, estimate};
use crate::estimate::{Estimate, Undefined};

/// How one column of another table stands to the real one's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnFigures {
    /// Its name.
    pub column: Arc<str>,
    /// Greatest difference of the distribution functions, 0 to 1; of numbers only.
    pub kolmogorov_smirnov: Option<Estimate>,
    /// Half the sum of differences in share, 0 to 1: of categories, or of the real table's tenths of numbers; what is
    /// missing is a share of its own.
    pub total_variation: Estimate,
    /// Mean distance that values have to be moved, in standard deviations of the real column; of numbers only.
    pub wasserstein: Option<Estimate>,
    /// Share of the real column's categories, or of its range, that the other covers.
    pub coverage: Estimate,
    /// Share missing in the other less that in the real one.
    pub missing_difference: Estimate,
    /// Share missing in the real one.
    pub missing_real: f64,
}

/// Sets each column of another table beside the real one's.
///
/// # Source
/// Wasserstein-1 as the area between the distribution functions: Vallender, Theory of Probability and its
/// Applications 18 (1974).
///
/// # Errors
/// [`SyntheticError`] where the schemas differ, a table has fewer than 2 rows, or `resampling` is out of range.
///
/// # Limits
/// Says nothing of how columns go together: columns drawn independently get full marks. A resample lacks some rare
/// categories and extremes, so the intervals of coverage are rough.
pub fn univariate(
    real: &Table,
    other: &Table,
    resampling: &Resampling,
) -> Result<Vec<ColumnFigures>, SyntheticError> {
    let pair = Pair::new(real, other, resampling)?;
    Ok(pair.columns.par_iter().map(|column| figures(column, &pair.weights)).collect())
}

fn figures(column: &Coded, weights: &[Weights]) -> ColumnFigures {
    let each = |statistic: &dyn Fn(&Weights) -> Value, range| {
        estimate(&weights.iter().map(statistic).collect::<Vec<_>>(), range)
    };
    let spread = spread(column);
    let of_numbers = |statistic: &dyn Fn(&[f64], &[f64]) -> Value, range| {
        column.numeric.then(|| each(&|weights| with_shares(column, weights, statistic), range))
    };
    ColumnFigures {
        column: Arc::clone(&column.name),
        kolmogorov_smirnov: of_numbers(&|real, other| Ok(kolmogorov_smirnov(real, other)), (0.0, 1.0)),
        total_variation: each(&|weights| total_variation(column, weights), (0.0, 1.0)),
        wasserstein: of_numbers(
            &|real, other| match spread {
                Some(spread) => Ok(wasserstein(&column.values, real, other) / spread),
                None => Err(Undefined::ConstantColumn),
            },
            (0.0, f64::INFINITY),
        ),
        coverage: each(
            &|weights| with_shares(column, weights, &|real, other| Ok(coverage(column, real, other))),
            (0.0, 1.0),
        ),
        missing_difference: each(
            &|weights| Ok(column.missing_share(1, &weights[1]) - column.missing_share(0, &weights[0])),
            (-1.0, 1.0),
        ),
        missing_real: column.missing_share(0, &weights[0][0]),
    }
}

fn with_shares(column: &Coded, weights: &Weights, statistic: &dyn Fn(&[f64], &[f64]) -> Value) -> Value {
    let share = |table: usize| column.shares(table, &weights[table]).ok_or(Undefined::NoInstances);
    statistic(&share(0)?, &share(1)?)
}

/// Greatest difference of the running sums of two shares of the same rising values.
pub(crate) fn kolmogorov_smirnov(real: &[f64], other: &[f64]) -> f64 {
    let (mut gap, mut most) = (0.0_f64, 0.0_f64);
    for (real, other) in real.iter().zip(other) {
        gap += real - other;
        most = most.max(gap.abs());
    }
    most.min(1.0)
}

fn wasserstein(values: &[f64], real: &[f64], other: &[f64]) -> f64 {
    let (mut gap, mut area) = (0.0_f64, 0.0_f64);
    for (place, step) in values.windows(2).enumerate() {
        gap += real[place] - other[place];
        area += gap.abs() * (step[1] - step[0]);
    }
    area
}

/// Half the sum of differences of two sets of shares.
pub(crate) fn half_difference(real: &[f64], other: &[f64]) -> f64 {
    (real.iter().zip(other).map(|(real, other)| (real - other).abs()).sum::<f64>() / 2.0).min(1.0)
}

fn total_variation(column: &Coded, weights: &Weights) -> Value {
    let share = |table: usize| {
        // Categories in full, rare ones too; numbers in tenths.
        let (codes, count) = if column.numeric {
            (&column.bins[table], column.bin_count)
        } else {
            (&column.codes[table], column.values.len() + 1)
        };
        let mut mass = vec![0.0; count];
        for (&code, &weight) in codes.iter().zip(&weights[table]) {
            mass[(code as usize).min(count - 1)] += f64::from(weight);
        }
        normalised(mass).ok_or(Undefined::NoInstances)
    };
    Ok(half_difference(&share(0)?, &share(1)?))
}

fn coverage(column: &Coded, real: &[f64], other: &[f64]) -> f64 {
    if !column.numeric {
        let seen = real.iter().filter(|share| **share > 0.0).count();
        let both = real.iter().zip(other).filter(|(real, other)| **real > 0.0 && **other > 0.0).count();
        return both as f64 / seen.max(1) as f64;
    }
    let ends = |shares: &[f64]| {
        let first = shares.iter().position(|share| *share > 0.0).unwrap_or(0);
        let last = shares.iter().rposition(|share| *share > 0.0).unwrap_or(0);
        (column.values[first], column.values[last])
    };
    let ((least, greatest), (low, high)) = (ends(real), ends(other));
    let range = greatest - least;
    if range <= 0.0 {
        return if low <= least && high >= greatest { 1.0 } else { 0.0 };
    }
    let lost = (low - least).max(0.0) + (greatest - high).max(0.0);
    (1.0 - lost / range).clamp(0.0, 1.0)
}

/// Standard deviation of the real column; `None` where all its values are one.
fn spread(column: &Coded) -> Option<f64> {
    let shares = column.shares(0, &vec![1.0; column.codes[0].len()])?;
    let mean: f64 = shares.iter().zip(&column.values).map(|(share, value)| share * value).sum();
    let variance: f64 =
        shares.iter().zip(&column.values).map(|(share, value)| share * (value - mean).powi(2)).sum();
    Some(variance.sqrt()).filter(|spread| *spread > 0.0 && spread.is_finite())
}
