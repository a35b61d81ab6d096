//! The numbers of a hypergraph, without names: what every measure works on.

use super::rows::Rows;

/// Nodes `0..nodes`, hyperedges as their distinct nodes, and a weight for each hyperedge.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Body {
    /// Hyperedge to nodes.
    pub(crate) members: Rows,
    /// Node to hyperedges.
    pub(crate) memberships: Rows,
    /// Weight of each hyperedge, finite and not negative.
    pub(crate) weights: Vec<f64>,
}

impl Body {
    pub(crate) fn new(members: Rows, nodes: usize, weights: Vec<f64>) -> Self {
        let memberships = members.transposed(nodes);
        Self { members, memberships, weights }
    }

    pub(crate) fn nodes(&self) -> usize {
        self.memberships.len()
    }

    pub(crate) fn edges(&self) -> usize {
        self.members.len()
    }

    /// The size of the largest hyperedge, 0 without any.
    pub(crate) fn rank(&self) -> usize {
        (0..self.edges()).map(|edge| self.members.row_len(edge)).max().unwrap_or(0)
    }

    /// The part on some nodes (ascending) and the hyperedges (ascending) that lie wholly within them.
    pub(crate) fn part(&self, nodes: &[u32], edges: &[u32]) -> Self {
        let place = |node: &u32| nodes.partition_point(|known| known < node) as u32;
        let members = Rows::from_sorted(
            edges.iter().map(|edge| self.members.row(*edge as usize).iter().map(place).collect()),
        );
        let weights = edges.iter().map(|edge| self.weights[*edge as usize]).collect();
        Self::new(members, nodes.len(), weights)
    }
}
