//! MEDS files against Apache Arrow's own reader and writer, pyarrow.

use std::fs;

use crate::harness::{Python, object_with, shared_data, simulate, twinloom};

const PATIENTS: u32 = 40;

#[test]
fn ref_pyarrow_reads_our_meds() {
    let Some(python) = Python::find() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let printed = simulate(folder.path(), PATIENTS);
    let written = object_with(&printed, &["subjects", "events", "codes"]).expect("what was written");
    let checked = python.run("check_meds.py", &[&folder.path().join("events")]);
    assert_eq!(checked["subjects"].as_u64(), Some(u64::from(PATIENTS)));
    assert!(checked["rows"].as_u64() > Some(u64::from(PATIENTS)), "rows beyond one for each subject");
    for (theirs, ours) in [("rows", "events"), ("codes", "codes")] {
        assert_eq!(checked[theirs], written[ours], "{theirs}");
    }
}

#[test]
fn ref_we_read_pyarrows_meds() {
    let Some(python) = Python::find() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (theirs, study) = (folder.path().join("theirs"), folder.path().join("study"));
    python.make("make_meds.py", &[&theirs]);
    let printed = twinloom(&[&"import", &"--format", &"meds", &theirs, &"--study", &study]);
    let written = object_with(&printed, &["subjects", "events", "codes"]).expect("what was written");
    // pyarrow reads back what we made of its own files: two subjects with four rows between them.
    let checked = python.run("check_meds.py", &[&study.join("events")]);
    for (theirs, ours, count) in [("subjects", "subjects", 2), ("rows", "events", 4)] {
        assert_eq!(checked[theirs].as_u64(), Some(count), "{theirs}");
        assert_eq!(written[ours].as_u64(), Some(count), "{ours}");
    }
}

/// The framework's events go to Parquet by an encoder of our own, so an outside reader has the last word.
#[test]
fn ref_pyarrow_reads_what_synthea_modules_make() {
    let (Some(python), Some(modules)) = (Python::find(), shared_data("synthea_modules/modules")) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let run = |name: &str, threads: &str| {
        let study = folder.path().join(name);
        let printed = twinloom(&[
            &"twin",
            &"gmf",
            &"--modules",
            &modules,
            &"--population",
            &"130",
            &"--threads",
            &threads,
            &"--study",
            &study,
        ]);
        (study, printed)
    };
    let (study, printed) = run("one", "1");
    let checked = python.run("check_meds.py", &[&study.join("events")]);
    for (theirs, ours) in [("rows", "events"), ("subjects", "subjects"), ("codes", "codes")] {
        assert_eq!(checked[theirs], printed["study"]["written"][ours], "{theirs}");
    }
    assert_eq!(checked["rows"], printed["summary"]["events"]);
    for (column, kind) in [
        ("subject_id", "int64"),
        ("time", "timestamp[us]"),
        ("end_time", "timestamp[us]"),
        ("code", "string"),
        ("numeric_value", "float"),
        ("encounter_id", "string"),
        ("unit", "string"),
        ("kind", "string"),
        ("module_state", "large_string"),
        ("category", "large_string"),
        ("images", "int64"),
        ("administration", "bool"),
    ] {
        assert_eq!(checked["columns"][column], kind, "{column}");
    }
    let (again, _) = run("two", "2");
    let bytes =
        |study: &std::path::Path| fs::read(study.join("events/data/00000.parquet")).expect("a data file");
    assert!(bytes(&study) == bytes(&again), "one thread and two write different bytes");
}
