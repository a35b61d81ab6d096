//! From JSON and CSV to the compiled form.

mod amount;
mod check;
mod condition;
mod json;
mod parts;
mod state;
mod table;
mod transition;

use std::path::Path;

use rustc_hash::FxHashMap;
use serde_json::Value as Json;

use crate::error::{Fault, Finding, Problem};
use crate::ir::{Module, State, Table};
use crate::names::{AttributeId, Codings, HistoryId, Interner, MarkId, ModuleId, StateId, SymptomId, TextId};

pub(crate) use check::check;

/// Names that compiled things refer to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vocabulary {
    pub(crate) texts: Interner,
    pub(crate) attributes: Interner,
    pub(crate) symptoms: Interner,
    pub(crate) keys: Interner,
    pub(crate) codings: Codings,
    /// Names of states that some condition asks for.
    pub(crate) marks: Interner,
}

impl Vocabulary {
    pub(crate) fn text(&mut self, text: &str) -> TextId {
        TextId(self.texts.add(text))
    }

    pub(crate) fn attribute(&mut self, name: &str) -> AttributeId {
        AttributeId(self.attributes.add(name))
    }

    pub(crate) fn symptom(&mut self, name: &str) -> SymptomId {
        SymptomId(self.symptoms.add(name))
    }

    pub(crate) fn mark(&mut self, name: &str) -> MarkId {
        MarkId(self.marks.add(name))
    }
}

/// Everything compiled so far.
#[derive(Debug, Default)]
pub(crate) struct Compiled {
    pub(crate) vocabulary: Vocabulary,
    pub(crate) modules: Vec<Module>,
    pub(crate) states: Vec<State>,
    pub(crate) tables: Vec<Table>,
    pub(crate) history_count: usize,
    pub(crate) faults: Vec<Fault>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) unsupported: Vec<Finding>,
}

/// A module file as read.
pub(crate) struct Source {
    /// Path below the folder without `.json`, with `/`.
    pub(crate) path: String,
    pub(crate) is_top_level: bool,
    pub(crate) json: Json,
}

/// What is known of all modules before any state is compiled.
struct Outline<'s> {
    modules: FxHashMap<&'s str, ModuleId>,
    first_states: Vec<u32>,
}

/// Compiles module files, in the order in which the Java engine runs them (by path).
pub(crate) fn compile(sources: &[Source], tables: &Path, tolerance: f64) -> Compiled {
    let mut compiled = Compiled::default();
    let mut outline = Outline { modules: FxHashMap::default(), first_states: Vec::new() };
    let mut first_state = 0;
    for (place, source) in sources.iter().enumerate() {
        outline.modules.insert(&source.path, ModuleId(place as u32));
        outline.first_states.push(first_state);
        first_state +=
            source.json.get("states").and_then(Json::as_object).map_or(0, serde_json::Map::len) as u32;
    }
    let mut histories = Interner::default();
    for (place, source) in sources.iter().enumerate() {
        module(&mut compiled, &outline, place, source, tables, tolerance, &mut histories);
    }
    compiled.history_count = histories.len();
    number_edges(&mut compiled);
    for state in &mut compiled.states {
        let name = compiled.vocabulary.texts.get(state.name.index());
        state.mark = compiled.vocabulary.marks.find(name).map(MarkId);
    }
    compiled
}

fn module(
    compiled: &mut Compiled,
    outline: &Outline<'_>,
    place: usize,
    source: &Source,
    tables: &Path,
    tolerance: f64,
    histories: &mut Interner,
) {
    let file = format!("{}.json", source.path);
    let mut fault = |field: &str, problem| {
        compiled.faults.push(Fault { file: file.clone(), state: None, field: field.to_owned(), problem });
    };
    let name = match source.json.get("name") {
        Some(Json::String(name)) => name.as_str(),
        Some(other) => {
            fault("name", Problem::Unusable { found: json::shortened(other), expected: "a text" });
            &source.path
        }
        None => {
            fault("name", Problem::Missing { expected: "the module's name" });
            &source.path
        }
    };
    if let Some(version) = source.json.get("gmf_version")
        && version.as_f64().is_none_or(|version| version > 2.0)
    {
        fault("gmf_version", Problem::Unusable { found: json::shortened(version), expected: "1 or 2" });
    }
    let Some(states) = source.json.get("states").and_then(Json::as_object) else {
        fault("states", Problem::Missing { expected: "an object of states by name" });
        push_module(compiled, source, name, 0, 0, 0, histories);
        return;
    };
    let first_state = outline.first_states[place];
    let ids: FxHashMap<&str, StateId> = states
        .keys()
        .enumerate()
        .map(|(index, name)| (name.as_str(), StateId(first_state + index as u32)))
        .collect();
    let initial = if let Some(initial) = ids.get("Initial") {
        initial.0
    } else {
        fault("states", Problem::Missing { expected: "a state named Initial" });
        first_state
    };
    push_module(compiled, source, name, initial, first_state, states.len() as u32, histories);
    for (name, definition) in states {
        let mut reading = json::Reading {
            compiled,
            outline_modules: &outline.modules,
            file: &file,
            state: name,
            states,
            ids: &ids,
            tables,
            tolerance,
        };
        let state = state::state(&mut reading, ModuleId(place as u32), definition);
        compiled.states.push(state);
    }
}

fn push_module(
    compiled: &mut Compiled,
    source: &Source,
    name: &str,
    initial: u32,
    first_state: u32,
    state_count: u32,
    histories: &mut Interner,
) {
    // A top-level module and a submodule of one name would share a history too.
    let module = Module {
        path: source.path.clone(),
        name: compiled.vocabulary.text(name),
        history: HistoryId(histories.add(name)),
        is_top_level: source.is_top_level,
        initial: StateId(initial),
        first_state,
        state_count,
    };
    compiled.modules.push(module);
}

fn number_edges(compiled: &mut Compiled) {
    let mut next = 0;
    for state in &mut compiled.states {
        state.targets = state.transition.targets().into_boxed_slice();
        state.first_edge = next;
        next += state.targets.len() as u32;
    }
}
