//! Whom an infection could have reached through shared places at overlapping times.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use twinloom_event::{MICROSECONDS_PER_DAY, Timestamp};

use super::answer::{Answer, Cell, Table};
use super::parameter::{Parameter, Range};
use super::question::{AskError, Asked, Question, shifted};
use crate::{NodeId, NodeLabel};

pub(super) const QUESTION: Question = Question {
    name: "contact-tracing",
    asks: "Whom could an infection of this patient have reached through shared wards, by paths that respect time?",
    parameters: &[
        Parameter {
            name: "patient",
            meaning: "where the infection begins",
            range: Range::Patient,
            default: None,
        },
        Parameter {
            name: "from",
            meaning: "the first day on which they could infect; their first stay by default",
            range: Range::Date,
            default: None,
        },
        Parameter {
            name: "days",
            meaning: "days over which contacts are followed",
            range: Range::Whole(1, 36_500),
            default: Some("28"),
        },
        Parameter {
            name: "hops",
            meaning: "contacts in a path at most",
            range: Range::Whole(1, 10),
            default: Some("2"),
        },
        Parameter {
            name: "class",
            meaning: "class of the encounters that are stays at a place; `hospital` is IMP and EMER",
            range: Range::Choice(&["hospital", "IMP", "EMER", "AMB", "any"]),
            default: Some("hospital"),
        },
    ],
    method: "A stay is an encounter with start and end at a Location that it names, else at the organisation that provides it. Two patients meet where their stays at one place overlap. The earliest arrival of an infection in each patient over paths of at most `hops` meetings, each met before it ends and after the infection arrived (Bellman-Ford in rounds over time-respecting paths, Holme and Saramäki 2012).",
    limits: "A record without locations has only organisations: a whole hospital or practice counts as one place. Nobody recovers within `days`, and everyone infects at once.",
    takes_interactions: false,
    answer,
};

/// One stay at a place.
struct Stay {
    person: usize,
    start: i64,
    end: i64,
}

fn answer(asked: &Asked<'_>) -> Result<Answer, AskError> {
    let centre = asked
        .walk
        .patient(asked.arguments.word("patient"))
        .ok_or(AskError::NoSuchPatient { name: "patient" })?;
    let mut stays: BTreeMap<NodeId, Vec<Stay>> = BTreeMap::new();
    let mut by_location = false;
    for (person, life) in asked.lives.iter().enumerate() {
        for contact in life.contacts.iter().filter(|contact| counts(asked, contact.class.as_deref())) {
            let (Some(start), Some(end), Some((place, location))) =
                (contact.start, contact.end, place(asked, contact.node))
            else {
                continue;
            };
            by_location |= location;
            stays.entry(place).or_default().push(Stay { person, start: start.micros(), end: end.micros() });
        }
    }
    let index = asked.lives.iter().position(|life| life.patient == centre);
    let own = |stay: &&Stay| Some(stay.person) == index;
    let first = stays.values().flatten().filter(own).map(|stay| stay.start).min();
    let begin = asked.arguments.date("from").map(|day| day.micros() + 1 - MICROSECONDS_PER_DAY).or(first);
    let mut answer = asked.answer();
    answer.notes.push(format!(
        "places are {}",
        if by_location {
            "locations where named, else organisations"
        } else {
            "organisations: no encounter names a location"
        }
    ));
    let mut people = Table::new("reached", &["hops", "people", "people_in_all"]);
    let mut cases = Table::new("cases", &["patient", "hops", "reached"]).of_persons();
    let (Some(index), Some(begin)) = (index, begin) else {
        answer.notes.push("the patient has no stay".to_owned());
        answer.tables = vec![people, Table::new("followed", &["from", "to"]).of_persons(), cases];
        return Ok(answer);
    };
    let begin_time = Timestamp::from_micros(begin).unwrap_or_else(|_| asked.date_or_end("from"));
    let last = shifted(begin_time, asked.arguments.whole("days"));
    // The first stay is the patient's own: a note would tell what the table of cases withholds.
    let mut followed = Table::new("followed", &["from", "to"]).of_persons();
    followed.push(vec![Cell::Time(begin_time), Cell::Time(last)]);

    let hops = asked.arguments.whole("hops") as usize;
    let mut arrival: FxHashMap<usize, i64> = FxHashMap::from_iter([(index, begin)]);
    let mut hops_of: BTreeMap<usize, usize> = BTreeMap::new();
    let mut in_all = 0;
    for hop in 1..=hops {
        let mut next = arrival.clone();
        for place in stays.values() {
            for infected in place {
                let Some(since) = arrival.get(&infected.person) else {
                    continue;
                };
                for other in place.iter().filter(|other| other.person != infected.person) {
                    let met = infected.start.max(other.start).max(*since);
                    if met < infected.end.min(other.end) && met <= last.micros() {
                        let earliest = next.entry(other.person).or_insert(met);
                        *earliest = (*earliest).min(met);
                        hops_of.entry(other.person).or_insert(hop);
                    }
                }
            }
        }
        arrival = next;
        hops_of.remove(&index);
        let fresh = hops_of.values().filter(|own| **own == hop).count() as u64;
        in_all += fresh;
        people.push(vec![Cell::Tally(hop as u64), Cell::Count(fresh), Cell::Count(in_all)]);
    }
    let mut rows: Vec<(i64, String, usize)> = hops_of
        .iter()
        .map(|(person, hop)| (arrival[person], asked.walk.id(asked.lives[*person].patient), *hop))
        .collect();
    rows.sort_unstable();
    for (reached, patient, hop) in rows {
        cases.push(vec![
            Cell::text(patient),
            Cell::Tally(hop as u64),
            Cell::time(Timestamp::from_micros(reached).ok()),
        ]);
    }
    answer.tables = vec![people, followed, cases];
    Ok(answer)
}

fn counts(asked: &Asked<'_>, class: Option<&str>) -> bool {
    match asked.arguments.word("class") {
        "any" => true,
        "hospital" => matches!(class, Some("IMP" | "EMER")),
        wanted => class == Some(wanted),
    }
}

/// Where an encounter was: the first Location it names, else the first organisation; and which.
fn place(asked: &Asked<'_>, encounter: NodeId) -> Option<(NodeId, bool)> {
    let graph = asked.walk.graph;
    let of = |kind: &str| {
        graph
            .edges_from(encounter, asked.walk.as_of)
            .map(|edge| edge.target)
            .filter(|node| matches!(graph.table(*node).map(crate::NodeTable::label), Some(NodeLabel::Entity(own)) if **own == *kind))
            .min()
    };
    of("Location").map(|place| (place, true)).or_else(|| Some((of("Organization")?, false)))
}
