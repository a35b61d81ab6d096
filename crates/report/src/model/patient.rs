//! One patient's record over time.

use serde::{Deserialize, Serialize};
use twinloom_event::Timestamp;

/// One patient's record, and the truth behind it where that is known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PatientTimeline {
    /// How the patient is called in the report (`Patient 17`); never a direct identifier.
    pub patient: String,
    /// A line about the patient (`woman, born 1951, deprivation decile 3`); may be empty.
    pub description: String,
    /// The first moment drawn; the first thing in the lanes when absent.
    pub from: Option<Timestamp>,
    /// The last moment drawn; the last thing in the lanes when absent.
    pub until: Option<Timestamp>,
    /// The moment of death.
    pub death: Option<Timestamp>,
    /// Encounters, conditions, medications, procedures, from top to bottom.
    pub lanes: Vec<Lane>,
    /// Measurements over time, one drawn line each.
    pub readings: Vec<ReadingSeries>,
}

/// The sort of things in a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LaneKind {
    /// Contacts and stays, a row per class.
    Encounters,
    /// Diagnoses.
    Conditions,
    /// Drugs.
    Medications,
    /// Things done.
    Procedures,
    /// Anything else.
    Other,
}

/// Rows of the same sort.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// The sort, which decides the colour.
    pub kind: LaneKind,
    /// The rows; those that cover most time are drawn when there are too many.
    pub rows: Vec<LaneRow>,
}

/// One condition, one drug, one class of encounter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneRow {
    /// Its name in words.
    pub name: String,
    /// When, according to the record.
    pub recorded: Vec<Period>,
    /// When in truth, where known; drawn above the record.
    pub truth: Vec<Period>,
}

/// A stretch of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// Its start.
    pub start: Timestamp,
    /// Its end: equal to the start for a moment, absent when ongoing.
    pub end: Option<Timestamp>,
    /// What to say about it beyond its row's name.
    pub note: Option<String>,
}

impl Period {
    /// Something that lasted.
    pub const fn between(start: Timestamp, end: Timestamp) -> Self {
        Self { start, end: Some(end), note: None }
    }

    /// Something that lasts.
    pub const fn since(start: Timestamp) -> Self {
        Self { start, end: None, note: None }
    }

    /// Something that happened at one moment.
    pub const fn at(moment: Timestamp) -> Self {
        Self { start: moment, end: Some(moment), note: None }
    }

    /// Says more about it.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }
}

/// Measurements of one code in one unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReadingSeries {
    /// What was measured, in words.
    pub name: String,
    /// The unit as it shall read (`mmol/mol`); empty for a pure number.
    pub unit: String,
    /// The values, in any order.
    pub readings: Vec<Reading>,
    /// The reference or target range, drawn as a band.
    pub range: Option<(f64, f64)>,
}

/// One measurement.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// When.
    pub time: Timestamp,
    /// How much, in the series' unit.
    pub value: f64,
}
