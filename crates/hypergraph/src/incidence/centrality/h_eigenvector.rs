//! H-eigenvector centrality.

use super::parts::{Centrality, CentralityError, Found, in_parts};
use super::tensor::{Dual, Tensor};
use crate::incidence::Hypergraph;
use crate::incidence::body::Body;
use crate::spectral::lanczos;

const TOLERANCE: f64 = 1e-11;
const MAXIMUM_STEPS: usize = 50_000;
/// Up to this order products of entries stay within f64; beyond, the iteration works with logarithms.
const PLAIN_RANK: usize = 12;
/// Steps after which the bracket must have halved, or a shift is added.
const PATIENCE: usize = 60;

/// The positive solution of `T x^(r-1) = lambda x^(r-1)`, powers taken entry by entry: a node is as central
/// as the product of the nodes that it meets.
///
/// `T` is the adjacency tensor, its order `r` the size of the largest hyperedge; smaller hyperedges are
/// padded by repeating their nodes in every way. `residual` is the width of the bracket that encloses the
/// eigenvalue, `max / min - 1` of `(T x^(r-1))_i / x_i^(r-1)`; it is 1e-11 or less (1e-12, as a residual of
/// a matrix, where `r` is 2). The iteration is the power method of Ng, Qi and Zhou; where it turns in a
/// circle or creeps, half the eigenvalue is added to the tensor's diagonal, which changes no vector.
///
/// # Source
/// Benson 2019, doi:10.1137/18M1203031, section 2; for hyperedges of several sizes Aksoy, Amburg and Young
/// 2024, doi:10.1137/23M1584472; Ng, Qi and Zhou, "Finding the largest eigenvalue of a nonnegative tensor",
/// SIAM Journal on Matrix Analysis and Applications 31, 2009 (recalled).
///
/// # Errors
/// [`CentralityError::NotConverged`], [`CentralityError::Rank`].
///
/// # Limits
/// Hyperedges of at most 400 nodes.
pub fn h_eigenvector(hypergraph: &Hypergraph) -> Result<Centrality, CentralityError> {
    let rank = hypergraph.body().rank();
    in_parts(
        hypergraph,
        largest_strength,
        |body| {
            if rank == 2 { solve_matrix(body) } else { solve(body, rank) }
        },
    )
}

/// With all entries 1 a node's product is its strength, and the largest bounds the eigenvalue.
fn largest_strength(body: &Body) -> f64 {
    let strength = |edges: &[u32]| edges.iter().map(|edge| body.weights[*edge as usize]).sum::<f64>();
    body.memberships.iter().map(strength).fold(0.0, f64::max)
}

/// A tensor of order 2 is a matrix.
pub(super) fn solve_matrix(body: &Body) -> Result<Found, CentralityError> {
    const MATRIX_TOLERANCE: f64 = 1e-12;
    let mut tensor = Tensor::of(body, 2)?;
    let pair = lanczos::leading(
        |x, y| {
            y.fill(0.0);
            let entry = |node: usize| Dual { value: x[node], slope: 0.0 };
            tensor.each(entry, true, |node, _, term| y[node] += term.value);
        },
        vec![1.0; body.nodes()],
        MATRIX_TOLERANCE,
    );
    Found::of_matrix(pair, MATRIX_TOLERANCE)
}

fn solve(body: &Body, rank: usize) -> Result<Found, CentralityError> {
    let mut tensor = Tensor::of(body, rank)?;
    let order = (rank - 1) as f64;
    let nodes = body.nodes();
    // Logarithms of the entries, the largest 0.
    let mut logs = vec![0.0_f64; nodes];
    let mut products = vec![0.0; nodes];
    let mut shift = 0.0_f64;
    let (mut gap, mut earlier_gap) = (f64::INFINITY, f64::INFINITY);
    for step in 1..=MAXIMUM_STEPS {
        if rank <= PLAIN_RANK {
            plain_product(&mut tensor, &logs, &mut products);
        } else {
            log_product(&mut tensor, &logs, &mut products);
        }
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for (product, log) in products.iter().zip(&logs) {
            let ratio = product - order * log;
            low = low.min(ratio);
            high = high.max(ratio);
        }
        gap = (high - low).exp_m1();
        if !gap.is_finite() {
            break;
        }
        for (log, product) in logs.iter_mut().zip(&products) {
            let own = order * *log;
            *log = (product + (shift * (own - product).exp()).ln_1p()) / order;
        }
        let most = logs.iter().fold(f64::NEG_INFINITY, |most, log| most.max(*log));
        for log in &mut logs {
            *log -= most;
        }
        if gap <= TOLERANCE {
            let eigenvalue = f64::midpoint(low, high).exp();
            let vector = logs.iter().map(|log| log.exp()).collect();
            return Ok(Found { vector, eigenvalue, residual: gap, iterations: step, missed: None });
        }
        if step % PATIENCE == 0 {
            if gap > 0.5 * earlier_gap && shift == 0.0 {
                shift = 0.5 * high.exp();
            }
            earlier_gap = gap;
        }
    }
    Err(CentralityError::NotConverged { residual: gap, iterations: MAXIMUM_STEPS, tolerance: TOLERANCE })
}

