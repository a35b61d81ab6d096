//! Why there is no measure.

use twinloom_table::SchemaError;

/// Why there is no measure of disclosure.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DisclosureError {
    /// No quasi-identifier was named.
    #[error("no quasi-identifier is named; permitted: 1 or more columns")]
    NoField,
    /// A table without rows.
    #[error("the table has no row; permitted: 1 or more")]
    NoRow,
    /// A population smaller than its sample.
    #[error("a population of {population} for {rows} rows; permitted: at least as many as the rows")]
    Population {
        /// Given.
        population: u64,
        /// Rows of the table.
        rows: usize,
    },
    /// The population's columns are others than the table's.
    #[error(
        "column {column} differs between table and population; permitted: the same categories in the same order"
    )]
    OtherColumns {
        /// Which.
        column: String,
    },
    /// A column that there is not.
    #[error(transparent)]
    Schema(#[from] SchemaError),
}
