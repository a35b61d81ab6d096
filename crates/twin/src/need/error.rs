//! Why a need table or a scenario's changes to it can't be used.

/// A fault of a need table or of what a scenario asks of it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NeedError {
    /// Not TOML, or a key that the table doesn't have.
    #[error("{file}: {detail}")]
    Syntax {
        /// The file.
        file: String,
        /// What and where, in the parser's words.
        detail: String,
    },
    /// A value out of range.
    #[error("{file}: {entry}: {field} is {value}; permitted: {permitted}")]
    Value {
        /// The file.
        file: String,
        /// The entry's name.
        entry: String,
        /// The field.
        field: String,
        /// What it holds.
        value: String,
        /// What it may hold.
        permitted: &'static str,
    },
    /// A name that no entry has.
    #[error("{file}: {entry}: {field} names {name:?}, which is no {kind} of the need table")]
    Unknown {
        /// The file.
        file: String,
        /// The entry's name.
        entry: String,
        /// The field.
        field: String,
        /// The name.
        name: String,
        /// What was looked for.
        kind: &'static str,
    },
}
