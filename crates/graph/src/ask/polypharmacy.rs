//! People on many drugs at once, and which of these interact.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;
use twinloom_event::{EventKind, Timestamp};

use super::answer::{Answer, Cell, Table};
use super::members::Members;
use super::parameter::{Parameter, Range};
use super::question::{AskError, Asked, Question, shifted};
use super::walk::{Fact, Life};
use crate::{Edge, EdgeProperty, NodeId, Property, PropertyValue};

pub(super) const QUESTION: Question = Question {
    name: "polypharmacy-interactions",
    asks: "Who takes ten or more drugs at once, and which pairs of these interact, the triple whammy included?",
    parameters: &[
        Parameter {
            name: "drugs",
            meaning: "least number of different drugs at once",
            range: Range::Whole(1, 100),
            default: Some("10"),
        },
        Parameter {
            name: "at",
            meaning: "the day looked at; the record's last by default",
            range: Range::Date,
            default: None,
        },
        Parameter {
            name: "assumed-days",
            meaning: "days that an order without an end lasts when it is not known to be active",
            range: Range::Whole(1, 36_500),
            default: Some("90"),
        },
    ],
    method: "Medication events current at `at`: begun, not ended; without an end, active, or begun within `assumed-days` (with an --as-of before the record's last moment no status is looked at, since it may have been told later). A drug is its ATC code, or its own code where it has none. Pairs are those of INTERACTS_WITH edges and of --interactions, between different drugs, either of which may be a case of the class named. The triple whammy is an ACE inhibitor or angiotensin II receptor blocker with a diuretic and an NSAID.",
    limits: "A pair without a stated severity counts as severe, of others only severe, major, high and contraindicated ones; those of --interactions all count. Doses and kidney function are not looked at; orders for use when required count in full.",
    takes_interactions: true,
    answer,
};

const TRIPLE: &str = "triple whammy";

/// The drugs of one person, by key, with every class each lies in.
type Drugs = BTreeMap<String, FxHashSet<String>>;

fn answer(asked: &Asked<'_>) -> Result<Answer, AskError> {
    let at = asked.date_or_end("at");
    let least = asked.arguments.whole("drugs") as usize;
    let whammy =
        [asked.tables.set("acei-or-arb")?, asked.tables.set("diuretic")?, asked.tables.set("nsaid")?];
    let whammy = whammy.map(|set| asked.terminology.members(set));
    let pairs = pairs(asked);
    let (mut present, mut treated, mut many, mut interacting) = (0_u64, 0_u64, 0_u64, 0_u64);
    let mut people_by_pair: BTreeMap<String, u64> = BTreeMap::new();
    let mut cases = Table::new("cases", &["patient", "drugs", "interactions"]).of_persons();
    let mut taken: FxHashSet<String> = FxHashSet::default();
    for life in asked.lives.iter().filter(|life| life.present(at)) {
        present += 1;
        let current: Vec<&Fact> = life.facts.iter().filter(|fact| is_current(asked, fact, at)).collect();
        let drugs: Drugs = current
            .iter()
            .filter_map(|fact| fact.concepts.first())
            .map(|concept| (key(asked, *concept), asked.terminology.classes(*concept)))
            .collect();
        treated += u64::from(!drugs.is_empty());
        taken.extend(drugs.values().flatten().cloned());
        if drugs.len() < least {
            continue;
        }
        many += 1;
        let mut found: Vec<&str> = pairs
            .iter()
            .filter(|(_, (one, other))| interacts(&drugs, one, other))
            .map(|(name, _)| name.as_str())
            .collect();
        if whammy.iter().all(|members: &Members| current.iter().any(|fact| members.of(fact))) {
            found.push(TRIPLE);
        }
        interacting += u64::from(!found.is_empty());
        for name in &found {
            *people_by_pair.entry((*name).to_owned()).or_default() += 1;
        }
        if !found.is_empty() {
            cases.push(vec![
                Cell::text(asked.walk.id(life.patient)),
                Cell::Tally(drugs.len() as u64),
                Cell::text(found.join("; ")),
            ]);
        }
    }
    let mut steps = Table::new("steps", &["step", "people", "share_of_those_on_many"]);
    for (name, people) in [
        ("living and seen", present),
        ("on any drug", treated),
        ("on so many drugs", many),
        ("with an interaction", interacting),
    ] {
        let share = if name == "with an interaction" {
            Cell::Share { part: people, whole: many }
        } else {
            Cell::Empty
        };
        steps.push(vec![Cell::text(name), Cell::Count(people), share]);
    }
    let mut table = Table::new("interactions", &["interaction", "people", "share"]).found();
    let mut rows: Vec<_> = people_by_pair.into_iter().collect();
    rows.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    for (name, people) in rows {
        table.push(vec![Cell::text(name), Cell::Count(people), Cell::Share { part: people, whole: many }]);
    }
    let mut answer = asked.answer();
    answer
        .notes
        .push(format!("looked at {at}; {} pairs of drugs or classes are known to interact", pairs.len()));
    if pairs.is_empty() {
        answer.notes.push("neither the graph nor --interactions holds pairs that interact: only the triple whammy was looked for".to_owned());
    }
    if !pairs.is_empty() && !pairs.values().any(|(one, other)| taken.contains(one) && taken.contains(other)) {
        answer
            .notes
            .push("no pair that is known to interact is of two drugs or classes taken here".to_owned());
    }
    answer.tables = vec![table, steps, cases];
    Ok(answer)
}

