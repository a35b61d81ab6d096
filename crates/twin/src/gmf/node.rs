//! Reads JSON with the place at hand for error messages.

use serde_json::Value as Json;

use super::PathwayError;
use super::keys::Asked;

/// A JSON value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node<'a> {
    pub(crate) file: &'a str,
    pub(crate) state: &'a str,
    path: String,
    json: &'a Json,
    asked: Option<&'a Asked>,
}

impl<'a> Node<'a> {
    pub(crate) fn new(file: &'a str, state: &'a str, json: &'a Json) -> Self {
        Self { file, state, path: String::new(), json, asked: None }
    }

    /// The same, noting every key for which it is asked.
    pub(super) fn noting(self, asked: Option<&'a Asked>) -> Self {
        Self { asked, ..self }
    }

    pub(crate) fn error(&self, reason: impl Into<String>) -> PathwayError {
        PathwayError::Field {
            file: self.file.to_owned(),
            state: self.state.to_owned(),
            field: if self.path.is_empty() { "the whole".to_owned() } else { self.path.clone() },
            reason: reason.into(),
        }
    }

    /// The value of a field that is present and not null.
    pub(crate) fn get(&self, field: &str) -> Option<Self> {
        if let Some(asked) = self.asked {
            asked.note(self.json, field);
        }
        let json = self.json.get(field).filter(|value| !value.is_null())?;
        let path = if self.path.is_empty() { field.to_owned() } else { format!("{}.{field}", self.path) };
        Some(Self { path, json, ..*self })
    }

    pub(crate) fn need(&self, field: &str) -> Result<Self, PathwayError> {
        self.get(field).ok_or_else(|| self.error(format!("lacks the field {field:?}")))
    }

    pub(crate) fn json(&self) -> &'a Json {
        self.json
    }

    pub(crate) fn number(&self) -> Result<f64, PathwayError> {
        let number = self.json.as_f64().filter(|number| number.is_finite());
        number.ok_or_else(|| self.error(format!("{} is no number; permitted: a finite number", self.json)))
    }

    pub(crate) fn text(&self) -> Result<&'a str, PathwayError> {
        self.json.as_str().ok_or_else(|| self.error(format!("{} is no text", self.json)))
    }

    pub(crate) fn list(&self) -> Result<Vec<Self>, PathwayError> {
        let items = self.json.as_array().ok_or_else(|| self.error("is no list"))?;
        let node = |(index, json)| Self {
            file: self.file,
            state: self.state,
            path: format!("{}[{index}]", self.path),
            json,
            asked: self.asked,
        };
        Ok(items.iter().enumerate().map(node).collect())
    }

    pub(crate) fn number_of(&self, field: &str) -> Result<Option<f64>, PathwayError> {
        self.get(field).map(|node| node.number()).transpose()
    }

    pub(crate) fn text_of(&self, field: &str) -> Result<Option<&'a str>, PathwayError> {
        self.get(field).map(|node| node.text()).transpose()
    }

    pub(crate) fn list_of(&self, field: &str) -> Result<Vec<Self>, PathwayError> {
        self.get(field).map_or(Ok(Vec::new()), |node| node.list())
    }
}
