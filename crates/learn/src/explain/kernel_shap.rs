//! Shapley values of any function of what is known, from a weighted regression.

use rand::RngExt;
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};
use twinloom_neural::stream;

use super::ShapleyValues;
use crate::ColumnTable;

/// How many subsets are asked.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `coalitions` | 2048 | subsets asked besides none and all; enough for every subset of 11 | >= 2 |
/// | `seed` | 0 | of the subsets drawn where not all can be asked | |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KernelParameters {
    /// Subsets asked besides none and all.
    pub coalitions: usize,
    /// Seed of the subsets drawn.
    pub seed: u64,
}

impl Default for KernelParameters {
    fn default() -> Self {
        Self { coalitions: 2048, seed: 0 }
    }
}

/// A subset and what it weighs in the regression.
struct Coalition {
    known: Vec<bool>,
    weight: f64,
}

/// Shares `value` of everything known out among `players`.
///
/// Where all subsets can be asked the values are exact. Otherwise sizes are taken whole from the outside in
/// (one known, all but one known, ...) while the budget lasts, and the rest of it draws subsets of the other
/// sizes, each with its complement, in proportion to the kernel.
///
/// # Source
/// Lundberg and Lee, A Unified Approach to Interpreting Model Predictions (NeurIPS 2017), theorem 2 and
/// equation 8 for the kernel, the two infinite weights taken as constraints; Covert and Lee, Improving
/// KernelSHAP (AISTATS 2021), section 4, for drawing complements together.
///
/// # Arguments
/// `value` gets subsets as a flag for each player and gives a number for each subset.
///
/// # Errors
/// [`KernelError`] where the budget is too small, or `value` gives other than one finite number for each.
pub fn kernel_shap(
    players: usize,
    parameters: KernelParameters,
    value: &dyn Fn(&[Vec<bool>]) -> Vec<f64>,
) -> Result<ShapleyValues, KernelError> {
    if parameters.coalitions < 2 {
        return Err(KernelError::Coalitions { coalitions: parameters.coalitions, least: 2 });
    }
    let coalitions = if players < 2 { Vec::new() } else { chosen(players, parameters) };
    let mut asked = vec![vec![false; players], vec![true; players]];
    asked.extend(coalitions.iter().map(|coalition| coalition.known.clone()));
    let found = value(&asked);
    if found.len() != asked.len() {
        return Err(KernelError::Values { values: found.len(), coalitions: asked.len() });
    }
    if let Some(odd) = found.iter().find(|value| !value.is_finite()) {
        return Err(KernelError::NotFinite { value: *odd });
    }
    let (expected, gain) = (found[0], found[1] - found[0]);
    if players < 2 {
        return Ok(ShapleyValues { expected, contributions: vec![gain; players] });
    }
    // The last player gets what the others leave of the gain, which fulfils the constraint.
    let free = players - 1;
    let flag = |known: bool| f64::from(u8::from(known));
    let mut normal = vec![0.0; free * free];
    let mut right = vec![0.0; free];
    let mut row = vec![0.0; free];
    for (coalition, value) in coalitions.iter().zip(&found[2..]) {
        let last = flag(coalition.known[free]);
        for (cell, known) in row.iter_mut().zip(&coalition.known) {
            *cell = flag(*known) - last;
        }
        let target = value - expected - last * gain;
        for (one, left) in row.iter().enumerate().filter(|(_, left)| **left != 0.0) {
            right[one] += coalition.weight * left * target;
            for (sum, other) in normal[one * free..(one + 1) * free].iter_mut().zip(&row) {
                *sum += coalition.weight * left * other;
            }
        }
    }
    let too_few = KernelError::Coalitions { coalitions: parameters.coalitions, least: 2 * players };
    let mut contributions = solved(normal, right).ok_or(too_few)?;
    contributions.push(gain - contributions.iter().sum::<f64>());
    Ok(ShapleyValues { expected, contributions })
}

/// Shares a row's prediction out among groups of columns; what is not known is taken from each row of a
/// background in turn, and the predictions averaged.
///
/// # Source
/// Lundberg and Lee (2017), equation 11, columns taken as independent of each other.
///
/// # Shapes
/// `row` has a number per column of `background`; columns in no group keep the row's own.
///
/// # Errors
/// [`KernelError`] as [`kernel_shap`], and where shapes don't match or the background is empty.
pub fn kernel_shap_of_row(
    predict: &dyn Fn(&ColumnTable) -> Vec<f64>,
    row: &[f64],
    background: &ColumnTable,
    groups: &[Vec<usize>],
    parameters: KernelParameters,
) -> Result<ShapleyValues, KernelError> {
    let ColumnTable { rows, columns, .. } = *background;
    let last = groups.iter().flatten().max().map_or(0, |last| last + 1);
    if rows == 0 || row.len() != columns || last > columns || background.values.len() != rows * columns {
        return Err(KernelError::Shapes { row: row.len(), rows, columns, asked: last });
    }
    let mut group_of = vec![None; columns];
    for (group, members) in groups.iter().enumerate() {
        for &column in members {
            group_of[column] = Some(group);
        }
    }
    let one = |known: &Vec<bool>| {
        let mut values = Vec::with_capacity(rows * columns);
        for (column, group) in group_of.iter().enumerate() {
            if group.is_none_or(|group| known[group]) {
                values.resize(values.len() + rows, row[column]);
            } else {
                values.extend_from_slice(&background.values[column * rows..(column + 1) * rows]);
            }
        }
        let found = predict(&ColumnTable { values, rows, columns });
        if found.len() == rows { found.iter().sum::<f64>() / rows as f64 } else { f64::NAN }
    };
    kernel_shap(groups.len(), parameters, &|asked| asked.iter().map(one).collect())
}

