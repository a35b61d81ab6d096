//! Opening of sources: files, folders, compressed files and archives, member by member, streamed.
//!
//! What a file is, its first bytes say, not its name: gzip, xz, zip and tar are recognised, also one
//! inside the other (`dev.tar.xz`, a `.json.gz` in a folder or in a tar). Names only choose which members of a
//! folder or archive are wanted. Members come in name order from a folder and in stored order from
//! an archive, so the same input always reads in the same order.
//!
//! # Limits
//! A zip needs to be seekable: a zip inside another archive is refused with a reason. Symbolic
//! links inside an archive are not followed.

mod folder;
pub(crate) mod layers;

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) use layers::{Kind, decompress, sniff};

/// Compression within compression, so that a file made to unpack for ever comes to an end.
const MAX_LAYERS: usize = 4;

/// What reading of sources meets.
pub(crate) enum Found<'a> {
    /// A member to read.
    Member {
        /// File name, and path within the archive.
        name: &'a str,
        /// Its bytes, decompressed.
        reader: &'a mut dyn Read,
    },
    /// Something that is not wanted by name, or can't be read (further).
    Refused {
        /// File name, and path within the archive.
        name: &'a str,
        /// Why, without data.
        reason: &'a str,
    },
}

/// Receives what is found; breaking ends the reading.
pub(crate) type Visitor<'a> = dyn FnMut(Found<'_>) -> ControlFlow<()> + 'a;

/// Reads sources one after the other.
pub(crate) struct Sources<'a> {
    /// Whether a member of a folder or archive is wanted, by its name without `.gz` or `.xz`.
    pub(crate) wanted: fn(&str) -> bool,
    /// What is said of members not wanted.
    pub(crate) unwanted: &'static str,
    /// Bytes read from disk, for progress.
    pub(crate) read_bytes: &'a AtomicU64,
}

