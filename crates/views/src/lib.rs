//! Cohorts and tasks: leak-free windows, feature tables, code sequences.
//!
//! The only crate that may look across time to make features. What a model may use of a subject is a
//! [`Visible`], the record as it could be read at a prediction time; [`FeatureTable`]s and
//! [`Sequences`] are made from views alone. Labels come from [`instances`] of a [`Task`], which counts
//! every exclusion. [`SplitPlan`] divides subjects, not rows.

mod code_set;
mod data_end;
mod features;
mod interval;
mod predicate;
mod sequences;
mod split;
pub mod summary;
pub mod task;
mod tokens;
mod visible;

pub use code_set::CodeSet;
pub use data_end::data_end;
pub use features::{Feature, FeatureMap, FeatureOptions, FeatureRole, FeatureTable, Scaling};
pub use interval::wilson_interval;
pub use predicate::Predicate;
pub use sequences::{SequenceMap, SequenceOptions, Sequences};
pub use split::{SplitError, SplitPlan};
pub use task::{Instance, Task, TaskError, TaskReport, instances};
pub use visible::{Visible, VisibleEvent};
