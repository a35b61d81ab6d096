//! Layers.

mod gat;
mod gcn;
mod gin;
mod hypergraph;
mod linear;
mod normalise;
mod sage;
mod sequence;

pub use gat::{DynamicGraphAttention, GraphAttention, Heads};
pub use gcn::{GraphConvolution, renormalised};
pub use gin::GraphIsomorphism;
pub use hypergraph::{
    DeepSets, Hypergraph, HypergraphConvolution, HypergraphConvolutionPlus, SetTransformer, UniGcnii,
};
pub use linear::Linear;
pub use normalise::{BatchNorm, LayerNorm};
pub use sage::{Neighbours, Sage};
pub use sequence::{Direction, Gru, Runs, TransformerBlock, self_attention};
