//! Why futures can't be lived.

use twinloom_event::Timestamp;

use super::MOST_FUTURES;
use crate::run::TwinError;

/// Why a fork can't be.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ForkError {
    /// The run itself can't be.
    #[error(transparent)]
    Twin(#[from] TwinError),
    /// None, or too many.
    #[error("{futures} futures is out of range; permitted: 1 to {MOST_FUTURES}")]
    Futures {
        /// The value given.
        futures: u32,
    },
    /// No such person in the run.
    #[error("subject {subject} is not in the run; permitted: 1 to {population}")]
    Subject {
        /// The value given.
        subject: u64,
        /// People of the run.
        population: u64,
    },
    /// Outside the run.
    #[error("time {at} is not within the run; permitted: from {start} up to {end}")]
    Time {
        /// The value given.
        at: Timestamp,
        /// The run's start.
        start: Timestamp,
        /// The run's end.
        end: Timestamp,
    },
    /// Not yet born, or dead.
    #[error("subject {subject} is not alive at that time; permitted: someone born before it and not dead")]
    Absent {
        /// The value given.
        subject: u64,
    },
    /// A code that nothing in the run stands for.
    #[error("code {code:?} is no {what} of the run; permitted: a code of a module or of the need table")]
    Code {
        /// The value given.
        code: String,
        /// What it should be.
        what: &'static str,
    },
    /// An attribute that no module reads.
    #[error("attribute {name:?} is not known; permitted: one that a module of the run reads or sets")]
    Attribute {
        /// The value given.
        name: String,
    },
    /// A number that makes no sense.
    #[error("{what} {value} is out of range; permitted: {permitted}")]
    Value {
        /// What it is.
        what: &'static str,
        /// The value given.
        value: f64,
        /// What may be.
        permitted: &'static str,
    },
}
