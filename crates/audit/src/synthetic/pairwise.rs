//! How two columns go together.

use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use twinloom_table::Table;

use super::coded::{Coded, MISSING, Pair, normalised};
use super::error::SyntheticError;
use super::resample::{Resampling, Weights, estimate};
use super::univariate::half_difference;
use crate::estimate::{Estimate, Undefined};

/// How pairs of columns of another table stand to the real one's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairFigures {
    /// Mean absolute difference of Pearson's correlation over pairs of numbers where both tables define it.
    pub pearson: Estimate,
    /// The same of Spearman's.
    pub spearman: Estimate,
    /// The same of Cramer's V, over pairs with a column of categories.
    pub cramers_v: Estimate,
    /// The same of mutual information in nats, over all pairs.
    pub mutual_information: Estimate,
    /// Mean total variation between the two tables' contingency tables, over all pairs, 0 to 1.
    pub contingency: Estimate,
    /// Each pair.
    pub pairs: Vec<PairRow>,
}

/// One pair of columns; a measure in the real table, then in the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairRow {
    /// One column.
    pub left: Arc<str>,
    /// The other column.
    pub right: Arc<str>,
    /// Pearson's correlation.
    pub pearson: Option<[f64; 2]>,
    /// Spearman's correlation.
    pub spearman: Option<[f64; 2]>,
    /// Cramer's V.
    pub cramers_v: Option<[f64; 2]>,
    /// Mutual information in nats.
    pub mutual_information: Option<[f64; 2]>,
    /// Total variation between the contingency tables.
    pub contingency: f64,
}

/// One pair under one set of weights.
#[derive(Clone, Copy)]
struct Measures {
    pearson: Option<[f64; 2]>,
    spearman: Option<[f64; 2]>,
    cramers_v: Option<[f64; 2]>,
    mutual_information: Option<[f64; 2]>,
    contingency: Option<f64>,
}

/// Sets each pair of columns of another table beside the real one's.
///
/// For contingency, Cramer's V and mutual information, numbers stand in tenths of the real table, the categories beyond
/// the 50 commonest share a place, and what is missing is a category. Correlations are over the rows where neither is
/// missing.
///
/// # Source
/// Cramer's V: Cramer, Mathematical Methods of Statistics (1946), 21.9 (not corrected for bias). Spearman's from
/// midranks. Mutual information: Cover and Thomas, Elements of Information Theory, equation 2.28.
///
/// # Errors
/// [`SyntheticError`] where the schemas differ, a table has fewer than 2 rows, or `resampling` is out of range.
///
/// # Limits
/// Sees nothing that takes three columns to see. Mutual information of few rows is too high, in both tables alike
/// only when they have as many rows.
pub fn pairwise(real: &Table, other: &Table, resampling: &Resampling) -> Result<PairFigures, SyntheticError> {
    let pair = Pair::new(real, other, resampling)?;
    let places: Vec<(usize, usize)> =
        (0..pair.columns.len()).flat_map(|right| (0..right).map(move |left| (left, right))).collect();
    let measured: Vec<Vec<Measures>> = places
        .par_iter()
        .map(|&(left, right)| {
            let (left, right) = (&pair.columns[left], &pair.columns[right]);
            pair.weights.iter().map(|weights| measures(left, right, weights)).collect()
        })
        .collect();
    let mean = |of: &dyn Fn(&Measures) -> Option<f64>, most| {
        let replicates = (0..pair.weights.len()).map(|at| {
            let (sum, count) = measured
                .iter()
                .filter_map(|pair| of(&pair[at]))
                .fold((0.0, 0_usize), |(sum, count), value| (sum + value, count + 1));
            if count == 0 { Err(Undefined::NoInstances) } else { Ok(sum / count as f64) }
        });
        estimate(&replicates.collect::<Vec<_>>(), (0.0, most))
    };
    let gap = |values: Option<[f64; 2]>| values.map(|[real, other]| (real - other).abs());
    let row = |(&(left, right), measured): (&(usize, usize), &Vec<Measures>)| PairRow {
        left: Arc::clone(&pair.columns[left].name),
        right: Arc::clone(&pair.columns[right].name),
        pearson: measured[0].pearson,
        spearman: measured[0].spearman,
        cramers_v: measured[0].cramers_v,
        mutual_information: measured[0].mutual_information,
        contingency: measured[0].contingency.unwrap_or(0.0),
    };
    Ok(PairFigures {
        pearson: mean(&|one| gap(one.pearson), 2.0),
        spearman: mean(&|one| gap(one.spearman), 2.0),
        cramers_v: mean(&|one| gap(one.cramers_v), 1.0),
        mutual_information: mean(&|one| gap(one.mutual_information), f64::INFINITY),
        contingency: mean(&|one| one.contingency, 1.0),
        pairs: places.iter().zip(&measured).map(row).collect(),
    })
}

