//! Turtle in the vocabulary of FHIR's RDF.
//!
//! # Source
//! HL7 FHIR R4 (4.0.1), "RDF (Turtle) representation": resources are typed `fhir:Type` and marked
//! `fhir:nodeRole fhir:treeRoot`, elements are `fhir:Type.path`, primitives `[ fhir:value "..." ]`,
//! repeating elements carry `fhir:index`, references `fhir:link`. `r4_references.txt` lists the paths
//! of all elements that hold a Reference, from the R4 resource definitions.
//!
//! # Limits
//! What the graph holds of each resource: type, id, subject, encounter, codings, times, values, status
//! and references; of the parts of an artefact only an Observation's components, so not the death that a
//! Patient states. Events of a source without FHIR resources get the type of their kind.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use rustc_hash::FxHashMap;
use twinloom_event::Timestamp;

use super::fhir::{Elements, elements, kind_type};
use crate::{Edge, EdgeType, NodeId, NodeLabel, Property, PropertyGraph, PropertyValue};

const PREFIXES: &[u8] = b"@prefix fhir: <http://hl7.org/fhir/> .\n\
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n\
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n\n";

/// Edges that are told as elements of the resource they end at.
const STRUCTURE: [&str; 7] =
    ["HAD_ENCOUNTER", "CONTAINS", "HAS_EVENT", "CODED_AS", "ANSWERED", "NEXT", "IS_A"];

pub(super) fn write(graph: &PropertyGraph, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(PREFIXES)?;
    let paths = reference_paths();
    let has_event = graph.edge_table(&EdgeType::has_event());
    let contains = graph.edge_table(&EdgeType::contains());
    let mut text = String::new();
    for table in graph.node_tables().iter().filter(|table| *table.label() != NodeLabel::Concept) {
        for node in table.nodes() {
            let resource = Resource::of(graph, node);
            if resource.part {
                // Told within the resource that it is part of.
                continue;
            }
            text.clear();
            resource.begin(&mut text);
            match table.label() {
                NodeLabel::Patient => patient(graph, node, &mut text),
                NodeLabel::Encounter => encounter(graph, node, &mut text),
                NodeLabel::Event(_) => {
                    let owner = |table: Option<&crate::EdgeTable>| {
                        let place = table?.backward.range(node.0, None).next()?;
                        table?.backward.targets.get(place).map(|source| NodeId(*source))
                    };
                    let elements = elements(resource.kind);
                    if let Some(patient) = owner(has_event) {
                        link(&mut text, resource.kind, elements.subject, &Resource::of(graph, patient));
                    }
                    if let (Some(encounter), Some(element)) = (owner(contains), elements.encounter) {
                        link(&mut text, resource.kind, element, &Resource::of(graph, encounter));
                    }
                    event(graph, node, &resource, &elements, &mut text);
                    components(graph, node, &resource, &mut text);
                }
                NodeLabel::Entity(_) => name(graph, node, &resource, &mut text),
                NodeLabel::Concept => {}
            }
            references(graph, node, &resource, &paths, &mut text);
            text.push_str(" .\n\n");
            out.write_all(text.as_bytes())?;
        }
    }
    Ok(())
}

/// A node's name and type as a FHIR resource.
struct Resource<'g> {
    kind: &'g str,
    id: String,
    /// Whether the node is a further part of its artefact's first.
    part: bool,
}

