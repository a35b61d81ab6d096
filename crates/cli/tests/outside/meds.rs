//! MEDS files against Apache Arrow's own reader and writer, pyarrow.

use crate::harness::{Python, object_with, simulate, twinloom};

const PATIENTS: u32 = 40;

#[test]
fn ref_pyarrow_reads_our_meds() {
    let Some(python) = Python::find() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    simulate(folder.path(), PATIENTS);
    let checked = python.run("check_meds.py", &[&folder.path().join("events")]);
    assert_eq!(checked["subjects"].as_u64(), Some(u64::from(PATIENTS)));
    assert!(checked["events"].as_u64() > Some(u64::from(PATIENTS)), "events beyond one for each subject");
}

#[test]
fn ref_we_read_pyarrows_meds() {
    let Some(python) = Python::find() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (theirs, study) = (folder.path().join("theirs"), folder.path().join("study"));
    let made = python.run("make_meds.py", &[&theirs]);
    let printed = twinloom(&[&"import", &"--format", &"meds", &theirs, &"--study", &study]);
    let report = object_with(&printed, &["format", "tables", "subjects"]).expect("an import report");
    assert_eq!(report["subjects"], made["subjects"]);
    let events: u64 = report["tables"]
        .as_object()
        .expect("tables by name")
        .values()
        .map(|table| table["events"].as_u64().expect("a count"))
        .sum();
    assert_eq!(Some(events), made["events"].as_u64());
}
