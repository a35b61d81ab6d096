//! How numbers would vary if other people like these had been seen.

mod bootstrap;
mod interval;
mod ranks;

pub use bootstrap::Resampling;
pub(crate) use bootstrap::{Measure, Resampled, resample};
pub use interval::Estimate;
pub use ranks::RankStability;
pub(crate) use ranks::ranked;
