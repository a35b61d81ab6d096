//! Distinct slices of numbers, each kept once and known by its place.

use std::hash::Hasher;

use rustc_hash::FxHasher;

const FREE: u32 = u32::MAX;

/// Distinct slices in the order in which they were first seen.
///
/// Sets of conditions, whatever their size, are slices in ascending order: no bit per condition that
/// exists, so ten thousand conditions cost no more than ten.
#[derive(Clone, Debug)]
pub(crate) struct Slices {
    words: Vec<u32>,
    offsets: Vec<usize>,
    /// Open addressing: places of slices, a power of two of them, at most half in use.
    table: Vec<u32>,
}

impl Default for Slices {
    fn default() -> Self {
        Self { words: Vec::new(), offsets: vec![0], table: vec![FREE; 16] }
    }
}

impl Slices {
    /// Number of distinct slices.
    pub(crate) fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// The slice at a place.
    pub(crate) fn get(&self, place: usize) -> &[u32] {
        &self.words[self.offsets[place]..self.offsets[place + 1]]
    }

    /// Every slice in order.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &[u32]> {
        self.offsets.windows(2).map(|ends| &self.words[ends[0]..ends[1]])
    }

    /// The place of a slice; a new one goes to the end.
    pub(crate) fn intern(&mut self, slice: &[u32]) -> u32 {
        let mut entry = self.entry_of(slice);
        let found = self.table[entry];
        if found != FREE {
            return found;
        }
        if 2 * (self.len() + 1) > self.table.len() {
            self.grow();
            entry = self.entry_of(slice);
        }
        let place = self.len() as u32;
        self.table[entry] = place;
        self.words.extend_from_slice(slice);
        self.offsets.push(self.words.len());
        place
    }

    /// The place of a slice that was seen.
    pub(crate) fn find(&self, slice: &[u32]) -> Option<u32> {
        let found = self.table[self.entry_of(slice)];
        (found != FREE).then_some(found)
    }

    fn entry_of(&self, slice: &[u32]) -> usize {
        let mask = self.table.len() - 1;
        let mut entry = hash(slice) & mask;
        loop {
            let place = self.table[entry];
            if place == FREE || self.get(place as usize) == slice {
                return entry;
            }
            entry = (entry + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let mask = 2 * self.table.len() - 1;
        let mut table = vec![FREE; mask + 1];
        for (place, slice) in self.iter().enumerate() {
            let mut entry = hash(slice) & mask;
            while table[entry] != FREE {
                entry = (entry + 1) & mask;
            }
            table[entry] = place as u32;
        }
        self.table = table;
    }
}

/// The high half of the hash: the low bits of a product depend on the low bits of its factors alone.
fn hash(slice: &[u32]) -> usize {
    let mut hasher = FxHasher::default();
    for word in slice {
        hasher.write_u32(*word);
    }
    (hasher.finish() >> 20) as usize ^ slice.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_slices_are_kept_once_and_found_again() {
        let mut slices = Slices::default();
        for round in 0..2 {
            for number in 0..1_000_u32 {
                let slice: Vec<u32> = (0..number % 7).map(|word| number / 7 + word).collect();
                let place = slices.intern(&slice);
                assert_eq!(slices.get(place as usize), slice, "round {round}");
                assert_eq!(slices.find(&slice), Some(place));
            }
        }
        let distinct: std::collections::BTreeSet<&[u32]> = slices.iter().collect();
        assert_eq!(distinct.len(), slices.len());
        assert_eq!(slices.find(&[7, 7, 7]), None);
    }
}
