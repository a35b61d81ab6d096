//! Columns beyond the named ones, kept so that nothing read is lost on writing.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The value of one extra column in one row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribute {
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// Yes or no.
    Boolean(bool),
    /// Text; also nested values, as JSON.
    Text(Arc<str>),
    /// A point in time.
    Time(Timestamp),
}

/// What a value of an extra column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeType {
    /// A whole number.
    Integer,
    /// A number.
    Float,
    /// Yes or no.
    Boolean,
    /// Text.
    Text,
    /// A point in time.
    Time,
}

impl Attribute {
    /// What it is.
    pub const fn attribute_type(&self) -> AttributeType {
        match self {
            Self::Integer(_) => AttributeType::Integer,
            Self::Float(_) => AttributeType::Float,
            Self::Boolean(_) => AttributeType::Boolean,
            Self::Text(_) => AttributeType::Text,
            Self::Time(_) => AttributeType::Time,
        }
    }

    /// The text, if this is text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Extra columns of an event or an entity by column name, in name order.
pub type Attributes = BTreeMap<Arc<str>, Attribute>;
