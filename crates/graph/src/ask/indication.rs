//! Drugs ordered without a reason that the record holds.

use twinloom_event::EventKind;

use super::answer::{Answer, Cell, Happenings, Table};
use super::parameter::{Parameter, Range};
use super::question::{AskError, Asked, Question, shifted};
use crate::{NodeId, Property};

pub(super) const QUESTION: Question = Question {
    name: "drugs-without-indication",
    asks: "Which drugs were ordered without a stated reason and without a condition that they are given for?",
    parameters: &[
        Parameter {
            name: "grace-days",
            meaning: "days after the order within which a condition first recorded still counts",
            range: Range::Whole(0, 36_500),
            default: Some("30"),
        },
        Parameter {
            name: "reasons",
            meaning: "whose stated reason explains an order: its own alone, or that of its encounter too",
            range: Range::Choice(&["order-or-encounter", "order"]),
            default: Some("order-or-encounter"),
        },
    ],
    method: "Medication events whose concept lies in a class of the table of indications. An order is explained by its stated reason (a REASON edge or a code), by that of the encounter it was made in, or by an event of the same patient coded in one of the class's sets of conditions by `grace-days` after the order. A drug of two classes is judged in each.",
    limits: "Classes given for many reasons (antibiotics, analgesics) have no rule; how many of their orders state no reason, and so are not judged, is counted. An encounter's reason need not be the drug's. Reasons written as words alone are not looked at.",
    takes_interactions: false,
    answer,
};

/// Orders of a drug that a row of the table of indications is about.
const JUDGED: &str = "judged by a rule for the drug";

fn answer(asked: &Asked<'_>) -> Result<Answer, AskError> {
    let grace = asked.arguments.whole("grace-days");
    let reason = asked.walk.edges("REASON");
    let of_encounters = asked.arguments.word("reasons") == "order-or-encounter";
    let mut classes = Vec::new();
    for row in asked.tables.indications() {
        let drugs = asked.terminology.members(asked.tables.set(&row.drugs)?);
        let sets: Result<Vec<_>, _> = row.conditions.iter().map(|name| asked.tables.set(name)).collect();
        classes.push((&row.drugs, drugs, asked.terminology.members_of_any(sets?)));
    }
    let mut counts = vec![[Happenings::default(); 4]; classes.len()];
    let mut coverage = [Happenings::default(); 4];
    let mut cases = Table::new("cases", &["patient", "order", "drug", "class", "ordered"]).of_persons();
    for life in &asked.lives {
        for order in life.facts.iter().filter(|fact| fact.kind == EventKind::Medication) {
            let Some(ordered) = order.time else {
                continue;
            };
            let by = shifted(ordered, grace);
            let states = |node: NodeId| {
                asked.walk.targets(reason, node).next().is_some()
                    || asked.walk.graph.property(node, Property::Reason).is_some()
            };
            let stated = states(order.node);
            // An encounter may be named before its own artefact, which states the reason, is known.
            let contact = order.contact.filter(|node| life.contacts.iter().any(|own| own.node == *node));
            let of_encounter = of_encounters && !stated && contact.is_some_and(states);
            let mut judged = false;
            for (place, (name, drugs, conditions)) in classes.iter().enumerate() {
                if !drugs.of(order) {
                    continue;
                }
                judged = true;
                let count = &mut counts[place];
                let held = || {
                    life.facts
                        .iter()
                        .any(|fact| conditions.of(fact) && fact.time.is_some_and(|time| time <= by))
                };
                count[0].add(life.patient);
                count[1].add_many(life.patient, u64::from(stated));
                count[2].add_many(life.patient, u64::from(of_encounter));
                if stated || of_encounter || held() {
                    continue;
                }
                count[3].add(life.patient);
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
            let explained = stated || of_encounter;
            let rows = [true, judged, !judged && explained, !judged && !explained];
            for (count, counts) in coverage.iter_mut().zip(rows) {
                count.add_many(life.patient, u64::from(counts));
            }
        }
    }
    let mut table = Table::new(
        "classes",
        &[
            "class",
            "orders",
            "people",
            "unexplained_orders",
            "people_unexplained",
            "share_of_orders",
            "with_stated_reason",
            "with_reason_of_encounter",
        ],
    );
    for ((name, ..), [all, stated, of_encounter, bare]) in
        classes.iter().zip(counts).filter(|(_, count)| count[0].count > 0)
    {
        table.push(vec![
            Cell::text(name.as_str()),
            all.cell(),
            all.people(),
            bare.cell(),
            bare.people(),
            Cell::Share { part: bare.count, whole: all.count },
            stated.cell(),
            of_encounter.cell(),
        ]);
    }
    let mut covered = Table::new("coverage", &["orders_that_are", "orders", "people"]).summed();
    for (name, count) in [
        (JUDGED, &coverage[1]),
        ("explained by a stated reason, without a rule for the drug", &coverage[2]),
        ("not judged: no stated reason and no rule for the drug", &coverage[3]),
        ("all", &coverage[0]),
    ] {
        covered.push(vec![Cell::text(name), count.cell(), count.people()]);
    }
    let mut answer = asked.answer();
    if reason.is_none() {
        answer.notes.push("no order of this record refers to an artefact as its reason".to_owned());
    }
    answer.tables = vec![table, covered, cases];
    Ok(answer)
}
