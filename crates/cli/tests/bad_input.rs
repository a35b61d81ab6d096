//! Bad input: a clear message with file and position, the rest imported, and the right exit code.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const SOMETHING_KEPT: Option<i32> = Some(0);
const NOTHING_KEPT: Option<i32> = Some(2);

fn twinloom(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_twinloom"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the binary was built for this test")
}

fn import(format: &str, path: &str, folder: &Path) -> (Option<i32>, Value, String) {
    let output = twinloom(&["import", "--format", format, path, "--study", "study", "--json"], folder);
    let printed = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code(), printed, String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Every reason of a report with its first place.
fn problems(printed: &Value) -> Vec<(String, String)> {
    let tables = printed["report"]["tables"].as_object().expect("tables by name");
    tables
        .values()
        .flat_map(|table| table["problems"].as_array().expect("problems"))
        .map(|problem| {
            let place = &problem["first"][0];
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            (text(&problem["reason"]), format!("{}:{}", text(&place["file"]), place["position"]))
        })
        .collect()
}

#[test]
fn regress_one_bad_line_costs_only_itself() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let lines: [&[u8]; 4] = [
        br#"{"resourceType":"Patient","id":"1","gender":"female"}"#,
        br#"{"resourceType":"Pati"#,
        b"{\"resourceType\":\"Patient\",\"id\":\"\xff\"}",
        br#"{"resourceType":"Condition","id":"c","code":{"text":"cough"}}"#,
    ];
    fs::write(folder.path().join("mixed.ndjson"), lines.join(&b"\n"[..])).expect("a file");
    let (code, printed, _) = import("fhir", "mixed.ndjson", folder.path());
    assert_eq!(code, SOMETHING_KEPT);
    assert_eq!(printed["report"]["subjects"], 1);
    let found = problems(&printed);
    for (reason, line) in [("invalid JSON", 2), ("not UTF-8", 3), ("no subject", 4)] {
        assert!(
            found
                .iter()
                .any(|(text, place)| text.starts_with(reason) && place.ends_with(&format!(":{line}"))),
            "{reason} at line {line} among {found:?}"
        );
    }
}

#[test]
fn regress_nothing_kept_is_exit_code_2() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    fs::create_dir(folder.path().join("empty")).expect("a folder");
    fs::write(folder.path().join("text.json"), "not JSON at all").expect("a file");
    for format in ["fhir", "meds", "eicu", "mimic", "omop"] {
        assert_eq!(import(format, "empty", folder.path()).0, NOTHING_KEPT, "{format}");
    }
    assert_eq!(import("fhir", "text.json", folder.path()).0, NOTHING_KEPT);
    let (code, printed, message) = import("fhir", "nowhere.json", folder.path());
    assert_eq!(code, NOTHING_KEPT);
    assert!(message.contains("nowhere.json"), "{message}");
    assert!(printed["error"].as_str().is_some_and(|error| error.contains("nowhere.json")), "{printed}");
}

#[test]
fn regress_a_folder_that_is_no_study_is_left_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    fs::write(folder.path().join("patient.json"), r#"{"resourceType":"Patient","id":"1"}"#).expect("a file");
    fs::create_dir(folder.path().join("study")).expect("a folder");
    fs::write(folder.path().join("study/thesis.txt"), "years of work").expect("a file");
    assert_eq!(import("fhir", "patient.json", folder.path()).0, NOTHING_KEPT);
    assert!(folder.path().join("study/thesis.txt").is_file());
    let output = twinloom(&["study", "show", "--study", "study"], folder.path());
    assert_eq!(output.status.code(), NOTHING_KEPT);
}

#[test]
fn regress_an_unknown_task_names_the_known_ones() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let output = twinloom(&["learn", "benchmark", "--study", "study", "--task", "fortune"], folder.path());
    assert_eq!(output.status.code(), NOTHING_KEPT);
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("in-hospital-mortality"), "{message}");
}

#[test]
fn regress_a_question_that_is_no_query_says_where() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    fs::write(folder.path().join("patient.json"), r#"{"resourceType":"Patient","id":"1"}"#).expect("a file");
    assert_eq!(import("fhir", "patient.json", folder.path()).0, SOMETHING_KEPT);
    let output =
        twinloom(&["graph", "query", "--study", "study", "MATCH (p:Patient RETURN p"], folder.path());
    assert_eq!(output.status.code(), NOTHING_KEPT);
    assert!(!output.stderr.is_empty());
}

#[test]
fn regress_a_population_of_nobody_or_too_many_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let module = r#"{ "name": "m", "states": { "Initial": { "type": "Initial", "direct_transition": "End" },
        "End": { "type": "Terminal" } } }"#;
    fs::create_dir(folder.path().join("modules")).expect("a folder");
    fs::write(folder.path().join("modules/m.json"), module).expect("a file");
    for population in ["0", "100000001"] {
        for further in [&[][..], &["--study", "study"][..]] {
            let run = ["twin", "gmf", "--modules", "modules", "--population", population];
            let output = twinloom(&[&run[..], further].concat(), folder.path());
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(!output.status.success());
            assert!(errors.contains("permitted: 1 to 100000000"), "{errors}");
            assert!(!folder.path().join("study").exists());
        }
    }
}
