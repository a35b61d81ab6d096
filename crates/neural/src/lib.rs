//! Neural networks on graphs and hypergraphs.
//!
//! Networks compute on burn's processor device with automatic differentiation. Where the framework's
//! operations would make a tensor of the size of the edges, or would run on one thread, there are
//! operations of our own ([`Aggregator`], [`Edges`], [`product`]) with gradients of their own, checked
//! against finite differences. Every sum is taken in one order, so that a seed gives the same weights
//! whatever the number of threads.
//!
//! A network is a set of layers that ask [`Weights`] for their matrices once and compute with a [`Pass`];
//! [`fit`] trains any [`Objective`].

mod adam;
mod checkpoint;
pub mod knowledge;
pub mod layer;
mod operation;
mod pass;
pub mod public;
mod random;
pub mod sampling;
mod schedule;
mod sparse;
mod trainer;
mod weights;
mod workers;

pub use adam::{AdamParameters, Decay};
pub use checkpoint::CheckpointError;
pub use operation::{Aggregator, Edges, cross_entropy, elu, head_dots, leaky_relu, product, relu};
pub use pass::Pass;
pub use random::stream;
pub use schedule::Schedule;
pub use sparse::{SparseError, SparseMatrix};
pub use trainer::{EpochReport, FitError, FitParameters, Fitted, Keep, Keeping, Objective, fit};
pub use weights::{WeightBlock, WeightId, Weights};
pub use workers::{ThreadsError, side_by_side};