impl<'g> Resource<'g> {
    fn of(graph: &'g PropertyGraph, node: NodeId) -> Self {
        let own = graph.property(node, Property::Id).and_then(PropertyValue::as_text).unwrap_or_default();
        let label = graph.table(node).map(crate::NodeTable::label);
        let fallback = match label {
            Some(NodeLabel::Patient) => "Patient",
            Some(NodeLabel::Encounter) => "Encounter",
            Some(NodeLabel::Event(kind)) => kind_type(*kind),
            Some(NodeLabel::Entity(kind)) if is_resource_type(kind) => &**kind,
            _ => "Basic",
        };
        // A contained resource's id begins with the type of what contains it.
        let is_entity = matches!(label, Some(NodeLabel::Entity(_)));
        let record = graph.origin(node).map(|origin| origin.record);
        let (kind, id) = match record.and_then(|record| record.split_once('/')) {
            Some((_, id)) if is_entity => (fallback, id),
            Some((kind, id)) if is_resource_type(kind) => (kind, id),
            _ => (fallback, own),
        };
        // What follows the artefact's id in an event's: its part, and whose it is.
        let beyond = record.and_then(|record| own.strip_prefix(record)).unwrap_or_default();
        let of_patient = matches!(label, Some(NodeLabel::Patient));
        let part = matches!(label, Some(NodeLabel::Event(_))) && beyond.contains('#');
        let id = if part || of_patient { id.to_owned() } else { format!("{id}{beyond}") };
        Self { kind, id, part }
    }

    fn iri(&self) -> String {
        let mut iri = format!("<urn:twinloom:{}/", self.kind);
        for byte in self.id.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/' | b':') {
                iri.push(char::from(byte));
            } else {
                // Writing to a string never fails.
                let _ = write!(iri, "%{byte:02X}");
            }
        }
        iri.push('>');
        iri
    }

    fn begin(&self, text: &mut String) {
        let _ = write!(
            text,
            "{} a fhir:{} ;\n    fhir:nodeRole fhir:treeRoot ;\n    fhir:Resource.id [ fhir:value {} ]",
            self.iri(),
            self.kind,
            literal(&self.id)
        );
    }
}

