//! An invented graph.

use twinloom_event::Timestamp;
use twinloom_report::{
    Fact, GraphEdge, GraphNode, GraphSchema, Neighbourhood, SchemaEdge, SchemaNode, Stratum,
};

const EVENTS: [(&str, u64); 7] = [
    ("Condition", 2_897),
    ("Observation", 148_210),
    ("Medication", 21_776),
    ("Procedure", 387),
    ("Immunisation", 6_120),
    ("Allergy", 212),
    ("Document", 3_904),
];

pub(crate) fn schema() -> GraphSchema {
    let node = |label: &str, count, stratum| SchemaNode { label: label.into(), count, stratum };
    let mut nodes = vec![
        node("Patient", 1_000, Stratum::Instance),
        node("Encounter", 38_112, Stratum::Instance),
        node("Concept", 641, Stratum::Concept),
        node("Organisation", 48, Stratum::Provenance),
        node("Practitioner", 193, Stratum::Provenance),
        node("Source", 2, Stratum::Provenance),
    ];
    nodes.extend(EVENTS.map(|(label, count)| node(label, count, Stratum::Instance)));
    let edge = |source: &str, name: &str, target: &str, count| SchemaEdge {
        name: name.into(),
        source: source.into(),
        target: target.into(),
        count,
    };
    let mut edges = vec![
        edge("Patient", "HAD_ENCOUNTER", "Encounter", 38_112),
        edge("Encounter", "NEXT", "Encounter", 37_112),
        edge("Encounter", "PERFORMED_BY", "Practitioner", 38_112),
        edge("Encounter", "AT", "Organisation", 38_112),
        edge("Patient", "REGISTERED_WITH", "Organisation", 1_000),
        edge("Practitioner", "WORKS_FOR", "Organisation", 193),
        edge("Concept", "IS_A", "Concept", 522),
        edge("Concept", "MAPS_TO", "Concept", 88),
        edge("Encounter", "CODED_AS", "Concept", 38_112),
        edge("Medication", "REASON", "Condition", 19_033),
        edge("Procedure", "REASON", "Condition", 301),
        edge("Document", "RESULT", "Observation", 9_120),
    ];
    for (label, count) in EVENTS {
        edges.push(edge("Patient", "HAS_EVENT", label, count / 9));
        edges.push(edge("Encounter", "CONTAINS", label, count - count / 9));
        edges.push(edge(label, "CODED_AS", "Concept", count));
        edges.push(edge(label, "RECORDED_IN", "Source", count));
    }
    GraphSchema { nodes, edges }
}

pub(crate) fn neighbourhood() -> Neighbourhood {
    let mut nodes: Vec<GraphNode> = Vec::new();
    let mut edges: Vec<GraphEdge> = Vec::new();
    let mut add = |label: &str, name: String| {
        let facts = vec![Fact::new("status", "finished"), Fact::new("class", "AMB")];
        let facts = if label == "Encounter" { facts } else { Vec::new() };
        nodes.push(GraphNode { facts, ..GraphNode::new(label, name) });
        nodes.len() - 1
    };
    let mut join = |source, name: &str, target| edges.push(GraphEdge::new(source, target, name));
    let patient = add("Patient", "patient 417".into());
    let concepts: Vec<usize> = [
        "Essential hypertension",
        "Type 2 diabetes mellitus",
        "COPD",
        "Systolic blood pressure",
        "HbA1c",
        "Metformin",
        "Ramipril",
        "Salbutamol",
        "FEV1",
        "GP consultation",
    ]
    .map(|name| add("Concept", name.into()))
    .into();
    let mut previous = None;
    for visit in 0..9_usize {
        let encounter = add("Encounter", format!("{} {}", ["Mar", "Sep"][visit % 2], 2012 + visit));
        join(patient, "HAD_ENCOUNTER", encounter);
        join(encounter, "CODED_AS", concepts[9]);
        if let Some(previous) = previous {
            join(previous, "NEXT", encounter);
        }
        previous = Some(encounter);
        for which in 0..=(visit * 5 % 4) {
            let (label, concept) = match (visit + which) % 5 {
                0 => ("Condition", visit % 3),
                1 | 2 => ("Observation", 3 + (visit + which) % 2),
                3 => ("Medication", 5 + visit % 3),
                _ => ("Observation", 8),
            };
            let name = if label == "Observation" {
                format!("{} units", 41 + 7 * which + visit)
            } else {
                String::new()
            };
            let event = add(label, name);
            join(encounter, "CONTAINS", event);
            join(event, "CODED_AS", concepts[concept]);
        }
    }
    let surgery = add("Organisation", "Elm Street Surgery".into());
    join(patient, "REGISTERED_WITH", surgery);
    let known = known_times(&nodes, &edges);
    for (node, known) in nodes.iter_mut().zip(&known) {
        node.known = *known;
    }
    for edge in &mut edges {
        edge.known = known[edge.source].max(known[edge.target]);
    }
    Neighbourhood { centre: "patient 417".into(), hops: 2, nodes, edges }
}

/// An encounter is known from its month, what it contains from then on; the rest always held.
fn known_times(nodes: &[GraphNode], edges: &[GraphEdge]) -> Vec<Option<Timestamp>> {
    let month = |node: &GraphNode| {
        let (month, year) = node.name.split_once(' ')?;
        Timestamp::from_ymd(year.parse().ok()?, if month == "Mar" { 3 } else { 9 }, 12).ok()
    };
    let mut known: Vec<Option<Timestamp>> =
        nodes.iter().map(|node| if node.label == "Encounter" { month(node) } else { None }).collect();
    for edge in edges.iter().filter(|edge| edge.name == "CONTAINS") {
        known[edge.target] = known[edge.source];
    }
    known
}
