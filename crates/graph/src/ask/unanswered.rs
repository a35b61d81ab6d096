//! Abnormal results that nothing followed.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use twinloom_codes::ReferenceRange;
use twinloom_event::{EventKind, Timestamp};

use super::answer::{Answer, Cell, Happenings, Table};
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
    method: "Observations that the record itself interprets as abnormal, or whose value lies outside the range that it states; where it says neither, those whose value lies outside the table of reference ranges in that range's own unit. A follow-up is an encounter that begins, a medicine, procedure or plan of care, or another result of the same test, after the result was known and within `days`. Without one, a result that was known less than `days` before the patient's death or the record's end is not judged.",
    limits: "What follows need not be because of the result. The table's ranges are of adults and of either sex. Of several ranges that a result states the first is used. Calls and messages count only if recorded as encounters.",
    takes_interactions: false,
    answer,
};

/// The codes of HL7's ObservationInterpretation that call a result abnormal.
const ABNORMAL: [&str; 13] =
    ["A", "AA", "H", "HH", "HU", "HX", "L", "LL", "LU", "LX", "H>", "L<", "abnormal"];
/// And those that call it usual.
const USUAL: [&str; 2] = ["N", "normal"];

/// What is counted of one test.
#[derive(Default)]
struct Test {
    results: Happenings,
    by_record: Happenings,
    abnormal: Happenings,
    judged: Happenings,
    unanswered: Happenings,
}

/// A test: by its place in the table of ranges, else, where only the record judges it, by its code.
type Key = (usize, String);

/// A result that can be judged.
struct Result<'a> {
    fact: &'a Fact,
    test: Key,
    value: Option<f64>,
    known: Timestamp,
    by_record: bool,
    abnormal: bool,
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
    let name = |key: &Key| ranges.get(key.0).map_or_else(|| key.1.clone(), |range| range.name.clone());
    let mut tests: BTreeMap<Key, Test> = BTreeMap::new();
    let mut other_units = Happenings::default();
    let mut cases =
        Table::new("cases", &["patient", "result", "test", "value", "unit", "known"]).of_persons();
    for life in &asked.lives {
        let results = results(asked, life, &by_concept, &mut other_units);
        for result in &results {
            let test = tests.entry(result.test.clone()).or_default();
            test.results.add(life.patient);
            test.by_record.add_many(life.patient, u64::from(result.by_record));
            if !result.abnormal {
                continue;
            }
            test.abnormal.add(life.patient);
            let until = shifted(result.known, days);
            let followed = followed(life, &results, result, until);
            if !followed && (until > end || life.death.is_some_and(|death| death <= until)) {
                continue;
            }
            test.judged.add(life.patient);
            if followed {
                continue;
            }
            test.unanswered.add(life.patient);
            let unit = asked.walk.words(result.fact.node, Property::Unit);
            cases.push(vec![
                Cell::text(asked.walk.id(life.patient)),
                Cell::text(asked.walk.id(result.fact.node)),
                Cell::text(name(&result.test)),
                result.value.map_or(Cell::Empty, Cell::Number),
                unit.map_or(Cell::Empty, Cell::text),
                Cell::Time(result.known),
            ]);
        }
    }
    let mut table = Table::new(
        "tests",
        &[
            "test",
            "results",
            "abnormal",
            "abnormal_and_judged",
            "unanswered",
            "people",
            "share_unanswered",
            "judged_by_record",
        ],
    );
    for (key, test) in &tests {
        table.push(vec![
            Cell::text(name(key)),
            test.results.cell(),
            test.abnormal.cell(),
            test.judged.cell(),
            test.unanswered.cell(),
            test.unanswered.people(),
            Cell::Share { part: test.unanswered.count, whole: test.judged.count },
            test.by_record.cell(),
        ]);
    }
    let mut left_out = Table::new("left_out", &["reason", "results"]);
    left_out.push(vec![Cell::text("in units without a reference range"), other_units.cell()]);
    let mut answer = asked.answer();
    answer.notes.push(format!("the record ends at {end}"));
    answer.tables = vec![table, left_out, cases];
    Ok(answer)
}

/// A life's results that the record judges, or that have a range in their unit.
fn results<'a>(
    asked: &Asked<'_>,
    life: &'a Life,
    ranges: &FxHashMap<NodeId, Vec<usize>>,
    other_units: &mut Happenings,
) -> Vec<Result<'a>> {
    let mut found = Vec::new();
    for fact in life.facts.iter().filter(|fact| fact.kind == EventKind::Observation) {
        let (Some(first), Some(known)) = (fact.concepts.first(), fact.known) else {
            continue;
        };
        let value = number(asked, fact, Property::Value);
        let places = fact.concepts.iter().find_map(|concept| ranges.get(concept));
        let unit = asked.walk.words(fact.node, Property::Unit);
        let of_unit = |place: &&usize| Some(&*asked.tables.ranges()[**place].unit) == unit.as_deref();
        let place = places.and_then(|places| places.iter().find(of_unit)).copied();
        let own = judged_by_record(asked, fact, value);
        let by_table = || Some(is_outside(&asked.tables.ranges()[place?], value?));
        if let Some(abnormal) = own.or_else(by_table) {
            let test =
                place.map_or_else(|| (usize::MAX, asked.walk.code(*first)), |place| (place, String::new()));
            found.push(Result { fact, test, value, known, by_record: own.is_some(), abnormal });
        } else {
            let left_out = places.is_some() && place.is_none() && value.is_some();
            other_units.add_many(life.patient, u64::from(left_out));
        }
    }
    found
}

fn number(asked: &Asked<'_>, fact: &Fact, property: Property) -> Option<f64> {
    match asked.walk.graph.property(fact.node, property) {
        Some(PropertyValue::Float(number)) => Some(number),
        _ => None,
    }
}

/// Whether a result is abnormal by the interpretation, else by the range, that it carries.
fn judged_by_record(asked: &Asked<'_>, fact: &Fact, value: Option<f64>) -> Option<bool> {
    let interpretation = asked.walk.words(fact.node, Property::Interpretation);
    if let Some(code) = interpretation.as_deref().and_then(|code| code.rsplit("//").next()) {
        let among = |codes: &[&str]| codes.contains(&code);
        if among(&ABNORMAL) || among(&USUAL) {
            return Some(among(&ABNORMAL));
        }
    }
    let (low, high) =
        (number(asked, fact, Property::ReferenceLow), number(asked, fact, Property::ReferenceHigh));
    if low.is_none() && high.is_none() {
        return None;
    }
    value.map(|value| low.is_some_and(|low| value < low) || high.is_some_and(|high| value > high))
}

fn is_outside(range: &ReferenceRange, value: f64) -> bool {
    range.low.is_some_and(|low| value < low) || range.high.is_some_and(|high| value > high)
}

fn followed(life: &Life, results: &[Result<'_>], result: &Result<'_>, until: Timestamp) -> bool {
    let within = |time: Option<Timestamp>| time.is_some_and(|time| result.known < time && time <= until);
    let acts = [EventKind::Medication, EventKind::Procedure, EventKind::CarePlan];
    life.contacts.iter().any(|contact| within(contact.start))
        || life.facts.iter().any(|fact| acts.contains(&fact.kind) && within(fact.time))
        || results.iter().any(|other| other.test == result.test && within(other.fact.time))
}
