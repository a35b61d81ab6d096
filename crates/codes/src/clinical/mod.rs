//! Named code sets and small tables of clinical knowledge, each with its source.
//!
//! # Source
//! The files in `data/`; each entry names its own.

mod drugs;
mod set;
mod tables;

pub use drugs::atc_holds;
pub use set::ClinicalSet;
pub use tables::{ClinicalTables, Companion, Indication, ReferenceRange, TablesError};
