//! The exports against their own counts and outside readers.

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use twinloom_graph::{ExportFormat, PropertyGraph};

/// Fields of each line of a CSV text, by a reader of its own.
fn parse_csv(text: &str) -> Vec<Vec<String>> {
    let mut lines = vec![vec![String::new()]];
    let mut quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let fields = lines.last_mut().expect("there is always a line");
        let field = fields.last_mut().expect("a line always has a field");
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            '\n' if !quoted => lines.push(vec![String::new()]),
            other => field.push(other),
        }
    }
    lines.pop();
    lines
}

fn read_csv(path: &Path) -> Vec<Vec<String>> {
    parse_csv(&std::fs::read_to_string(path).expect("the export is UTF-8"))
}

#[test]
fn regress_neo4j_headers_are_typed() {
    let folder = tempfile::tempdir().unwrap();
    let graph = PropertyGraph::build(&support::small_record()).unwrap();
    let files = graph.export(ExportFormat::Neo4j, folder.path()).unwrap();
    assert!(files.iter().all(|file| file.is_file()));
    let patients = read_csv(&folder.path().join("nodes/Patient.csv"));
    assert_eq!(
        patients[0].join(","),
        "id:ID(Patient),subject_id:long,sex:string,birth_year:long,imd_decile:long,ethnicity:string,:LABEL"
    );
    assert_eq!(patients[1].join(","), "1,1,female,1950,3,,Patient");
    let observations = read_csv(&folder.path().join("nodes/Observation.csv"));
    assert!(
        observations[0].join(",").starts_with("id:ID(Observation),time:localdatetime,known:localdatetime")
    );
    assert_eq!(observations[1].last().map(String::as_str), Some("Event;Observation"));
    let coded = read_csv(&folder.path().join("edges/Condition-CODED_AS-Concept.csv"));
    assert_eq!(
        coded[0].join(","),
        ":START_ID(Condition),:END_ID(Concept),:TYPE,known:localdatetime,rank:long"
    );
    assert_eq!(coded[1].join(","), "Condition/htn,ICD10//I10,CODED_AS,2020-02-01T10:00:00,0");
    let script = std::fs::read_to_string(folder.path().join("import.sh")).unwrap();
    assert!(script.contains("--nodes=nodes/Patient.csv") && script.contains("--id-type=string"));
    assert!(script.contains("--relationships=edges/Encounter-NEXT-Encounter.csv"));
}

/// The Python that has the outside readers, or `None` after saying that the test is skipped.
fn python() -> Option<std::ffi::OsString> {
    let python = std::env::var_os("TWINLOOM_TEST_PYTHON");
    if python.is_none() {
        let in_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
        assert!(!in_ci, "TWINLOOM_TEST_PYTHON is not set; ./test sets it");
        eprintln!("skipped: TWINLOOM_TEST_PYTHON names no Python with the outside readers; run ./test");
    }
    python
}

