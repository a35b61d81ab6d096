//! `privacy epsilon` and `calibrate` on the command line.

use std::process::{Command, Output};

use serde_json::Value;

fn twinloom(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_twinloom"));
    command.arg("privacy").args(arguments).arg("--json");
    command.output().expect("the binary was built for this test")
}

fn document(arguments: &[&str]) -> Value {
    let output = twinloom(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

const STEPS: [&str; 6] = ["--sampling-rate", "0.01", "--steps", "1000", "--delta", "1e-5"];

#[test]
fn ref_epsilon_is_that_of_dp_accounting() {
    // dp-accounting 0.6.0: RDP 2.101, PLD 1.829 (prv-accountant's estimate 1.828).
    let found = document(&[&["epsilon", "--noise-multiplier", "1"], STEPS.as_slice()].concat());
    let near =
        |found: &Value, expected: f64| found.as_f64().is_some_and(|found| (found - expected).abs() < 1.5e-3);
    assert!(near(&found["rdp"], 2.101) && near(&found["pld"]["upper"], 1.829), "{found}");
    assert!(found["pld"]["lower"].as_f64() <= found["pld"]["upper"].as_f64());
}

#[test]
fn law_calibration_inverts_epsilon() {
    for accountant in ["pld", "rdp"] {
        let asked = ["calibrate", "--target-epsilon", "1", "--accountant", accountant];
        let found = document(&[&asked, STEPS.as_slice()].concat());
        let back = if accountant == "pld" { &found["pld"]["upper"] } else { &found["rdp"] };
        assert!(
            back.as_f64().is_some_and(|back| (0.995..=1.000_01).contains(&back)),
            "{accountant}: {found}"
        );
    }
}

#[test]
fn regress_what_can_not_be_promised_is_refused() {
    for arguments in [
        ["epsilon", "--noise-multiplier", "0", "--sampling-rate", "0.01", "--steps", "10", "--delta", "1e-5"],
        ["epsilon", "--noise-multiplier", "1", "--sampling-rate", "1.5", "--steps", "10", "--delta", "1e-5"],
        ["epsilon", "--noise-multiplier", "1", "--sampling-rate", "0.01", "--steps", "10", "--delta", "1"],
        ["epsilon", "--noise-multiplier", "1", "--sampling-rate", "0.01", "--steps", "10", "--delta", "0"],
        ["epsilon", "--noise-multiplier", "1", "--sampling-rate", "0.01", "--steps", "0", "--delta", "1e-5"],
        ["calibrate", "--target-epsilon", "0", "--sampling-rate", "0.01", "--steps", "10", "--delta", "1e-5"],
        [
            "calibrate",
            "--target-epsilon",
            "NaN",
            "--sampling-rate",
            "0.01",
            "--steps",
            "10",
            "--delta",
            "1e-5",
        ],
    ] {
        let output = twinloom(&arguments);
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
    }
}
