//! What the numbers of a hypergraph are worth: intervals, chance, times, standards, differences,
//! and what of them may be told.

mod chance;
mod columns;
mod discovery;
mod probability;
pub(crate) mod random;
mod step;
mod times;

pub use chance::{ArcByChance, Mixing, SetByChance, SetsByChance, Trades, order_by_chance, sets_by_chance};
pub use times::{ArcTime, CurvePoint, NextAfter, Outcome, next_after, times_along};
