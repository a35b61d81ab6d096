//! SDMetrics' quality report, for comparison with what others print.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use twinloom_table::Table;

use super::coded::{Coded, MISSING, Pair};
use super::error::SyntheticError;
use super::pairwise::{associate, contingency, correlation};
use super::resample::{Resampling, Value, Weights, estimate};
use super::univariate::{half_difference, kolmogorov_smirnov};
use crate::estimate::{Estimate, Undefined};

/// Real pairs that go together no more than this are left out of the pair trends.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `correlation` | 0.5 | least absolute Pearson correlation of two columns of numbers | 0 to 1 |
/// | `association` | 0.3 | least Cramer's V where a column has categories | 0 to 1 |
///
/// The defaults are SDMetrics 0.32's; older versions left none out, as does 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct QualityThresholds {
    /// Of two columns of numbers.
    pub correlation: f64,
    /// Of other pairs.
    pub association: f64,
}

impl Default for QualityThresholds {
    fn default() -> Self {
        Self { correlation: 0.5, association: 0.3 }
    }
}

/// SDMetrics' scores, 1 being best.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct QualityFigures {
    /// Mean of the two.
    pub quality: Estimate,
    /// Mean over columns of 1 less the Kolmogorov-Smirnov distance, or the total variation of categories.
    pub column_shapes: Estimate,
    /// Mean over pairs of 1 less half the difference in correlation, or the total variation of contingency tables.
    pub column_pair_trends: Estimate,
    /// Pairs that count towards the trends.
    pub pairs: usize,
}

/// SDMetrics' `QualityReport` of another table against the real one.
///
/// # Source
/// SDMetrics 0.32.0 (DataCebo), `QualityReport` with `ColumnShapes` and `ColumnPairTrends`, followed to the bin: numbers
/// beside categories stand in ten bins of equal width of *each table's own* range, with a further bin that holds the
/// greatest value and what is missing.
///
/// # Errors
/// [`SyntheticError`] where the schemas differ, a table has fewer than 2 rows, or a setting is out of range.
///
/// # Limits
/// Of pairs no one asks how close a close pair must be: weak ones are left out or count as well kept. A bin of each
/// table's own range can't see that the range moved; one extreme value moves all bins. Three columns together are not
/// looked at.
pub fn quality(
    real: &Table,
    other: &Table,
    thresholds: &QualityThresholds,
    resampling: &Resampling,
) -> Result<QualityFigures, SyntheticError> {
    for (name, given) in [("correlation", thresholds.correlation), ("association", thresholds.association)] {
        if !(0.0..=1.0).contains(&given) {
            return Err(SyntheticError::Setting { name, given, permitted: "0 to 1" });
        }
    }
    let pair = Pair::new(real, other, resampling)?;
    let bins: Vec<[(Vec<u32>, usize); 2]> =
        pair.columns.iter().map(|column| [0, 1].map(|table| bins(column, table))).collect();
    let shapes: Vec<Vec<Option<f64>>> = pair
        .columns
        .par_iter()
        .map(|column| pair.weights.iter().map(|weights| shape(column, weights)).collect())
        .collect();
    let places: Vec<(usize, usize)> =
        (0..pair.columns.len()).flat_map(|right| (0..right).map(move |left| (left, right))).collect();
    let trends: Vec<Vec<Option<f64>>> = places
        .par_iter()
        .filter_map(|&(left, right)| {
            let pair_of = Trend {
                columns: [&pair.columns[left], &pair.columns[right]],
                bins: [&bins[left], &bins[right]],
            };
            let counts = pair_of.counts(&pair.weights[0], thresholds);
            counts.then(|| pair.weights.iter().map(|weights| pair_of.score(weights)).collect())
        })
        .collect();
    let pairs = trends.len();
    let (shapes, trends) = (means(&shapes, pair.weights.len()), means(&trends, pair.weights.len()));
    let both = shapes.iter().zip(&trends).map(|(shapes, trends)| match (shapes, trends) {
        (Ok(shapes), Ok(trends)) => Ok((shapes + trends) / 2.0),
        (Ok(one), Err(_)) | (Err(_), Ok(one)) => Ok(*one),
        (Err(why), Err(_)) => Err(*why),
    });
    Ok(QualityFigures {
        quality: estimate(&both.collect::<Vec<_>>(), (0.0, 1.0)),
        column_shapes: estimate(&shapes, (0.0, 1.0)),
        column_pair_trends: estimate(&trends, (0.0, 1.0)),
        pairs,
    })
}

