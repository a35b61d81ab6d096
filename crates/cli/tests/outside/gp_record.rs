//! The twin's GP record against two FHIR validators and our own importer.

use std::ffi::OsStr;

use crate::harness::{Python, object_with, shared_data, simulate, twinloom};

const PATIENTS: u32 = 60;

#[test]
fn ref_the_gp_record_is_valid_fhir() {
    let Some(python) = Python::find() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    simulate(folder.path(), PATIENTS);
    let records = folder.path().join("records/gp");
    let schema = shared_data("fhir_r4_definitions/fhir.schema.json.gz");
    let uk_core = shared_data("uk_core");
    let mut arguments: Vec<&dyn AsRef<OsStr>> = vec![&records];
    if let Some(schema) = &schema {
        arguments.extend([&"--schema" as &dyn AsRef<OsStr>, schema]);
    }
    if let Some(uk_core) = &uk_core {
        arguments.extend([&"--uk-core" as &dyn AsRef<OsStr>, uk_core]);
    }
    let checked = python.run("check_fhir.py", &arguments);
    assert_eq!(checked["bundles"].as_u64(), Some(u64::from(PATIENTS)));
    assert_eq!(checked["resources"]["Patient"].as_u64(), Some(u64::from(PATIENTS)));
    assert!(checked["references"].as_u64() > Some(u64::from(PATIENTS)), "resources refer to each other");
}

#[test]
fn law_the_gp_record_imports_without_loss() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (twin, again) = (folder.path().join("twin"), folder.path().join("again"));
    simulate(&twin, PATIENTS);
    let records = twin.join("records/gp");
    let printed = twinloom(&[&"import", &"--format", &"fhir", &records, &"--study", &again]);
    let report = object_with(&printed, &["format", "tables", "subjects"]).expect("an import report");
    assert_eq!(report["subjects"].as_u64(), Some(u64::from(PATIENTS)));
    for (resource_type, table) in report["tables"].as_object().expect("tables by name") {
        // Each bundle describes the practice anew, in the same words.
        let repeated: u64 = table["problems"]
            .as_array()
            .expect("problems")
            .iter()
            .filter(|problem| {
                let reason = problem["reason"].as_str().unwrap_or_default();
                resource_type == "Organization" && reason.contains("with the same content")
            })
            .filter_map(|problem| problem["count"].as_u64())
            .sum();
        assert_eq!(table["skipped"].as_u64(), Some(repeated), "{resource_type} skipped");
    }
}
