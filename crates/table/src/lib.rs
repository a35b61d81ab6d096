//! A rectangular data set with its schema: what each column holds, in which unit, within which bounds, what may be
//! missing, and what must hold between columns.
//!
//! A [`Table`] can't hold what its [`Schema`] forbids: a category is one of the column's categories, a number is
//! finite and within the column's bounds. What is missing is missing: no number or word stands for it.
//!
//! Bounds and categories are [declared](Origin::Declared) by who knows the data, or [inferred](infer) from it. To infer
//! them is to look at people's values, which a claim of privacy has to pay for: so the schema remembers.
//!
//! ```
//! use twinloom_table::{Rows, Table, infer};
//!
//! let rows = Rows::new(&["age", "smoker"], [["71", "no"], ["", "yes"], ["58", "no"]])?;
//! let schema = infer(&rows, &Default::default())?;
//! let table = Table::read(&schema, &rows)?;
//! assert_eq!(table.number("age")?[1], None);
//! assert_eq!(table.text(0, "smoker")?, "no");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cell;
mod constraint;
mod infer;
mod rows;
mod schema;
mod table;

pub use cell::CellError;
pub use constraint::{Constraint, ConstraintError, Operand, Relation};
pub use infer::{InferError, InferParameters, infer};
pub use rows::{Rows, RowsError};
pub use schema::{Bounds, ColumnKind, ColumnSchema, Missing, Origin, Schema, SchemaError};
pub use table::{Column, Table, TableError};
