//! Whether a synthetic table stands for the real one.
//!
//! Every figure is told twice: of the synthetic table against the real one, and of real people held out against the
//! real table, which is what chance alone leaves. A synthetic table much closer than the held-out people is a copy.

mod coded;
mod encoded;
mod error;
mod labels;
mod learner;
mod pairwise;
mod quality;
mod resample;
mod solve;
mod transfer;
mod univariate;

pub use encoded::{Encoded, Encoder};
pub use error::SyntheticError;
pub use labels::Target;
pub use learner::{Learner, RidgeLogistic};
pub use pairwise::{PairFigures, PairRow, pairwise};
pub use quality::{QualityFigures, QualityThresholds, quality};
pub use resample::Resampling;
pub use transfer::{TransferFigures, transfer};
pub use univariate::{ColumnFigures, univariate};
