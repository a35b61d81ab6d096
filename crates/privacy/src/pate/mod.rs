//! Private aggregation of teachers' ensembles: teachers, each trained on its own subjects, vote through noise on what is public.
//!
//! One subject sways one teacher, and so at most one vote. What is learnt from the labels, by a student say, is
//! post-processing and costs no more. The questions must be public; only the teachers know private data.
//!
//! # Source
//! Papernot, Song, Mironov, Raghunathan, Talwar and Erlingsson 2018, *Scalable Private Learning with PATE*: the Gaussian
//! noisy maximum (section 4.1), and the confident one, which answers only where teachers agree (algorithm 1).
//!
//! # Limits
//! That costs depend on the votes, as the paper's figures do, is for looking at alone: such a figure tells of the data. See
//! [`data_dependent_divergence_not_publishable`].
//!
//! ```
//! use twinloom_privacy::pate::{Aggregation, label, partition};
//! use twinloom_privacy::{Adjacency, Claim, Delta, Epsilon, Ledger, NoiseSource, PrivacyUnit};
//!
//! let mut ledger = Ledger::new(Claim {
//!     epsilon: Epsilon::new(2.0)?,
//!     delta: Delta::new(1e-5)?,
//!     adjacency: Adjacency::AddRemove,
//!     unit: PrivacyUnit::Subject,
//! });
//! // 200 teachers, of which each says whether an age is above a limit of its own.
//! let limits: Vec<f64> = (0..200).map(|at| 45.0 + f64::from(at % 11)).collect();
//! let teachers: Vec<_> = limits.iter().map(|limit| move |age: &f64| usize::from(age > limit)).collect();
//! let aggregation = Aggregation::new(20.0)?;
//! let mut noise = NoiseSource::from_entropy()?;
//! let labels = label(&teachers, &[20.0, 50.0, 90.0], 2, &aggregation, 3, &mut ledger, &mut noise)?;
//! assert_eq!((labels[0], labels[2]), (Some(0), Some(1)));
//! assert!(ledger.certify()?.bound().epsilon < 1.0);
//! assert!(partition(&[7, 8, 9], 200, 1)?.iter().all(|&teacher| teacher < 200));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod aggregate;
mod data_dependent;
mod vote;

pub use aggregate::Aggregation;
pub use data_dependent::{chance_of_another_label, data_dependent_divergence_not_publishable};
pub use vote::{label, partition};

use thiserror::Error;

use crate::budget::BudgetError;
use crate::ledger::LedgerError;
use crate::mechanism::MechanismError;

/// Why there are no labels. Nothing was spent or drawn, unless the noise itself could not be.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum PateError {
    /// A parameter out of range.
    #[error("{parameter} {value} is not {range}")]
    Parameter {
        /// Which one.
        parameter: &'static str,
        /// What it was.
        value: f64,
        /// What it may be.
        range: &'static str,
    },
    /// The claim does not allow it.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The noise can't be drawn.
    #[error(transparent)]
    Mechanism(#[from] MechanismError),
    /// A cost out of range.
    #[error(transparent)]
    Budget(#[from] BudgetError),
}

/// `value` if it is at least 1 and at most `most`.
fn number(
    parameter: &'static str,
    value: usize,
    most: usize,
    range: &'static str,
) -> Result<usize, PateError> {
    if (1..=most).contains(&value) {
        Ok(value)
    } else {
        Err(PateError::Parameter { parameter, value: value as f64, range })
    }
}
