//! Tables in which what a person is does not decide what becomes of them.
//!
//! A [`FairRule`] names a protected column, an outcome and a [`Criterion`]; the arrows that stand against it are severed when
//! rows are drawn ([`FittedCausal::sample_fair`](super::FittedCausal::sample_fair)), or rows are drawn by weights
//! ([`FittedCausal::sample_reweighed`](super::FittedCausal::sample_reweighed)). [`fair_cost`] says what either gains and
//! costs.

mod cost;
mod criterion;
mod reweighed;

pub use cost::{Beside, CostOptions, FairCost, fair_cost};
pub use criterion::{Criterion, FairError, FairRule};
