//! How far a count could be from what it is, by other cohorts that would tell the same.
//!
//! From the cohort there is, plans (see there) are followed one after another as long as every told count
//! stays where it is rounded to what is told, every count that is withheld for being small (or nobody's)
//! stays small, and nobody is taken who is not there. Each step reached is a whole cohort of whole
//! people, which an attacker who knows everything that was told cannot rule out, even one who guessed
//! which counts are withheld for being small. More may be possible.

use super::counts::{Cell, Counts, Set};
use super::moves::{Move, Plan, Reached, moved_within, moves};
use super::rule::DisclosureRule;

/// What is done with a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// It is told.
    Told,
    /// It is below the threshold, or nobody's, and withheld for that.
    Small,
    /// It is withheld since it would tell of another.
    Secondary,
}

/// What must stay uncertain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// A withheld count, by level and set.
    Count { level: usize, set: usize },
    /// People of one set and not of another that has one condition more, both told.
    Difference { level: usize, inner: usize, outer: usize },
}

/// What is told and what is not, by level and set.
pub(super) struct Hidden<'a> {
    pub counts: &'a Counts,
    pub rule: DisclosureRule,
    pub cells: Vec<Vec<Status>>,
}

/// Plans for a target, which what is told does not change: those of one move, and of two if need be.
#[derive(Default)]
pub(super) struct Tried {
    near: Vec<Plan>,
    far: Option<Vec<Plan>>,
}

impl Tried {
    fn near(&mut self, hidden: &Hidden<'_>, target: Target) -> &[Plan] {
        if self.near.is_empty() {
            self.near =
                [false, true].map(|more| hidden.plans(target, more, false)).into_iter().flatten().collect();
        }
        &self.near
    }

    fn seek_far(&mut self, hidden: &Hidden<'_>, target: Target) {
        self.far.get_or_insert_with(|| {
            [false, true].map(|more| hidden.plans(target, more, true)).into_iter().flatten().collect()
        });
    }
}

/// Moves of one m tried, those of the fewest conditions.
const MOST_TRIED: usize = 10;
/// Counter-moves tried for each move.
const MOST_COUNTERS: usize = 5;
/// Moves for which counter-moves are sought.
const MOST_COUNTERED: usize = 30;

/// Counter-moves of one move.
const MOST_REPAIRS: usize = 8;

