//! The graph as it was known at a time.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use twinloom_event::Timestamp;

use crate::adjacency::{Adjacency, Half};
use crate::array::Array;
use crate::column::{Column, NO_INTEGER};
use crate::lineage::Origins;
use crate::{
    Edge, EdgeProperty, EdgeTable, EdgeType, NodeId, NodeLabel, NodeTable, Property, PropertyGraph,
    PropertyValue,
};

/// A view of a graph that shows what could be known at one time, by when each node and edge was
/// recorded.
///
/// A concept is shown when a shown event leads to it, a patient when something is known of them.
/// `NEXT` joins the encounters that are shown, whatever came between them later; an encounter's or
/// event's end that lies ahead is not shown.
///
/// # Limits
/// A node is known whole or not at all: what several artefacts with different times say of one
/// encounter shows once the encounter's own artefact is known. Entities and static facts of patients
/// have no time and always show. Nodes without an artefact keep the names that they have in the whole
/// graph.
#[derive(Clone, Debug)]
pub struct Snapshot<'g> {
    graph: &'g PropertyGraph,
    at: Timestamp,
    shown: Vec<bool>,
    next: Option<EdgeTable>,
}

impl PropertyGraph {
    /// The graph as known at a time.
    pub fn as_of(&self, at: Timestamp) -> Snapshot<'_> {
        Snapshot::of(self, at)
    }
}

impl<'g> Snapshot<'g> {
    fn of(graph: &'g PropertyGraph, at: Timestamp) -> Self {
        let mut shown = vec![false; graph.node_count()];
        for table in &graph.nodes {
            let known = table.columns.iter().find_map(|(property, column)| match (property, column) {
                (Property::Known, Column::Time(known)) => Some(known),
                _ => None,
            });
            for (row, node) in table.nodes().enumerate() {
                shown[node.index()] = match (&table.label, known) {
                    (NodeLabel::Concept, _) => false,
                    (NodeLabel::Patient, _) => has_facts(table, node),
                    (_, Some(known)) => known.get(row).is_some_and(|known| *known <= at.micros()),
                    (_, None) => true,
                };
            }
        }
        let mut snapshot = Self { graph, at, shown, next: None };
        snapshot.show_patients_and_concepts();
        snapshot.next = snapshot.successions();
        snapshot
    }

    /// Shows what the edges known by then lead to: patients that have some, concepts that are used, and
    /// what those are cases of or map to.
    fn show_patients_and_concepts(&mut self) {
        let table = |edge_type: EdgeType| self.graph.edge_table(&edge_type);
        let mut newly = Vec::new();
        for (table, at_source) in [
            (table(EdgeType::had_encounter()), true),
            (table(EdgeType::has_event()), true),
            (table(EdgeType::coded_as()), false),
            (table(EdgeType::answered()), false),
        ] {
            for edge in table.into_iter().flat_map(EdgeTable::edges).filter(|edge| self.is_by_then(edge)) {
                newly.push(if at_source { edge.source } else { edge.target });
            }
        }
        let leads = [table(EdgeType::is_a()), table(EdgeType::maps_to())];
        while let Some(node) = newly.pop() {
            let Some(shown) = self.shown.get_mut(node.index()).filter(|shown| !**shown) else {
                continue;
            };
            *shown = true;
            for table in leads.into_iter().flatten() {
                let targets = table.forward.targets.get(table.forward.range(node.0, None));
                newly.extend(targets.into_iter().flatten().map(|target| NodeId(*target)));
            }
        }
    }

