//! What a run is made of, read from the model itself: conditions, pathways, services, systems, data.
//!
//! Descriptions of the model are generated from this, so that they can't go stale.

use serde::Serialize;
use serde_json::Value as Json;
use toml::{Table, Value};

use crate::need::Need;
use crate::parameters::TwinParameters;
use crate::validation::Targets;

/// Embedded tables that carry their source in leading comments.
const DATA: [(&str, &str); 9] = [
    ("death_rate_by_imd.csv", include_str!("../data/death_rate_by_imd.csv")),
    ("death_rates.csv", include_str!("../data/death_rates.csv")),
    ("ethnicity_by_age.csv", include_str!("../data/ethnicity_by_age.csv")),
    ("ethnicity_by_imd.csv", include_str!("../data/ethnicity_by_imd.csv")),
    ("given_names.csv", include_str!("../data/given_names.csv")),
    ("population_age_imd.csv", include_str!("../data/population_age_imd.csv")),
    ("population_area.csv", include_str!("../data/population_area.csv")),
    ("sex_by_age.csv", include_str!("../data/sex_by_age.csv")),
    ("hes_admissions.csv", include_str!("../data/hes_admissions.csv")),
];
const SYSTEMS: &str = include_str!("../data/systems.toml");

/// What a run is made of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Inventory {
    /// Long-term conditions and acute problems of the need table, in its order.
    pub conditions: Vec<ConditionEntry>,
    /// Pathways, in the run's order.
    pub pathways: Vec<PathwayEntry>,
    /// Settings of the services as the run has them: dotted path and value.
    pub supply: Vec<(String, String)>,
    /// Settings of the systems of record: dotted path and value.
    pub systems: Vec<(String, String)>,
    /// Embedded tables with their source.
    pub data: Vec<(String, String)>,
    /// Groups of targets with their number and how many are held out.
    pub targets: Vec<(String, usize, usize)>,
    /// What the scenario changes, as TOML; empty for nothing.
    pub scenario: String,
}

/// A condition or problem.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConditionEntry {
    /// Name in scenario files.
    pub name: String,
    /// Name in words.
    pub display: String,
    /// `physical`, `mental` or `acute`.
    pub group: String,
}

/// A pathway.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PathwayEntry {
    /// Its name.
    pub name: String,
    /// What its file says of itself: guideline and year stand here.
    pub remarks: Vec<String>,
    /// Number of states.
    pub states: usize,
    /// Parameters that a scenario may set, with value, unit and source.
    pub parameters: Vec<String>,
}

impl Inventory {
    /// Reads what a run with these parameters is made of.
    pub fn of(parameters: &TwinParameters) -> Self {
        let supply = toml::Table::try_from(&parameters.supply).unwrap_or_default();
        let systems: Table = SYSTEMS.parse().unwrap_or_default();
        Self {
            conditions: conditions(),
            pathways: parameters
                .pathways
                .iter()
                .map(|pathway| pathway_entry(pathway.name(), pathway.json()))
                .collect(),
            supply: flattened(&supply),
            systems: flattened(&systems),
            data: DATA.iter().map(|(file, text)| ((*file).to_owned(), source_of(text))).collect(),
            targets: targets(),
            scenario: if parameters.scenario.changes_nothing() {
                String::new()
            } else {
                parameters.scenario.to_toml()
            },
        }
    }
}

fn conditions() -> Vec<ConditionEntry> {
    Need::england()
        .conditions()
        .iter()
        .map(|condition| ConditionEntry {
            name: condition.name.clone(),
            display: condition.display.clone(),
            group: format!("{:?}", condition.group).to_lowercase(),
        })
        .collect()
}

fn pathway_entry(name: &str, json: &Json) -> PathwayEntry {
    let text = |value: &Json| match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let remarks = json["remarks"].as_array().into_iter().flatten().map(text).collect();
    let parameters = json["parameters"].as_object().into_iter().flatten().map(|(parameter, said)| {
        let unit = said["unit"].as_str().unwrap_or_default();
        let source = said["source"].as_str().unwrap_or("no source stated");
        format!("{name}.{parameter} = {} {unit} ({source})", text(&said["value"]))
    });
    PathwayEntry {
        name: name.to_owned(),
        remarks,
        states: json["states"].as_object().map_or(0, serde_json::Map::len),
        parameters: parameters.collect(),
    }
}

fn targets() -> Vec<(String, usize, usize)> {
    let mut groups: Vec<(String, usize, usize)> = Vec::new();
    for target in Targets::embedded().targets {
        let held_out = usize::from(target.held_out);
        match groups.iter_mut().find(|(group, ..)| *group == target.group) {
            Some((_, all, out)) => {
                *all += 1;
                *out += held_out;
            }
            None => groups.push((target.group, 1, held_out)),
        }
    }
    groups
}

/// The comment lines of a table from "Source" on, or all of them if none says so.
fn source_of(text: &str) -> String {
    let comments = text.lines().map_while(|line| line.strip_prefix('#')).map(str::trim);
    let all: Vec<&str> = comments.collect();
    let from = all.iter().position(|line| line.starts_with("Source")).unwrap_or(0);
    all[from..].join(" ")
}

fn flattened(table: &Table) -> Vec<(String, String)> {
    fn descend(prefix: &str, table: &Table, leaves: &mut Vec<(String, String)>) {
        for (key, value) in table {
            let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
            match value {
                Value::Table(inner) => descend(&path, inner, leaves),
                leaf => leaves.push((path, leaf.to_string())),
            }
        }
    }
    let mut leaves = Vec::new();
    descend("", table, &mut leaves);
    leaves
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    #[test]
    fn law_everything_the_model_has_is_told_with_a_source() {
        let parameters = TwinParameters::default();
        let inventory = Inventory::of(&parameters);
        assert_eq!(inventory.conditions.len(), Need::england().conditions().len());
        assert_eq!(inventory.pathways.len(), parameters.pathways.len());
        assert!(inventory.pathways.iter().all(|pathway| pathway.states > 0));
        assert!(
            inventory.data.iter().all(|(file, source)| source.len() > 20 && !file.is_empty()),
            "{:?}",
            inventory.data
        );
        assert!(!inventory.supply.is_empty() && !inventory.systems.is_empty());
        assert!(inventory.scenario.is_empty());
        assert_eq!(
            inventory.targets.iter().map(|(_, all, _)| all).sum::<usize>(),
            Targets::embedded().targets.len()
        );
    }

    #[test]
    fn regress_a_scenario_shows_in_services_and_text() {
        let text = "name = \"x\"\n[supply.ratio]\n\"practice.nurse.slots_per_1000_per_week\" = 2.0";
        let scenario = Scenario::parse(text, "x.toml").unwrap();
        let plain = Inventory::of(&TwinParameters::default());
        let changed = Inventory::of(&TwinParameters::default().with_scenario(scenario).unwrap());
        assert!(changed.scenario.contains("slots_per_1000_per_week"));
        let differing = plain.supply.iter().zip(&changed.supply).filter(|(a, b)| a != b).count();
        assert_eq!(differing, 1);
    }
}
