//! One sorted run in a temporary file.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use super::Merge;

const BUFFER_BYTES: usize = 256 << 10;

/// A file of rows in key order.
#[derive(Debug)]
pub(super) struct Run {
    path: PathBuf,
}

impl Run {
    /// Writes rows that come in key order.
    pub(super) fn write<'a>(
        path: &Path,
        rows: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    ) -> io::Result<Self> {
        let mut out = BufWriter::with_capacity(BUFFER_BYTES, File::create(path)?);
        for (key, value) in rows {
            put(&mut out, key, value)?;
        }
        out.flush()?;
        Ok(Self { path: path.to_owned() })
    }

    /// Writes all that a merge gives.
    pub(super) fn write_merged(path: &Path, merge: &mut Merge) -> io::Result<Self> {
        let mut out = BufWriter::with_capacity(BUFFER_BYTES, File::create(path)?);
        while let Some((key, value)) = merge.next()? {
            put(&mut out, key, value)?;
        }
        out.flush()?;
        Ok(Self { path: path.to_owned() })
    }

    /// Deletes the file; its rows stand elsewhere.
    pub(super) fn remove(self) -> io::Result<()> {
        std::fs::remove_file(self.path)
    }

    pub(super) fn open(&self) -> io::Result<RunReader> {
        let input = BufReader::with_capacity(BUFFER_BYTES, File::open(&self.path)?);
        Ok(RunReader { input, row: Vec::new(), key_length: 0 })
    }
}

fn put(out: &mut impl Write, key: &[u8], value: &[u8]) -> io::Result<()> {
    let lengths = (key.len() as u64) << 32 | value.len() as u64;
    out.write_all(&lengths.to_le_bytes())?;
    out.write_all(key)?;
    out.write_all(value)
}

/// Reads a run row by row, holding one.
#[derive(Debug)]
pub(super) struct RunReader {
    input: BufReader<File>,
    row: Vec<u8>,
    key_length: usize,
}

impl RunReader {
    /// Moves to the next row; false at the end.
    pub(super) fn advance(&mut self) -> io::Result<bool> {
        let mut lengths = [0; 8];
        match self.input.read(&mut lengths[..1])? {
            0 => return Ok(false),
            _ => self.input.read_exact(&mut lengths[1..])?,
        }
        let lengths = u64::from_le_bytes(lengths);
        self.key_length = (lengths >> 32) as usize;
        self.row.resize(self.key_length + (lengths & 0xffff_ffff) as usize, 0);
        self.input.read_exact(&mut self.row)?;
        Ok(true)
    }

    pub(super) fn key(&self) -> &[u8] {
        &self.row[..self.key_length]
    }

    pub(super) fn value(&self) -> &[u8] {
        &self.row[self.key_length..]
    }
}
