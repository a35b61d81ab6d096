//! The graph of 154 Synthea bundles against counts made with another program.

use std::collections::BTreeMap;
use std::path::PathBuf;

use twinloom_graph::{
    Basis, Database, GRAPH_FILE, Property, PropertyGraph, PropertyValue, QueryLanguage, Surroundings,
};
use twinloom_records::{MemorySink, fhir};

/// Distinct resource ids by type, counted with Python's json module over the archive's 154 files. One
/// of the files holds practitioners only, so there are 153 patients.
const RESOURCES: [(&str, usize); 16] = [
    ("AllergyIntolerance", 103),
    ("CarePlan", 453),
    ("Claim", 5652),
    ("Condition", 1150),
    ("DiagnosticReport", 1693),
    ("Encounter", 4458),
    ("ExplanationOfBenefit", 4458),
    ("Goal", 319),
    ("ImagingStudy", 108),
    ("Immunization", 1820),
    ("MedicationRequest", 1194),
    ("Observation", 23_527),
    ("Organization", 82),
    ("Patient", 153),
    ("Practitioner", 102),
    ("Procedure", 2823),
];

/// `Observation.component`s, counted likewise.
const COMPONENTS: usize = 3098;

#[test]
fn ref_one_node_for_every_resource() {
    let archive =
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/synthea_r4_us/dev.tar.xz"));
    if !archive.is_file() {
        println!("skipped: {} is absent", archive.display());
        return;
    }
    let mut sink = MemorySink::default();
    fhir::import(&[archive], &fhir::ImportOptions::default(), &mut sink, &|_| {}).unwrap();
    let artefacts = sink.artefacts();
    let dataset = sink.into_dataset().unwrap();
    let begun = std::time::Instant::now();
    let graph = PropertyGraph::build_within(
        &dataset,
        &Surroundings { artefacts: &artefacts, ..Surroundings::default() },
    )
    .unwrap();
    println!("built in {:?}: {} nodes, {} edges", begun.elapsed(), graph.node_count(), graph.edge_count());

    let mut resources: BTreeMap<String, usize> = BTreeMap::new();
    let mut components = 0;
    for table in graph.node_tables() {
        for node in table.nodes() {
            let Some(PropertyValue::Text(id)) = graph.property(node, Property::Id) else {
                panic!("a node of {} has no id", table.label().name());
            };
            match id.split_once('/') {
                Some(("Observation", rest)) if rest.contains('#') => components += 1,
                Some((resource, rest)) if !rest.contains('#') => {
                    *resources.entry(resource.to_owned()).or_default() += 1;
                }
                _ => {}
            }
        }
    }
    resources.insert("Patient".to_owned(), dataset.cohort.len());
    for (resource, expected) in RESOURCES {
        assert_eq!(resources.get(resource), Some(&expected), "{resource}");
    }
    assert_eq!(components, COMPONENTS);

    let statistics = graph.statistics();
    println!("{}", serde_json::to_string_pretty(&statistics).unwrap());
    for edge in graph.schema_edges() {
        println!("{} -{}-> {}: {}", edge.from, edge.edge_type, edge.to, edge.count);
    }
    assert_eq!(statistics.nodes_by_label["Patient"], 153);
    assert!(statistics.edges_by_type["RESULT"] > 0 && statistics.edges_by_type["PARTICIPANT_INDIVIDUAL"] > 0);

    for edge in graph.edge_tables().iter().flat_map(twinloom_graph::EdgeTable::edges) {
        let lineage = graph.lineage(&edge);
        let placed = |origin: &twinloom_graph::Origin<'_>| {
            origin.line.is_some() && origin.file.is_some_and(|file| file.contains("dev.tar.xz"))
        };
        match lineage.basis {
            Basis::Stated => assert!(lineage.origins.len() == 1 && placed(&lineage.origins[0]), "{edge:?}"),
            Basis::Sequence => assert!(lineage.origins.len() == 2 && lineage.origins.iter().all(placed)),
            Basis::Terminology => assert!(lineage.origins.is_empty()),
        }
    }

    let folder = tempfile::tempdir().unwrap();
    graph.write(&folder.path().join(GRAPH_FILE)).unwrap();
    let begun = std::time::Instant::now();
    let database = Database::open_or_build(folder.path()).unwrap();
    println!("database loaded in {:?}", begun.elapsed());
    let ask = |text| {
        let begun = std::time::Instant::now();
        let rows = database.query(text, QueryLanguage::Cypher).unwrap().rows;
        println!("{text}: {:?}", begun.elapsed());
        rows
    };
    assert_eq!(ask("MATCH (p:Patient) RETURN count(p)"), [[153]]);
    assert_eq!(ask("MATCH (e:Encounter) RETURN count(e)"), [[4458]]);
    assert_eq!(
        ask("MATCH (:Patient)-[:HAD_ENCOUNTER]->(e:Encounter)-[:CONTAINS]->(c:Condition) RETURN count(c)"),
        [[1150]]
    );
}
