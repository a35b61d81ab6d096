//! Which classes of drugs interact: predicting pairs, and sets of three.
//!
//! [`predict_pairs`] hides a part of the known pairs and asks every [`PairModel`] for them; [`predict_triples`]
//! does so for three classes that interact pairwise. Both give scores on what no fit saw; measures belong to
//! whoever judges. Networks stand beside counts of neighbours, for on a small graph the number of known
//! partners alone tells much.
//!
//! # Limits
//! Only classes with a known interaction have a place in the graph. A pair that isn't listed counts as not
//! interacting, though it may merely not have been reported.

mod folds;
mod graph;
mod hierarchy;
mod link;
mod neighbourhood;
mod pairs;
mod tabular;
#[cfg(test)]
mod tests;
mod triples;

pub use graph::{InteractionError, InteractionGraph};
pub use pairs::{InteractionParameters, PairModel, RunScores, predict_pairs};
pub use triples::{TripleModel, predict_triples};
