//! Records as tables, and each patient's history in them.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHasher};
use serde::{Deserialize, Serialize};
use twinloom_table::Table;

use super::parameters::LongitudinalError;
use crate::causal::{stream, uniform};

/// Tables of records.
#[derive(Clone, Copy, Debug)]
pub struct Records<'a> {
    /// One row per patient.
    pub patients: &'a Table,
    /// One row per encounter.
    pub encounters: &'a Table,
    /// One row per event.
    pub events: &'a Table,
}

/// Which columns hold what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// Whose a patient's or an encounter's row is.
    pub patient: String,
    /// Which encounter a row, or an event's row, is of.
    pub encounter: String,
    /// When an encounter starts.
    pub start: String,
    /// Of which kind an encounter is, if they differ.
    #[serde(default)]
    pub kind: Option<String>,
    /// What an event is.
    pub code: String,
    /// When an event is, if it is told; else events are in the order of their rows.
    #[serde(default)]
    pub time: Option<String>,
}

impl Layout {
    /// Takes the columns of keys, starts and codes; encounters of one kind, events without a time.
    pub fn new(
        patient: impl Into<String>,
        encounter: impl Into<String>,
        start: impl Into<String>,
        code: impl Into<String>,
    ) -> Self {
        Self {
            patient: patient.into(),
            encounter: encounter.into(),
            start: start.into(),
            kind: None,
            code: code.into(),
            time: None,
        }
    }
}

/// A patient's rows, in the order of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct History {
    /// Row of an encounter, and those of its events.
    pub(super) encounters: Vec<(usize, Vec<usize>)>,
}

/// The history of each patient, in the order of their rows, no longer than permitted: of more encounters, and then of more
/// events, those that stay are chosen at random, by a stream of the patient's own, so that no other patient has a say.
pub(super) fn histories(
    records: &Records<'_>,
    layout: &Layout,
    most: (usize, usize),
    seed: u64,
) -> Result<Vec<History>, LongitudinalError> {
    let patients = keys(records.patients, "patients", &layout.patient)?;
    let owners = places("patients", &patients)?;
    let encounter_keys = keys(records.encounters, "encounters", &layout.encounter)?;
    let encounters = places("encounters", &encounter_keys)?;
    let starts = numbers(records.encounters, "encounters", &layout.start)?;
    let mut all = vec![History::default(); patients.len()];
    let mut of_patient = Vec::with_capacity(encounter_keys.len());
    for (row, key) in keys(records.encounters, "encounters", &layout.patient)?.iter().enumerate() {
        let Some(&owner) = owners.get(key) else {
            return Err(LongitudinalError::Orphan { table: "encounters", row: row + 1, parent: "patients" });
        };
        of_patient.push(owner);
    }
    let mut of_encounter = vec![Vec::new(); encounter_keys.len()];
    for (row, key) in keys(records.events, "events", &layout.encounter)?.iter().enumerate() {
        let Some(&encounter) = encounters.get(key) else {
            return Err(LongitudinalError::Orphan { table: "events", row: row + 1, parent: "encounters" });
        };
        of_encounter[encounter].push(row);
    }
    if let Some(time) = &layout.time {
        let times = numbers(records.events, "events", time)?;
        for events in &mut of_encounter {
            events.sort_by(|&one, &other| times[one].total_cmp(&times[other]));
        }
    }
    for (row, events) in of_encounter.into_iter().enumerate() {
        all[of_patient[row]].encounters.push((row, events));
    }
    for (history, key) in all.iter_mut().zip(&patients) {
        history.encounters.sort_by(|one, other| starts[one.0].total_cmp(&starts[other.0]));
        history.bound(most, seed, number_of(key));
    }
    Ok(all)
}

impl History {
    fn bound(&mut self, most: (usize, usize), seed: u64, key: u64) {
        let mut random = stream(seed, key);
        let mut choose = |count: usize, most: usize| -> Vec<bool> {
            // Each next one stays with the chance that as many stay as are wanted (Knuth, algorithm S).
            let mut wanted = most.min(count);
            (0..count)
                .map(|at| {
                    let stays = uniform(&mut random) * ((count - at) as f64) < wanted as f64;
                    wanted -= usize::from(stays);
                    stays
                })
                .collect()
        };
        let mut stay = choose(self.encounters.len(), most.0).into_iter();
        self.encounters.retain(|_| stay.next().unwrap_or(false));
        let events = self.encounters.iter().map(|(_, events)| events.len()).sum();
        let mut stay = choose(events, most.1).into_iter();
        for (_, events) in &mut self.encounters {
            events.retain(|_| stay.next().unwrap_or(false));
        }
    }
}

/// Keys by row, as text: what is a number in one table may be a word in another.
fn keys(table: &Table, name: &'static str, column: &str) -> Result<Vec<String>, LongitudinalError> {
    let key = |row: usize| match table.text(row, column)? {
        key if key.is_empty() => Err(LongitudinalError::Missing {
            table: name,
            row: row + 1,
            column: column.to_owned(),
            permitted: "a key",
        }),
        key => Ok(key),
    };
    // A column that there is not is told of an empty table too.
    table.column(column)?;
    (0..table.len()).map(key).collect()
}

fn places(name: &'static str, keys: &[String]) -> Result<FxHashMap<String, usize>, LongitudinalError> {
    let mut places = FxHashMap::default();
    for (row, key) in keys.iter().enumerate() {
        if places.insert(key.clone(), row).is_some() {
            return Err(LongitudinalError::KeyTwice { table: name, row: row + 1 });
        }
    }
    Ok(places)
}

/// A number of a key, which the patient's stream is chosen by.
fn number_of(key: &str) -> u64 {
    let mut hasher = FxHasher::default();
    key.hash(&mut hasher);
    hasher.finish()
}

/// Numbers by row, none missing.
pub(super) fn numbers(
    table: &Table,
    name: &'static str,
    column: &str,
) -> Result<Vec<f64>, LongitudinalError> {
    let number = |(row, value): (usize, &Option<f64>)| {
        value.ok_or_else(|| LongitudinalError::Missing {
            table: name,
            row: row + 1,
            column: column.to_owned(),
            permitted: "a time",
        })
    };
    table.number(column)?.iter().enumerate().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_histories_are_bounded_by_a_stream_of_the_patient() {
        let history = || History { encounters: (0..10).map(|at| (at, vec![2 * at, 2 * at + 1])).collect() };
        let bounded = |key| {
            let mut own = history();
            own.bound((4, 5), 1, key);
            own
        };
        let own = bounded(7);
        assert_eq!(own.encounters.len(), 4);
        assert_eq!(own.encounters.iter().map(|(_, events)| events.len()).sum::<usize>(), 5);
        assert_eq!(own, bounded(7));
        assert_ne!(own, bounded(8));
        assert!(own.encounters.windows(2).all(|pair| pair[0].0 < pair[1].0));
        let mut all = history();
        all.bound((10, 20), 1, 7);
        assert_eq!(all, history());
    }
}
