//! What may be told under a rule of disclosure, with names.

use serde::Serialize;
use twinloom_hypergraph::statistics::{
    ArcRelease, DisclosureRule, Release, ReleasedSet, release_arcs, release_sets,
};
use twinloom_hypergraph::{ConditionId, Node, People, Trait};

use super::tables::label;
use crate::output::{grouped, table};

/// What may be told of sets: plain counts with names.
#[derive(Serialize)]
pub(crate) struct ToldSets {
    rule: DisclosureRule,
    people: Option<u64>,
    levels: Vec<String>,
    people_by_level: Vec<Option<u64>>,
    /// A set that is not here is withheld, or nobody has it: which is not told.
    sets: Vec<ToldSet>,
}

#[derive(Serialize)]
struct ToldSet {
    conditions: Vec<String>,
    people: Option<u64>,
    by_level: Vec<Option<u64>>,
    weight: Option<f64>,
}

impl ToldSets {
    pub(crate) fn of(people: &People, sets: &[Vec<Node>], by: Option<&Trait>, rule: DisclosureRule) -> Self {
        let ids: Vec<ConditionId> = people.conditions().ids().collect();
        let sets: Vec<Vec<ConditionId>> = sets
            .iter()
            .map(|set| set.iter().filter_map(|node| ids.get(*node as usize).copied()).collect())
            .collect();
        let names = |conditions: &[ConditionId]| -> Vec<String> {
            conditions.iter().map(|id| people.conditions().name(*id).to_owned()).collect()
        };
        let Release { rule, levels, people: everybody, people_by_level, sets, .. } =
            release_sets(people, &sets, by, rule);
        let told = |set: ReleasedSet| ToldSet {
            conditions: names(&set.conditions),
            people: set.people,
            by_level: set.by_level,
            weight: set.weight,
        };
        Self { rule, people: everybody, levels, people_by_level, sets: sets.into_iter().map(told).collect() }
    }

    /// A table for people.
    pub(crate) fn describe(&self) -> String {
        let count = |people: Option<u64>| people.map_or_else(|| "withheld".to_owned(), grouped);
        let mut rows = vec![vec!["conditions".to_owned(), "people".to_owned(), "weight".to_owned()]];
        rows[0].extend(self.levels.iter().cloned());
        for set in &self.sets {
            let weight = set.weight.map_or_else(|| "-".to_owned(), |weight| format!("{weight:.4}"));
            let mut row = vec![set.conditions.join(", "), count(set.people), weight];
            row.extend(set.by_level.iter().map(|people| count(*people)));
            rows.push(row);
        }
        format!(
            "People: {}. A count below {} is withheld, and so are some others that would tell of one. Sets not \
             listed are withheld or nobody's.\n\n{}",
            count(self.people),
            self.rule.threshold,
            table(&rows)
        )
    }
}

/// What may be told of steps.
#[derive(Serialize)]
pub(crate) struct ToldArcs {
    rule: DisclosureRule,
    /// A step that is not here is withheld, or nobody took it: which is not told.
    arcs: Vec<ToldArc>,
}

#[derive(Serialize)]
struct ToldArc {
    tail: Vec<String>,
    head: String,
    people: u64,
    share: f64,
}

impl ToldArcs {
    pub(crate) fn of(people: &People, rule: DisclosureRule) -> Self {
        let name = |id: &ConditionId| people.conditions().name(*id).to_owned();
        let ArcRelease { rule, arcs, .. } = release_arcs(people, rule);
        let arcs = arcs.into_iter().map(|arc| ToldArc {
            tail: arc.tail.iter().map(name).collect(),
            head: name(&arc.head),
            people: arc.people,
            share: arc.share,
        });
        Self { rule, arcs: arcs.collect() }
    }

    /// A table for people.
    pub(crate) fn describe(&self) -> String {
        let mut rows = vec![["step", "people", "share of the steps told"].map(str::to_owned).to_vec()];
        for arc in &self.arcs {
            rows.push(vec![
                label(&arc.tail, Some(&arc.head)),
                grouped(arc.people),
                format!("{:.4}", arc.share),
            ]);
        }
        format!("Steps not listed are withheld or nobody's.\n\n{}", table(&rows))
    }
}
