//! Why tables can't be imported.

use crate::SinkError;

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
    /// There is no table to read.
    #[error("{path} holds no table; permitted: CSV files, plain or compressed, or an archive of them")]
    NoTables {
        /// The path searched.
        path: String,
    },
    /// A table without which nothing can be placed is absent.
    #[error("table {table} is absent from {path}; permitted: a file {table}.csv, plain or compressed")]
    MissingTable {
        /// The table wanted.
        table: String,
        /// The path searched.
        path: String,
    },
    /// A column without which nothing can be placed is absent.
    #[error("{file}:1: no column {column}; permitted: a column {column}; found: {found}")]
    MissingColumn {
        /// Which file.
        file: String,
        /// The column wanted.
        column: String,
        /// The columns present.
        found: String,
    },
    /// The description of a CSV is no sound TOML or does not fit.
    #[error("the description of the tables can't be used: {reason}")]
    Description {
        /// What is wrong with it.
        reason: String,
    },
    /// The receiver of the events refused.
    #[error(transparent)]
    Sink(#[from] SinkError),
}
