//! How common conditions are among the living at a date.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use twinloom_event::{Code, Cohort, Event, EventKind, Timeline, Timestamp};

use crate::task::ConditionGroup;
use crate::wilson_interval;

/// Point prevalence with its 95 % Wilson interval.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Prevalence {
    /// The group's name, or the code.
    pub name: Arc<str>,
    /// Living subjects with it at the date.
    pub cases: u64,
    /// Living subjects.
    pub population: u64,
    /// Cases by population, 0 to 1.
    pub share: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

/// Prevalence of each group; a condition counts from its time until its end, if it has one.
pub fn prevalence(cohort: &Cohort, at: Timestamp, groups: &[ConditionGroup]) -> Vec<Prevalence> {
    let mut cases = vec![0_u64; groups.len()];
    let mut population = 0;
    for timeline in living(cohort, at) {
        population += 1;
        for (group, cases) in groups.iter().zip(&mut cases) {
            let holds = present(timeline, at).any(|event| group.codes.matches(event));
            *cases += u64::from(holds);
        }
    }
    groups
        .iter()
        .zip(cases)
        .filter_map(|(group, cases)| row(Arc::clone(&group.name), cases, population))
        .collect()
}

/// The codes of a kind that most of the living have at a date, commonest first, ties in order of code.
pub fn commonest(cohort: &Cohort, at: Timestamp, kind: EventKind, limit: usize) -> Vec<Prevalence> {
    let mut cases: BTreeMap<&Code, u64> = BTreeMap::new();
    let mut population = 0;
    for timeline in living(cohort, at) {
        population += 1;
        let mut codes: Vec<&Code> =
            present(timeline, at).filter(|event| event.kind() == kind).map(Event::code).collect();
        codes.sort_unstable();
        codes.dedup();
        for code in codes {
            *cases.entry(code).or_insert(0) += 1;
        }
    }
    let mut ranked: Vec<_> = cases.into_iter().collect();
    ranked.sort_by_key(|(_, cases)| std::cmp::Reverse(*cases));
    ranked
        .into_iter()
        .take(limit)
        .filter_map(|(code, cases)| row(code.as_str().into(), cases, population))
        .collect()
}

fn row(name: Arc<str>, cases: u64, population: u64) -> Option<Prevalence> {
    let (lower, upper) = wilson_interval(cases, population)?;
    Some(Prevalence { name, cases, population, share: cases as f64 / population as f64, lower, upper })
}

fn living(cohort: &Cohort, at: Timestamp) -> impl Iterator<Item = &Timeline> {
    cohort.timelines().iter().filter(move |timeline| {
        timeline.death().is_none_or(|death| death > at) && timeline.birth().is_none_or(|birth| birth <= at)
    })
}

fn present(timeline: &Timeline, at: Timestamp) -> impl Iterator<Item = &Event> {
    timeline
        .timed_events()
        .iter()
        .take_while(move |event| event.time() <= Some(at))
        .filter(move |event| event.end_time().is_none_or(|end| end > at))
}

#[cfg(test)]
mod tests {
    use twinloom_event::SubjectId;

    use super::*;
    use crate::CodeSet;

    #[test]
    fn regress_the_dead_and_the_recovered_are_not_cases() {
        let year = |year| Timestamp::from_ymd(year, 1, 1).unwrap();
        let asthma = |id, from| {
            Event::new(SubjectId::new(id), Some(year(from)), Code::new("SNOMED", "195967001").unwrap())
                .with_kind(EventKind::Condition)
        };
        let cohort = Cohort::from_events(vec![
            asthma(1, 2000),
            asthma(1, 2001),
            asthma(2, 2000).with_end_time(year(2005)).unwrap(),
            asthma(3, 2000),
            Event::new(SubjectId::new(3), Some(year(2006)), Code::death()),
            asthma(4, 2030),
        ])
        .unwrap();
        let group = ConditionGroup { name: "asthma".into(), codes: CodeSet::of(["SNOMED//195967001"]) };
        let rows = prevalence(&cohort, year(2010), &[group]);
        assert_eq!((rows[0].cases, rows[0].population), (1, 3));
        let commonest = commonest(&cohort, year(2010), EventKind::Condition, 5);
        assert_eq!((commonest.len(), commonest[0].cases), (1, 1));
    }
}