/// A name such as the R4 resource types have.
fn is_resource_type(kind: &str) -> bool {
    kind.starts_with(|letter: char| letter.is_ascii_uppercase())
        && kind.len() > 2
        && kind.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn patient(graph: &PropertyGraph, node: NodeId, text: &mut String) {
    if let Some(sex) = graph.property(node, Property::Sex).and_then(PropertyValue::as_text) {
        primitive(text, "Patient.gender", &literal(sex));
    }
    if let Some(PropertyValue::Integer(year)) = graph.property(node, Property::BirthYear) {
        primitive(text, "Patient.birthDate", &format!("\"{year:04}\"^^xsd:gYear"));
    }
}

fn encounter(graph: &PropertyGraph, node: NodeId, text: &mut String) {
    if let Some(class) = graph.property(node, Property::Class).and_then(PropertyValue::as_text) {
        let code = literal(class);
        let _ = write!(text, " ;\n    fhir:Encounter.class [ fhir:Coding.code [ fhir:value {code} ] ]");
    }
    let had = graph.edge_table(&EdgeType::had_encounter());
    let patient = had.and_then(|table| {
        let place = table.backward.range(node.0, None).next()?;
        table.backward.targets.get(place).map(|source| NodeId(*source))
    });
    if let Some(patient) = patient {
        link(text, "Encounter", "subject", &Resource::of(graph, patient));
    }
    codings(graph, node, "Encounter.type", text);
    let time = |property| graph.property(node, property).and_then(PropertyValue::as_time);
    let (start, end) = (time(Property::Start), time(Property::End));
    if start.is_some() || end.is_some() {
        text.push_str(" ;\n    fhir:Encounter.period [");
        let mut first = true;
        for (element, time) in [("start", start), ("end", end)] {
            if let Some(time) = time {
                text.push_str(if first { " " } else { " ; " });
                first = false;
                let _ = write!(text, "fhir:Period.{element} [ fhir:value {} ]", date_time(time));
            }
        }
        text.push_str(" ]");
    }
}

fn event(
    graph: &PropertyGraph,
    node: NodeId,
    resource: &Resource<'_>,
    elements: &Elements,
    text: &mut String,
) {
    let kind = resource.kind;
    if let Some(code) = elements.code {
        codings(graph, node, &format!("{kind}.{code}"), text);
    }
    if let (Some(element), Some(PropertyValue::Time(time))) =
        (elements.time, graph.property(node, Property::Time))
    {
        primitive(text, &format!("{kind}.{element}"), &date_time(time));
    }
    if kind == "Condition" {
        // R4 has no other status of a Condition than a coded one, of which the graph keeps the word.
        if let Some(status) = graph.property(node, Property::Status).and_then(PropertyValue::as_text) {
            let code = literal(status);
            let _ = write!(
                text,
                " ;\n    fhir:Condition.clinicalStatus [ fhir:CodeableConcept.text [ fhir:value {code} ] ]"
            );
        }
    } else if elements.status
        && let Some(status) = graph.property(node, Property::Status).and_then(PropertyValue::as_text)
    {
        primitive(text, &format!("{kind}.status"), &literal(status));
    }
    if kind == "Observation" {
        value(graph, node, "Observation", text);
    }
}

/// The value of an Observation or a component: a quantity, a coded answer or a text.
fn value(graph: &PropertyGraph, node: NodeId, path: &str, text: &mut String) {
    let answered = graph.edges_of_type(node, &EdgeType::answered()).next().is_some();
    if let Some(PropertyValue::Float(number)) = graph.property(node, Property::Value) {
        let _ = write!(
            text,
            " ;\n    fhir:{path}.valueQuantity [ fhir:Quantity.value [ fhir:value \"{number}\"^^xsd:decimal ]"
        );
        if let Some(unit) = graph.property(node, Property::Unit).and_then(PropertyValue::as_text) {
            let _ = write!(text, " ; fhir:Quantity.unit [ fhir:value {} ]", literal(unit));
        }
        text.push_str(" ]");
    } else if answered {
        let edges: Vec<Edge<'_>> = graph.edges_of_type(node, &EdgeType::answered()).collect();
        concept(graph, &edges, &format!("{path}.valueCodeableConcept"), text);
    } else if let Some(words) = graph.property(node, Property::Text).and_then(PropertyValue::as_text) {
        primitive(text, &format!("{path}.valueString"), &literal(words));
    }
}

/// The further parts of an Observation's artefact, as its components.
fn components(graph: &PropertyGraph, node: NodeId, resource: &Resource<'_>, text: &mut String) {
    let Some(part_of) = graph.edge_table(&EdgeType::part_of()).filter(|_| resource.kind == "Observation")
    else {
        return;
    };
    let sources = part_of.backward.targets.get(part_of.backward.range(node.0, None));
    let mut index = 0;
    let mut parts: Vec<NodeId> = sources.into_iter().flatten().map(|source| NodeId(*source)).collect();
    parts.sort_unstable();
    for part in parts {
        let own = Resource::of(graph, part);
        if !own.part || own.id != resource.id {
            continue;
        }
        let _ = write!(text, " ;\n    fhir:Observation.component [ fhir:index {index}");
        index += 1;
        codings(graph, part, "Observation.component.code", text);
        value(graph, part, "Observation.component", text);
        text.push_str(" ]");
    }
}

fn name(graph: &PropertyGraph, node: NodeId, resource: &Resource<'_>, text: &mut String) {
    if let Some(name) = graph.property(node, Property::Name).and_then(PropertyValue::as_text) {
        primitive(text, "Resource.name", &literal(name));
        let _ = write!(text, " ;\n    rdfs:label {}", literal(&format!("{} {name}", resource.kind)));
    }
}

/// References of the resource to others, each at its own path.
fn references(
    graph: &PropertyGraph,
    node: NodeId,
    resource: &Resource<'_>,
    paths: &FxHashMap<(&str, EdgeType), &str>,
    text: &mut String,
) {
    let mut indices: BTreeMap<&str, usize> = BTreeMap::new();
    for edge in graph.edges_from(node, None) {
        if STRUCTURE.contains(&edge.edge_type.as_str()) {
            continue;
        }
        let target = Resource::of(graph, edge.target);
        // A component belongs to its panel by standing in it.
        if edge.edge_type.as_str() == "PART_OF" && target.kind == resource.kind && target.id == resource.id {
            continue;
        }
        let path = paths.get(&(resource.kind, edge.edge_type.clone())).copied();
        let path = path.unwrap_or("extension.valueReference");
        let index = indices.entry(path).or_default();
        let steps: Vec<&str> = path.split('.').collect();
        let mut element = resource.kind.to_owned();
        for (depth, step) in steps.iter().enumerate() {
            element = format!("{element}.{step}");
            let _ = write!(text, "{}fhir:{element} [ ", if depth == 0 { " ;\n    " } else { "" });
            if depth == 0 {
                let _ = write!(text, "fhir:index {index} ; ");
            }
        }
        *index += 1;
        let _ = write!(
            text,
            "fhir:link {} ; fhir:Reference.reference [ fhir:value {} ]{}",
            target.iri(),
            literal(&format!("{}/{}", target.kind, target.id)),
            " ]".repeat(steps.len())
        );
    }
}

/// Paths within a resource type by the edge type that they became.
fn reference_paths() -> FxHashMap<(&'static str, EdgeType), &'static str> {
    include_str!("r4_references.txt")
        .lines()
        .filter_map(|line| line.split_once('.'))
        .map(|(kind, path)| ((kind, EdgeType::from_path(path)), path))
        .collect()
}

/// The codings of a node, in rank order.
fn codings(graph: &PropertyGraph, node: NodeId, path: &str, text: &mut String) {
    let mut edges: Vec<Edge<'_>> = graph.edges_of_type(node, &EdgeType::coded_as()).collect();
    let rank = |edge: &Edge<'_>| match edge.property {
        Some(PropertyValue::Integer(rank)) => rank,
        _ => i64::MAX,
    };
    edges.sort_by_key(rank);
    concept(graph, &edges, path, text);
}

fn concept(graph: &PropertyGraph, edges: &[Edge<'_>], path: &str, text: &mut String) {
    if edges.is_empty() {
        return;
    }
    let _ = write!(text, " ;\n    fhir:{path} [");
    for (index, edge) in edges.iter().enumerate() {
        let own = |property| graph.property(edge.target, property).and_then(PropertyValue::as_text);
        let separator = if index == 0 { " " } else { " ; " };
        let _ = write!(text, "{separator}fhir:CodeableConcept.coding [ fhir:index {index}");
        if let Some(system) = own(Property::System) {
            let _ = write!(
                text,
                " ; fhir:Coding.system [ fhir:value {} ]",
                literal(&twinloom_codes::system_uri(system))
            );
        }
        let _ = write!(
            text,
            " ; fhir:Coding.code [ fhir:value {} ]",
            literal(own(Property::Code).unwrap_or_default())
        );
        if let Some(display) = own(Property::Display) {
            let _ = write!(text, " ; fhir:Coding.display [ fhir:value {} ]", literal(display));
        }
        text.push_str(" ]");
    }
    text.push_str(" ]");
}

fn link(text: &mut String, kind: &str, element: &str, target: &Resource<'_>) {
    let _ = write!(
        text,
        " ;\n    fhir:{kind}.{element} [ fhir:link {} ; fhir:Reference.reference [ fhir:value {} ] ]",
        target.iri(),
        literal(&format!("{}/{}", target.kind, target.id))
    );
}

fn primitive(text: &mut String, path: &str, value: &str) {
    let _ = write!(text, " ;\n    fhir:{path} [ fhir:value {value} ]");
}

fn date_time(time: Timestamp) -> String {
    format!("\"{time}\"^^xsd:dateTime")
}

/// A Turtle string literal.
fn literal(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            letter if letter.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(letter));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use twinloom_event::EventKind;

    use super::*;

    #[test]
    fn ref_references_of_r4_become_the_edge_types_of_the_graph() {
        let paths = reference_paths();
        let path = |kind, name: &str| paths.get(&(kind, EdgeType::from_path(name))).copied();
        assert_eq!(path("Encounter", "participant.individual"), Some("participant.individual"));
        assert_eq!(path("MedicationRequest", "reasonReference"), Some("reasonReference"));
        assert_eq!(path("DiagnosticReport", "result"), Some("result"));
        assert_eq!(path("Encounter", "nothing"), None);
        assert_eq!(kind_type(EventKind::Condition), "Condition");
    }

    #[test]
    fn regress_literals_are_escaped() {
        assert_eq!(literal("a \"b\"\\\n\u{1}é"), "\"a \\\"b\\\"\\\\\\n\\u0001é\"");
    }
}
