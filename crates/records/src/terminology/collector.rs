//! What the readers find, and what they could not use.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use twinloom_event::{Code, Concept, Relation, RelationKind, Terminology};

use crate::{ImportReport, Location};

/// Receives relations and names; codes and source names are shared.
pub(super) struct Collector {
    relations: Vec<Relation>,
    names: Vec<Concept>,
    codes: FxHashMap<Box<str>, Code>,
    joined: String,
    pub(super) report: ImportReport,
}

/// A member being read: its name in messages, and the name that its relations are said to come from.
pub(super) struct Member<'a> {
    /// With the archives it lies in.
    pub(super) path: &'a str,
    /// Without folders.
    pub(super) source: Arc<str>,
}

impl<'a> Member<'a> {
    pub(super) fn new(path: &'a str) -> Self {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        Self { path, source: name.into() }
    }

    pub(super) fn at(&self, line: u64) -> Location {
        Location { file: self.path.to_owned(), position: line }
    }
}

impl Collector {
    pub(super) fn new() -> Self {
        Self {
            relations: Vec::new(),
            names: Vec::new(),
            codes: FxHashMap::default(),
            joined: String::new(),
            report: ImportReport::new("terminology"),
        }
    }

    /// Relations and names so far.
    pub(super) fn found(&self) -> usize {
        self.relations.len() + self.names.len()
    }

    /// The first reason for which something was skipped.
    pub(super) fn first_problem(&self) -> Option<String> {
        let problem = self.report.tables.values().flat_map(|table| &table.problems).next()?;
        let place = problem.first.first().map(|place| format!("{place}: ")).unwrap_or_default();
        Some(format!("{place}{}", problem.reason))
    }

    /// The code of a system and a value; `None` when the value has no text.
    pub(super) fn code(&mut self, system: &str, value: &str) -> Option<Code> {
        self.joined.clear();
        self.joined.push_str(system);
        self.joined.push_str("//");
        self.joined.push_str(value);
        if let Some(code) = self.codes.get(self.joined.as_str()) {
            return Some(code.clone());
        }
        let code = Code::new(system, value).ok()?;
        self.codes.insert(self.joined.as_str().into(), code.clone());
        Some(code)
    }

    /// Takes a relation; says whether both codes had text.
    pub(super) fn relate(
        &mut self,
        from: (&str, &str),
        kind: RelationKind,
        to: (&str, &str),
        source: &Arc<str>,
    ) -> bool {
        self.relate_with(from, kind, to, source, None)
    }

    pub(super) fn relate_with(
        &mut self,
        from: (&str, &str),
        kind: RelationKind,
        to: (&str, &str),
        source: &Arc<str>,
        severity: Option<&str>,
    ) -> bool {
        let (Some(from), Some(to)) = (self.code(from.0, from.1), self.code(to.0, to.1)) else {
            return false;
        };
        let severity = severity.map(Arc::from);
        self.relations.push(Relation { from, kind, to, source: Arc::clone(source), severity });
        true
    }

    /// Takes a name; says whether code and name had text.
    pub(super) fn name(&mut self, code: (&str, &str), name: &str) -> bool {
        let name = name.trim();
        let Some(code) = self.code(code.0, code.1).filter(|_| !name.is_empty()) else {
            return false;
        };
        self.names.push(Concept { code, description: Some(name.into()), parents: Vec::new() });
        true
    }

    pub(super) fn finish(self) -> (Terminology, ImportReport) {
        (Terminology::new(self.relations, self.names), self.report)
    }
}
