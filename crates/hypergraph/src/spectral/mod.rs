//! Leading eigenvectors of hypergraphs, from their incidence alone.
//!
//! A hypergraph's adjacency M W Mᵀ − diag is never formed: each product with a vector is two sparse ones.

mod components;
mod gram;
pub(crate) mod lanczos;
mod tridiagonal;

pub(crate) use gram::{Gram, Lists};

use serde::Serialize;

/// A leading eigenvalue and its eigenvector.
///
/// The entries are non-negative: a connected adjacency has one such vector (Perron and Frobenius). In a
/// hypergraph of several parts it is that of the part with the largest eigenvalue, of the first such part
/// when several share it, and 0 elsewhere; without any two connected rows all is 0.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Eigen {
    /// The eigenvalue.
    pub value: f64,
    /// The eigenvector, of length 1, or all 0.
    pub vector: Vec<f64>,
    /// Euclidean norm of A v − λ v, relative to λ.
    pub residual: f64,
    /// Connected parts of two rows or more.
    pub parts: usize,
    /// Whether another part has the same eigenvalue, to 1e-12 of it.
    pub tied: bool,
}

/// The leading eigenpair of a Gram matrix.
pub(crate) fn leading(gram: &Gram) -> Eigen {
    let mut parts = components::of(gram);
    // No eigenvalue exceeds the largest row sum, so most small parts need no search.
    let bounds = gram.row_sums();
    let bound = |part: &Vec<u32>| part.iter().map(|row| bounds[*row as usize]).fold(0.0, f64::max);
    let mut order: Vec<(f64, usize)> =
        parts.iter().enumerate().map(|(place, part)| (bound(part), place)).collect();
    order.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
    let mut best: Option<(lanczos::Pair, usize)> = None;
    let mut tied = false;
    for (bound, place) in order {
        if best.as_ref().is_some_and(|(pair, _)| bound < pair.value * (1.0 - SAME)) {
            break;
        }
        let pair =
            if parts[place].len() == gram.len() { solve(gram) } else { solve(&gram.part(&parts[place])) };
        let Some((known, first)) = &best else {
            best = Some((pair, place));
            continue;
        };
        if (pair.value - known.value).abs() <= SAME * known.value {
            tied = true;
            if place < *first {
                best = Some((pair, place));
            }
        } else if pair.value > known.value {
            tied = false;
            best = Some((pair, place));
        }
    }
    let mut vector = vec![0.0; gram.len()];
    let count = parts.len();
    let Some((pair, place)) = best else {
        return Eigen { vector, ..Eigen::default() };
    };
    for (row, entry) in parts.swap_remove(place).into_iter().zip(&pair.vector) {
        vector[row as usize] = *entry;
    }
    Eigen { value: pair.value, vector, residual: pair.residual, parts: count, tied }
}

fn solve(gram: &Gram) -> lanczos::Pair {
    lanczos::leading(|x, product| gram.apply(x, product), vec![1.0; gram.len()], TOLERANCE)
}

/// Residual, relative to the eigenvalue, at which to stop: about what rounding permits.
const TOLERANCE: f64 = 2e-15;

/// Eigenvalues this close, relatively, are the same one.
const SAME: f64 = 1e-12;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn dense(gram: &Gram) -> Vec<Vec<f64>> {
        let mut columns = Vec::new();
        for row in 0..gram.len() {
            let mut unit = vec![0.0; gram.len()];
            unit[row] = 1.0;
            let mut column = vec![0.0; gram.len()];
            gram.apply(&unit, &mut column);
            columns.push(column);
        }
        columns
    }

    /// Power iteration with a shift, very many times.
    fn by_powers(matrix: &[Vec<f64>]) -> f64 {
        let mut vector = vec![1.0; matrix.len()];
        let mut value = 0.0;
        for _ in 0..20_000 {
            let next: Vec<f64> = matrix
                .iter()
                .zip(&vector)
                .map(|(row, own)| own + row.iter().zip(&vector).map(|(entry, x)| entry * x).sum::<f64>())
                .collect();
            let norm = next.iter().map(|x| x * x).sum::<f64>().sqrt();
            value = norm / vector.iter().map(|x| x * x).sum::<f64>().sqrt() - 1.0;
            vector = next.iter().map(|x| x / norm).collect();
        }
        value
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn law_the_leading_pair_is_one_and_leads(
            sets in proptest::collection::vec((proptest::collection::btree_set(0_u32..12, 1..5), 1_u32..50), 1..14),
            scaled in any::<bool>(),
        ) {
            let lists: Vec<Vec<u32>> = sets.iter().map(|(set, _)| set.iter().copied().collect()).collect();
            let weights: Vec<f64> = sets.iter().map(|(_, weight)| f64::from(*weight) / 50.0).collect();
            let columns = Lists::of(&lists);
            let rows = columns.transposed(12);
            let scale = scaled.then(|| (0..12).map(|row| f64::from(row % 5)).collect::<Vec<f64>>());
            let gram = Gram::new(rows, columns, weights, scale.as_deref(), false);
            let eigen = leading(&gram);
            let matrix = dense(&gram);
            prop_assert!(eigen.vector.iter().all(|entry| *entry >= 0.0));
            prop_assert!((eigen.value - by_powers(&matrix)).abs() < 1e-6 * (1.0 + eigen.value));
            for (row, own) in matrix.iter().zip(&eigen.vector) {
                let product: f64 = row.iter().zip(&eigen.vector).map(|(entry, x)| entry * x).sum();
                prop_assert!((product - eigen.value * own).abs() <= 1e-11 * (1.0 + eigen.value));
            }
        }
    }

    #[test]
    fn regress_equal_parts_are_flagged_and_the_first_is_taken() {
        let columns = Lists::of(&[vec![0, 1], vec![2, 3], vec![4]]);
        let gram = Gram::new(columns.transposed(6), columns, vec![0.5, 0.5, 9.0], None, false);
        let eigen = leading(&gram);
        let half = 0.5_f64.sqrt();
        assert!((eigen.value - 0.5).abs() < 1e-15 && eigen.tied && eigen.parts == 2);
        assert!(
            eigen.vector.iter().zip([half, half, 0.0, 0.0, 0.0, 0.0]).all(|(a, b)| (a - b).abs() < 1e-14)
        );
        let nothing = Lists::of(&[vec![0], vec![1]]);
        let gram = Gram::new(nothing.transposed(2), nothing, vec![1.0, 1.0], None, false);
        assert_eq!(leading(&gram), Eigen { vector: vec![0.0, 0.0], ..Eigen::default() });
    }
}
