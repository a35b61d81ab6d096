//! The record as a graph network reads it: instance to encounters to concepts, as of a time.

mod csr;
mod shuffle;
mod task_graph;
mod vocabulary;

pub use csr::{Csr, CsrError};
pub use task_graph::{EdgeFeatures, Instance, TaskGraph};
pub use vocabulary::Vocabulary;
pub(crate) use vocabulary::is_coded;
