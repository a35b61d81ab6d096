//! Why settings of the services are refused.

/// Why settings of the services are refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SupplyError {
    /// Not TOML, an unknown or missing key, or a value of the wrong type.
    #[error("{file}: {reason}")]
    Read {
        /// The file.
        file: String,
        /// What the reader said: line, key and what was expected.
        reason: String,
    },
    /// A number out of its range.
    #[error("{file}: {field} is {value}; permitted: {permitted}")]
    Range {
        /// The file.
        file: String,
        /// Path of the field.
        field: String,
        /// The value given.
        value: f64,
        /// What would be accepted.
        permitted: &'static str,
    },
    /// A list of the wrong length or order.
    #[error("{file}: {field} has {found}; permitted: {permitted}")]
    Shape {
        /// The file.
        file: String,
        /// Path of the field.
        field: String,
        /// What was given.
        found: String,
        /// What would be accepted.
        permitted: &'static str,
    },
    /// A kind of ward, specialty or machine without settings.
    #[error("{file}: {field} is missing; permitted: settings for each")]
    Missing {
        /// The file.
        file: String,
        /// Path of the field.
        field: String,
    },
}
