//! Why a file is no pathway.

/// A module that can't be read or linked: where, and what is permitted there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathwayError {
    /// The file can't be read.
    #[error("{file} can't be read: {reason}")]
    File {
        /// The file.
        file: String,
        /// The system's words.
        reason: String,
    },
    /// Not JSON.
    #[error("{file}: {reason}")]
    Json {
        /// The file.
        file: String,
        /// What and where.
        reason: String,
    },
    /// A field is not of the framework's shape.
    #[error("{file}, state {state:?}, {field}: {reason}")]
    Field {
        /// The file.
        file: String,
        /// The state; empty for the module itself.
        state: String,
        /// The field's path within the state.
        field: String,
        /// What is wrong and what is permitted.
        reason: String,
    },
    /// A module calls one that is not given.
    #[error("{file}, state {state:?} calls submodule {submodule:?}; permitted: a module of the run")]
    MissingSubmodule {
        /// The file.
        file: String,
        /// The calling state.
        state: String,
        /// The name called.
        submodule: String,
    },
    /// A scenario sets a parameter that no module has.
    #[error("parameter {parameter:?} is unknown; permitted: \"module.parameter\" of a module of the run")]
    UnknownParameter {
        /// The name given.
        parameter: String,
    },
    /// A scenario sets a parameter out of its range.
    #[error("parameter {parameter:?} = {value} is out of range; permitted: {permitted}")]
    ParameterRange {
        /// The parameter.
        parameter: String,
        /// The value given, as text.
        value: String,
        /// What the module permits.
        permitted: String,
    },
    /// States that lead to each other for ever without time passing.
    #[error(
        "{file}, state {state:?} leads back to itself without delay; permitted: cycles with a waiting state"
    )]
    EndlessCycle {
        /// The file.
        file: String,
        /// A state of the cycle.
        state: String,
    },
}
