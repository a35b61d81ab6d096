//! Wide tables with typed, nullable columns as Parquet files: written row by row, read row by row.
//!
//! ```
//! use twinloom_records::typed_table::{Cell, Column, ColumnType, TableReader, TableWriter};
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("tests.parquet");
//! let columns = [
//!     Column::required("id", ColumnType::Integer),
//!     Column::nullable("code", ColumnType::Word),
//!     Column::nullable("value", ColumnType::Number),
//! ];
//! let mut writer = TableWriter::create(&path, &columns)?;
//! writer.row([(0, Cell::Integer(7)), (2, Cell::Number(61.0))])?;
//! assert_eq!(writer.finish()?, 1);
//! let mut rows = Vec::new();
//! TableReader::open(&path, &columns)?.for_each(|cells| rows.push(format!("{cells:?}")))?;
//! assert_eq!(rows, ["[Integer(7), Absent, Number(61.0)]"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod read;
mod write;

pub use error::TableError;
pub use read::TableReader;
pub use write::TableWriter;

/// One column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in the file.
    pub name: &'static str,
    /// What it holds.
    pub column_type: ColumnType,
    /// Whether a row may leave it empty.
    pub nullable: bool,
}

impl Column {
    /// A column that every row fills.
    pub const fn required(name: &'static str, column_type: ColumnType) -> Self {
        Self { name, column_type, nullable: false }
    }

    /// A column that a row may leave empty.
    pub const fn nullable(name: &'static str, column_type: ColumnType) -> Self {
        Self { name, column_type, nullable: true }
    }
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// A 64-bit whole number.
    Integer,
    /// Microseconds since 1970-01-01, without a zone.
    Time,
    /// Days since 1970-01-01.
    Day,
    /// A 64-bit number.
    Number,
    /// Text of a few distinct values, written as a dictionary.
    Word,
    /// Text of many distinct values.
    Text,
    /// Yes or no.
    Flag,
}

/// What stands in one place of a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'c> {
    /// Nothing.
    Absent,
    /// A whole number.
    Integer(i64),
    /// Microseconds since 1970-01-01.
    Time(i64),
    /// Days since 1970-01-01.
    Day(i32),
    /// A number.
    Number(f64),
    /// A word or a text.
    Text(&'c str),
    /// Yes or no.
    Flag(bool),
}
