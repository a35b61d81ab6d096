//! A small piece of the graph around one node, for drawing.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;
use serde::Serialize;
use twinloom_event::Timestamp;

use crate::{EdgeType, NodeId, NodeLabel, Property, PropertyGraph, PropertyValue, Stratum};

/// Nodes around a centre and the edges among them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Neighbourhood {
    /// The nodes, the centre first, then by distance.
    pub nodes: Vec<DrawnNode>,
    /// The edges among them, as places in `nodes`.
    pub edges: Vec<DrawnEdge>,
    /// Neighbours left out because their type or the drawing was full.
    pub left_out: u64,
}

/// One node as a drawing shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DrawnNode {
    /// Number in the graph.
    pub node: u32,
    /// Name of its label.
    pub label: String,
    /// Its layer.
    pub stratum: Stratum,
    /// A short text: meaning, code, class or id.
    pub caption: String,
    /// When it happened, ISO 8601, if it has a time.
    pub time: Option<String>,
    /// When a reader of the record could know of it; `None` if it always held.
    pub known: Option<Timestamp>,
    /// Its other properties by name, those that the caption tells left out.
    pub facts: Vec<(&'static str, String)>,
    /// Steps from the centre.
    pub distance: u32,
}

/// One edge as a drawing shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DrawnEdge {
    /// Place of the start among the nodes.
    pub from: u32,
    /// Place of the end among the nodes.
    pub to: u32,
    /// The type.
    pub edge_type: String,
    /// When a reader of the record could know of it; `None` if it always held.
    pub known: Option<Timestamp>,
}

/// Properties that say when a node is known or what its caption says already.
const TOLD: [Property; 5] =
    [Property::Id, Property::Known, Property::Text, Property::Display, Property::Name];

/// How much a step may add: of one label, from one node.
const PER_LABEL: usize = 6;

/// Through such nodes a search would reach everyone; they are shown but not passed.
fn is_hub(label: &NodeLabel) -> bool {
    matches!(label, NodeLabel::Concept | NodeLabel::Entity(_))
}

impl PropertyGraph {
    /// The nodes within `depth` steps of `centre`, at most `limit` of them, with the edges among them
    /// that were known by `as_of`.
    ///
    /// From each node at most six neighbours of a label are taken. Conditions, medicines and
    /// procedures come before observations and administration, rare concepts before common ones,
    /// recent events before old ones. Shared concepts and entities end a path unless they are the
    /// centre.
    pub fn neighbourhood(
        &self,
        centre: NodeId,
        depth: u32,
        limit: usize,
        as_of: Option<Timestamp>,
    ) -> Neighbourhood {
        let mut found: Vec<(NodeId, u32)> = Vec::new();
        let mut seen: FxHashSet<NodeId> = FxHashSet::default();
        let mut left_out = 0;
        if self.table(centre).is_some() && limit > 0 {
            found.push((centre, 0));
            seen.insert(centre);
        }
        let mut next = 0;
        while let Some(&(node, distance)) = found.get(next) {
            next += 1;
            let passable = next == 1 || self.table(node).is_some_and(|table| !is_hub(&table.label));
            if distance >= depth || !passable {
                continue;
            }
            for neighbour in self.ranked_neighbours(node, as_of, &seen, &mut left_out) {
                if found.len() >= limit {
                    left_out += 1;
                } else if seen.insert(neighbour) {
                    found.push((neighbour, distance + 1));
                }
            }
        }
        self.draw(&found, as_of, left_out)
    }

    /// A node's unseen neighbours, the most telling first, capped by label.
    fn ranked_neighbours(
        &self,
        node: NodeId,
        as_of: Option<Timestamp>,
        seen: &FxHashSet<NodeId>,
        left_out: &mut u64,
    ) -> Vec<NodeId> {
        let mut candidates: Vec<(u32, i64, NodeId)> = self
            .edges_from(node, as_of)
            .map(|edge| edge.target)
            .chain(self.edges_to(node, as_of).map(|edge| edge.source))
            .filter(|neighbour| !seen.contains(neighbour))
            .filter_map(|neighbour| {
                let label = &self.table(neighbour)?.label;
                let order = match label {
                    // Rare concepts say more about this record than common ones.
                    NodeLabel::Concept => self.in_degree(neighbour, as_of) as i64,
                    _ => self.known(neighbour).map_or(0, |known| -known.micros()),
                };
                Some((telling(label), order, neighbour))
            })
            .collect();
        candidates.sort_unstable();
        candidates.dedup();
        let mut taken: BTreeMap<&NodeLabel, usize> = BTreeMap::new();
        candidates.retain(|(_, _, neighbour)| {
            let Some(table) = self.table(*neighbour) else {
                return false;
            };
            let count = taken.entry(&table.label).or_default();
            *count += 1;
            *left_out += u64::from(*count > PER_LABEL);
            *count <= PER_LABEL
        });
        candidates.into_iter().map(|(_, _, neighbour)| neighbour).collect()
    }

