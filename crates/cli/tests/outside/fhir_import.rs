//! FHIR import against a count by Python's `json`.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::harness::{Python, object_with, shared_data, twinloom};

#[test]
fn ref_resource_counts_equal_pythons() {
    let (Some(python), Some(archive)) = (Python::find(), shared_data("synthea_r4_us/dev.tar.xz")) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let study = folder.path().join("study");
    let printed = twinloom(&[&"import", &"--format", &"fhir", &archive, &"--study", &study]);
    let report = object_with(&printed, &["format", "tables", "subjects"]).expect("an import report");
    let counted = python.run("count_fhir.py", &[&archive]);

    let expected: BTreeMap<String, u64> =
        serde_json::from_value(counted["resources"].clone()).expect("counts by resource type");
    for (resource_type, count) in &expected {
        let table = &report["tables"][resource_type];
        assert_eq!(table["read"].as_u64(), Some(*count), "{resource_type} read");
    }
    for (resource_type, table) in report["tables"].as_object().expect("tables by name") {
        let number = |name: &str| table[name].as_u64().expect("a count");
        assert_eq!(number("read"), number("kept") + number("skipped"), "{resource_type} adds up");
        if number("skipped") > 0 {
            let reasons: u64 = table["problems"]
                .as_array()
                .expect("problems")
                .iter()
                .filter(|problem| problem["kind"] == "skipped")
                .map(|problem| problem["count"].as_u64().expect("a count"))
                .sum();
            assert_eq!(reasons, number("skipped"), "{resource_type}: every skipped item has a reason");
        }
    }
    assert_eq!(report["files"].as_u64(), counted["bundles"].as_u64(), "bundles read");

    let answer = twinloom(&[&"graph", &"query", &"--study", &study, &"MATCH (p:Patient) RETURN count(p)"]);
    assert_eq!(only_number(&answer["rows"]), Some(expected["Patient"]), "patients in the graph");
}

/// The number in a table of one row and one column, however rows are shaped.
fn only_number(value: &Value) -> Option<u64> {
    match value {
        Value::Array(items) if items.len() == 1 => only_number(&items[0]),
        Value::Object(map) if map.len() == 1 => map.values().next().and_then(only_number),
        other => other.as_u64(),
    }
}
