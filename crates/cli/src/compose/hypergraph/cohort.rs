//! The people of a study with their long-term conditions, and which counts of them may be told.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;
use twinloom_codes::{ClinicalSet, ClinicalTables};
use twinloom_event::{Code, Dataset};
use twinloom_hypergraph::People;
use twinloom_hypergraph::read::{RecordOptions, people_of_record};
use twinloom_hypergraph::statistics::{DisclosureRule, Summary, release_sets};

use crate::output::grouped;

/// Everybody, with those of their conditions that last and that at least `least` people have, under
/// names that fit a picture.
///
/// Rarer ones are left out before anything is computed: a condition that a handful of people had, none
/// of them after another, would end every walk backwards.
pub(super) fn people(dataset: &Dataset, least: u64) -> Result<People> {
    let tables = ClinicalTables::built_in()?;
    let mut names: BTreeMap<&Code, Arc<str>> = BTreeMap::new();
    for set in tables.sets().filter(|set| set.is_long_term()) {
        let name: Arc<str> = plain(set).into();
        for code in set.codes() {
            names.entry(code).or_insert_with(|| Arc::clone(&name));
        }
    }
    let options = RecordOptions { least_people: least, ..RecordOptions::default() };
    Ok(people_of_record(dataset, &options, |code| names.get(code).cloned())?)
}

/// A set's name as people say it, without commas, since commas part the conditions of a picture.
fn plain(set: &ClinicalSet) -> String {
    match set.title() {
        "Cancer, skin cancers other than melanoma left out" => "Cancer".to_owned(),
        "Chronic kidney disease, stages 3 to 5" => "Chronic kidney disease".to_owned(),
        "Chronic obstructive pulmonary disease" => "COPD".to_owned(),
        "Schizophrenia, bipolar disorder and other psychoses" => "Psychosis or bipolar disorder".to_owned(),
        "Stroke or transient ischaemic attack" => "Stroke or TIA".to_owned(),
        "Type 1 diabetes mellitus" => "Type 1 diabetes".to_owned(),
        "Type 2 diabetes mellitus" => "Type 2 diabetes".to_owned(),
        title => title.replace(", ", " / "),
    }
}

/// Counts that may be told, of single conditions and of sets.
pub(super) struct Told {
    counts: BTreeMap<Vec<String>, Option<u64>>,
    rule: DisclosureRule,
}

impl Told {
    /// The counts of single conditions and of the sets that are drawn, with as many withheld as it takes
    /// to keep the small ones. Sets that are not drawn are not told, and need not be kept from anybody.
    pub(super) fn of(people: &People, summary: &Summary, sets: usize, rule: DisclosureRule) -> Self {
        let id = |name: &String| people.conditions().find(name);
        let sets: Vec<_> = summary
            .sets
            .iter()
            .take(sets)
            .filter_map(|set| set.conditions.iter().map(id).collect::<Option<Vec<_>>>())
            .collect();
        let released = release_sets(people, &sets, None, rule);
        let counts = released
            .sets
            .into_iter()
            .map(|set| {
                let names = set.conditions.iter().map(|id| people.conditions().name(*id).to_owned());
                (sorted(names.collect()), set.people)
            })
            .collect();
        Self { counts, rule }
    }

    /// A count of many people, rounded as the others are.
    pub(super) fn rounded(&self, people: u64) -> String {
        let base = self.rule.round_to.max(1);
        grouped((people + base / 2) / base * base)
    }

    /// The number of people with all of some conditions, as it may be told.
    pub(super) fn people(&self, conditions: &[String]) -> String {
        match self.counts.get(&sorted(conditions.to_vec())) {
            Some(Some(people)) if self.rule.round_to > 1 => format!("about {}", grouped(*people)),
            Some(Some(people)) => grouped(*people),
            _ => "withheld".to_owned(),
        }
    }
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names
}
