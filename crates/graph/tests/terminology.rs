//! Maps, hierarchies and interactions between the concepts of the record.

#![expect(clippy::unwrap_used, reason = "a test may fail on what it made itself")]

use std::collections::BTreeSet;

use twinloom_event::{
    Code, Cohort, Dataset, Event, EventKind, Relation, RelationKind, SubjectId, Terminology,
};
use twinloom_graph::{EdgeProperty, EdgeType, Property, PropertyGraph, PropertyValue, Surroundings};

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

fn relation(from: &str, kind: RelationKind, to: &str, severity: Option<&str>) -> Relation {
    Relation {
        from: code(from),
        kind,
        to: code(to),
        source: "release".into(),
        severity: severity.map(Into::into),
    }
}

fn graph(codes: &[&str], relations: Vec<Relation>) -> PropertyGraph {
    let events = codes
        .iter()
        .map(|text| Event::new(SubjectId::new(1), None, code(text)).with_kind(EventKind::Medication))
        .collect();
    let dataset = Dataset { cohort: Cohort::from_events(events).unwrap(), ..Dataset::default() };
    let terminology = Terminology::new(relations, Vec::new());
    let surroundings = Surroundings { terminology: Some(&terminology), ..Surroundings::default() };
    PropertyGraph::build_within(&dataset, &surroundings).unwrap()
}

fn edges(graph: &PropertyGraph, edge_type: &EdgeType) -> Vec<(String, String, String)> {
    let Some(table) = graph.edge_table(edge_type) else {
        return Vec::new();
    };
    let id = |node| graph.property(node, Property::Id).unwrap().to_string();
    table
        .edges()
        .map(|edge| (id(edge.source), id(edge.target), graph.lineage(&edge).source.unwrap().to_owned()))
        .collect()
}

#[test]
fn regress_only_what_the_record_leads_to_enters() {
    let graph = graph(
        &["DMD//318", "ATC//M01AE01"],
        vec![
            relation("DMD//318", RelationKind::MapsTo, "ATC//C09AA05", None),
            relation("DMD//999", RelationKind::MapsTo, "ATC//C09AA05", None),
            relation("ATC//C09A", RelationKind::InteractsWith, "ATC//M01A", Some("severe")),
            relation("ATC//C09A", RelationKind::InteractsWith, "ATC//N02B", None),
        ],
    );
    let concepts: BTreeSet<String> = graph
        .node_tables()
        .iter()
        .find(|table| table.label().name() == "Concept")
        .unwrap()
        .nodes()
        .map(|node| graph.property(node, Property::Code).unwrap().to_string())
        .collect();
    let expected = ["318", "C", "C09", "C09A", "C09AA", "C09AA05", "M", "M01", "M01A", "M01AE", "M01AE01"];
    assert_eq!(concepts, expected.into_iter().map(str::to_owned).collect());
    let owned = |one: &str, other: &str, source: &str| (one.to_owned(), other.to_owned(), source.to_owned());
    assert_eq!(edges(&graph, &EdgeType::maps_to()), [owned("DMD//318", "ATC//C09AA05", "release")]);
    assert_eq!(edges(&graph, &EdgeType::interacts_with()), [owned("ATC//C09A", "ATC//M01A", "release")]);
    assert!(edges(&graph, &EdgeType::is_a()).contains(&owned(
        "ATC//C09AA05",
        "ATC//C09AA",
        "spelling of the code"
    )));
    let table = graph.edge_table(&EdgeType::interacts_with()).unwrap();
    let edge = table.edges().next().unwrap();
    let severe = Some(PropertyValue::Text("severe"));
    assert_eq!(table.get(&edge, EdgeProperty::Severity), severe);
    let from_target = graph.edges_to(edge.target, None).find(|other| other.source == edge.source).unwrap();
    assert_eq!(table.get(&from_target, EdgeProperty::Severity), severe);
}

#[test]
fn regress_a_medicine_is_one_under_both_names_of_its_code() {
    let graph = graph(&["SNOMED//318"], vec![relation("DMD//318", RelationKind::MapsTo, "BNF//0205", None)]);
    let ends: Vec<(String, String)> =
        edges(&graph, &EdgeType::maps_to()).into_iter().map(|(from, to, _)| (from, to)).collect();
    let pair = |one: &str, other: &str| (one.to_owned(), other.to_owned());
    assert_eq!(ends, [pair("DMD//318", "BNF//0205"), pair("SNOMED//318", "DMD//318")]);
}

#[test]
fn regress_circles_and_parallel_parents_come_to_an_end() {
    let graph = graph(
        &["X//1"],
        vec![
            relation("X//1", RelationKind::IsA, "X//2", None),
            relation("X//2", RelationKind::IsA, "X//1", None),
            Relation { source: "another".into(), ..relation("X//1", RelationKind::IsA, "X//2", None) },
            relation("X//1", RelationKind::MapsTo, "Y//1", None),
            Relation { source: "another".into(), ..relation("X//1", RelationKind::MapsTo, "Y//1", None) },
        ],
    );
    assert_eq!(edges(&graph, &EdgeType::is_a()).len(), 2);
    assert_eq!(edges(&graph, &EdgeType::maps_to()).len(), 2);
}