impl Sources<'_> {
    /// Visits every member of every path: files as they are, folders recursively in name order.
    pub(crate) fn visit(&self, paths: &[PathBuf], visitor: &mut Visitor<'_>) -> ControlFlow<()> {
        for path in paths {
            if path.is_dir() {
                self.visit_folder(path, visitor)?;
            } else {
                self.visit_file(path, visitor)?;
            }
        }
        ControlFlow::Continue(())
    }

    fn visit_folder(&self, path: &Path, visitor: &mut Visitor<'_>) -> ControlFlow<()> {
        let mut empty = true;
        for entry in folder::Files::new(path) {
            let name = entry.path.display().to_string();
            match entry.problem {
                Some(reason) => visitor(Found::Refused { name: &name, reason: &reason })?,
                None if layers::is_archive_name(&name) || self.is_wanted(&name) => {
                    empty = false;
                    self.visit_file(&entry.path, visitor)?;
                }
                None => visitor(Found::Refused { name: &name, reason: self.unwanted })?,
            }
        }
        if empty {
            let name = path.display().to_string();
            visitor(Found::Refused { name: &name, reason: "the folder holds nothing to read" })?;
        }
        ControlFlow::Continue(())
    }

    fn visit_file(&self, path: &Path, visitor: &mut Visitor<'_>) -> ControlFlow<()> {
        let name = path.display().to_string();
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) => return visitor(Found::Refused { name: &name, reason: &unreadable(&error) }),
        };
        let mut file = BufReader::with_capacity(1 << 16, Counted { inner: file, bytes: self.read_bytes });
        match sniff(&mut file) {
            Ok(Kind::Zip) => {
                drop(file);
                self.visit_zip(path, &name, visitor)
            }
            Ok(_) => self.visit_stream(&name, MAX_LAYERS, &mut file, visitor),
            Err(error) => visitor(Found::Refused { name: &name, reason: &unreadable(&error) }),
        }
    }

    /// Peels up to `layers` of compression; a tar is walked, anything else is a member.
    fn visit_stream(
        &self,
        name: &str,
        layers: usize,
        reader: &mut dyn io::BufRead,
        visitor: &mut Visitor<'_>,
    ) -> ControlFlow<()> {
        let kind = match sniff(reader) {
            Ok(kind) => kind,
            Err(error) => return visitor(Found::Refused { name, reason: &unreadable(&error) }),
        };
        match kind {
            Kind::Plain => visitor(Found::Member { name, reader: &mut BufAsRead(reader) }),
            Kind::Gzip | Kind::Xz if layers == 0 => visitor(Found::Refused {
                name,
                reason: "compressed more than 4 times over; permitted: up to 4",
            }),
            Kind::Gzip | Kind::Xz => {
                let mut inner = BufReader::with_capacity(1 << 16, decompress(kind, reader));
                self.visit_stream(name, layers - 1, &mut inner, visitor)
            }
            Kind::Tar => self.visit_tar(name, reader, visitor),
            Kind::Zip => visitor(Found::Refused {
                name,
                reason: "a zip inside an archive can't be read; permitted: a zip file by itself",
            }),
        }
    }

    fn visit_tar(
        &self,
        name: &str,
        reader: &mut dyn io::BufRead,
        visitor: &mut Visitor<'_>,
    ) -> ControlFlow<()> {
        let mut archive = tar::Archive::new(BufAsRead(reader));
        let entries = match archive.entries() {
            Ok(entries) => entries,
            Err(error) => return visitor(Found::Refused { name, reason: &unreadable(&error) }),
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                // A damaged header leaves no way to find the next member.
                Err(error) => return visitor(Found::Refused { name, reason: &unreadable(&error) }),
            };
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let member = format!("{name}/{}", String::from_utf8_lossy(&entry.path_bytes()));
            if self.is_wanted(&member) {
                let mut entry = BufReader::with_capacity(1 << 16, entry);
                Self::visit_member(&member, &mut entry, visitor)?;
            } else {
                visitor(Found::Refused { name: &member, reason: self.unwanted })?;
            }
        }
        ControlFlow::Continue(())
    }

    fn visit_zip(&self, path: &Path, name: &str, visitor: &mut Visitor<'_>) -> ControlFlow<()> {
        let opened = File::open(path).map_err(zip::result::ZipError::Io).and_then(|file| {
            zip::ZipArchive::new(BufReader::new(Counted { inner: file, bytes: self.read_bytes }))
        });
        let mut archive = match opened {
            Ok(archive) => archive,
            Err(error) => return visitor(Found::Refused { name, reason: &unreadable(&error) }),
        };
        for index in 0..archive.len() {
            let entry = match archive.by_index(index) {
                Ok(entry) => entry,
                Err(error) => {
                    visitor(Found::Refused { name, reason: &unreadable(&error) })?;
                    continue;
                }
            };
            if !entry.is_file() {
                continue;
            }
            let member = format!("{name}/{}", entry.name());
            if self.is_wanted(&member) {
                let mut entry = BufReader::with_capacity(1 << 16, entry);
                Self::visit_member(&member, &mut entry, visitor)?;
            } else {
                visitor(Found::Refused { name: &member, reason: self.unwanted })?;
            }
        }
        ControlFlow::Continue(())
    }

    /// A member of an archive: compression is peeled, an archive within is refused.
    fn visit_member(name: &str, reader: &mut dyn io::BufRead, visitor: &mut Visitor<'_>) -> ControlFlow<()> {
        match sniff(reader) {
            Ok(Kind::Plain) => visitor(Found::Member { name, reader: &mut BufAsRead(reader) }),
            Ok(kind @ (Kind::Gzip | Kind::Xz)) => {
                visitor(Found::Member { name, reader: &mut decompress(kind, reader) })
            }
            Ok(Kind::Tar | Kind::Zip) => visitor(Found::Refused {
                name,
                reason: "an archive inside an archive can't be read; permitted: JSON, plain or compressed",
            }),
            Err(error) => visitor(Found::Refused { name, reason: &unreadable(&error) }),
        }
    }

    fn is_wanted(&self, name: &str) -> bool {
        (self.wanted)(layers::without_compression_suffix(name))
    }
}

/// The reason given when reading breaks off.
pub(crate) fn unreadable(error: &dyn std::fmt::Display) -> String {
    format!("can't be read further, damaged or truncated: {error}")
}

struct Counted<'a, R> {
    inner: R,
    bytes: &'a AtomicU64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl<R: io::Seek> io::Seek for Counted<'_, R> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

struct BufAsRead<'a>(&'a mut dyn io::BufRead);

impl Read for BufAsRead<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

#[cfg(test)]
mod tests;
