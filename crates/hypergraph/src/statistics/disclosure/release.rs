//! Counts of sets that may be told.

use rayon::prelude::*;
use serde::Serialize;

use super::counts::Counts;
use super::rule::DisclosureRule;
use super::witness::{Hidden, Status, Target, Tried};
use crate::{ConditionId, People, Trait};

/// A count that is withheld. Why it is, is not said: nobody could tell small ones from others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Withheld {
    /// The conditions.
    pub conditions: Vec<ConditionId>,
    /// The level; none for all together.
    pub level: Option<String>,
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
    /// What is withheld though somebody is in it, for whoever may see the counts themselves. It is not
    /// to be told: of a set that is neither told nor here, it would be known that nobody has it.
    #[serde(skip)]
    pub log: Vec<Withheld>,
}

/// Withholds small counts of people with at least each set, and as many others as it takes to keep them.
///
/// A set that is not told may be anything, nobody included: that nobody has it is not told either. Every
/// withheld count that somebody is in keeps `width` possible values besides its own, and so does every
/// small difference between two told counts; small ones keep them below the threshold. They are found as
/// other cohorts that would tell the same, rounding included, to somebody who knows the rule (see
/// [`DisclosureRule`]). Where they are not found, those told counts are withheld as well that stand in
/// the way of such a cohort, as few people as it takes. When that does not do, first the levels and then
/// everything is withheld.
///
/// # Source
/// Interval protection: Willenborg and de Waal 2001, Elements of Statistical Disclosure Control,
/// chapter 5.
///
/// # Limits
/// The sets are told together once: two releases of overlapping people can still be subtracted. Those
/// whose level is not known are left out. Differences are kept of one condition: people with one condition
/// and without two others may be few. A fixed rule can itself tell something to those who know it
/// (that nothing more would have had to be withheld): widths are of counts, not of beliefs.
pub fn release_sets(
    people: &People,
    sets: &[Vec<ConditionId>],
    by: Option<&Trait>,
    rule: DisclosureRule,
) -> Release {
    let counts = Counts::of(people, sets, by);
    let status = |with: &u64| if *with < rule.threshold { Status::Small } else { Status::Told };
    let cells = counts.with.iter().map(|with| with.iter().map(status).collect()).collect();
    let mut hidden = Hidden { counts: &counts, rule, cells };
    let mut kept = keep(&mut hidden);
    if !kept && counts.levels() > 1 {
        // All levels together may still be told.
        (0..counts.levels()).for_each(|level| hide_level(&mut hidden, level));
        kept = keep(&mut hidden);
    }
    if !kept {
        (0..counts.with.len()).for_each(|level| hide_level(&mut hidden, level));
    }
    told(&hidden, by)
}

/// Withholds what it takes; whether that does.
fn keep(hidden: &mut Hidden<'_>) -> bool {
    let mut targets: Vec<Target> = targets(hidden.counts);
    targets.retain(|target| hidden.is_kept(*target));
    // What is withheld later only makes more possible, so that what is safe stays it.
    let mut unsafe_ones: Vec<Target> =
        targets.into_par_iter().filter(|target| !hidden.is_safe(*target, &mut Tried::default())).collect();
    unsafe_ones.reverse();
    while let Some(target) = unsafe_ones.pop() {
        let mut tried = Tried::default();
        while hidden.is_kept(target) && !hidden.is_safe(target, &mut tried) {
            let mut cells = hidden.next_to_hide(target, &mut tried);
            if let (true, Target::Difference { level, outer, .. }) = (cells.is_empty(), target) {
                cells.push((level, outer));
            }
            if cells.is_empty() {
                return false;
            }
            for (level, set) in cells {
                hidden.cells[level][set] = Status::Secondary;
                unsafe_ones.insert(0, Target::Count { level, set });
            }
        }
    }
    true
}

/// Everything that could have to be kept.
fn targets(counts: &Counts) -> Vec<Target> {
    let mut found = Vec::new();
    for (level, with) in counts.with.iter().enumerate() {
        for (set, members) in counts.sets.iter().enumerate() {
            if with[set] == 0 {
                continue;
            }
            found.push(Target::Count { level, set });
            for left_out in 0..members.len() {
                let mut within = members.clone();
                within.remove(left_out);
                if let Some(inner) = counts.place_of.get(&within) {
                    found.push(Target::Difference { level, inner: *inner, outer: set });
                }
            }
        }
    }
    found
}

fn hide_level(hidden: &mut Hidden<'_>, level: usize) {
    for status in &mut hidden.cells[level] {
        if *status == Status::Told {
            *status = Status::Secondary;
        }
    }
}

fn told(hidden: &Hidden<'_>, by: Option<&Trait>) -> Release {
    let (counts, rule) = (hidden.counts, hidden.rule);
    let levels: Vec<String> =
        by.map(|by| by.levels().iter().map(ToString::to_string).collect()).unwrap_or_default();
    let tell =
        |level: usize, set: usize| hidden.is_told(level, set).then(|| rule.told(counts.with[level][set]));
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
    let places = (0..counts.with.len()).flat_map(|level| (0..counts.sets.len()).map(move |set| (level, set)));
    let log = places
        .filter(|(level, set)| hidden.is_kept(Target::Count { level: *level, set: *set }))
        .map(|(level, set)| Withheld {
            conditions: names(&counts.sets[set]),
            level: levels.get(level).filter(|_| counts.levels() > 1).cloned(),
        })
        .collect();
    Release { rule, people: tell(total, 0), people_by_level: by_level(0), levels, sets, log }
}
