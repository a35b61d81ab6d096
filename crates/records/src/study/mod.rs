//! The study folder's store: events as MEDS under `events/`, and under `records/` the links, entities
//! and source identifiers around them.
//!
//! [`StudyWriter`] takes findings in any order and number and holds a bounded part of them; what it
//! writes depends on the findings and their order only, not on threads or the memory it was given.

mod artefacts;
mod columnar;
mod read;
mod records;
#[cfg(test)]
mod tests;
mod writer;

pub use columnar::ColumnarStudyWriter;
pub use read::{read_artefacts, read_dataset, read_links, read_subjects};
pub use writer::{StudyOptions, StudySummary, StudyWriter};
