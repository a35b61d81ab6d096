//! Every file and message format, both ways; the only crate that knows formats.
//!
//! An importer reads one kind of source and hands what it finds to a [`Sink`]; what it could not use
//! it counts and locates in an [`ImportReport`]. Nothing is dropped silently.

mod attribute_json;
pub mod fhir;
mod input;
pub mod meds;
pub mod rectangle;
mod report;
mod sink;
mod spill;
pub mod study;
mod subject_id;
pub mod tables;
pub mod terminology;
pub mod typed_table;
mod vectors;

pub use report::{ImportReport, Location, Problem, ProblemKind, TableReport};
pub use sink::{MemorySink, Sink, SinkError};
pub use subject_id::subject_id_from_source;
pub use vectors::{VectorTable, VectorTableError};
