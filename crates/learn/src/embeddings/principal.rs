//! A map of vectors: the axes along which they differ most.

use super::Vectors;

/// Principal axes of vectors, fitted once on all groups that are to share a map.
///
/// # Source
/// Hotelling, Analysis of a complex of statistical variables into principal components (Journal of Educational
/// Psychology 1933); eigenvectors by Jacobi's rotations (Golub and Van Loan, Matrix Computations, 4th edition,
/// section 8.5.3, the cyclic method).
///
/// # Limits
/// Linear: groups that lie within one another in the axes given may be apart in the others; `explained` says how
/// much is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct PrincipalAxes {
    mean: Vec<f64>,
    axes: Vec<Vec<f64>>,
    /// The share of the variance along each axis, largest first.
    pub explained: Vec<f64>,
}

impl PrincipalAxes {
    /// Fits so many axes on all vectors of all groups, each vector counting the same.
    ///
    /// An axis points where its largest number is positive, so that a map does not turn over between runs.
    ///
    /// # Errors
    /// [`PrincipalError`] where groups have different widths, there are fewer than two vectors, or more axes are
    /// asked for than a vector has numbers.
    pub fn fit(groups: &[&Vectors], axes: usize) -> Result<Self, PrincipalError> {
        let width = groups.first().map_or(0, |group| group.width());
        let count: usize = groups.iter().map(|group| group.len()).sum();
        if count < 2 || axes == 0 || axes > width {
            return Err(PrincipalError::Size { vectors: count, width, axes });
        }
        if let Some(other) = groups.iter().find(|group| group.width() != width) {
            return Err(PrincipalError::Widths { one: width, other: other.width() });
        }
        let rows = || groups.iter().flat_map(|group| group.values().chunks(width));
        let mut mean = vec![0.0; width];
        for row in rows() {
            mean.iter_mut().zip(row).for_each(|(sum, value)| *sum += f64::from(*value) / count as f64);
        }
        let mut covariance = vec![0.0; width * width];
        for row in rows() {
            let centred: Vec<f64> =
                row.iter().zip(&mean).map(|(value, mean)| f64::from(*value) - mean).collect();
            for (one, sums) in centred.iter().zip(covariance.chunks_mut(width)) {
                sums.iter_mut()
                    .zip(&centred)
                    .for_each(|(sum, other)| *sum += one * other / (count - 1) as f64);
            }
        }
        let (values, vectors) = eigen(covariance, width);
        let total: f64 = values.iter().map(|value| value.max(0.0)).sum();
        let mut order: Vec<usize> = (0..width).collect();
        order.sort_by(|&one, &other| values[other].total_cmp(&values[one]));
        order.truncate(axes);
        let share = |place: usize| if total > 0.0 { values[place].max(0.0) / total } else { 0.0 };
        let axis = |place: usize| {
            let axis: Vec<f64> = (0..width).map(|row| vectors[row * width + place]).collect();
            let largest = axis
                .iter()
                .copied()
                .fold(0.0, |most: f64, value| if value.abs() > most.abs() { value } else { most });
            let sign = if largest < 0.0 { -1.0 } else { 1.0 };
            axis.into_iter().map(|value| sign * value).collect()
        };
        let explained = order.iter().map(|&place| share(place)).collect();
        Ok(Self { mean, axes: order.into_iter().map(axis).collect(), explained })
    }

    /// Where vectors lie along the axes.
    ///
    /// # Errors
    /// [`PrincipalError::Widths`] where the vectors have another width than those fitted on.
    pub fn project(&self, vectors: &Vectors) -> Result<Vec<Vec<f64>>, PrincipalError> {
        if vectors.width() != self.mean.len() {
            return Err(PrincipalError::Widths { one: self.mean.len(), other: vectors.width() });
        }
        let along = |row: &[f32], axis: &Vec<f64>| -> f64 {
            row.iter()
                .zip(&self.mean)
                .zip(axis)
                .map(|((value, mean), axis)| (f64::from(*value) - mean) * axis)
                .sum()
        };
        let rows = vectors.values().chunks(vectors.width());
        Ok(rows.map(|row| self.axes.iter().map(|axis| along(row, axis)).collect()).collect())
    }
}

/// Sweeps after which a matrix is as diagonal as its numbers allow; six suffice in practice.
const SWEEPS: usize = 40;

/// Eigenvalues of a symmetric matrix, and its eigenvectors as columns.
fn eigen(mut matrix: Vec<f64>, size: usize) -> (Vec<f64>, Vec<f64>) {
    let mut vectors = vec![0.0; size * size];
    for place in 0..size {
        vectors[place * size + place] = 1.0;
    }
    let whole: f64 = matrix.iter().map(|value| value * value).sum();
    for _ in 0..SWEEPS {
        let off: f64 = (0..size * size)
            .filter(|place| place / size != place % size)
            .map(|place| matrix[place].powi(2))
            .sum();
        if off <= 1e-30 * whole {
            break;
        }
        for p in 0..size {
            for q in p + 1..size {
                rotate(&mut matrix, &mut vectors, size, (p, q));
            }
        }
    }
    ((0..size).map(|place| matrix[place * size + place]).collect(), vectors)
}

