//! Whether a model, or a synthetic table, serves groups of people alike; and what can be done where not.
//!
//! [`fairness`] judges decisions at a threshold by group, and [`crossed`] makes groups of several groupings at once.
//! [`reweighing`] mitigates before a model is trained; [`equal_opportunity_thresholds`], [`equalised_odds_thresholds`] and
//! [`demographic_parity_thresholds`] do after. A synthetic table is judged by [`fidelity_by_group`] and
//! [`attack_by_group`].
//!
//! # Limits
//! The measures contradict each other where groups differ in how common the outcome is (Chouldechova 2017;
//! Kleinberg et al. 2017): which one matters is for people to say, not for a program. Groups of fewer than 10 people, or
//! with fewer than 10 with or without the outcome, are held back.

mod groups;
mod measures;
mod reweighing;
mod synthetic;
mod thresholds;

pub use groups::crossed;
pub use measures::{Fairness, GroupFairness, fairness};
pub use reweighing::{ReweighingError, reweighing};
pub use synthetic::{GroupFidelity, GroupMembership, attack_by_group, fidelity_by_group};
pub use thresholds::{
    GroupThreshold, decide, demographic_parity_thresholds, equal_opportunity_thresholds,
    equalised_odds_thresholds,
};
