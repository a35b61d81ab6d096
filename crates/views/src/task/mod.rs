//! Tasks: who is to be predicted, from when, what, and until when.
//!
//! ```text
//!   trigger --- delay ---> prediction_time --- gap ---> . . . prediction window . . . end
//!   what is known up to here, inclusive |  may not hold      the outcome is sought here
//!                                       |  the outcome
//! ```
//!
//! # Source
//! The shape follows ACES (Xu et al., automatic cohort extraction for event-stream datasets, ICLR
//! 2025): predicates, a trigger, and windows with constraints.

pub mod aces;
mod configured;
mod definition;
mod instances;
mod labels;
mod named;
mod report;
mod stays;

pub use definition::{
    Comparator, ConditionGroup, FollowUp, IndexDate, Instance, Moment, Occurrence, Outcome, PredictionWindow,
    Rule, Task, TaskError, Trigger,
};
pub use instances::instances;
pub use labels::{ConditionLabels, top_conditions};
pub use report::{Exclusion, TaskReport};
