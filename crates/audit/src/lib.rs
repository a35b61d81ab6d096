//! Utility, calibration and discrimination of predictions, with intervals; never sees a model's inside.
//!
//! [`evaluate`] judges one model's [`Predictions`], [`compare`] sets two beside each other and
//! [`compare_all`] many beside one, [`subgroups`] judges in groups of people; [`stands_at_chance`] is for
//! models trained on permuted labels, [`search_leakage`] looks for what should not tell the outcome. A
//! figure that the data don't define (one class only) is absent with its reason, never NaN.
//! [`synthetic`] asks whether a synthetic table stands for the real one, [`appropriate`] what it may be used for.
//!
//! ```
//! use twinloom_audit::{Options, Predictions, evaluate};
//! use twinloom_event::SubjectId;
//!
//! let subjects = (0..4).map(SubjectId::new).collect();
//! let predictions = Predictions::new(subjects, vec![false, true, false, true], vec![0.1, 0.8, 0.4, 0.3])?;
//! assert_eq!(evaluate(&predictions, &Options::default()).auroc.value, Some(0.75));
//! # Ok::<(), twinloom_audit::PredictionsError>(())
//! ```

pub mod appropriate;
pub mod attack;
mod binomial;
mod bootstrap;
mod calibration;
mod compare;
mod decision;
mod delong;
pub mod disclosure;
mod estimate;
mod evaluate;
pub mod fairness;
mod leakage;
mod multiplicity;
mod normal;
mod permuted;
mod precision_at;
mod predictions;
mod ranking;
mod recalibration;
mod recommendation;
mod repeated;
mod several;
mod smoothed;
mod subgroups;
pub mod synthetic;

pub use calibration::CalibrationBin;
pub use compare::{Comparison, compare};
pub use decision::DecisionPoint;
pub use estimate::{Estimate, Undefined};
pub use evaluate::{Evaluation, Options, evaluate};
pub use leakage::{LeakageError, LeakageReport, LeakageWarning, search_leakage};
pub use multiplicity::{AdjustedComparison, Adjustment, compare_all};
pub use permuted::{Chance, stands_at_chance};
pub use precision_at::PrecisionAt;
pub use predictions::{Predictions, PredictionsError};
pub use recommendation::{RecommendationFigures, Recommended, recommendation};
pub use repeated::{RepeatedRanking, Scores, repeated_mean, repeated_ranking};
pub use several::{ListFigures, Several, several};
pub use subgroups::{Grouping, SubgroupFigures, SubgroupRow, subgroups};