    /// `NEXT` among the encounters shown.
    fn successions(&self) -> Option<EdgeTable> {
        let whole = self.graph.edge_table(&EdgeType::next())?;
        let had_encounter = self.graph.edge_table(&EdgeType::had_encounter())?;
        let time = |node, property| self.graph.property(node, property).and_then(PropertyValue::as_time);
        let mut halves: Vec<Half> = Vec::new();
        for (row, _) in had_encounter.forward.rows.iter().enumerate() {
            let encounters = had_encounter.forward.targets.get(had_encounter.forward.bounds(row));
            let mut started: Vec<(Timestamp, NodeId)> = encounters
                .into_iter()
                .flatten()
                .map(|encounter| NodeId(*encounter))
                .filter(|encounter| self.contains(*encounter))
                .filter_map(|encounter| Some((time(encounter, Property::Start)?, encounter)))
                .collect();
            started.sort_unstable();
            halves.extend(started.windows(2).map(|pair| {
                let ((start, source), (next_start, target)) = (pair[0], pair[1]);
                let left = time(source, Property::End).filter(|end| *end <= self.at).unwrap_or(start);
                let known = self.graph.known(source).max(self.graph.known(target));
                Half {
                    source: source.0,
                    known: known.map_or(NO_INTEGER, Timestamp::micros),
                    target: target.0,
                    property: (next_start.micros() - left.micros()).max(0),
                }
            }));
        }
        let forward = Adjacency::of(&mut halves);
        let day = twinloom_event::MICROSECONDS_PER_DAY as f64;
        let gaps = Column::floats(halves.iter().map(|half| Some(half.property as f64 / day)));
        for half in &mut halves {
            std::mem::swap(&mut half.source, &mut half.target);
        }
        let backward = Adjacency::of(&mut halves);
        let properties = vec![(EdgeProperty::GapDays, gaps)];
        Some(EdgeTable { edge_type: whole.edge_type.clone(), forward, backward, properties })
    }

    fn is_by_then(&self, edge: &Edge<'_>) -> bool {
        edge.known.is_none_or(|known| known <= self.at)
    }

    /// The time.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Whether a node of the whole graph is shown.
    pub fn contains(&self, node: NodeId) -> bool {
        self.shown.get(node.index()).copied().unwrap_or_default()
    }

    /// Number of nodes shown.
    pub fn node_count(&self) -> usize {
        self.shown.iter().filter(|shown| **shown).count()
    }

    /// Number of edges shown.
    pub fn edge_count(&self) -> usize {
        self.tables().map(|table| self.edges_of(table).count()).sum()
    }

    /// Edges shown by type.
    pub fn edges_by_type(&self) -> BTreeMap<String, u64> {
        let count = |table| (self.edges_of(table).count() as u64, table);
        self.tables()
            .map(count)
            .filter(|(count, _)| *count > 0)
            .map(|(count, table)| (table.edge_type.as_str().to_owned(), count))
            .collect()
    }

