//! The systems of record in a study folder: one table for each system, and the truth that explains them.
//!
//! `records/systems/<system>.parquet` is what a system holds; `truth/ledger.parquet` is every departure of
//! it from a perfect record, `truth/people.parquet` who the people are, and `truth/registrations.parquet`
//! whose each system's numbers are. Only those who judge records read what lies under `truth`.

mod layout;
mod read;
#[cfg(test)]
mod tests;
mod write;

#[cfg(test)]
pub(crate) use read::books;
pub(crate) use read::{SystemCounts, books_up_to, each_ledger_entry, people, require, system_counts};
pub(crate) use write::SystemsWriter;

/// Where the systems' tables stand in a study.
pub(crate) const SYSTEMS: &str = "records/systems";
/// Where the ledger stands in a study.
pub(crate) const LEDGER: &str = "truth/ledger.parquet";
const PEOPLE: &str = "truth/people.parquet";
const REGISTRATIONS: &str = "truth/registrations.parquet";
