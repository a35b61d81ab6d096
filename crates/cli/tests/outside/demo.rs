//! The demonstration gives the same bytes whatever the thread count.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::harness::twinloom;

/// The one file that says how a run went on its machine (docs/decisions/002).
const TIMINGS: &str = "timings.json";

#[test]
fn law_threads_do_not_change_a_byte() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    // One place for both, since a manifest names its inputs: the second run replaces the first.
    let study = folder.path().join("study");
    let mut runs = ["1", "2"].map(|threads| {
        twinloom(&[
            &"demo",
            &"--patients",
            &"500",
            &"--seed",
            &"5",
            &"--threads",
            &threads,
            &"--study",
            &study,
        ]);
        (projections(&study), files(&study))
    });
    let (rebuildable, first) = std::mem::take(&mut runs[0]);
    let (_, second) = std::mem::take(&mut runs[1]);
    let compared = |name: &&String| {
        *name != TIMINGS && !rebuildable.iter().any(|folder| name.starts_with(folder.as_str()))
    };
    let names: Vec<&String> = first.keys().filter(compared).collect();
    assert_eq!(names, second.keys().filter(compared).collect::<Vec<_>>(), "the same files");
    assert!(
        names.iter().any(|name| Path::new(name).extension().is_some_and(|suffix| suffix == "html")),
        "a report among {names:?}"
    );
    for name in names {
        assert!(first[name] == second[name], "{name} differs between 1 and 2 threads");
    }
    let report = String::from_utf8_lossy(&first["reports/study.html"]);
    for words in [
        "Long-term conditions that go together",
        "Which conditions come first",
        "in the most and the least deprived fifth",
        "Standardised by age and sex",
        "95% intervals from 200 resamples",
        "below 10, or where a small number could be worked out from others, they are withheld",
    ] {
        assert!(report.contains(words), "the report says {words:?}");
    }
    let (shown, _script) = report.split_once("<script>").expect("a neighbourhood to explore");
    assert!(!shown.contains("NaN") && !shown.contains(">inf"));
}

/// Folders that the manifest calls rebuildable: the graph database's own files.
fn projections(study: &Path) -> Vec<String> {
    let bytes = fs::read(study.join("manifest.json")).expect("a manifest");
    let manifest: serde_json::Value = serde_json::from_slice(&bytes).expect("a manifest in JSON");
    let steps = manifest["steps"].as_object().expect("steps by name");
    steps
        .values()
        .filter_map(|step| step["projections"].as_array())
        .flatten()
        .filter_map(|path| path.as_str().map(str::to_owned))
        .collect()
}

fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).expect("below the root").to_string_lossy().into_owned();
                found.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    found
}
