//! Property graph of the record: build, store, query, export.

mod learning;

pub use learning::{Csr, CsrError, EdgeFeatures, Instance, TaskGraph, Vocabulary};
