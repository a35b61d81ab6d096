//! Events that are made in columns, straight into Parquet.
//!
//! A simulator knows the few words it uses before it begins and makes whole subjects in order, so that
//! nothing must be sorted or looked up by text: a [`GroupEncoder`] on each thread turns numbers
//! ([`EventColumns`]) into the bytes of a row group, and one [`ColumnarWriter`] puts these into files.
//! The folder is a MEDS root like any other, and [`super::read`] reads it.
//!
//! # Limits
//! Numbers are those of the standard, 32 bits. There is no `seq` (rows stand in order), no `record_id`
//! (a row is its own artefact), no `recorded_time` and no `time_precision`.

mod cells;
mod chunk;
mod group;
mod hybrid;
#[cfg(test)]
mod tests;
mod writer;

pub use cells::{Cells, EventColumns, FurtherColumn, FurtherType, NO_TIME, NO_WORD, Texts, Words};
pub use group::{EncodedGroup, EventLayout, GroupEncoder};
pub use writer::ColumnarWriter;
