//! The graph's exports against readers of other makers, on simulated patients and on Synthea's.

use std::path::Path;

use serde_json::Value;

use crate::harness::{Python, shared_data, simulate, twinloom};

const PATIENTS: u32 = 40;

/// A study with its graph, and the statistics of the graph.
fn simulated(folder: &Path) -> Value {
    simulate(folder, PATIENTS);
    twinloom(&[&"graph", &"build", &"--study", &folder])["statistics"].clone()
}

fn export(study: &Path, format: &str, output: &Path) -> Value {
    twinloom(&[&"graph", &"export", &"--format", &format, &"--study", &study, &"--output", &output])
}

#[test]
fn ref_networkx_reads_our_gexf() {
    let Some(python) = Python::find() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let statistics = simulated(folder.path());
    let output = folder.path().join("graph.gexf");
    let exported = export(folder.path(), "gexf", &output);
    let read = python.run("check_gexf.py", &[&output]);
    assert_eq!((&read["nodes"], &read["edges"]), (&exported["nodes"], &exported["edges"]));
    assert_eq!((&read["directed"], &read["mode"]), (&Value::from(true), &Value::from("dynamic")));
    assert_eq!(read["labels"], statistics["nodes_by_label"]);
    assert_eq!(read["types"], statistics["edges_by_type"]);
    assert!(read["begun"].as_u64() > Some(0) && read["begun"] == read["times"], "{read}");
}

#[test]
fn ref_duckdb_reads_our_neo4j_import() {
    let Some(python) = Python::find() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let statistics = simulated(folder.path());
    let output = folder.path().join("neo4j");
    export(folder.path(), "neo4j", &output);
    let read = python.run("check_neo4j.py", &[&output]);
    assert_eq!(read["nodes"], statistics["nodes_by_label"]);
    assert_eq!(read["edges"], statistics["edges_by_type"]);
    assert_eq!(read["labels"]["Patient"].as_u64(), Some(u64::from(PATIENTS)));
}

#[test]
fn ref_xgi_and_hypernetx_read_our_hif() {
    let Some(python) = Python::find() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let statistics = simulated(folder.path());
    let output = folder.path().join("hypergraph.json");
    export(folder.path(), "hif", &output);
    let read = python.run("check_hif.py", &[&output]);
    let count = |query: &str| {
        let answer = twinloom(&[&"graph", &"query", &"--study", &folder.path(), &query]);
        answer["rows"][0][0].as_u64().expect("a count")
    };
    let visits = count(
        "MATCH (v:Encounter)-[:CONTAINS]->(:Event)-[r:CODED_AS]->(:Concept) WHERE r.rank = 0 RETURN count(DISTINCT v)",
    );
    assert_eq!(read["kinds"]["visit"].as_u64(), Some(visits));
    let profiles = count("MATCH (p:Patient)-[:HAS_EVENT]->(:Condition) RETURN count(DISTINCT p)");
    assert_eq!(read["kinds"]["profile"].as_u64(), Some(profiles));
    let contained = statistics["edges_by_type"]["CONTAINS"].as_u64().expect("a count");
    let conditions = count("MATCH (:Patient)-[:HAS_EVENT]->(c:Condition) RETURN count(c)");
    assert_eq!(read["events"].as_u64(), Some(contained + conditions));
}

#[test]
fn ref_rdflib_reads_our_turtle() {
    let (Some(python), Some(archive)) = (Python::find(), shared_data("synthea_r4_us/dev.tar.xz")) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    // One of the archive's bundles is enough for a parser written in Python.
    let bundle = folder.path().join("bundles");
    python.make("take_bundles.py", &[&archive, &bundle, &"4"]);
    let study = folder.path().join("study");
    let imported = twinloom(&[&"import", &"--format", &"fhir", &bundle, &"--study", &study]);
    let statistics = twinloom(&[&"graph", &"build", &"--study", &study])["statistics"].clone();
    let output = folder.path().join("graph.ttl");
    export(&study, "turtle", &output);
    let read = python.run("check_turtle.py", &[&output]);
    assert_eq!(read["dangling"], 0);
    for (kind, table) in imported["report"]["tables"].as_object().expect("tables") {
        if table["kept"].as_u64() > Some(0) {
            assert_eq!(read["resources"][kind], table["kept"], "{kind}");
        }
    }
    let edges = |name: &str| statistics["edges_by_type"][name].as_u64().unwrap_or_default();
    let count = |query: &str| {
        let answer = twinloom(&[&"graph", &"query", &"--study", &study, &query]);
        answer["rows"][0][0].as_u64().expect("a count")
    };
    // Coded answers of Observations are codings too; parts of other artefacts are not told.
    let untold = count(
        "MATCH (e:Event)-[r:CODED_AS]->(:Concept) WHERE e.id CONTAINS '#' AND NOT e.id STARTS WITH 'Observation/' RETURN count(r)",
    );
    assert_eq!(read["codings"].as_u64(), Some(edges("CODED_AS") + edges("ANSWERED") - untold));
    let measured = count("MATCH (o:Observation) WHERE o.value IS NOT NULL RETURN count(o)");
    assert_eq!(read["quantities"].as_u64(), Some(measured));
    let patients = count("MATCH (p:Patient)-[:HAS_EVENT]->(:Condition) RETURN count(DISTINCT p)");
    assert_eq!(read["patients_with_condition"].as_u64(), Some(patients));
}
