//! Differentiable operations of our own: where the framework's would make a tensor of the size of the
//! edges, or would run on one thread.

mod aggregate;
#[cfg(test)]
pub(crate) mod check;
mod cross_entropy;
mod custom;
mod dropout;
mod edges;
mod product;
mod scores;

pub use aggregate::Aggregator;
pub use cross_entropy::cross_entropy;
pub(crate) use dropout::dropped;
pub use edges::Edges;
pub use product::product;
