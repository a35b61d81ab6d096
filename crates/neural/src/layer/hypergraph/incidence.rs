//! Which nodes are in which hyperedges, as the layers need it.

use crate::{Aggregator, Edges, SparseError, SparseMatrix};

/// A hypergraph of nodes and weighted hyperedges.
///
/// # Shapes
/// incidence `[nodes, hyperedges]`
#[derive(Clone, Debug)]
pub struct Hypergraph {
    nodes: usize,
    members: Vec<Vec<u32>>,
    weights: Vec<f32>,
}

impl Hypergraph {
    /// Hyperedges of a weight of 1 each; a node stated twice counts once.
    ///
    /// # Errors
    /// [`SparseError`] when a member is out of range.
    pub fn new(nodes: usize, members: Vec<Vec<u32>>) -> Result<Self, SparseError> {
        let mut members = members;
        for (edge, own) in members.iter_mut().enumerate() {
            own.sort_unstable();
            own.dedup();
            if let Some(&column) = own.last().filter(|node| **node as usize >= nodes) {
                return Err(SparseError::Column { row: edge, column, columns: nodes });
            }
        }
        let weights = vec![1.0; members.len()];
        Ok(Self { nodes, members, weights })
    }

    /// The same hyperedges with other weights.
    ///
    /// # Errors
    /// [`SparseError`] when there is not one for each, or one is negative or not finite.
    pub fn weighted(self, weights: Vec<f32>) -> Result<Self, SparseError> {
        let wrong = weights.iter().position(|weight| !(weight.is_finite() && *weight >= 0.0));
        if weights.len() != self.members.len() || wrong.is_some() {
            let row = wrong.unwrap_or(weights.len());
            let value = weights.get(row).copied().unwrap_or(f32::NAN);
            return Err(SparseError::Value { row, column: 0, value });
        }
        Ok(Self { weights, ..self })
    }

    /// With a hyperedge of its own for each node that has none of one node.
    #[must_use]
    pub fn with_self_loops(mut self) -> Self {
        let mut alone = vec![false; self.nodes];
        self.members.iter().filter(|own| own.len() == 1).for_each(|own| alone[own[0] as usize] = true);
        let added = alone.iter().enumerate().filter(|(_, alone)| !**alone);
        self.members.extend(added.map(|(node, _)| vec![node as u32]).collect::<Vec<_>>());
        self.weights.resize(self.members.len(), 1.0);
        self
    }

    /// Number of nodes.
    pub fn nodes(&self) -> usize {
        self.nodes
    }

    /// Number of hyperedges.
    pub fn hyperedges(&self) -> usize {
        self.members.len()
    }

    /// Of each hyperedge its number of nodes.
    pub(super) fn sizes(&self) -> Vec<f32> {
        self.members.iter().map(|own| own.len() as f32).collect()
    }

    /// Of each node the weights of its hyperedges, summed.
    pub(super) fn degrees(&self) -> Vec<f32> {
        let mut degrees = vec![0.0; self.nodes];
        for (own, weight) in self.members.iter().zip(&self.weights) {
            for node in own {
                degrees[*node as usize] += weight;
            }
        }
        degrees
    }

    /// A map from nodes to hyperedges with entries by hyperedge, its weight and node.
    pub(super) fn to_hyperedges(&self, entry: impl Fn(usize, f32, usize) -> f32) -> SparseMatrix {
        let row = |(edge, (own, weight)): (usize, (&Vec<u32>, &f32))| {
            own.iter().map(|node| (*node, entry(edge, *weight, *node as usize))).collect()
        };
        SparseMatrix::from_rows(self.nodes, self.members.iter().zip(&self.weights).enumerate().map(row))
            .expect("members below the number of nodes, finite entries of finite weights")
    }

    /// Which nodes each hyperedge hears.
    pub fn hears_nodes(&self) -> Edges {
        Edges::of(&self.to_hyperedges(|_, _, _| 1.0))
    }

    /// Which hyperedges each node hears.
    pub fn hears_hyperedges(&self) -> Edges {
        Edges::of(&self.to_hyperedges(|_, _, _| 1.0).transpose())
    }

    /// Means of the nodes of each hyperedge, and of the hyperedges of each node.
    pub fn means(&self) -> (Aggregator, Aggregator) {
        let incidence = self.to_hyperedges(|_, _, _| 1.0);
        (
            Aggregator::new(incidence.clone().into_row_means()),
            Aggregator::new(incidence.transpose().into_row_means()),
        )
    }
}

/// One over the square root, 0 for 0.
pub(super) fn inverse_root(value: f32) -> f32 {
    if value > 0.0 { value.sqrt().recip() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_members_weights_and_self_loops() {
        assert!(Hypergraph::new(2, vec![vec![2]]).is_err());
        let hypergraph = Hypergraph::new(3, vec![vec![1, 0, 1], vec![2]]).unwrap();
        assert!(hypergraph.clone().weighted(vec![1.0]).is_err());
        assert!(hypergraph.clone().weighted(vec![1.0, -1.0]).is_err());
        let looped = hypergraph.with_self_loops();
        assert_eq!((looped.hyperedges(), looped.sizes()), (4, vec![2.0, 1.0, 1.0, 1.0]));
        assert_eq!(looped.degrees(), [2.0, 2.0, 1.0]);
    }
}
