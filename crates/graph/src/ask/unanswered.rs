//! Abnormal results that nothing followed.

use rustc_hash::FxHashMap;
use twinloom_event::{EventKind, Timestamp};

use super::answer::{Answer, Cell, Table};
use super::parameter::{Parameter, Range};
use super::question::{AskError, Asked, Question, shifted};
use super::walk::{Fact, Life};
use crate::{NodeId, Property, PropertyValue};

pub(super) const QUESTION: Question = Question {
    name: "unanswered-results",
    asks: "Which abnormal results had no follow-up within 14 days?",
    parameters: &[Parameter {
        name: "days",
        meaning: "days after the result was known within which something should follow",
        range: Range::Whole(1, 365),
        default: Some("14"),
    }],
    method: "Observations whose value lies outside the table of reference ranges in that range's own unit. A follow-up is an encounter that begins, a medicine, procedure or plan of care, or another result of the same test, after the result was known and within `days`. Without one, a result that was known less than `days` before the patient's death or the record's end is not judged.",
    limits: "What follows need not be because of the result. Ranges are of adults and of either sex; a laboratory's own ranges are not used. Calls and messages count only if recorded as encounters.",
    takes_interactions: false,
    answer,
};

#[derive(Default)]
struct Test {
    results: u64,
    abnormal: u64,
    unjudged: u64,
    unanswered: u64,
    people: u64,
}

/// A test's place in the table of ranges, for a result in its unit.
struct Result<'a> {
    fact: &'a Fact,
    range: usize,
    value: f64,
    known: Timestamp,
}

#[expect(clippy::unnecessary_wraps, reason = "every question has the same signature")]
fn answer(asked: &Asked<'_>) -> std::result::Result<Answer, AskError> {
    let ranges = asked.tables.ranges();
    let mut by_concept: FxHashMap<NodeId, Vec<usize>> = FxHashMap::default();
    for (place, range) in ranges.iter().enumerate() {
        for concept in asked.terminology.coded(&range.codes) {
            by_concept.entry(concept).or_default().push(place);
        }
    }
    let days = asked.arguments.whole("days");
    let end = asked.date_or_end("days");
    let mut tests: Vec<Test> = ranges.iter().map(|_| Test::default()).collect();
    let mut other_units = 0_u64;
    let mut cases =
        Table::new("cases", &["patient", "result", "test", "value", "unit", "known"]).of_persons();
    for life in &asked.lives {
        let results = results(asked, life, &by_concept, &mut other_units);
        let mut counted = vec![false; ranges.len()];
        for result in &results {
            let (range, test) = (&ranges[result.range], &mut tests[result.range]);
            test.results += 1;
            let low = range.low.is_some_and(|low| result.value < low);
            if !low && range.high.is_none_or(|high| result.value <= high) {
                continue;
            }
            test.abnormal += 1;
            let until = shifted(result.known, days);
            if followed(life, &results, result, until) {
                continue;
            }
            if until > end || life.death.is_some_and(|death| death <= until) {
                test.unjudged += 1;
                continue;
            }
            test.unanswered += 1;
            test.people += u64::from(!std::mem::replace(&mut counted[result.range], true));
            cases.push(vec![
                Cell::text(asked.walk.id(life.patient)),
                Cell::text(asked.walk.id(result.fact.node)),
                Cell::text(&range.name),
                Cell::Number(result.value),
                Cell::text(&range.unit),
                Cell::Time(result.known),
            ]);
        }
    }
    let mut table = Table::new(
        "tests",
        &["test", "results", "abnormal", "not_judged", "unanswered", "people", "share_unanswered"],
    );
    for (range, test) in ranges.iter().zip(&tests).filter(|(_, test)| test.results > 0) {
        table.push(vec![
            Cell::text(&range.name),
            Cell::Count(test.results),
            Cell::Count(test.abnormal),
            Cell::Count(test.unjudged),
            Cell::Count(test.unanswered),
            Cell::Count(test.people),
            Cell::Share { part: test.unanswered, whole: test.abnormal - test.unjudged },
        ]);
    }
    let mut answer = asked.answer();
    answer.notes.push(format!("the record ends at {end}"));
    answer.notes.push(format!(
        "{other_units} results of these tests are in units without a reference range and were left out"
    ));
    answer.tables = vec![table, cases];
    Ok(answer)
}

/// A life's results that have a range in their unit.
fn results<'a>(
    asked: &Asked<'_>,
    life: &'a Life,
    ranges: &FxHashMap<NodeId, Vec<usize>>,
    other_units: &mut u64,
) -> Vec<Result<'a>> {
    let mut found = Vec::new();
    for fact in life.facts.iter().filter(|fact| fact.kind == EventKind::Observation) {
        let Some(places) = fact.concepts.iter().find_map(|concept| ranges.get(concept)) else {
            continue;
        };
        let (Some(PropertyValue::Float(value)), Some(known)) =
            (asked.walk.graph.property(fact.node, Property::Value), fact.known)
        else {
            continue;
        };
        let unit = asked.walk.words(fact.node, Property::Unit);
        let place =
            places.iter().find(|place| Some(&*asked.tables.ranges()[**place].unit) == unit.as_deref());
        match place {
            Some(range) => found.push(Result { fact, range: *range, value, known }),
            None => *other_units += 1,
        }
    }
    found
}

fn followed(life: &Life, results: &[Result<'_>], result: &Result<'_>, until: Timestamp) -> bool {
    let within = |time: Option<Timestamp>| time.is_some_and(|time| result.known < time && time <= until);
    let acts = [EventKind::Medication, EventKind::Procedure, EventKind::CarePlan];
    life.contacts.iter().any(|contact| within(contact.start))
        || life.facts.iter().any(|fact| acts.contains(&fact.kind) && within(fact.time))
        || results.iter().any(|other| other.range == result.range && within(other.fact.time))
}
