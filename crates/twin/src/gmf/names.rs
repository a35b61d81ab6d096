//! Attributes, codes and texts of the linked modules, each by a number.

use std::collections::BTreeMap;

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

/// No place is kept.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// The numbering that a set of modules shares.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    attributes: FxHashMap<String, u32>,
    texts: Table,
    codes: Vec<(Code, String)>,
    code_ids: FxHashMap<Code, CodeId>,
    /// States, over all modules, whose last visit a condition reads.
    visits: FxHashMap<u32, u32>,
    /// Codes whose last value a condition reads.
    readings: FxHashMap<CodeId, u32>,
    /// Values of `module.parameter`; `None` while a module is read on its own.
    parameters: Option<BTreeMap<String, f64>>,
}

#[derive(Clone, Debug, Default)]
struct Table {
    list: Vec<String>,
    ids: FxHashMap<String, u32>,
}

impl Names {
    /// Names for modules that are linked, with the parameters of them all.
    pub(crate) fn with_parameters(parameters: BTreeMap<String, f64>) -> Self {
        Self { parameters: Some(parameters), ..Self::default() }
    }

    /// The parameters that are attributes too: those that a module reads as such.
    pub(crate) fn parameter_attributes(&self) -> Vec<(u32, f64)> {
        let parameters = self.parameters.iter().flatten();
        parameters.filter_map(|(name, value)| Some((*self.attributes.get(name)?, *value))).collect()
    }

    /// The place at which a state's last visit is kept.
    pub(crate) fn visit_place(&mut self, state: u32) -> u32 {
        let next = self.visits.len() as u32;
        *self.visits.entry(state).or_insert(next)
    }

    /// The place at which a code's last value is kept.
    pub(crate) fn reading_place(&mut self, code: CodeId) -> u32 {
        let next = self.readings.len() as u32;
        *self.readings.entry(code).or_insert(next)
    }

    /// Places of visits by state over all modules, [`NOWHERE`] for states that nobody asks about.
    pub(crate) fn visit_places(&self, state_count: usize) -> Vec<u32> {
        let place = |state: usize| self.visits.get(&(state as u32)).copied().unwrap_or(NOWHERE);
        (0..state_count).map(place).collect()
    }

    /// Places of readings by code, [`NOWHERE`] for codes that nobody asks about.
    pub(crate) fn reading_places(&self) -> Vec<u32> {
        let place = |code: usize| self.readings.get(&(code as u32)).copied().unwrap_or(NOWHERE);
        (0..self.codes.len()).map(place).collect()
    }

    pub(crate) fn visit_count(&self) -> usize {
        self.visits.len()
    }

    pub(crate) fn reading_count(&self) -> usize {
        self.readings.len()
    }

    pub(crate) fn find_code(&self, code: &Code) -> Option<CodeId> {
        self.code_ids.get(code).copied()
    }

    pub(crate) fn find_attribute(&self, name: &str) -> Option<u32> {
        self.attributes.get(name).copied()
    }

    /// A code that is not of a module.
    pub(crate) fn code_of(&mut self, code: &Code, display: &str) -> CodeId {
        if let Some(id) = self.code_ids.get(code) {
            return *id;
        }
        let id = self.codes.len() as CodeId;
        self.codes.push((code.clone(), display.to_owned()));
        self.code_ids.insert(code.clone(), id);
        id
    }

    /// The number under `field`, or the parameter that `<field>_from` names.
    pub(crate) fn number_or_parameter(
        &self,
        node: &Node<'_>,
        field: &str,
    ) -> Result<Option<f64>, PathwayError> {
        let Some(from) = node.get(&format!("{field}_from")) else { return node.number_of(field) };
        let name = from.text()?;
        match &self.parameters {
            None => Ok(Some(1.0)),
            Some(parameters) => parameters.get(name).map(|value| Some(*value)).ok_or_else(|| {
                from.error(format!(
                    "parameter {name:?} is unknown; permitted: \"module.parameter\" of a module of the run"
                ))
            }),
        }
    }

    pub(crate) fn attribute(&mut self, name: &str) -> u32 {
        let next = self.attributes.len() as u32;
        *self.attributes.entry(name.to_owned()).or_insert(next)
    }

    /// An attribute that some module names.
    pub(crate) fn known_attribute(&self, name: &str) -> Option<u32> {
        self.attributes.get(name).copied()
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
        Ok(self.code_of(&code, node.text_of("display")?.unwrap_or_default()))
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
