//! Attributes, codes and texts of the linked modules, each by a number.

use rustc_hash::FxHashMap;
use twinloom_codes::{CodeSystem, system_name};
use twinloom_event::{Code, Concept};

use super::node::Node;
use super::{PathwayError, Value};
use crate::patient::CodeId;

/// Attributes that the twin itself sets.
pub(crate) const SMOKER: &str = "smoker";
pub(crate) const EVER_SMOKED: &str = "ever_smoked";
pub(crate) const IMD_DECILE: &str = "imd_decile";
pub(crate) const RECORD_OPEN: &str = "practice_record_open";

/// The numbering that a set of modules shares.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    attributes: FxHashMap<String, u32>,
    texts: Table,
    codes: Vec<(Code, String)>,
    code_ids: FxHashMap<Code, CodeId>,
}

#[derive(Clone, Debug, Default)]
struct Table {
    list: Vec<String>,
    ids: FxHashMap<String, u32>,
}

impl Names {
    pub(crate) fn attribute(&mut self, name: &str) -> u32 {
        let next = self.attributes.len() as u32;
        *self.attributes.entry(name.to_owned()).or_insert(next)
    }

    pub(crate) fn attribute_count(&self) -> usize {
        self.attributes.len()
    }

    pub(crate) fn text(&mut self, text: &str) -> u32 {
        if let Some(id) = self.texts.ids.get(text) {
            return *id;
        }
        let id = self.texts.list.len() as u32;
        self.texts.list.push(text.to_owned());
        self.texts.ids.insert(text.to_owned(), id);
        id
    }

    pub(crate) fn texts(&self) -> &[String] {
        &self.texts.list
    }

    /// Codes with their display, by number.
    pub(crate) fn codes(&self) -> &[(Code, String)] {
        &self.codes
    }

    /// Reads `{"system", "code", "display"}`; the system is a URI or the framework's word for it.
    pub(crate) fn code(&mut self, node: &Node<'_>) -> Result<CodeId, PathwayError> {
        let system = node.need("system")?.text()?;
        let system = match system {
            "SNOMED-CT" => CodeSystem::Snomed.name().into(),
            "RxNorm" => CodeSystem::RxNorm.name().into(),
            other => system_name(other),
        };
        let value = node.need("code")?;
        let value = match value.json().as_u64() {
            Some(number) => number.to_string(),
            None => value.text()?.to_owned(),
        };
        let code = Code::new(&system, &value).map_err(|source| node.error(source.to_string()))?;
        if let Some(id) = self.code_ids.get(&code) {
            return Ok(*id);
        }
        let id = self.codes.len() as CodeId;
        self.codes.push((code.clone(), node.text_of("display")?.unwrap_or_default().to_owned()));
        self.code_ids.insert(code, id);
        Ok(id)
    }

    /// The codes of a list, at least one.
    pub(crate) fn code_list(&mut self, node: &Node<'_>) -> Result<Vec<CodeId>, PathwayError> {
        let codes =
            node.list()?.iter().map(|code| self.code(code)).collect::<Result<Vec<CodeId>, PathwayError>>()?;
        if codes.is_empty() { Err(node.error("is empty; permitted: one code or more")) } else { Ok(codes) }
    }

    /// A literal: null, boolean, number or text.
    pub(crate) fn value(&mut self, node: &Node<'_>) -> Result<Value, PathwayError> {
        match node.json() {
            serde_json::Value::Bool(boolean) => Ok(Value::Boolean(*boolean)),
            serde_json::Value::Number(_) => Ok(Value::Number(node.number()?)),
            serde_json::Value::String(text) => Ok(Value::Text(self.text(text))),
            _ => Err(node.error("permitted: true, false, a number or a text")),
        }
    }

    /// Descriptions of all codes.
    pub(crate) fn concepts(&self) -> Vec<Concept> {
        let concept = |(code, display): &(Code, String)| Concept {
            code: code.clone(),
            description: (!display.is_empty()).then(|| display.as_str().into()),
            parents: Vec::new(),
        };
        self.codes.iter().map(concept).collect()
    }
}
