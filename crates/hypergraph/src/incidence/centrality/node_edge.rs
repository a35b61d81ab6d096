//! Nonlinear centralities of nodes and hyperedges at once.

use serde::Serialize;

use super::parts::CentralityError;
use crate::incidence::Hypergraph;
use crate::incidence::components::Components;

const TOLERANCE: f64 = 1e-12;
const MAXIMUM_STEPS: usize = 100_000;

/// The powers in `x = g(M W f(y))` and `y = psi(M^T phi(x))`, each `t -> t^power`.
///
/// | power | default | range |
/// |---|---|---|
/// | `f`, `phi` | 2 | above 0, up to 10 |
/// | `g`, `psi` | 1/2 | above 0, up to 10 |
///
/// All four together may not exceed 1 as a product: then a positive solution exists and is the only one.
/// All 1 is the linear (eigenvector) centrality; the defaults are close to a maximum.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct NodeEdgePowers {
    /// Of a hyperedge's centrality, before summing.
    pub f: f64,
    /// Of the sum over a node's hyperedges.
    pub g: f64,
    /// Of a node's centrality, before summing.
    pub phi: f64,
    /// Of the sum over a hyperedge's nodes.
    pub psi: f64,
}

impl Default for NodeEdgePowers {
    fn default() -> Self {
        Self { f: 2.0, g: 0.5, phi: 2.0, psi: 0.5 }
    }
}

/// Centralities of nodes and hyperedges, each set summing to 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NodeEdge {
    /// One value for each node.
    pub nodes: Vec<f64>,
    /// One value for each hyperedge; 0 for an empty one.
    pub edges: Vec<f64>,
    /// The largest change in the last step, relative to the largest entry.
    pub residual: f64,
    /// Steps made.
    pub iterations: usize,
}

/// The positive solution of `x ~ g(M W f(y))`, `y ~ psi(M^T phi(x))`, up to scale.
///
/// # Source
/// Tudisco and Higham, "Node and edge nonlinear eigenvector centrality for hypergraphs", Communications
/// Physics 4, 2021, doi:10.1038/s42005-021-00704-2; the iteration of its methods section, which takes the
/// geometric mean of the old and the new.
///
/// # Errors
/// [`CentralityError::NotConnected`], [`CentralityError::Power`], [`CentralityError::NotConverged`].
pub fn node_edge(hypergraph: &Hypergraph, powers: NodeEdgePowers) -> Result<NodeEdge, CentralityError> {
    let together = powers.f * powers.g * powers.phi * powers.psi;
    let all = [("f", powers.f), ("g", powers.g), ("phi", powers.phi), ("psi", powers.psi)];
    for (name, value) in all {
        if !(value > 0.0 && value <= 10.0) {
            return Err(CentralityError::Power { name, value, maximum: 10.0 });
        }
    }
    if together > 1.0 + 1e-12 {
        return Err(CentralityError::Power { name: "f g phi psi", value: together, maximum: 1.0 });
    }
    let body = hypergraph.body();
    let components = Components::of_body(body).len();
    if components > 1 {
        return Err(CentralityError::NotConnected { components });
    }
    let (mut x, mut y) = (vec![1.0_f64; body.nodes()], vec![1.0_f64; body.edges()]);
    let mut residual = f64::INFINITY;
    if body.members.ones() == 0 {
        return Ok(NodeEdge { nodes: x, edges: vec![0.0; body.edges()], residual: 0.0, iterations: 0 });
    }
    for step in 1..=MAXIMUM_STEPS {
        let of_edges: Vec<f64> =
            y.iter().zip(&body.weights).map(|(value, weight)| weight * value.powf(powers.f)).collect();
        let of_nodes: Vec<f64> = x.iter().map(|value| value.powf(powers.phi)).collect();
        let pull = |lists: &super::super::rows::Rows, row: usize, parts: &[f64], power: f64| {
            lists.row(row).iter().map(|place| parts[*place as usize]).sum::<f64>().powf(power)
        };
        let next_x = (0..x.len()).map(|node| x[node] * pull(&body.memberships, node, &of_edges, powers.g));
        let next_y = (0..y.len()).map(|edge| y[edge] * pull(&body.members, edge, &of_nodes, powers.psi));
        let (next_x, next_y) = (rooted(next_x.collect()), rooted(next_y.collect()));
        let (Some(next_x), Some(next_y)) = (next_x, next_y) else {
            break;
        };
        residual = change(&x, &next_x).max(change(&y, &next_y));
        (x, y) = (next_x, next_y);
        if residual <= TOLERANCE {
            let share = |values: &[f64]| {
                let total: f64 = values.iter().sum();
                values.iter().map(|value| value / total).collect()
            };
            return Ok(NodeEdge { nodes: share(&x), edges: share(&y), residual, iterations: step });
        }
    }
    Err(CentralityError::NotConverged { residual, iterations: MAXIMUM_STEPS, tolerance: TOLERANCE })
}

/// Square roots, the largest made 1; `None` when all vanish.
fn rooted(mut values: Vec<f64>) -> Option<Vec<f64>> {
    for value in &mut values {
        *value = value.sqrt();
    }
    let most = values.iter().fold(0.0_f64, |most, value| most.max(*value));
    if !(most > 0.0 && most.is_finite()) {
        return None;
    }
    for value in &mut values {
        *value /= most;
    }
    Some(values)
}

fn change(before: &[f64], after: &[f64]) -> f64 {
    before.iter().zip(after).map(|(old, new)| (old - new).abs()).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_the_solution_solves_the_equations() {
        let edges: [&[u32]; 5] = [&[0, 1, 2], &[2, 3], &[3, 4, 5, 0], &[5], &[]];
        let hypergraph = Hypergraph::from_edges(6, &edges).unwrap();
        let found = node_edge(&hypergraph, NodeEdgePowers::default()).unwrap();
        let ratios: Vec<f64> = (0..6)
            .map(|node| {
                let squares =
                    hypergraph.memberships(node).iter().map(|edge| found.edges[*edge as usize].powi(2));
                found.nodes[node] / squares.sum::<f64>().sqrt()
            })
            .collect();
        assert!(ratios.iter().all(|ratio| (ratio / ratios[0] - 1.0).abs() < 1e-10), "{ratios:?}");
        assert!(found.edges[4].abs() < f64::MIN_POSITIVE);
    }

    #[test]
    fn regress_powers_and_parts_are_refused_with_the_reason() {
        let two = Hypergraph::from_edges(2, &[[0]]).unwrap();
        let powers = NodeEdgePowers::default();
        assert_eq!(node_edge(&two, powers), Err(CentralityError::NotConnected { components: 2 }));
        let error = node_edge(&two, NodeEdgePowers { g: 1.0, ..powers }).unwrap_err();
        assert!(error.to_string().contains("the power f g phi psi is 2"));
    }
}
