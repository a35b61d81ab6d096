//! Importers for tables: eICU, MIMIC-III, OMOP CDM 5.4 and described CSV.
//!
//! Tables are found by name in a folder and its subfolders, in zip or tar archives there, or in one
//! file; plain or compressed. Every row is kept or counted with its reason and place.
//!
//! # Limits
//! A record is at most 32 MiB long; a longer one is skipped to the end of its line.

mod bounded;
mod described;
mod eicu;
mod error;
mod mimic3;
mod moment;
mod omop;
mod out;
mod row;
mod source;
mod spec;
#[cfg(test)]
mod tests;

use std::path::Path;

use crate::{ImportReport, Sink};
pub use error::TableError;
use out::Out;
use source::TableSource;

/// Which tables are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableFormat {
    /// eICU Collaborative Research Database 2.0, as CSV.
    Eicu,
    /// MIMIC-III 1.4, as CSV.
    Mimic3,
    /// OMOP Common Data Model 5.4, as CSV.
    Omop,
    /// Any CSV with a TOML description.
    ///
    /// ```toml
    /// source = "renal_registry"       # optional: named on every event
    ///
    /// [[table]]
    /// file = "labs.csv"               # name of the file, with or without folder and extensions
    /// subject = "patient"
    /// time = "taken"                  # absent: the facts are static
    /// time_format = "%d/%m/%Y %H:%M"  # absent: ISO 8601
    /// code = "test"                   # a column, or
    /// # code_value = "LOINC//2160-0"  # one code for all rows
    /// system = "LAB"                  # before the column's text; absent when it has its own
    /// value = "result"
    /// unit = "unit"                   # a column, or unit_value = "mmol/L"
    /// text = "comment"
    /// encounter = "spell"
    /// end = "ended"
    /// recorded = "entered"
    /// kind = "observation"
    /// static = ["sex", "ethnicity"]   # each a fact without time, SEX//..., once per subject and text
    /// attributes = ["ward"]
    /// delimiter = ";"                 # absent: told from the header
    /// ```
    Csv {
        /// The text of the description.
        description: String,
    },
}

impl TableFormat {
    /// The word used on the command line and in reports.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Eicu => "eicu",
            Self::Mimic3 => "mimic3",
            Self::Omop => "omop",
            Self::Csv { .. } => "csv",
        }
    }
}

/// Reads a folder, an archive or a single table into a sink; `progress` gets the bytes read from disk
/// since its last call.
///
/// # Errors
/// [`TableError`] when there is nothing to read, a table or column without which nothing can be placed
/// is absent, the description does not fit, or the sink refuses. All else is in the report.
pub fn import_tables(
    format: &TableFormat,
    path: &Path,
    sink: &mut dyn Sink,
    progress: &mut dyn FnMut(u64),
) -> Result<ImportReport, TableError> {
    let description = match format {
        TableFormat::Csv { description } => Some(described::Description::parse(description)?),
        TableFormat::Eicu | TableFormat::Mimic3 | TableFormat::Omop => None,
    };
    let source = TableSource::open(path)?;
    let mut out = Out::new(format.as_str(), sink, progress);
    match (format, &description) {
        (TableFormat::Eicu, _) => eicu::import(&source, &mut out)?,
        (TableFormat::Mimic3, _) => mimic3::import(&source, &mut out)?,
        (TableFormat::Omop, _) => omop::import(&source, &mut out)?,
        (TableFormat::Csv { .. }, Some(description)) => described::import(&source, &mut out, description)?,
        (TableFormat::Csv { .. }, None) => {}
    }
    Ok(out.report)
}
