//! The sets of long-term conditions that are most central, by deprivation and against a year before.

use std::collections::BTreeMap;

use twinloom_event::Timestamp;
use twinloom_hypergraph::undirected::{Centrality, Normalisation, Options, Structure};
use twinloom_hypergraph::{Histories, HistoryOptions, Limits, Weighting};

use super::answer::{Answer, Cell, Table};
use super::members::Members;
use super::multimorbidity::{long_term, people};
use super::parameter::{Parameter, Range};
use super::question::{AskError, Asked, Question, shifted};
use super::walk::Life;

pub(super) const QUESTION: Question = Question {
    name: "central-conditions",
    asks: "Which sets of long-term conditions are most central, by fifth of deprivation, and how has that changed in a year?",
    parameters: &[
        Parameter {
            name: "at",
            meaning: "the day looked at; the record's last by default",
            range: Range::Date,
            default: None,
        },
        Parameter {
            name: "largest",
            meaning: "conditions in a set at most",
            range: Range::Whole(2, 6),
            default: Some("6"),
        },
        Parameter {
            name: "before-days",
            meaning: "days before, against which the change is",
            range: Range::Whole(1, 36_500),
            default: Some("365"),
        },
        Parameter {
            name: "top",
            meaning: "sets shown for each group",
            range: Range::Whole(1, 10_000),
            default: Some("10"),
        },
        Parameter {
            name: "least",
            meaning: "people that a set shown has at least",
            range: Range::Whole(1, 1_000_000),
            default: Some("5"),
        },
    ],
    method: "Of people living at the day, the undirected hypergraph of multimorbidity (Rafferty 2021): hyperedges are all sets of 2 to `largest` conditions that anyone has, nodes weigh their prevalence. Centrality is the dual's leading eigenvector, of M'WM without its diagonal, of length 1. The share is the overlap coefficient: people with the set, of those with its rarest condition. Fifths are those of the decile of deprivation, 1 the most deprived.",
    limits: "Centralities of two days are of two vectors of length 1: a set's falls when others join. A person's decile is their present one. Without deciles there is only the group of all.",
    takes_interactions: false,
    answer,
};

/// What is told of a set on one day.
#[derive(Clone, Copy)]
struct Standing {
    people: u64,
    rarest: u64,
    centrality: f64,
}

fn answer(asked: &Asked<'_>) -> Result<Answer, AskError> {
    let at = asked.date_or_end("at");
    let before = shifted(at, -asked.arguments.whole("before-days"));
    let largest = asked.arguments.whole("largest") as usize;
    let conditions = long_term(asked, &[]);
    let mut answer = asked.answer();
    let mut table = Table::new(
        "sets",
        &[
            "group",
            "rank",
            "set",
            "people",
            "overlap",
            "centrality",
            "people_before",
            "centrality_before",
            "change",
        ],
    )
    .found();
    let mut sizes = Table::new("groups", &["group", "people", "sets", "people_before", "sets_before"]);
    let mut groups: Vec<(String, Vec<&Life>)> = vec![("all".to_owned(), asked.lives.iter().collect())];
    for fifth in 1..=5 {
        let of_fifth =
            asked.lives.iter().filter(|life| life.imd_decile.is_some_and(|decile| (decile + 1) / 2 == fifth));
        groups.push((format!("deprivation fifth {fifth}"), of_fifth.collect()));
    }
    if groups[1..].iter().all(|(_, lives)| lives.is_empty()) {
        answer
            .notes
            .push("nobody's decile of deprivation is recorded: there is only the group of all".to_owned());
    }
    for (group, lives) in groups.iter().filter(|(_, lives)| !lives.is_empty()) {
        let now = standings(lives, &conditions, at, largest)?;
        let then = standings(lives, &conditions, before, largest)?;
        sizes.push(vec![
            Cell::text(group.as_str()),
            Cell::Count(now.people),
            Cell::Tally(now.sets.len() as u64),
            Cell::Count(then.people),
            Cell::Tally(then.sets.len() as u64),
        ]);
        if now.tied || then.tied {
            answer.notes.push(format!(
                "{group}: several unconnected parts are equally central, and the first of them is given"
            ));
        }
        let least = asked.arguments.whole("least") as u64;
        let mut ranked: Vec<(i64, &String, &Standing)> = now
            .sets
            .iter()
            .filter(|(_, own)| own.people >= least)
            .map(|(set, own)| ((own.centrality * -1e9).round() as i64, set, own))
            .collect();
        ranked.sort_by_key(|(centrality, set, _)| (*centrality, *set));
        ranked.truncate(asked.arguments.whole("top") as usize);
        for (rank, (_, set, own)) in ranked.into_iter().enumerate() {
            let earlier = then.sets.get(set);
            table.push(vec![
                Cell::text(group.as_str()),
                Cell::Tally(rank as u64 + 1),
                Cell::text(set.as_str()),
                Cell::Count(own.people),
                Cell::Share { part: own.people, whole: own.rarest },
                Cell::Number(own.centrality),
                Cell::Count(earlier.map_or(0, |earlier| earlier.people)),
                earlier.map_or(Cell::Empty, |earlier| Cell::Number(earlier.centrality)),
                earlier.map_or(Cell::Empty, |earlier| Cell::Number(own.centrality - earlier.centrality)),
            ]);
        }
    }
    answer.notes.push(format!("looked at {at} and {before}"));
    answer.tables = vec![table, sizes];
    Ok(answer)
}

/// Every set of a day, by the names of its conditions.
struct Standings {
    people: u64,
    sets: BTreeMap<String, Standing>,
    tied: bool,
}

fn standings(
    lives: &[&Life],
    conditions: &[(String, Members)],
    at: Timestamp,
    largest: usize,
) -> Result<Standings, AskError> {
    let present: Vec<&Life> = lives.iter().copied().filter(|life| life.present(at)).collect();
    let people = people(present.iter().copied(), conditions, at);
    let histories = Histories::of(&people, &HistoryOptions::default())?;
    let limits = Limits { max_size: Some(largest), ..Limits::default() };
    let structure = Structure::of(&histories, &Options { full_set: true, limits, ..Options::default() })?;
    let model = structure.evaluate(histories.mass(), Weighting::Overlap)?;
    let eigen = structure.centrality(&model, Centrality::Dual, Normalisation::Unit);
    let sets: Vec<&[u32]> = structure.sets().collect();
    let mut found = BTreeMap::new();
    for (edge, centrality) in structure.edges(&model).zip(&eigen.vector) {
        let names: Vec<&str> = sets[edge].iter().map(|node| &*histories.names()[*node as usize]).collect();
        let rarest =
            sets[edge].iter().map(|node| model.with_node[*node as usize]).fold(f64::INFINITY, f64::min);
        let standing = Standing {
            people: model.set_counts[edge].round() as u64,
            rarest: rarest.round() as u64,
            centrality: *centrality,
        };
        found.insert(names.join(" + "), standing);
    }
    Ok(Standings { people: present.len() as u64, sets: found, tied: eigen.tied })
}
