//! Records that wait: in memory while they are few, in temporary files when they are many.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};

/// Partitions of a [`Partitioned`]; each must fit in memory when its turn comes.
pub(crate) const PARTITIONS: usize = 32;
/// Bytes held in memory before all partitions go to disk.
const HELD_BYTES: usize = 24 << 20;
/// Longest text taken back; what was written is never longer.
const MAX_TEXT: usize = 1 << 30;

/// Bytes appended, and read back from the start.
#[derive(Debug, Default)]
pub(crate) struct Spool {
    buffer: Vec<u8>,
    file: Option<File>,
}

impl Spool {
    /// Appends one record; the file takes over beyond `HELD_BYTES`.
    pub(crate) fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        write(&mut self.buffer);
        if self.buffer.len() > HELD_BYTES { self.flush() } else { Ok(()) }
    }

    /// Whether nothing was appended.
    pub(crate) fn is_empty(&self) -> bool {
        self.buffer.is_empty() && self.file.is_none()
    }

    /// Everything appended so far, in order.
    pub(crate) fn records(&mut self) -> io::Result<Records<impl Read + '_>> {
        let on_disk: Box<dyn Read + '_> = match &mut self.file {
            Some(file) => {
                file.seek(SeekFrom::Start(0))?;
                Box::new(BufReader::with_capacity(1 << 16, file))
            }
            None => Box::new(io::empty()),
        };
        Ok(Records { reader: on_disk.chain(self.buffer.as_slice()) })
    }

    fn flush(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(tempfile::tempfile()?),
        };
        file.seek(SeekFrom::End(0))?;
        file.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}

/// Spools chosen by a key, so that records of equal keys meet in one of them.
#[derive(Debug)]
pub(crate) struct Partitioned {
    spools: Vec<Spool>,
    held: usize,
}

impl Default for Partitioned {
    fn default() -> Self {
        Self { spools: (0..PARTITIONS).map(|_| Spool::default()).collect(), held: 0 }
    }
}

impl Partitioned {
    /// Appends a record to its key's spool.
    pub(crate) fn push(&mut self, key: u64, write: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        self.push_at((key >> 32) as usize % PARTITIONS, write)
    }

    /// Appends a record to the spool at a place below [`PARTITIONS`].
    pub(crate) fn push_at(&mut self, place: usize, write: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        let spool = &mut self.spools[place];
        let before = spool.buffer.len();
        write(&mut spool.buffer);
        self.held += spool.buffer.len() - before;
        if self.held > HELD_BYTES {
            self.held = 0;
            self.spools.iter_mut().try_for_each(Spool::flush)?;
        }
        Ok(())
    }

    /// The spools.
    pub(crate) fn spools(&mut self) -> impl Iterator<Item = &mut Spool> {
        self.spools.iter_mut()
    }
}

/// Appends a number.
pub(crate) fn put_u64(buffer: &mut Vec<u8>, number: u64) {
    buffer.extend_from_slice(&number.to_le_bytes());
}

/// Appends a text with its length.
pub(crate) fn put_text(buffer: &mut Vec<u8>, text: &str) {
    put_u64(buffer, text.len() as u64);
    buffer.extend_from_slice(text.as_bytes());
}

/// Reads back what was appended.
pub(crate) struct Records<R> {
    reader: R,
}

impl<R: Read> Records<R> {
    /// The bytes as they are, for records of another form.
    pub(crate) fn into_reader(self) -> R {
        self.reader
    }

    /// The number that starts the next record; nothing at the end.
    pub(crate) fn start(&mut self) -> io::Result<Option<u64>> {
        let mut bytes = [0; 8];
        if self.reader.read(&mut bytes[..1])? == 0 {
            return Ok(None);
        }
        self.reader.read_exact(&mut bytes[1..])?;
        Ok(Some(u64::from_le_bytes(bytes)))
    }

    /// A further number.
    pub(crate) fn u64(&mut self) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.reader.read_exact(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    /// A text.
    pub(crate) fn text(&mut self) -> io::Result<String> {
        let length = usize::try_from(self.u64()?).ok().filter(|length| *length <= MAX_TEXT);
        let mut bytes = vec![0; length.ok_or(io::ErrorKind::InvalidData)?];
        self.reader.read_exact(&mut bytes)?;
        String::from_utf8(bytes).map_err(|_| io::ErrorKind::InvalidData.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_what_goes_in_comes_out_also_from_disk() {
        let mut spool = Spool::default();
        for number in 0..100_u64 {
            spool
                .push(|buffer| {
                    put_u64(buffer, number);
                    put_text(buffer, &"é".repeat(number as usize));
                })
                .unwrap();
            if number % 30 == 0 {
                spool.flush().unwrap();
            }
        }
        for _ in 0..2 {
            let mut records = spool.records().unwrap();
            for number in 0..100_u64 {
                assert_eq!(records.start().unwrap(), Some(number));
                assert_eq!(records.text().unwrap().chars().count() as u64, number);
            }
            assert_eq!(records.start().unwrap(), None);
        }
    }
}
