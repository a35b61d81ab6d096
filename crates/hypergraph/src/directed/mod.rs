//! The directed B-hypergraph of progression: which set of conditions leads to which next one.
//!
//! # Source
//! hypergraph-mm 1.0.0 and its mortality branch (NHS England and Swansea University); medRxiv
//! 2023.08.31.23294903.
//!
//! # Limits
//! The order of conditions of one day is unknown. A person counts as the mean over all orders that their
//! days allow, each as likely as any other, in closed form; with one tied pair that is hypergraph-mm's
//! splitting in halves, in the aggregate progression.

mod model;
mod progression;
mod structure;
mod transitions;

pub use model::Model;
pub use progression::Progression;
pub use structure::{Arc, Options, Structure};
pub use transitions::{Direction, PageRank, correct_for_terminals};
