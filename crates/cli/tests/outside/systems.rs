//! The systems' tables against Apache Arrow's own reader, pyarrow, and the ledger's sums.

use crate::harness::{Python, simulate, twinloom};

const PATIENTS: u32 = 50;

#[test]
fn ref_pyarrow_reads_the_systems_and_their_ledger() {
    let Some(python) = Python::find() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let printed = simulate(folder.path(), PATIENTS);
    let checked = python.run("check_systems.py", &[&folder.path()]);
    assert_eq!(checked["people"].as_u64(), Some(u64::from(PATIENTS)));
    assert_eq!(checked["ledger"], printed["ledger_entries"]);
    let rows: u64 = checked["systems"]
        .as_object()
        .expect("rows by system")
        .values()
        .filter_map(serde_json::Value::as_u64)
        .sum();
    assert_eq!(Some(rows), printed["artefacts"].as_u64());
    assert!(rows > 5_000, "{rows}");

    let sums = twinloom(&[&"twin", &"ledger", &"--study", &folder.path()]);
    assert_eq!(sums["entries"], checked["ledger"]);
    let systems = sums["systems"].as_array().expect("a row for each system");
    assert_eq!(systems.len(), 8);
    for system in systems {
        let name = system["system"].as_str().expect("a name");
        assert_eq!(system["recorded"], checked["systems"][name], "{name}");
        let [recorded, faithful, in_error] =
            ["recorded", "faithful", "in_error"].map(|key| system[key].as_u64().expect("a count"));
        assert!(in_error <= faithful && recorded <= faithful + in_error, "{system}");
    }
    assert!(sums["errors"].as_array().expect("rows").len() > 20);
}
