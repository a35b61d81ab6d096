//! The property graph: node tables, edges in both directions, as of any time.

use std::collections::BTreeMap;
use std::sync::Arc;

use twinloom_event::{SubjectId, Timestamp};

use crate::adjacency::Adjacency;
use crate::column::Column;
use crate::lineage::Origins;
use crate::{EdgeType, NodeLabel, Property, PropertyKind, PropertyValue};

/// A node of one graph, by its number. Numbers run label by label, within a label in a fixed order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    /// The number.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// All nodes of one label, their properties in columns.
#[derive(Clone, Debug)]
pub struct NodeTable {
    pub(crate) label: NodeLabel,
    pub(crate) first: u32,
    pub(crate) rows: u32,
    pub(crate) columns: Vec<(Property, Column)>,
}

impl NodeTable {
    /// The label.
    pub fn label(&self) -> &NodeLabel {
        &self.label
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.rows as usize
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The nodes in order.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = NodeId> + use<> {
        (self.first..self.first + self.rows).map(NodeId)
    }

    /// The properties and what they hold.
    pub fn properties(&self) -> impl Iterator<Item = (Property, PropertyKind)> {
        self.columns.iter().map(|(property, column)| (*property, column.kind()))
    }

    pub(crate) fn get(&self, node: NodeId, property: Property) -> Option<PropertyValue<'_>> {
        let row = node.0.checked_sub(self.first).filter(|row| *row < self.rows)?;
        let (_, column) = self.columns.iter().find(|(name, _)| *name == property)?;
        column.get(row as usize)
    }
}

/// A named value that edges carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EdgeProperty {
    /// Place of the code among an artefact's codings, 0 the main one.
    Rank,
    /// Days from an encounter's end to the next one's start.
    GapDays,
    /// The release, table or rule that a terminology edge comes from.
    Source,
    /// How grave an interaction is, in its source's word.
    Severity,
}

impl EdgeProperty {
    /// Every property.
    pub const ALL: [Self; 4] = [Self::Rank, Self::GapDays, Self::Source, Self::Severity];

    /// The name in queries and files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rank => "rank",
            Self::GapDays => "gap_days",
            Self::Source => "source",
            Self::Severity => "severity",
        }
    }
}

/// All edges of one type, in both directions.
#[derive(Clone, Debug)]
pub struct EdgeTable {
    pub(crate) edge_type: EdgeType,
    pub(crate) forward: Adjacency,
    pub(crate) backward: Adjacency,
    /// In the order of the forward direction.
    pub(crate) properties: Vec<(EdgeProperty, Column)>,
}

impl EdgeTable {
    /// The type.
    pub fn edge_type(&self) -> &EdgeType {
        &self.edge_type
    }

    /// Number of edges.
    pub fn len(&self) -> usize {
        self.forward.edges()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Name of the first property the edges carry, if they carry one: `rank`, `gap_days`, `source`.
    pub fn property_name(&self) -> Option<&'static str> {
        self.properties.first().map(|(property, _)| property.as_str())
    }

    /// The properties the edges carry and what they hold.
    pub fn properties(&self) -> impl Iterator<Item = (EdgeProperty, PropertyKind)> {
        self.properties.iter().map(|(property, column)| (*property, column.kind()))
    }

    /// What an edge of this table carries, whichever direction it was met in. Of parallel edges met from
    /// their target the first counts.
    pub fn get(&self, edge: &Edge<'_>, property: EdgeProperty) -> Option<PropertyValue<'_>> {
        let (_, column) = self.properties.iter().find(|(name, _)| *name == property)?;
        let place = match edge.place {
            NO_PLACE => self.forward.place_of(edge.source.0, edge.known, edge.target.0)?,
            place => place as usize,
        };
        column.get(place)
    }

    /// Every edge, by source, then by known time, then by target.
    pub fn edges(&self) -> impl Iterator<Item = Edge<'_>> {
        self.forward.rows.iter().enumerate().flat_map(move |(row, source)| {
            self.forward.bounds(row).map(move |place| self.edge(*source, place))
        })
    }

    pub(crate) fn edge(&self, source: u32, place: usize) -> Edge<'_> {
        Edge {
            source: NodeId(source),
            target: NodeId(self.forward.targets.get(place).copied().unwrap_or(u32::MAX)),
            edge_type: &self.edge_type,
            known: self.forward.known_at(place),
            property: self.property_at(place),
            place: place as u32,
        }
    }

    pub(crate) fn property_at(&self, place: usize) -> Option<PropertyValue<'_>> {
        self.properties.first().and_then(|(_, column)| column.get(place))
    }
}

/// Stands for an edge met from its target.
const NO_PLACE: u32 = u32::MAX;

/// One edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge<'a> {
    /// Where it starts.
    pub source: NodeId,
    /// Where it ends.
    pub target: NodeId,
    /// Its type.
    pub edge_type: &'a EdgeType,
    /// When it came to be known; `None` if it always held.
    pub known: Option<Timestamp>,
    /// Its first property, if its type has one: rank, gap in days or source.
    pub property: Option<PropertyValue<'a>>,
    /// Its place in the forward direction, or [`NO_PLACE`].
    pub(crate) place: u32,
}

