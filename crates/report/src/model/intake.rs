//! What an import read, kept and skipped.

use serde::{Deserialize, Serialize};

/// Counts per resource type or table, and the reasons for what was left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intake {
    /// The format read (`FHIR R4`).
    pub format: String,
    /// Files and archive members read.
    pub files: u64,
    /// Bytes read after decompression.
    pub bytes: u64,
    /// Counts per resource type or table, in the order to show.
    pub tables: Vec<IntakeTable>,
    /// Reasons, in the order to show.
    pub problems: Vec<IntakeProblem>,
}

/// Counts for one resource type or table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntakeTable {
    /// `Observation`, `PATIENT.csv`.
    pub name: String,
    /// Items read.
    pub read: u64,
    /// Items of which something was kept.
    pub kept: u64,
    /// Items of which nothing was kept.
    pub skipped: u64,
    /// Events made.
    pub events: u64,
}

/// One reason why something was left out or changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntakeProblem {
    /// The resource type or table.
    pub table: String,
    /// The sort of difficulty in a word or two (`skipped`, `unresolved reference`).
    pub sort: String,
    /// The reason in words, without patient data.
    pub reason: String,
    /// How often.
    pub count: u64,
    /// The first place (`dev.tar.xz/patient_3.json:12`).
    pub first_location: Option<String>,
}
