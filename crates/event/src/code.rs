//! A clinical code: a system and a value, written `SYSTEM//value`.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

const SEPARATOR: &str = "//";

/// A code as MEDS writes it, `SNOMED//44054006`; cheap to clone.
///
/// MEDS also allows codes without a system (`MEDS_BIRTH`) and with further parts
/// (`LAB//50912//mg/dL`); the system is what stands before the first `//`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Arc<str>", into = "Arc<str>")]
pub struct Code(Arc<str>);

impl Code {
    /// Joins a system and a value.
    ///
    /// # Errors
    /// [`CodeError`] when either is empty or the system contains `//`.
    pub fn new(system: &str, value: &str) -> Result<Self, CodeError> {
        if system.is_empty() || system.contains(SEPARATOR) {
            return Err(CodeError::System { system: system.to_owned() });
        }
        if value.is_empty() {
            return Err(CodeError::Empty);
        }
        let mut text = String::with_capacity(system.len() + SEPARATOR.len() + value.len());
        text.push_str(system);
        text.push_str(SEPARATOR);
        text.push_str(value);
        Ok(Self(text.into()))
    }

    /// Takes a code as written in a file.
    ///
    /// # Errors
    /// [`CodeError::Empty`] when the text is empty.
    pub fn parse(text: impl Into<Arc<str>>) -> Result<Self, CodeError> {
        let text = text.into();
        if text.is_empty() {
            return Err(CodeError::Empty);
        }
        Ok(Self(text))
    }

    /// `MEDS_BIRTH`, the canonical birth code.
    pub fn birth() -> Self {
        Self("MEDS_BIRTH".into())
    }

    /// `MEDS_DEATH`, the canonical death code.
    pub fn death() -> Self {
        Self("MEDS_DEATH".into())
    }

    /// Whether this is `MEDS_BIRTH` or one of its refinements `MEDS_BIRTH//*`.
    pub fn is_birth(&self) -> bool {
        self.is_or_refines("MEDS_BIRTH")
    }

    /// Whether this is `MEDS_DEATH` or one of its refinements `MEDS_DEATH//*`.
    pub fn is_death(&self) -> bool {
        self.is_or_refines("MEDS_DEATH")
    }

    /// The system, if the code states one.
    pub fn system(&self) -> Option<&str> {
        self.0.split_once(SEPARATOR).map(|(system, _)| system)
    }

    /// What follows the system; the whole text when there is none.
    pub fn value(&self) -> &str {
        self.0.split_once(SEPARATOR).map_or(&*self.0, |(_, value)| value)
    }

    /// The code as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_or_refines(&self, canonical: &str) -> bool {
        self.0.strip_prefix(canonical).is_some_and(|rest| rest.is_empty() || rest.starts_with(SEPARATOR))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<Arc<str>> for Code {
    type Error = CodeError;

    fn try_from(text: Arc<str>) -> Result<Self, CodeError> {
        Self::parse(text)
    }
}

impl From<Code> for Arc<str> {
    fn from(code: Code) -> Self {
        code.0
    }
}

/// Why a text is not a code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// The code has no characters.
    #[error("code is empty; permitted: SYSTEM//value")]
    Empty,
    /// The system can't be told from the value.
    #[error("code system {system:?} is not usable; permitted: one or more characters without //")]
    System {
        /// The system given.
        system: String,
    },
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn regress_parts_of_a_code() {
        let code = Code::parse("LAB//50912//mg/dL").unwrap();
        assert_eq!((code.system(), code.value()), (Some("LAB"), "50912//mg/dL"));
        assert_eq!(Code::birth().system(), None);
        assert!(Code::parse("MEDS_DEATH//hospital").unwrap().is_death());
        assert!(!Code::parse("MEDS_DEATHLY").unwrap().is_death());
        assert_eq!(Code::new("SNOMED", ""), Err(CodeError::Empty));
    }

    proptest! {
        #[test]
        fn law_new_then_parts_is_identity(system in "[A-Z0-9_]{1,12}", value in ".{1,20}") {
            let code = Code::new(&system, &value).unwrap();
            prop_assert_eq!(code.system(), Some(system.as_str()));
            prop_assert_eq!(code.value(), value.as_str());
            prop_assert_eq!(Code::parse(code.as_str()).unwrap(), code);
        }
    }
}
