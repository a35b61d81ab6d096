//! Units of measurement as written, UCUM where the source used it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A unit code, `mm[Hg]` or `mmol/L`; cheap to clone. Not converted, not checked against UCUM.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Arc<str>", into = "Arc<str>")]
pub struct Unit(Arc<str>);

impl Unit {
    /// Takes a unit as the source wrote it.
    ///
    /// # Errors
    /// [`UnitError`] when the text is empty; a pure number has unit `1`.
    pub fn new(text: impl Into<Arc<str>>) -> Result<Self, UnitError> {
        let text = text.into();
        if text.is_empty() { Err(UnitError) } else { Ok(Self(text)) }
    }

    /// The unit as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<Arc<str>> for Unit {
    type Error = UnitError;

    fn try_from(text: Arc<str>) -> Result<Self, UnitError> {
        Self::new(text)
    }
}

impl From<Unit> for Arc<str> {
    fn from(unit: Unit) -> Self {
        unit.0
    }
}

/// The unit had no characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unit is empty; permitted: a UCUM code, or 1 for a pure number")]
pub struct UnitError;
