//! One row of a table, its fields by column name.

use csv::StringRecord;
use twinloom_event::{RecordId, TimePrecision, Timestamp};

use super::moment::parse_time;
use crate::Location;

/// The column names of a table, in lower case.
#[derive(Debug)]
pub(super) struct Header {
    names: Vec<String>,
}

impl Header {
    pub(super) fn new(record: &StringRecord) -> Self {
        let names = record
            .iter()
            .map(|name| name.trim_start_matches('\u{feff}').trim().trim_matches('"').to_lowercase())
            .collect();
        Self { names }
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn position(&self, column: &str) -> Option<usize> {
        self.names.iter().position(|name| name == column)
    }

    pub(super) fn joined(&self) -> String {
        self.names.join(", ")
    }
}

/// A row and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) header: &'a Header,
    pub(super) fields: &'a StringRecord,
    pub(super) file: &'a str,
    pub(super) line: u64,
}

impl<'a> Row<'a> {
    /// The column's text without space around it; `None` when empty or when there is no such column.
    pub(super) fn get(&self, column: &str) -> Option<&'a str> {
        let text = self.fields.get(self.header.position(column)?)?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// The column as a finite number; `None` when it is none.
    pub(super) fn number(&self, column: &str) -> Option<f64> {
        number(self.get(column)?)
    }

    /// The column as a whole number, also when written `12.0`.
    pub(super) fn integer(&self, column: &str) -> Option<i64> {
        let text = self.get(column)?;
        text.parse().ok().or_else(|| {
            let value: f64 = text.parse().ok()?;
            (value.fract() == 0.0 && value.abs() < 9e15).then_some(value as i64)
        })
    }

    /// The column as a time; `None` when empty, an error when it is none.
    pub(super) fn time(&self, column: &str) -> Result<Option<(Timestamp, TimePrecision)>, NoTime> {
        self.get(column).map(|text| parse_time(text).ok_or(NoTime)).transpose()
    }

    /// `table/key`, the key being the first column's text.
    pub(super) fn record_id(&self, table: &str) -> Option<RecordId> {
        let key = self.fields.get(0)?.trim();
        RecordId::new(format!("{table}/{key}")).ok()
    }

    pub(super) fn location(&self) -> Location {
        Location { file: self.file.to_owned(), position: self.line }
    }
}

/// A text that is no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoTime;

/// A finite number, as tables write it.
pub(super) fn number(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}
