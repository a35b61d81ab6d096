//! The truth: what happened to a person, as one canonical timeline with source `truth`.
//!
//! A condition stands at its onset, a measurement with its true value (`measured` is what the instrument
//! showed), a test with the times of its order, receipt and result, an appointment with what became of
//! it, a letter with when it was written, sent and received. Systems of record see this and nothing else.

mod contacts;
mod facts;
mod words;
mod writer;

pub use words::truth_attributes;
pub(crate) use writer::TruthWriter;
