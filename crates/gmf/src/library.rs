//! A folder of modules, compiled and checked.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use twinloom_event::Concept;

use crate::error::{Fault, Finding, LoadError, Problem};
use crate::host::{Facts, Host};
use crate::ir::{Module, State, Table};
use crate::names::{CodingId, ModuleId, StateId};
use crate::read::{self, Source, Vocabulary};

/// Modules and lookup tables, compiled to numbers and checked.
///
/// ```no_run
/// let library = twinloom_gmf::Library::load("modules".as_ref())?;
/// assert!(library.unsupported().is_empty());
/// # Ok::<(), twinloom_gmf::LoadError>(())
/// ```
#[derive(Debug)]
pub struct Library {
    pub(crate) vocabulary: Vocabulary,
    pub(crate) modules: Vec<Module>,
    pub(crate) states: Vec<State>,
    pub(crate) tables: Vec<Table>,
    pub(crate) history_count: usize,
    pub(crate) edge_count: usize,
    /// Modules that people run on their own account, in the order in which a week runs them.
    pub(crate) top_level: Vec<ModuleId>,
    pub(crate) host: Host,
    files: usize,
    findings: Vec<Finding>,
    unsupported: Vec<Finding>,
}

/// What a load tolerates.
#[derive(Clone, Copy, Debug)]
pub struct LoadOptions {
    /// How far from 1 the probabilities of one transition may sum; a sum of 0 never passes. Synthea's own
    /// files go from 0.5 (the last option takes the rest) to 1.6, hence the default; each is a finding.
    pub probability_tolerance: f64,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self { probability_tolerance: 1.0 }
    }
}

impl Library {
    /// Reads every `.json` below a folder; files directly in it are modules of their own, files in its
    /// folders are submodules, and `lookup_tables` holds the tables.
    ///
    /// # Errors
    /// [`LoadError`] with every fault: file, state, field.
    pub fn load(folder: &Path) -> Result<Self, LoadError> {
        Self::load_with(folder, LoadOptions::default())
    }

    /// As [`Library::load`], with options.
    ///
    /// # Errors
    /// As [`Library::load`].
    pub fn load_with(folder: &Path, options: LoadOptions) -> Result<Self, LoadError> {
        let mut files = Vec::new();
        collect(folder, &mut files, 0)?;
        let mut sources = Vec::new();
        let mut faults = Vec::new();
        for file in &files {
            match source(folder, file)? {
                Ok(source) => sources.push(source),
                Err(fault) => faults.push(fault),
            }
        }
        if files.is_empty() {
            return Err(LoadError::Empty { folder: folder.to_owned() });
        }
        // The Java engine keeps modules in a tree map of their paths.
        sources.sort_by(|left, right| left.path.cmp(&right.path));
        let mut compiled =
            read::compile(&sources, &folder.join("lookup_tables"), options.probability_tolerance);
        if compiled.faults.is_empty() {
            read::check(&mut compiled);
        }
        faults.append(&mut compiled.faults);
        if !faults.is_empty() {
            return Err(LoadError::Faults(faults));
        }
        let facts = Facts::find(folder);
        let host = Host::new(&mut compiled.vocabulary, facts);
        let edge_count =
            compiled.states.last().map_or(0, |state| state.first_edge as usize + state.targets.len());
        let top_level = (0..compiled.modules.len())
            .filter(|place| compiled.modules[*place].is_top_level)
            .map(|place| ModuleId(place as u32))
            .collect();
        Ok(Self {
            vocabulary: compiled.vocabulary,
            modules: compiled.modules,
            states: compiled.states,
            tables: compiled.tables,
            history_count: compiled.history_count,
            edge_count,
            top_level,
            host,
            files: files.len(),
            findings: compiled.findings,
            unsupported: compiled.unsupported,
        })
    }

    /// Module files read.
    pub fn file_count(&self) -> usize {
        self.files
    }

    /// Modules that people run on their own account.
    pub fn top_level_count(&self) -> usize {
        self.top_level.len()
    }

    /// States of all modules.
    pub fn state_count(&self) -> usize {
        self.states.len()
    }

    /// Lookup tables in use.
    pub fn table_count(&self) -> usize {
        self.tables.len()
    }

    /// The name that each module gives itself, by path; several may share one.
    pub fn module_names(&self) -> BTreeMap<String, String> {
        self.modules.iter().map(|module| (module.path.clone(), self.text(module.name).to_owned())).collect()
    }

    /// What is odd but runs.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What a module asks for and this interpreter does not do.
    pub fn unsupported(&self) -> &[Finding] {
        &self.unsupported
    }

    /// Which of the host's tables came from beside the modules, and which are the compiled-in ones.
    pub fn host_sources(&self) -> Vec<(&'static str, bool)> {
        self.host.facts.sources()
    }

    /// What the codes of the events mean.
    pub fn concepts(&self) -> impl Iterator<Item = Concept> + '_ {
        self.vocabulary.codings.all().iter().map(|coding| Concept {
            code: coding.code.clone(),
            description: (!coding.display.is_empty()).then(|| coding.display.clone()),
            parents: Vec::new(),
        })
    }

    pub(crate) fn state(&self, id: StateId) -> &State {
        &self.states[id.index()]
    }

    pub(crate) fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.index()]
    }

    pub(crate) fn key(&self, coding: CodingId) -> crate::names::KeyId {
        self.vocabulary.codings.get(coding).key
    }

    pub(crate) fn text(&self, id: crate::names::TextId) -> &str {
        self.vocabulary.texts.get(id.index())
    }
}

/// Folders may stand this deep inside each other.
const DEEPEST: usize = 16;

fn collect(folder: &Path, files: &mut Vec<PathBuf>, depth: usize) -> Result<(), LoadError> {
    let unreadable =
        |error: std::io::Error| LoadError::Unreadable { path: folder.to_owned(), reason: error.to_string() };
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .map_err(unreadable)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(unreadable)?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            if depth < DEEPEST {
                collect(&path, files, depth + 1)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    Ok(())
}

fn source(folder: &Path, file: &Path) -> Result<Result<Source, Fault>, LoadError> {
    let bytes = fs::read(file)
        .map_err(|error| LoadError::Unreadable { path: file.to_owned(), reason: error.to_string() })?;
    let relative = file.strip_prefix(folder).unwrap_or(file).with_extension("");
    let parts: Vec<String> = relative.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let path = parts.join("/");
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    Ok(match serde_json::from_slice::<Json>(bytes) {
        Ok(json) => Ok(Source { path, is_top_level: parts.len() == 1, json }),
        Err(error) => Err(Fault {
            file: format!("{path}.json"),
            state: None,
            field: String::new(),
            problem: Problem::Syntax { reason: error.to_string() },
        }),
    })
}
