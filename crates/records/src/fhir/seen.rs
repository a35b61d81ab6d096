//! Which resource ids were read before, in bounded memory.
//!
//! The newest ids are held in a map; when it is full it becomes a sorted run in a temporary file,
//! with a Bloom filter in memory that spares almost all look-ups there.
//!
//! # Limits
//! About 70 MB for the map and 4.5 MB for every 3.6 million ids on disk: 300 million resources stay
//! under half a gigabyte. Ids are told apart by 64-bit keys: among 100 million the chance that any
//! two meet is 3 in 10,000.
//!
//! # Source
//! B. H. Bloom, Space/time trade-offs in hash coding with allowable errors, CACM 13(7), 1970.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use rustc_hash::FxHashMap;

/// Ids in the map: seven eighths of 2^22 slots, so that it never grows beyond them.
const IDS_IN_MEMORY: usize = 3_670_016;
const BLOOM_BITS_PER_ID: usize = 10;
const BLOOM_HASHES: u32 = 7;
const RECORD_BYTES: usize = 16;
const BLOCK_RECORDS: usize = 256;

/// Whether an id is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It was not read before.
    New,
    /// It was read before, with the same content.
    Same,
    /// It was read before, with other content.
    Different {
        /// Whether this one was last updated after the first.
        newer: bool,
    },
}

#[derive(Clone, Copy, Debug)]
struct Version {
    content: u32,
    updated: u32,
}

/// The ids read so far.
#[derive(Debug)]
pub(crate) struct SeenIds {
    recent: FxHashMap<u64, Version>,
    runs: Vec<Run>,
    capacity: usize,
}

impl Default for SeenIds {
    fn default() -> Self {
        Self::with_capacity(IDS_IN_MEMORY)
    }
}

impl SeenIds {
    fn with_capacity(capacity: usize) -> Self {
        Self { recent: FxHashMap::default(), runs: Vec::new(), capacity }
    }

    /// Takes note of an id's key and version; `updated` is 0 when not stated.
    ///
    /// # Errors
    /// When the temporary files can't be used.
    pub(crate) fn insert(&mut self, id: u64, content: u32, updated: u32) -> io::Result<Seen> {
        let version = Version { content, updated };
        let mut earlier = self.recent.get(&id).copied();
        for run in &mut self.runs {
            if earlier.is_none() && run.may_hold(id) {
                earlier = run.find(id)?;
            }
        }
        let Some(earlier) = earlier else {
            if self.recent.len() == self.capacity {
                self.runs.push(Run::write(&self.recent)?);
                self.recent.clear();
            }
            self.recent.insert(id, version);
            return Ok(Seen::New);
        };
        Ok(if earlier.content == content {
            Seen::Same
        } else {
            Seen::Different { newer: updated > earlier.updated && earlier.updated > 0 }
        })
    }
}

/// Ids on disk, sorted by key.
#[derive(Debug)]
struct Run {
    file: File,
    /// The first key of every block.
    firsts: Vec<u64>,
    bloom: Vec<u64>,
    records: usize,
}

impl Run {
    fn write(ids: &FxHashMap<u64, Version>) -> io::Result<Self> {
        let mut sorted: Vec<(u64, Version)> = ids.iter().map(|(id, version)| (*id, *version)).collect();
        sorted.sort_unstable_by_key(|(id, _)| *id);
        let words = (sorted.len() * BLOOM_BITS_PER_ID).div_ceil(64).max(1);
        let mut run = Self {
            file: tempfile::tempfile()?,
            firsts: Vec::new(),
            bloom: vec![0; words],
            records: sorted.len(),
        };
        let mut writer = BufWriter::new(&run.file);
        for (index, (id, version)) in sorted.iter().enumerate() {
            if index % BLOCK_RECORDS == 0 {
                run.firsts.push(*id);
            }
            writer.write_all(&id.to_le_bytes())?;
            writer.write_all(&version.content.to_le_bytes())?;
            writer.write_all(&version.updated.to_le_bytes())?;
            for (word, bit) in bloom_places(*id, words) {
                run.bloom[word] |= bit;
            }
        }
        writer.flush()?;
        drop(writer);
        Ok(run)
    }

    fn may_hold(&self, id: u64) -> bool {
        bloom_places(id, self.bloom.len()).all(|(word, bit)| self.bloom[word] & bit != 0)
    }

    fn find(&mut self, id: u64) -> io::Result<Option<Version>> {
        let Some(block) = self.firsts.partition_point(|first| *first <= id).checked_sub(1) else {
            return Ok(None);
        };
        let count = BLOCK_RECORDS.min(self.records - block * BLOCK_RECORDS);
        let mut bytes = vec![0; count * RECORD_BYTES];
        self.file.seek(SeekFrom::Start((block * BLOCK_RECORDS * RECORD_BYTES) as u64))?;
        self.file.read_exact(&mut bytes)?;
        let number =
            |bytes: &[u8]| bytes.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        Ok(bytes.chunks_exact(RECORD_BYTES).find(|record| number(&record[..8]) == id).map(|record| Version {
            content: number(&record[8..12]) as u32,
            updated: number(&record[12..]) as u32,
        }))
    }
}

/// The key is a hash already; its halves give the filter's hashes (double hashing).
fn bloom_places(id: u64, words: usize) -> impl Iterator<Item = (usize, u64)> {
    let step = (id >> 32 | 1) | id << 32;
    (0..BLOOM_HASHES).map(move |turn| {
        let place =
            id.wrapping_add(step.wrapping_mul(u64::from(turn))).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 6;
        let bit = place as usize % (words * 64);
        (bit / 64, 1 << (bit % 64))
    })
}

#[cfg(test)]
mod tests {
    use super::super::reference::key;
    use super::*;

    #[test]
    fn law_ids_on_disk_are_found_and_others_are_not() {
        let mut seen = SeenIds::with_capacity(1000);
        let id = |number: u32| key(&[&number.to_string()]);
        for number in 0..5500 {
            assert_eq!(seen.insert(id(number), number, 10).unwrap(), Seen::New);
        }
        assert_eq!(seen.runs.len(), 5);
        for number in 0..5500 {
            assert_eq!(seen.insert(id(number), number, 10).unwrap(), Seen::Same);
            assert_eq!(seen.insert(id(number), 9999, 11).unwrap(), Seen::Different { newer: true });
            assert_eq!(seen.insert(id(number), 9999, 0).unwrap(), Seen::Different { newer: false });
        }
        let false_alarms = (10_000..20_000).filter(|number| seen.runs[0].may_hold(id(*number))).count();
        assert!(false_alarms < 300, "{false_alarms} of 10000; 1 % is expected");
    }
}
