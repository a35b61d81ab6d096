//! Named code sets and small tables of clinical knowledge, each with its source.
//!
//! # Source
//! The files in `data/`; each entry names its own.

mod drug_words;
mod drugs;
mod set;
mod tables;

pub use drug_words::DrugWords;
pub use drugs::atc_holds;
pub use set::ClinicalSet;
pub use tables::{ClinicalTables, Companion, Indication, ReferenceRange, TablesError};
