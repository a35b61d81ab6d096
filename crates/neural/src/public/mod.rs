//! Public benchmarks of graph networks, on their published protocols.

mod files;
mod graphs;
mod hypergraphs;
mod isomorphism;
mod nodes;
mod planetoid;
mod row;
mod table;

pub use files::PublicDataError;
pub use graphs::{GraphCollection, SmallGraph};
pub use hypergraphs::{PaperHypergraph, PaperModel, PaperNetwork, PaperShape};
pub use isomorphism::{FoldAccuracies, ten_folds};
pub use nodes::{AttentionNetwork, ConvolutionNetwork, NodeNetwork, NodeSplit, node_accuracy};
pub use planetoid::CitationNetwork;
pub use row::{PublicRow, Published};
pub use table::{PublicError, PublicParameters, public_table};
