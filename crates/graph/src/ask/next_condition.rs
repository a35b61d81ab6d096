//! What comes next after some long-term conditions: another, or death.

use twinloom_hypergraph::ConditionId;
use twinloom_hypergraph::statistics::{next_after, times_along};

use super::answer::{Answer, Cell, Table};
use super::multimorbidity::{day, long_term, people};
use super::parameter::{Parameter, Range};
use super::question::{AskError, Asked, Question};

pub(super) const QUESTION: Question = Question {
    name: "next-condition",
    asks: "From hypertension and type 2 diabetes, which long-term condition most likely comes next, how soon, and how many die first?",
    parameters: &[
        Parameter {
            name: "from",
            meaning: "the conditions had",
            range: Range::Sets,
            default: Some("hypertension,type-2-diabetes"),
        },
        Parameter {
            name: "horizon-days",
            meaning: "days after the last of them over which what comes next is given",
            range: Range::Whole(1, 36_500),
            default: Some("1825"),
        },
    ],
    method: "A condition begins with the first event coded in its set. Of people whose first conditions are just those of `from`, in any order: the cumulative incidence of each next condition and of death, each competing with the others (Aalen and Johansen 1978), by `horizon-days`; those without a next are censored at the record's end. The median is of the days that those took to whom it happened.",
    limits: "Conditions that begin on one day are taken in every order alike, so that people may count in fractions. Someone who left is taken to have been watched until the record's end.",
    takes_interactions: false,
    answer,
};

const LEVEL: f64 = 0.95;

#[expect(clippy::unnecessary_wraps, reason = "every question has the same signature")]
fn answer(asked: &Asked<'_>) -> Result<Answer, AskError> {
    let told = asked.arguments.words("from");
    let end = asked.date_or_end("from");
    let conditions = long_term(asked, told);
    let everyone = people(asked.lives.iter(), &conditions, end);
    let tail: Option<Vec<ConditionId>> = told.iter().map(|name| everyone.conditions().find(name)).collect();
    let mut tail = tail.unwrap_or_default();
    tail.sort_unstable();
    tail.dedup();
    let found = next_after(&everyone, &tail, Some(day(end)), LEVEL);
    let horizon = asked.arguments.whole("horizon-days");
    let mut rows: Vec<_> = found
        .outcomes
        .iter()
        .map(|outcome| {
            let name = outcome.next.map_or("death", |next| everyone.conditions().name(next));
            let arc = outcome.next.map(|head| (tail.clone(), head));
            let took = times_along(&everyone, arc.as_slice(), LEVEL).pop();
            let incidence = outcome.at(horizon).map(|point| (point.incidence, point.low, point.high));
            (incidence, name, outcome.events, took)
        })
        .collect();
    let rank =
        |incidence: Option<(f64, f64, f64)>| (incidence.map_or(0.0, |point| point.0) * -1e12).round() as i64;
    rows.sort_by(|one, other| (rank(one.0), one.1).cmp(&(rank(other.0), other.1)));
    let mut table = Table::new("next", &["next", "people", "incidence", "median_days"]).found();
    for (incidence, name, events, took) in rows {
        let incidence = incidence.map_or(Cell::Empty, |(value, low, high)| Cell::Estimate {
            value,
            limits: Some((low, high)),
            people: events,
            percent: true,
        });
        let median = took.and_then(|took| {
            let value = took.time.median_days?;
            Some(Cell::Estimate {
                value,
                limits: took.time.interval_days,
                people: took.time.people,
                percent: false,
            })
        });
        table.push(vec![Cell::text(name), Cell::People(events), incidence, median.unwrap_or(Cell::Empty)]);
    }
    let mut course = Table::new("course", &["people", "nothing_more", "median_days_to_any_next"]);
    let median = found.median_days.map_or(Cell::Empty, |days| Cell::Estimate {
        value: days as f64,
        limits: None,
        people: found.people,
        percent: false,
    });
    course.push(vec![Cell::People(found.people), Cell::People(found.censored), median]);
    let mut answer = asked.answer();
    answer.notes.push(format!("the record ends at {end}"));
    if tail.is_empty() {
        answer.notes.push("nobody in this record has one of the conditions of `from`".to_owned());
    }
    answer.tables = vec![table, course];
    Ok(answer)
}
