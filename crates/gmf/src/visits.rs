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

/// One state's counts, side by side in memory because they are written together.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    entered: u64,
    people: u64,
    duration_ms: i64,
}

/// Visits by number.
#[derive(Clone, Debug)]
pub(crate) struct Visits {
    counts: Vec<Counts>,
    edges: Vec<u64>,
    /// Of the current person.
    seen: Vec<u64>,
}

impl Visits {
    pub(crate) fn new(library: &Library) -> Self {
        let states = library.states.len();
        Self {
            counts: vec![Counts::default(); states],
            edges: vec![0; library.edge_count],
            seen: vec![0; states.div_ceil(64)],
        }
    }

    pub(crate) fn begin_person(&mut self) {
        self.seen.fill(0);
    }

    pub(crate) fn enter(&mut self, state: StateId) {
        let place = state.index();
        self.counts[place].entered += 1;
        let (word, bit) = (&mut self.seen[place / 64], 1 << (place % 64));
        if *word & bit == 0 {
            *word |= bit;
            self.counts[place].people += 1;
        }
    }

    pub(crate) fn leave(&mut self, library: &Library, state: StateId, target: StateId, duration_ms: i64) {
        let left = library.state(state);
        let sum_ms = &mut self.counts[state.index()].duration_ms;
        *sum_ms = sum_ms.saturating_add(duration_ms);
        if let Some(edge) = left.targets.iter().position(|known| *known == target) {
            self.edges[left.first_edge as usize + edge] += 1;
        }
    }

    /// Adds another person's or block's visits and forgets them there.
    pub(crate) fn take(&mut self, other: &mut Self) {
        for (sum, more) in self.edges.iter_mut().zip(&mut other.edges) {
            *sum += std::mem::take(more);
        }
        for (sum, more) in self.counts.iter_mut().zip(&mut other.counts) {
            let more = std::mem::take(more);
            sum.entered += more.entered;
            sum.people += more.people;
            sum.duration_ms = sum.duration_ms.saturating_add(more.duration_ms);
        }
    }

    /// The visits by name; states nobody visited are left out.
    pub(crate) fn table(&self, library: &Library) -> VisitTable {
        let mut table = VisitTable::new();
        for (place, state) in library.states.iter().enumerate() {
            let counts = self.counts[place];
            if counts.entered == 0 {
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
                entered: counts.entered,
                people: counts.people,
                duration_ms: counts.duration_ms,
                to,
            };
            let module = &library.module(state.module).path;
            table.entry(module.clone()).or_default().insert(library.text(state.name).to_owned(), visits);
        }
        table
    }
}