/// What a script of `tests/python` finds in an export.
fn outside(python: &std::ffi::OsStr, script: &str, path: &Path) -> serde_json::Value {
    let scripts = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/python"));
    let output = Command::new(python).arg(scripts.join(script)).arg(path).output().expect("Python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn ref_outside_readers_read_every_export_of_a_small_record() {
    let Some(python) = python() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let graph = PropertyGraph::build(&support::small_record()).unwrap();
    let statistics = graph.statistics();
    let read = |format: ExportFormat, script| {
        let path = folder.path().join(format.file_name());
        graph.export(format, &path).unwrap();
        outside(&python, script, &path)
    };
    let labels = serde_json::to_value(&statistics.nodes_by_label).unwrap();
    let types = serde_json::to_value(&statistics.edges_by_type).unwrap();

    let gexf = read(ExportFormat::Gexf, "check_gexf.py");
    assert_eq!((&gexf["labels"], &gexf["types"]), (&labels, &types));
    assert_eq!((&gexf["directed"], &gexf["mode"]), (&true.into(), &"dynamic".into()));
    let neo4j = read(ExportFormat::Neo4j, "check_neo4j.py");
    assert_eq!((&neo4j["nodes"], &neo4j["edges"]), (&labels, &types));

    // A visit of three events, one of one, and the profile of the patient with a condition.
    let hif = read(ExportFormat::Hif, "check_hif.py");
    assert_eq!(hif["kinds"], serde_json::json!({ "profile": 1, "visit": 2 }));
    assert_eq!((&hif["incidences"], &hif["events"], &hif["nodes"]), (&5.into(), &5.into(), &4.into()));

    let turtle = read(ExportFormat::Turtle, "check_turtle.py");
    let resources = serde_json::json!({
        "Condition": 1, "Encounter": 2, "Observation": 2, "Organization": 1, "Patient": 2
    });
    assert_eq!(turtle["resources"], resources);
    assert_eq!(
        turtle["codings"],
        statistics.edges_by_type["CODED_AS"] + statistics.edges_by_type["ANSWERED"]
    );
    assert_eq!((&turtle["quantities"], &turtle["dangling"]), (&2.into(), &0.into()));
    // Patients of two encounters and three resources, encounters of two, a reason and a provider.
    assert_eq!((&turtle["links"], &turtle["patients_with_condition"]), (&9.into(), &1.into()));
}

#[test]
fn ref_networkx_reads_the_graphml() {
    let Some(python) = python() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(ExportFormat::GraphMl.file_name());
    let graph = PropertyGraph::build(&support::small_record()).unwrap();
    graph.export(ExportFormat::GraphMl, &path).unwrap();
    let read = outside(&python, "check_graphml.py", &path);
    let statistics = graph.statistics();
    assert_eq!(read["nodes"], statistics.nodes);
    assert_eq!(read["edges"], statistics.edges);
    assert_eq!(read["directed"], true);
    assert_eq!(read["labels"], serde_json::to_value(&statistics.nodes_by_label).unwrap());
    assert_eq!(read["types"], serde_json::to_value(&statistics.edges_by_type).unwrap());
    for (property, kind) in [("value", "float"), ("birth_year", "int"), ("display", "str"), ("time", "str")] {
        assert_eq!(read["properties"][property], kind, "{property}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn law_exports_hold_every_node_and_edge(record in support::any_record()) {
        let folder = tempfile::tempdir().unwrap();
        let graph = PropertyGraph::build(&record).unwrap();
        let list = folder.path().join("edges.csv");
        graph.export(ExportFormat::EdgeList, &list).unwrap();
        let lines = read_csv(&list);
        prop_assert_eq!(lines.len() - 1, graph.edge_count());
        prop_assert!(lines.iter().all(|line| line.len() == 8));

        let neo4j = folder.path().join("neo4j");
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for file in graph.export(ExportFormat::Neo4j, &neo4j).unwrap() {
            if file.extension().is_some_and(|suffix| suffix == "csv") {
                let part = if file.starts_with(neo4j.join("nodes")) { "nodes" } else { "edges" };
                let lines = read_csv(&file);
                prop_assert!(lines.iter().all(|line| line.len() == lines[0].len()), "{}", file.display());
                *counts.entry(part).or_default() += lines.len() - 1;
            }
        }
        prop_assert_eq!(counts.get("nodes").copied().unwrap_or(0), graph.node_count());
        prop_assert_eq!(counts.get("edges").copied().unwrap_or(0), graph.edge_count());

        let graphml = folder.path().join("graph.graphml");
        graph.export(ExportFormat::GraphMl, &graphml).unwrap();
        let text = std::fs::read_to_string(&graphml).unwrap();
        prop_assert_eq!(text.matches("<node ").count(), graph.node_count());
        prop_assert_eq!(text.matches("<edge ").count(), graph.edge_count());
    }
}
