//! Clique (motif) eigenvector centrality.

use super::parts::{Centrality, CentralityError, Found, in_parts};
use crate::incidence::Hypergraph;
use crate::incidence::body::Body;
use crate::spectral::lanczos;

const TOLERANCE: f64 = 1e-12;

/// The eigenvector centrality of the graph in which two nodes are joined as strongly as the hyperedges that
/// hold both weigh together.
///
/// The graph is never formed: a product costs two passes over the incidences. `residual` is the length of
/// `A v - lambda v` over `lambda` for `v` of length 1; it is 1e-12 or less.
///
/// # Source
/// Benson, "Three hypergraph eigenvector centralities", SIAM Journal on Mathematics of Data Science 1,
/// 2019, doi:10.1137/18M1203031, section 2.
///
/// # Errors
/// [`CentralityError::NotConverged`].
pub fn clique_eigenvector(hypergraph: &Hypergraph) -> Result<Centrality, CentralityError> {
    in_parts(hypergraph, largest_row_sum, solve)
}

fn solve(body: &Body) -> Result<Found, CentralityError> {
    let product = CliqueProduct::of(body);
    let mut sums = vec![0.0; body.edges()];
    // Strength is close to the answer where hyperedges are many, and never zero in a component.
    let start: Vec<f64> = (0..body.nodes()).map(|node| product.row_sum(node)).collect();
    let pair = lanczos::leading(|x, y| product.apply(x, y, &mut sums), start, TOLERANCE);
    Found::of_matrix(pair, TOLERANCE)
}

fn largest_row_sum(body: &Body) -> f64 {
    let product = CliqueProduct::of(body);
    (0..body.nodes()).map(|node| product.row_sum(node)).fold(0.0, f64::max)
}

/// Products with `M W M^T` without its diagonal.
pub(super) struct CliqueProduct<'b> {
    body: &'b Body,
    /// What `M W M^T` has on its diagonal.
    diagonal: Vec<f64>,
}

impl<'b> CliqueProduct<'b> {
    pub(super) fn of(body: &'b Body) -> Self {
        let weight = |edge: &u32| body.weights[*edge as usize];
        let diagonal = body.memberships.iter().map(|edges| edges.iter().map(weight).sum()).collect();
        Self { body, diagonal }
    }

    /// The sum of a node's row.
    pub(super) fn row_sum(&self, node: usize) -> f64 {
        let others = |edge: &u32| {
            self.body.weights[*edge as usize] * (self.body.members.row_len(*edge as usize) - 1) as f64
        };
        self.body.memberships.row(node).iter().map(others).sum()
    }

    /// `y = A x`; `sums` is space for one number per hyperedge.
    pub(super) fn apply(&self, x: &[f64], y: &mut [f64], sums: &mut [f64]) {
        for ((sum, members), weight) in sums.iter_mut().zip(self.body.members.iter()).zip(&self.body.weights)
        {
            *sum = weight * members.iter().map(|node| x[*node as usize]).sum::<f64>();
        }
        for (node, edges) in self.body.memberships.iter().enumerate() {
            let all: f64 = edges.iter().map(|edge| sums[*edge as usize]).sum();
            y[node] = all - self.diagonal[node] * x[node];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(nodes: u32, edges: &[&[u32]]) -> Centrality {
        clique_eigenvector(&Hypergraph::from_edges(nodes, edges).unwrap()).unwrap()
    }

    #[test]
    fn regress_degenerate_hypergraphs_have_defined_answers() {
        assert!(of(0, &[]).values.is_empty());
        assert_eq!(of(1, &[&[0]]).values, [1.0]);
        assert_eq!(of(2, &[]).values, [0.5, 0.5]);
        // Two triangles of equal eigenvalue: the first has it.
        let tie = of(7, &[&[4, 5, 6], &[1, 2, 3], &[]]);
        assert_eq!((tie.components, tie.nodes_in_component), (3, 3));
        assert!((tie.values[1] - 1.0 / 3.0).abs() < 1e-15 && tie.values[4] == 0.0, "{tie:?}");
    }

    /// A path of two edges: bipartite, so the eigenvalues are sqrt(2), 0 and -sqrt(2).
    #[test]
    fn ref_the_positive_vector_is_found_where_the_spectrum_is_symmetric() {
        let path = of(3, &[&[0, 1], &[1, 2]]);
        let total = 2.0 + 2.0_f64.sqrt();
        assert!((path.eigenvalue - 2.0_f64.sqrt()).abs() < 1e-14);
        assert!((path.values[0] - 1.0 / total).abs() < 1e-14);
    }
}
