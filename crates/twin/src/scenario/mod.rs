//! What a scenario changes: need, pathways or supply; never the activity itself.

mod changes;
mod error;
mod supply;
#[cfg(test)]
mod tests;
mod wave;

pub use changes::{NeedChanges, Scenario};
pub use error::ScenarioError;
pub use supply::SupplyChanges;
pub use wave::Wave;
