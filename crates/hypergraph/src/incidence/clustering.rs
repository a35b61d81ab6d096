//! Clustering coefficients of nodes.

use std::num::NonZeroU32;

use rayon::prelude::*;
use serde::Serialize;

use super::{Hypergraph, LineGraph, Side};

/// Three clustering coefficients, each with one value for each node; 0 where a node has too few neighbours
/// or hyperedges for one.
///
/// # Source
/// Latapy, Magnien and Del Vecchio, arXiv:0802.2512; Gallagher and Goldberg, "Clustering coefficients in
/// protein interaction hypernetworks", doi:10.1145/2506583.2506635; for `extra_overlap` Zhou and Nakhleh,
/// doi:10.1186/1471-2105-12-132. XGI's `clustering_coefficient`, `local_clustering_coefficient` and
/// `two_node_clustering_coefficient` (kind "union").
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Clustering {
    /// Share of the pairs of neighbours that share a hyperedge themselves.
    pub pairwise: Vec<f64>,
    /// Mean over pairs of the node's hyperedges of the share of the nodes in one alone that meet, in some
    /// hyperedge, a node in the other alone.
    pub extra_overlap: Vec<f64>,
    /// Mean over neighbours of the hyperedges with both over the hyperedges with either.
    pub two_node: Vec<f64>,
}

impl Clustering {
    /// Of a hypergraph. `extra_overlap` costs the square of a node's degree.
    pub fn of(hypergraph: &Hypergraph) -> Self {
        let meets = LineGraph::of(hypergraph, Side::Nodes, NonZeroU32::MIN);
        let each = |measure: fn(&Hypergraph, &LineGraph, usize) -> f64| -> Vec<f64> {
            (0..meets.len()).into_par_iter().map(|node| measure(hypergraph, &meets, node)).collect()
        };
        Self { pairwise: each(pairwise), extra_overlap: each(extra_overlap), two_node: each(two_node) }
    }
}

fn pairwise(_: &Hypergraph, meets: &LineGraph, node: usize) -> f64 {
    let around = meets.neighbours(node);
    if around.len() < 2 {
        return 0.0;
    }
    let twice: usize = around.iter().map(|other| in_both(around, meets.neighbours(*other as usize))).sum();
    let count = around.len() as f64;
    twice as f64 / (count * (count - 1.0))
}

fn two_node(hypergraph: &Hypergraph, meets: &LineGraph, node: usize) -> f64 {
    let around = meets.neighbours(node);
    if around.is_empty() {
        return 0.0;
    }
    let degree = |node: usize| hypergraph.memberships(node).len() as f64;
    let shares = around.iter().zip(meets.shared(node)).map(|(other, shared)| {
        let both = f64::from(*shared);
        both / (degree(node) + degree(*other as usize) - both)
    });
    shares.sum::<f64>() / around.len() as f64
}

fn extra_overlap(hypergraph: &Hypergraph, meets: &LineGraph, node: usize) -> f64 {
    let edges = hypergraph.memberships(node);
    let mut total = 0.0;
    for (place, first) in edges.iter().enumerate() {
        for second in &edges[place + 1..] {
            let (left, right) = (hypergraph.members(*first as usize), hypergraph.members(*second as usize));
            let (only_left, only_right) = (without(left, right), without(right, left));
            let union = only_left.len() + only_right.len();
            if union > 0 {
                let met = meeting(meets, &only_left, &only_right) + meeting(meets, &only_right, &only_left);
                total += met as f64 / union as f64;
            }
        }
    }
    let degree = edges.len() as f64;
    if degree < 2.0 { 0.0 } else { 2.0 * total / (degree * (degree - 1.0)) }
}

/// How many of `some` meet at least one of `others`.
fn meeting(meets: &LineGraph, some: &[u32], others: &[u32]) -> usize {
    let meets_one = |node: &&u32| {
        let around = meets.neighbours(**node as usize);
        others.iter().any(|other| around.binary_search(other).is_ok())
    };
    some.iter().filter(meets_one).count()
}

fn without(some: &[u32], others: &[u32]) -> Vec<u32> {
    some.iter().filter(|node| others.binary_search(node).is_err()).copied().collect()
}

/// How many numbers two ascending lists share.
fn in_both(left: &[u32], right: &[u32]) -> usize {
    let (mut a, mut b, mut count) = (0, 0, 0);
    while a < left.len() && b < right.len() {
        match left[a].cmp(&right[b]) {
            std::cmp::Ordering::Less => a += 1,
            std::cmp::Ordering::Greater => b += 1,
            std::cmp::Ordering::Equal => {
                (a, b, count) = (a + 1, b + 1, count + 1);
            }
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    /// XGI's documented example: nodes 0, 1, 2 with hyperedges of every pair and of all three.
    #[test]
    fn ref_the_complete_hypergraph_of_three() {
        let edges: [&[u32]; 4] = [&[0, 1], &[0, 2], &[1, 2], &[0, 1, 2]];
        let found = Clustering::of(&Hypergraph::from_edges(3, &edges).unwrap());
        for node in 0..3 {
            assert!((found.pairwise[node] - 1.0).abs() < 1e-15);
            assert!((found.two_node[node] - 0.5).abs() < 1e-15);
        }
    }
}
