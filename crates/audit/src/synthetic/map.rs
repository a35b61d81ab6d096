//! One map of real and synthetic people.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use twinloom_table::Table;

use super::coded::check_alike;
use super::encoded::{Encoded, Encoder};
use super::error::SyntheticError;
use super::resample::Resampling;

/// A point on the map.
pub type Point = [f64; 2];

/// Points of all tables on the axes of the real one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SharedMap {
    /// Share of the real rows' variance that each axis holds.
    pub explained: [f64; 2],
    /// What weighs most on each axis: the name and its weight, largest first, up to five.
    pub axes: [Vec<(Arc<str>, f64)>; 2],
    /// Real rows.
    pub real: Vec<Point>,
    /// Other rows, table by table.
    pub others: Vec<Vec<Point>>,
}

/// Sweeps after which the rotation stops; it takes under ten.
const MOST_SWEEPS: usize = 50;

/// Maps tables onto the first two principal components of the real one, fitted once, so that clouds can be compared.
///
/// # Source
/// Jolliffe, Principal Component Analysis (2nd edition, 2002), section 1.1; eigenvectors by Jacobi's rotations, Golub and
/// Van Loan, Matrix Computations (4th edition), algorithm 8.5.2 by rows. An axis points to where its largest weight is
/// positive.
///
/// # Errors
/// [`SyntheticError`] where the schemas differ, a table has fewer than 2 rows, or `resampling` is out of range.
///
/// # Limits
/// Two straight axes: people who lie on top of each other here may differ in all else. Points are of single rows: a map
/// of real people is not for release.
pub fn map(real: &Table, others: &[&Table], resampling: &Resampling) -> Result<SharedMap, SyntheticError> {
    resampling.check()?;
    for other in others {
        check_alike(real, other)?;
    }
    let real = resampling.kept(real);
    let encoder = Encoder::new(&real, &[])?;
    let encoded = encoder.encode(&real)?;
    let width = encoded.width();
    let mut mean = vec![0.0; width];
    for row in 0..encoded.len() {
        mean.iter_mut().zip(encoded.row(row)).for_each(|(mean, value)| *mean += value / encoded.len() as f64);
    }
    let mut covariance = vec![0.0; width * width];
    for row in 0..encoded.len() {
        let off: Vec<f64> = encoded.row(row).iter().zip(&mean).map(|(value, mean)| value - mean).collect();
        for (left, x) in off.iter().enumerate() {
            for (right, y) in off.iter().enumerate().take(left + 1) {
                covariance[left * width + right] += x * y / encoded.len() as f64;
            }
        }
    }
    for left in 0..width {
        for right in left + 1..width {
            covariance[left * width + right] = covariance[right * width + left];
        }
    }
    let total: f64 = (0..width).map(|at| covariance[at * width + at]).sum();
    let (values, vectors) = eigen(covariance, width);
    let mut order: Vec<usize> = (0..width).collect();
    order.sort_by(|left, right| values[*right].total_cmp(&values[*left]).then(left.cmp(right)));
    let axis = |rank: usize| -> Vec<f64> {
        let Some(&at) = order.get(rank) else { return vec![0.0; width] };
        let own: Vec<f64> = (0..width).map(|row| vectors[row * width + at]).collect();
        let largest =
            own.iter().copied().fold(0.0, |most: f64, one| if one.abs() > most.abs() { one } else { most });
        own.into_iter().map(|weight| if largest < 0.0 { -weight } else { weight }).collect()
    };
    let axes = [axis(0), axis(1)];
    let explained = [0, 1].map(|rank| match order.get(rank) {
        Some(&at) if total > 0.0 => (values[at] / total).clamp(0.0, 1.0),
        _ => 0.0,
    });
    let points = |table: &Encoded| {
        let along = |row: usize, axis: &[f64]| {
            table
                .row(row)
                .iter()
                .zip(&mean)
                .zip(axis)
                .map(|((value, mean), weight)| (value - mean) * weight)
                .sum()
        };
        (0..table.len()).map(|row| [along(row, &axes[0]), along(row, &axes[1])]).collect()
    };
    let named = |axis: &Vec<f64>| {
        let mut named: Vec<(Arc<str>, f64)> =
            encoded.names().iter().cloned().zip(axis.iter().copied()).collect();
        named.sort_by(|left, right| right.1.abs().total_cmp(&left.1.abs()));
        named.truncate(5);
        named
    };
    let others = others.iter().map(|table| Ok(points(&encoder.encode(&resampling.kept(table))?)));
    Ok(SharedMap {
        explained,
        axes: axes.each_ref().map(named),
        real: points(&encoded),
        others: others.collect::<Result<_, SyntheticError>>()?,
    })
}

/// Eigenvalues, and eigenvectors by columns, of a symmetric matrix by rows.
fn eigen(mut matrix: Vec<f64>, n: usize) -> (Vec<f64>, Vec<f64>) {
    let mut vectors = vec![0.0; n * n];
    for at in 0..n {
        vectors[at * n + at] = 1.0;
    }
    let scale: f64 = matrix.iter().map(|own| own * own).sum();
    for _ in 0..MOST_SWEEPS {
        let off: f64 = (0..n * n).filter(|at| at / n != at % n).map(|at| matrix[at] * matrix[at]).sum();
        if off <= 1e-28 * scale {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                if matrix[p * n + q].abs() > 0.0 {
                    rotate(&mut matrix, &mut vectors, n, (p, q));
                }
            }
        }
    }
    ((0..n).map(|at| matrix[at * n + at]).collect(), vectors)
}

fn rotate(matrix: &mut [f64], vectors: &mut [f64], n: usize, (p, q): (usize, usize)) {
    let turn = (matrix[q * n + q] - matrix[p * n + p]) / (2.0 * matrix[p * n + q]);
    let tangent = if turn.is_finite() { turn.signum() / (turn.abs() + turn.hypot(1.0)) } else { 0.0 };
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = tangent * cosine;
    let mix = |values: &mut [f64], left: usize, right: usize| {
        let (a, b) = (values[left], values[right]);
        values[left] = cosine * a - sine * b;
        values[right] = sine * a + cosine * b;
    };
    for row in 0..n {
        mix(matrix, row * n + p, row * n + q);
        mix(vectors, row * n + p, row * n + q);
    }
    for column in 0..n {
        mix(matrix, p * n + column, q * n + column);
    }
}