/// Logarithms of `T x^(r-1)`, through the numbers themselves.
fn plain_product(tensor: &mut Tensor, logs: &[f64], products: &mut [f64]) {
    let x: Vec<f64> = logs.iter().map(|log| log.exp()).collect();
    products.fill(0.0);
    let entry = |node: usize| Dual { value: x[node], slope: 0.0 };
    tensor.each(entry, true, |node, _, term| products[node] += term.value);
    for product in products {
        *product = product.ln();
    }
}

/// Logarithms of `T x^(r-1)`, the terms of a node summed relative to the largest.
fn log_product(tensor: &mut Tensor, logs: &[f64], products: &mut [f64]) {
    let mut largest = vec![f64::NEG_INFINITY; logs.len()];
    products.fill(0.0);
    let entry = |node: usize| Dual { value: logs[node], slope: 0.0 };
    tensor.each(entry, false, |node, power, term| {
        if power > largest[node] {
            products[node] *= (largest[node] - power).exp();
            largest[node] = power;
        }
        products[node] += term.value * (power - largest[node]).exp();
    });
    for (product, power) in products.iter_mut().zip(&largest) {
        *product = product.ln() + power;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(nodes: u32, edges: &[&[u32]]) -> Centrality {
        h_eigenvector(&Hypergraph::from_edges(nodes, edges).unwrap()).unwrap()
    }

    /// Two hyperedges {0, 1, 2} and {2, 3, 4}: with x of the leaves 1 and of the middle c,
    /// lambda = c and lambda c^2 = 2, so c is the cube root of 2.
    #[test]
    fn ref_two_triples_that_share_a_node() {
        let found = of(5, &[&[0, 1, 2], &[2, 3, 4]]);
        let middle = 2.0_f64.cbrt();
        assert!((found.eigenvalue - middle).abs() < 1e-11);
        assert!((found.values[2] - middle / (4.0 + middle)).abs() < 1e-11);
    }

    #[test]
    fn ref_a_path_of_pairs_is_the_matrix_case() {
        let found = of(3, &[&[0, 1], &[1, 2]]);
        assert!((found.eigenvalue - 2.0_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn law_logarithms_and_plain_numbers_agree() {
        let edges: [&[u32]; 4] = [&[0, 1, 2], &[2, 3], &[3, 4, 5, 0], &[5]];
        let hypergraph = Hypergraph::from_edges(6, &edges).unwrap();
        let mut tensor = Tensor::of(hypergraph.body(), 4).unwrap();
        let logs = [0.0, -1.0, -0.3, -2.0, -0.1, -7.0];
        let (mut plain, mut logarithms) = ([0.0; 6], [0.0; 6]);
        plain_product(&mut tensor, &logs, &mut plain);
        log_product(&mut tensor, &logs, &mut logarithms);
        for (left, right) in plain.iter().zip(logarithms) {
            assert!((left - right).abs() < 1e-13);
        }
    }

    #[test]
    fn regress_one_large_hyperedge_and_too_large_a_one() {
        let all: Vec<u32> = (0..100).collect();
        let found = of(100, &[&all, &[0, 1]]);
        assert!(found.values.iter().all(|value| value.is_finite() && *value > 0.0));
        assert!(found.values[0] > found.values[2]);
        let larger: Vec<u32> = (0..401).collect();
        let refused = h_eigenvector(&Hypergraph::from_edges(401, &[larger]).unwrap());
        assert_eq!(refused, Err(CentralityError::Rank { rank: 401, permitted: 400 }));
    }
}
