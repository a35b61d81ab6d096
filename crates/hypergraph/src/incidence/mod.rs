//! Any hypergraph: read from a file, measured, written.
//!
//! [`Hypergraph`] holds nodes, hyperedges and who is in which, with the weights, directions and attributes
//! that the file states. Measures are functions of it.
//!
//! ```
//! use twinloom_hypergraph::incidence::{Hypergraph, clique_eigenvector, read_list};
//!
//! let hypergraph = read_list(b"asthma copd\nasthma copd depression\n")?;
//! let central = clique_eigenvector(&hypergraph)?;
//! assert!(central.values[0] > central.values[2]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod body;
mod centrality;
mod clustering;
mod components;
mod distribution;
mod hypergraph;
mod line_graph;
mod modularity;
mod paths;
mod read;
mod rows;
mod write;

pub use centrality::{
    Centrality, CentralityError, Katz, NodeEdge, NodeEdgePowers, clique_eigenvector, h_eigenvector, katz,
    node_edge, z_eigenvector,
};
pub use clustering::Clustering;
pub use components::Components;
pub use distribution::Distribution;
pub use hypergraph::{
    Direction, Hypergraph, HypergraphBuilder, HypergraphError, Id, Incidence, Item, NetworkType,
};
pub use line_graph::{LineGraph, Side};
pub use modularity::{EdgeShare, ModularityError, modularity};
pub use paths::PathCentralities;
pub use read::{HifError, ListError, TableError, read_hif, read_list, read_table};
pub use write::write_hif;
