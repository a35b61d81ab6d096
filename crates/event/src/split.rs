//! The three parts of a dataset, in MEDS words.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Which part of a study a subject belongs to; a subject is in one part only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// Models are fitted on it.
    Train,
    /// Models are chosen and stopped on it.
    Tuning,
    /// Models are judged on it, once.
    HeldOut,
}

impl Split {
    /// All three, in the order of use.
    pub const ALL: [Self; 3] = [Self::Train, Self::Tuning, Self::HeldOut];

    /// The word used in `subject_splits.parquet`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Tuning => "tuning",
            Self::HeldOut => "held_out",
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Split {
    type Err = UnknownSplit;

    fn from_str(text: &str) -> Result<Self, UnknownSplit> {
        Self::ALL
            .into_iter()
            .find(|split| split.as_str() == text)
            .ok_or_else(|| UnknownSplit { text: text.to_owned() })
    }
}

/// The word names no [`Split`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("split {text:?} is unknown; permitted: train, tuning, held_out")]
pub struct UnknownSplit {
    /// The word given.
    pub text: String,
}
