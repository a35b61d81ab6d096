//! Public benchmarks of graph networks, on their published protocols.

mod files;
mod nodes;
mod planetoid;

pub use files::PublicDataError;
pub use nodes::{AttentionNetwork, ConvolutionNetwork, NodeNetwork, NodeSplit, node_accuracy};
pub use planetoid::CitationNetwork;
