//! Where a study's data came from and how it was made.

use serde::{Deserialize, Serialize};
use twinloom_event::Timestamp;

/// What sort of patients the data describe; decides the warning on every page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Nobody real: simulated patients.
    Simulated,
    /// A published, de-identified demonstration data set of real care.
    Demonstration,
    /// Any other imported record.
    Imported,
}

/// A study's provenance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Study {
    /// Simulated, demonstration or imported.
    pub origin: Origin,
    /// The data's name and where they were got (`eICU Collaborative Research Database Demo 2.0.1`).
    pub source: String,
    /// Patients.
    pub subjects: u64,
    /// Events in the canonical record.
    pub events: u64,
    /// The earliest timed event other than births.
    pub first_event: Option<Timestamp>,
    /// The latest timed event.
    pub last_event: Option<Timestamp>,
    /// The random seed.
    pub seed: Option<u64>,
    /// Twinloom's version.
    pub version: String,
    /// The command that made the study, as typed.
    pub command: String,
    /// Further facts for the provenance table.
    pub facts: Vec<Fact>,
}

impl Study {
    /// A study of so many subjects and events, made by this version of Twinloom; the other fields are
    /// empty and can be set.
    pub fn new(origin: Origin, source: impl Into<String>, subjects: u64, events: u64) -> Self {
        Self {
            origin,
            source: source.into(),
            subjects,
            events,
            first_event: None,
            last_event: None,
            seed: None,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command: String::new(),
            facts: Vec::new(),
        }
    }
}

/// A named fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Its name (`Licence`).
    pub name: String,
    /// Its value as it shall read.
    pub value: String,
}

impl Fact {
    /// Names a value.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}
