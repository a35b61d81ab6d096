//! A guard against records without end: an unclosed quote, or a line of ten gigabytes.

use std::cell::Cell;
use std::io::{self, Read};

/// Longest record read, in bytes.
pub(super) const LONGEST_RECORD: u64 = 32 << 20;

/// Counts the bytes handed out since the last record ended and stops when there are too many.
pub(super) struct Bounded<'a> {
    input: &'a mut dyn Read,
    since_record: &'a Cell<u64>,
    /// Bytes read beyond the end of a line that was too long.
    rest: Vec<u8>,
}

impl<'a> Bounded<'a> {
    pub(super) fn new(input: &'a mut dyn Read, since_record: &'a Cell<u64>) -> Self {
        Self { input, since_record, rest: Vec::new() }
    }

    /// Reads past the end of the current line, so that reading can begin anew there. False at the
    /// end of the input.
    pub(super) fn skip_line(&mut self) -> io::Result<bool> {
        self.since_record.set(0);
        let mut buffer = vec![0; 64 << 10];
        loop {
            let count = self.input.read(&mut buffer)?;
            if count == 0 {
                return Ok(false);
            }
            if let Some(end) = memchr::memchr(b'\n', &buffer[..count]) {
                self.rest = buffer[end + 1..count].to_vec();
                return Ok(true);
            }
        }
    }
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.rest.is_empty() {
            let count = self.rest.len().min(buffer.len());
            buffer[..count].copy_from_slice(&self.rest[..count]);
            self.rest.drain(..count);
            return Ok(count);
        }
        if self.since_record.get() > LONGEST_RECORD {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let count = self.input.read(buffer)?;
        self.since_record.set(self.since_record.get() + count as u64);
        Ok(count)
    }
}
