//! What can be wrong with modules, each with file, state and field.

use crate::nearest::{CONDITION_TYPES, STATE_TYPES, nearest};
use std::fmt;
use std::path::PathBuf;

/// Faults printed in one message; the rest are counted.
const FAULTS_SHOWN: usize = 20;

/// Why a folder of modules can't be run.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The folder or a file in it can't be read.
    #[error("{} can't be read: {reason}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// No module stands in the folder.
    #[error("{} holds no module; permitted: a folder with at least one .json file", folder.display())]
    Empty {
        /// The folder.
        folder: PathBuf,
    },
    /// Modules are faulty.
    #[error("{}", listed(.0))]
    Faults(Vec<Fault>),
}

fn listed(faults: &[Fault]) -> String {
    let mut lines: Vec<String> = faults.iter().take(FAULTS_SHOWN).map(ToString::to_string).collect();
    if faults.len() > FAULTS_SHOWN {
        lines.push(format!("and {} more", faults.len() - FAULTS_SHOWN));
    }
    lines.join("\n")
}

/// One fault of one file.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The file, relative to the folder.
    pub file: String,
    /// The state, if the fault is inside one.
    pub state: Option<String>,
    /// The field, as a path inside the state or the file.
    pub field: String,
    /// What is wrong.
    pub problem: Problem,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.file)?;
        if let Some(state) = &self.state {
            write!(formatter, ", state {state:?}")?;
        }
        if !self.field.is_empty() {
            write!(formatter, ", field {}", self.field)?;
        }
        write!(formatter, ": {}", self.problem)
    }
}

/// What is wrong with a module.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Problem {
    /// The file is no JSON.
    #[error("not JSON: {reason}")]
    Syntax {
        /// What the parser says.
        reason: String,
    },
    /// A field is not there.
    #[error("missing; required: {expected}")]
    Missing {
        /// What should stand there.
        expected: &'static str,
    },
    /// A field holds something else than it should.
    #[error("{found} is not usable; permitted: {expected}")]
    Unusable {
        /// What stands there, shortened.
        found: String,
        /// What may stand there.
        expected: &'static str,
    },
    /// A state type that does not exist.
    #[error(
        "state type {found:?} is unknown; permitted: the {} state types of the framework, of which {} is nearest",
        STATE_TYPES.len(),
        nearest(.found, &STATE_TYPES)
    )]
    StateType {
        /// The type.
        found: String,
    },
    /// A condition type that does not exist.
    #[error(
        "condition type {found:?} is unknown; permitted: the {} condition types of the framework, of which {} is \
         nearest",
        CONDITION_TYPES.len(),
        nearest(.found, &CONDITION_TYPES)
    )]
    ConditionType {
        /// The type.
        found: String,
    },
    /// A transition to a state that does not exist.
    #[error("leads to state {target:?}, which the module does not have; permitted: one of its states")]
    Dangling {
        /// The state that is not there.
        target: String,
    },
    /// A state that leads nowhere.
    #[error("no transition; permitted: exactly one on every state but Terminal")]
    NoTransition,
    /// Probabilities that make no distribution.
    #[error("probabilities sum to {sum}; permitted: 1 within {tolerance}")]
    Sum {
        /// Their sum.
        sum: f64,
        /// What may be missing or too much.
        tolerance: f64,
    },
    /// A submodule that does not exist.
    #[error("submodule {path:?} is not in the folder; permitted: the path of a module file without .json")]
    Submodule {
        /// The path.
        path: String,
    },
    /// A submodule that calls itself, through others or not.
    #[error("submodules call each other in a circle: {circle}; permitted: calls that end")]
    Recursion {
        /// The modules in the order of calls.
        circle: String,
    },
    /// A lookup table that does not exist or can't be read.
    #[error("lookup table {name:?} can't be read: {reason}")]
    Table {
        /// The table.
        name: String,
        /// Why not.
        reason: String,
    },
    /// Time stands still.
    #[error(
        "goes in a circle without delay: {circle}; permitted: circles with a Delay, a Guard or a way out"
    )]
    Circle {
        /// States of the circle.
        circle: String,
    },
}

/// Something that is not wrong but worth knowing.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The file, relative to the folder.
    pub file: String,
    /// The state.
    pub state: String,
    /// What was found.
    pub text: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}, state {:?}: {}", self.file, self.state, self.text)
    }
}
