//! What a scenario changes: need, pathways or supply, and effects that it plants; never the activity itself.

mod changes;
mod error;
mod plant;
mod supply;
#[cfg(test)]
mod tests;
mod wave;

pub use changes::{NeedChanges, Scenario};
pub use error::ScenarioError;
pub use plant::{HouseholdSmoking, Plants};
pub use supply::SupplyChanges;
pub use wave::Wave;
