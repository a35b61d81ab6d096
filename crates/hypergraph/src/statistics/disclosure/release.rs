//! Counts of sets that may be told.

use rayon::prelude::*;
use serde::Serialize;

use super::counts::Counts;
use super::rule::DisclosureRule;
use super::witness::Hidden;
use crate::{ConditionId, People, Trait};

/// Why a count is withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It is below the threshold.
    Small,
    /// The difference to the count of a set within it is.
    SmallDifference,
    /// It would tell of another that is withheld.
    Secondary,
}

/// A count that is withheld, for whoever checks the output. Without the count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Withheld {
    /// The conditions.
    pub conditions: Vec<ConditionId>,
    /// The level; none for all together.
    pub level: Option<String>,
    /// Why.
    pub reason: Reason,
    /// How many other values are possible for certain, up to the width that the rule asks for; 0 where
    /// nobody counts and nothing has to be kept.
    pub other_values: u64,
}

/// A set whose count may be told, at some level at least.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReleasedSet {
    /// The conditions.
    pub conditions: Vec<ConditionId>,
    /// People with all of them; none where it is withheld.
    pub people: Option<u64>,
    /// The same for each level.
    pub by_level: Vec<Option<u64>>,
    /// Overlap weight, from the counts told and therefore telling nothing more.
    pub weight: Option<f64>,
}

/// What may be told of sets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Release {
    /// The rule.
    pub rule: DisclosureRule,
    /// Levels in order; none without a trait.
    pub levels: Vec<String>,
    /// Everybody; none where it is withheld.
    pub people: Option<u64>,
    /// Everybody of each level.
    pub people_by_level: Vec<Option<u64>>,
    /// Single conditions and the sets asked for that may be told at some level.
    pub sets: Vec<ReleasedSet>,
    /// What is withheld, and why. Sets that nobody has are neither told nor listed.
    pub log: Vec<Withheld>,
}

