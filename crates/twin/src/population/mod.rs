//! Who lives where and with whom, where they are registered, and when that changes.
//!
//! [`Settlement`] settles a run: which area each locality stands for and how its shares are weighted.
//! [`Settlement::locality`] then yields the [`Locality`]: residents in subject order, their households
//! and practices, with births, moves and registrations over the whole run. Nothing here depends on
//! health; deaths happen later and cut short what is planned.

mod area;
mod assembly;
mod births;
mod england;
mod family;
mod identify;
mod living;
mod locality;
mod moves;
mod order;
mod registration;
mod settlement;
mod shares;
#[cfg(test)]
mod tests;

pub(crate) use england::{AGE_BANDS, Draw, Population, number, rows};
pub(crate) use locality::{Locality, Resident};
pub(crate) use settlement::Settlement;