/// Turns rows and columns p and q so that their common entry becomes 0.
fn rotate(matrix: &mut [f64], vectors: &mut [f64], size: usize, (p, q): (usize, usize)) {
    let common = matrix[p * size + q];
    if common == 0.0 {
        return;
    }
    let slope = (matrix[q * size + q] - matrix[p * size + p]) / (2.0 * common);
    // The smaller of the two angles, which keeps the sweeps converging.
    let tangent = slope.signum() / (slope.abs() + (1.0 + slope * slope).sqrt());
    let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
    let sine = tangent * cosine;
    let turn = |values: &mut [f64], one: usize, other: usize| {
        let (a, b) = (values[one], values[other]);
        values[one] = cosine * a - sine * b;
        values[other] = sine * a + cosine * b;
    };
    for k in 0..size {
        turn(matrix, k * size + p, k * size + q);
    }
    for k in 0..size {
        turn(matrix, p * size + k, q * size + k);
        turn(vectors, k * size + p, k * size + q);
    }
}

/// Why there are no axes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrincipalError {
    /// Too little to fit on.
    #[error("{axes} axes of {vectors} vectors of {width}; permitted: two vectors or more, 1 to {width} axes")]
    Size {
        /// Vectors given.
        vectors: usize,
        /// Numbers in each.
        width: usize,
        /// Axes asked for.
        axes: usize,
    },
    /// Vectors of different widths.
    #[error("vectors of {one} and of {other} numbers; permitted: the same everywhere")]
    Widths {
        /// One width.
        one: usize,
        /// Another.
        other: usize,
    },
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn vectors(width: usize, values: Vec<f32>) -> Vectors {
        let names = (0..values.len() / width).map(|row| Arc::from(row.to_string())).collect();
        Vectors::new(names, width, values).unwrap()
    }

    #[test]
    fn ref_axes_of_an_ellipse_by_hand() {
        // Points at (2, 2), (-2, -2), (1, -1), (-1, 1): variance 16 / 3 along the diagonal, 4 / 3 across it.
        let one = vectors(2, vec![2.0, 2.0, -2.0, -2.0]);
        let other = vectors(2, vec![1.0, -1.0, -1.0, 1.0]);
        let axes = PrincipalAxes::fit(&[&one, &other], 2).unwrap();
        assert!((axes.explained[0] - 0.8).abs() < 1e-12 && (axes.explained[1] - 0.2).abs() < 1e-12);
        let found = axes.project(&one).unwrap();
        assert!((found[0][0] - 8.0_f64.sqrt()).abs() < 1e-12 && found[0][1].abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn law_all_axes_together_keep_every_distance() {
        let values: Vec<f32> =
            (0..30 * 7).map(|i| ((i * i) as f32 * 0.37).sin() * (1 + i % 7) as f32).collect();
        let vectors = vectors(7, values);
        let axes = PrincipalAxes::fit(&[&vectors], 7).unwrap();
        let found = axes.project(&vectors).unwrap();
        for (one, other) in (0..30).flat_map(|one| (0..one).map(move |other| (one, other))) {
            let before =
                vectors.row(one).iter().zip(vectors.row(other)).map(|(a, b)| f64::from(a - b).powi(2));
            let after = found[one].iter().zip(&found[other]).map(|(a, b)| (a - b).powi(2));
            let (before, after): (f64, f64) = (before.sum(), after.sum());
            assert!((before - after).abs() < 1e-4 * (1.0 + before), "{before} against {after}");
        }
        // Along different axes nothing varies together, and less and less by itself.
        let along = |a: usize, b: usize| found.iter().map(|row| row[a] * row[b]).sum::<f64>() / 29.0;
        for axis in 1..7 {
            assert!(along(axis, axis) <= along(axis - 1, axis - 1) && along(axis, axis - 1).abs() < 1e-9);
        }
    }

    #[test]
    fn regress_equal_vectors_and_bad_requests() {
        let same = vectors(2, vec![1.0; 8]);
        let axes = PrincipalAxes::fit(&[&same], 2).unwrap();
        assert_eq!(
            (axes.explained.clone(), axes.project(&same).unwrap()[3].clone()),
            (vec![0.0; 2], vec![0.0; 2])
        );
        assert!(PrincipalAxes::fit(&[&same], 3).is_err() && PrincipalAxes::fit(&[], 1).is_err());
        let wide = vectors(3, vec![1.0; 6]);
        assert!(PrincipalAxes::fit(&[&same, &wide], 1).is_err() && axes.project(&wide).is_err());
    }
}
