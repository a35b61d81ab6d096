//! Synthetic rows that are a person's own.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use twinloom_table::{Column, Table};
use twinloom_views::wilson_interval;

use super::distance::Scales;
use super::error::AttackError;
use super::exposure::{Controlled, Exposure};
use super::nearest::nearest_distances;
use crate::estimate::{Estimate, Undefined};

/// Share of the reference whose closest other person is as near as a near copy.
const NEAR: f64 = 0.01;

/// How many synthetic rows are, or nearly are, a row of the training data.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Copies {
    /// Synthetic rows.
    pub rows: usize,
    /// Share that equals a row of the training data in every column.
    pub exact: Estimate,
    /// Share that equals a row of people whom the generator never saw: what comes by chance.
    pub exact_by_chance: Estimate,
    /// Share nearer to a row of the training data than all but 1 in 100 of other people are to theirs.
    pub near: Estimate,
    /// The distance below which a row is a near copy (mean over columns, 0 to 1).
    pub near_below: f64,
}

impl Controlled<Copies> {
    /// Whether more rows of the release are a member's own, for sure, than a stranger's.
    pub fn holds_copies(&self) -> bool {
        let by_chance = self.release.exact_by_chance.upper.unwrap_or(1.0);
        self.release.exact.lower.is_some_and(|lower| lower > by_chance)
    }
}

/// Counts exact and near copies, on the release and its controls.
///
/// # Errors
/// [`AttackError`] as [`Exposure`]'s.
///
/// # Limits
/// A copy of a row that many people share tells of nobody: set `exact` against `exact_by_chance`, whose table of other
/// people may be smaller. Near is by [`DistanceRatio`](super::DistanceRatio)'s distance; people with missing values
/// throughout are near to each other.
pub fn copies(exposure: &Exposure) -> Result<Controlled<Copies>, AttackError> {
    let scales = Scales::of(exposure.reference());
    let members = scales.points(exposure.members());
    let mut usual = nearest_distances(&scales.points(exposure.others()), &members);
    usual.sort_unstable_by(f64::total_cmp);
    let near_below = usual[(usual.len() as f64 * NEAR) as usize];
    exposure.controlled("copies", |synthetic| {
        let distances = nearest_distances(&scales.points(synthetic), &members);
        let near = distances.iter().filter(|distance| **distance < near_below).count();
        Ok(Copies {
            rows: synthetic.len(),
            exact: share(equal_rows(synthetic, exposure.members()), synthetic.len()),
            exact_by_chance: share(equal_rows(synthetic, exposure.others()), synthetic.len()),
            near: share(near, synthetic.len()),
            near_below,
        })
    })
}

/// How many rows stand in the other table too.
fn equal_rows(rows: &Table, other: &Table) -> usize {
    let known: BTreeSet<Vec<u64>> = (0..other.len()).map(|row| key(other, row)).collect();
    (0..rows.len()).filter(|&row| known.contains(&key(rows, row))).count()
}

/// A row's cells as bits: equal where the cells are.
fn key(table: &Table, row: usize) -> Vec<u64> {
    table.columns().iter().map(|column| cell_key(column, row)).collect()
}

/// A cell as bits; a missing one is like no other.
pub(crate) fn cell_key(column: &Column, row: usize) -> u64 {
    match column {
        Column::Category(values) => values[row].map_or(u64::MAX, u64::from),
        // Adding 0 makes the two zeros one; the bits of a NaN, which no table holds, stand for missing.
        Column::Number(values) => values[row].map_or(u64::MAX, |value| (value + 0.0).to_bits()),
    }
}

/// A share with Wilson's interval.
pub(crate) fn share(count: usize, of: usize) -> Estimate {
    let value = if of > 0 { Ok(count as f64 / of as f64) } else { Err(Undefined::NoInstances) };
    Estimate::new(value, wilson_interval(count as u64, of as u64))
}
