//! Small systems of linear equations.

/// Solves for several right-hand sides at once, by elimination with the largest pivot; none where the matrix is
/// singular to 1e-12 of its largest entry.
pub(crate) fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let size = matrix.len();
    let largest = matrix.iter().flatten().fold(0.0_f64, |most, value| most.max(value.abs()));
    for at in 0..size {
        let pivot = (at..size).max_by(|&one, &other| {
            matrix[one][at].abs().total_cmp(&matrix[other][at].abs()).then(other.cmp(&one))
        })?;
        let value = matrix[pivot][at];
        if !value.is_finite() || value.abs() <= 1e-12 * largest {
            return None;
        }
        matrix.swap(at, pivot);
        right.swap(at, pivot);
        for row in 0..size {
            if row == at {
                continue;
            }
            let share = matrix[row][at] / matrix[at][at];
            if share != 0.0 {
                let (from, other) = (matrix[at].clone(), right[at].clone());
                matrix[row].iter_mut().zip(from).for_each(|(own, value)| *own -= share * value);
                right[row].iter_mut().zip(other).for_each(|(own, value)| *own -= share * value);
            }
        }
    }
    for at in 0..size {
        let pivot = matrix[at][at];
        right[at].iter_mut().for_each(|value| *value /= pivot);
    }
    Some(right)
}

/// Means and covariances of numeric columns.
#[derive(Clone, Debug)]
pub(crate) struct Moments {
    pub(crate) rows: usize,
    pub(crate) covariances: Vec<Vec<f64>>,
}

impl Moments {
    pub(crate) fn of(columns: &[Vec<f64>]) -> Self {
        let rows = columns.first().map_or(0, Vec::len);
        let centred: Vec<Vec<f64>> = columns
            .iter()
            .map(|values| {
                let mean = values.iter().sum::<f64>() / rows.max(1) as f64;
                values.iter().map(|value| value - mean).collect()
            })
            .collect();
        let product = |one: &[f64], other: &[f64]| {
            one.iter().zip(other).map(|(one, other)| one * other).sum::<f64>() / rows.max(1) as f64
        };
        let covariances =
            centred.iter().map(|one| centred.iter().map(|other| product(one, other)).collect()).collect();
        Self { rows, covariances }
    }

    /// A column's variance once others have explained theirs; none where those say the same thing twice.
    pub(crate) fn residual_variance(&self, column: usize, on: &[usize]) -> Option<f64> {
        let matrix = on.iter().map(|&one| on.iter().map(|&two| self.covariances[one][two]).collect());
        let right = on.iter().map(|&one| vec![self.covariances[one][column]]);
        let weights = solve(matrix.collect(), right.collect())?;
        let explained: f64 =
            on.iter().zip(weights).map(|(&one, weight)| weight[0] * self.covariances[one][column]).sum();
        Some(self.covariances[column][column] - explained)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_a_solution_solves() {
        let matrix = vec![vec![0.0, 2.0], vec![4.0, 1.0]];
        assert_eq!(solve(matrix, vec![vec![4.0], vec![6.0]]), Some(vec![vec![1.0], vec![2.0]]));
        assert_eq!(solve(vec![vec![1.0, 2.0], vec![2.0, 4.0]], vec![vec![1.0], vec![1.0]]), None);
        let moments = Moments::of(&[vec![1.0, 2.0, 3.0, 4.0], vec![2.0, 4.0, 6.0, 8.0]]);
        assert!(moments.residual_variance(1, &[0]).unwrap().abs() < 1e-12);
        assert!((moments.residual_variance(0, &[]).unwrap() - 1.25).abs() < 1e-12);
    }
}
