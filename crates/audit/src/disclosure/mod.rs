//! What a table itself discloses: how few people share what others may know of each.
//!
//! The caller names the quasi-identifiers: columns that someone outside may know of a person. Rows equal in all of them
//! are a [class](Classes); a missing value is a value. Measures of a table as it stands
//! ([`Classes`], [`k_map`], [`delta_presence`]) are counts, and so without interval; how many are unique
//! in the population that the table is a sample of is [estimated](population_uniqueness).
//!
//! # Limits
//! None of these is a bound on what an attacker can learn: a table may be k-anonymous and tell everyone's secret. The
//! columns not named are taken to be known to nobody.

mod attribution;
mod classes;
mod closeness;
mod copula;
mod error;
mod gaussian;
mod marginal;
mod suppression;
mod uniqueness;

pub use attribution::{FieldShare, risk_by_field};
pub use classes::{Classes, delta_presence, k_map};
pub use closeness::Sensitive;
pub use error::DisclosureError;
pub use suppression::suppress_small;
pub use uniqueness::{PopulationUniqueness, correct_match, population_uniqueness, unique_in_population};
