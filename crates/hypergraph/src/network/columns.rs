//! Conditions as columns of bits over people sorted by stratum.

use std::ops::Range;

use super::strata::Strata;
use crate::{ConditionId, People};

const WORD: usize = u64::BITS as usize;

/// One bit per condition and person of a stratum; every stratum begins a new word.
pub(crate) struct Columns {
    words: usize,
    bits: Vec<u64>,
    strata: Vec<StratumWords>,
    /// The person of each bit; `NOBODY` in the rest of a stratum's last word.
    person_of: Vec<u32>,
    /// People with each condition in each stratum, by condition.
    counts: Vec<u32>,
}

struct StratumWords {
    first: usize,
    end: usize,
    people: u64,
}

const NOBODY: u32 = u32::MAX;

impl Columns {
    pub(crate) fn of(people: &People, strata: &Strata) -> Self {
        let mut person_of = Vec::new();
        let mut place_of = vec![usize::MAX; people.len()];
        let mut layout = Vec::with_capacity(strata.len());
        for members in strata.members() {
            let first = person_of.len() / WORD;
            for person in members {
                place_of[*person as usize] = person_of.len();
                person_of.push(*person);
            }
            person_of.resize(person_of.len().next_multiple_of(WORD), NOBODY);
            layout.push(StratumWords { first, end: person_of.len() / WORD, people: members.len() as u64 });
        }
        let words = person_of.len() / WORD;
        let mut bits = vec![0; words * people.conditions().len()];
        for (person, place) in place_of.iter().enumerate().filter(|(_, place)| **place != usize::MAX) {
            for condition in people.person(person).conditions() {
                bits[condition.index() * words + place / WORD] |= 1 << (place % WORD);
            }
        }
        let mut columns = Self { words, bits, strata: layout, person_of, counts: Vec::new() };
        columns.counts = people
            .conditions()
            .ids()
            .flat_map(|condition| {
                let column = columns.column(condition);
                columns.strata.iter().map(|stratum| count(&column[stratum.first..stratum.end]))
            })
            .collect();
        columns
    }

    /// The words of a condition.
    pub(crate) fn column(&self, condition: ConditionId) -> &[u64] {
        &self.bits[condition.index() * self.words..][..self.words]
    }

    /// People with a condition in each stratum.
    pub(crate) fn with_condition(&self, condition: ConditionId) -> &[u32] {
        &self.counts[condition.index() * self.strata.len()..][..self.strata.len()]
    }

    /// People in each stratum.
    pub(crate) fn people(&self) -> impl ExactSizeIterator<Item = u64> {
        self.strata.iter().map(|stratum| stratum.people)
    }

    /// A column of the people with any of some conditions.
    pub(crate) fn any_of(&self, conditions: &[ConditionId]) -> Vec<u64> {
        let mut any = vec![0; self.words];
        for condition in conditions {
            for (word, more) in any.iter_mut().zip(self.column(*condition)) {
                *word |= more;
            }
        }
        any
    }

    /// The words of each stratum, and how many people stand in them.
    pub(crate) fn layout(&self) -> impl ExactSizeIterator<Item = (Range<usize>, usize)> {
        self.strata.iter().map(|stratum| (stratum.first..stratum.end, stratum.people as usize))
    }

    /// The person of each bit of a stratum.
    pub(crate) fn people_of(&self, words: &Range<usize>, people: usize) -> &[u32] {
        &self.person_of[words.start * WORD..][..people]
    }

    /// People with both conditions in one stratum.
    pub(crate) fn both(&self, first: ConditionId, second: ConditionId, stratum: usize) -> u64 {
        let range = self.strata[stratum].first..self.strata[stratum].end;
        let (first, second) = (&self.column(first)[range.clone()], &self.column(second)[range]);
        first.iter().zip(second).map(|(one, other)| u64::from((one & other).count_ones())).sum()
    }

    /// The people with a condition, by stratum.
    pub(crate) fn people_with(&self, condition: ConditionId) -> impl Iterator<Item = usize> + '_ {
        self.column(condition).iter().enumerate().flat_map(move |(word, bits)| {
            let mut left = *bits;
            std::iter::from_fn(move || {
                let place = left.trailing_zeros() as usize;
                left &= left.wrapping_sub(1);
                (place < WORD).then(|| self.person_of[word * WORD + place] as usize)
            })
        })
    }
}

fn count(words: &[u64]) -> u32 {
    words.iter().map(|word| word.count_ones()).sum()
}
