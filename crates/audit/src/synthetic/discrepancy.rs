//! Maximum mean discrepancy.

use rayon::prelude::*;
use twinloom_table::Table;

use super::coded::check_alike;
use super::detection::shuffle;
use super::encoded::{Encoded, Encoder};
use super::error::SyntheticError;
use super::resample::Resampling;
use super::vector_machine::squared;
use crate::estimate::{Estimate, Undefined};
use crate::normal::Z_95;

/// Rows of either table whose distances set the kernel's width.
const FOR_WIDTH: usize = 500;
/// Streams of the two tables' orders.
const ORDERS: [u64; 2] = [0x4d4d_4430, 0x4d4d_4431];

/// Squared maximum mean discrepancy between two tables' rows, unbiased: about nought where they are alike, and then
/// below it as often as above.
///
/// Gaussian kernel, its width the median distance of rows of both tables, on z-scores and one-hot categories. Rows are
/// taken in blocks of the square root of their number, and the interval is the normal one of the blocks' mean.
///
/// # Source
/// Gretton et al., A kernel two-sample test, JMLR 13 (2012), equation 3; Zaremba, Gretton and Blaschko, B-tests, NeurIPS
/// 2013, section 2.
///
/// # Errors
/// [`SyntheticError`] where the schemas differ, a table has fewer than 2 rows, or a setting is out of range.
///
/// # Limits
/// One width for all columns: a difference in few of many columns weighs little. Below some 100 rows, blocks are few and
/// the interval too short.
pub fn discrepancy(real: &Table, other: &Table, resampling: &Resampling) -> Result<Estimate, SyntheticError> {
    resampling.check()?;
    check_alike(real, other)?;
    let (real, other) = (resampling.kept(real), resampling.kept(other));
    let encoder = Encoder::new(&real, &[])?;
    let rows = real.len().min(other.len());
    let tables = [(&real, ORDERS[0]), (&other, ORDERS[1])];
    let [real, other] = tables.map(|(table, key)| {
        let mut order: Vec<usize> = (0..table.len()).collect();
        shuffle(&mut order, resampling.seed ^ key);
        order.truncate(rows);
        encoder.encode(table).map(|encoded| encoded.rows_of(&order))
    });
    let (real, other) = (real?, other?);
    let Some(width) = median_square(&real, &other) else {
        // Every row is the same as every other: nothing tells the tables apart.
        return Ok(Estimate::new(Ok(0.0), Some((0.0, 0.0))));
    };
    let block = (rows as f64).sqrt().floor().max(2.0) as usize;
    let values: Vec<f64> = (0..rows / block)
        .into_par_iter()
        .map(|at| of_block(&real, &other, at * block, block, width))
        .collect();
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    if values.len() < 2 {
        return Ok(Estimate::new(if values.is_empty() { Err(Undefined::TooFew) } else { Ok(mean) }, None));
    }
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let half = Z_95 * (variance / count).sqrt();
    Ok(Estimate::new(Ok(mean), Some((mean - half, mean + half))))
}

/// Median squared distance between different rows; `None` where it is nought.
fn median_square(real: &Encoded, other: &Encoded) -> Option<f64> {
    let rows: Vec<&[f64]> = [real, other]
        .into_iter()
        .flat_map(|table| (0..table.len().min(FOR_WIDTH)).map(|row| table.row(row)))
        .collect();
    let pairs = (1..rows.len()).into_par_iter().flat_map_iter(|at| {
        let rows = &rows;
        (0..at).map(move |before| squared(rows[at], rows[before]))
    });
    let mut squares: Vec<f64> = pairs.collect();
    squares.sort_unstable_by(f64::total_cmp);
    // Where most rows are alike, the smallest distance that is one.
    let middle = squares.get(squares.len() / 2).copied().filter(|square| *square > 0.0);
    middle.or_else(|| squares.into_iter().find(|square| *square > 0.0))
}

fn of_block(real: &Encoded, other: &Encoded, first: usize, size: usize, width: f64) -> f64 {
    let kernel = |left: &[f64], right: &[f64]| (-squared(left, right) / (2.0 * width)).exp();
    let mut sum = 0.0;
    for left in first..first + size {
        for right in first..left {
            sum += kernel(real.row(left), real.row(right)) + kernel(other.row(left), other.row(right))
                - kernel(real.row(left), other.row(right))
                - kernel(real.row(right), other.row(left));
        }
    }
    2.0 * sum / (size * (size - 1)) as f64
}
