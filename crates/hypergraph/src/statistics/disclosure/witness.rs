//! Other cohorts that would tell the same: how far a withheld count could be from what it is.
//!
//! For a withheld set m and any further conditions g, let one more person have each of the sets f + g
//! with f within m, of which an even number of m's conditions is missing, and one fewer where an odd
//! number is. By inclusion and exclusion this adds one to the count of those with at least e for every e
//! between m and m + g, and changes no other count. Where all of those are withheld, nothing told has
//! changed. People of different g are different people, so that such moves add up.
//!
//! Each move is a whole cohort of whole people: what they reach is possible for certain, and an attacker
//! who knows everything that was told cannot rule it out. More may be possible.

use std::collections::{BTreeMap, BTreeSet};

use super::counts::{Counts, Set, for_each_subset, is_within};
use super::rule::DisclosureRule;

/// Which counts are withheld, by level and set.
pub(super) struct Hidden<'a> {
    pub counts: &'a Counts,
    pub rule: DisclosureRule,
    pub cells: Vec<Vec<bool>>,
}

/// Further conditions, and how many moves with them up and down.
struct Context {
    g: Set,
    up: u64,
    down: u64,
    /// Whether only the count of all levels together of m itself is told, and of nothing larger.
    only_own_total: bool,
    /// Whether nothing of all levels together is told.
    free: bool,
}

const PLENTY: u64 = u64::MAX / 4;

/// Sets of more conditions are not moved, since 2^n others would take part.
const MOST_MOVED: usize = 10;

