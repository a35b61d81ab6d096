//! `audit epsilon` on the command line, against computed bounds.

use std::process::{Command, Output};

use serde_json::Value;

fn audit(arguments: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_twinloom"))
        .args(["audit", "epsilon", "--json"])
        .args(arguments.split_whitespace())
        .output()
        .expect("the binary was built for this test")
}

fn lower(arguments: &str) -> f64 {
    let output = audit(arguments);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    document["audited"]["lower"].as_f64().expect("a bound")
}

#[test]
fn ref_one_run_bounds_are_those_computed() {
    // Bounds of Steinke, Nasr and Jagielski's method (NeurIPS 2023, appendix D), computed by their program.
    for (canaries, guesses, correct, bound) in [
        (1000, 100, 60, 0.049_548_660_644_846_09),
        (1000, 100, 80, 0.955_318_534_955_255_3),
        (1000, 100, 100, 3.465_376_347_811_045),
        (5000, 500, 490, 3.335_669_689_093_166),
        (1000, 1000, 560, 0.134_262_497_863_632_65),
    ] {
        let found =
            lower(&format!("--canaries {canaries} --guesses {guesses} --correct {correct} --delta 1e-5"));
        assert!((found - bound).abs() < 1e-6, "{found} is not {bound}");
    }
}

#[test]
fn ref_clopper_pearson_bounds_are_those_computed() {
    // ln((TPR - delta) / FPR) at Clopper-Pearson limits of 97.5 % each, by scipy's beta quantiles.
    for ([hits, misses, alarms, quiet], bound) in [
        ([260, 240, 250, 250], 0.0),
        ([400, 100, 100, 400], 1.164_810_958_883_604_6),
        ([1000, 0, 0, 1000], 5.600_577_494_291_635_5),
        ([50, 950, 2, 998], 1.644_782_338_574_844_6),
    ] {
        let found = lower(&format!(
            "--true-positives {hits} --false-negatives {misses} --false-positives {alarms} --true-negatives {quiet} \
             --delta 1e-5"
        ));
        assert!((found - bound).abs() < 1e-6, "{found} is not {bound}");
    }
}

#[test]
fn law_a_claim_below_the_bound_is_refused() {
    let counts = "--canaries 1000 --guesses 100 --correct 95 --delta 1e-5 --claimed-epsilon";
    assert_eq!(audit(&format!("{counts} 1")).status.code(), Some(1));
    assert_eq!(audit(&format!("{counts} 3")).status.code(), Some(0));
}

#[test]
fn regress_counts_that_do_not_nest_are_bad_input() {
    for arguments in [
        "",
        "--canaries 10 --guesses 20 --correct 5",
        "--canaries 10 --guesses 5 --correct 6",
        "--canaries 10",
        "--canaries 10 --guesses 5 --correct 5 --delta 1",
        "--canaries 10 --guesses 5 --correct 5 --confidence 0",
        "--canaries 10 --guesses 5 --correct 5 --claimed-epsilon -1",
        "--true-positives 0 --false-negatives 0 --false-positives 0 --true-negatives 0",
    ] {
        assert_eq!(audit(arguments).status.code(), Some(2), "{arguments}");
    }
}
