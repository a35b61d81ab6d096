//! The graph's schema, and the surroundings of one patient.

use twinloom_event::SubjectId;
use twinloom_graph::PropertyGraph;
use twinloom_report::{
    Fact, GraphEdge, GraphNode, GraphSchema, Neighbourhood, SchemaEdge, SchemaNode, Section, Stratum,
};

use super::Words;

/// Nodes drawn around the patient.
const NODES: usize = 60;
/// Steps from the patient.
const STEPS: u32 = 3;

/// Labels and edge types with their counts.
pub(super) fn schema(graph: &PropertyGraph) -> Section {
    let nodes = graph
        .node_tables()
        .iter()
        .filter(|table| !table.is_empty())
        .map(|table| SchemaNode {
            label: table.label().name().into_owned(),
            count: table.len() as u64,
            stratum: stratum(table.label().stratum()),
        })
        .collect();
    let edges = graph
        .schema_edges()
        .into_iter()
        .map(|edge| SchemaEdge {
            name: edge.edge_type,
            source: edge.from,
            target: edge.to,
            count: edge.count,
        })
        .collect();
    Section::new(GraphSchema { nodes, edges })
}

/// What surrounds one patient; nothing when the graph lacks them.
pub(super) fn neighbourhood(graph: &PropertyGraph, subject: SubjectId, words: &Words<'_>) -> Option<Section> {
    let found = graph.neighbourhood(graph.patient(subject)?, STEPS, NODES, None);
    let nodes = found
        .nodes
        .iter()
        .map(|node| GraphNode {
            label: node.label.clone(),
            name: words.of_text(&node.caption),
            known: node.known,
            facts: node
                .facts
                .iter()
                .map(|(name, value)| Fact::new(name.replace('_', " "), in_words(name, value)))
                .collect(),
        })
        .collect();
    let edges = found
        .edges
        .iter()
        .map(|edge| GraphEdge {
            source: edge.from as usize,
            target: edge.to as usize,
            name: edge.edge_type.clone(),
            known: edge.known,
        })
        .collect();
    let centre = format!("Patient {subject}");
    Some(Section::new(Neighbourhood { centre, hops: STEPS, nodes, edges }))
}

/// A property's value; times to the minute.
fn in_words(name: &str, value: &str) -> String {
    if matches!(name, "time" | "start" | "end") {
        value.chars().take("2024-03-30T03:23".len()).collect::<String>().replace('T', " ")
    } else {
        value.to_owned()
    }
}

fn stratum(stratum: twinloom_graph::Stratum) -> Stratum {
    match stratum {
        twinloom_graph::Stratum::Instance => Stratum::Instance,
        twinloom_graph::Stratum::Terminology => Stratum::Concept,
        twinloom_graph::Stratum::Provenance => Stratum::Provenance,
    }
}
