//! Z-eigenvector centrality.

use super::h_eigenvector::solve_matrix;
use super::parts::{Centrality, CentralityError, Found, in_parts};
use super::tensor::{Dual, Tensor};
use crate::incidence::Hypergraph;
use crate::incidence::body::Body;
use crate::spectral::lanczos::{self, dot};

const TOLERANCE: f64 = 1e-10;
/// What an eigenvector of the matrix `T[x]` is solved to.
const INNER_TOLERANCE: f64 = 1e-12;
const MAXIMUM_STEPS: usize = 2_000;
/// Length of a step of Euler's method, the value that Benson uses.
const STEP: f64 = 0.5;

/// A positive solution of `T x^(r-1) = lambda x`, `x` of Euclidean length 1.
///
/// `T` is the tensor of [`super::h_eigenvector`]. There may be several solutions. This is the one to which
/// the dynamical system `dx/dt = v(x) - x` leads from equal entries, by Euler's method with step 0.5, `v(x)`
/// being the Perron vector of the matrix `T[x]` (the tensor times `x` in all modes but two). `residual` is
/// the length of `T x^(r-1) - lambda x` over `lambda`; the iteration stops when no entry of `v(x)` and
/// `x` differ by more than 1e-10 of the largest.
///
/// # Source
/// Benson 2019, doi:10.1137/18M1203031, section 2; Benson and Gleich, "Computing tensor Z-eigenvectors with
/// dynamical systems", doi:10.1137/18M1229584; for hyperedges of several sizes the tensor of Aksoy, Amburg
/// and Young 2024, doi:10.1137/23M1584472.
///
/// # Errors
/// [`CentralityError::NotConverged`]: entries may creep towards 0 without end. [`CentralityError::Rank`].
///
/// # Limits
/// Hyperedges of at most 400 nodes. Z-eigenvectors may stand on few nodes; entries below about 1e-12 of the
/// largest are rounding.
pub fn z_eigenvector(hypergraph: &Hypergraph) -> Result<Centrality, CentralityError> {
    let rank = hypergraph.body().rank();
    in_parts(hypergraph, bound, |body| if rank == 2 { solve_matrix(body) } else { solve(body, rank) })
}

/// `x . T x^(r-1)` is at most the sum over hyperedges of weight, size and the square of the largest entry.
fn bound(body: &Body) -> f64 {
    let share = |edge: &u32| body.weights[*edge as usize] * body.members.row_len(*edge as usize) as f64;
    body.memberships.iter().map(|edges| edges.iter().map(share).sum()).fold(0.0, f64::max)
}

fn solve(body: &Body, rank: usize) -> Result<Found, CentralityError> {
    let mut tensor = Tensor::of(body, rank)?;
    let nodes = body.nodes();
    // The largest entry is 1, so that products stay in range; scale does not change a direction.
    let mut x = vec![1.0; nodes];
    let mut direction = x.clone();
    let mut iterations = 0;
    let mut gap = f64::INFINITY;
    for _ in 0..MAXIMUM_STEPS {
        let pair = lanczos::leading(
            |q, y| {
                y.fill(0.0);
                let entry = |node: usize| Dual { value: x[node], slope: q[node] };
                tensor.each(entry, true, |node, _, term| y[node] += term.slope);
            },
            direction,
            INNER_TOLERANCE,
        );
        if pair.residual > INNER_TOLERANCE {
            let (residual, tolerance) = (pair.residual, INNER_TOLERANCE);
            let iterations = iterations + pair.products;
            return Err(CentralityError::NotConverged { residual, iterations, tolerance });
        }
        iterations += pair.products;
        direction = pair.vector;
        let (own, towards) = (sum(&x), sum(&direction));
        let mut most = 0.0_f64;
        gap = 0.0;
        for (entry, target) in x.iter_mut().zip(&direction) {
            let (before, after) = (*entry / own, target / towards);
            gap = gap.max((after - before).abs());
            *entry = before + STEP * (after - before);
            most = most.max(*entry);
        }
        for entry in &mut x {
            *entry /= most;
        }
        gap /= most;
        if gap <= TOLERANCE {
            return Ok(measured(&mut tensor, x, iterations));
        }
    }
    let mut found = measured(&mut tensor, x, iterations);
    found.missed = Some((gap, TOLERANCE));
    Ok(found)
}

fn measured(tensor: &mut Tensor, mut x: Vec<f64>, iterations: usize) -> Found {
    let length = dot(&x, &x).sqrt();
    for entry in &mut x {
        *entry /= length;
    }
    let mut image = vec![0.0; x.len()];
    let entry = |node: usize| Dual { value: x[node], slope: 0.0 };
    tensor.each(entry, true, |node, _, term| image[node] += term.value);
    let eigenvalue = dot(&image, &x);
    let off: f64 = image.iter().zip(&x).map(|(found, entry)| (found - eigenvalue * entry).powi(2)).sum();
    let residual = if eigenvalue > 0.0 { off.sqrt() / eigenvalue } else { off.sqrt() };
    Found { vector: x, eigenvalue, residual, iterations, missed: None }
}

fn sum(values: &[f64]) -> f64 {
    values.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// {0, 1, 2} and {2, 3, 4}: leaves a, middle c: a c = lambda a, 2 a^2 = lambda c, so c = lambda and
    /// 2 a^2 = c^2: the middle is sqrt(2) times a leaf.
    #[test]
    fn ref_two_triples_that_share_a_node() {
        let found = z_eigenvector(&Hypergraph::from_edges(5, &[[0, 1, 2], [2, 3, 4]]).unwrap()).unwrap();
        let middle = 2.0_f64.sqrt();
        assert!((found.values[2] - middle / (4.0 + middle)).abs() < 1e-10, "{found:?}");
        assert!(found.residual < 1e-9);
    }

    #[test]
    fn law_hyperedges_of_several_sizes_give_an_eigenvector() {
        let edges: [&[u32]; 5] = [&[0, 1, 2], &[2, 3], &[3, 4, 5, 0], &[5], &[1, 5]];
        let found = z_eigenvector(&Hypergraph::from_edges(6, &edges).unwrap()).unwrap();
        assert!(found.residual < 1e-9 && found.values.iter().all(|value| *value > 0.0), "{found:?}");
    }
}
