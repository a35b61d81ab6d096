//! Every file and message format, both ways; the only crate that knows formats.
//!
//! An importer reads one kind of source and hands what it finds to a [`Sink`]; what it could not use
//! it counts and locates in an [`ImportReport`]. Nothing is dropped silently.

mod report;
mod sink;

pub use report::{ImportReport, Location, Problem, ProblemKind, TableReport};
pub use sink::{MemorySink, Sink, SinkError};
