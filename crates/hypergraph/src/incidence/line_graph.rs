//! The s-line graph, and its connected components.

use std::num::NonZeroU32;

use rayon::prelude::*;
use serde::Serialize;

use super::Hypergraph;

/// What the vertices of an s-line graph are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Hyperedges, joined when they share `s` nodes or more.
    #[default]
    Edges,
    /// Nodes, joined when they share `s` hyperedges or more.
    Nodes,
}

/// The graph of the hyperedges (or nodes) of a hypergraph that have enough in common.
///
/// Every hyperedge is a vertex, those too small to be joined included. Vertices are numbered as in the
/// hypergraph, neighbours ascend.
///
/// # Source
/// Aksoy et al., "Hypernetwork science via high-order hypergraph walks", EPJ Data Science 9, 2020,
/// doi:10.1140/epjds/s13688-020-00231-0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineGraph {
    offsets: Vec<usize>,
    neighbours: Vec<u32>,
    shared: Vec<u32>,
}

impl LineGraph {
    /// The s-line graph on one side of a hypergraph.
    pub fn of(hypergraph: &Hypergraph, side: Side, s: NonZeroU32) -> Self {
        let body = hypergraph.body();
        let (own, others) = match side {
            Side::Edges => (&body.members, &body.memberships),
            Side::Nodes => (&body.memberships, &body.members),
        };
        let vertices = own.len();
        let rows: Vec<Vec<(u32, u32)>> = (0..vertices)
            .into_par_iter()
            .map_init(
                || (vec![0_u32; vertices], Vec::new()),
                |(counts, met), vertex| {
                    for between in own.row(vertex) {
                        for other in others.row(*between as usize) {
                            if counts[*other as usize] == 0 {
                                met.push(*other);
                            }
                            counts[*other as usize] += 1;
                        }
                    }
                    met.sort_unstable();
                    let mut row = Vec::new();
                    for other in met.drain(..) {
                        let shared = std::mem::take(&mut counts[other as usize]);
                        if other as usize != vertex && shared >= s.get() {
                            row.push((other, shared));
                        }
                    }
                    row
                },
            )
            .collect();
        let mut graph = Self { offsets: vec![0], neighbours: Vec::new(), shared: Vec::new() };
        for row in rows {
            graph.neighbours.extend(row.iter().map(|(other, _)| *other));
            graph.shared.extend(row.iter().map(|(_, shared)| *shared));
            graph.offsets.push(graph.neighbours.len());
        }
        graph
    }

    /// Number of vertices.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there are no vertices.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of lines, each counted once.
    pub fn lines(&self) -> usize {
        self.neighbours.len() / 2
    }

    /// The vertices joined to one, ascending.
    ///
    /// # Panics
    /// When `vertex` is not below [`Self::len`].
    pub fn neighbours(&self, vertex: usize) -> &[u32] {
        &self.neighbours[self.offsets[vertex]..self.offsets[vertex + 1]]
    }

    /// How much a vertex has in common with each of its neighbours.
    ///
    /// # Panics
    /// When `vertex` is not below [`Self::len`].
    pub fn shared(&self, vertex: usize) -> &[u32] {
        &self.shared[self.offsets[vertex]..self.offsets[vertex + 1]]
    }

    /// The s-connected component of each vertex, numbered by its first vertex.
    pub fn components(&self) -> Vec<u32> {
        const NEW: u32 = u32::MAX;
        let mut of_vertex = vec![NEW; self.len()];
        let mut waiting = Vec::new();
        let mut next = 0;
        for start in 0..self.len() {
            if of_vertex[start] != NEW {
                continue;
            }
            of_vertex[start] = next;
            waiting.push(start as u32);
            while let Some(vertex) = waiting.pop() {
                for other in self.neighbours(vertex as usize) {
                    if of_vertex[*other as usize] == NEW {
                        of_vertex[*other as usize] = next;
                        waiting.push(*other);
                    }
                }
            }
            next += 1;
        }
        of_vertex
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_lines_need_enough_in_common() {
        let edges: [&[u32]; 5] = [&[0, 1, 2], &[1, 2, 3], &[3, 4], &[5], &[]];
        let hypergraph = Hypergraph::from_edges(6, &edges).unwrap();
        let of = |side, s| LineGraph::of(&hypergraph, side, NonZeroU32::new(s).unwrap());
        let (one, two) = (of(Side::Edges, 1), of(Side::Edges, 2));
        assert_eq!((one.neighbours(1), one.shared(1)), (&[0, 2][..], &[2, 1][..]));
        assert_eq!(one.components(), [0, 0, 0, 1, 2]);
        assert_eq!((two.lines(), two.components()), (1, vec![0, 0, 1, 2, 3]));
        assert_eq!(of(Side::Nodes, 2).neighbours(1), [2]);
    }
}