impl Hidden<'_> {
    /// How much less and how much more a withheld count could be for certain, as far as asked.
    pub(super) fn leeway(&self, level: usize, set: usize) -> (u64, u64) {
        let counts = self.counts;
        if counts.levels() > 1 && level == counts.total() {
            return (0..counts.levels())
                .map(|level| self.of_level(level, set, true))
                .max_by_key(|(down, up)| down + up)
                .unwrap_or((0, 0));
        }
        self.of_level(level, set, false)
    }

    /// Whether a withheld count is uncertain enough.
    pub(super) fn is_safe(&self, level: usize, set: usize) -> bool {
        let (down, up) = self.leeway(level, set);
        down + up >= self.rule.width
    }

    fn of_level(&self, level: usize, set: usize, in_total: bool) -> (u64, u64) {
        let members = &self.counts.sets[set];
        let mut best = (0, 0);
        for_each_subset(members, members.len(), |m| {
            let Some(place) = self.counts.place_of.get(m) else { return };
            if !self.cells[level][*place] || best.0 + best.1 >= self.rule.width {
                return;
            }
            let found = (
                self.moves(level, *place, set, false, in_total),
                self.moves(level, *place, set, true, in_total),
            );
            if found.0 + found.1 > best.0 + best.1 {
                best = found;
            }
        });
        best
    }

    /// The moves of a withheld set m that change the count of a set that holds it.
    fn moves(&self, level: usize, m: usize, target: usize, up: bool, in_total: bool) -> u64 {
        let contexts = self.contexts(level, m, target);
        let several = self.counts.levels() > 1;
        let mut room = Room { of: self, used: BTreeMap::new() };
        let (mut moved, mut pooled) = (0_u64, 0_u64);
        let enough = self.rule.width;
        for context in &contexts {
            let possible = if up { context.up } else { context.down };
            if !several || context.free {
                let levels: &[usize] = if several { &[level, self.counts.total()] } else { &[level] };
                moved += room.take(levels, m, &context.g, possible.min(enough), up);
            } else if context.only_own_total && !in_total {
                pooled += room.take(&[level], m, &context.g, possible.min(enough), up);
            }
            if moved >= enough {
                return enough;
            }
        }
        if several && !in_total && pooled > 0 {
            // What this level has more another has less, so that all together stay the same.
            let mut elsewhere = 0;
            for other in (0..self.counts.levels()).filter(|other| *other != level && self.cells[*other][m]) {
                for context in
                    self.contexts(other, m, m).iter().filter(|context| context.only_own_total || context.free)
                {
                    let possible = if up { context.down } else { context.up };
                    elsewhere += room.take(&[other], m, &context.g, possible.min(enough), !up);
                }
            }
            moved += pooled.min(elsewhere);
        }
        moved.min(enough)
    }

    /// The further conditions with which moves of m change nothing told at a level but reach the target.
    fn contexts(&self, level: usize, m: usize, target: usize) -> Vec<Context> {
        let counts = self.counts;
        let (members, target) = (&counts.sets[m], &counts.sets[target]);
        let told = |level: usize| -> Vec<&Set> {
            counts.supersets[m]
                .iter()
                .filter(|set| !self.cells[level][**set])
                .map(|set| &counts.sets[*set])
                .collect()
        };
        let (told_here, told_in_all) = (told(level), told(counts.total()));
        if members.len() > MOST_MOVED {
            return Vec::new();
        }
        // A move down needs somebody with all of m, a move up somebody who lacks only its first.
        let mut further: BTreeSet<Set> = BTreeSet::new();
        for (atom, _) in &counts.atoms[level] {
            if is_within(members.get(1..).unwrap_or_default(), atom) {
                further.insert(
                    atom.iter().copied().filter(|node| members.binary_search(node).is_err()).collect(),
                );
            }
        }
        let context = |g: Set| {
            let mut reached: Set = members.iter().chain(&g).copied().collect();
            reached.sort_unstable();
            let tells = |told: &[&Set]| told.iter().filter(|set| is_within(set, &reached)).count();
            if !is_within(target, &reached) || tells(&told_here) > 0 {
                return None;
            }
            let in_all = tells(&told_in_all);
            let own = told_in_all.contains(&members);
            let (mut up, mut down) = (PLENTY, PLENTY);
            for trace in 0..1_usize << members.len() {
                let kept = |place: &usize| trace >> place & 1 == 1;
                let mut atom: Set = (0..members.len())
                    .filter(kept)
                    .map(|place| members[place])
                    .chain(g.iter().copied())
                    .collect();
                atom.sort_unstable();
                let people = counts.people_with_exactly(level, &atom);
                let missing = members.len() - trace.count_ones() as usize;
                let least = if missing % 2 == 1 { &mut up } else { &mut down };
                *least = people.min(*least);
            }
            (up + down > 0).then_some(Context {
                g,
                up,
                down,
                free: in_all == 0,
                only_own_total: in_all == 1 && own,
            })
        };
        further.into_iter().filter_map(context).collect()
    }
}

/// How far small counts have been moved: an attacker knows that they are below the threshold.
struct Room<'a> {
    of: &'a Hidden<'a>,
    used: BTreeMap<(usize, usize), u64>,
}

impl Room<'_> {
    /// As many of the moves as leave every small count small; at the levels given.
    fn take(&mut self, levels: &[usize], m: usize, g: &[u32], moves: u64, up: bool) -> u64 {
        if !up {
            return moves;
        }
        let (counts, rule) = (self.of.counts, self.of.rule);
        let mut reached: Set = counts.sets[m].iter().chain(g).copied().collect();
        reached.sort_unstable();
        let small = |level: usize| {
            counts.supersets[m]
                .iter()
                .copied()
                .filter(|set| {
                    counts.with[level][*set] < rule.threshold && is_within(&counts.sets[*set], &reached)
                })
                .map(move |set| (level, set))
                .collect::<Vec<_>>()
        };
        let touched: Vec<(usize, usize)> = levels.iter().flat_map(|level| small(*level)).collect();
        let room = |cell: &(usize, usize)| {
            let used = self.used.get(cell).copied().unwrap_or(0);
            (rule.threshold - 1).saturating_sub(counts.with[cell.0][cell.1] + used)
        };
        let taken = touched.iter().map(room).min().unwrap_or(PLENTY).min(moves);
        for cell in touched {
            *self.used.entry(cell).or_insert(0) += taken;
        }
        taken
    }
}
