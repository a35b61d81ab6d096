//! Folders of modules written for a test, and what came of running them.
#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses what it needs; a test may panic")]

use std::convert::Infallible;
use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};
use tempfile::TempDir;
use twinloom_event::{Event, Timeline};
use twinloom_gmf::{Fault, Library, LoadError, Parameters, StateVisits, Summary, VisitTable, simulate};

/// Writes modules (path without `.json`, states) into a folder of their own.
pub fn folder(modules: &[(&str, Json)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, states) in modules {
        write(folder.path(), path, states);
    }
    folder
}

pub fn write(folder: &Path, path: &str, states: &Json) {
    let file = folder.join(format!("{path}.json"));
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let module = json!({ "name": path.replace('/', " "), "gmf_version": 2, "remarks": ["a test's"], "states": states });
    fs::write(file, module.to_string()).unwrap();
}

pub fn table(folder: &Path, name: &str, text: &str) {
    fs::create_dir_all(folder.join("lookup_tables")).unwrap();
    fs::write(folder.join("lookup_tables").join(name), text).unwrap();
}

pub fn faults(modules: &[(&str, Json)]) -> Vec<Fault> {
    let folder = folder(modules);
    match Library::load(folder.path()) {
        Err(LoadError::Faults(faults)) => faults,
        Err(other) => panic!("{other}"),
        Ok(_) => Vec::new(),
    }
}

pub struct Run {
    pub summary: Summary,
    pub timelines: Vec<Timeline>,
}

impl Run {
    pub fn of(folder: &TempDir, population: u64) -> Self {
        Self::with(folder, Parameters::new(population, 7))
    }

    pub fn with(folder: &TempDir, parameters: Parameters) -> Self {
        let library = Library::load(folder.path()).unwrap_or_else(|error| panic!("{error}"));
        let mut timelines = Vec::new();
        let summary = simulate(&library, &parameters, |lifetime| {
            timelines.extend(lifetime.timeline);
            Ok::<(), Infallible>(())
        })
        .unwrap();
        Self { summary, timelines }
    }

    pub fn visits(&self, module: &str, state: &str) -> StateVisits {
        self.summary.visits.get(module).and_then(|states| states.get(state)).cloned().unwrap_or_default()
    }

    pub fn entered(&self, module: &str, state: &str) -> u64 {
        self.visits(module, state).entered
    }

    /// Fraction of those who left a state that went to another.
    pub fn share(&self, module: &str, state: &str, target: &str) -> f64 {
        let visits = self.visits(module, state);
        let left: u64 = visits.to.values().sum();
        visits.to.get(target).copied().unwrap_or(0) as f64 / left as f64
    }

    pub fn events(&self, code: &str) -> Vec<&Event> {
        self.timelines
            .iter()
            .flat_map(Timeline::events)
            .filter(|event| event.code().as_str() == code)
            .collect()
    }
}

pub fn visits(run: &Run) -> &VisitTable {
    &run.summary.visits
}

/// A state with a direct transition.
pub fn to(target: &str, mut state: Json) -> Json {
    state["direct_transition"] = json!(target);
    state
}

pub fn initial(target: &str) -> Json {
    to(target, json!({ "type": "Initial" }))
}

pub fn terminal() -> Json {
    json!({ "type": "Terminal" })
}

pub fn snomed(code: &str) -> Json {
    json!([{ "system": "SNOMED-CT", "code": code, "display": format!("thing {code}") }])
}

pub fn delay(target: &str, quantity: f64, unit: &str) -> Json {
    to(target, json!({ "type": "Delay", "exact": { "quantity": quantity, "unit": unit } }))
}

/// Runs states between a first delay and the end, for a few people.
pub fn run(states: &[(&str, Json)]) -> Run {
    let mut all = json!({ "Initial": initial("First Delay"), "First Delay": delay("Start", 1.0, "days"), "End": terminal() });
    for (name, state) in states {
        all[*name] = state.clone();
    }
    Run::of(&folder(&[("m", all)]), 5)
}

pub fn reached(run: &Run) -> bool {
    run.entered("m", "End") >= 5
}

pub fn encounter(target: &str) -> Json {
    to(
        target,
        json!({ "type": "Encounter", "encounter_class": "outpatient", "codes": snomed("100"), "reason": "Found" }),
    )
}

pub fn super_run(states: &[(&str, Json)]) -> Run {
    run(states)
}
