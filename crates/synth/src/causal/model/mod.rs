//! A generator along a causal graph.

mod coding;
mod effect;
mod fit;
mod line;
mod pairs;
mod parameters;
mod sample;
mod table;

pub use effect::{Effect, EffectOptions, Outcome, average_effect};
pub use fit::{FittedCausal, fit};
pub use parameters::{CausalError, CausalParameters, Numbers, Structure};
pub use sample::Intervention;
