//! What the codes of a study's conditions are called as conditions of a hypergraph.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Result;
use clap::ValueEnum;
use twinloom_codes::{ClinicalTables, parents};
use twinloom_event::{Code, Dataset};

/// Which codes are one condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Group {
    /// Each description is a condition.
    None,
    /// The long-term conditions that multimorbidity is counted over; other codes do not count.
    LongTerm,
}

/// Names of codes.
pub(crate) struct Naming<'a> {
    group: Group,
    set_of: BTreeMap<Code, Arc<str>>,
    not_of: BTreeMap<Code, Arc<str>>,
    descriptions: BTreeMap<&'a str, &'a str>,
    parents: BTreeMap<&'a str, &'a [Code]>,
}

impl<'a> Naming<'a> {
    pub(crate) fn of(dataset: &'a Dataset, group: Group) -> Result<Self> {
        let mut set_of = BTreeMap::new();
        let mut not_of = BTreeMap::new();
        if group == Group::LongTerm {
            for set in ClinicalTables::built_in()?.sets().filter(|set| set.is_long_term()) {
                let title: Arc<str> = set.title().into();
                for code in set.codes() {
                    set_of.entry(code.clone()).or_insert_with(|| Arc::clone(&title));
                }
                not_of.extend(set.excluded().map(|code| (code.clone(), Arc::clone(&title))));
            }
        }
        let concepts = || dataset.concepts.iter();
        Ok(Self {
            group,
            set_of,
            not_of,
            descriptions: concepts()
                .filter_map(|concept| Some((concept.code.as_str(), concept.description.as_deref()?)))
                .collect(),
            parents: concepts().map(|concept| (concept.code.as_str(), &concept.parents[..])).collect(),
        })
    }

    /// The condition that a code stands for, if it counts.
    pub(crate) fn condition(&self, code: &Code) -> Option<Arc<str>> {
        match self.group {
            Group::None => Some(
                self.descriptions
                    .get(code.as_str())
                    .map_or_else(|| code.as_str().into(), |name| (*name).into()),
            ),
            Group::LongTerm => self.set_above(code),
        }
    }

    /// The set of the code, or of the nearest code above it.
    fn set_above(&self, code: &Code) -> Option<Arc<str>> {
        let mut seen = BTreeSet::new();
        let mut level = vec![code.clone()];
        let mut excluded: Vec<&Arc<str>> = Vec::new();
        while !level.is_empty() {
            excluded.extend(level.iter().filter_map(|code| self.not_of.get(code)));
            let set_of = |code: &Code| self.set_of.get(code).filter(|set| !excluded.contains(set));
            if let Some(set) = level.iter().find_map(set_of) {
                return Some(Arc::clone(set));
            }
            let mut next = Vec::new();
            for code in level {
                let stated = self.parents.get(code.as_str()).copied().unwrap_or_default();
                next.extend(stated.iter().cloned().chain(parents(&code)));
                seen.insert(code);
            }
            next.retain(|code| !seen.contains(code));
            level = next;
        }
        None
    }
}
