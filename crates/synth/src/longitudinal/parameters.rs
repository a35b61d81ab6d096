//! How records are fitted, and why they can't be.

use std::error::Error;

use serde::{Deserialize, Serialize};
use twinloom_privacy::{LedgerError, MechanismError, Rho};
use twinloom_table::{SchemaError, TableError};

/// How records are fitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LongitudinalParameters {
    /// Columns of patients that their encounters depend on (default none).
    pub conditions: Vec<String>,
    /// Most encounters of a patient; of more, some are chosen at random (default 20, permitted 1 to 1,000).
    pub most_encounters: usize,
    /// Most events of a patient; likewise (default 100, permitted 1 to 10,000).
    pub most_events: usize,
    /// Codes that the next one is drawn after (default 3, permitted 0 to 8). Privately one at most.
    pub order: usize,
    /// Fewest patients that a context is shared by, without a claim of privacy (default 5, permitted 1 or more).
    pub fewest_patients: usize,
    /// Rows of prior knowledge that a combination is as all are together, and a context as a shorter one (default 5, permitted
    /// 0.1 to 1e6).
    pub prior_rows: f64,
    /// Bins of a column of numbers (default 10, permitted 2 to 1,000).
    pub bins: usize,
    /// Bins of a condition (default 4, permitted 2 to `bins`).
    pub condition_bins: usize,
    /// Most cells of a table (default 2^20, permitted 4 to 2^24).
    pub most_cells: usize,
    /// Budget of a private fit (default: what the claim leaves).
    pub rho: Option<Rho>,
}

impl Default for LongitudinalParameters {
    fn default() -> Self {
        Self {
            conditions: Vec::new(),
            most_encounters: 20,
            most_events: 100,
            order: 3,
            fewest_patients: 5,
            prior_rows: 5.0,
            bins: 10,
            condition_bins: 4,
            most_cells: 1 << 20,
            rho: None,
        }
    }
}

impl LongitudinalParameters {
    pub(super) fn check(&self) -> Result<(), LongitudinalError> {
        for (name, value, least, most) in [
            ("most_encounters", self.most_encounters as f64, 1.0, 1000.0),
            ("most_events", self.most_events as f64, 1.0, 10_000.0),
            ("order", self.order as f64, 0.0, 8.0),
            ("fewest_patients", self.fewest_patients as f64, 1.0, f64::MAX),
            ("prior_rows", self.prior_rows, 0.1, 1e6),
            ("bins", self.bins as f64, 2.0, 1000.0),
            ("condition_bins", self.condition_bins as f64, 2.0, self.bins as f64),
            ("most_cells", self.most_cells as f64, 4.0, f64::from(1 << 24)),
        ] {
            if !(least..=most).contains(&value) {
                return Err(LongitudinalError::Parameter { name, value, least, most });
            }
        }
        Ok(())
    }
}

/// Why records can't be fitted or made.
#[derive(Debug, thiserror::Error)]
pub enum LongitudinalError {
    /// A parameter out of range.
    #[error("{name} {value} is out of range; permitted: {least} to {most}")]
    Parameter {
        /// Which.
        name: &'static str,
        /// What was given.
        value: f64,
        /// Least permitted.
        least: f64,
        /// Most permitted.
        most: f64,
    },
    /// No patient.
    #[error("there is no patient; permitted: 1 or more")]
    NoPatient,
    /// A row whose key or time is missing, or not of the right kind.
    #[error("{table}, row {row}, column {column}: missing or unreadable; permitted: {permitted}")]
    Missing {
        /// Which table.
        table: &'static str,
        /// Which row, from 1.
        row: usize,
        /// Which column.
        column: String,
        /// What may be there.
        permitted: &'static str,
    },
    /// A key that stands twice where it should be one's own.
    #[error("{table}, row {row}: the key stands in an earlier row; permitted: once")]
    KeyTwice {
        /// Which table.
        table: &'static str,
        /// Which row, from 1.
        row: usize,
    },
    /// A row that belongs to none.
    #[error("{table}, row {row}: belongs to no row of {parent}")]
    Orphan {
        /// Which table.
        table: &'static str,
        /// Which row, from 1.
        row: usize,
        /// To which it should belong.
        parent: &'static str,
    },
    /// A table of counts that would be too large.
    #[error("the table of {what} would have {cells} cells; permitted: {most}")]
    Cells {
        /// Of what.
        what: String,
        /// How many.
        cells: usize,
        /// What is permitted.
        most: usize,
    },
    /// Bounds or categories that looking at people's values made, under a claim.
    #[error("column {column} has no declared {what}; under a claim of privacy, declare or pay for them")]
    Undeclared {
        /// Which.
        column: String,
        /// What it lacks.
        what: &'static str,
    },
    /// A condition that tells each patient from every other.
    #[error("column {column} is a key; permitted as conditions: others")]
    Key {
        /// Which.
        column: String,
    },
    /// More is asked for than is left, or nothing is.
    #[error("the claim leaves too little: {left:?} of what is asked for")]
    Budget {
        /// What is left.
        left: Option<Rho>,
    },
    /// Drawn patients lack a column, or it is of another kind.
    #[error("drawn patients have other columns than fitted ones")]
    Parents,
    /// The source of patients can't draw them.
    #[error("patients can't be drawn")]
    Source(#[source] Box<dyn Error + Send + Sync>),
    /// The ledger refuses.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The noise can't be made.
    #[error(transparent)]
    Mechanism(#[from] MechanismError),
    /// A table can't be made.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl From<SchemaError> for LongitudinalError {
    fn from(error: SchemaError) -> Self {
        Self::Table(error.into())
    }
}
