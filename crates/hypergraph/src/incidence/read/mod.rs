//! Readers of hypergraphs: HIF, a table of incidences, lists of hyperedges.

mod hif;
mod list;
mod table;

pub use hif::{HifError, read_hif};
pub use list::{ListError, read_list};
pub use table::{TableError, read_table};
