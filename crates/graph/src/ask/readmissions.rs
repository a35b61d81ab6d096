//! Emergency of the next stay: readmission by where the last one ended and by earlier emergency visits.

use std::collections::BTreeMap;

use twinloom_event::{MICROSECONDS_PER_DAY, Timestamp};

use super::answer::{Answer, Cell, Happenings, Table};
use super::parameter::{Parameter, Range};
use super::question::{AskError, Asked, Question, shifted};
use super::walk::Life;
use crate::Property;

pub(super) const QUESTION: Question = Question {
    name: "readmissions",
    asks: "How many stays are followed by another within 30 days, by discharge destination and by emergency visits of the 12 months before?",
    parameters: &[
        Parameter {
            name: "days",
            meaning: "days after discharge within which a stay is a readmission",
            range: Range::Whole(1, 3650),
            default: Some("30"),
        },
        Parameter {
            name: "before-days",
            meaning: "days before admission over which emergency visits count",
            range: Range::Whole(1, 36_500),
            default: Some("365"),
        },
        Parameter {
            name: "route-hours",
            meaning: "hours before admission over which an emergency visit is the way in, and does not count",
            range: Range::Whole(0, 720),
            default: Some("24"),
        },
        Parameter {
            name: "transfer-hours",
            meaning: "a stay that begins within so many hours of the last one's end continues it",
            range: Range::Whole(0, 720),
            default: Some("0"),
        },
        Parameter {
            name: "stay-class",
            meaning: "class of encounter that is a stay",
            range: Range::Choice(&["IMP", "ACUTE", "NONAC", "SS", "OBSENC", "EMER", "AMB"]),
            default: Some("IMP"),
        },
    ],
    method: "Patient -HAD_ENCOUNTER-> encounters of class IMP with start and end; overlapping or adjoining ones are one stay. A stay is followed if the next begins within `days` of its end. Left out: stays after which the patient died within a day, and those that end less than `days` before the record does. Emergency visits are encounters of class EMER that begin within `before-days` before the stay, but more than `route-hours` before it.",
    limits: "Planned and unplanned readmissions are not told apart. Death within `days` counts as not readmitted. Destination is `not recorded` where the record does not say.",
    takes_interactions: false,
    answer,
};

const BANDS: [&str; 4] = ["0", "1", "2", "3 or more"];

/// Stays that touch, as one.
struct Stay {
    start: Timestamp,
    end: Timestamp,
    destination: Box<str>,
}

#[expect(clippy::unnecessary_wraps, reason = "every question has the same signature")]
fn answer(asked: &Asked<'_>) -> Result<Answer, AskError> {
    let days = asked.arguments.whole("days");
    let end = asked.date_or_end("days");
    let (mut died, mut unfollowed) = (Happenings::default(), Happenings::default());
    let (mut all, mut again) = (Happenings::default(), Happenings::default());
    let mut groups: BTreeMap<(Box<str>, usize), (Happenings, Happenings)> = BTreeMap::new();
    let mut cases = Table::new(
        "cases",
        &["patient", "admitted", "discharged", "readmitted", "destination", "emergency_visits_before"],
    )
    .of_persons();
    for life in &asked.lives {
        let stays = stays(asked, life);
        for (index, stay) in stays.iter().enumerate() {
            if life.death.is_some_and(|death| death <= shifted(stay.end, 1)) {
                died.add(life.patient);
                continue;
            }
            let until = shifted(stay.end, days);
            if until > end {
                unfollowed.add(life.patient);
                continue;
            }
            let next = stays.get(index + 1).filter(|next| next.start <= until);
            let visits = visits_before(asked, life, stay.start);
            let group = groups.entry((stay.destination.clone(), visits.min(BANDS.len() - 1))).or_default();
            group.0.add(life.patient);
            all.add(life.patient);
            if let Some(next) = next {
                group.1.add(life.patient);
                again.add(life.patient);
                cases.push(vec![
                    Cell::text(asked.walk.id(life.patient)),
                    Cell::Time(stay.start),
                    Cell::Time(stay.end),
                    Cell::Time(next.start),
                    Cell::text(&*stay.destination),
                    Cell::Tally(visits as u64),
                ]);
            }
        }
    }
    let mut table =
        Table::new("stays", &["destination", "emergency_visits_before", "discharges", "readmitted", "share"])
            .summed();
    for ((destination, band), (discharges, readmitted)) in groups {
        table.push(vec![
            Cell::text(destination),
            Cell::text(BANDS[band]),
            discharges.cell(),
            readmitted.cell(),
            Cell::Share { part: readmitted.count, whole: discharges.count },
        ]);
    }
    table.push(vec![
        Cell::text("all"),
        Cell::text("all"),
        all.cell(),
        again.cell(),
        Cell::Share { part: again.count, whole: all.count },
    ]);
    let mut left_out = Table::new("left_out", &["reason", "stays"]);
    left_out.push(vec![Cell::text("died within a day of the end"), died.cell()]);
    left_out.push(vec![Cell::text("ended too late to be followed"), unfollowed.cell()]);
    let mut answer = asked.answer();
    answer.notes.push(format!("the record ends at {end}"));
    answer.tables = vec![table, left_out, cases];
    Ok(answer)
}

/// A life's stays in order, those that touch as one.
fn stays(asked: &Asked<'_>, life: &Life) -> Vec<Stay> {
    let class = asked.arguments.word("stay-class");
    let gap = asked.arguments.whole("transfer-hours") * (MICROSECONDS_PER_DAY / 24);
    let mut found: Vec<Stay> = life
        .contacts
        .iter()
        .filter(|contact| contact.class.as_deref() == Some(class))
        .filter_map(|contact| {
            let destination = asked.walk.words(contact.node, Property::Discharge);
            Some(Stay {
                start: contact.start?,
                end: contact.end?,
                destination: destination.unwrap_or_else(|| "not recorded".into()),
            })
        })
        .collect();
    found.sort_unstable_by(|one, other| {
        (one.start, one.end, &one.destination).cmp(&(other.start, other.end, &other.destination))
    });
    let mut merged: Vec<Stay> = Vec::with_capacity(found.len());
    for stay in found {
        match merged.last_mut() {
            Some(last) if stay.start.micros() <= last.end.micros().saturating_add(gap) => {
                if stay.end >= last.end {
                    last.end = stay.end;
                    last.destination = stay.destination;
                }
            }
            _ => merged.push(stay),
        }
    }
    merged
}

/// Emergency visits long enough before a stay not to be the way into it.
fn visits_before(asked: &Asked<'_>, life: &Life, start: Timestamp) -> usize {
    let since = shifted(start, -asked.arguments.whole("before-days"));
    let route = asked.arguments.whole("route-hours") * (MICROSECONDS_PER_DAY / 24);
    let until = start.plus_micros(-route).unwrap_or(start);
    let emergency = life.contacts.iter().filter(|contact| contact.class.as_deref() == Some("EMER"));
    emergency.filter_map(|contact| contact.start).filter(|visit| since <= *visit && *visit < until).count()
}
