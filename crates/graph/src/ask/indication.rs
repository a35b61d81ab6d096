//! Drugs ordered without a reason that the record holds.

use twinloom_event::EventKind;

use super::answer::{Answer, Cell, Table};
use super::parameter::{Parameter, Range};
use super::question::{AskError, Asked, Question, shifted};

pub(super) const QUESTION: Question = Question {
    name: "drugs-without-indication",
    asks: "Which drugs were ordered without a stated reason and without a condition that they are given for?",
    parameters: &[Parameter {
        name: "grace-days",
        meaning: "days after the order within which a condition first recorded still counts",
        range: Range::Whole(0, 36_500),
        default: Some("30"),
    }],
    method: "Medication events whose concept lies in a class of the table of indications. An order is explained by a REASON edge, or by an event of the same patient coded in one of the class's sets of conditions by `grace-days` after the order. A drug of two classes is judged in each.",
    limits: "Classes given for many reasons (antibiotics, analgesics) are not judged; how many orders that leaves out is counted. Reasons written as words alone are not edges.",
    takes_interactions: false,
    answer,
};

fn answer(asked: &Asked<'_>) -> Result<Answer, AskError> {
    let grace = asked.arguments.whole("grace-days");
    let reason = asked.walk.edges("REASON");
    let mut classes = Vec::new();
    for row in asked.tables.indications() {
        let drugs = asked.terminology.members(asked.tables.set(&row.drugs)?);
        let sets: Result<Vec<_>, _> = row.conditions.iter().map(|name| asked.tables.set(name)).collect();
        classes.push((&row.drugs, drugs, asked.terminology.members_of_any(sets?)));
    }
    let mut counts = vec![[0_u64; 5]; classes.len()];
    let (mut orders, mut unjudged) = (0, 0);
    let mut cases = Table::new("cases", &["patient", "order", "drug", "class", "ordered"]).of_persons();
    for life in &asked.lives {
        let mut seen = vec![[false; 2]; classes.len()];
        for order in life.facts.iter().filter(|fact| fact.kind == EventKind::Medication) {
            let Some(ordered) = order.time else {
                continue;
            };
            orders += 1;
            let by = shifted(ordered, grace);
            let stated = asked.walk.targets(reason, order.node).next().is_some();
            let mut judged = false;
            for (place, (name, drugs, conditions)) in classes.iter().enumerate() {
                if !drugs.of(order) {
                    continue;
                }
                judged = true;
                let (count, seen) = (&mut counts[place], &mut seen[place]);
                let held = || {
                    life.facts
                        .iter()
                        .any(|fact| conditions.of(fact) && fact.time.is_some_and(|time| time <= by))
                };
                count[0] += 1;
                count[1] += u64::from(!std::mem::replace(&mut seen[0], true));
                count[2] += u64::from(stated);
                if stated || held() {
                    continue;
                }
                count[3] += 1;
                count[4] += u64::from(!std::mem::replace(&mut seen[1], true));
                cases.push(vec![
                    Cell::text(asked.walk.id(life.patient)),
                    Cell::text(asked.walk.id(order.node)),
                    Cell::text(
                        order.concepts.first().map(|concept| asked.walk.code(*concept)).unwrap_or_default(),
                    ),
                    Cell::text(name.as_str()),
                    Cell::Time(ordered),
                ]);
            }
            unjudged += u64::from(!judged);
        }
    }
    let mut table = Table::new(
        "classes",
        &[
            "class",
            "orders",
            "people",
            "with_stated_reason",
            "unexplained_orders",
            "people_unexplained",
            "share_of_orders",
        ],
    );
    for ((name, ..), [all, people, stated, bare, people_bare]) in
        classes.iter().zip(counts).filter(|(_, count)| count[0] > 0)
    {
        table.push(vec![
            Cell::text(name.as_str()),
            Cell::Count(all),
            Cell::Count(people),
            Cell::Count(stated),
            Cell::Count(bare),
            Cell::Count(people_bare),
            Cell::Share { part: bare, whole: all },
        ]);
    }
    let mut coverage = Table::new("coverage", &["orders", "not_judged"]);
    coverage.push(vec![Cell::Count(orders), Cell::Count(unjudged)]);
    let mut answer = asked.answer();
    if reason.is_none() {
        answer.notes.push("no order of this record refers to its reason".to_owned());
    }
    answer.tables = vec![table, coverage, cases];
    Ok(answer)
}
