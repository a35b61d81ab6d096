//! Who has what, one column of bits for each condition.

use std::ops::Range;

use crate::{ConditionId, People};

/// The conditions' columns, people grouped in blocks of whole words.
///
/// # Shapes
/// `columns` x `words`; a block is the words of one stratum, its last word padded with zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    words: usize,
    blocks: Vec<Range<usize>>,
    bits: Vec<u64>,
}

impl Columns {
    /// The columns of the people whose block is given; those without a block or a condition have none.
    pub(crate) fn of(people: &People, block_of: impl Fn(usize) -> Option<usize>) -> Self {
        let block_of: Vec<Option<usize>> = (0..people.len())
            .map(|person| block_of(person).filter(|_| !people.person(person).conditions().is_empty()))
            .collect();
        let mut sizes = vec![0_usize; block_of.iter().flatten().max().map_or(0, |most| most + 1)];
        for block in block_of.iter().flatten() {
            sizes[*block] += 1;
        }
        let mut blocks = Vec::with_capacity(sizes.len());
        let mut words = 0;
        for size in &sizes {
            blocks.push(words..words + size.div_ceil(64));
            words += size.div_ceil(64);
        }
        let mut next: Vec<usize> = blocks.iter().map(|block| block.start * 64).collect();
        let mut bits = vec![0_u64; words * people.conditions().len()];
        for (person, block) in block_of.iter().enumerate() {
            let Some(block) = block else { continue };
            let row = next[*block];
            next[*block] += 1;
            for condition in people.person(person).conditions() {
                bits[condition.index() * words + row / 64] |= 1 << (row % 64);
            }
        }
        Self { words, blocks, bits }
    }

    pub(crate) fn blocks(&self) -> &[Range<usize>] {
        &self.blocks
    }

    pub(crate) fn column(&self, condition: usize) -> &[u64] {
        &self.bits[condition * self.words..(condition + 1) * self.words]
    }

    pub(crate) fn two_columns(&mut self, first: usize, second: usize) -> (&mut [u64], &mut [u64]) {
        let (low, high) = (first.min(second), first.max(second));
        let (left, right) = self.bits.split_at_mut(high * self.words);
        (&mut left[low * self.words..(low + 1) * self.words], &mut right[..self.words])
    }

    pub(crate) fn ones(&self) -> u64 {
        count(&self.bits)
    }

    /// Number of ones that the other columns do not have.
    pub(crate) fn ones_lost_in(&self, other: &Self) -> u64 {
        self.bits.iter().zip(&other.bits).map(|(mine, theirs)| u64::from((mine & !theirs).count_ones())).sum()
    }

    /// Calls back with each set's place and the bits of the people who have all of it.
    ///
    /// Sets that begin alike share the work, so sorted sets are fastest.
    pub(crate) fn for_each_set(&self, sets: &[Vec<ConditionId>], mut found: impl FnMut(usize, &[u64])) {
        let mut stack: Vec<Vec<u64>> = Vec::new();
        let mut before: &[ConditionId] = &[];
        for (place, set) in sets.iter().enumerate() {
            let shared = before.iter().zip(set).take_while(|(a, b)| a == b).count();
            for (depth, condition) in set.iter().enumerate().skip(shared) {
                let column = self.column(condition.index());
                if stack.len() <= depth {
                    stack.push(vec![0; self.words]);
                }
                let (above, rest) = stack.split_at_mut(depth);
                match above.last() {
                    None => rest[0].copy_from_slice(column),
                    Some(above) => {
                        for (word, (a, b)) in rest[0].iter_mut().zip(above.iter().zip(column)) {
                            *word = a & b;
                        }
                    }
                }
            }
            before = set;
            match set.len() {
                0 => found(place, &[]),
                length => found(place, &stack[length - 1]),
            }
        }
    }

    /// Number of people who have all of each set.
    pub(crate) fn supports(&self, sets: &[Vec<ConditionId>]) -> Vec<u64> {
        let mut supports = vec![0; sets.len()];
        self.for_each_set(sets, |place, bits| supports[place] = count(bits));
        supports
    }
}

pub(crate) fn count(bits: &[u64]) -> u64 {
    bits.iter().map(|word| u64::from(word.count_ones())).sum()
}
