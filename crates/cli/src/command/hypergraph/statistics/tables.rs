//! Statistics as tables for people.

use std::fmt::Write as _;

use twinloom_hypergraph::statistics::{RankStability, Summary};

use super::{ChanceRow, HORIZONS, LevelRow, OutcomeRow, SHOWN, Statistics};
use crate::output::{grouped, table};

impl Statistics {
    /// Tables for people.
    pub(crate) fn describe(&self) -> String {
        let mut parts = Vec::new();
        if let Some(summary) = &self.summary {
            parts.push(estimates(summary));
            parts.extend(summary.comparison.as_ref().map(|_| differences(summary)));
        }
        for LevelRow { level, summary } in &self.levels {
            parts.push(format!("{level}: {} people\n{}", grouped(summary.people), estimates(summary)));
        }
        if !self.by_chance.is_empty() {
            parts.push(self.chance_table());
        }
        if !self.next.is_empty() {
            parts.push(self.next_table());
        }
        parts.join("\n\n")
    }

    fn chance_table(&self) -> String {
        let mut rows = vec![["conditions", "people", "by chance", "ratio", "q"].map(str::to_owned).to_vec()];
        let mut order: Vec<&ChanceRow> = self.by_chance.iter().collect();
        order.sort_by(|a, b| b.z.unwrap_or(0.0).abs().total_cmp(&a.z.unwrap_or(0.0).abs()));
        for row in order.into_iter().take(SHOWN) {
            rows.push(vec![
                label(&row.conditions, row.head.as_deref()),
                format!("{:.1}", row.observed),
                format!("{:.1}", row.expected),
                row.ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}")),
                format!("{:.2e}", row.q_fitted.unwrap_or(row.q)),
            ]);
        }
        let mut text = format!("Against chance, the most surprising first:\n{}", table(&rows));
        if let Some(reach) = &self.reach {
            let (tables, p) = (grouped(u64::from(reach.random_tables)), reach.smallest_p);
            write!(
                text,
                "\nThe q is of a count distribution fitted to {tables} random tables. By counting tables no p is \
                 below {p:.2e};"
            )
            .expect("text takes text");
            for family in &reach.families {
                write!(
                    text,
                    "\nno q of {} conditions below {:.2e} (one set alone {:.2e}, of {:.0} tests).",
                    family.size, family.smallest_q, family.smallest_q_alone, family.tests
                )
                .expect("text takes text");
            }
        }
        if let Some(mixing) = self.mixing.filter(|mixing| !mixing.settled) {
            let rounds = mixing.rounds;
            write!(text, "\nThe random tables still drift after {rounds} rounds: be wary.")
                .expect("text takes text");
        }
        text
    }

    fn next_table(&self) -> String {
        let mut rows =
            vec![["after", "next", "people", "in 5 years", "interval", "naive"].map(str::to_owned).to_vec()];
        for next in self.next.iter().take(SHOWN) {
            let at = |outcome: &OutcomeRow| {
                outcome.by.iter().find(|by| by.days == HORIZONS[1]).map_or(0.0, |by| by.incidence)
            };
            let mut outcomes: Vec<&OutcomeRow> = next.outcomes.iter().collect();
            outcomes.sort_by(|a, b| at(b).total_cmp(&at(a)));
            for outcome in outcomes.into_iter().take(3) {
                let Some(by) = outcome.by.iter().find(|by| by.days == HORIZONS[1]) else { continue };
                rows.push(vec![
                    next.tail.join(", "),
                    outcome.next.clone(),
                    format!("{:.1}", outcome.events),
                    format!("{:.4}", by.incidence),
                    format!("{:.4} to {:.4}", by.low, by.high),
                    format!("{:.4}", by.naive),
                ]);
            }
        }
        format!("What came next, death and other conditions competing:\n{}", table(&rows))
    }
}

pub(super) fn label(conditions: &[String], head: Option<&str>) -> String {
    match head {
        Some(head) => format!("{} → {head}", conditions.join(", ")),
        None => conditions.join(", "),
    }
}

fn interval(interval: Option<(f64, f64)>) -> String {
    interval.map_or_else(|| "-".to_owned(), |(low, high)| format!("{low:.4} to {high:.4}"))
}

fn estimates(summary: &Summary) -> String {
    let mut lines = Vec::new();
    if let Some(standardised) = &summary.standardised {
        lines.push(format!(
            "Standardised by {}: {} people count as much as {:.0} alike; {:.1} % of the standard has nobody here.",
            standardised.by.join(", "),
            grouped(standardised.people),
            standardised.effective_people,
            100.0 * standardised.share_missing,
        ));
    }
    let mut rows = vec![
        ["conditions", "people", "weight", "interval", "rank", "median days"].map(str::to_owned).to_vec(),
    ];
    let rank = |rank: &RankStability| match rank.interval {
        Some((low, high)) => format!("{} ({low:.0} to {high:.0})", rank.rank),
        None => rank.rank.to_string(),
    };
    for set in summary.sets.iter().take(SHOWN) {
        rows.push(vec![
            set.conditions.join(", "),
            format!("{:.1}", set.people),
            format!("{:.4}", set.weight.value),
            interval(set.weight.interval),
            rank(&set.rank),
            String::new(),
        ]);
    }
    for arc in summary.arcs.iter().take(SHOWN) {
        let days = arc.time.and_then(|time| time.median_days);
        rows.push(vec![
            label(&arc.tail, Some(&arc.head)),
            format!("{:.1}", arc.people),
            format!("{:.4}", arc.weight.value),
            interval(arc.weight.interval),
            rank(&arc.rank),
            days.map_or_else(|| "-".to_owned(), |days| format!("{days:.0}")),
        ]);
    }
    lines.push(table(&rows));
    lines.join("\n")
}

fn differences(summary: &Summary) -> String {
    let Some(comparison) = &summary.comparison else { return String::new() };
    let (first, second) = (&comparison.first.level, &comparison.second.level);
    let mut rows = vec![vec![
        "conditions".to_owned(),
        first.clone(),
        second.clone(),
        "difference".into(),
        "interval".into(),
        "q".into(),
    ]];
    let sets = comparison.sets.iter().map(|set| (label(&set.conditions, None), &set.weight)).take(SHOWN);
    let arcs = comparison.arcs.iter().map(|arc| (label(&arc.tail, Some(&arc.head)), &arc.weight)).take(SHOWN);
    for (name, weight) in sets.chain(arcs) {
        rows.push(vec![
            name,
            format!("{:.4}", weight.first),
            format!("{:.4}", weight.second),
            format!("{:+.4}", weight.difference.value),
            interval(weight.difference.interval),
            weight.q_normal.map_or_else(|| "-".to_owned(), |q| format!("{q:.2e}")),
        ]);
    }
    let mut text =
        format!("{} {first} less {second}, the largest difference first:\n{}", comparison.by, table(&rows));
    if let Some(p) = comparison.smallest_p {
        write!(text, "\nThe q is of a normal difference; by counting exchanges no p or q is below {p:.2e}.")
            .expect("text takes text");
    }
    text
}
