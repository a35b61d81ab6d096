//! Columns of whole numbers from CSV files.

use std::path::{Path, PathBuf};

use crate::SparseError;

/// Rows of text under the given columns.
pub(super) fn rows<const N: usize>(
    file: &Path,
    columns: [&str; N],
) -> Result<Vec<[String; N]>, PublicDataError> {
    let malformed =
        |line: u64, reason: String| PublicDataError::Malformed { file: file.into(), line, reason };
    let mut reader = csv::Reader::from_path(file)
        .map_err(|error| PublicDataError::Unreadable { file: file.into(), reason: error.to_string() })?;
    let header = reader.headers().map_err(|error| malformed(1, error.to_string()))?.clone();
    let mut places = [0; N];
    for (place, column) in places.iter_mut().zip(columns) {
        *place = header
            .iter()
            .position(|known| known == column)
            .ok_or_else(|| malformed(1, format!("no column {column}; permitted: {}", columns.join(", "))))?;
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            malformed(line, error.to_string())
        })?;
        rows.push(places.map(|place| record.get(place).unwrap_or_default().to_owned()));
    }
    Ok(rows)
}

/// A whole number below a limit.
pub(super) fn number(file: &Path, row: usize, text: &str, limit: usize) -> Result<usize, PublicDataError> {
    text.trim().parse().ok().filter(|number| *number < limit).ok_or_else(|| PublicDataError::Malformed {
        file: file.into(),
        line: row as u64 + 2,
        reason: format!("{text}; permitted: a whole number from 0 to {limit}, the last excluded"),
    })
}

/// Why a public data set can't be read.
#[derive(Debug, thiserror::Error)]
pub enum PublicDataError {
    /// The file.
    #[error("{} can't be read: {reason}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// A line of it.
    #[error("{}, line {line}: {reason}", file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: u64,
        /// Why.
        reason: String,
    },
    /// Numbers that are none.
    #[error(transparent)]
    Sparse(#[from] SparseError),
}