fn means(scores: &[Vec<Option<f64>>], replicates: usize) -> Vec<Value> {
    let mean = |at: usize| {
        let defined: Vec<f64> = scores.iter().filter_map(|own| own[at]).collect();
        if defined.is_empty() {
            return Err(Undefined::NoInstances);
        }
        Ok(defined.iter().sum::<f64>() / defined.len() as f64)
    };
    (0..replicates).map(mean).collect()
}

fn shape(column: &Coded, weights: &Weights) -> Option<f64> {
    let (real, other) = (column.shares(0, &weights[0])?, column.shares(1, &weights[1])?);
    let distance =
        if column.numeric { kolmogorov_smirnov(&real, &other) } else { half_difference(&real, &other) };
    Some(1.0 - distance)
}

/// Equal-width bins of a column in one table as numpy's `digitize` numbers them (from 1, the greatest value and what
/// is missing in one past the last), or the categories, and how many there are.
fn bins(column: &Coded, table: usize) -> (Vec<u32>, usize) {
    let codes = &column.codes[table];
    if !column.numeric {
        let missing = column.values.len() as u32;
        return (codes.iter().map(|&code| code.min(missing)).collect(), column.values.len() + 1);
    }
    let present = || codes.iter().filter(|code| **code != MISSING);
    let (Some(&least), Some(&greatest)) = (present().min(), present().max()) else {
        return (vec![PAST; codes.len()], PAST as usize + 1);
    };
    let (mut least, mut greatest) = (column.values[least as usize], column.values[greatest as usize]);
    if least >= greatest {
        (least, greatest) = (least - 0.5, greatest + 0.5);
    }
    let wide = (greatest - least) / WIDTHS;
    let step = if wide.is_finite() { wide } else { greatest / WIDTHS - least / WIDTHS };
    let edges: Vec<f64> =
        (0..WIDTHS as u32).map(|edge| f64::from(edge) * step + least).chain([greatest]).collect();
    let bin = |code: &u32| match column.values.get(*code as usize) {
        Some(value) => edges.partition_point(|edge| edge <= value) as u32,
        None => PAST,
    };
    (codes.iter().map(bin).collect(), PAST as usize + 1)
}

/// Bins of equal width.
const WIDTHS: f64 = 10.0;
/// The bin past the last.
const PAST: u32 = 11;

struct Trend<'a> {
    columns: [&'a Coded; 2],
    bins: [&'a [(Vec<u32>, usize); 2]; 2],
}

impl Trend<'_> {
    fn numbers(&self) -> bool {
        self.columns[0].numeric && self.columns[1].numeric
    }

    fn table(&self, table: usize, weights: &[f32]) -> Option<Vec<f64>> {
        let [left, right] = self.bins.map(|own| (own[table].0.as_slice(), own[table].1));
        contingency(left, right, weights)
    }

    fn counts(&self, weights: &Weights, thresholds: &QualityThresholds) -> bool {
        if self.numbers() {
            let real = correlation(self.columns[0], self.columns[1], 0, &weights[0], false);
            return real
                .is_some_and(|real| thresholds.correlation <= 0.0 || real.abs() > thresholds.correlation);
        }
        if thresholds.association <= 0.0 {
            return true;
        }
        let columns = self.bins[1][0].1;
        let v = self.table(0, &weights[0]).and_then(|cells| associate(&cells, columns).0);
        v.is_some_and(|v| v > thresholds.association)
    }

    fn score(&self, weights: &Weights) -> Option<f64> {
        if self.numbers() {
            let [left, right] = self.columns;
            let of = |table: usize| correlation(left, right, table, &weights[table], false);
            return Some(1.0 - (of(0)? - of(1)?).abs() / 2.0);
        }
        let tables = (self.table(0, &weights[0])?, self.table(1, &weights[1])?);
        Some(1.0 - half_difference(&tables.0, &tables.1))
    }
}
