//! The record as a hypergraph: each visit and each patient's conditions are one hyperedge over concepts.
//!
//! # Source
//! Hypergraph Interchange Format (HIF), JSON schema 0.1: `network-type`, `metadata`, `incidences`,
//! `nodes`, `edges`; recalled from memory and read by XGI and HyperNetX in the tests.
//!
//! # Shapes
//! A visit holds the main codes of the encounter's events, a profile those of the patient's conditions.
//! The weight of an incidence is how many events carry the code there.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};
use twinloom_event::EventKind;

use crate::{EdgeType, NodeId, NodeLabel, Property, PropertyGraph, PropertyValue};

pub(super) fn write(graph: &PropertyGraph, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"{\"network-type\":\"undirected\",\n\"metadata\":")?;
    line(out, &json!({ "name": "record", "hyperedges": ["visit", "profile"] }))?;
    out.write_all(b",\n\"incidences\":[")?;
    let mut list = List::default();
    let mut used = vec![false; graph.node_count()];
    for hyperedge in hyperedges(graph) {
        let name = hyperedge.name(graph);
        for (concept, events) in hyperedge.concepts(graph) {
            if let Some(used) = used.get_mut(concept.index()) {
                *used = true;
            }
            let node = text(graph, concept, Property::Id);
            list.put(out, &json!({ "edge": name, "node": node, "weight": events }))?;
        }
    }
    out.write_all(b"],\n\"nodes\":[")?;
    let mut list = List::default();
    let concepts = graph.node_tables().iter().filter(|table| *table.label() == NodeLabel::Concept);
    for concept in concepts.flat_map(crate::NodeTable::nodes).filter(|concept| used[concept.index()]) {
        let mut attributes = serde_json::Map::new();
        for property in [Property::System, Property::Display] {
            if let Some(words) = text(graph, concept, property) {
                attributes.insert(property.as_str().to_owned(), words.into());
            }
        }
        list.put(out, &json!({ "node": text(graph, concept, Property::Id), "attrs": attributes }))?;
    }
    out.write_all(b"],\n\"edges\":[")?;
    let mut list = List::default();
    for hyperedge in hyperedges(graph) {
        // A hyperedge over nothing is none.
        if !hyperedge.concepts(graph).is_empty() {
            list.put(out, &json!({ "edge": hyperedge.name(graph), "attrs": hyperedge.attributes(graph) }))?;
        }
    }
    out.write_all(b"]}\n")
}

#[derive(Clone, Copy)]
enum Hyperedge {
    Visit(NodeId),
    Profile(NodeId),
}

fn hyperedges(graph: &PropertyGraph) -> impl Iterator<Item = Hyperedge> {
    let of = |label: NodeLabel| {
        graph
            .node_tables()
            .iter()
            .filter(move |table| *table.label() == label)
            .flat_map(crate::NodeTable::nodes)
    };
    of(NodeLabel::Encounter).map(Hyperedge::Visit).chain(of(NodeLabel::Patient).map(Hyperedge::Profile))
}

impl Hyperedge {
    fn name(self, graph: &PropertyGraph) -> String {
        match self {
            Self::Visit(node) => format!("visit:{}", text(graph, node, Property::Id).unwrap_or_default()),
            Self::Profile(node) => format!("profile:{}", text(graph, node, Property::Id).unwrap_or_default()),
        }
    }

    /// The concepts and how many events carry each.
    fn concepts(self, graph: &PropertyGraph) -> BTreeMap<NodeId, u64> {
        let (node, edge_type) = match self {
            Self::Visit(node) => (node, EdgeType::contains()),
            Self::Profile(node) => (node, EdgeType::has_event()),
        };
        let condition = NodeLabel::Event(EventKind::Condition);
        let is_part = |event: &NodeId| match self {
            Self::Visit(_) => true,
            Self::Profile(_) => graph.table(*event).is_some_and(|table| *table.label() == condition),
        };
        let events = graph.edges_of_type(node, &edge_type).map(|edge| edge.target).filter(is_part);
        let coded_as = EdgeType::coded_as();
        let mut concepts = BTreeMap::new();
        for event in events {
            let main = Some(PropertyValue::Integer(0));
            for edge in graph.edges_of_type(event, &coded_as).filter(|edge| edge.property == main) {
                *concepts.entry(edge.target).or_default() += 1;
            }
        }
        concepts
    }

    fn attributes(self, graph: &PropertyGraph) -> Value {
        let (kind, node, properties) = match self {
            Self::Visit(node) => ("visit", node, &[Property::Class, Property::Start][..]),
            Self::Profile(node) => {
                ("profile", node, &[Property::Sex, Property::BirthYear, Property::ImdDecile][..])
            }
        };
        let mut attributes = serde_json::Map::from_iter([("kind".to_owned(), kind.into())]);
        for property in properties {
            if let Some(value) = graph.property(node, *property) {
                attributes.insert(property.as_str().to_owned(), as_json(value));
            }
        }
        Value::Object(attributes)
    }
}

fn as_json(value: PropertyValue<'_>) -> Value {
    match value {
        PropertyValue::Text(text) => text.into(),
        PropertyValue::Integer(number) => number.into(),
        PropertyValue::Float(number) => number.into(),
        PropertyValue::Time(time) => time.to_string().into(),
    }
}

fn text(graph: &PropertyGraph, node: NodeId, property: Property) -> Option<&str> {
    graph.property(node, property).and_then(PropertyValue::as_text)
}

/// Puts commas between the items of an array.
#[derive(Default)]
struct List {
    begun: bool,
}

impl List {
    fn put(&mut self, out: &mut dyn Write, item: &Value) -> io::Result<()> {
        out.write_all(if self.begun { b",\n" } else { b"\n" })?;
        self.begun = true;
        line(out, item)
    }
}

fn line(out: &mut dyn Write, value: &Value) -> io::Result<()> {
    serde_json::to_writer(out, value).map_err(io::Error::from)
}
