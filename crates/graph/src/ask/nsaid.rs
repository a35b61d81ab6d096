//! People with type 2 diabetes and chronic kidney disease who were given an NSAID.

use std::collections::BTreeMap;

use twinloom_event::{EventKind, Timestamp};

use super::answer::{Answer, Cell, Table};
use super::members::Members;
use super::parameter::{Parameter, Range};
use super::question::{AskError, Asked, Question, note_absent, shifted};
use super::walk::Life;
use crate::{Property, PropertyValue};

pub(super) const QUESTION: Question = Question {
    name: "nsaid-in-ckd-diabetes",
    asks: "Which people with type 2 diabetes and chronic kidney disease of stage 3 or worse had an NSAID ordered lately?",
    parameters: &[
        Parameter {
            name: "days",
            meaning: "days before `at` within which the drug was ordered",
            range: Range::Whole(1, 36_500),
            default: Some("90"),
        },
        Parameter {
            name: "at",
            meaning: "the day looked at; the record's last by default",
            range: Range::Date,
            default: None,
        },
        Parameter {
            name: "egfr",
            meaning: "eGFR (mL/min/1.73 m2) below which two results 90 days apart count as kidney disease; 0 for coded disease alone",
            range: Range::Number(0.0, 200.0),
            default: Some("60"),
        },
        Parameter {
            name: "diabetes",
            meaning: "the set of the first condition",
            range: Range::Set,
            default: Some("type-2-diabetes"),
        },
        Parameter {
            name: "kidney",
            meaning: "the set of the second condition",
            range: Range::Set,
            default: Some("ckd-3-plus"),
        },
        Parameter { name: "drug", meaning: "the set of the drug", range: Range::Set, default: Some("nsaid") },
    ],
    method: "Patient -HAS_EVENT-> event -CODED_AS-> concept in set. A condition is held from its first code on. Kidney disease also begins with the first eGFR below the limit that follows another such by 90 days or more with none at or above it from the one to the other (KDIGO 2012); results in other units than mL/min/1.73 m2 are not looked at (the set's tests in mL/min are). Of people living at `at`, those with both conditions by then; of these, those with an order in the `days` before.",
    limits: "Orders, not dispensing or purchase over the counter. Diabetes of pregnancy or in remission counts once coded.",
    takes_interactions: false,
    answer,
};

/// eGFR results this far apart show that a low one lasts.
const KDIGO_DAYS: i64 = 90;

fn answer(asked: &Asked<'_>) -> Result<Answer, AskError> {
    let at = asked.date_or_end("at");
    let since = shifted(at, -asked.arguments.whole("days"));
    let (diabetes, kidney, drug) =
        (asked.members("diabetes")?, asked.members("kidney")?, asked.members("drug")?);
    let egfr = asked.terminology.members(asked.tables.set("egfr")?);
    let limit = asked.arguments.number("egfr");

    let mut steps = [0_u64; 4];
    let mut groups = [("female", 0, 0), ("male", 0, 0), ("other or unknown", 0, 0)];
    let mut cases = Table::new(
        "cases",
        &["patient", "diabetes_since", "kidney_disease_since", "evidence", "last_order", "drug"],
    )
    .of_persons();
    for life in asked.lives.iter().filter(|life| life.present(at)) {
        steps[0] += 1;
        let first_diabetes = first(life, at, &diabetes);
        let coded = first(life, at, &kidney);
        let measured = lasting_low(asked, life, at, &egfr, limit);
        steps[1] += u64::from(first_diabetes.is_some());
        let (Some(diabetes_since), Some(kidney_since)) =
            (first_diabetes, coded.into_iter().chain(measured).min())
        else {
            continue;
        };
        steps[2] += 1;
        let sex = life.sex.as_deref().unwrap_or_default();
        let group = groups.iter().position(|(name, ..)| *name == sex).unwrap_or(groups.len() - 1);
        groups[group].1 += 1;
        let last = life
            .facts
            .iter()
            .filter(|fact| fact.kind == EventKind::Medication && drug.of(fact))
            .filter(|fact| fact.time.is_some_and(|time| since < time && time <= at))
            .max_by_key(|fact| (fact.time, std::cmp::Reverse(asked.walk.id(fact.node))));
        let Some(last) = last else {
            continue;
        };
        steps[3] += 1;
        groups[group].2 += 1;
        cases.push(vec![
            Cell::text(asked.walk.id(life.patient)),
            Cell::Time(diabetes_since),
            Cell::Time(kidney_since),
            Cell::text(if coded == Some(kidney_since) { "code" } else { "eGFR" }),
            Cell::time(last.time),
            Cell::text(last.concepts.first().map(|concept| asked.walk.code(*concept)).unwrap_or_default()),
        ]);
    }

    let mut people =
        Table::new("people", &["sex", "with_both_conditions", "with_the_drug", "share"]).summed();
    for (name, both, treated) in groups.into_iter().chain([("all", steps[2], steps[3])]) {
        people.push(vec![
            Cell::text(name),
            Cell::Count(both),
            Cell::Count(treated),
            Cell::Share { part: treated, whole: both },
        ]);
    }
    let mut funnel = Table::new("steps", &["step", "people"]);
    for (name, count) in
        ["living and seen", "with diabetes", "with kidney disease too", "with the drug lately"]
            .into_iter()
            .zip(steps)
    {
        funnel.push(vec![Cell::text(name), Cell::Count(count)]);
    }
    let mut answer = asked.answer();
    answer.notes.push(format!("looked at {at}"));
    note_absent(&mut answer, &[("diabetes", &diabetes), ("kidney", &kidney), ("drug", &drug)]);
    answer.tables = vec![people, funnel, cases];
    Ok(answer)
}

/// When the first event of a set happened, by `at`.
fn first(life: &Life, at: Timestamp, members: &Members) -> Option<Timestamp> {
    let times = life.facts.iter().filter(|fact| members.of(fact)).filter_map(|fact| fact.time);
    times.filter(|time| *time <= at).min()
}

/// Units of the estimate without case, blanks and brackets; the tests of the set are all per 1.73 m2,
/// so that the shorter unit is the same one.
const UNITS: [&str; 2] = ["ml/min/1.73m2", "ml/min"];

fn is_per_area(unit: &str) -> bool {
    let plain: String = unit
        .chars()
        .map(|letter| if letter == '²' { '2' } else { letter.to_ascii_lowercase() })
        .filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '/'))
        .collect();
    UNITS.contains(&plain.as_str())
}

/// When the first low result came that follows another by long enough, all between them low, by `at`.
fn lasting_low(
    asked: &Asked<'_>,
    life: &Life,
    at: Timestamp,
    egfr: &Members,
    limit: f64,
) -> Option<Timestamp> {
    let mut lowest: BTreeMap<Timestamp, bool> = BTreeMap::new();
    for fact in life.facts.iter().filter(|fact| egfr.of(fact)) {
        let unit = asked.walk.words(fact.node, Property::Unit);
        if let (Some(time), Some(PropertyValue::Float(value)), Some(true)) = (
            fact.time.filter(|time| *time <= at),
            asked.walk.graph.property(fact.node, Property::Value),
            unit.as_deref().map(is_per_area),
        ) {
            *lowest.entry(time).or_insert(true) &= value < limit;
        }
    }
    let mut begun = None;
    for (time, low) in lowest {
        match begun {
            _ if !low => begun = None,
            None => begun = Some(shifted(time, KDIGO_DAYS)),
            Some(long_enough) if time >= long_enough => return Some(time),
            Some(_) => {}
        }
    }
    None
}
