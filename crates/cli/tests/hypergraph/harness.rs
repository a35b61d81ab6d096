//! Runs the binary on a few people, and reads what it prints.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

pub(crate) const LETTERS: [&str; 4] = ["A", "B", "C", "D"];

pub(crate) fn twinloom(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_twinloom"))
        .args(["hypergraph"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the binary was built for this test")
}

/// The document of a run that must succeed; every number in it is one.
pub(crate) fn json(arguments: &[&str], folder: &Path) -> Value {
    let output = twinloom(&[arguments, &["--json"]].concat(), folder);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    let text = String::from_utf8(output.stdout).expect("JSON is UTF-8");
    let document = serde_json::from_str(&text).expect("the output is JSON");
    no_nothing(&document, "");
    document
}

/// JSON has no NaN: a writer makes it null. Only a limit that was not met may be null.
pub(crate) fn no_nothing(value: &Value, place: &str) {
    match value {
        Value::Null => assert!(place.ends_with("/largest_size"), "nothing at {place}"),
        Value::Array(entries) => entries.iter().for_each(|entry| no_nothing(entry, place)),
        Value::Object(fields) => {
            fields.iter().for_each(|(name, entry)| no_nothing(entry, &format!("{place}/{name}")));
        }
        _ => {}
    }
}

/// People as CSV: a condition a day in order, those with `&` between on one day.
pub(crate) fn csv(orders: &[&str]) -> String {
    let mut text = String::from("person,condition,date\n");
    for (person, order) in orders.iter().enumerate() {
        for (day, tied) in order.split_whitespace().enumerate() {
            for condition in tied.split('&') {
                text += &["p", &person.to_string(), ",", condition, ",2001-01-1", &day.to_string(), "\n"]
                    .concat();
            }
        }
        if order.is_empty() {
            text += &["p", &person.to_string(), ",,\n"].concat();
        }
    }
    text
}

pub(crate) fn folder_with(orders: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    fs::write(folder.path().join("people.csv"), csv(orders)).expect("a file");
    folder
}

/// To 1e-9 of the digits printed, which are ten at least.
pub(crate) fn near(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-9 * (1.0 + expected.abs())
}

pub(crate) fn strings(value: &Value) -> Vec<&str> {
    value.as_array().expect("a list").iter().map(|entry| entry.as_str().expect("a text")).collect()
}

pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(number).collect()
}

pub(crate) fn same(found: &BTreeMap<String, f64>, expected: &BTreeMap<String, f64>, what: &str) {
    let keys = |map: &BTreeMap<String, f64>| map.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(found), keys(expected), "{what}");
    for (key, expected) in expected {
        assert!(near(found[key], *expected), "{what}, {key}: {} for {expected}", found[key]);
    }
}

pub(crate) fn all_near(found: &[f64], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(near(*found, *expected), "{what}, {place}: {found} for {expected}");
    }
}

pub(crate) fn progression_name(arc: &Value) -> String {
    format!("{} -> {}", strings(&arc["tail"]).join(", "), arc["head"].as_str().expect("a head"))
}

pub(crate) fn weights_by_name(document: &Value) -> BTreeMap<String, f64> {
    let sets = document["sets"].as_array().expect("sets").iter();
    sets.map(|set| (strings(&set["members"]).join(" "), number(&set["weight"]))).collect()
}
