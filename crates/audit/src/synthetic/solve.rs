//! Solves symmetric positive definite systems.

/// Solves `matrix x = right` in place of `right`, with `matrix` by rows; `false` where it is not positive definite.
///
/// # Source
/// Golub and Van Loan, Matrix Computations (4th edition), algorithm 4.2.1.
pub(crate) fn solve(matrix: &mut [f64], right: &mut [f64]) -> bool {
    let n = right.len();
    for column in 0..n {
        for row in column..n {
            let (above, below) = matrix.split_at_mut(row * n);
            let mut sum = below[column];
            if row == column {
                sum -= below[..column].iter().map(|own| own * own).sum::<f64>();
                if sum <= 0.0 || !sum.is_finite() {
                    return false;
                }
                below[column] = sum.sqrt();
            } else {
                let other = &above[column * n..=column * n + column];
                sum -= below[..column].iter().zip(other).map(|(left, right)| left * right).sum::<f64>();
                below[column] = sum / other[column];
            }
        }
    }
    for row in 0..n {
        let done: f64 = (0..row).map(|column| matrix[row * n + column] * right[column]).sum();
        right[row] = (right[row] - done) / matrix[row * n + row];
    }
    for row in (0..n).rev() {
        let done: f64 = (row + 1..n).map(|column| matrix[column * n + row] * right[column]).sum();
        right[row] = (right[row] - done) / matrix[row * n + row];
    }
    right.iter().all(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_the_solution_solves() {
        let matrix = [4.0, 1.0, 0.5, 1.0, 3.0, -1.0, 0.5, -1.0, 2.0];
        let mut x = [1.0, 2.0, 3.0];
        assert!(solve(&mut matrix.to_vec(), &mut x));
        for (row, right) in matrix.chunks(3).zip([1.0, 2.0, 3.0]) {
            let left: f64 = row.iter().zip(&x).map(|(cell, x)| cell * x).sum();
            assert!((left - right).abs() < 1e-12);
        }
        assert!(!solve(&mut [1.0, 2.0, 2.0, 1.0], &mut [1.0, 1.0]));
    }
}