/// What the build met that is no node or edge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildNotes {
    /// References whose holder or target is not in the graph, by path.
    pub unresolved: BTreeMap<Arc<str>, u64>,
    /// References that repeat a structural edge (an event's own subject or encounter), by path.
    pub folded: BTreeMap<Arc<str>, u64>,
    /// Static demographic facts and births kept as patient properties.
    pub patient_facts: u64,
    /// Entities that repeat another's identifier.
    pub repeated_entities: u64,
}

/// The record as a graph of instances, concepts and provenance.
///
/// Patients, encounters and events are one stratum, codes (one shared node each) the second, and
/// clinicians, organisations, places and devices the third. Every reference between artefacts is an
/// edge typed by the element that holds it. Each node's edges are sorted by when they were known, so
/// the graph as of a time is a binary search away.
///
/// # Limits
/// 4,294,967,295 nodes, and as many edges of one type.
#[derive(Clone, Debug)]
pub struct PropertyGraph {
    pub(crate) nodes: Vec<NodeTable>,
    pub(crate) edges: Vec<EdgeTable>,
    pub(crate) notes: BuildNotes,
    pub(crate) origins: Origins,
}

impl PropertyGraph {
    /// Number of nodes.
    pub fn node_count(&self) -> usize {
        self.nodes.last().map_or(0, |table| (table.first + table.rows) as usize)
    }

    /// Number of edges.
    pub fn edge_count(&self) -> usize {
        self.edges.iter().map(EdgeTable::len).sum()
    }

    /// The nodes, label by label.
    pub fn node_tables(&self) -> &[NodeTable] {
        &self.nodes
    }

    /// The edges, type by type in name order.
    pub fn edge_tables(&self) -> &[EdgeTable] {
        &self.edges
    }

    /// The edges of one type.
    pub fn edge_table(&self, edge_type: &EdgeType) -> Option<&EdgeTable> {
        let place = self.edges.binary_search_by(|table| table.edge_type.cmp(edge_type)).ok()?;
        self.edges.get(place)
    }

    /// What the build met that is no node or edge.
    pub fn notes(&self) -> &BuildNotes {
        &self.notes
    }

    /// The table a node is in.
    pub fn table(&self, node: NodeId) -> Option<&NodeTable> {
        let after = self.nodes.partition_point(|table| table.first <= node.0);
        self.nodes[..after].iter().rev().find(|table| node.0 - table.first < table.rows)
    }

    /// A node's property.
    pub fn property(&self, node: NodeId, property: Property) -> Option<PropertyValue<'_>> {
        self.table(node)?.get(node, property)
    }

    /// When a node came to be known; `None` for patients, concepts, entities and static facts.
    pub fn known(&self, node: NodeId) -> Option<Timestamp> {
        self.property(node, Property::Known).and_then(PropertyValue::as_time)
    }

    /// The node of a subject.
    pub fn patient(&self, subject_id: SubjectId) -> Option<NodeId> {
        let table = self.nodes.iter().find(|table| table.label == NodeLabel::Patient)?;
        let (_, Column::Integer(ids)) =
            table.columns.iter().find(|(name, _)| *name == Property::SubjectId)?
        else {
            return None;
        };
        ids.binary_search(&subject_id.get()).ok().map(|row| NodeId(table.first + row as u32))
    }

    /// The node whose property `id` is the given text, looked for label by label.
    pub fn find(&self, id: &str) -> Option<NodeId> {
        let wanted = Some(PropertyValue::Text(id));
        self.nodes
            .iter()
            .find_map(|table| table.nodes().find(|node| table.get(*node, Property::Id) == wanted))
    }

    /// The edges that start at a node, as known by `as_of`, type by type, earliest known first.
    pub fn edges_from(&self, node: NodeId, as_of: Option<Timestamp>) -> impl Iterator<Item = Edge<'_>> {
        self.edges.iter().flat_map(move |table| {
            table.forward.range(node.0, as_of).map(move |place| table.edge(node.0, place))
        })
    }

    /// The edges of one type that start at a node, earliest known first.
    pub fn edges_of_type(&self, node: NodeId, edge_type: &EdgeType) -> impl Iterator<Item = Edge<'_>> {
        self.edge_table(edge_type).into_iter().flat_map(move |table| {
            table.forward.range(node.0, None).map(move |place| table.edge(node.0, place))
        })
    }

    /// The edges that end at a node, as known by `as_of`, type by type, earliest known first; without
    /// their properties.
    pub fn edges_to(&self, node: NodeId, as_of: Option<Timestamp>) -> impl Iterator<Item = Edge<'_>> {
        self.edges.iter().flat_map(move |table| {
            table.backward.range(node.0, as_of).map(move |place| Edge {
                source: NodeId(table.backward.targets.get(place).copied().unwrap_or(u32::MAX)),
                target: node,
                edge_type: &table.edge_type,
                known: table.backward.known_at(place),
                property: None,
                place: NO_PLACE,
            })
        })
    }

    /// Number of edges that end at a node, as known by `as_of`.
    pub(crate) fn in_degree(&self, node: NodeId, as_of: Option<Timestamp>) -> usize {
        self.edges.iter().map(|table| table.backward.range(node.0, as_of).len()).sum()
    }
}
