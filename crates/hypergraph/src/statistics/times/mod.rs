//! How long it takes from some conditions to the next, and what else may come first.

mod aalen_johansen;
mod gaps;
mod next;

pub use aalen_johansen::CurvePoint;
pub use gaps::{ArcTime, StepTime, times_along};
pub use next::{NextAfter, Outcome, next_after};
