//! How large the graph is, how it hangs together, and what it lacks.

use std::collections::BTreeMap;

use serde::Serialize;
use twinloom_event::Timestamp;

use crate::column::{Column, NO_INTEGER};
use crate::{EdgeType, NodeId, NodeLabel, Property, PropertyGraph, Stratum};

/// Counts over a whole graph.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Statistics {
    /// Number of nodes.
    pub nodes: u64,
    /// Number of edges.
    pub edges: u64,
    /// Nodes by label name.
    pub nodes_by_label: BTreeMap<String, u64>,
    /// Edges by type.
    pub edges_by_type: BTreeMap<String, u64>,
    /// Percent of event nodes with at least one code of a stated system.
    pub coded_percent: f64,
    /// Nodes without any edge, by label name.
    pub orphans: BTreeMap<String, u64>,
    /// Distribution of the number of edges of a node, both directions together.
    pub degree: DegreeDistribution,
    /// First time of an event or encounter, ISO 8601.
    pub first_time: Option<String>,
    /// Last time of an event or encounter, ISO 8601.
    pub last_time: Option<String>,
    /// References whose holder or target is not in the graph, by path.
    pub unresolved: BTreeMap<String, u64>,
    /// References that only repeat an artefact's own patient or encounter, by path.
    pub folded: BTreeMap<String, u64>,
    /// Static demographic facts and births kept as patient properties.
    pub patient_facts: u64,
}

/// Numbers of edges per node.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DegreeDistribution {
    /// The mean.
    pub mean: f64,
    /// The median, lower of the two middle ones.
    pub median: u32,
    /// The 90th percentile by nearest rank.
    pub percentile_90: u32,
    /// The 99th percentile by nearest rank.
    pub percentile_99: u32,
    /// The largest.
    pub maximum: u32,
    /// Nodes by power of two: entry 0 counts degree 0, entry k degrees 2^(k-1) to 2^k - 1.
    pub by_power_of_two: Vec<u64>,
}

impl PropertyGraph {
    /// Counts everything there is to count.
    pub fn statistics(&self) -> Statistics {
        let degrees = self.degrees();
        let mut orphans = BTreeMap::new();
        for table in &self.nodes {
            let lone = table.nodes().filter(|node| degrees[node.index()] == 0).count() as u64;
            if lone > 0 {
                orphans.insert(table.label.name().into_owned(), lone);
            }
        }
        let (first, last) = self.time_span().map_or((None, None), |(first, last)| (Some(first), Some(last)));
        let words = |counts: &BTreeMap<std::sync::Arc<str>, u64>| {
            counts.iter().map(|(path, count)| (path.to_string(), *count)).collect()
        };
        Statistics {
            nodes: self.node_count() as u64,
            edges: self.edge_count() as u64,
            nodes_by_label: self
                .nodes
                .iter()
                .map(|table| (table.label.name().into_owned(), table.len() as u64))
                .collect(),
            edges_by_type: self
                .edges
                .iter()
                .map(|table| (table.edge_type.as_str().to_owned(), table.len() as u64))
                .collect(),
            coded_percent: self.coded_percent(),
            orphans,
            degree: DegreeDistribution::of(degrees),
            first_time: first.map(|time| time.to_string()),
            last_time: last.map(|time| time.to_string()),
            unresolved: words(&self.notes.unresolved),
            folded: words(&self.notes.folded),
            patient_facts: self.notes.patient_facts,
        }
    }

    /// Earliest and latest time of encounters and events.
    pub fn time_span(&self) -> Option<(Timestamp, Timestamp)> {
        let times = self.nodes.iter().flat_map(|table| table.columns.iter()).filter_map(
            |(property, column)| match (property, column) {
                (Property::Time | Property::Start, Column::Time(micros)) => Some(micros),
                _ => None,
            },
        );
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        for micros in times.flat_map(|times| times.iter()).filter(|micros| **micros != NO_INTEGER) {
            first = first.min(*micros);
            last = last.max(*micros);
        }
        Some((Timestamp::from_micros(first).ok()?, Timestamp::from_micros(last).ok()?))
    }

