//! A generator along a causal graph.

mod coding;
mod effect;
mod fit;
mod line;
mod pairs;
mod parameters;
mod sample;
mod table;

pub(crate) use coding::{Coding, fitting};
pub use effect::{EffectOptions, Figure, Outcome, average_effect};
pub(crate) use effect::{below, quantile};
pub use fit::{FittedCausal, fit};
pub use parameters::{CausalError, CausalParameters, Numbers, Structure};
pub use sample::Intervention;
pub(crate) use table::ShareTable;
