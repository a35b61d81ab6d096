//! People by exactly what they have, and the counts of those with at least a set, by level and in all.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::{ConditionId, People, Trait};

/// A set of conditions, ascending.
pub(super) type Set = Vec<u32>;

/// A count: its level and its set.
pub(super) type Cell = (usize, usize);

/// Counts of every level, and of all levels together in a last place where there are several.
pub(super) struct Counts {
    /// By level: people by exactly what they have.
    pub atoms: Vec<Vec<(Set, u64)>>,
    /// The sets counted, smaller ones first: nobody's, single conditions, those asked for.
    pub sets: Vec<Set>,
    pub place_of: FxHashMap<Set, usize>,
    /// By level and set: people with all of it.
    pub with: Vec<Vec<u64>>,
    /// Conditions of the largest set.
    pub largest: usize,
    /// By level: places of the people by exactly what they have, those of fewest conditions first.
    by_size: Vec<Vec<u32>>,
    /// By level and condition: the same of those who have it.
    having: Vec<Vec<Vec<u32>>>,
}

impl Counts {
    pub(super) fn of(people: &People, sets: &[Vec<ConditionId>], by: Option<&Trait>) -> Self {
        let levels = by.map_or(1, |by| by.levels().len().max(1));
        let mut atoms: Vec<BTreeMap<Set, u64>> = vec![BTreeMap::new(); levels];
        for (place, person) in people.iter().enumerate() {
            let level = match by {
                None => Some(0),
                Some(by) => by.level_of(place),
            };
            if let Some(level) = level {
                *atoms[level].entry(sorted(person.conditions())).or_insert(0) += 1;
            }
        }
        let mut all: Vec<Set> = sets.iter().map(|set| sorted(set)).collect();
        all.push(Vec::new());
        all.extend(people.conditions().ids().map(|id| vec![id.0]));
        all.sort_by(|a, b| a.len().cmp(&b.len()).then(a.cmp(b)));
        all.dedup();
        let place_of: FxHashMap<Set, usize> = all.iter().cloned().zip(0..).collect();
        let atoms: Vec<Vec<(Set, u64)>> =
            atoms.into_iter().map(|atoms| atoms.into_iter().collect()).collect();
        let largest = all.last().map_or(0, Vec::len);
        let mut with: Vec<Vec<u64>> = atoms.iter().map(|atoms| supports(atoms, &place_of, largest)).collect();
        if levels > 1 {
            with.push((0..all.len()).map(|set| with.iter().map(|level| level[set]).sum()).collect());
        }
        let by_size: Vec<Vec<u32>> = atoms
            .iter()
            .map(|atoms| {
                let mut places: Vec<u32> = (0..atoms.len() as u32).collect();
                places.sort_by_key(|place| (atoms[*place as usize].0.len(), *place));
                places
            })
            .collect();
        let conditions = people.conditions().len();
        let having = atoms.iter().zip(&by_size).map(|(atoms, places)| {
            let mut having = vec![Vec::new(); conditions];
            for place in places {
                atoms[*place as usize].0.iter().for_each(|node| having[*node as usize].push(*place));
            }
            having
        });
        let having = having.collect();
        Self { atoms, sets: all, place_of, with, largest, by_size, having }
    }

    /// People of a level with exactly these conditions.
    pub(super) fn people_with_exactly(&self, level: usize, set: &Set) -> u64 {
        let atoms = &self.atoms[level];
        atoms.binary_search_by(|atom| atom.0.cmp(set)).map_or(0, |place| atoms[place].1)
    }

    /// Places of people of a level who have the rarest of these conditions, those of fewest conditions
    /// first; everybody where there are none.
    pub(super) fn people_having(&self, level: usize, set: &[u32]) -> impl Iterator<Item = usize> + '_ {
        let of = |node: &u32| self.having[level][*node as usize].as_slice();
        let places = set.iter().map(of).min_by_key(|places| places.len());
        places.unwrap_or(&self.by_size[level]).iter().map(|place| *place as usize)
    }

    /// Number of levels, all together not counted.
    pub(super) fn levels(&self) -> usize {
        self.atoms.len()
    }

    /// The place of all levels together; the only level where there is one.
    pub(super) fn total(&self) -> usize {
        self.with.len() - 1
    }
}

fn supports(atoms: &[(Set, u64)], place_of: &FxHashMap<Set, usize>, largest: usize) -> Vec<u64> {
    let mut with = vec![0; place_of.len()];
    for (atom, people) in atoms {
        for_each_subset(atom, largest, |subset| {
            if let Some(place) = place_of.get(subset) {
                with[*place] += people;
            }
        });
    }
    with
}

fn sorted(conditions: &[ConditionId]) -> Set {
    let mut set: Set = conditions.iter().map(|condition| condition.0).collect();
    set.sort_unstable();
    set.dedup();
    set
}

/// Every subset of at most a size, the empty one included.
pub(super) fn for_each_subset(set: &[u32], largest: usize, mut found: impl FnMut(&[u32])) {
    let mut subset: Set = Vec::with_capacity(largest.min(set.len()));
    let mut places: Vec<usize> = Vec::new();
    let mut next = 0;
    found(&subset);
    loop {
        if next < set.len() && subset.len() < largest {
            subset.push(set[next]);
            places.push(next);
            found(&subset);
            next += 1;
        } else if let Some(place) = places.pop() {
            subset.pop();
            next = place + 1;
        } else {
            return;
        }
    }
}

pub(super) fn is_within(inner: &[u32], outer: &[u32]) -> bool {
    let mut outer = outer.iter();
    inner.iter().all(|wanted| outer.any(|found| found == wanted))
}
