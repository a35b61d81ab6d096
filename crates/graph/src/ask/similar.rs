//! The patients most like one, and what became of them.

use std::collections::BTreeMap;

use rayon::prelude::*;
use rustc_hash::FxHashSet;
use twinloom_event::{EventKind, Timestamp};

use super::answer::{Answer, Cell, Table};
use super::interval::days;
use super::members::Members;
use super::parameter::{Parameter, Range};
use super::polypharmacy::key;
use super::question::{AskError, Asked, Question, shifted};
use super::walk::Life;

pub(super) const QUESTION: Question = Question {
    name: "similar-patients",
    asks: "Which patients are most like this one, and what happened to them in the next year?",
    parameters: &[
        Parameter {
            name: "patient",
            meaning: "the one to compare with",
            range: Range::Patient,
            default: None,
        },
        Parameter {
            name: "at",
            meaning: "the day up to which records are compared; `horizon-days` before the record's end by default",
            range: Range::Date,
            default: None,
        },
        Parameter {
            name: "neighbours",
            meaning: "how many of the most similar",
            range: Range::Whole(1, 100_000),
            default: Some("20"),
        },
        Parameter {
            name: "horizon-days",
            meaning: "days over which they are followed",
            range: Range::Whole(1, 3650),
            default: Some("365"),
        },
    ],
    method: "A patient is the set (hyperedge) of what they were coded with by `at`: conditions, drugs, procedures. Likeness is Jaccard's index of two sets, each element weighted by ln(people / people with it). The outcomes of the most similar living people in the days that follow, beside those of all.",
    limits: "Codes, not their dates or severity. Equal likeness is ordered by patient id. Follow-up that passes the record's end is short, and a note says so.",
    takes_interactions: false,
    answer,
};

/// Likeness that differs by less than this is equal, so that the order of a sum does not rank.
const STEPS: f64 = 1e12;

fn answer(asked: &Asked<'_>) -> Result<Answer, AskError> {
    let horizon = asked.arguments.whole("horizon-days");
    let centre = asked
        .walk
        .patient(asked.arguments.word("patient"))
        .ok_or(AskError::NoSuchPatient { name: "patient" })?;
    let at = asked.arguments.date("at").unwrap_or_else(|| shifted(asked.date_or_end("at"), -horizon));
    let until = shifted(at, horizon);
    let lives: Vec<&Life> = asked.lives.iter().filter(|life| life.present(at)).collect();
    let profiles: Vec<FxHashSet<String>> = lives.par_iter().map(|life| profile(asked, life, at)).collect();
    let mut answer = asked.answer();
    answer.notes.push(format!("compared up to {at}, followed to {until}"));
    if asked.end().is_some_and(|end| end < until) {
        answer.notes.push("the record ends before the follow-up does".to_owned());
    }
    let own = asked
        .lives
        .iter()
        .find(|life| life.patient == centre)
        .map(|life| profile(asked, life, at))
        .unwrap_or_default();
    if own.is_empty() {
        answer
            .notes
            .push("the patient has no condition, drug or procedure by then: nobody is like them".to_owned());
    }
    let mut frequency: BTreeMap<&str, u64> = BTreeMap::new();
    for profile in &profiles {
        for element in profile {
            *frequency.entry(element).or_default() += 1;
        }
    }
    let everyone = profiles.len() as f64;
    let weight =
        |element: &str| frequency.get(element).map_or(0.0, |people| (everyone / *people as f64).ln());
    let mut ranked: Vec<(i64, String, usize)> = profiles
        .iter()
        .enumerate()
        .filter(|(place, _)| lives[*place].patient != centre && !own.is_empty())
        .map(|(place, profile)| {
            (
                (-likeness(&own, profile, weight) * STEPS).round() as i64,
                asked.walk.id(lives[place].patient),
                place,
            )
        })
        .collect();
    ranked.sort_unstable();
    ranked.truncate(asked.arguments.whole("neighbours") as usize);

    let long_term: Vec<Members> = asked
        .tables
        .sets()
        .filter(|set| set.is_long_term())
        .map(|set| asked.terminology.members(set))
        .collect();
    let chosen: Vec<&Life> = ranked.iter().map(|(_, _, place)| lives[*place]).collect();
    let mut table = Table::new(
        "outcomes",
        &["outcome", "similar_people", "share", "median_days", "all_people", "share_of_all"],
    );
    for outcome in ["died", "admitted", "emergency visit", "new long-term condition"] {
        let happened = |life: &&Life| first_outcome(life, outcome, at, until, &long_term);
        let similar: Vec<f64> = chosen.iter().filter_map(happened).map(|time| days(at, time)).collect();
        let all = lives.iter().filter_map(happened).count() as u64;
        let part = similar.len() as u64;
        table.push(vec![
            Cell::text(outcome),
            Cell::Count(part),
            Cell::Share { part, whole: chosen.len() as u64 },
            Cell::Median(similar),
            Cell::Count(all),
            Cell::Share { part: all, whole: lives.len() as u64 },
        ]);
    }
    let mut cases = Table::new("cases", &["rank", "patient", "likeness", "shared"]).of_persons();
    for (rank, (likeness, id, place)) in ranked.iter().enumerate() {
        let shared = own.intersection(&profiles[*place]).count();
        cases.push(vec![
            Cell::Tally(rank as u64 + 1),
            Cell::text(id.as_str()),
            Cell::Number(-(*likeness as f64) / STEPS),
            Cell::Tally(shared as u64),
        ]);
    }
    answer.tables = vec![table, cases];
    Ok(answer)
}

/// What a life was coded with by a moment; drugs by their ATC code where they have one.
fn profile(asked: &Asked<'_>, life: &Life, at: Timestamp) -> FxHashSet<String> {
    let kinds = [EventKind::Condition, EventKind::Medication, EventKind::Procedure];
    let known = life.facts.iter().filter(|fact| {
        kinds.contains(&fact.kind) && !fact.doubted && fact.time.is_some_and(|time| time <= at)
    });
    known.filter_map(|fact| fact.concepts.first().map(|concept| key(asked, *concept))).collect()
}

/// Jaccard's index of two weighted sets, 0 where neither weighs anything.
fn likeness(one: &FxHashSet<String>, other: &FxHashSet<String>, weight: impl Fn(&str) -> f64) -> f64 {
    // A sum of floats must not follow the order of a hash set.
    let mut elements: Vec<&String> = one.union(other).collect();
    elements.sort_unstable();
    let (mut shared, mut all) = (0.0, 0.0);
    for element in elements {
        let own = weight(element);
        all += own;
        if one.contains(element) && other.contains(element) {
            shared += own;
        }
    }
    if all > 0.0 { shared / all } else { 0.0 }
}

/// When an outcome first happened after one moment and by another.
fn first_outcome(
    life: &Life,
    outcome: &str,
    after: Timestamp,
    by: Timestamp,
    long_term: &[Members],
) -> Option<Timestamp> {
    let within = |time: &Timestamp| after < *time && *time <= by;
    let contact = |class: &str| {
        let of_class = life.contacts.iter().filter(|contact| contact.class.as_deref() == Some(class));
        of_class.filter_map(|contact| contact.start).filter(within).min()
    };
    match outcome {
        "died" => life.death.filter(within),
        "admitted" => contact("IMP"),
        "emergency visit" => contact("EMER"),
        _ => {
            let begun = |members: &Members| {
                life.facts.iter().filter(|fact| members.of(fact)).filter_map(|fact| fact.time).min()
            };
            long_term.iter().filter_map(begun).filter(within).min()
        }
    }
}