impl Hidden<'_> {
    pub(super) fn is_told(&self, level: usize, set: usize) -> bool {
        self.cells[level][set] == Status::Told
    }

    /// Whether a target still has to be kept: a withheld count that somebody is in, a small difference.
    pub(super) fn is_kept(&self, target: Target) -> bool {
        match target {
            Target::Count { level, set } => !self.is_told(level, set) && self.counts.with[level][set] > 0,
            Target::Difference { level, inner, outer } => {
                let with = &self.counts.with[level];
                self.rule.differences
                    && self.is_told(level, inner)
                    && self.is_told(level, outer)
                    && self.rule.is_small(with[inner] - with[outer])
            }
        }
    }

    /// Whether a target could have as many other values for certain as the rule asks for.
    pub(super) fn is_safe(&self, target: Target, tried: &mut Tried) -> bool {
        let width = self.rule.width;
        if self.followed(target, tried.near(self, target), &[], false) >= width {
            return true;
        }
        tried.seek_far(self, target);
        self.followed(target, &tried.near, tried.far.as_deref().unwrap_or_default(), true) >= width
    }

    /// The told counts whose withholding lets some plan keep the target, at the least cost in people.
    pub(super) fn next_to_hide(&self, target: Target, tried: &mut Tried) -> Vec<Cell> {
        let counts = self.counts;
        let at_start = Reached::default();
        let mut best: Option<(f64, Vec<Cell>)> = None;
        tried.near(self, target);
        tried.seek_far(self, target);
        for plan in tried.near.iter().chain(tried.far.iter().flatten()) {
            let mut times = at_start.most_people(counts, plan, self.rule.width);
            let (told, withheld): (Vec<_>, Vec<_>) =
                plan.cells.iter().copied().partition(|(cell, _)| self.is_told(cell.0, cell.1));
            for (cell, change) in withheld {
                times = at_start.most_within(counts, (cell, change), self.bounds(cell), times);
            }
            let in_the_way: Vec<Cell> = told
                .into_iter()
                .filter(|(cell, change)| {
                    at_start.most_within(counts, (*cell, *change), self.bounds(*cell), times) < times
                })
                .map(|(cell, _)| cell)
                .collect();
            if times == 0 || in_the_way.is_empty() {
                continue;
            }
            let people: u64 = in_the_way.iter().map(|(level, set)| counts.with[*level][*set]).sum();
            let cost = people as f64 / times as f64;
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, in_the_way));
            }
        }
        best.map_or_else(Vec::new, |(_, cells)| cells)
    }

    /// Values that a count may take for whoever knows what was told, and why what was not told was not.
    fn bounds(&self, (level, set): Cell) -> (u64, u64) {
        match self.cells[level][set] {
            Status::Told => self.rule.told_alike(self.counts.with[level][set]),
            Status::Small => (0, self.rule.threshold - 1),
            Status::Secondary => (0, u64::MAX >> 2),
        }
    }

    /// Other values reached by following plans down and up, one after another.
    fn followed(&self, target: Target, near: &[Plan], far: &[Plan], repair: bool) -> u64 {
        let width = self.rule.width;
        let mut found = 0;
        for more in [false, true] {
            let mut reached = Reached::default();
            let mut moved = 0;
            for plan in
                near.iter().chain(far).filter(|plan| change(plan, target) == if more { 1 } else { -1 })
            {
                let mut times = reached.most_people(self.counts, plan, width.saturating_sub(found + moved));
                for (cell, change) in &plan.cells {
                    if times == 0 {
                        break;
                    }
                    times = reached.most_within(self.counts, (*cell, *change), self.bounds(*cell), times);
                }
                if times > 0 {
                    reached.follow(plan, times);
                    moved += times;
                }
                if found + moved >= width {
                    return width;
                }
            }
            if repair {
                let mut firsts = self.first_moves(target, more);
                firsts.truncate(MOST_COUNTERED);
                for first in firsts {
                    while found + moved < width {
                        let Some(plan) = self.repaired(target, first.clone(), &reached) else { break };
                        if change(&plan, target) != if more { 1 } else { -1 } {
                            break;
                        }
                        reached.follow(&plan, 1);
                        moved += 1;
                    }
                }
            }
            found += moved;
        }
        found
    }

    /// Plans that change a target by one, those that change the fewest counts first; with or without
    /// a counter-move.
    fn plans(&self, target: Target, more: bool, countered: bool) -> Vec<Plan> {
        let counts = self.counts;
        let wanted = if more { 1 } else { -1 };
        let mut firsts: Vec<(Move, Plan)> = self
            .first_moves(target, more)
            .into_iter()
            .map(|first| {
                let plan = Plan::of(counts, &[&first]);
                (first, plan)
            })
            .collect();
        firsts.sort_by_key(|(first, plan)| (plan.cells.len(), first.moved.len(), first.with.clone()));
        if !countered {
            let plans = firsts.into_iter().map(|(_, plan)| plan);
            return plans.filter(|plan| change(plan, target) == wanted).collect();
        }
        let (Target::Count { set, .. } | Target::Difference { inner: set, .. }) = target;
        let mut plans: Vec<Plan> = Vec::new();
        for (first, _) in firsts.iter().take(MOST_COUNTERED) {
            for level in 0..counts.levels() {
                let mut counters = Vec::new();
                // With the same further conditions, or with some of the target's.
                let rest = less(&counts.sets[set], &first.moved);
                let mut needs = vec![first.with.clone()];
                needs.extend(moved_within(&rest));
                for needed in needs {
                    let found =
                        moves(counts, level, &first.moved, (&needed, None), !first.more, MOST_COUNTERS);
                    counters.extend(found);
                }
                for counter in counters {
                    let plan = Plan::of(counts, &[first, &counter]);
                    if change(&plan, target) == wanted {
                        plans.push(plan);
                    }
                }
            }
        }
        plans.sort_by_key(|plan| plan.cells.len());
        plans
    }

    /// A move with as many counter-moves as bring every count back to where it may be: each time those
    /// that help most with the largest set whose count may not be what it has become.
    fn repaired(&self, target: Target, first: Move, reached: &Reached) -> Option<Plan> {
        let counts = self.counts;
        let mut chosen = vec![first];
        let mut plan = Plan::of(counts, &chosen.iter().collect::<Vec<_>>());
        let wanted = change(&plan, target);
        for _ in 0..MOST_REPAIRS {
            let (excess, worst) = self.excess(&plan, reached);
            if excess == 0 {
                return Some(plan);
            }
            let ((of_level, set), grew) = worst?;
            let all_levels = counts.levels() > 1 && of_level == counts.total();
            let levels = if all_levels { 0..counts.levels() } else { of_level..of_level + 1 };
            let mut best: Option<(u64, Move, Plan)> = None;
            for level in levels {
                for moved in moved_within(&counts.sets[set]) {
                    let rest = less(&counts.sets[set], &moved);
                    for counter in moves(counts, level, &moved, (&rest, None), !grew, MOST_COUNTERS) {
                        let all: Vec<&Move> = chosen.iter().chain([&counter]).collect();
                        let plan = Plan::of(counts, &all);
                        if change(&plan, target) != wanted {
                            continue;
                        }
                        let (left, _) = self.excess(&plan, reached);
                        if left < best.as_ref().map_or(excess, |(least, ..)| *least) {
                            best = Some((left, counter, plan));
                        }
                    }
                }
            }
            let (_, counter, better) = best?;
            chosen.push(counter);
            plan = better;
        }
        None
    }

    /// How far a plan takes counts beyond what they may be, all together; and the largest set of those,
    /// with whether it grew.
    fn excess(&self, plan: &Plan, reached: &Reached) -> (u64, Option<(Cell, bool)>) {
        const NOBODY_THERE: u64 = 1_000_000;
        let mut excess = 0;
        let mut worst: Option<(usize, Cell, bool)> = None;
        if reached.most_people(self.counts, plan, 1) == 0 {
            excess += NOBODY_THERE;
        }
        for (cell, change) in &plan.cells {
            let beyond = reached.beyond(self.counts, (*cell, *change), self.bounds(*cell));
            excess += beyond;
            let size = self.counts.sets[cell.1].len();
            if beyond > 0 && worst.as_ref().is_none_or(|(largest, ..)| size > *largest) {
                worst = Some((size, *cell, *change > 0));
            }
        }
        (excess, worst.map(|(_, cell, grew)| (cell, grew)))
    }

    fn first_moves(&self, target: Target, more: bool) -> Vec<Move> {
        let counts = self.counts;
        let (level, set) = match target {
            Target::Count { level, set } => (level, set),
            Target::Difference { level, inner, .. } => (level, inner),
        };
        let all_levels = counts.levels() > 1 && level == counts.total();
        let levels = if all_levels { 0..counts.levels() } else { level..level + 1 };
        let without = match target {
            Target::Count { .. } => None,
            Target::Difference { inner, outer, .. } => {
                counts.sets[outer].iter().copied().find(|node| !counts.sets[inner].contains(node))
            }
        };
        let mut found = Vec::new();
        for level in levels {
            let members = &counts.sets[set];
            for moved in moved_within(members) {
                let rest = less(members, &moved);
                found.extend(moves(counts, level, &moved, (&rest, without), more, MOST_TRIED));
            }
            let (Target::Difference { outer, .. }, Some(condition)) = (target, without) else { continue };
            // Or somebody of both sets is of the inner alone.
            let members = &counts.sets[outer];
            for moved in moved_within(members).into_iter().filter(|moved| moved.contains(&condition)) {
                let rest = less(members, &moved);
                found.extend(moves(counts, level, &moved, (&rest, None), !more, MOST_TRIED));
            }
        }
        found
    }
}

/// By how much a plan changes a target.
fn change(plan: &Plan, target: Target) -> i64 {
    match target {
        Target::Count { level, set } => plan.change((level, set)),
        Target::Difference { level, inner, outer } => {
            plan.change((level, inner)) - plan.change((level, outer))
        }
    }
}

fn less(set: &[u32], without: &[u32]) -> Set {
    set.iter().copied().filter(|node| !without.contains(node)).collect()
}
