//! What differs between two graphs, by the names that nodes keep from load to load.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::column::NO_INTEGER;
use crate::{EdgeProperty, EdgeTable, EdgeType, NodeId, NodeLabel, NodeTable, Property, PropertyGraph};

/// What differs between two graphs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct GraphDiff {
    /// By label; labels without a difference too.
    pub nodes: BTreeMap<String, NodeChanges>,
    /// By type; types without a difference too.
    pub edges: BTreeMap<String, EdgeChanges>,
}

/// Differences among the nodes of one label.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NodeChanges {
    /// Nodes only in the later graph.
    pub added: u64,
    /// Nodes only in the earlier graph.
    pub removed: u64,
    /// Nodes in both with other properties.
    pub changed: u64,
    /// Nodes in both, the same.
    pub same: u64,
    /// Ids of the first added nodes.
    pub added_ids: Vec<String>,
    /// Ids of the first removed nodes.
    pub removed_ids: Vec<String>,
    /// Ids of the first changed nodes, each with the names of the properties that differ.
    pub changed_ids: Vec<(String, Vec<&'static str>)>,
}

/// Differences among the edges of one type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EdgeChanges {
    /// Edges only in the later graph.
    pub added: u64,
    /// Edges only in the earlier graph.
    pub removed: u64,
    /// Edges in both with another known time or other properties.
    pub changed: u64,
    /// Edges in both, the same.
    pub same: u64,
    /// Ends (`Label:id`) of the first added edges.
    pub added_ends: Vec<(String, String)>,
    /// Ends of the first removed edges.
    pub removed_ends: Vec<(String, String)>,
    /// Ends of the first changed edges.
    pub changed_ends: Vec<(String, String)>,
}

impl GraphDiff {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.nodes.values().all(|changes| changes.added + changes.removed + changes.changed == 0)
            && self.edges.values().all(|changes| changes.added + changes.removed + changes.changed == 0)
    }
}

impl PropertyGraph {
    /// What became different from this graph to a later one; at most `limit` names a list.
    ///
    /// Nodes are the same when label and id are; edges when type and both ends are. Of parallel edges,
    /// as many as both graphs have are compared in order of known time and properties.
    pub fn diff(&self, later: &Self, limit: usize) -> GraphDiff {
        let mut matching = Matching {
            before: vec![u32::MAX; self.node_count()],
            after: vec![u32::MAX; later.node_count()],
            names: 0,
        };
        let mut diff = GraphDiff::default();
        let mut labels: Vec<&NodeLabel> =
            self.nodes.iter().chain(&later.nodes).map(|table| &table.label).collect();
        labels.sort_unstable();
        labels.dedup();
        for label in labels {
            let table = |graph: &'_ Self| graph.nodes.iter().position(|table| table.label == *label);
            let before = table(self).map(|place| &self.nodes[place]);
            let after = table(later).map(|place| &later.nodes[place]);
            diff.nodes.insert(label.name().into_owned(), matching.nodes(before, after, limit));
        }
        let mut types: Vec<&EdgeType> =
            self.edges.iter().chain(&later.edges).map(|table| &table.edge_type).collect();
        types.sort_unstable();
        types.dedup();
        for edge_type in types {
            let (before, after) = (self.edge_table(edge_type), later.edge_table(edge_type));
            let changes = matching.edges((self, before), (later, after), limit);
            diff.edges.insert(edge_type.as_str().to_owned(), changes);
        }
        diff
    }
}

/// One number for each name that either graph has.
struct Matching {
    before: Vec<u32>,
    after: Vec<u32>,
    names: u32,
}

