//! MEDS files against Apache Arrow's own reader and writer, pyarrow.

use crate::harness::{Python, object_with, simulate, twinloom};

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
