//! Counts of steps, from some conditions to the next, that may be told.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use serde::Serialize;

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

/// Why a step is withheld; never told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    /// Few people took it.
    Small,
    /// It would tell of another that is withheld.
    Secondary,
}

/// A step that is withheld. Why it is, is not said: nobody could tell small ones from others.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WithheldArc {
    /// The conditions before.
    pub tail: Vec<ConditionId>,
    /// The next one.
    pub head: ConditionId,
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
    /// What is withheld though somebody took it, for whoever may see the counts themselves. It is not to
    /// be told: of a step that is neither told nor here, it would be known that nobody took it.
    #[serde(skip)]
    pub log: Vec<WithheldArc>,
}

type Place = (Vec<ConditionId>, ConditionId);

/// Withholds steps that few people took, and as many others as it takes to keep those.
///
/// Steps are told alone, without the counts of people, of those who stopped at a set, or who have it:
/// whoever knows the steps into and out of a set knows only how many went on, and not how many stopped.
/// So a withheld step could be one more if somebody who stopped before had taken it, or if there were
/// one person more who came there by steps that are not told either; and one less if somebody who went
/// on through withheld steps alone had stopped. `width` such other cohorts are asked for, and the
/// smallest step on from the head, out of the tail or into it is withheld until there are.
///
/// # Limits
/// Steps of people with an undated condition, or with more than ten on one day, are not counted. Only
/// people none of whose conditions began on one day with another are moved; where ties
/// give fractions, counts are rounded up first. The same steps must not be told together with counts of
/// people or of the sets that they passed.
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
    let paths = Paths::of(paths);
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
        .keys()
        .map(|place| WithheldArc {
            tail: place.0.clone(),
            head: place.1,
            other_values: leeway(place, &counts, &paths, &withheld, rule).min(rule.width),
        })
        .collect();
    ArcRelease { rule, arcs, log }
}

/// People by their conditions in order, and which of them passed through a set.
struct Paths {
    people: Vec<(Vec<ConditionId>, u64)>,
    through: FxHashMap<Vec<ConditionId>, Vec<usize>>,
}

impl Paths {
    fn of(paths: BTreeMap<Vec<ConditionId>, u64>) -> Self {
        let people: Vec<(Vec<ConditionId>, u64)> = paths.into_iter().collect();
        let mut through: FxHashMap<Vec<ConditionId>, Vec<usize>> = FxHashMap::default();
        for (place, (path, _)) in people.iter().enumerate() {
            for length in 1..=path.len() {
                let mut set = path[..length].to_vec();
                set.sort_unstable();
                through.entry(set).or_default().push(place);
            }
        }
        Self { people, through }
    }
}

/// How many other values a withheld step could have in cohorts whose told steps are the same.
fn leeway(
    place: &Place,
    counts: &BTreeMap<Place, u64>,
    paths: &Paths,
    withheld: &BTreeMap<Place, Reason>,
    rule: DisclosureRule,
) -> u64 {
    let (tail, head) = place;
    let (mut up, mut down) = (0_u64, 0_u64);
    for (path, people) in paths.through.get(tail).into_iter().flatten().map(|path| &paths.people[*path]) {
        // Where all that these people did after the tail is withheld, they may have done something else.
        if !(tail.len()..path.len()).all(|length| withheld.contains_key(&step(path, length))) {
            continue;
        }
        if path.get(tail.len()) == Some(head) {
            down += people;
        } else {
            up += people;
        }
    }
    let count = counts.get(place).copied().unwrap_or(0);
    let up =
        up.saturating_add(newcomers(tail, counts, withheld, rule)).min(room(place, counts, withheld, rule));
    down.min(count).saturating_add(up).min(rule.width)
}

const PLENTY: u64 = u64::MAX / 4;

/// Tails of more conditions are not searched for ways in, of which there are n!.
const MOST_WAYS: usize = 10;

/// How many more people may have taken a step without being told of; none for a told step.
fn room(
    place: &Place,
    counts: &BTreeMap<Place, u64>,
    withheld: &BTreeMap<Place, Reason>,
    rule: DisclosureRule,
) -> u64 {
    match (counts.get(place), withheld.get(place)) {
        (None, _) => rule.threshold - 1,
        (Some(count), Some(Reason::Small)) => (rule.threshold - 1).saturating_sub(*count),
        (Some(_), Some(_)) => PLENTY,
        (Some(_), None) => 0,
    }
}

/// How many people more could have come to a tail along one way of steps that are not told.
fn newcomers(
    tail: &[ConditionId],
    counts: &BTreeMap<Place, u64>,
    withheld: &BTreeMap<Place, Reason>,
    rule: DisclosureRule,
) -> u64 {
    if tail.len() > MOST_WAYS {
        return 0;
    }
    // The widest way to each set of the tail's conditions; any condition may come first.
    let mut widest = vec![0_u64; 1 << tail.len()];
    (0..tail.len()).for_each(|first| widest[1 << first] = PLENTY);
    for set in 1..widest.len() {
        if widest[set] == 0 {
            continue;
        }
        let members: Vec<ConditionId> =
            (0..tail.len()).filter(|place| (set >> place) & 1 == 1).map(|place| tail[place]).collect();
        for next in (0..tail.len()).filter(|place| (set >> place) & 1 == 0) {
            let wide = widest[set].min(room(&(members.clone(), tail[next]), counts, withheld, rule));
            let reached = set | 1 << next;
            widest[reached] = widest[reached].max(wide);
        }
    }
    widest.last().copied().unwrap_or(0)
}

/// The step of a path after so many conditions.
fn step(path: &[ConditionId], length: usize) -> Place {
    let mut tail = path[..length].to_vec();
    tail.sort_unstable();
    (tail, path[length])
}

/// The smallest told step on from the set that a withheld one leads to, else out of its tail or into it.
fn next_to_withhold(
    (tail, head): &Place,
    counts: &BTreeMap<Place, u64>,
    withheld: &BTreeMap<Place, Reason>,
) -> Option<Place> {
    let mut set = tail.clone();
    set.push(*head);
    set.sort_unstable();
    let smallest = |wanted: &dyn Fn(&Place) -> bool| {
        counts
            .iter()
            .filter(|(place, _)| wanted(place) && !withheld.contains_key(*place))
            .min_by_key(|(place, people)| (**people, (*place).clone()))
            .map(|(place, _)| place.clone())
    };
    let leads_to_tail = |(before, next): &Place| {
        before.len() + 1 == tail.len()
            && tail.iter().all(|node| node == next || before.binary_search(node).is_ok())
    };
    smallest(&|place| place.0 == set)
        .or_else(|| smallest(&|place| place.0 == *tail))
        .or_else(|| smallest(&leads_to_tail))
}
