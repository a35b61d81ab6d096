//! What a measurement would truly show, and how well it is measured.
//!
//! A person has standing traits (standard normal scores); a vital sign is a curve by age and sex moved
//! by the trait, by deprivation and by the effects of conditions (the need table) and medicines
//! (pathways).
//!
//! # Units
//! Those of [`VitalSign::unit`].

mod blood;
mod body;
mod curve;
mod sign;
mod traits;

pub(crate) use body::{Body, Effect};
pub use sign::VitalSign;
pub(crate) use traits::Traits;
