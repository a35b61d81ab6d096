//! What of the counts may be told: small ones are withheld, and enough others that no subtraction
//! brings them back.

mod counts;
mod moves;
mod release;
mod rule;
mod steps;
#[cfg(test)]
mod tests;
mod witness;

pub use release::{Release, ReleasedSet, Withheld, release_sets};
pub use rule::{DisclosureRule, DisclosureRuleError};
pub use steps::{ArcRelease, ReleasedArc, WithheldArc, release_arcs};