    fn draw(&self, found: &[(NodeId, u32)], as_of: Option<Timestamp>, left_out: u64) -> Neighbourhood {
        let mut places: BTreeMap<NodeId, u32> = BTreeMap::new();
        for ((node, _), place) in found.iter().zip(0..) {
            places.insert(*node, place);
        }
        let has_event = EdgeType::has_event();
        let mut edges: Vec<DrawnEdge> = Vec::new();
        for ((node, _), from) in found.iter().zip(0..) {
            for edge in self.edges_from(*node, as_of) {
                let Some(to) = places.get(&edge.target) else {
                    continue;
                };
                // An event drawn inside its encounter need not be tied to the patient as well.
                let via_encounter = *edge.edge_type == has_event
                    && self.edges_to(edge.target, as_of).any(|other| {
                        *other.edge_type == EdgeType::contains() && places.contains_key(&other.source)
                    });
                if !via_encounter {
                    let edge_type = edge.edge_type.as_str().to_owned();
                    edges.push(DrawnEdge { from, to: *to, edge_type, known: edge.known });
                }
            }
        }
        let nodes = found.iter().filter_map(|(node, distance)| self.drawn(*node, *distance)).collect();
        Neighbourhood { nodes, edges, left_out }
    }

    fn drawn(&self, node: NodeId, distance: u32) -> Option<DrawnNode> {
        let table = self.table(node)?;
        let label = &table.label;
        let told = |(property, _): &(Property, _)| !TOLD.contains(property);
        let fact = |(property, _): (Property, _)| {
            Some((property.as_str(), self.property(node, property)?.to_string()))
        };
        let time = self.property(node, Property::Time).or_else(|| self.property(node, Property::Start));
        Some(DrawnNode {
            node: node.0,
            label: label.name().into_owned(),
            stratum: label.stratum(),
            caption: self.caption(node),
            time: time.and_then(PropertyValue::as_time).map(|time| time.to_string()),
            known: self.known(node),
            facts: table.properties().filter(told).filter_map(fact).collect(),
            distance,
        })
    }

    /// A short text for a node: what its code means, else its name, class or id.
    pub fn caption(&self, node: NodeId) -> String {
        let Some(table) = self.table(node) else {
            return String::new();
        };
        let text = |node, property| self.property(node, property).and_then(PropertyValue::as_text);
        let meaning = |concept| text(concept, Property::Display).or_else(|| text(concept, Property::Id));
        let main_concept = || {
            let coded_as = EdgeType::coded_as();
            self.edges_from(node, None)
                .filter(|edge| *edge.edge_type == coded_as)
                .min_by_key(|edge| match edge.property {
                    Some(PropertyValue::Integer(rank)) => rank,
                    _ => i64::MAX,
                })
                .map(|edge| edge.target)
        };
        let caption = match table.label {
            NodeLabel::Patient => None,
            NodeLabel::Concept => meaning(node),
            NodeLabel::Entity(_) => text(node, Property::Name),
            NodeLabel::Encounter => main_concept().and_then(meaning).or_else(|| text(node, Property::Class)),
            NodeLabel::Event(_) => main_concept().and_then(meaning),
        };
        let caption = caption.or_else(|| text(node, Property::Id)).unwrap_or_default();
        match (self.property(node, Property::Value), text(node, Property::Unit)) {
            (Some(PropertyValue::Float(value)), unit) => {
                let value = (value * 1e4).round() / 1e4;
                format!("{caption} {value} {}", unit.unwrap_or_default()).trim_end().to_owned()
            }
            _ => caption.to_owned(),
        }
    }
}

/// How early a label comes in a drawing.
fn telling(label: &NodeLabel) -> u32 {
    use twinloom_event::EventKind as Kind;
    match label {
        NodeLabel::Patient => 0,
        NodeLabel::Event(Kind::Condition | Kind::Death | Kind::Allergy) => 1,
        NodeLabel::Event(Kind::Medication | Kind::Procedure) => 2,
        NodeLabel::Encounter => 3,
        NodeLabel::Concept => 4,
        NodeLabel::Event(Kind::Observation | Kind::CarePlan | Kind::Immunisation | Kind::Device) => 5,
        NodeLabel::Entity(_) => 6,
        NodeLabel::Event(
            Kind::Document | Kind::Demographic | Kind::Birth | Kind::Encounter | Kind::Unknown,
        ) => 7,
        NodeLabel::Event(Kind::Administrative) => 8,
    }
}
