//! Codes that stand alone where another belongs beside them.

use super::answer::{Answer, Cell, Happenings, Table};
use super::parameter::{Parameter, Range};
use super::question::{AskError, Asked, Question, shifted};

pub(super) const QUESTION: Question = Question {
    name: "missing-companions",
    asks: "Which codes appear without the companion that they need, such as dialysis without end-stage kidney disease?",
    parameters: &[Parameter {
        name: "days-after",
        meaning: "days after the first such code by which the companion must be recorded",
        range: Range::Whole(0, 36_500),
        default: Some("90"),
    }],
    method: "For each rule of the table of companions, people with an event coded in the rule's set: in breach if none of their events is coded in a companion set by `days-after` after the first, or if their sex is recorded as female or male and is another than the rule's.",
    limits: "A breach is a question to the record, not an error found: the diagnosis may be known elsewhere. People whose sex is unknown or recorded as other breach no rule of sex. Rules whose codes this record never uses are named in a note.",
    takes_interactions: false,
    answer,
};

fn answer(asked: &Asked<'_>) -> Result<Answer, AskError> {
    let days = asked.arguments.whole("days-after");
    let mut table = Table::new("rules", &["rule", "events", "people", "people_in_breach", "share"]);
    let mut cases = Table::new("cases", &["rule", "patient", "first_event", "first_time"]).of_persons();
    let mut answer = asked.answer();
    for rule in asked.tables.companions() {
        let when = asked.terminology.members(asked.tables.set(&rule.when)?);
        let sets: Result<Vec<_>, _> = rule.any_of.iter().map(|name| asked.tables.set(name)).collect();
        let companions = asked.terminology.members_of_any(sets?);
        let (mut events, mut people, mut breaches) = (Happenings::default(), 0, 0);
        for life in &asked.lives {
            let found = life.facts.iter().filter(|fact| when.of(fact));
            let timed: Vec<_> =
                found.filter_map(|fact| Some((fact.time?, asked.walk.id(fact.node)))).collect();
            events.add_many(life.patient, timed.len() as u64);
            let Some((time, id)) = timed.into_iter().min() else {
                continue;
            };
            people += 1;
            let by = shifted(time, days);
            let breach = match &rule.sex {
                Some(sex) => {
                    life.sex.as_deref().is_some_and(|own| matches!(own, "female" | "male") && own != sex)
                }
                None => !life
                    .facts
                    .iter()
                    .any(|fact| companions.of(fact) && fact.time.is_some_and(|own| own <= by)),
            };
            if breach {
                breaches += 1;
                cases.push(vec![
                    Cell::text(rule.name.as_str()),
                    Cell::text(asked.walk.id(life.patient)),
                    Cell::text(id),
                    Cell::Time(time),
                ]);
            }
        }
        if people == 0 {
            answer.notes.push(format!("rule {}: no such code in this record", rule.name));
        } else {
            table.push(vec![
                Cell::text(rule.name.as_str()),
                events.cell(),
                Cell::Count(people),
                Cell::Count(breaches),
                Cell::Share { part: breaches, whole: people },
            ]);
        }
    }
    answer.tables = vec![table, cases];
    Ok(answer)
}
