//! Property graph of the record: build, store, query, export.
//!
//! [`PropertyGraph`] holds three strata: what happened to subjects (patients, encounters, events), what
//! codes mean (one shared node per concept) and who and what was involved (organisations, clinicians,
//! places, devices). Every reference between artefacts is an edge named by the element that holds it;
//! every node's edges are sorted by when they were known, so the graph as of a time is a binary search
//! away. The graph is stored in one checked file ([`GRAPH_FILE`]); [`Database`] is a projection of that
//! file that answers Cypher and GQL; [`TaskGraph`] is what graph networks learn from, and [`PatientGraph`] what
//! those that read across people do.
//!
//! ```
//! use twinloom_event::{Cohort, Code, Dataset, Event, EventKind, SubjectId, Timestamp};
//! use twinloom_graph::{EdgeType, PropertyGraph};
//!
//! let subject = SubjectId::new(7);
//! let seen = Timestamp::from_ymd(2024, 3, 1)?;
//! let asthma = Event::new(subject, Some(seen), Code::new("SNOMED", "195967001")?)
//!     .with_kind(EventKind::Condition);
//! let dataset = Dataset { cohort: Cohort::from_events(vec![asthma])?, ..Dataset::default() };
//! let graph = PropertyGraph::build(&dataset)?;
//! let patient = graph.patient(subject).expect("the subject is in the cohort");
//! let earlier = Timestamp::from_ymd(2024, 2, 1)?;
//! assert_eq!(graph.edges_from(patient, Some(earlier)).count(), 0);
//! assert_eq!(graph.edges_from(patient, None).next().map(|edge| edge.edge_type), Some(&EdgeType::has_event()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod adjacency;
mod array;
mod ask;
mod build;
mod column;
mod database;
mod diff;
mod export;
mod graph;
mod learning;
mod lineage;
mod neighbourhood;
mod reach;
mod schema;
mod snapshot;
mod statistics;
mod store;

pub use ask::{Answer, AskError, Asking, Cell, Parameter, QUESTIONS, Question, Range, Table, day, question};
pub use build::{BuildError, Surroundings};
pub use column::{PropertyKind, PropertyValue};
pub use database::{
    DATABASE_FOLDER, Database, DatabaseError, QUERY_LIMIT_SECONDS, QueryLanguage, QueryResult,
    UnknownLanguage,
};
pub use diff::{EdgeChanges, GraphDiff, NodeChanges};
pub use export::{ExportError, ExportFormat, UnknownFormat};
pub use graph::{BuildNotes, Edge, EdgeProperty, EdgeTable, NodeId, NodeTable, PropertyGraph};
pub use learning::{
    Csr, CsrError, EdgeFeatures, HOUSEHOLD, Instance, MOST_HOUSEMATES, PRACTICE, PatientGraph, TaskGraph,
    Vocabulary, When,
};
pub use lineage::{Basis, Lineage, Origin};
pub use neighbourhood::{DrawnEdge, DrawnNode, Neighbourhood};
pub use schema::{EdgeType, NodeLabel, Property, Stratum};
pub use snapshot::Snapshot;
pub use statistics::{DegreeDistribution, SchemaEdge, Statistics};
pub use store::{Fingerprint, GRAPH_FILE, StoreError, StoreFault};