impl Matching {
    fn nodes(&mut self, before: Option<&NodeTable>, after: Option<&NodeTable>, limit: usize) -> NodeChanges {
        let (before_ids, after_ids) = (sorted_ids(before), sorted_ids(after));
        let mut changes = NodeChanges::default();
        let (mut earlier, mut later) = (before_ids.iter().peekable(), after_ids.iter().peekable());
        loop {
            let order = match (earlier.peek(), later.peek()) {
                (None, None) => return changes,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((one, _)), Some((other, _))) => one.cmp(other),
            };
            let one = if order.is_le() { earlier.next() } else { None };
            let other = if order.is_ge() { later.next() } else { None };
            if let Some((_, node)) = one {
                self.before[node.index()] = self.names;
            }
            if let Some((_, node)) = other {
                self.after[node.index()] = self.names;
            }
            self.names += 1;
            match (one, other) {
                (Some((id, one)), Some((_, other))) => {
                    let differing = differing(before, *one, after, *other);
                    if differing.is_empty() {
                        changes.same += 1;
                    } else {
                        changes.changed += 1;
                        if changes.changed_ids.len() < limit {
                            changes.changed_ids.push(((*id).to_owned(), differing));
                        }
                    }
                }
                (Some((id, _)), None) => {
                    changes.removed += 1;
                    if changes.removed_ids.len() < limit {
                        changes.removed_ids.push((*id).to_owned());
                    }
                }
                (None, other) => {
                    changes.added += 1;
                    if let Some((id, _)) = other.filter(|_| changes.added_ids.len() < limit) {
                        changes.added_ids.push((*id).to_owned());
                    }
                }
            }
        }
    }

    fn edges(
        &self,
        (before, before_table): (&PropertyGraph, Option<&EdgeTable>),
        (after, after_table): (&PropertyGraph, Option<&EdgeTable>),
        limit: usize,
    ) -> EdgeChanges {
        let earlier = keyed(before_table, &self.before);
        let later = keyed(after_table, &self.after);
        let mut changes = EdgeChanges::default();
        let ends = |graph: &PropertyGraph, table: Option<&EdgeTable>, keyed: &Keyed| {
            let edge = table.map(|table| table.edge(keyed.source, keyed.place as usize));
            let name = |node| graph.stable_name(node);
            edge.map_or_else(Default::default, |edge| (name(edge.source), name(edge.target)))
        };
        let (mut earlier, mut later) = (earlier.iter().peekable(), later.iter().peekable());
        loop {
            let order = match (earlier.peek(), later.peek()) {
                (None, None) => return changes,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(one), Some(other)) => one.ends.cmp(&other.ends),
            };
            let one = if order.is_le() { earlier.next() } else { None };
            let other = if order.is_ge() { later.next() } else { None };
            match (one, other) {
                (Some(one), Some(other)) => {
                    let same = one.known == other.known
                        && EdgeProperty::ALL.into_iter().all(|property| {
                            carried(before_table, one.place, property)
                                == carried(after_table, other.place, property)
                        });
                    if same {
                        changes.same += 1;
                    } else {
                        changes.changed += 1;
                        if changes.changed_ends.len() < limit {
                            changes.changed_ends.push(ends(before, before_table, one));
                        }
                    }
                }
                (Some(one), None) => {
                    changes.removed += 1;
                    if changes.removed_ends.len() < limit {
                        changes.removed_ends.push(ends(before, before_table, one));
                    }
                }
                (None, other) => {
                    changes.added += 1;
                    if let Some(other) = other.filter(|_| changes.added_ends.len() < limit) {
                        changes.added_ends.push(ends(after, after_table, other));
                    }
                }
            }
        }
    }
}

/// An edge under the names of its ends.
struct Keyed {
    ends: (u32, u32),
    known: i64,
    source: u32,
    place: u32,
}

fn keyed(table: Option<&EdgeTable>, names: &[u32]) -> Vec<Keyed> {
    let name = |node: NodeId| names.get(node.index()).copied().unwrap_or(u32::MAX);
    let mut keyed: Vec<Keyed> = table
        .into_iter()
        .flat_map(EdgeTable::edges)
        .map(|edge| Keyed {
            ends: (name(edge.source), name(edge.target)),
            known: edge.known.map_or(NO_INTEGER, twinloom_event::Timestamp::micros),
            source: edge.source.0,
            place: edge.place,
        })
        .collect();
    // Places follow known time, then what the edge carries, so parallel edges pair up alike.
    keyed.sort_unstable_by_key(|edge| (edge.ends, edge.known, edge.place));
    keyed
}

fn carried(
    table: Option<&EdgeTable>,
    place: u32,
    property: EdgeProperty,
) -> Option<crate::PropertyValue<'_>> {
    let (_, column) = table?.properties.iter().find(|(name, _)| *name == property)?;
    column.get(place as usize)
}

fn sorted_ids(table: Option<&NodeTable>) -> Vec<(&str, NodeId)> {
    let Some(table) = table else {
        return Vec::new();
    };
    let id = |node| table.get(node, Property::Id).and_then(crate::PropertyValue::as_text).unwrap_or_default();
    let mut ids: Vec<(&str, NodeId)> = table.nodes().map(|node| (id(node), node)).collect();
    ids.sort_unstable();
    ids
}

/// Names of the properties in which two nodes differ.
fn differing(
    before: Option<&NodeTable>,
    one: NodeId,
    after: Option<&NodeTable>,
    other: NodeId,
) -> Vec<&'static str> {
    Property::ALL
        .into_iter()
        .filter(|property| {
            before.and_then(|table| table.get(one, *property))
                != after.and_then(|table| table.get(other, *property))
        })
        .map(Property::as_str)
        .collect()
}
