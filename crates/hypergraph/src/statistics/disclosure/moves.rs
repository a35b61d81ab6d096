//! Cohorts next to the one there is: what a few people's other conditions change.
//!
//! Let one more person have each of the sets f + g with f within m of which an even number of m's
//! conditions is missing, and one fewer where an odd number is. By inclusion and exclusion this adds one
//! to the count of those with at least e for every e between m and m + g, and changes no other count.
//! With no m it is a person more, with one condition it is somebody who gets it, with two it is an
//! exchange between two people. A plan is one or two such moves together.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::counts::{Cell, Counts, Set, for_each_subset, is_within};

/// Larger m are not moved, since 2^n people would take part.
const MOST_MOVED: usize = 4;

/// One move: m, g, and whether counts grow by one or shrink by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Move {
    pub level: usize,
    pub moved: Set,
    pub with: Set,
    pub more: bool,
}

impl Move {
    fn sign(&self) -> i64 {
        if self.more { 1 } else { -1 }
    }
}

/// What moves made together change: counts by level and set, people by level and exact set.
pub(super) struct Plan {
    pub cells: Vec<(Cell, i64)>,
    pub people: Vec<((usize, Set), i64)>,
}

impl Plan {
    pub(super) fn of(counts: &Counts, moves: &[&Move]) -> Self {
        let mut cells: BTreeMap<Cell, i64> = BTreeMap::new();
        let mut people: BTreeMap<(usize, Set), i64> = BTreeMap::new();
        for step in moves {
            let size = counts.largest.saturating_sub(step.moved.len());
            for_each_subset(&step.with, size, |further| {
                let Some(set) = counts.place_of.get(&union(&step.moved, further)) else { return };
                *cells.entry((step.level, *set)).or_insert(0) += step.sign();
                if counts.levels() > 1 {
                    *cells.entry((counts.total(), *set)).or_insert(0) += step.sign();
                }
            });
            for_each_subset(&step.moved, step.moved.len(), |kept| {
                let missing = step.moved.len() - kept.len();
                let change = if missing % 2 == 0 { step.sign() } else { -step.sign() };
                *people.entry((step.level, union(kept, &step.with))).or_insert(0) += change;
            });
        }
        cells.retain(|_, change| *change != 0);
        people.retain(|_, change| *change != 0);
        Self { cells: cells.into_iter().collect(), people: people.into_iter().collect() }
    }

    /// By how much the count of a set changes.
    pub(super) fn change(&self, cell: Cell) -> i64 {
        self.cells.iter().find(|(known, _)| *known == cell).map_or(0, |(_, change)| *change)
    }
}

/// A cohort reached by plans, as what differs from the one there is.
#[derive(Default)]
pub(super) struct Reached {
    cells: FxHashMap<Cell, i64>,
    people: FxHashMap<(usize, Set), i64>,
}

impl Reached {
    /// How often more a plan can be followed when only the people limit it, at most `wanted` times.
    pub(super) fn most_people(&self, counts: &Counts, plan: &Plan, wanted: u64) -> u64 {
        let left = |(key, change): &((usize, Set), i64)| {
            let now =
                counts.people_with_exactly(key.0, &key.1) as i64 + self.people.get(key).copied().unwrap_or(0);
            if *change < 0 { (now / -change) as u64 } else { wanted }
        };
        plan.people.iter().map(left).fold(wanted, u64::min)
    }

    /// How often a change of a count can be made within bounds, at most `wanted` times.
    pub(super) fn most_within(
        &self,
        counts: &Counts,
        (cell, change): (Cell, i64),
        (least, most): (u64, u64),
        wanted: u64,
    ) -> u64 {
        let now = counts.with[cell.0][cell.1] as i64 + self.cells.get(&cell).copied().unwrap_or(0);
        let room = if change < 0 { now - least as i64 } else { most as i64 - now };
        wanted.min(room.max(0) as u64 / change.unsigned_abs().max(1))
    }

    /// How far a change of a count would take it out of bounds.
    pub(super) fn beyond(
        &self,
        counts: &Counts,
        (cell, change): (Cell, i64),
        (least, most): (u64, u64),
    ) -> u64 {
        let before = counts.with[cell.0][cell.1] as i64 + self.cells.get(&cell).copied().unwrap_or(0);
        let now = before + change;
        (now - most as i64).max(least as i64 - now).max(0) as u64
    }

    pub(super) fn follow(&mut self, plan: &Plan, times: u64) {
        for (cell, change) in &plan.cells {
            *self.cells.entry(*cell).or_insert(0) += change * times as i64;
        }
        for (atom, change) in &plan.people {
            *self.people.entry(atom.clone()).or_insert(0) += change * times as i64;
        }
    }
}

/// The moves of m at a level for which there are people, with all of `needed` among g and none of
/// `without`; those with the smallest g first, at most `most`.
pub(super) fn moves(
    counts: &Counts,
    level: usize,
    moved: &[u32],
    (needed, without): (&[u32], Option<u32>),
    more: bool,
    most: usize,
) -> Vec<Move> {
    let made = |with: Set| Move { level, moved: moved.to_vec(), with, more };
    if moved.is_empty() && more {
        // Anybody may have come: nobody has to be there.
        let newcomer = Some(needed.to_vec()).filter(|_| most > 0);
        return newcomer.into_iter().map(made).collect();
    }
    // Counts grow by people who have all but the first of m, and shrink by people who have it all.
    let anchor: Set = if more { moved[1..].to_vec() } else { moved.to_vec() };
    let wanted = union(&anchor, needed);
    let missing = moved.first().copied().filter(|_| more);
    let mut found = Vec::new();
    for place in counts.people_having(level, &wanted) {
        let atom = &counts.atoms[level][place].0;
        let held = |node: Option<u32>| node.is_some_and(|node| atom.binary_search(&node).is_ok());
        if held(missing) || held(without) || !is_within(&wanted, atom) {
            continue;
        }
        let with: Set = atom.iter().copied().filter(|node| moved.binary_search(node).is_err()).collect();
        let mut are_there = true;
        for_each_subset(moved, moved.len(), |kept| {
            if ((moved.len() - kept.len()) % 2 == 1) == more {
                are_there &= counts.people_with_exactly(level, &union(kept, &with)) > 0;
            }
        });
        if are_there {
            found.push(made(with));
            if found.len() >= most {
                break;
            }
        }
    }
    found
}

/// Every m within a set that is moved.
pub(super) fn moved_within(set: &[u32]) -> Vec<Set> {
    let mut found = Vec::new();
    for_each_subset(set, set.len().min(MOST_MOVED), |moved| found.push(moved.to_vec()));
    found
}

/// Both sets together, ascending.
pub(super) fn union(one: &[u32], other: &[u32]) -> Set {
    let mut all: Set = one.iter().chain(other).copied().collect();
    all.sort_unstable();
    all.dedup();
    all
}