/// Withholds small counts of people with at least each set, and as many others as it takes to keep them.
///
/// A set that is not told may be anything from nobody to one less than the threshold: that nobody has
/// it is not told either. Every withheld count that somebody is in keeps `width` possible values besides
/// its own, found as other cohorts that would tell the same to somebody who knows the rule (see
/// [`DisclosureRule`]); until it does, the count of a set within it, of another level, or of all levels
/// is withheld as well, the smallest first.
///
/// # Source
/// Interval protection: Willenborg and de Waal 2001, Elements of Statistical Disclosure Control,
/// chapter 5.
///
/// # Limits
/// The sets are told together once: two releases of overlapping people can still be subtracted. Those
/// whose level is not known are left out. A fixed rule can itself tell something to those who know it:
/// widths are of counts, not of beliefs.
pub fn release_sets(
    people: &People,
    sets: &[Vec<ConditionId>],
    by: Option<&Trait>,
    rule: DisclosureRule,
) -> Release {
    let counts = Counts::of(people, sets, by);
    let mut hidden =
        Hidden { counts: &counts, rule, cells: vec![vec![false; counts.sets.len()]; counts.with.len()] };
    let mut reasons: Vec<Vec<Option<Reason>>> = vec![vec![None; counts.sets.len()]; counts.with.len()];
    for (level, reasons) in reasons.iter_mut().enumerate() {
        for (set, reason) in reasons.iter_mut().enumerate() {
            *reason = primary(&counts, rule, level, set);
            // Whoever is told of nobody there is told; so nobody and a few look alike.
            hidden.cells[level][set] = reason.is_some() || counts.with[level][set] == 0;
        }
    }
    loop {
        let unsafe_cells = unsafe_cells(&hidden, &reasons);
        let mut changed = false;
        for (level, set) in unsafe_cells {
            if hidden.is_safe(level, set) {
                continue;
            }
            if let Some((level, set)) = next_to_hide(&hidden, level, set) {
                hidden.cells[level][set] = true;
                reasons[level][set] = Some(Reason::Secondary);
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    // When even that does not do (a handful of people), nothing is told.
    if !unsafe_cells(&hidden, &reasons).is_empty() {
        for (level, reasons) in reasons.iter_mut().enumerate() {
            for (set, reason) in reasons.iter_mut().enumerate() {
                hidden.cells[level][set] = true;
                reason.get_or_insert(Reason::Secondary);
            }
        }
    }
    told(&hidden, &reasons, by)
}

fn primary(counts: &Counts, rule: DisclosureRule, level: usize, set: usize) -> Option<Reason> {
    let with = counts.with[level][set];
    if rule.is_small(with) {
        return Some(Reason::Small);
    }
    if !rule.differences || with == 0 {
        return None;
    }
    let members = &counts.sets[set];
    let differs_little = (0..members.len()).any(|left_out| {
        let mut within = members.clone();
        within.remove(left_out);
        counts.place_of.get(&within).is_some_and(|place| rule.is_small(counts.with[level][*place] - with))
    });
    differs_little.then_some(Reason::SmallDifference)
}

/// Withheld counts that somebody is in and that are not uncertain enough, in order.
fn unsafe_cells(hidden: &Hidden<'_>, reasons: &[Vec<Option<Reason>>]) -> Vec<(usize, usize)> {
    let cells: Vec<(usize, usize)> = reasons
        .iter()
        .enumerate()
        .flat_map(|(level, reasons)| {
            (0..reasons.len()).filter(|set| reasons[*set].is_some()).map(move |set| (level, set))
        })
        .filter(|(level, set)| hidden.counts.with[*level][*set] > 0)
        .collect();
    cells.into_par_iter().filter(|(level, set)| !hidden.is_safe(*level, *set)).collect()
}

/// The count whose withholding helps a withheld one: of another level, of all levels, of a set within.
fn next_to_hide(hidden: &Hidden<'_>, level: usize, set: usize) -> Option<(usize, usize)> {
    let counts = hidden.counts;
    let total = counts.total();
    let several = counts.levels() > 1;
    if several && level != total {
        let others = (0..counts.levels()).filter(|other| !hidden.cells[*other][set]);
        if let Some(smallest) = others.min_by_key(|other| (counts.with[*other][set], *other)) {
            return Some((smallest, set));
        }
        if !hidden.cells[total][set] {
            return Some((total, set));
        }
    }
    if several && level == total {
        // All together is known from its levels unless two of them are not told.
        let told = (0..counts.levels()).filter(|other| !hidden.cells[*other][set]);
        if let Some(smallest) = told.min_by_key(|other| (counts.with[*other][set], *other)) {
            return Some((smallest, set));
        }
    }
    let members = &counts.sets[set];
    for size in (0..members.len()).rev() {
        let mut smallest: Option<(u64, usize)> = None;
        super::counts::for_each_subset(members, size, |subset| {
            let known = counts.place_of.get(subset).filter(|_| subset.len() == size);
            if let Some(place) = known.filter(|place| !hidden.cells[level][**place]) {
                smallest = smallest.into_iter().chain([(counts.with[level][*place], *place)]).min();
            }
        });
        if let Some((_, place)) = smallest {
            return Some((level, place));
        }
    }
    None
}

fn told(hidden: &Hidden<'_>, reasons: &[Vec<Option<Reason>>], by: Option<&Trait>) -> Release {
    let (counts, rule) = (hidden.counts, hidden.rule);
    let levels: Vec<String> =
        by.map(|by| by.levels().iter().map(ToString::to_string).collect()).unwrap_or_default();
    let tell =
        |level: usize, set: usize| (!hidden.cells[level][set]).then(|| rule.told(counts.with[level][set]));
    let by_level = |set: usize| -> Vec<Option<u64>> {
        (0..levels.len().min(counts.levels())).map(|level| tell(level, set)).collect()
    };
    let names = |set: &[u32]| -> Vec<ConditionId> { set.iter().map(|node| ConditionId(*node)).collect() };
    let total = counts.total();
    let weight = |set: &[u32], people: Option<u64>| {
        let single = |node: &u32| counts.place_of.get(&vec![*node]).and_then(|place| tell(total, *place));
        let rarest = set.iter().map(single).collect::<Option<Vec<u64>>>()?.into_iter().min()?;
        people.filter(|_| rarest > 0).map(|people| (people as f64 / rarest as f64).min(1.0))
    };
    let sets = counts
        .sets
        .iter()
        .enumerate()
        .skip(1)
        .map(|(place, set)| {
            let people = tell(total, place);
            ReleasedSet {
                conditions: names(set),
                people,
                by_level: by_level(place),
                weight: weight(set, people),
            }
        })
        .filter(|set| set.people.is_some() || set.by_level.iter().any(Option::is_some))
        .collect();
    let mut log = Vec::new();
    for (level, reasons) in reasons.iter().enumerate() {
        for (place, reason) in reasons.iter().enumerate() {
            let Some(reason) = reason else { continue };
            let (down, up) = hidden.leeway(level, place);
            let of_level = (counts.levels() > 1 && level < counts.levels())
                .then(|| levels.get(level).cloned())
                .flatten();
            let other_values = (down + up).min(rule.width);
            log.push(Withheld {
                conditions: names(&counts.sets[place]),
                level: of_level,
                reason: *reason,
                other_values,
            });
        }
    }
    Release { rule, people: tell(total, 0), people_by_level: by_level(0), levels, sets, log }
}
