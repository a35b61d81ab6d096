//! Why a table can't be written or read.

use std::io;

/// Why a table can't be written or read.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The system refused the file.
    #[error("{file} can't be opened")]
    Io {
        /// Which file.
        file: String,
        /// The system's words.
        #[source]
        source: io::Error,
    },
    /// The file is no sound Parquet, or could not be written.
    #[error("{file} can't be read or written as Parquet")]
    Parquet {
        /// Which file.
        file: String,
        /// The library's words.
        #[source]
        source: parquet::errors::ParquetError,
    },
    /// A column is not there.
    #[error("{file} lacks column {column:?}; found: {found}")]
    MissingColumn {
        /// Which file.
        file: String,
        /// The column looked for.
        column: &'static str,
        /// The columns found.
        found: String,
    },
    /// A column is of another type.
    #[error("{file}: column {column:?} is of type {found}; permitted: {permitted}")]
    ColumnType {
        /// Which file.
        file: String,
        /// The column.
        column: &'static str,
        /// Its type.
        found: String,
        /// The type looked for.
        permitted: String,
    },
    /// A row has a value that its column can't hold, or leaves a required one out.
    #[error("row {row} of {file} does not suit column {column:?}; permitted: {permitted}")]
    Cell {
        /// Which file.
        file: String,
        /// Which row, from 1.
        row: u64,
        /// The column.
        column: &'static str,
        /// What it holds.
        permitted: String,
    },
    /// The thread that writes ended before its time.
    #[error("{file} was left unfinished by the thread that wrote it")]
    Unfinished {
        /// Which file.
        file: String,
    },
}
