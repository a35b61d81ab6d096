//! When people die, and of what.

mod competing;
mod life_table;

pub(crate) use competing::{CauseOfDeath, Death, mortality_product};
pub(crate) use life_table::Mortality;
