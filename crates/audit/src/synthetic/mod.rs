//! Whether a synthetic table stands for the real one.
//!
//! Every figure is told twice: of the synthetic table against the real one, and of real people held out against the
//! real table, which is what chance alone leaves. A synthetic table much closer than the held-out people is a copy.
//!
//! [`evaluate_synthetic`] asks everything at once; learners are the caller's, two small ones are here.
//!
//! ```
//! use twinloom_audit::synthetic::{QualityThresholds, Resampling, quality};
//! use twinloom_table::{Rows, Table, infer};
//!
//! let rows = Rows::new(&["age", "smoker"], [["71", "no"], ["64", "yes"], ["58", "no"]])?;
//! let real = Table::read(&infer(&rows, &Default::default())?, &rows)?;
//! let figures = quality(&real, &real, &QualityThresholds::default(), &Resampling::default())?;
//! assert_eq!(figures.quality.value, Some(1.0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod absence;
mod adherence;
mod coded;
mod detection;
mod discrepancy;
mod encoded;
mod error;
mod histogram;
mod labels;
mod learner;
mod map;
mod mixture;
mod pairwise;
mod published;
mod quality;
mod report;
mod resample;
mod solve;
mod summary;
mod support;
mod survival;
mod transfer;
mod univariate;
mod vector_machine;

pub use absence::{AbsenceFigures, absence};
pub use adherence::{AdherenceRow, adherence};
pub use detection::{DetectionFigures, detection};
pub use discrepancy::discrepancy;
pub use encoded::{Encoded, Encoder};
pub use error::SyntheticError;
pub use histogram::{ColumnHistogram, histograms};
pub use labels::Target;
pub use learner::{Learner, RidgeLogistic};
pub use map::{Point, SharedMap, map};
pub use pairwise::{PairFigures, PairRow, pairwise};
pub use published::{PublishedFigures, published};
pub use quality::{QualityFigures, QualityThresholds, quality};
pub use report::{
    Beside, GroupRow, RowCounts, SyntheticOptions, SyntheticReport, evaluate_synthetic,
    evaluate_synthetic_telling,
};
pub use resample::Resampling;
pub use summary::Sentence;
pub use support::{SupportFigures, support};
pub use survival::{SurvivalColumns, SurvivalFigures, survival, survival_curve};
pub use transfer::{TransferFigures, transfer};
pub use univariate::{ColumnFigures, univariate};
pub use vector_machine::VectorMachine;
