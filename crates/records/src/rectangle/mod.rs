//! Plain tables: comma-separated files, and their schema as YAML.
//!
//! ```
//! use twinloom_records::rectangle::{read_rows, read_schema, write_schema, write_table};
//! use twinloom_table::{Table, infer};
//!
//! let folder = tempfile::tempdir()?;
//! let file = folder.path().join("visits.csv");
//! std::fs::write(&file, "age,smoker\n71,no\n,yes\n")?;
//! let rows = read_rows(&file)?;
//! let schema = infer(&rows, &Default::default())?;
//! write_schema(&folder.path().join("visits.yaml"), &schema)?;
//! let table = Table::read(&read_schema(&folder.path().join("visits.yaml"))?, &rows)?;
//! write_table(&folder.path().join("copy.csv"), &table, &["made for a test"])?;
//! let copy = read_rows(&folder.path().join("copy.csv"))?;
//! assert_eq!(copy, rows);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod schema;
mod text;

pub use schema::{SchemaFileError, read_schema, write_schema};
pub use text::{RowsFileError, read_rows, read_rows_from, write_table};
