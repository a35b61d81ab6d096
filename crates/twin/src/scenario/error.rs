//! Why a scenario can't be used.

use std::borrow::Cow;

/// What is wrong with a scenario file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// The file can't be read.
    #[error("{file}: can't be read: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// The system's words.
        reason: String,
    },
    /// Not TOML, or a key that no scenario has.
    #[error("{file}, line {line}, column {column}: {message}")]
    Syntax {
        /// The file.
        file: String,
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// The parser's words.
        message: String,
    },
    /// A number out of range.
    #[error("{file}: {field} = {value} is out of range; permitted: {permitted}")]
    Range {
        /// The file.
        file: String,
        /// The key, dotted.
        field: String,
        /// The value given, as text.
        value: String,
        /// What may stand there.
        permitted: Cow<'static, str>,
    },
    /// A wave begins before the one that it follows has ended.
    #[error(
        "{file}: {field} begins on {start}, before the previous wave of {problem:?} has ended on {previous_end}; \
         permitted: waves of one problem in order of date, without overlap"
    )]
    Order {
        /// The file.
        file: String,
        /// The key, dotted.
        field: String,
        /// The problem.
        problem: String,
        /// When it begins.
        start: String,
        /// When the one before ends.
        previous_end: String,
    },
    /// The services can't be as the scenario wants them.
    #[error("{reason}")]
    Supply {
        /// File, field, value and permitted range.
        reason: String,
    },
    /// A name that the model does not have.
    #[error("{file}: {field} names no {sort} of the model; permitted: {permitted}")]
    Unknown {
        /// The file.
        file: String,
        /// The key, dotted.
        field: String,
        /// What was looked for.
        sort: &'static str,
        /// The names nearest to it, or all if few.
        permitted: String,
    },
    /// A value of another sort than the one it stands for.
    #[error("{file}: {field} is {found}; permitted: {permitted}")]
    Sort {
        /// The file.
        file: String,
        /// The key, dotted.
        field: String,
        /// What stands there.
        found: &'static str,
        /// What may stand there.
        permitted: &'static str,
    },
}

/// Names shown of those nearest to an unknown one.
pub(super) const NEAREST_SHOWN: usize = 8;