fn measures(left: &Coded, right: &Coded, weights: &Weights) -> Measures {
    let of = |statistic: &dyn Fn(usize) -> Option<f64>| Some([statistic(0)?, statistic(1)?]);
    let numbers = left.numeric && right.numeric;
    let tables = [0, 1].map(|table| {
        contingency(
            (&left.bins[table], left.bin_count),
            (&right.bins[table], right.bin_count),
            &weights[table],
        )
    });
    let association = |table: usize| tables[table].as_ref().map(|own| associate(own, right.bin_count));
    Measures {
        pearson: if numbers {
            of(&|table| correlation(left, right, table, &weights[table], false))
        } else {
            None
        },
        spearman: if numbers {
            of(&|table| correlation(left, right, table, &weights[table], true))
        } else {
            None
        },
        cramers_v: if numbers { None } else { of(&|table| association(table)?.0) },
        mutual_information: of(&|table| Some(association(table)?.1)),
        contingency: match &tables {
            [Some(real), Some(other)] => Some(half_difference(real, other)),
            _ => None,
        },
    }
}

/// Shares of the cells of two columns' table, by rows of the first.
pub(crate) fn contingency(
    (left, rows): (&[u32], usize),
    (right, columns): (&[u32], usize),
    weights: &[f32],
) -> Option<Vec<f64>> {
    let mut cells = vec![0.0; rows * columns];
    for ((&left, &right), &weight) in left.iter().zip(right).zip(weights) {
        cells[left as usize * columns + right as usize] += f64::from(weight);
    }
    normalised(cells)
}

/// Cramer's V, undefined where a column has one value only, and mutual information in nats.
pub(crate) fn associate(cells: &[f64], columns: usize) -> (Option<f64>, f64) {
    let by_row: Vec<f64> = cells.chunks(columns).map(|row| row.iter().sum()).collect();
    let mut by_column = vec![0.0; columns];
    for row in cells.chunks(columns) {
        by_column.iter_mut().zip(row).for_each(|(sum, cell)| *sum += cell);
    }
    let (mut square, mut information) = (0.0, 0.0);
    for (row, of_row) in cells.chunks(columns).zip(&by_row) {
        for (cell, of_column) in row.iter().zip(&by_column).filter(|(cell, _)| **cell > 0.0) {
            let ratio = cell / (of_row * of_column);
            square += cell * ratio;
            information += cell * ratio.ln();
        }
    }
    let filled = |sums: &[f64]| sums.iter().filter(|sum| **sum > 0.0).count();
    let free = filled(&by_row).min(filled(&by_column)).saturating_sub(1);
    let v = (free > 0).then(|| ((square - 1.0).max(0.0) / free as f64).sqrt().min(1.0));
    (v, information.max(0.0))
}

/// Pearson's correlation of values, or of midranks; `None` where one column has one value only.
pub(crate) fn correlation(
    left: &Coded,
    right: &Coded,
    table: usize,
    weights: &[f32],
    ranked: bool,
) -> Option<f64> {
    let rows = || {
        left.codes[table].iter().zip(&right.codes[table]).zip(weights).filter_map(
            |((&left, &right), &weight)| {
                let both = left != MISSING && right != MISSING && weight > 0.0;
                both.then(|| (left as usize, right as usize, f64::from(weight)))
            },
        )
    };
    let score = |column: &Coded, pick: fn((usize, usize)) -> usize| {
        if !ranked {
            return centred(&column.values);
        }
        let mut mass = vec![0.0; column.values.len()];
        rows().for_each(|(left, right, weight)| mass[pick((left, right))] += weight);
        let mut below = 0.0;
        for own in &mut mass {
            let midrank = below + *own / 2.0;
            below += *own;
            *own = midrank;
        }
        mass
    };
    let (x, y) = (score(left, |pair| pair.0), score(right, |pair| pair.1));
    let (mut total, mut mean_x, mut mean_y) = (0.0, 0.0, 0.0);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (left, right, weight) in rows() {
        total += weight;
        let (dx, dy) = (x[left] - mean_x, y[right] - mean_y);
        mean_x += dx * weight / total;
        mean_y += dy * weight / total;
        xx += weight * dx * (x[left] - mean_x);
        yy += weight * dy * (y[right] - mean_y);
        xy += weight * dx * (y[right] - mean_y);
    }
    let scale = xx.sqrt() * yy.sqrt();
    (scale > 0.0 && scale.is_finite()).then(|| (xy / scale).clamp(-1.0, 1.0)).filter(|r| r.is_finite())
}

/// Values over half their range, so that squares of very large ones stay finite.
fn centred(values: &[f64]) -> Vec<f64> {
    let most = values.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    let scale = if most > 0.0 { most } else { 1.0 };
    values.iter().map(|value| value / scale).collect()
}
