//! Centralities of the nodes of any hypergraph.

mod clique;
mod h_eigenvector;
mod katz;
mod node_edge;
mod parts;
mod tensor;
mod z_eigenvector;

pub use clique::clique_eigenvector;
pub use h_eigenvector::h_eigenvector;
pub use katz::{Katz, katz};
pub use node_edge::{NodeEdge, NodeEdgePowers, node_edge};
pub use parts::{Centrality, CentralityError};
pub use z_eigenvector::z_eigenvector;
