//! Runs the binary and the Python scripts, and finds the shared data.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// An interpreter that has the outside readers' packages.
pub(crate) struct Python(PathBuf);

impl Python {
    /// The interpreter, or `None` after saying that the test is skipped.
    pub(crate) fn find() -> Option<Self> {
        if let Some(path) = std::env::var_os("TWINLOOM_TEST_PYTHON") {
            return Some(Self(path.into()));
        }
        let in_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
        assert!(!in_ci, "TWINLOOM_TEST_PYTHON is not set; ./test sets it");
        eprintln!("skipped: TWINLOOM_TEST_PYTHON names no Python with the outside readers; run ./test");
        None
    }

    /// Runs a script of `tests/python` and parses the JSON it prints.
    pub(crate) fn run(&self, script: &str, arguments: &[&dyn AsRef<OsStr>]) -> Value {
        json(script, &self.make(script, arguments))
    }

    /// Runs a script of `tests/python` to its good end.
    pub(crate) fn make(&self, script: &str, arguments: &[&dyn AsRef<OsStr>]) -> Output {
        let path = workspace().join("tests/python").join(script);
        let output = Command::new(&self.0).arg(path).args(arguments).output().expect("Python starts");
        assert_success(script, &output);
        output
    }
}

/// Runs `twinloom ARGUMENTS --json --quiet` and parses what it prints.
pub(crate) fn twinloom(arguments: &[&dyn AsRef<OsStr>]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_twinloom"))
        .args(arguments)
        .args(["--json", "--quiet"])
        .output()
        .expect("the binary was built beside this test");
    json("twinloom", &output)
}

/// A small simulated study in `folder`.
pub(crate) fn simulate(folder: &Path, patients: u32) -> Value {
    let count = patients.to_string();
    twinloom(&[&"twin", &"run", &"--patients", &count, &"--seed", &"11", &"--study", &folder])
}

/// A file or folder of the shared data, or `None` after saying that the test is skipped.
pub(crate) fn shared_data(path: &str) -> Option<PathBuf> {
    let found = workspace().join("../shared/data").join(path);
    if found.exists() {
        return Some(found);
    }
    eprintln!("skipped: ../shared/data/{path} is absent");
    None
}

/// The first object below `value` that has all the `keys`.
pub(crate) fn object_with<'v>(value: &'v Value, keys: &[&str]) -> Option<&'v Value> {
    match value {
        Value::Object(map) if keys.iter().all(|key| map.contains_key(*key)) => Some(value),
        Value::Object(map) => map.values().find_map(|child| object_with(child, keys)),
        Value::Array(items) => items.iter().find_map(|child| object_with(child, keys)),
        _ => None,
    }
}

fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn assert_success(program: &str, output: &Output) {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} ended with {}:\n{errors}", output.status);
}

fn json(program: &str, output: &Output) -> Value {
    assert_success(program, output);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{program} printed no JSON ({error}): {}", String::from_utf8_lossy(&output.stdout))
    })
}