/// Pairs that interact, by name.
fn pairs(asked: &Asked<'_>) -> BTreeMap<String, (String, String)> {
    let given =
        asked.interactions.iter().map(|(one, other)| (one.as_str().to_owned(), other.as_str().to_owned()));
    let stored = asked.walk.edges("INTERACTS_WITH").into_iter().flat_map(|table| {
        let severity =
            |edge: &Edge<'_>| table.get(edge, EdgeProperty::Severity).and_then(PropertyValue::as_text);
        let severe = move |edge: &Edge<'_>| severity(edge).is_none_or(is_severe);
        table.edges().filter(severe).map(|edge| (asked.walk.code(edge.source), asked.walk.code(edge.target)))
    });
    given
        .chain(stored)
        .map(|(one, other)| if one <= other { (one, other) } else { (other, one) })
        .map(|(one, other)| (format!("{one} + {other}"), (one, other)))
        .collect()
}

/// Whether a stated severity is one to act on.
fn is_severe(stated: &str) -> bool {
    ["severe", "major", "high", "contraindicated"].iter().any(|severe| stated.eq_ignore_ascii_case(severe))
}

/// Whether two different drugs lie in the two classes.
fn interacts(drugs: &Drugs, one: &str, other: &str) -> bool {
    let of = |class: &str| -> BTreeSet<&str> {
        drugs.iter().filter(|(_, classes)| classes.contains(class)).map(|(key, _)| key.as_str()).collect()
    };
    let (first, second) = (of(one), of(other));
    first.iter().any(|a| second.iter().any(|b| a != b))
}

fn is_current(asked: &Asked<'_>, fact: &Fact, at: Timestamp) -> bool {
    let Some(begun) = fact.time.filter(|time| fact.kind == EventKind::Medication && *time <= at) else {
        return false;
    };
    if let Some(end) = fact.end {
        return end > at;
    }
    let active = asked.walk.words(fact.node, Property::Status).as_deref() == Some("active");
    let assumed = asked.arguments.whole("assumed-days");
    (asked.walk.as_of.is_none() && active) || shifted(begun, assumed) > at
}

/// What makes two orders the same drug.
pub(super) fn key(asked: &Asked<'_>, concept: NodeId) -> String {
    asked
        .terminology
        .atc(concept)
        .first()
        .map_or_else(|| asked.walk.code(concept), |atc| format!("ATC//{atc}"))
}

/// The first order of each drug, in order of time and key.
pub(super) fn first_orders(asked: &Asked<'_>, life: &Life) -> Vec<(Timestamp, NodeId)> {
    let mut first: BTreeMap<String, (Timestamp, NodeId)> = BTreeMap::new();
    for fact in life.facts.iter().filter(|fact| fact.kind == EventKind::Medication) {
        if let (Some(time), Some(concept)) = (fact.time, fact.concepts.first()) {
            let own = first.entry(key(asked, *concept)).or_insert((time, *concept));
            *own = (*own).min((time, *concept));
        }
    }
    first.into_values().collect()
}
