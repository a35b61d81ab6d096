//! Degrees, sizes and densities.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Direction, Hypergraph};

/// How many nodes have each degree, how many hyperedges each size, and how full the hypergraph is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Distribution {
    /// Hyperedges of each node.
    pub degrees: Vec<u32>,
    /// Distinct nodes of each hyperedge.
    pub sizes: Vec<u32>,
    /// Number of nodes of each degree.
    pub nodes_by_degree: BTreeMap<u32, u64>,
    /// Number of hyperedges of each size.
    pub edges_by_size: BTreeMap<u32, u64>,
    /// Hyperedges over the `2^n - 1` sets that `n` nodes allow; 0 where that is below what f64 holds, or
    /// there are no nodes. Hyperedges that are alike count each, so it may exceed 1.
    pub density: f64,
    /// The binary logarithm of `density`; `None` without hyperedges or nodes.
    pub log2_density: Option<f64>,
    /// Incidences over nodes times hyperedges; 0 without either.
    pub incidence_density: f64,
    /// Hyperedges in whose tail each node stands; empty unless the hypergraph is directed.
    pub tail_degrees: Vec<u32>,
    /// Hyperedges in whose head each node stands; empty unless the hypergraph is directed.
    pub head_degrees: Vec<u32>,
}

impl Distribution {
    /// Of a hypergraph.
    pub fn of(hypergraph: &Hypergraph) -> Self {
        let body = hypergraph.body();
        let (nodes, edges) = (body.nodes(), body.edges());
        let degrees: Vec<u32> = body.memberships.iter().map(|row| row.len() as u32).collect();
        let sizes: Vec<u32> = body.members.iter().map(|row| row.len() as u32).collect();
        let (density, log2_density) = density(nodes, edges);
        let cells = nodes as f64 * edges as f64;
        let (mut tail_degrees, mut head_degrees) = (Vec::new(), Vec::new());
        if hypergraph.incidences().iter().any(|found| found.direction.is_some()) {
            tail_degrees = vec![0; nodes];
            head_degrees = vec![0; nodes];
            for found in hypergraph.incidences() {
                match found.direction {
                    Some(Direction::Tail) => tail_degrees[found.node as usize] += 1,
                    Some(Direction::Head) => head_degrees[found.node as usize] += 1,
                    None => {}
                }
            }
        }
        Self {
            nodes_by_degree: counted(&degrees),
            edges_by_size: counted(&sizes),
            degrees,
            sizes,
            density,
            log2_density,
            incidence_density: if cells > 0.0 { body.members.ones() as f64 / cells } else { 0.0 },
            tail_degrees,
            head_degrees,
        }
    }
}

fn density(nodes: usize, edges: usize) -> (f64, Option<f64>) {
    if nodes == 0 || edges == 0 {
        return (0.0, None);
    }
    // From 53 nodes on the subtracted 1 is below rounding.
    let possible = if nodes < 53 { ((1_u64 << nodes) - 1) as f64 } else { (nodes as f64).exp2() };
    let log2 = if possible.is_finite() { possible.log2() } else { nodes as f64 };
    (edges as f64 / possible, Some((edges as f64).log2() - log2))
}

fn counted(values: &[u32]) -> BTreeMap<u32, u64> {
    let mut counts = BTreeMap::new();
    for value in values {
        *counts.entry(*value).or_insert(0) += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_counts_and_densities() {
        let edges: [&[u32]; 3] = [&[0, 1, 2], &[0], &[]];
        let found = Distribution::of(&Hypergraph::from_edges(4, &edges).unwrap());
        assert_eq!(found.nodes_by_degree, BTreeMap::from([(0, 1), (1, 2), (2, 1)]));
        assert_eq!(found.edges_by_size, BTreeMap::from([(0, 1), (1, 1), (3, 1)]));
        assert!((found.density - 0.2).abs() < 1e-15 && (found.incidence_density - 4.0 / 12.0).abs() < 1e-15);
        let many = Distribution::of(&Hypergraph::from_edges(5000, &edges).unwrap());
        assert!(many.density.abs() < f64::MIN_POSITIVE);
        assert!((many.log2_density.unwrap() - (3.0_f64.log2() - 5000.0)).abs() < 1e-9);
        let none = Distribution::of(&Hypergraph::default());
        assert_eq!((none.density.to_bits(), none.log2_density), (0, None));
    }
}
