//! Layers.

mod edge_attention;
mod gat;
mod gcn;
mod gin;
mod heterogeneous;
mod hypergraph;
mod linear;
mod memory;
mod meta_path;
mod normalise;
mod pooling;
mod relational;
mod sage;
mod sequence;
mod time;

pub use edge_attention::{EdgeAttention, OwnEdges};
pub use gat::{DynamicGraphAttention, GraphAttention, Heads};
pub use gcn::{GraphConvolution, renormalised};
pub use gin::GraphIsomorphism;
pub use heterogeneous::{HeterogeneousAttention, Relation, TypedGraph, TypedGraphError};
pub use hypergraph::{
    DeepSets, Hypergraph, HypergraphConvolution, HypergraphConvolutionPlus, SetTransformer, UniGcnii,
};
pub use linear::Linear;
pub use memory::{GatedCell, Memory, TemporalGraphNetwork, TemporalSizes};
pub use meta_path::MetaPathAttention;
pub use normalise::{BatchNorm, LayerNorm};
pub use pooling::{Pooling, ReadOut};
pub use relational::RelationalConvolution;
pub use sage::{Neighbours, Sage};
pub use sequence::{Direction, Gru, Runs, TransformerBlock, self_attention};
pub use time::{TimeEncoding, TimeFunctions};
