//! Rows of key and value, sorted by key then arrival, in bounded memory.

use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::Merge;
use super::run::Run;

/// Runs merged at once; more are merged into one first, so that open files stay few.
const MERGE_WIDTH: usize = 256;
const PREFIX_BYTES: usize = 16;

/// Collects rows, spilling sorted runs to files when over its budget.
#[derive(Debug)]
pub(crate) struct Sorter {
    folder: PathBuf,
    name: &'static str,
    budget_bytes: usize,
    held: Held,
    runs: Vec<Run>,
    files_made: u64,
}

/// Rows in memory: their bytes end to end, and an entry for each.
#[derive(Debug, Default)]
struct Held {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

/// Where a row stands, with the head of its key for fast comparison.
#[derive(Clone, Copy, Debug)]
struct Entry {
    prefix: u128,
    start: u64,
    key_length: u32,
    value_length: u32,
}

impl Held {
    fn key(&self, entry: &Entry) -> &[u8] {
        let start = entry.start as usize;
        &self.bytes[start..start + entry.key_length as usize]
    }

    fn row(&self, entry: &Entry) -> (&[u8], &[u8]) {
        let middle = entry.start as usize + entry.key_length as usize;
        (self.key(entry), &self.bytes[middle..middle + entry.value_length as usize])
    }

    fn sort(&mut self) {
        let mut entries = std::mem::take(&mut self.entries);
        // Equal keys keep the order of arrival, which is the order of their places.
        entries.par_sort_unstable_by(|a, b| {
            a.prefix
                .cmp(&b.prefix)
                .then_with(|| self.key(a).cmp(self.key(b)))
                .then_with(|| a.start.cmp(&b.start))
        });
        self.entries = entries;
    }

    fn rows(&self) -> impl ExactSizeIterator<Item = (&[u8], &[u8])> {
        self.entries.iter().map(|entry| self.row(entry))
    }
}

impl Sorter {
    /// A sorter whose files `name-N` go to `folder`, which exists.
    pub(crate) fn new(folder: &Path, name: &'static str, budget_bytes: usize) -> Self {
        Self {
            folder: folder.to_owned(),
            name,
            budget_bytes,
            held: Held::default(),
            runs: Vec::new(),
            files_made: 0,
        }
    }

    /// Takes a row; `write_value` appends its value.
    pub(crate) fn push(&mut self, key: &[u8], write_value: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        let start = self.held.bytes.len();
        self.held.bytes.extend_from_slice(key);
        let middle = self.held.bytes.len();
        write_value(&mut self.held.bytes);
        let length = |bytes: usize| {
            u32::try_from(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "row over 4 GiB"))
        };
        let mut prefix = [0; PREFIX_BYTES];
        let head = key.len().min(PREFIX_BYTES);
        prefix[..head].copy_from_slice(&key[..head]);
        self.held.entries.push(Entry {
            prefix: u128::from_be_bytes(prefix),
            start: start as u64,
            key_length: length(key.len())?,
            value_length: length(self.held.bytes.len() - middle)?,
        });
        let held = self.held.bytes.len() + self.held.entries.len() * size_of::<Entry>();
        if held > self.budget_bytes {
            self.spill()?;
        }
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        self.held.sort();
        let path = self.next_path();
        self.runs.push(Run::write(&path, self.held.rows())?);
        self.held.bytes.clear();
        self.held.entries.clear();
        Ok(())
    }

    fn next_path(&mut self) -> PathBuf {
        self.files_made += 1;
        self.folder.join(format!("{}-{}", self.name, self.files_made))
    }

    /// All rows in order.
    pub(crate) fn finish(mut self) -> io::Result<Sorted> {
        if self.runs.is_empty() {
            self.held.sort();
            return Ok(Sorted { held: self.held, runs: Vec::new() });
        }
        if !self.held.entries.is_empty() {
            self.spill()?;
        }
        self.held = Held::default();
        while self.runs.len() > MERGE_WIDTH {
            // The oldest runs are merged into one that stays the oldest, so arrival order holds.
            let first: Vec<Run> = self.runs.drain(..MERGE_WIDTH).collect();
            let path = self.next_path();
            let merged = Run::write_merged(&path, &mut Merge::new(&first)?)?;
            first.into_iter().try_for_each(Run::remove)?;
            self.runs.insert(0, merged);
        }
        Ok(Sorted { held: self.held, runs: self.runs })
    }
}

/// Rows in order, in memory or in files.
#[derive(Debug)]
pub(crate) struct Sorted {
    held: Held,
    runs: Vec<Run>,
}

impl Sorted {
    /// The number of rows, when they are all in memory.
    pub(crate) fn held_rows(&self) -> Option<usize> {
        self.runs.is_empty().then_some(self.held.entries.len())
    }

    /// A row in memory, by its place.
    pub(crate) fn held_row(&self, place: usize) -> (&[u8], &[u8]) {
        self.held.row(&self.held.entries[place])
    }

    /// Visits all rows in order.
    pub(crate) fn for_each<E: From<io::Error>>(
        &self,
        mut visit: impl FnMut(&[u8], &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        for (key, value) in self.held.rows() {
            visit(key, value)?;
        }
        let mut merge = Merge::new(&self.runs)?;
        while let Some((key, value)) = merge.next()? {
            visit(key, value)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sorted(rows: &[(Vec<u8>, u8)], budget: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = Sorter::new(folder.path(), "rows", budget);
        for (key, value) in rows {
            sorter.push(key, |out| out.push(*value)).unwrap();
        }
        let mut out = Vec::new();
        let visit = |key: &[u8], value: &[u8]| -> io::Result<()> {
            out.push((key.to_vec(), value.to_vec()));
            Ok(())
        };
        sorter.finish().unwrap().for_each(visit).unwrap();
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn law_any_budget_gives_a_stable_sort(
            rows in prop::collection::vec((prop::collection::vec(0_u8..3, 0..20), any::<u8>()), 0..120),
            budget in 0_usize..2000,
        ) {
            let mut expected: Vec<_> = rows.iter().map(|(key, value)| (key.clone(), vec![*value])).collect();
            expected.sort_by(|a, b| a.0.cmp(&b.0));
            prop_assert_eq!(sorted(&rows, budget), expected);
        }
    }

    #[test]
    fn regress_more_runs_than_are_merged_at_once() {
        let rows: Vec<_> =
            (0..=(MERGE_WIDTH as u32 * 2 + 3)).map(|n| (vec![(n % 5) as u8], n as u8)).collect();
        assert_eq!(sorted(&rows, 0), sorted(&rows, usize::MAX));
    }
}
