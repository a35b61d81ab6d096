//! Cohorts and tasks: leak-free windows, feature tables, code sequences.
//!
//! The only crate that may look across time to make features. What a model may use of a subject is a
//! [`Visible`], the record as it could be read at a prediction time; [`FeatureTable`]s and
//! [`Sequences`] are made from views alone. Labels come from [`instances`] of a [`Task`], which counts
//! every exclusion. [`SplitPlan`] divides subjects, not rows.
//!
//! ```
//! use twinloom_event::{Code, Cohort, Event, SubjectId, Timestamp};
//! use twinloom_views::{FeatureMap, FeatureOptions, Task, instances};
//!
//! let event = |hour: u32, code: &str| {
//!     let time = Timestamp::from_ymd_hms(2015, 3, 1 + hour / 24, hour % 24, 0, 0)?;
//!     Ok::<_, Box<dyn std::error::Error>>(Event::new(SubjectId::new(1), Some(time), Code::parse(code)?))
//! };
//! let cohort = Cohort::from_events(vec![
//!     event(8, "EICU//UNIT_ADMISSION")?,
//!     event(20, "LAB//potassium")?,
//!     event(80, "EICU//HOSPITAL_DISCHARGE//EXPIRED")?,
//! ])?;
//! let task = Task::named("in-hospital-mortality")?;
//! let (instances, report) = instances(&task, &cohort);
//! assert_eq!((report.instances, report.positives), (1, 1));
//!
//! let views = task.views(&cohort, &instances)?;
//! let map = FeatureMap::fit(&views, FeatureOptions { minimum_support: 1, ..FeatureOptions::for_task(&task) });
//! assert!(map.features().iter().any(|feature| &*feature.name == "count ever LAB//potassium"));
//! assert!(!map.features().iter().any(|feature| feature.name.contains("EXPIRED")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod code_set;
mod data_end;
mod features;
mod indicators;
mod interval;
mod person_table;
mod predicate;
mod sequences;
mod split;
mod study_split;
mod subgroup;
pub mod summary;
pub mod task;
mod tokens;
mod visible;

pub use code_set::CodeSet;
pub use data_end::data_end;
pub use features::{Feature, FeatureMap, FeatureOptions, FeatureRole, FeatureTable, Scaling};
pub use indicators::Indicators;
pub use interval::wilson_interval;
pub use person_table::{PersonTableOptions, person_table};
pub use predicate::Predicate;
pub use sequences::{SequenceMap, SequenceOptions, Sequences};
pub use split::{SplitError, SplitPlan};
pub use study_split::{TemporalSplit, TemporalSplitError, sites};
pub use subgroup::Subgroup;
pub use task::{Instance, Task, TaskError, TaskReport, instances};
pub use visible::{Visible, VisibleEvent};
