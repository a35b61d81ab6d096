//! A property graph's schema, and a few of its nodes.

use serde::{Deserialize, Serialize};
use twinloom_event::Timestamp;

use super::Fact;

/// Node labels, edge types and their counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphSchema {
    /// The labels.
    pub nodes: Vec<SchemaNode>,
    /// The edge types, by the labels that they join.
    pub edges: Vec<SchemaEdge>,
}

/// Which layer of the graph a label belongs to; decides its place and colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stratum {
    /// Patients, encounters, events.
    #[default]
    Instance,
    /// Codes and their hierarchy.
    Concept,
    /// Who and where: organisations, clinicians, places, devices.
    Provenance,
}

/// A node label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaNode {
    /// `Patient`.
    pub label: String,
    /// Nodes that bear it.
    pub count: u64,
    /// Its layer.
    pub stratum: Stratum,
}

/// An edge type between two labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaEdge {
    /// `CODED_AS`.
    pub name: String,
    /// The label it leaves.
    pub source: String,
    /// The label it reaches.
    pub target: String,
    /// Edges of this type between these labels.
    pub count: u64,
}

/// Nodes around one node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Neighbourhood {
    /// How the node in the middle is called; direct identifiers never.
    pub centre: String,
    /// Steps taken from it.
    pub hops: u32,
    /// The nodes, the middle one first.
    pub nodes: Vec<GraphNode>,
    /// The edges between them.
    pub edges: Vec<GraphEdge>,
}

/// A node of the graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphNode {
    /// Its label (`Encounter`), which decides colour and shape.
    pub label: String,
    /// What is written beside it, short.
    pub name: String,
    /// When a reader of the record could know of it; what always held has none.
    #[serde(default)]
    pub known: Option<Timestamp>,
    /// What else is known of it.
    #[serde(default)]
    pub facts: Vec<Fact>,
}

impl GraphNode {
    /// A node that always held, of which no more is known.
    pub fn new(label: impl Into<String>, name: impl Into<String>) -> Self {
        Self { label: label.into(), name: name.into(), known: None, facts: Vec::new() }
    }
}

/// An edge of the graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphEdge {
    /// Index of the node it leaves.
    pub source: usize,
    /// Index of the node it reaches.
    pub target: usize,
    /// Its type.
    pub name: String,
    /// When a reader of the record could know of it; what always held has none.
    #[serde(default)]
    pub known: Option<Timestamp>,
}

impl GraphEdge {
    /// An edge that always held.
    pub fn new(source: usize, target: usize, name: impl Into<String>) -> Self {
        Self { source, target, name: name.into(), known: None }
    }
}
