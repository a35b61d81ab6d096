//! Eigenvector centralities of an undirected hypergraph.

use super::model::Model;
use super::structure::Structure;
use crate::spectral::{self, Eigen, Gram, Lists};

/// Which matrix the centrality is the leading eigenvector of; M is the incidence, W weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Centrality {
    /// Of nodes: M W Mᵀ − diagonal.
    Standard,
    /// Of nodes, between square roots of the node weights.
    StandardWeighted,
    /// Of hyperedges: Mᵀ W M − diagonal, W being node weights.
    Dual,
    /// Of hyperedges, between square roots of the hyperedge weights.
    DualWeighted,
    /// Of nodes and hyperedges together: the bipartite [[0, M W], [(M W)ᵀ, 0]].
    Bipartite,
}

/// How long the eigenvector is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Normalisation {
    /// 1.
    #[default]
    Unit,
    /// As Rafferty's package makes it: the product of the matrix, its weight vectors divided by their
    /// lengths, and the unit eigenvector, over the square root of the number of nodes, or of the
    /// 2^n − n − 2 hyperedges that n nodes could have (bipartite: the unit vector over √(2^n − 2)).
    Elements,
}

impl Structure {
    /// A centrality; of hyperedges in the order of [`Structure::edges`], of nodes in theirs, of both
    /// nodes first.
    ///
    /// # Panics
    /// When the model is of another structure.
    pub fn centrality(&self, model: &Model, which: Centrality, normalisation: Normalisation) -> Eigen {
        let edges: Vec<usize> = self.edges(model).collect();
        let edge_weights: Vec<f64> = edges.iter().map(|edge| model.set_weights[*edge]).collect();
        let node_weights = &model.node_weights;
        let of_edges = Lists::of(&edges.iter().map(|edge| self.sets.get(*edge)).collect::<Vec<_>>());
        let of_nodes = of_edges.transposed(self.nodes);
        let mut eigen = match which {
            Centrality::Standard | Centrality::StandardWeighted => {
                let resultant = (which == Centrality::StandardWeighted).then_some(&node_weights[..]);
                spectral::leading(&Gram::new(of_nodes, of_edges, edge_weights.clone(), resultant, false))
            }
            Centrality::Dual | Centrality::DualWeighted => {
                let resultant = (which == Centrality::DualWeighted).then_some(&edge_weights[..]);
                spectral::leading(&Gram::new(of_edges, of_nodes, node_weights.clone(), resultant, false))
            }
            Centrality::Bipartite => return self.bipartite(of_nodes, of_edges, &edge_weights, normalisation),
        };
        if normalisation == Normalisation::Elements {
            let nodes = self.nodes as f64;
            let most_edges = (nodes.exp2() - nodes - 2.0).max(1.0);
            let ones = |count: usize| (count as f64).sqrt();
            let (weights, resultant, count) = match which {
                Centrality::StandardWeighted => (length(&edge_weights), length(node_weights), nodes),
                Centrality::Dual => (length(node_weights), ones(edges.len()), most_edges),
                Centrality::DualWeighted => (length(node_weights), length(&edge_weights), most_edges),
                _ => (length(&edge_weights), ones(self.nodes), nodes),
            };
            let scale = crate::weight::ratio(eigen.value, weights * resultant * count.sqrt());
            for entry in &mut eigen.vector {
                *entry *= scale;
            }
        }
        eigen
    }

    /// The leading singular vectors of M W, side by side.
    fn bipartite(
        &self,
        of_nodes: Lists,
        of_edges: Lists,
        edge_weights: &[f64],
        normalisation: Normalisation,
    ) -> Eigen {
        let members = of_edges.clone();
        let squares = edge_weights.iter().map(|weight| weight * weight).collect();
        let mut eigen = spectral::leading(&Gram::new(of_nodes, of_edges, squares, None, true));
        let singular = eigen.value.sqrt();
        let of_edge = |(members, weight): (&[u32], &f64)| {
            let sum: f64 = members.iter().map(|node| eigen.vector[*node as usize]).sum();
            crate::weight::ratio(weight * sum, singular)
        };
        let right: Vec<f64> = members.iter().zip(edge_weights).map(of_edge).collect();
        eigen.vector.extend(right);
        let mut scale = 0.5_f64.sqrt();
        if normalisation == Normalisation::Elements {
            scale /= ((self.nodes as f64).exp2() - 2.0).max(1.0).sqrt();
        }
        for entry in &mut eigen.vector {
            *entry *= scale;
        }
        Eigen { value: singular, ..eigen }
    }
}

fn length(weights: &[f64]) -> f64 {
    weights.iter().map(|weight| weight * weight).sum::<f64>().sqrt()
}
