//! Property graph of the record: build, store, query, export.
#![allow(dead_code)]

mod adjacency;
mod build;
mod column;
mod database;
mod graph;
mod learning;
mod neighbourhood;
mod schema;
mod statistics;
mod store;

pub use build::BuildError;
pub use column::{PropertyKind, PropertyValue};
pub use database::{
    DATABASE_FOLDER, Database, DatabaseError, QUERY_LIMIT_SECONDS, QueryLanguage, QueryResult,
    UnknownLanguage,
};
pub use graph::{BuildNotes, Edge, EdgeTable, NodeId, NodeTable, PropertyGraph};
pub use learning::{Csr, CsrError, EdgeFeatures, Instance, TaskGraph, Vocabulary};
pub use neighbourhood::{DrawnEdge, DrawnNode, Neighbourhood};
pub use schema::{EdgeType, NodeLabel, Property, Stratum};
pub use statistics::{DegreeDistribution, SchemaEdge, Statistics};
pub use store::{Fingerprint, GRAPH_FILE, StoreError, StoreFault};
