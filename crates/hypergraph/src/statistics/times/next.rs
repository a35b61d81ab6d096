//! What comes next after some conditions, and when: another condition, or death.

use serde::Serialize;

use super::aalen_johansen::{CurvePoint, Spell, curves};
use crate::statistics::step::for_each_step;
use crate::{ConditionId, Day, People};

/// What may come next after some conditions, each in competition with the others.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NextAfter {
    /// The conditions, which are the people's first.
    pub tail: Vec<ConditionId>,
    /// People who came to have just these; a fraction where conditions of one day leave it open.
    pub people: f64,
    /// Those to whom nothing more had happened by the end of the data.
    pub censored: f64,
    /// Days within which half had come to anything next; none when fewer have.
    pub median_days: Option<i64>,
    /// What came next: conditions in order, then death.
    pub outcomes: Vec<Outcome>,
}

/// One thing that may come next.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// The condition; none for death.
    pub next: Option<ConditionId>,
    /// People to whom it happened next.
    pub events: f64,
    /// Days within which half of those to whom it will happen (by the end of the curve) had it.
    pub median_days: Option<i64>,
    /// Cumulative incidence at every time at which anything happened.
    pub curve: Vec<CurvePoint>,
}

impl Outcome {
    /// The incidence a number of days after the last of the conditions before; none before anything
    /// happened to anybody, when it is 0.
    pub fn at(&self, days: i64) -> Option<&CurvePoint> {
        self.curve[..self.curve.partition_point(|point| point.days <= days)].last()
    }
}

/// Cumulative incidence of each next condition, and of death, after people's first conditions are
/// just `tail`.
///
/// One less the Kaplan-Meier estimate, with death taken for censoring, answers what would be if
/// nobody died, and promises more strokes than people live to have; it is given beside as `naive`.
///
/// # Arguments
/// `end`: the last day of the data, when those to whom nothing has happened are censored; by default
/// the last day that anything is recorded on. `level`: of the intervals, such as 0.95.
///
/// # Source
/// Aalen and Johansen 1978; Putter, Fiocco and Geskus 2007, Statistics in Medicine 26:2389.
///
/// # Limits
/// Over people all of whose conditions are dated, at most ten on one day. Conditions dated after death do not count. People
/// who left before the end of the data are taken to have been watched until then. Shares of people
/// enter variances as if they were counts.
pub fn next_after(people: &People, tail: &[ConditionId], end: Option<Day>, level: f64) -> NextAfter {
    let mut tail = tail.to_vec();
    tail.sort_unstable();
    tail.dedup();
    let end = end.or_else(|| last_day(people)).unwrap_or(0);
    let death = people.conditions().len();
    let mut spells: Vec<Spell> = Vec::new();
    for person in people.iter() {
        let died = person.death();
        let mut add = |since: Day, until: Option<(Day, usize)>, weight: f64| {
            if since > end || died.is_some_and(|died| died < since) {
                return;
            }
            let first = match (until, died) {
                (Some((day, _)), Some(died)) if died < day => Some((died, death)),
                (None, Some(died)) => Some((died, death)),
                (until, _) => until,
            };
            let seen = first.filter(|(day, _)| *day <= end);
            let last = seen.map_or(end, |(day, _)| day);
            let days = (i64::from(last) - i64::from(since)).max(0);
            spells.push(Spell { days, cause: seen.map(|(_, cause)| cause), weight });
        };
        let ordered = for_each_step(person, |step| {
            if step.tail == tail {
                add(step.since, Some((step.day, step.head.index())), step.share);
            }
        });
        let since = person.onsets().last().and_then(|onset| onset.day);
        if let Some(since) = since.filter(|_| ordered && is_all_of(person.conditions(), &tail)) {
            add(since, None, 1.0);
        }
    }
    let total: f64 = spells.iter().map(|spell| spell.weight).sum();
    let censored = spells.iter().filter(|spell| spell.cause.is_none()).map(|spell| spell.weight).sum();
    let mut events = vec![0.0; death + 1];
    for spell in &spells {
        if let Some(cause) = spell.cause {
            events[cause] += spell.weight;
        }
    }
    // Only causes that occur get a place, or ten thousand conditions would each have a curve.
    let causes: Vec<usize> = (0..=death).filter(|cause| events[*cause] > 0.0).collect();
    for spell in &mut spells {
        spell.cause = spell.cause.and_then(|cause| causes.binary_search(&cause).ok());
    }
    let found = curves(&mut spells, causes.len(), level);
    let outcomes = causes
        .iter()
        .zip(found.of_cause)
        .map(|(cause, curve)| {
            let half = curve.last().map_or(0.0, |point| 0.5 * point.incidence);
            let median_days = curve.iter().find(|point| point.incidence >= half).map(|point| point.days);
            let next = (*cause < death).then_some(ConditionId(*cause as u32));
            Outcome { next, events: events[*cause], median_days, curve }
        })
        .collect();
    let median_days = found.without.iter().find(|(_, without)| *without <= 0.5).map(|(days, _)| *days);
    NextAfter { tail, people: total, censored, median_days, outcomes }
}

fn is_all_of(conditions: &[ConditionId], sorted: &[ConditionId]) -> bool {
    conditions.len() == sorted.len() && conditions.iter().all(|found| sorted.binary_search(found).is_ok())
}

fn last_day(people: &People) -> Option<Day> {
    people.iter().flat_map(|person| person.onsets().filter_map(|onset| onset.day).chain(person.death())).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Onset;

    #[test]
    fn regress_death_keeps_people_from_the_next_condition() {
        let mut builder = People::builder();
        let [a, b, c] = ["a", "b", "c"].map(|name| builder.condition(name));
        builder
            .person(&[Onset::on(a, 0), Onset::on(b, 100)], None)
            .person(&[Onset::on(a, 0)], Some(50))
            .person(&[Onset::on(a, 0), Onset::on(c, 200), Onset::on(b, 300)], Some(900))
            .person(&[Onset::on(a, 0), Onset::on(b, 70)], Some(60))
            .person(&[Onset::on(a, 400)], None)
            .person(&[Onset::on(b, 0), Onset::on(a, 3)], None)
            .person(&[Onset::on(a, 0), Onset::undated(b)], None);
        let people = builder.build();
        let found = next_after(&people, &[a], None, 0.95);
        assert_eq!((found.people, found.censored, found.median_days), (5.0, 1.0, Some(100)));
        let of = |next| found.outcomes.iter().find(|outcome| outcome.next == next).expect("it happened");
        assert_eq!((of(Some(b)).events, of(Some(c)).events, of(None).events), (1.0, 1.0, 2.0));
        assert_eq!(of(None).at(59).map(|point| point.incidence), Some(0.2));
        assert!(of(None).at(49).is_none());
        assert!((of(Some(b)).at(1000).expect("it happened").incidence - 0.2).abs() < 1e-12);
        assert!(of(Some(b)).at(1000).expect("it happened").naive > 0.3);
        // What happens after the end of the data is not known yet.
        let early = next_after(&people, &[a], Some(80), 0.95);
        assert_eq!((early.people, early.censored), (4.0, 2.0));
        let nobody = next_after(&people, &[b, c], None, 0.95);
        assert_eq!((nobody.people, nobody.outcomes.len(), nobody.median_days), (0.0, 0, None));
    }
}
