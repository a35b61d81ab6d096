//! What is missing, what with, and of whom.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use twinloom_table::Table;

use super::coded::{Coded, MISSING, Pair};
use super::error::SyntheticError;
use super::pairwise::{associate, contingency};
use super::resample::{Resampling, Value, Weights, estimate};
use crate::estimate::{Estimate, Undefined};

/// How another table's missing values stand to the real one's; each 0 where alike.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AbsenceFigures {
    /// Columns where a value is missing in either table.
    pub columns: usize,
    /// Mean absolute difference in the share missing, over those columns.
    pub share: Estimate,
    /// Mean absolute difference in how two columns' gaps go together (phi coefficient), over pairs of those columns.
    pub together: Estimate,
    /// Mean absolute difference in how a column's gaps go with another column's values (Cramer's V, numbers in tenths).
    pub by_value: Estimate,
}

/// Compares the structure of what is missing. Where nothing is missing in either table there is nothing to compare, and
/// no figure.
///
/// # Errors
/// [`SyntheticError`] where the schemas differ, a table has fewer than 2 rows, or `resampling` is out of range.
///
/// # Limits
/// Can't tell gaps that depend on the missing value itself.
pub fn absence(
    real: &Table,
    other: &Table,
    resampling: &Resampling,
) -> Result<AbsenceFigures, SyntheticError> {
    let pair = Pair::new(real, other, resampling)?;
    let gaps: Vec<(usize, [Vec<u32>; 2])> = pair
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| column.codes.iter().flatten().any(|code| *code == MISSING))
        .map(|(at, column)| (at, [0, 1].map(|table| marks(column, table))))
        .collect();
    let mean = |pairs: &[Difference<'_>]| {
        let by_pair: Vec<Vec<Option<f64>>> =
            pairs.par_iter().map(|of| pair.weights.iter().map(of).collect()).collect();
        let replicate = |at: usize| -> Value {
            let defined: Vec<f64> = by_pair.iter().filter_map(|own| own[at]).collect();
            if defined.is_empty() {
                return Err(Undefined::NoInstances);
            }
            Ok(defined.iter().sum::<f64>() / defined.len() as f64)
        };
        estimate(&(0..pair.weights.len()).map(replicate).collect::<Vec<_>>(), (0.0, 2.0))
    };
    let share = gaps.iter().map(|(at, _)| {
        let column = &pair.columns[*at];
        boxed(move |weights| {
            Some((column.missing_share(0, &weights[0]) - column.missing_share(1, &weights[1])).abs())
        })
    });
    let together = (0..gaps.len()).flat_map(|right| (0..right).map(move |left| (left, right)));
    let together = together.map(|(left, right)| {
        let (left, right) = (&gaps[left].1, &gaps[right].1);
        boxed(move |weights| {
            let phi = |table: usize| phi(&left[table], &right[table], &weights[table]);
            Some((phi(0)? - phi(1)?).abs())
        })
    });
    let by_value = gaps.iter().flat_map(|(at, marks)| {
        let others = pair.columns.iter().enumerate().filter(move |(other, _)| other != at);
        others.map(move |(_, other)| {
            boxed(move |weights| {
                let v = |table: usize| {
                    let cells = contingency(
                        (&marks[table], 2),
                        (&other.bins[table], other.bin_count),
                        &weights[table],
                    );
                    // Where nothing is missing, gaps go with nothing.
                    cells.map(|cells| associate(&cells, other.bin_count).0.unwrap_or(0.0))
                };
                Some((v(0)? - v(1)?).abs())
            })
        })
    });
    Ok(AbsenceFigures {
        columns: gaps.len(),
        share: mean(&share.collect::<Vec<_>>()),
        together: mean(&together.collect::<Vec<_>>()),
        by_value: mean(&by_value.collect::<Vec<_>>()),
    })
}

type Difference<'a> = Box<dyn Fn(&Weights) -> Option<f64> + Sync + 'a>;

fn boxed<'a>(of: impl Fn(&Weights) -> Option<f64> + Sync + 'a) -> Difference<'a> {
    Box::new(of)
}

fn marks(column: &Coded, table: usize) -> Vec<u32> {
    column.codes[table].iter().map(|code| u32::from(*code == MISSING)).collect()
}

/// Correlation of two marks; nought where one never changes, for then they go with nothing.
fn phi(left: &[u32], right: &[u32], weights: &[f32]) -> Option<f64> {
    let cells = contingency((left, 2), (right, 2), weights)?;
    let (left, right) = (cells[2] + cells[3], cells[1] + cells[3]);
    let spread = (left * (1.0 - left) * right * (1.0 - right)).sqrt();
    Some(if spread > 0.0 { ((cells[3] - left * right) / spread).clamp(-1.0, 1.0) } else { 0.0 })
}
