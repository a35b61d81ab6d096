//! The tables of a folder, an archive or a file, each read when it is wanted.

use std::cell::Cell;
use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use csv::{ByteRecord, StringRecord};

use super::TableError;
use super::bounded::{Bounded, LONGEST_RECORD};
use super::row::{Header, Row};
use crate::input::{Found, Sources};

const ARCHIVES: [&str; 6] = [".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz"];
const BUFFER_BYTES: usize = 64 << 10;

/// One table's file.
#[derive(Debug)]
pub(super) struct TableFile {
    /// The file's name without folder and extensions, in lower case.
    pub(super) table: String,
    /// The file, and the member within an archive.
    pub(super) member: String,
    path: PathBuf,
}

/// The tables found, in path order.
#[derive(Debug)]
pub(super) struct TableSource {
    root: String,
    files: Vec<TableFile>,
    /// Archives that could not be listed, and why.
    pub(super) refused: Vec<(String, String)>,
    read_bytes: AtomicU64,
}

/// What a table's reading gives.
pub(super) enum Item<'a> {
    /// The column names, first and once.
    Header(&'a Header),
    /// A sound row.
    Row(Row<'a>),
    /// A row, or all that follows it, can't be used.
    Bad {
        /// Its line.
        line: u64,
        /// Why.
        reason: &'a str,
    },
}

impl TableSource {
    /// Looks for tables in a folder and its subfolders, in archives there, or in one file.
    pub(super) fn open(path: &Path) -> Result<Self, TableError> {
        let root = path.display().to_string();
        let mut source = Self { root, files: Vec::new(), refused: Vec::new(), read_bytes: AtomicU64::new(0) };
        if path.is_dir() {
            source.search(path)?;
        } else {
            fs::metadata(path)
                .map_err(|error| TableError::Io { file: source.root.clone(), source: error })?;
            if is_archive(&source.root) {
                source.list_archive(path);
            } else {
                source.add(path, source.root.clone());
            }
        }
        if source.files.is_empty() && source.refused.is_empty() {
            return Err(TableError::NoTables { path: source.root });
        }
        Ok(source)
    }

    fn search(&mut self, folder: &Path) -> Result<(), TableError> {
        let io = |source| TableError::Io { file: folder.display().to_string(), source };
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(io)? {
            paths.push(entry.map_err(io)?.path());
        }
        paths.sort();
        for path in paths {
            let name = path.display().to_string();
            let is_link = fs::symlink_metadata(&path).is_ok_and(|facts| facts.is_symlink());
            if path.is_dir() {
                if !is_link {
                    self.search(&path)?;
                }
            } else if is_archive(&name) {
                self.list_archive(&path);
            } else if is_table(&name) {
                self.add(&path, name);
            }
        }
        Ok(())
    }

    fn list_archive(&mut self, path: &Path) {
        let mut members = Vec::new();
        let mut refused = Vec::new();
        let _ = self.sources().visit(&[path.to_owned()], &mut |found| {
            match found {
                Found::Member { name, .. } => members.push(name.to_owned()),
                Found::Refused { name, reason } if !reason.is_empty() => {
                    refused.push((name.to_owned(), reason.to_owned()));
                }
                Found::Refused { .. } => {}
            }
            ControlFlow::Continue(())
        });
        members.sort();
        for member in members {
            if is_table(&member) {
                self.add(path, member);
            }
        }
        self.refused.extend(refused);
    }

    fn add(&mut self, path: &Path, member: String) {
        let base = member.rsplit(['/', '\\']).next().unwrap_or_default();
        let table = base.split('.').next().unwrap_or_default().to_lowercase();
        self.files.push(TableFile { table, member, path: path.to_owned() });
    }

    fn sources(&self) -> Sources<'_> {
        Sources { wanted: is_table, unwanted: "", read_bytes: &self.read_bytes }
    }

    pub(super) fn root(&self) -> &str {
        &self.root
    }

    pub(super) fn files(&self) -> &[TableFile] {
        &self.files
    }

    /// Bytes read from disk since the last call.
    pub(super) fn take_read_bytes(&self) -> u64 {
        self.read_bytes.swap(0, Ordering::Relaxed)
    }

    /// Reads a table from its header to its last row.
    pub(super) fn read(
        &self,
        file: &TableFile,
        delimiter: Option<u8>,
        take: &mut dyn FnMut(Item<'_>) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        let mut outcome = Ok(());
        let mut was_found = false;
        let _ = self.sources().visit(std::slice::from_ref(&file.path), &mut |found| match found {
            Found::Member { name, reader } if name == file.member => {
                was_found = true;
                outcome = read_rows(reader, &file.member, delimiter, take);
                ControlFlow::Break(())
            }
            Found::Refused { name, reason } if name == file.member => {
                was_found = true;
                outcome = take(Item::Bad { line: 0, reason });
                ControlFlow::Break(())
            }
            Found::Member { .. } | Found::Refused { .. } => ControlFlow::Continue(()),
        });
        if !was_found {
            take(Item::Bad { line: 0, reason: "the file is no longer there" })?;
        }
        outcome
    }
}

fn is_archive(name: &str) -> bool {
    let name = name.to_lowercase();
    ARCHIVES.iter().any(|suffix| name.ends_with(suffix))
}

fn is_table(name: &str) -> bool {
    let name = name.to_lowercase();
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    // macOS archives hold a shadow `._NAME` of every file.
    let is_shadow = base.starts_with("._") || name.contains("__macosx/");
    !is_shadow && [".csv", ".csv.gz", ".csv.xz"].iter().any(|suffix| base.ends_with(suffix))
}

/// The delimiter that the first line holds most of.
fn guess_delimiter(start: &[u8]) -> u8 {
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: u8| memchr::memchr_iter(delimiter, line).count();
    // The last of equals wins, so the comma stands last.
    [b'|', b';', b'\t', b','].into_iter().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

fn read_rows(
    reader: &mut dyn Read,
    file: &str,
    delimiter: Option<u8>,
    take: &mut dyn FnMut(Item<'_>) -> Result<(), TableError>,
) -> Result<(), TableError> {
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, reader);
    let delimiter = match (delimiter, reader.fill_buf()) {
        (Some(delimiter), _) => delimiter,
        (None, Ok(start)) => guess_delimiter(start),
        (None, Err(error)) => return take(Item::Bad { line: 0, reason: &damaged(&error) }),
    };
    let since_record = Cell::new(0);
    let mut input = Bounded::new(&mut reader, &since_record);
    let mut header: Option<Header> = None;
    let mut first_line = 0;
    loop {
        // OHDSI's vocabulary files are delimited by tabs and hold bare quotes.
        let mut rows = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .quoting(delimiter != b'\t')
            .buffer_capacity(BUFFER_BYTES)
            .from_reader(&mut input);
        let mut bytes = ByteRecord::new();
        let reason = loop {
            match rows.read_byte_record(&mut bytes) {
                Ok(false) => return Ok(()),
                Ok(true) => {
                    since_record.set(0);
                    let line = first_line + bytes.position().map_or(0, csv::Position::line);
                    bytes = take_record(bytes, &mut header, file, line, take)?;
                }
                Err(error) => break error,
            }
        };
        let line = first_line + rows.position().line();
        drop(rows);
        match reason.into_kind() {
            csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                let reason = format!("record is over {LONGEST_RECORD} bytes; permitted: shorter ones");
                take(Item::Bad { line, reason: &reason })?;
                first_line = line;
                match input.skip_line() {
                    Ok(true) => {}
                    Ok(false) => return Ok(()),
                    Err(error) => return take(Item::Bad { line, reason: &damaged(&error) }),
                }
            }
            csv::ErrorKind::Io(error) => return take(Item::Bad { line, reason: &damaged(&error) }),
            _ => return take(Item::Bad { line, reason: "no further row can be told apart" }),
        }
    }
}

/// Hands one record over, and its memory back.
fn take_record(
    bytes: ByteRecord,
    header: &mut Option<Header>,
    file: &str,
    line: u64,
    take: &mut dyn FnMut(Item<'_>) -> Result<(), TableError>,
) -> Result<ByteRecord, TableError> {
    let fields = match StringRecord::from_byte_record(bytes) {
        Ok(fields) => fields,
        Err(error) => {
            take(Item::Bad { line, reason: "row holds a byte that is not UTF-8" })?;
            return Ok(error.into_byte_record());
        }
    };
    match header {
        None => {
            let names = Header::new(&fields);
            take(Item::Header(&names))?;
            *header = Some(names);
        }
        Some(header) if header.len() == fields.len() => {
            take(Item::Row(Row { header, fields: &fields, file, line }))?;
        }
        Some(header) => {
            let reason = format!("row has {} fields; permitted: {}", fields.len(), header.len());
            take(Item::Bad { line, reason: &reason })?;
        }
    }
    Ok(fields.into_byte_record())
}

fn damaged(error: &io::Error) -> String {
    format!("can't be read further, damaged or truncated: {error}")
}
