//! The undirected hypergraph of multimorbidity: which sets of conditions go together.
//!
//! # Source
//! Rafferty et al. 2021, J Biomed Inform 122:103916, and its package multimorbidity-hypergraphs 0.3.5;
//! hypergraph-mm 1.0.0 for the other contributions and weights.

mod centrality;
mod model;
mod structure;

pub use centrality::{Centrality, Normalisation};
pub use model::Model;
pub use structure::{Contribution, Options, Structure};
