//! Public benchmarks of graph networks, on their published protocols.

mod files;
mod graphs;
mod hypergraphs;
mod isomorphism;
mod nodes;
mod papers;
mod planetoid;
mod protocol;
mod row;
mod table;

pub use files::PublicDataError;
pub use graphs::{GraphCollection, SmallGraph};
pub use hypergraphs::PaperHypergraph;
pub use isomorphism::{FoldAccuracies, ten_folds};
pub use nodes::{AttentionNetwork, ConvolutionNetwork, NodeNetwork, NodeSplit, TunedBy, node_accuracy};
pub use papers::{PaperModel, PaperNetwork, PaperShape};
pub use planetoid::CitationNetwork;
pub use protocol::PUBLIC_DATA_SETS;
pub use row::{PublicRow, Published};
pub use table::{PublicError, PublicNote, PublicParameters, public_table};
