//! A task's configuration: predicates, trigger and windows, with every name resolved.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::decode;
use super::document::Node;
use super::predicate::Named;

/// A task as written in ACES's language.
///
/// Invariants: every name is resolved, predicates stand after those they are made of and windows after
/// those they refer to; at most one window has a label and at most one an index timestamp.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Arc<str>", into = "Arc<str>")]
pub struct Configuration {
    pub(super) text: Arc<str>,
    pub(super) description: Option<String>,
    pub(super) predicates: Vec<Named>,
    pub(super) trigger: Counted,
    pub(super) windows: Vec<Window>,
    /// Window and predicate of the label.
    pub(super) label: Option<(usize, Counted)>,
    /// Window and side of the prediction time.
    pub(super) index_timestamp: Option<(usize, Side)>,
}

/// What is counted in windows and bounds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    /// Events of a predicate.
    Predicate(usize),
    /// Moments with any event.
    AnyEvent,
    /// The record's first moment.
    RecordStart,
    /// The record's last moment.
    RecordEnd,
}

/// A window: its root is found from what it refers to, its other side from its root.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub(super) name: Arc<str>,
    /// The side that refers outside.
    pub(super) root: Side,
    pub(super) refers_to: Reference,
    /// From what is referred to, to the root.
    pub(super) approach: Step,
    /// From the root to the other side.
    pub(super) span: Step,
    pub(super) start_inclusive: bool,
    pub(super) end_inclusive: bool,
    pub(super) has: Vec<Constraint>,
}

/// How often something must hold in a window, both limits inclusive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Constraint {
    pub(super) what: Counted,
    pub(super) least: Option<u64>,
    pub(super) greatest: Option<u64>,
}

/// An end of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Start,
    End,
}

/// What a window hangs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reference {
    Trigger,
    Window(usize, Side),
}

/// How one moment follows from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Same,
    /// Microseconds later, or earlier if negative.
    After(i64),
    Next(Counted),
    Last(Counted),
}

impl Configuration {
    /// Reads a configuration from YAML.
    ///
    /// # Errors
    /// [`ConfigurationError`] with the line of what is not permitted.
    pub fn parse(text: &str) -> Result<Self, ConfigurationError> {
        decode::configuration(text, &Node::parse(text)?)
    }

    /// The YAML that was read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the configuration says of itself.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// The names of the predicates, in the order of [`WindowSpan::counts`](super::WindowSpan).
    pub fn predicate_names(&self) -> impl Iterator<Item = &str> {
        self.predicates.iter().map(|predicate| predicate.name.as_str())
    }

    /// The names of the windows, in the order of [`Realisation::windows`](super::Realisation).
    pub fn window_names(&self) -> impl Iterator<Item = &str> {
        self.windows.iter().map(|window| &*window.name)
    }

    /// Whether a window has a label.
    pub fn has_label(&self) -> bool {
        self.label.is_some()
    }

    /// Whether a side of a window is the prediction time.
    pub fn has_index_timestamp(&self) -> bool {
        self.index_timestamp.is_some()
    }
}

impl PartialEq for Configuration {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl TryFrom<Arc<str>> for Configuration {
    type Error = ConfigurationError;

    fn try_from(text: Arc<str>) -> Result<Self, ConfigurationError> {
        Self::parse(&text)
    }
}

impl From<Configuration> for Arc<str> {
    fn from(configuration: Configuration) -> Self {
        configuration.text
    }
}

/// Why a text is no configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigurationError {
    /// It is no YAML, or YAML that configurations do without.
    #[error("line {line}: {reason}")]
    Syntax {
        /// Where, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// A value is not one of those permitted.
    #[error("line {line}: {at} is {found:?}; permitted: {permitted}")]
    Value {
        /// Where, from 1.
        line: usize,
        /// Which key.
        at: String,
        /// What stands there.
        found: String,
        /// What may stand there.
        permitted: String,
    },
    /// A key is missing.
    #[error("line {line}: {at} lacks {key}")]
    Missing {
        /// Where what lacks it begins, from 1.
        line: usize,
        /// What lacks it.
        at: String,
        /// The key.
        key: &'static str,
    },
    /// Predicates or windows are defined by each other.
    #[error(
        "{names} are defined by each other; permitted: definitions that end at the record or the trigger"
    )]
    Circular {
        /// Which, separated by commas.
        names: String,
    },
    /// A task for prediction lacks what it predicts, or from when.
    #[error(
        "no window states {key}, without which nothing is predicted; permitted: exactly one window with it"
    )]
    NotPredictive {
        /// `label` or `index_timestamp`.
        key: &'static str,
    },
}
