//! How often states were visited, for how long, and where they led.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::library::Library;
use crate::names::StateId;

/// One state's visits, in the form in which the Java engine's are kept for comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateVisits {
    /// Times it was entered.
    pub entered: u64,
    /// Distinct people who entered it.
    pub people: u64,
    /// Milliseconds spent in it by those who left it.
    pub duration_ms: i64,
    /// Where it led, and how often.
    pub to: BTreeMap<String, u64>,
}

/// Visits of all states, by module (path without `.json`) and state name.
pub type VisitTable = BTreeMap<String, BTreeMap<String, StateVisits>>;

/// Visits by number.
#[derive(Clone, Debug)]
pub(crate) struct Visits {
    entered: Vec<u64>,
    people: Vec<u64>,
    duration_ms: Vec<i64>,
    edges: Vec<u64>,
    /// Of the current person.
    seen: Vec<u64>,
}

impl Visits {
    pub(crate) fn new(library: &Library) -> Self {
        let states = library.states.len();
        Self {
            entered: vec![0; states],
            people: vec![0; states],
            duration_ms: vec![0; states],
            edges: vec![0; library.edge_count],
            seen: vec![0; states.div_ceil(64)],
        }
    }

    pub(crate) fn begin_person(&mut self) {
        self.seen.fill(0);
    }

    pub(crate) fn enter(&mut self, state: StateId) {
        let place = state.index();
        self.entered[place] += 1;
        let (word, bit) = (&mut self.seen[place / 64], 1 << (place % 64));
        if *word & bit == 0 {
            *word |= bit;
            self.people[place] += 1;
        }
    }

    pub(crate) fn leave(&mut self, library: &Library, state: StateId, target: StateId, duration_ms: i64) {
        let left = library.state(state);
        self.duration_ms[state.index()] = self.duration_ms[state.index()].saturating_add(duration_ms);
        if let Some(edge) = left.targets.iter().position(|known| *known == target) {
            self.edges[left.first_edge as usize + edge] += 1;
        }
    }

    /// Adds another person's or block's visits and forgets them there.
    pub(crate) fn take(&mut self, other: &mut Self) {
        let add = |sum: &mut Vec<u64>, more: &mut Vec<u64>| {
            sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += std::mem::take(more));
        };
        add(&mut self.entered, &mut other.entered);
        add(&mut self.people, &mut other.people);
        add(&mut self.edges, &mut other.edges);
        for (sum, more) in self.duration_ms.iter_mut().zip(&mut other.duration_ms) {
            *sum = sum.saturating_add(std::mem::take(more));
        }
    }

    /// The visits by name; states nobody visited are left out.
    pub(crate) fn table(&self, library: &Library) -> VisitTable {
        let mut table = VisitTable::new();
        for (place, state) in library.states.iter().enumerate() {
            if self.entered[place] == 0 {
                continue;
            }
            let to = state
                .targets
                .iter()
                .enumerate()
                .map(|(edge, target)| {
                    let name = library.text(library.state(*target).name).to_owned();
                    (name, self.edges[state.first_edge as usize + edge])
                })
                .filter(|(_, count)| *count > 0)
                .collect();
            let visits = StateVisits {
                entered: self.entered[place],
                people: self.people[place],
                duration_ms: self.duration_ms[place],
                to,
            };
            let module = &library.module(state.module).path;
            table.entry(module.clone()).or_default().insert(library.text(state.name).to_owned(), visits);
        }
        table
    }
}
