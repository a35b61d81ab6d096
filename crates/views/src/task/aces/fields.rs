//! The entries of a mapping, with errors that say where and what is permitted.

use super::configuration::ConfigurationError;
use super::document::{Node, Value};

pub(super) type Result<T> = std::result::Result<T, ConfigurationError>;

/// The entries of a mapping that has a name.
pub(super) struct Fields<'a> {
    line: usize,
    pub(super) name: String,
    pub(super) entries: &'a [(String, Node)],
}

impl<'a> Fields<'a> {
    pub(super) fn of(node: &'a Node, name: &str) -> Result<Self> {
        let entries: &[_] = match &node.value {
            Value::Mapping(entries) => entries,
            Value::Null => &[],
            Value::Scalar(text) => return Err(wrong(node.line, name, text, "named values")),
            Value::Sequence(_) => return Err(wrong(node.line, name, "a list", "named values")),
        };
        Ok(Self { line: node.line, name: name.to_owned(), entries })
    }

    /// The value, unless it is null or not there.
    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        let (_, node) = self.entries.iter().find(|(name, _)| name == key)?;
        (node.value != Value::Null).then_some(node)
    }

    pub(super) fn required(&self, key: &'static str) -> Result<&'a Node> {
        let missing = || ConfigurationError::Missing { line: self.line, at: self.name.clone(), key };
        self.get(key).ok_or_else(missing)
    }

    pub(super) fn only(&self, keys: &[&str]) -> Result<()> {
        match self.entries.iter().find(|(name, _)| !keys.contains(&name.as_str())) {
            Some((name, node)) => Err(wrong(node.line, &self.name, name, &keys.join(", "))),
            None => Ok(()),
        }
    }

    pub(super) fn flag(&self, key: &str, default: bool) -> Result<bool> {
        let Some(node) = self.get(key) else { return Ok(default) };
        match text_of(node, &self.path(key))?.as_str() {
            "true" | "True" | "TRUE" => Ok(true),
            "false" | "False" | "FALSE" => Ok(false),
            other => Err(wrong(node.line, &self.path(key), other, "true or false")),
        }
    }

    pub(super) fn path(&self, key: &str) -> String {
        format!("{}.{key}", self.name)
    }
}

pub(super) fn text_of(node: &Node, at: &str) -> Result<String> {
    match &node.value {
        Value::Scalar(text) => Ok(text.clone()),
        _ => Err(wrong(node.line, at, "no text", "a text or a number")),
    }
}

pub(super) fn wrong(line: usize, at: &str, found: &str, permitted: &str) -> ConfigurationError {
    ConfigurationError::Value {
        line,
        at: at.to_owned(),
        found: found.to_owned(),
        permitted: permitted.to_owned(),
    }
}
