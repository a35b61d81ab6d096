//! The edges between our crates are those of ARCHITECTURE.md, and no others.

use std::collections::BTreeMap;
use std::process::Command;

/// What each crate may use; `cli` may use all.
const ALLOWED: [(&str, &[&str]); 20] = [
    ("event", &[]),
    ("table", &[]),
    ("codes", &["event"]),
    ("privacy", &[]),
    ("records", &["event", "codes", "table"]),
    ("gmf", &["event"]),
    ("twin", &["event", "codes"]),
    ("views", &["event", "codes", "table"]),
    ("hypergraph", &["event"]),
    ("graph", &["event", "codes", "views", "hypergraph"]),
    ("text", &["event", "codes"]),
    ("neural", &[]),
    ("learn", &["event", "views", "graph", "neural", "privacy"]),
    ("synth", &["table", "privacy", "neural"]),
    ("pathways", &["event", "views", "codes"]),
    ("audit", &["event", "views", "privacy", "table"]),
    ("report", &["event"]),
    ("harness", &["event", "codes"]),
    ("serve", &["event", "records", "harness"]),
    ("cli", &[]),
];

const PREFIX: &str = "twinloom-";

/// Our crates and the crates of ours that each uses outside its tests, by short name.
fn edges() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs, since it runs this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let packages = metadata["packages"].as_array().expect("metadata lists packages");
    packages
        .iter()
        .map(|package| {
            let uses = package["dependencies"].as_array().expect("a package lists dependencies");
            let ours = uses
                .iter()
                .filter(|dependency| dependency["kind"].is_null())
                .filter_map(|dependency| dependency["name"].as_str()?.strip_prefix(PREFIX))
                .map(str::to_owned)
                .collect();
            let name = package["name"].as_str().expect("a package has a name");
            (name.strip_prefix(PREFIX).expect("our packages carry the prefix").to_owned(), ours)
        })
        .collect()
}

/// The edges of `found` that `ALLOWED` does not hold.
fn forbidden(found: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.into_iter().collect();
    let mut wrong = Vec::new();
    for (name, uses) in found.iter().filter(|(name, _)| *name != "cli") {
        match allowed.get(name.as_str()) {
            None => wrong.push(format!("{name} is not in ARCHITECTURE.md")),
            Some(may) => wrong.extend(
                uses.iter()
                    .filter(|used| !may.contains(&used.as_str()))
                    .map(|used| format!("{name} -> {used}")),
            ),
        }
    }
    wrong
}

#[test]
fn ref_edges_are_those_of_the_architecture() {
    let found = edges();
    assert!(found.contains_key("event"), "the workspace was not read");
    assert_eq!(forbidden(&found), Vec::<String>::new());
}

#[test]
fn regress_a_wrong_edge_is_seen() {
    let found = BTreeMap::from([("event".to_owned(), vec!["records".to_owned()])]);
    assert_eq!(forbidden(&found), ["event -> records"]);
}
