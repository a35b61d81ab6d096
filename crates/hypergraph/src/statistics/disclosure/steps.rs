//! Counts of steps, from some conditions to the next, that may be told.

use std::collections::BTreeMap;

use serde::Serialize;

use super::release::Reason;
use super::rule::DisclosureRule;
use crate::statistics::step::for_each_step;
use crate::{ConditionId, People};

/// A step that may be told.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReleasedArc {
    /// The conditions before.
    pub tail: Vec<ConditionId>,
    /// The next one.
    pub head: ConditionId,
    /// People who took it, rounded to whole people and as the rule says.
    pub people: u64,
    /// That over the people of all told steps from the same conditions.
    pub share: f64,
}

/// A step that is withheld, for whoever checks the output. Without the count.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WithheldArc {
    /// The conditions before.
    pub tail: Vec<ConditionId>,
    /// The next one.
    pub head: ConditionId,
    /// Why.
    pub reason: Reason,
    /// How many other values are possible for certain, up to the width that the rule asks for.
    pub other_values: u64,
}

/// What may be told of steps.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ArcRelease {
    /// The rule.
    pub rule: DisclosureRule,
    /// Steps told, in order.
    pub arcs: Vec<ReleasedArc>,
    /// What is withheld, and why.
    pub log: Vec<WithheldArc>,
}

type Place = (Vec<ConditionId>, ConditionId);

/// Withholds steps that few people took, and as many others as it takes to keep those.
///
/// Steps are told alone, without the counts of people who stopped at a set, or who have it: whoever
/// knows the steps into and out of a set knows only how many went on, and not how many stopped. So a
/// withheld step could be one more if somebody who stopped before had taken it, and one less if
/// somebody who went on through withheld steps alone had stopped; `width` such other cohorts are asked
/// for, and the smallest step on from the head or out of the tail is withheld until there are.
///
/// # Limits
/// Only people all of whose conditions are dated and none on one day with another are moved; where ties
/// give fractions, counts are rounded first. The same steps must not be told together with counts of the
/// sets that people passed.
pub fn release_arcs(people: &People, rule: DisclosureRule) -> ArcRelease {
    let mut counts: BTreeMap<Place, f64> = BTreeMap::new();
    let mut paths: BTreeMap<Vec<ConditionId>, u64> = BTreeMap::new();
    for person in people.iter() {
        for_each_step(person, |step| {
            *counts.entry((step.tail.to_vec(), step.head)).or_insert(0.0) += step.share;
        });
        let apart = person.is_dated() && person.ties().all(|(_, tied)| tied.len() == 1);
        if apart && !person.conditions().is_empty() {
            *paths.entry(person.conditions().to_vec()).or_insert(0) += 1;
        }
    }
    let counts: BTreeMap<Place, u64> =
        counts.into_iter().map(|(place, share)| (place, (share - 1e-9).ceil() as u64)).collect();
    let mut withheld: BTreeMap<Place, Reason> = counts
        .iter()
        .filter(|(_, people)| rule.is_small(**people))
        .map(|(place, _)| (place.clone(), Reason::Small))
        .collect();
    loop {
        let mut changed = false;
        let places: Vec<Place> = withheld.keys().cloned().collect();
        for place in places {
            if leeway(&place, &counts, &paths, &withheld, rule) >= rule.width {
                continue;
            }
            if let Some(other) = next_to_withhold(&place, &counts, &withheld) {
                withheld.insert(other, Reason::Secondary);
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    let kept = |place: &Place| leeway(place, &counts, &paths, &withheld, rule) >= rule.width;
    if !withheld.keys().all(kept) {
        // When even that does not do (a handful of people), nothing is told.
        for place in counts.keys() {
            withheld.entry(place.clone()).or_insert(Reason::Secondary);
        }
    }
    let told: Vec<(&Place, u64)> = counts
        .iter()
        .filter(|(place, _)| !withheld.contains_key(*place))
        .map(|(place, people)| (place, rule.told(*people)))
        .collect();
    let mut out_of: BTreeMap<&[ConditionId], u64> = BTreeMap::new();
    for ((tail, _), people) in &told {
        *out_of.entry(tail).or_insert(0) += people;
    }
    let arcs = told
        .iter()
        .map(|((tail, head), people)| {
            let all = out_of.get(tail.as_slice()).copied().unwrap_or(0);
            ReleasedArc {
                tail: tail.clone(),
                head: *head,
                people: *people,
                share: crate::weight::ratio(*people as f64, all as f64),
            }
        })
        .collect();
    let log = withheld
        .iter()
        .map(|(place, reason)| WithheldArc {
            tail: place.0.clone(),
            head: place.1,
            reason: *reason,
            other_values: leeway(place, &counts, &paths, &withheld, rule).min(rule.width),
        })
        .collect();
    ArcRelease { rule, arcs, log }
}

/// How many other values a withheld step could have in cohorts whose told steps are the same.
fn leeway(
    (tail, head): &Place,
    counts: &BTreeMap<Place, u64>,
    paths: &BTreeMap<Vec<ConditionId>, u64>,
    withheld: &BTreeMap<Place, Reason>,
    rule: DisclosureRule,
) -> u64 {
    let (mut up, mut down) = (0, 0);
    for (path, people) in paths {
        if path.len() < tail.len() || !same(&path[..tail.len()], tail) {
            continue;
        }
        // Whatever these people did after the tail is withheld, so they may have done something else.
        let unknown = (tail.len()..path.len()).all(|length| withheld.contains_key(&step(path, length)));
        if !unknown {
            continue;
        }
        if path.get(tail.len()) == Some(head) {
            down += people;
        } else {
            up += people;
        }
    }
    let count = counts.get(&(tail.clone(), *head)).copied().unwrap_or(0);
    let room = if count < rule.threshold { rule.threshold - 1 - count } else { up };
    down.min(count) + up.min(room)
}

/// The step of a path after so many conditions.
fn step(path: &[ConditionId], length: usize) -> Place {
    let mut tail = path[..length].to_vec();
    tail.sort_unstable();
    (tail, path[length])
}

fn same(prefix: &[ConditionId], sorted: &[ConditionId]) -> bool {
    prefix.iter().all(|condition| sorted.binary_search(condition).is_ok())
}

/// The smallest told step on from the set that a withheld one leads to, else out of its tail.
fn next_to_withhold(
    (tail, head): &Place,
    counts: &BTreeMap<Place, u64>,
    withheld: &BTreeMap<Place, Reason>,
) -> Option<Place> {
    let mut set = tail.clone();
    set.push(*head);
    set.sort_unstable();
    let smallest = |wanted: &dyn Fn(&[ConditionId]) -> bool| {
        counts
            .iter()
            .filter(|(place, _)| wanted(&place.0) && !withheld.contains_key(*place))
            .min_by_key(|(place, people)| (**people, (*place).clone()))
            .map(|(place, _)| place.clone())
    };
    smallest(&|tail| tail == set).or_else(|| smallest(&|other| other == tail.as_slice())).or_else(|| {
        smallest(&|other| other.len() > set.len() && set.iter().all(|node| other.binary_search(node).is_ok()))
    })
}
