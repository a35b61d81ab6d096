//! The graph on disk: one file, checked before it is believed.
//!
//! The bytes depend on the graph alone, so equal records give equal files.
//!
//! # Source
//! Own format: magic `TWLGRAPH`, version (u32), four zeros, payload length (u64), SHA-256 of the payload,
//! eight zeros, payload; numbers little-endian, arrays at multiples of eight bytes, so that a mapped file
//! needs no decoding.

mod bytes;
mod map;
mod payload;

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use self::bytes::{Reader, Writer};
pub(crate) use self::map::Map;
use crate::PropertyGraph;

/// Name of the graph's file in a study's `graph/` folder.
pub const GRAPH_FILE: &str = "property.graph";

const MAGIC: &[u8; 8] = b"TWLGRAPH";
const VERSION: u32 = 4;
const HEADER_BYTES: usize = 64;

/// SHA-256 of a graph's payload: equal graphs, equal fingerprints.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Fingerprint {
    /// Reads the fingerprint of a stored graph from its file's header.
    ///
    /// # Errors
    /// [`StoreError`] when the file is missing or begins unlike a graph.
    pub fn of_file(path: &Path) -> Result<Self, StoreError> {
        let file = File::open(path).map_err(|source| StoreError::io(path, source))?;
        let mut bytes = Vec::with_capacity(HEADER_BYTES);
        file.take(HEADER_BYTES as u64)
            .read_to_end(&mut bytes)
            .map_err(|source| StoreError::io(path, source))?;
        Ok(Header::read(&bytes).map_err(|fault| StoreError::fault(path, fault))?.fingerprint)
    }
}

struct Header {
    length: u64,
    fingerprint: Fingerprint,
}

impl Header {
    fn write(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.length.to_le_bytes());
        bytes[24..56].copy_from_slice(&self.fingerprint.0);
        bytes
    }

    fn read(bytes: &[u8]) -> Result<Self, StoreFault> {
        let header = bytes
            .get(..HEADER_BYTES)
            .ok_or(StoreFault::Truncated { bytes: bytes.len() as u64, expected: HEADER_BYTES as u64 })?;
        if &header[..8] != MAGIC {
            return Err(StoreFault::Magic);
        }
        let version = <u32 as bytes::Fixed>::take(&header[8..12]);
        if version != VERSION {
            return Err(StoreFault::Version { version });
        }
        let mut digest = [0; 32];
        digest.copy_from_slice(&header[24..56]);
        Ok(Self { length: <u64 as bytes::Fixed>::take(&header[16..24]), fingerprint: Fingerprint(digest) })
    }
}

impl PropertyGraph {
    /// The graph's fingerprint, as [`PropertyGraph::write`] would record it.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut out = Writer::new(Hashing::new(io::sink()));
        // A sink takes every byte.
        let _ = payload::write(self, &mut out);
        out.into_inner().finish().1
    }

    /// Writes the graph to a file, whole or not at all.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the disk refuses.
    pub fn write(&self, path: &Path) -> Result<Fingerprint, StoreError> {
        let partial = path.with_extension("partial");
        let written = self.write_partial(&partial).and_then(|fingerprint| {
            std::fs::rename(&partial, path)?;
            Ok(fingerprint)
        });
        written.map_err(|source| {
            let _ = std::fs::remove_file(&partial);
            StoreError::io(path, source)
        })
    }

    fn write_partial(&self, path: &Path) -> io::Result<Fingerprint> {
        let mut file = File::create(path)?;
        file.write_all(&[0; HEADER_BYTES])?;
        let mut out = Writer::new(Hashing::new(BufWriter::with_capacity(1 << 20, file)));
        payload::write(self, &mut out)?;
        let (length, fingerprint, buffered) = out.into_inner().finish();
        let mut file = buffered.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&Header { length, fingerprint }.write())?;
        file.sync_all()?;
        Ok(fingerprint)
    }

    /// Reads a graph that [`PropertyGraph::write`] wrote, and checks every byte of it.
    ///
    /// # Errors
    /// [`StoreError`] when the file can't be read, is cut short, was changed, or is of another version.
    pub fn read(path: &Path) -> Result<Self, StoreError> {
        Self::map(path, true)
    }

    /// Opens a graph that [`PropertyGraph::write`] wrote where it lies, without reading it.
    ///
    /// The file is mapped into memory and its pages are read when they are used; how long opening takes
    /// does not depend on the graph's size. Only lengths are checked: a file that was changed may give
    /// wrong answers, yet never ends the program. [`PropertyGraph::read`] checks all.
    ///
    /// # Errors
    /// [`StoreError`] when the file can't be opened, is cut short, or is of another version.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::map(path, false)
    }

    fn map(path: &Path, is_thorough: bool) -> Result<Self, StoreError> {
        let map = Map::of(path).map_err(|source| StoreError::io(path, source))?;
        Self::from_map(&Arc::new(map), is_thorough).map_err(|fault| StoreError::fault(path, fault))
    }

    fn from_map(map: &Arc<Map>, is_thorough: bool) -> Result<Self, StoreFault> {
        let bytes = map.bytes();
        let header = Header::read(bytes)?;
        let stored = &bytes[HEADER_BYTES..];
        if stored.len() as u64 != header.length {
            let expected = header.length.saturating_add(HEADER_BYTES as u64);
            return Err(StoreFault::Truncated { bytes: bytes.len() as u64, expected });
        }
        if is_thorough && Sha256::digest(stored)[..] != header.fingerprint.0 {
            return Err(StoreFault::Checksum);
        }
        let mut reader = Reader::mapped(map, HEADER_BYTES, is_thorough);
        payload::read(&mut reader).map_err(|malformed| StoreFault::Malformed {
            position: (malformed.position + HEADER_BYTES) as u64,
            expected: malformed.expected,
        })
    }
}

/// Passes bytes on, counting and hashing them.
struct Hashing<W> {
    inner: W,
    hash: Sha256,
    length: u64,
}

impl<W: Write> Hashing<W> {
    fn new(inner: W) -> Self {
        Self { inner, hash: Sha256::new(), length: 0 }
    }

    fn finish(self) -> (u64, Fingerprint, W) {
        (self.length, Fingerprint(self.hash.finalize().into()), self.inner)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Why a stored graph can't be written or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk refused.
    #[error("{path}: the graph can't be stored or read")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file is no graph, or no longer.
    #[error("{path}: {fault}; build the graph again")]
    Fault {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: StoreFault,
    },
}

impl StoreError {
    fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }

    fn fault(path: &Path, fault: StoreFault) -> Self {
        Self::Fault { path: path.to_owned(), fault }
    }
}

/// What is wrong with a graph's bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreFault {
    /// Another kind of file.
    #[error("not a Twinloom graph; permitted: a file beginning TWLGRAPH")]
    Magic,
    /// Written by another version.
    #[error("graph format {version} is unknown; permitted: {VERSION}")]
    Version {
        /// The version stated.
        version: u32,
    },
    /// Cut short, or longer than it says.
    #[error("{bytes} bytes long; permitted: {expected}, as its header says")]
    Truncated {
        /// Bytes there are.
        bytes: u64,
        /// Bytes there should be.
        expected: u64,
    },
    /// Changed after it was written.
    #[error("its bytes do not match their checksum")]
    Checksum,
    /// Inconsistent in itself.
    #[error("byte {position}: expected {expected}")]
    Malformed {
        /// Where in the file.
        position: u64,
        /// What should stand there.
        expected: &'static str,
    },
}

#[cfg(test)]
mod tests;
