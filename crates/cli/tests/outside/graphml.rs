//! GraphML against NetworkX's reader.

use crate::harness::{Python, simulate, twinloom};

const PATIENTS: u32 = 40;

#[test]
fn ref_networkx_reads_our_graphml() {
    let Some(python) = Python::find() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    simulate(folder.path(), PATIENTS);
    let output = folder.path().join("graph.graphml");
    let exported = twinloom(&[
        &"graph",
        &"export",
        &"--format",
        &"graphml",
        &"--study",
        &folder.path(),
        &"--output",
        &output,
    ]);
    let checked = python.run("check_graphml.py", &[&output]);
    assert_eq!(checked["labels"]["Patient"].as_u64(), Some(u64::from(PATIENTS)));
    for count in ["nodes", "edges"] {
        assert!(checked[count].as_u64() > Some(u64::from(PATIENTS)), "{count}");
        assert_eq!(checked[count], exported[count], "{count}");
    }
}
