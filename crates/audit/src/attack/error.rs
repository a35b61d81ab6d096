//! Why an attack can't be run.

use twinloom_table::{SchemaError, TableError};

/// Why an attack can't be run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AttackError {
    /// Two tables differ in what their columns hold.
    #[error(
        "column {column} differs between the tables; permitted: the same columns, kinds and categories in the same order"
    )]
    OtherColumns {
        /// The first that does.
        column: String,
    },
    /// A table of too few rows.
    #[error("the {table} table has {rows} rows; permitted: {least} or more")]
    TooFew {
        /// Which.
        table: &'static str,
        /// Its rows.
        rows: usize,
        /// The fewest.
        least: usize,
    },
    /// A score that is no number.
    #[error("score {index} is not finite; permitted: finite scores")]
    Score {
        /// Which.
        index: usize,
    },
    /// Lists that should pair don't.
    #[error("{given} {what} given; permitted: {permitted}")]
    Lengths {
        /// What they are.
        what: &'static str,
        /// How many.
        given: usize,
        /// How many should be.
        permitted: usize,
    },
    /// A number outside its range.
    #[error("{what} is {value}; permitted: {permitted}")]
    Range {
        /// What it is.
        what: &'static str,
        /// Given.
        value: f64,
        /// The range.
        permitted: &'static str,
    },
    /// A column that there is not, or none left.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// A table that can't be made.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The generator or model under attack gave up.
    #[error("the generator failed: {0}")]
    Generator(String),
}
