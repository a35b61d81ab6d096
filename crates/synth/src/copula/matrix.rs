//! Symmetric matrices, small.

/// Times that the two projections are alternated.
const ROUNDS: usize = 100;
/// Sweeps over all pairs when a matrix is made diagonal.
const SWEEPS: usize = 60;
/// The least eigenvalue that is kept.
const LEAST: f64 = 1e-6;

/// The correlation matrix nearest to a symmetric one.
///
/// # Source
/// Higham, Computing the nearest correlation matrix (2002), algorithm 3.3: Dykstra's correction of alternating projections
/// on positive semidefinite matrices and on those with a unit diagonal.
pub(super) fn nearest_correlation(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let size = matrix.len();
    let mut found = matrix.to_vec();
    let mut correction = vec![vec![0.0; size]; size];
    for _ in 0..ROUNDS {
        let before = found.clone();
        let corrected: Vec<Vec<f64>> = combined(&found, &correction, -1.0);
        let (mut values, vectors) = eigen(&corrected);
        if values.iter().all(|value| *value >= LEAST) {
            break;
        }
        for value in &mut values {
            *value = value.max(LEAST);
        }
        let mut positive = vec![vec![0.0; size]; size];
        for row in 0..size {
            for column in 0..size {
                positive[row][column] =
                    (0..size).map(|at| vectors[row][at] * values[at] * vectors[column][at]).sum();
            }
        }
        correction = combined(&positive, &corrected, -1.0);
        found = positive;
        for (place, row) in found.iter_mut().enumerate() {
            row[place] = 1.0;
        }
        let moved: f64 =
            found.iter().flatten().zip(before.iter().flatten()).map(|(one, other)| (one - other).abs()).sum();
        if moved < 1e-9 * (size * size) as f64 {
            break;
        }
    }
    found
}

fn combined(one: &[Vec<f64>], other: &[Vec<f64>], weight: f64) -> Vec<Vec<f64>> {
    let rows = one.iter().zip(other);
    rows.map(|(one, other)| one.iter().zip(other).map(|(one, other)| one + weight * other).collect())
        .collect()
}

/// Eigenvalues, and eigenvectors as columns, by Jacobi's rotations (Golub and Van Loan, Matrix Computations, 4th edition,
/// algorithm 8.5.3).
fn eigen(matrix: &[Vec<f64>]) -> (Vec<f64>, Vec<Vec<f64>>) {
    let size = matrix.len();
    let mut rest = matrix.to_vec();
    let mut vectors: Vec<Vec<f64>> =
        (0..size).map(|row| (0..size).map(|column| f64::from(u8::from(row == column))).collect()).collect();
    for _ in 0..SWEEPS {
        let off: f64 = (0..size)
            .flat_map(|row| (0..row).map(move |column| (row, column)))
            .map(|(row, column)| rest[row][column].powi(2))
            .sum();
        if off < 1e-20 {
            break;
        }
        for one in 0..size {
            for other in one + 1..size {
                if rest[one][other].abs() < 1e-300 {
                    continue;
                }
                let theta = (rest[other][other] - rest[one][one]) / (2.0 * rest[one][other]);
                let tangent = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let tangent = if theta == 0.0 { 1.0 } else { tangent };
                let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
                let sine = tangent * cosine;
                for row in &mut rest {
                    let (left, right) = (row[one], row[other]);
                    row[one] = cosine * left - sine * right;
                    row[other] = sine * left + cosine * right;
                }
                let (above, below) = rest.split_at_mut(other);
                for (left, right) in above[one].iter_mut().zip(&mut below[0]) {
                    (*left, *right) = (cosine * *left - sine * *right, sine * *left + cosine * *right);
                }
                for row in &mut vectors {
                    let (left, right) = (row[one], row[other]);
                    row[one] = cosine * left - sine * right;
                    row[other] = sine * left + cosine * right;
                }
            }
        }
    }
    ((0..size).map(|place| rest[place][place]).collect(), vectors)
}

/// The lower triangular square root of a positive definite matrix, rows of growing length.
pub(super) fn cholesky(matrix: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut root: Vec<Vec<f64>> = Vec::with_capacity(matrix.len());
    for (row, values) in matrix.iter().enumerate() {
        let mut own: Vec<f64> = Vec::with_capacity(row + 1);
        for column in 0..=row {
            let known: f64 =
                (0..column).map(|at| own[at] * if column == row { own[at] } else { root[column][at] }).sum();
            let rest = values[column] - known;
            own.push(if column == row {
                rest.max(LEAST * LEAST).sqrt()
            } else {
                rest / root[column][column]
            });
        }
        root.push(own);
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_highams_example() {
        // Higham 2002, section 4: the nearest correlation matrix of [[1, 1, 0], [1, 1, 1], [0, 1, 1]] has 0.7607 beside the
        // diagonal and 0.1573 in the corners.
        let found = nearest_correlation(&[vec![1.0, 1.0, 0.0], vec![1.0, 1.0, 1.0], vec![0.0, 1.0, 1.0]]);
        assert!((found[0][1] - 0.7607).abs() < 1e-3, "{found:?}");
        assert!((found[0][2] - 0.1573).abs() < 1e-3, "{found:?}");
        let root = cholesky(&found);
        let back: f64 = root[2].iter().zip(&root[1]).map(|(one, other)| one * other).sum();
        assert!((back - found[2][1]).abs() < 1e-9);
    }
}
