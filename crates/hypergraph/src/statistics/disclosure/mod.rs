//! What of the counts may be told: small ones are withheld, and enough others that no subtraction
//! brings them back.

mod counts;
mod release;
mod rule;
mod steps;
#[cfg(test)]
mod tests;
mod witness;

pub use release::{Reason, Release, ReleasedSet, Withheld, release_sets};
pub use rule::{DisclosureRule, DisclosureRuleError};
pub use steps::{ArcRelease, ReleasedArc, WithheldArc, release_arcs};
