//! The record as a graph network reads it: instance to encounters to concepts, and to the people at home and
//! their concepts, as of a time.

mod affiliation;
mod csr;
mod patient_graph;
mod shuffle;
mod task_graph;
mod vocabulary;

pub use csr::{Csr, CsrError};
pub use patient_graph::{HOUSEHOLD, MOST_HOUSEMATES, PRACTICE, PatientGraph, When};
pub use task_graph::{EdgeFeatures, Instance, TaskGraph};
pub use vocabulary::Vocabulary;
pub(crate) use vocabulary::is_coded;
