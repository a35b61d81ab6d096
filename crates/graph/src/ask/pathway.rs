//! What happened between the first code of a condition and the first admission for it.

use std::collections::BTreeMap;

use twinloom_event::{EventKind, Timestamp};

use super::answer::{Answer, Cell, Table};
use super::interval::days;
use super::members::Members;
use super::parameter::{Parameter, Range};
use super::polypharmacy::first_orders;
use super::question::{AskError, Asked, Question, note_absent};
use super::walk::Life;

pub(super) const QUESTION: Question = Question {
    name: "pathway-to-first-admission",
    asks: "What happened between the first code of heart failure and the first admission for it?",
    parameters: &[
        Parameter {
            name: "of",
            meaning: "the set of the condition",
            range: Range::Set,
            default: Some("heart-failure"),
        },
        Parameter {
            name: "admission",
            meaning: "whether the admission must itself be coded so",
            range: Range::Choice(&["coded", "any"]),
            default: Some("coded"),
        },
        Parameter {
            name: "steps",
            meaning: "what counts as a step",
            range: Range::Choice(&["all", "contacts", "treatments"]),
            default: Some("all"),
        },
        Parameter {
            name: "length",
            meaning: "steps in a motif, both ends of the path counting",
            range: Range::Whole(2, 6),
            default: Some("3"),
        },
        Parameter { name: "top", meaning: "motifs shown", range: Range::Whole(1, 1000), default: Some("10") },
    ],
    method: "From each patient's first event coded in the set to the first later encounter of class IMP that contains such an event or is coded so: encounters by class, first orders of drugs and procedures, by time; equal neighbours are one step. A motif is a run of `length` steps (the whole path, if shorter), counted once a person; its gap runs from its first to its last step where it first occurs.",
    limits: "People first coded within an admission have no path; neither have those never admitted. Steps of one moment stand in order of their names.",
    takes_interactions: false,
    answer,
};

type Path = Vec<(Timestamp, String)>;

enum Course {
    WithinAdmission,
    NeverAdmitted,
    DiedFirst,
    Admitted(Path),
}

fn answer(asked: &Asked<'_>) -> Result<Answer, AskError> {
    let members = asked.members("of")?;
    let length = asked.arguments.whole("length") as usize;
    let (mut coded, mut within, mut died, mut never) = (0_u64, 0, 0, 0);
    let mut gaps_by_motif: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut waits = Vec::new();
    let mut cases = Table::new("cases", &["patient", "first_code", "admission", "path"]).of_persons();
    for life in &asked.lives {
        let Some(course) = course(asked, life, &members) else {
            continue;
        };
        coded += 1;
        let path = match course {
            Course::WithinAdmission => {
                within += 1;
                continue;
            }
            Course::NeverAdmitted => {
                never += 1;
                continue;
            }
            Course::DiedFirst => {
                died += 1;
                continue;
            }
            Course::Admitted(path) => path,
        };
        let (first, last) = (path[0].0, path[path.len() - 1].0);
        waits.push(days(first, last));
        let mut own: BTreeMap<String, f64> = BTreeMap::new();
        for run in path.windows(length.min(path.len())) {
            let gap = days(run[0].0, run[run.len() - 1].0);
            own.entry(named(run)).or_insert(gap);
        }
        for (motif, gap) in own {
            gaps_by_motif.entry(motif).or_default().push(gap);
        }
        cases.push(vec![
            Cell::text(asked.walk.id(life.patient)),
            Cell::Time(first),
            Cell::Time(last),
            Cell::text(named(&path)),
        ]);
    }
    let admitted = waits.len() as u64;
    let mut motifs: Vec<(String, Vec<f64>)> = gaps_by_motif.into_iter().collect();
    motifs.sort_by(|one, other| other.1.len().cmp(&one.1.len()).then_with(|| one.0.cmp(&other.0)));
    motifs.truncate(asked.arguments.whole("top") as usize);
    let mut table = Table::new("motifs", &["motif", "people", "share", "median_days"]).found();
    for (motif, gaps) in motifs {
        let people = gaps.len() as u64;
        table.push(vec![
            Cell::text(motif),
            Cell::Count(people),
            Cell::Share { part: people, whole: admitted },
            Cell::Median(gaps),
        ]);
    }
    let mut courses = Table::new("courses", &["course", "people", "share", "median_days"]).summed();
    for (name, people, waits) in [
        ("admitted later", admitted, Some(waits)),
        ("first coded within an admission", within, None),
        ("died without a later admission", died, None),
        ("not admitted later", never, None),
        ("all", coded, None),
    ] {
        courses.push(vec![
            Cell::text(name),
            Cell::Count(people),
            Cell::Share { part: people, whole: coded },
            waits.map_or(Cell::Empty, Cell::Median),
        ]);
    }
    let mut answer = asked.answer();
    note_absent(&mut answer, &[("of", &members)]);
    answer.tables = vec![table, courses, cases];
    Ok(answer)
}

fn named(run: &[(Timestamp, String)]) -> String {
    run.iter().map(|(_, step)| step.as_str()).collect::<Vec<_>>().join(" > ")
}

/// A life from the first code on; `None` for those never coded.
fn course(asked: &Asked<'_>, life: &Life, members: &Members) -> Option<Course> {
    let first = life.facts.iter().filter(|fact| members.of(fact)).filter_map(|fact| fact.time).min()?;
    let any = asked.arguments.word("admission") == "any";
    let mut later = Vec::new();
    for contact in life.contacts.iter().filter(|contact| contact.class.as_deref() == Some("IMP")) {
        let coded = || {
            members.any(&contact.concepts)
                || life.facts.iter().any(|fact| fact.contact == Some(contact.node) && members.of(fact))
        };
        let Some(start) = contact.start.filter(|_| any || coded()) else {
            continue;
        };
        if start <= first && contact.end.is_some_and(|end| first <= end) {
            return Some(Course::WithinAdmission);
        }
        if start > first {
            later.push(start);
        }
    }
    let Some(admission) = later.into_iter().min() else {
        return Some(if life.death.is_some() { Course::DiedFirst } else { Course::NeverAdmitted });
    };
    Some(Course::Admitted(path(asked, life, first, admission)))
}

fn path(asked: &Asked<'_>, life: &Life, first: Timestamp, admission: Timestamp) -> Path {
    let wanted = asked.arguments.word("steps");
    let between = |time: &Timestamp| first < *time && *time < admission;
    let mut steps: Path = Vec::new();
    if wanted != "treatments" {
        steps.extend(life.contacts.iter().filter_map(|contact| {
            let class = contact.class.as_deref().unwrap_or("unknown");
            Some((contact.start.filter(between)?, format!("encounter {class}")))
        }));
    }
    if wanted != "contacts" {
        let called = |concept| format!("{} [{}]", asked.walk.meaning(concept), asked.walk.code(concept));
        steps.extend(
            first_orders(asked, life)
                .into_iter()
                .filter(|(time, _)| between(time))
                .map(|(time, concept)| (time, called(concept))),
        );
        steps.extend(
            life.facts
                .iter()
                .filter(|fact| fact.kind == EventKind::Procedure)
                .filter_map(|fact| Some((fact.time.filter(between)?, called(*fact.concepts.first()?)))),
        );
    }
    steps.sort_unstable();
    let mut path = vec![(first, "first code".to_owned())];
    path.extend(steps);
    path.push((admission, "admission".to_owned()));
    path.dedup_by(|next, last| next.1 == last.1);
    path
}
