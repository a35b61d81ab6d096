//! `twinloom hypergraph pairs`, from files to the network.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn twinloom(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_twinloom"))
        .args(["hypergraph", "pairs", "--quiet", "--people", "people.csv"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the binary was built for this test")
}

fn document(arguments: &[&str], folder: &Path) -> Value {
    let output = twinloom(&[arguments, &["--json"]].concat(), folder);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the output is JSON")
}

/// 600 people: gout follows obesity ten days later in half of those who have obesity, asthma is of its
/// own; the older half have twice the obesity.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut people = String::from("person,condition,date\n");
    let mut traits = String::from("person,sex,age\n");
    for person in 0..600 {
        let (sex, old) = (["female", "male"][person % 2], person % 4 < 2);
        writeln!(traits, "{person},{sex},{}", if old { "old" } else { "young" }).expect("text");
        let obese = person % if old { 5 } else { 10 } == 0;
        if obese {
            writeln!(people, "{person},obesity,2001-01-01").expect("text");
        }
        if (obese && person % 3 != 0) || person % 31 == 0 {
            writeln!(people, "{person},gout,2001-01-11").expect("text");
        }
        if person % 7 == 0 {
            writeln!(people, "{person},asthma,").expect("text");
        }
    }
    fs::write(folder.path().join("people.csv"), people).expect("a file");
    fs::write(folder.path().join("traits.csv"), traits).expect("a file");
    folder
}

const STRATA: [&str; 4] = ["--traits", "traits.csv", "--strata", "sex,age"];

#[test]
fn regress_the_network_of_a_file() {
    let folder = folder();
    let found = document(&[&STRATA[..], &["--graphml", "network.graphml"]].concat(), folder.path());
    assert_eq!(found["people"], 600);
    assert_eq!(found["strata"].as_array().map(Vec::len), Some(4));
    assert_eq!(found["pairs"].as_array().map(Vec::len), Some(3));
    let pair = found["pairs"]
        .as_array()
        .and_then(|pairs| {
            pairs.iter().find(|pair| pair["conditions"] == serde_json::json!(["gout", "obesity"]))
        })
        .expect("this pair is measured");
    assert!(pair["odds_ratio"]["estimate"].as_f64().is_some_and(|ratio| ratio > 20.0), "{pair}");
    let edges = found["network"]["edges"].as_array().expect("there are edges");
    assert_eq!(edges.len(), 1, "{edges:?}");
    assert_eq!(edges[0]["direction"], "backward");
    assert_eq!(edges[0]["days"]["median"], 10.0);
    let old = found["enrichment"]
        .as_array()
        .and_then(|rows| rows.iter().find(|row| row["group"] == "obesity" && row["level"] == "old"))
        .expect("this level is tested");
    assert!(old["z"].as_f64().is_some_and(|z| z > 2.0), "{old}");
    let graphml = fs::read_to_string(folder.path().join("network.graphml")).expect("it was written");
    assert_eq!(graphml.matches("<node ").count(), 3);
    let text = String::from_utf8(twinloom(&STRATA, folder.path()).stdout).expect("text");
    assert!(text.contains("obesity -> gout"), "{text}");
}

#[test]
fn law_threads_change_no_byte() {
    let folder = folder();
    let on =
        |threads| twinloom(&[&STRATA[..], &["--json", "--threads", threads]].concat(), folder.path()).stdout;
    let one = on("1");
    assert!(one.len() > 1000);
    assert_eq!(one, on("3"));
}

#[test]
fn regress_odd_files_have_defined_results() {
    let folder = folder();
    for people in [
        "person,condition,date\n",
        "person,condition,date\n1,asthma,2001-01-01\n1,gout,2001-01-01\n1,gout,\n",
        "person,condition,date\n1,asthma,\n1,gout,\n2,asthma,\n2,gout,\n",
    ] {
        fs::write(folder.path().join("people.csv"), people).expect("a file");
        let found = document(&["--conditions", "asthma,gout", "--least-each", "0"], folder.path());
        assert_eq!(found["pairs"].as_array().map(Vec::len), Some(1), "{people}");
        for pair in found["pairs"].as_array().expect("a list") {
            assert_eq!(pair["odds_ratio"]["absent"], "nothing-to-compare");
        }
        assert_eq!(found["network"]["edges"], serde_json::json!([]));
        assert!(twinloom(&[], folder.path()).status.success());
    }
}

#[test]
fn regress_what_is_not_permitted_is_named() {
    let folder = folder();
    for (arguments, message) in [
        (&["--strata", "height"][..], "no trait is called height"),
        (&["--alpha", "1.5"], "alpha is 1.5; permitted: above 0 and below 1"),
        (&["--resolution", "0"], "the resolution is 0; permitted: above 0"),
        (&["--runs", "0"], "no run was asked for; permitted: 1 or more"),
    ] {
        let output = twinloom(&[arguments, &["--json"]].concat(), folder.path());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said: Value = serde_json::from_slice(&output.stdout).expect("the error is JSON");
        assert!(said["error"].as_str().is_some_and(|error| error.contains(message)), "{said}");
    }
}
