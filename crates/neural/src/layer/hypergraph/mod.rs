//! Layers over hypergraphs: nodes tell their hyperedges, hyperedges tell their nodes.

mod allset;
mod convolution;
mod incidence;
mod unigcnii;

pub use allset::{DeepSets, SetTransformer};
pub use convolution::{HypergraphConvolution, HypergraphConvolutionPlus};
pub use incidence::Hypergraph;
pub use unigcnii::UniGcnii;
