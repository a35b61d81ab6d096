//! Files, folders and zips, also zips within zips, member by member.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek};
use std::path::Path;

use super::collector::{Collector, Member};
use super::{TerminologyError, dmd, icd, rf2, table};
use crate::input::{Kind, decompress, sniff};

/// Zips within zips.
const MAX_ZIPS: usize = 3;
/// A member that must be held whole, a zip within a zip too.
pub(super) const MAX_HELD_BYTES: u64 = 512 << 20;
/// A line of text.
const MAX_LINE_BYTES: u64 = 1 << 20;
/// The table under which files are counted that can't be used.
const FILES: &str = "files";

pub(super) fn visit(path: &Path, collector: &mut Collector) -> Result<(), TerminologyError> {
    let about = |source| TerminologyError::open(path, source);
    if path.is_dir() {
        let mut entries: Vec<_> = std::fs::read_dir(path)
            .and_then(Iterator::collect::<io::Result<Vec<_>>>)
            .map_err(about)?
            .into_iter()
            .map(|entry| entry.path())
            .collect();
        entries.sort();
        // Links may form circles.
        entries.retain(|entry| !entry.is_symlink());
        return entries.iter().try_for_each(|entry| visit(entry, collector));
    }
    let file = File::open(path).map_err(about)?;
    let name = path.display().to_string();
    let mut reader = BufReader::with_capacity(1 << 17, file);
    match sniff(&mut reader).map_err(about)? {
        Kind::Zip => {
            reader.rewind().map_err(about)?;
            visit_zip(&name, reader, 1, collector);
        }
        kind => visit_stream(&name, kind, &mut reader, collector),
    }
    Ok(())
}

fn visit_zip(name: &str, reader: impl Read + Seek, depth: usize, collector: &mut Collector) {
    let mut archive = match zip::ZipArchive::new(reader) {
        Ok(archive) => archive,
        Err(error) => return refuse(name, &format!("the zip can't be read: {error}"), collector),
    };
    for index in 0..archive.len() {
        let member = match archive.by_index(index) {
            Ok(member) => member,
            Err(error) => {
                refuse(name, &format!("a member of the zip can't be read: {error}"), collector);
                continue;
            }
        };
        if !member.is_file() {
            continue;
        }
        let inner = format!("{name}/{}", member.name());
        let mut reader = BufReader::with_capacity(1 << 17, member);
        match sniff(&mut reader) {
            Ok(Kind::Zip) if depth < MAX_ZIPS => match held(&mut reader) {
                Ok(bytes) => visit_zip(&inner, Cursor::new(bytes), depth + 1, collector),
                Err(reason) => refuse(&inner, &reason, collector),
            },
            Ok(Kind::Zip) => refuse(&inner, "zips lie too deep; permitted: 3 of them", collector),
            Ok(kind) => visit_stream(&inner, kind, &mut reader, collector),
            Err(error) => refuse(&inner, &format!("can't be read: {error}"), collector),
        }
    }
}

fn visit_stream(name: &str, kind: Kind, reader: &mut dyn BufRead, collector: &mut Collector) {
    collector.report.files += 1;
    match kind {
        Kind::Gzip | Kind::Xz => {
            let plain = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".xz")).unwrap_or(name);
            let mut inner = BufReader::with_capacity(1 << 17, decompress(kind, reader));
            read_member(plain, &mut inner, collector);
        }
        _ => read_member(name, reader, collector),
    }
}

/// Tells a member's kind by its name and its first bytes, and reads it.
fn read_member(path: &str, reader: &mut dyn BufRead, collector: &mut Collector) {
    let member = Member::new(path);
    let suffix = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    match suffix.as_str() {
        "xml" => dmd::read(&member, reader, collector),
        "json" => icd::read(&member, reader, collector),
        "txt" | "csv" | "tsv" => {
            let mut lines = Lines::new(reader);
            match lines.next() {
                Ok(Some(header)) => {
                    let header = header.trim_start_matches('\u{feff}').to_owned();
                    if let Some(kind) = rf2::kind(&header) {
                        rf2::read(&member, kind, &mut lines, collector);
                    } else if let Some(kind) = table::kind(&header) {
                        table::read(&member, kind, &header, &mut lines, collector);
                    } else {
                        refuse(path, "its first line names no columns of a known terminology", collector);
                    }
                }
                Ok(None) => refuse(path, "the file is empty", collector),
                Err(reason) => refuse(path, &reason, collector),
            }
        }
        _ => refuse(path, "not a terminology by its name; permitted: .txt, .csv, .xml, .json", collector),
    }
}

pub(super) fn refuse(path: &str, reason: &str, collector: &mut Collector) {
    let member = Member::new(path);
    collector.report.skip(FILES, reason, || member.at(0));
}

/// All bytes of a member.
pub(super) fn held(reader: &mut dyn Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = reader.take(MAX_HELD_BYTES + 1).read_to_end(&mut bytes);
    match read {
        Ok(length) if length as u64 > MAX_HELD_BYTES => {
            Err(format!("longer than {MAX_HELD_BYTES} bytes; permitted: up to that"))
        }
        Ok(_) => Ok(bytes),
        Err(error) => Err(format!("can't be read: {error}")),
    }
}

/// Lines of text with their numbers.
pub(super) struct Lines<'r> {
    reader: &'r mut dyn BufRead,
    line: Vec<u8>,
    /// Number of the line last given, from 1.
    pub(super) number: u64,
}

impl<'r> Lines<'r> {
    pub(super) fn new(reader: &'r mut dyn BufRead) -> Self {
        Self { reader, line: Vec::new(), number: 0 }
    }

    /// The next line without its end; an error ends the file.
    pub(super) fn next(&mut self) -> Result<Option<&str>, String> {
        self.line.clear();
        let read = Read::take(&mut *self.reader, MAX_LINE_BYTES).read_until(b'\n', &mut self.line);
        self.number += 1;
        match read {
            Err(error) => Err(format!("can't be read: {error}")),
            Ok(0) => Ok(None),
            Ok(length) if length as u64 == MAX_LINE_BYTES && self.line.last() != Some(&b'\n') => {
                Err(format!("a line is longer than {MAX_LINE_BYTES} bytes; permitted: up to that"))
            }
            Ok(_) => match std::str::from_utf8(&self.line) {
                Ok(text) => Ok(Some(text.trim_end_matches(['\n', '\r']))),
                Err(_) => Err("a line is not UTF-8".to_owned()),
            },
        }
    }
}
