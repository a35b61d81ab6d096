//! Katz centrality.

use serde::Serialize;

use super::clique::{CliqueProduct, clique_eigenvector};
use super::parts::CentralityError;
use crate::incidence::Hypergraph;
use crate::spectral::lanczos::dot;

const TOLERANCE: f64 = 1e-13;
const MAXIMUM_STEPS: usize = 10_000;

/// Katz centrality of every node.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Katz {
    /// One value for each node, summing to 1; nodes that meet nobody have 0.
    pub values: Vec<f64>,
    /// The attenuation used.
    pub alpha: f64,
    /// Length of what is left of the linear equations, relative to their right side.
    pub residual: f64,
    /// Products with the matrix.
    pub iterations: usize,
}

/// Walks of every length from a node, each step costing a factor `alpha`:
/// `c = (A + alpha A^2 + alpha^2 A^3 + ...) 1`, `A` joining two nodes as strongly as the hyperedges that hold
/// both weigh together.
///
/// Without an `alpha` it is half of one over the largest eigenvalue of `A`. Solved by conjugate gradients to
/// a relative residual of 1e-13.
///
/// # Source
/// Katz, "A new status index derived from sociometric analysis", Psychometrika 18, 1953, as XGI carries it
/// over to hypergraphs.
///
/// # Errors
/// [`CentralityError::Attenuation`] when the series diverges, [`CentralityError::NotConverged`].
pub fn katz(hypergraph: &Hypergraph, alpha: Option<f64>) -> Result<Katz, CentralityError> {
    let body = hypergraph.body();
    let count = body.nodes();
    let largest = clique_eigenvector(hypergraph)?.eigenvalue;
    let bound = if largest > 0.0 { 1.0 / largest } else { f64::MAX };
    let alpha = alpha.unwrap_or(if largest > 0.0 { 0.5 * bound } else { 0.5 });
    if !(alpha > 0.0 && alpha < bound) {
        return Err(CentralityError::Attenuation { alpha, bound });
    }
    let product = CliqueProduct::of(body);
    let mut sums = vec![0.0; body.edges()];
    let mut multiply = |x: &[f64], y: &mut [f64]| product.apply(x, y, &mut sums);
    let mut right = vec![0.0; count];
    multiply(&vec![1.0; count], &mut right);
    // (I - alpha A) c = A 1; positive definite, since alpha is below one over the largest eigenvalue.
    let mut solution = vec![0.0; count];
    let mut rest = right.clone();
    let mut direction = right.clone();
    let (mut square, scale) = (dot(&rest, &rest), dot(&right, &right));
    let mut image = vec![0.0; count];
    let mut steps = 0;
    while square > scale * TOLERANCE * TOLERANCE {
        if steps == MAXIMUM_STEPS {
            let residual = (square / scale).sqrt();
            return Err(CentralityError::NotConverged { residual, iterations: steps, tolerance: TOLERANCE });
        }
        multiply(&direction, &mut image);
        for (entry, own) in image.iter_mut().zip(&direction) {
            *entry = own - alpha * *entry;
        }
        let length = square / dot(&direction, &image);
        for place in 0..count {
            solution[place] += length * direction[place];
            rest[place] -= length * image[place];
        }
        let next = dot(&rest, &rest);
        for (entry, left) in direction.iter_mut().zip(&rest) {
            *entry = left + next / square * *entry;
        }
        square = next;
        steps += 1;
    }
    let total: f64 = solution.iter().sum();
    if total > 0.0 {
        for value in &mut solution {
            *value /= total;
        }
    }
    let residual = if scale > 0.0 { (square / scale).sqrt() } else { 0.0 };
    Ok(Katz { values: solution, alpha, residual, iterations: steps })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A path of two edges: A 1 = (1, 2, 1), and (I - A / 4) c = A 1 gives c = (12/7, 20/7, 12/7).
    #[test]
    fn ref_a_path_by_hand() {
        let path = Hypergraph::from_edges(4, &[[0, 1], [1, 2]]).unwrap();
        let found = katz(&path, Some(0.25)).unwrap();
        for (value, wanted) in found.values.iter().zip([12.0, 20.0, 12.0, 0.0]) {
            assert!((value - wanted / 44.0).abs() < 1e-14, "{found:?}");
        }
        assert!(matches!(katz(&path, Some(0.8)), Err(CentralityError::Attenuation { .. })));
    }
}
