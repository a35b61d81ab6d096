//! Groups made alike in age, sex or whatever else, so that what differs is not their make-up.

mod cohort;
mod population;
mod relabelled;
mod strata;

pub(crate) use cohort::Cohort;
#[cfg(test)]
pub(crate) use cohort::Stratum;
pub use population::{GivenPopulation, StandardPopulation, StandardPopulationError, european_2013};
pub use strata::Standardised;
pub(crate) use strata::Strata;
