//! Rows from and to comma-separated files.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::sync::Arc;

use twinloom_table::{Rows, RowsError, Table};

use crate::input::layers::{decompress, sniff};

/// Reads a file of comma-separated values with a heading, plain or compressed; lines that start with `#` are left out.
///
/// # Errors
/// [`RowsFileError`] with the line where the file can't be read or a line has another number of cells.
pub fn read_rows(path: &Path) -> Result<Rows, RowsFileError> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|source| RowsFileError::Io { file: name.clone(), source })?;
    let mut reader = BufReader::new(file);
    let kind = sniff(&mut reader).map_err(|source| RowsFileError::Io { file: name.clone(), source })?;
    read_rows_from(decompress(kind, &mut reader), &name)
}

/// Reads comma-separated values with a heading; `name` is for messages.
///
/// # Errors
/// As [`read_rows`].
pub fn read_rows_from(reader: impl Read, name: &str) -> Result<Rows, RowsFileError> {
    let malformed = |source: csv::Error| RowsFileError::Csv { file: name.to_owned(), source };
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(reader);
    let headings = reader.headers().map_err(malformed)?.clone();
    let mut names: Vec<&str> = headings.iter().map(str::trim).collect();
    if let Some(first) = names.first_mut() {
        *first = first.trim_start_matches('\u{feff}');
    }
    let rows = |source| RowsFileError::Rows { file: name.to_owned(), source };
    let mut found = Rows::empty(&names).map_err(rows)?;
    // A column's few words stand in memory once each.
    let mut known: Vec<rustc_hash::FxHashSet<Arc<str>>> = vec![rustc_hash::FxHashSet::default(); names.len()];
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(malformed)? {
        let row: Vec<Arc<str>> = record
            .iter()
            .zip(&mut known)
            .map(|(cell, known)| {
                let cell = cell.trim();
                known.get(cell).cloned().unwrap_or_else(|| {
                    let cell: Arc<str> = cell.into();
                    if known.len() < MOST_KNOWN {
                        known.insert(Arc::clone(&cell));
                    }
                    cell
                })
            })
            .collect();
        found.push(&row).map_err(rows)?;
    }
    Ok(found)
}

/// Words of a column that are kept to be shared.
const MOST_KNOWN: usize = 10_000;

/// Writes a table as comma-separated values under lines of remark, each after `# `.
///
/// # Errors
/// [`RowsFileError`] where the file can't be written.
pub fn write_table(path: &Path, table: &Table, remarks: &[&str]) -> Result<(), RowsFileError> {
    let name = path.display().to_string();
    let io = |source| RowsFileError::Io { file: name.clone(), source };
    let mut output = BufWriter::new(File::create(path).map_err(io)?);
    for line in remarks.iter().flat_map(|remark| remark.lines()) {
        writeln!(output, "# {line}").map_err(io)?;
    }
    let malformed = |source| RowsFileError::Csv { file: name.clone(), source };
    let mut writer = csv::Writer::from_writer(output);
    let rows = table.to_rows();
    let columns: Vec<&[Arc<str>]> = rows.names().iter().filter_map(|name| rows.column(name)).collect();
    writer.write_record(rows.names().iter().map(|name| name.as_bytes())).map_err(malformed)?;
    for row in 0..rows.len() {
        writer.write_record(columns.iter().map(|column| column[row].as_bytes())).map_err(malformed)?;
    }
    writer.flush().map_err(io)
}

/// Why rows can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum RowsFileError {
    /// The file can't be read or written.
    #[error("{file}")]
    Io {
        /// Which file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// A line is malformed; the reason says which.
    #[error("{file}")]
    Csv {
        /// Which file.
        file: String,
        /// Where and why.
        source: csv::Error,
    },
    /// The heading names no columns.
    #[error("{file}")]
    Rows {
        /// Which file.
        file: String,
        /// Why.
        source: RowsError,
    },
}

#[cfg(test)]
mod tests {
    use twinloom_table::infer;

    use super::*;

    #[test]
    fn law_a_table_comes_back_as_written() {
        let text = "a,b\n1,\"x, y\"\n,\"say \"\"no\"\"\"\n3,\n";
        let rows = read_rows_from(text.as_bytes(), "test").unwrap();
        let schema = infer(&rows, &twinloom_table::InferParameters { few: 0, ..Default::default() }).unwrap();
        let table = Table::read(&schema, &rows).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("table.csv");
        write_table(&file, &table, &["two\nremarks", "and one"]).unwrap();
        assert_eq!(read_rows(&file).unwrap(), rows);
        assert!(std::fs::read_to_string(&file).unwrap().starts_with("# two\n# remarks\n# and one\na,b\n"));
    }

    #[test]
    fn regress_malformed_files_are_refused_with_their_line() {
        let refused = |text: &[u8]| {
            let error = read_rows_from(text, "test").unwrap_err();
            format!("{error}: {}", std::error::Error::source(&error).unwrap())
        };
        assert!(refused(b"a,b\n1,2\n3\n").contains("line: 3"), "{}", refused(b"a,b\n1,2\n3\n"));
        assert!(refused(b"a,a\n").contains("twice"));
        assert!(refused(b"a\n\xff\n").contains("UTF-8") || refused(b"a\n\xff\n").contains("utf-8"));
    }
}