/// The subsets to ask, with their weights.
fn chosen(players: usize, parameters: KernelParameters) -> Vec<Coalition> {
    // The kernel's sum over all subsets of a size.
    let mass = |size: usize| (players - 1) as f64 / (size * (players - size)) as f64;
    let mut found = Vec::new();
    let mut left = parameters.coalitions;
    let mut sizes: Vec<usize> = (1..players).collect();
    for size in 1..=players / 2 {
        let count = subsets(players, size);
        let both = if 2 * size == players { count } else { count.saturating_mul(2) };
        if both > left {
            break;
        }
        left -= both;
        for known in of_size(players, size) {
            let weight = mass(size) / count as f64;
            if 2 * size != players {
                found.push(Coalition { known: known.iter().map(|known| !known).collect(), weight });
            }
            found.push(Coalition { known, weight });
        }
        sizes.retain(|other| *other != size && *other != players - size);
    }
    let total: f64 = sizes.iter().map(|size| mass(*size)).sum();
    let pairs = if sizes.is_empty() { 0 } else { (left / 2).max(1) };
    for pair in 0..pairs {
        let mut rng = stream(parameters.seed, pair as u64);
        let mut at = rng.random_range(0.0..total);
        let drawn = sizes.iter().find(|size| {
            at -= mass(**size);
            at < 0.0
        });
        let size = drawn.or(sizes.last()).copied().unwrap_or(1);
        let mut known: Vec<bool> = (0..players).map(|player| player < size).collect();
        known.shuffle(&mut rng);
        let weight = total / (2 * pairs) as f64;
        found.push(Coalition { known: known.iter().map(|known| !known).collect(), weight });
        found.push(Coalition { known, weight });
    }
    found
}

/// Number of subsets of a size; the greatest number where it is greater.
fn subsets(players: usize, size: usize) -> usize {
    let mut count = 1_usize;
    for taken in 0..size {
        // Exact at each step: the product of n choose k and n - k is divisible by k + 1.
        match count.checked_mul(players - taken) {
            Some(product) => count = product / (taken + 1),
            None => return usize::MAX,
        }
    }
    count
}

/// Every subset of a size, in order.
fn of_size(players: usize, size: usize) -> Vec<Vec<bool>> {
    let mut members: Vec<usize> = (0..size).collect();
    let mut found = Vec::new();
    loop {
        let mut known = vec![false; players];
        for &member in &members {
            known[member] = true;
        }
        found.push(known);
        let Some(moved) = (0..size).rev().find(|&place| members[place] < players - size + place) else {
            return found;
        };
        members[moved] += 1;
        for place in moved + 1..size {
            members[place] = members[place - 1] + 1;
        }
    }
}

/// Solves a symmetric positive definite system by Cholesky's factors; nothing if it is not.
pub(crate) fn solved(mut matrix: Vec<f64>, mut right: Vec<f64>) -> Option<Vec<f64>> {
    let size = right.len();
    let largest = (0..size).map(|place| matrix[place * size + place]).fold(0.0, f64::max);
    for column in 0..size {
        for row in column..size {
            let inner: f64 = (0..column).map(|k| matrix[row * size + k] * matrix[column * size + k]).sum();
            let rest = matrix[row * size + column] - inner;
            if row == column {
                if rest.is_nan() || rest <= 1e-12 * largest {
                    return None;
                }
                matrix[row * size + column] = rest.sqrt();
            } else {
                matrix[row * size + column] = rest / matrix[column * size + column];
            }
        }
    }
    for row in 0..size {
        let inner: f64 = (0..row).map(|k| matrix[row * size + k] * right[k]).sum();
        right[row] = (right[row] - inner) / matrix[row * size + row];
    }
    for row in (0..size).rev() {
        let inner: f64 = (row + 1..size).map(|k| matrix[k * size + row] * right[k]).sum();
        right[row] = (right[row] - inner) / matrix[row * size + row];
    }
    Some(right)
}

