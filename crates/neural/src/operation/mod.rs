//! Differentiable operations of our own: where the framework's would make a tensor of the size of the
//! edges, or would run on one thread.

mod aggregate;
#[cfg(test)]
pub(crate) mod check;
mod cross_entropy;
pub(crate) mod custom;
mod dropout;
mod edges;
mod head_dots;
mod kernel;
mod pointwise;
mod product;
mod scores;

pub use aggregate::Aggregator;
pub use cross_entropy::cross_entropy;
pub(crate) use dropout::dropped;
pub use edges::Edges;
pub use head_dots::head_dots;
pub(crate) use kernel::WeightedRows;
pub use pointwise::{elu, leaky_relu, relu};
pub use product::product;