    fn degrees(&self) -> Vec<u32> {
        let mut degrees = vec![0_u32; self.node_count()];
        for adjacency in self.edges.iter().flat_map(|table| [&table.forward, &table.backward]) {
            for (row, node) in adjacency.rows.iter().enumerate() {
                if let Some(degree) = degrees.get_mut(*node as usize) {
                    *degree = degree.saturating_add(adjacency.bounds(row).len() as u32);
                }
            }
        }
        degrees
    }

    fn coded_percent(&self) -> f64 {
        let events: usize = self
            .nodes
            .iter()
            .filter(|table| matches!(table.label, NodeLabel::Event(_)))
            .map(crate::NodeTable::len)
            .sum();
        let Some(coded_as) = self.edges.iter().find(|table| table.edge_type == EdgeType::coded_as()) else {
            return 0.0;
        };
        let has_system = |concept: &u32| self.property(NodeId(*concept), Property::System).is_some();
        let coded = coded_as
            .forward
            .rows
            .iter()
            .filter(|node| {
                let is_event = self
                    .table(NodeId(**node))
                    .is_some_and(|table| matches!(table.label, NodeLabel::Event(_)));
                is_event
                    && coded_as
                        .forward
                        .targets
                        .get(coded_as.forward.range(**node, None))
                        .is_some_and(|targets| targets.iter().any(has_system))
            })
            .count();
        if events == 0 { 0.0 } else { 100.0 * coded as f64 / events as f64 }
    }

    /// Which labels are joined by which edge types, and how often, for a drawing of the schema.
    ///
    /// By source label, then edge type, then target label, in the order of node tables.
    pub fn schema_edges(&self) -> Vec<SchemaEdge> {
        let mut counts: BTreeMap<(usize, &EdgeType, usize), u64> = BTreeMap::new();
        let last = self.nodes.len().saturating_sub(1);
        let table_of =
            |node: u32| self.nodes.partition_point(|table| table.first <= node).saturating_sub(1).min(last);
        for table in &self.edges {
            for (row, source) in table.forward.rows.iter().enumerate() {
                let from = table_of(*source);
                for target in table.forward.targets.get(table.forward.bounds(row)).into_iter().flatten() {
                    *counts.entry((from, &table.edge_type, table_of(*target))).or_default() += 1;
                }
            }
        }
        counts
            .into_iter()
            .map(|((from, edge_type, to), count)| SchemaEdge {
                from: self.nodes[from].label.name().into_owned(),
                from_stratum: self.nodes[from].label.stratum(),
                edge_type: edge_type.as_str().to_owned(),
                to: self.nodes[to].label.name().into_owned(),
                to_stratum: self.nodes[to].label.stratum(),
                count,
            })
            .collect()
    }
}

/// All edges of one type between two labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SchemaEdge {
    /// Label the edges start at.
    pub from: String,
    /// Its layer.
    pub from_stratum: Stratum,
    /// Their type.
    pub edge_type: String,
    /// Label they end at.
    pub to: String,
    /// Its layer.
    pub to_stratum: Stratum,
    /// How many there are.
    pub count: u64,
}

impl DegreeDistribution {
    fn of(mut degrees: Vec<u32>) -> Self {
        degrees.sort_unstable();
        let Some(&maximum) = degrees.last() else {
            return Self::default();
        };
        let percentile = |percent: usize| degrees[(degrees.len() * percent).div_ceil(100).max(1) - 1];
        let mut by_power_of_two = vec![0; 33 - maximum.leading_zeros() as usize];
        for degree in &degrees {
            by_power_of_two[32 - degree.leading_zeros() as usize] += 1;
        }
        let total: u64 = degrees.iter().map(|degree| u64::from(*degree)).sum();
        Self {
            mean: total as f64 / degrees.len() as f64,
            median: percentile(50),
            percentile_90: percentile(90),
            percentile_99: percentile(99),
            maximum,
            by_power_of_two,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_degrees_by_hand() {
        let degree = DegreeDistribution::of(vec![0, 1, 2, 3, 4, 8, 8, 8, 8, 100]);
        assert_eq!(
            (degree.median, degree.percentile_90, degree.percentile_99, degree.maximum),
            (4, 8, 100, 100)
        );
        assert_eq!(degree.by_power_of_two, [1, 1, 2, 1, 4, 0, 0, 1]);
        assert_eq!(DegreeDistribution::of(vec![0, 0]).by_power_of_two, [2]);
        assert_eq!(DegreeDistribution::of(vec![]), DegreeDistribution::default());
    }
}
