//! Keys that nobody reads: a mistyped key is refused instead of ignored.

use std::cell::RefCell;
use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use serde_json::Value as Json;

use super::PathwayError;
use super::node::Node;
use crate::nearest::nearest;

/// Keys that only say something to the reader of a module.
const REMARKS: &[&str] = &["remarks", "remark", "comment", "comments", "source", "name", "note"];

/// Keys of a module that no state reads.
const MODULE: &[&str] = &["gmf_version", "calibration_targets", "submodule", "specialty"];

/// Keys of the framework that the twin has no use for, or only where another is absent.
const FRAMEWORK: &[&str] = &[
    "activities",
    "addressed_by",
    "administration",
    "allergy_type",
    "as_needed",
    "category",
    "chronic",
    "default_location",
    "default_value",
    "details",
    "discharge_disposition",
    "encounter_class",
    "goals",
    "number_of_observations",
    "prescription",
    "reactions",
    "reason",
    "series",
    "telemedicine_possibility",
    "unit",
    "view",
    "wellness",
];

/// The keys for which each object of a module was asked, by the object's address.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    keys: RefCell<FxHashMap<*const Json, BTreeSet<String>>>,
}

impl Asked {
    pub(super) fn note(&self, object: &Json, key: &str) {
        let mut keys = self.keys.borrow_mut();
        let own = keys.entry(std::ptr::from_ref(object)).or_default();
        if !own.contains(key) {
            own.insert(key.to_owned());
        }
    }

    /// Refuses a key for which no reader of its object asked, after the module `file` was read.
    pub(super) fn check(&self, file: &str, module: &Json) -> Result<(), PathwayError> {
        let whole = Node::new(file, "", module);
        self.check_own(&whole, MODULE)?;
        for (key, _) in module.as_object().into_iter().flatten().filter(|(key, _)| *key != "states") {
            if let Some(inner) = whole.get(key) {
                self.check_within(&inner)?;
            }
        }
        let states = module.get("states").and_then(Json::as_object);
        for (name, state) in states.into_iter().flatten() {
            self.check_within(&Node::new(file, name, state))?;
        }
        Ok(())
    }

    fn check_within(&self, node: &Node<'_>) -> Result<(), PathwayError> {
        match node.json() {
            Json::Object(map) => {
                self.check_own(node, &[])?;
                map.keys().filter_map(|key| node.get(key)).try_for_each(|inner| self.check_within(&inner))
            }
            Json::Array(_) => node.list()?.iter().try_for_each(|item| self.check_within(item)),
            _ => Ok(()),
        }
    }

    /// Objects that nobody looked into are those of keys that are named elsewhere.
    fn check_own(&self, node: &Node<'_>, more: &[&str]) -> Result<(), PathwayError> {
        let keys = self.keys.borrow();
        let Some(asked) = keys.get(&std::ptr::from_ref(node.json())) else { return Ok(()) };
        let is_known = |key: &String| {
            let listed = [REMARKS, FRAMEWORK, more].iter().any(|list| list.contains(&key.as_str()));
            listed || asked.contains(key)
        };
        let unknown = node.json().as_object().and_then(|map| map.keys().find(|key| !is_known(key)));
        match unknown {
            None => Ok(()),
            Some(key) => {
                let known = asked.iter().map(String::as_str).chain(FRAMEWORK.iter().copied());
                let near = nearest(key, known, 3);
                Err(node.error(format!("nothing reads the key {key:?} here; nearest: {near}")))
            }
        }
    }
}
