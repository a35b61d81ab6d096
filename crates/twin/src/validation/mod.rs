//! How close a run comes to published figures: targets, the realism table, and laws of plausibility.

mod catalogue;
mod laws;
mod letters;
mod measured;
mod observer;
mod quantity;
mod standard;
mod standardised;
mod table;
mod target;
#[cfg(test)]
mod tests;

pub use catalogue::{Catalogue, CatalogueError};
pub use letters::filed_before_arrival;
pub use measured::Measured;
pub use observer::{Observer, Recorded};
pub use quantity::{AdmissionMethod, Law, Quantity, Record};
pub use table::{PyramidBand, RealismRow, RealismTable, Verdict};
pub use target::{Band, Standing, Target, Targets, TargetsError};