    /// A node's property, if node and value are shown.
    pub fn property(&self, node: NodeId, property: Property) -> Option<PropertyValue<'g>> {
        if !self.contains(node) {
            return None;
        }
        let value = self.graph.property(node, property)?;
        let is_ahead = match property {
            Property::End => self.ends_later(value.as_time()),
            Property::Discharge => {
                self.ends_later(self.graph.property(node, Property::End).and_then(PropertyValue::as_time))
            }
            _ => false,
        };
        (!is_ahead).then_some(value)
    }

    fn ends_later(&self, end: Option<Timestamp>) -> bool {
        end.is_some_and(|end| end > self.at)
    }

    /// The edges shown, type by type, by source, known time and target.
    pub fn edges(&self) -> impl Iterator<Item = Edge<'_>> {
        self.tables().flat_map(|table| self.edges_of(table))
    }

    /// The edges shown that start at a node.
    pub fn edges_from(&self, node: NodeId) -> impl Iterator<Item = Edge<'_>> {
        let own = self.next.iter().flat_map(move |table| {
            table.forward.range(node.0, None).map(move |place| table.edge(node.0, place))
        });
        let next = EdgeType::next();
        self.graph
            .edges_from(node, Some(self.at))
            .filter(move |edge| *edge.edge_type != next)
            .chain(own)
            .filter(|edge| self.contains(edge.source) && self.contains(edge.target))
    }

    fn tables(&self) -> impl Iterator<Item = &EdgeTable> {
        let next = EdgeType::next();
        self.graph
            .edges
            .iter()
            .filter_map(move |table| if table.edge_type == next { self.next.as_ref() } else { Some(table) })
    }

    fn edges_of<'t>(&'t self, table: &'t EdgeTable) -> impl Iterator<Item = Edge<'t>> {
        table
            .edges()
            .filter(|edge| self.is_by_then(edge) && self.contains(edge.source) && self.contains(edge.target))
    }

    /// The snapshot as a graph of its own, which can be stored, counted, exported and queried.
    pub fn to_graph(&self) -> PropertyGraph {
        let mut numbers = vec![u32::MAX; self.shown.len()];
        let mut kept: Vec<u32> = Vec::with_capacity(self.node_count());
        for (node, _) in self.shown.iter().enumerate().filter(|(_, shown)| **shown) {
            numbers[node] = kept.len() as u32;
            kept.push(node as u32);
        }
        let nodes = self.node_tables(&numbers);
        let edges = self.tables().filter_map(|table| self.edge_table(table, &numbers)).collect();
        let whole = &self.graph.origins;
        let others = whole.others.iter().filter(|(node, _)| self.contains(NodeId(**node)));
        let origins = Origins {
            record_bytes: picked(&whole.record_bytes, &kept),
            others: others.map(|(node, record)| (numbers[*node as usize], record.clone())).collect(),
            files: whole.files.clone(),
            file_numbers: picked(&whole.file_numbers, &kept),
            lines: picked(&whole.lines, &kept),
            entries: picked(&whole.entries, &kept),
        };
        PropertyGraph { nodes, edges, notes: self.graph.notes.clone(), origins }
    }

    fn node_tables(&self, numbers: &[u32]) -> Vec<NodeTable> {
        let mut tables: Vec<NodeTable> = Vec::new();
        for table in &self.graph.nodes {
            let rows: Vec<u32> =
                (0..table.rows).filter(|row| self.contains(NodeId(table.first + row))).collect();
            let Some(first) = rows.first().map(|row| numbers[(table.first + row) as usize]) else {
                continue;
            };
            let always = !matches!(table.label, NodeLabel::Event(_));
            let columns = table
                .columns
                .par_iter()
                .filter_map(|(property, column)| {
                    let column = match column {
                        Column::Time(times) if *property == Property::End => {
                            let shown =
                                |time: &i64| if *time > self.at.micros() { NO_INTEGER } else { *time };
                            let masked = Column::Time(times.iter().map(shown).collect());
                            masked.select(&rows).or_else(|| always.then(|| masked.emptied(rows.len())))
                        }
                        // Where to a stay leads is known at its end.
                        _ if *property == Property::Discharge => {
                            let shown: Vec<Option<Arc<str>>> = (table.first..table.first + table.rows)
                                .map(|node| self.property(NodeId(node), *property)?.as_text().map(Arc::from))
                                .collect();
                            let masked = Column::category(&shown);
                            masked.select(&rows).or_else(|| always.then(|| masked.emptied(rows.len())))
                        }
                        _ => column.select(&rows).or_else(|| {
                            let is_kept = always || matches!(property, Property::Time | Property::Known);
                            is_kept.then(|| column.emptied(rows.len()))
                        }),
                    };
                    Some((*property, column?))
                })
                .collect();
            tables.push(NodeTable { label: table.label.clone(), first, rows: rows.len() as u32, columns });
        }
        tables
    }

    fn edge_table(&self, table: &EdgeTable, numbers: &[u32]) -> Option<EdgeTable> {
        let mut halves: Vec<Half> = self
            .edges_of(table)
            .map(|edge| Half {
                source: numbers[edge.source.index()],
                known: edge.known.map_or(NO_INTEGER, Timestamp::micros),
                target: numbers[edge.target.index()],
                property: i64::from(edge.place),
            })
            .collect();
        if halves.is_empty() {
            return None;
        }
        let forward = Adjacency::of(&mut halves);
        let places: Vec<u32> = halves.iter().map(|half| half.property as u32).collect();
        let properties = table
            .properties
            .iter()
            .filter_map(|(property, column)| Some((*property, column.select(&places)?)))
            .collect();
        for half in &mut halves {
            std::mem::swap(&mut half.source, &mut half.target);
        }
        let backward = Adjacency::of(&mut halves);
        Some(EdgeTable { edge_type: table.edge_type.clone(), forward, backward, properties })
    }
}

/// Whether a patient has more than an id.
fn has_facts(table: &NodeTable, node: NodeId) -> bool {
    table
        .properties()
        .filter(|(property, _)| !matches!(property, Property::Id | Property::SubjectId))
        .any(|(property, _)| table.get(node, property).is_some())
}

fn picked<T: Copy>(values: &[T], rows: &[u32]) -> Array<T> {
    rows.iter().filter_map(|row| values.get(*row as usize).copied()).collect()
}
