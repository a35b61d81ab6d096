//! Identifiers, each its own type so that one can't stand where another belongs.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The owner of rows: one person in one dataset (MEDS `subject_id`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SubjectId(i64);

impl SubjectId {
    /// Any 64-bit integer is a subject id; MEDS reserves none.
    pub const fn new(id: i64) -> Self {
        Self(id)
    }

    /// The integer as MEDS stores it.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for SubjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Why a text is not an identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text has no characters.
    #[error("{kind} is empty; permitted: one or more characters")]
    Empty {
        /// Which identifier was being made.
        kind: &'static str,
    },
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "Arc<str>", into = "Arc<str>")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes any text of one or more characters.
            ///
            /// # Errors
            /// [`IdError::Empty`] when the text is empty.
            pub fn new(text: impl Into<Arc<str>>) -> Result<Self, IdError> {
                let text = text.into();
                if text.is_empty() {
                    return Err(IdError::Empty { kind: $kind });
                }
                Ok(Self(text))
            }

            /// The identifier's text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl TryFrom<Arc<str>> for $name {
            type Error = IdError;

            fn try_from(text: Arc<str>) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl From<$name> for Arc<str> {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

text_id!(
    /// One contact with a service, or one hospital stay; events of it share this id.
    EncounterId,
    "encounter id"
);
text_id!(
    /// The artefact an event came from, as `Type/id` (`Observation/4f2a`) or `table/row`.
    ///
    /// Events made from one artefact (a blood pressure's panel and components) share it.
    RecordId,
    "record id"
);
text_id!(
    /// The system that recorded an event (`gp`, `synthea_r4`, `eicu`).
    Source,
    "source"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_empty_text_is_no_id() {
        assert_eq!(EncounterId::new(""), Err(IdError::Empty { kind: "encounter id" }));
        assert_eq!(RecordId::new("Observation/1").unwrap().as_str(), "Observation/1");
    }
}