/// Why values can't be had.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum KernelError {
    /// Too few subsets to tell the players apart.
    #[error("{coalitions} subsets to ask; permitted: {least} or more")]
    Coalitions {
        /// Number given.
        coalitions: usize,
        /// Least number that may do.
        least: usize,
    },
    /// The function did not answer each subset.
    #[error("{values} values of {coalitions} subsets; permitted: one each")]
    Values {
        /// Values given.
        values: usize,
        /// Subsets asked.
        coalitions: usize,
    },
    /// The function gave no number.
    #[error("value {value} of a subset; permitted: finite, one for each row asked")]
    NotFinite {
        /// What it gave.
        value: f64,
    },
    /// Row, background and groups don't match.
    #[error(
        "a row of {row}, a background of {rows} rows and {columns} columns, groups of columns below {asked}; permitted: one row or more, as many columns everywhere"
    )]
    Shapes {
        /// Numbers in the row.
        row: usize,
        /// Rows of the background.
        rows: usize,
        /// Its columns.
        columns: usize,
        /// One more than the last column in a group.
        asked: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::tests::shapley_by_all_subsets;

    /// A game with every interaction.
    fn game(known: &[bool]) -> f64 {
        let sum: f64 =
            known.iter().enumerate().map(|(i, k)| f64::from(u8::from(*k)) * (i as f64 * 1.7).sin()).sum();
        (2.0 * sum).tanh() + sum * sum
    }

    fn every(asked: &[Vec<bool>]) -> Vec<f64> {
        asked.iter().map(|known| game(known)).collect()
    }

    #[test]
    fn ref_agrees_with_all_subsets() {
        for players in 0..=9 {
            let expected = shapley_by_all_subsets(players, game);
            let found = kernel_shap(players, KernelParameters::default(), &every).unwrap();
            for (found, expected) in found.contributions.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-9, "{players} players: {found} against {expected}");
            }
            let sum: f64 = found.expected + found.contributions.iter().sum::<f64>();
            assert!((sum - game(&vec![true; players])).abs() < 1e-9);
        }
    }

    #[test]
    fn ref_subsets_drawn_centre_on_all_subsets() {
        // 14 players have 16,382 subsets; 1,024 of them are asked. Over 16 seeds each player's mean must be
        // within 5 of its standard errors: by Student's t with 15 degrees of freedom, a false alarm in 450.
        let expected = shapley_by_all_subsets(14, game);
        let drawn = |seed| {
            kernel_shap(14, KernelParameters { coalitions: 1024, seed }, &every).unwrap().contributions
        };
        let drawn: Vec<Vec<f64>> = (0..16).map(drawn).collect();
        assert_eq!(
            drawn[3],
            kernel_shap(14, KernelParameters { coalitions: 1024, seed: 3 }, &every).unwrap().contributions
        );
        for (player, expected) in expected.into_iter().enumerate() {
            let mean = drawn.iter().map(|values| values[player]).sum::<f64>() / 16.0;
            let squares = drawn.iter().map(|values| (values[player] - mean).powi(2)).sum::<f64>();
            let error = (squares / 15.0 / 16.0).sqrt();
            assert!(error < 0.05, "a standard error of {error} beside values of 1");
            assert!((mean - expected).abs() < 5.0 * error + 1e-9, "{mean} against {expected}, error {error}");
        }
    }

    #[test]
    fn ref_a_linear_model_has_its_closed_form() {
        // Weight by distance from the background's mean: Lundberg and Lee (2017), corollary 1.
        let weights = [0.5, -2.0, 1.25, 3.0];
        let background = ColumnTable {
            values: (0..20).map(|i| (f64::from(i) * 0.7).cos()).collect(),
            rows: 5,
            columns: 4,
        };
        let row = [0.3, 1.0, -0.4, 2.0];
        let predict = |table: &ColumnTable| -> Vec<f64> {
            (0..table.rows)
                .map(|r| (0..4).map(|c| weights[c] * table.values[c * table.rows + r]).sum())
                .collect()
        };
        let groups = vec![vec![0], vec![1, 3], vec![2]];
        let found =
            kernel_shap_of_row(&predict, &row, &background, &groups, KernelParameters::default()).unwrap();
        for (group, found) in groups.iter().zip(&found.contributions) {
            let own = |&c: &usize| {
                weights[c] * (row[c] - background.values[c * 5..(c + 1) * 5].iter().sum::<f64>() / 5.0)
            };
            let expected: f64 = group.iter().map(own).sum();
            assert!((found - expected).abs() < 1e-10, "{found} against {expected}");
        }
    }

    #[test]
    fn regress_bad_requests_are_refused() {
        let few = KernelParameters { coalitions: 1, seed: 0 };
        assert!(matches!(kernel_shap(3, few, &every), Err(KernelError::Coalitions { .. })));
        let narrow = KernelParameters { coalitions: 4, seed: 0 };
        assert!(matches!(kernel_shap(30, narrow, &every), Err(KernelError::Coalitions { .. })));
        let none = |_: &[Vec<bool>]| Vec::new();
        assert!(matches!(
            kernel_shap(3, KernelParameters::default(), &none),
            Err(KernelError::Values { .. })
        ));
        let odd = |asked: &[Vec<bool>]| vec![f64::NAN; asked.len()];
        assert!(matches!(
            kernel_shap(3, KernelParameters::default(), &odd),
            Err(KernelError::NotFinite { .. })
        ));
        let empty = ColumnTable::default();
        let predict = |_: &ColumnTable| Vec::new();
        assert!(kernel_shap_of_row(&predict, &[], &empty, &[], KernelParameters::default()).is_err());
    }
}
