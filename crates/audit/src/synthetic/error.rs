//! Why tables can't be set beside each other.

use twinloom_table::{SchemaError, TableError};

/// Why tables can't be set beside each other.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SyntheticError {
    /// Tables of other columns.
    #[error("column {column} of the two tables differs in name, kind or categories; permitted: one schema")]
    Schema {
        /// Which.
        column: String,
    },
    /// Too few rows to say anything.
    #[error("a table has {rows} rows; permitted: {least} or more")]
    Rows {
        /// Its rows.
        rows: usize,
        /// Fewest.
        least: usize,
    },
    /// A target without two classes in what a model would learn from or be judged on.
    #[error("target {target} has {positive} of {rows} rows; permitted: {least} or more of either class")]
    OneClass {
        /// The target.
        target: String,
        /// Rows that have it.
        positive: usize,
        /// Rows where it is known.
        rows: usize,
        /// Fewest of a class.
        least: usize,
    },
    /// A category that its column does not have.
    #[error("column {column} does not have the category asked for; permitted: one of its {categories}")]
    Category {
        /// The column.
        column: String,
        /// How many it has.
        categories: usize,
    },
    /// A setting out of range.
    #[error("{name} is {given}; permitted: {permitted}")]
    Setting {
        /// Which.
        name: &'static str,
        /// Given.
        given: f64,
        /// In words.
        permitted: &'static str,
    },
    /// No column left to learn from.
    #[error("no column is left to learn from; permitted: 1 or more beside the target and those left out")]
    NoColumn,
    /// A column that there is not, or of another kind.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A column that there is not.
    #[error(transparent)]
    Column(#[from] SchemaError),
}
