//! `learn explain` and `learn embed` on the command line: reasons, maps, reports, and what is refused.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

fn twinloom(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_twinloom"))
        .args(arguments)
        .args(["--quiet", "--seed", "3"])
        .current_dir(folder)
        .output()
        .expect("the binary was built for this test")
}

fn document(arguments: &[&str], folder: &Path) -> Value {
    let output = twinloom(&[arguments, &["--json"]].concat(), folder);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

/// A small study of the twin, made once for the tests of one process.
fn study() -> &'static Path {
    static STUDY: OnceLock<TempDir> = OnceLock::new();
    let folder = STUDY.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        document(&["twin", "run", "--patients", "1500", "--years", "6", "--study", "s"], folder.path());
        folder
    });
    folder.path()
}

const TASK: [&str; 4] = ["--study", "s", "--task", "new-long-term-condition"];

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn explain(further: &[&str]) -> Value {
    document(&[&["learn", "explain"], &TASK[..], &["--judged", "20"], further].concat(), study())
}

/// What the parts of a person's explanation must be, whatever the model.
fn check_people(found: &Value) {
    for person in list(&found["people"]) {
        let probability = number(&person["probability"]);
        let reasons = list(&person["reasons"]);
        let sum: f64 = reasons.iter().map(|reason| number(&reason["weight"])).sum();
        let log_odds = sum + number(&person["expected_log_odds"]) + number(&person["remainder"]);
        assert!((1.0 / (1.0 + (-log_odds).exp()) - probability).abs() < 1e-4, "{probability}");
        assert!(
            reasons.iter().any(|reason| reason["last"].as_str().is_some_and(|last| last.starts_with("on 2")))
        );
        for deleted in list(&person["counterfactuals"]) {
            assert!((number(&deleted["before"]) - probability).abs() < 1e-5, "{deleted}");
            assert!(deleted["sentence"].as_str().is_some_and(|text| text.contains(" without ")), "{deleted}");
        }
    }
    let quality = &found["quality"];
    assert_eq!(quality["fidelity"]["plus"]["people"], 20);
    // 20 people only: what must hold of means without regard to their intervals.
    let [plus, random] = ["plus", "random"].map(|of| number(&quality["fidelity"][of]["value"]));
    assert!(plus > random, "{quality}");
    let [reseeded, randomised] = ["reseeded", "randomised"].map(|of| number(&quality[of]["value"]));
    assert!(reseeded > randomised, "{quality}");
}

#[test]
fn regress_reasons_deletions_and_their_worth_by_three_models() {
    let trees = explain(&["--model", "boosted-trees", "--highest", "2", "--report"]);
    check_people(&trees);
    let people = list(&trees["people"]);
    assert_eq!(people.len(), 2);
    assert!(number(&people[0]["probability"]) >= number(&people[1]["probability"]));
    for person in people {
        let points: f64 = list(&person["points"]).iter().map(|point| number(&point["adds"])).sum();
        assert!(points.abs() < 1.0 && person["needed_edges"].is_null(), "{points}");
    }
    assert!(number(&trees["second_opinion"]["value"]) > 0.5, "{}", trees["second_opinion"]);
    let page = study().join("s/reports/explanations-new-long-term-condition-boosted-trees.html");
    let page = fs::read_to_string(page).expect("the report was written");
    for words in ["not what causes the outcome", "Fidelity+", "What if: subject", "KernelSHAP"] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("NaN"));

    let subject = people[1]["subject_id"].to_string();
    let sage = explain(&["--model", "graphsage", "--subject", &subject]);
    check_people(&sage);
    let person = &sage["people"][0];
    assert_eq!(person["subject_id"].to_string(), subject);
    let edges = &person["needed_edges"];
    assert!(
        list(&edges["shares"]).iter().all(|edge| (0.0..=1.0).contains(&number(&edge["share"]))),
        "{edges}"
    );

    let attending = explain(&["--model", "transformer", "--highest", "1"]);
    assert!(!list(&attending["people"][0]["attended"]["shares"]).is_empty());
}

#[test]
fn regress_explanations_are_held_against_the_twins_causes() {
    let task = [
        "learn",
        "explain",
        "--study",
        "s",
        "--task",
        "new-long-term-condition",
        "--model",
        "logistic-regression",
    ];
    let found = document(&[&task[..], &["--judged", "40", "--highest", "1"]].concat(), study());
    let truth = &found["truth"];
    assert!(list(&truth["causes"]).iter().all(|cause| number(&cause["ratio"]) >= 1.1), "{truth}");
    assert!(truth["with_cause"].as_u64().is_some_and(|people| people > 5), "{truth}");
    let found = number(&truth["found"]["value"]);
    assert!((0.0..=1.0).contains(&found) && (0.0..=1.0).contains(&number(&truth["by_chance"]["value"])));
    assert!(truth["planted"].is_null(), "nothing was planted");
    let text = twinloom(&[&task[..], &["--judged", "5", "--highest", "1"]].concat(), study());
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    for words in
        ["Because", "the odds by a factor of", "True causes among the first reasons", "not what causes"]
    {
        assert!(text.contains(words), "{words} in {text}");
    }
}

#[test]
fn regress_vectors_maps_and_what_can_be_read_in_them() {
    let ask = [&["learn", "embed"], &TASK[..], &["--model", "graphsage", "--replicates", "50"]].concat();
    let found = document(&ask, study());
    let home = study().join("s/models/new-long-term-condition/vectors-graphsage");
    let files = ["patients.parquet", "patients.safetensors", "concepts.parquet", "concepts.safetensors"];
    let written = files.map(|file| fs::read(home.join(file)).expect("the file was written"));
    assert_eq!(list(&found["neighbours"]).len(), 6);
    for of in list(&found["neighbours"]) {
        let cosines: Vec<f64> = list(&of["nearest"]).iter().map(|near| number(&near["cosine"])).collect();
        assert!(cosines.len() == 5 && cosines.is_sorted_by(|one, next| one >= next), "{cosines:?}");
    }
    let probes: Vec<&Value> = list(&found["probes"]).iter().map(|row| &row["what"]).collect();
    assert_eq!(
        probes,
        ["female", "aged 65 and over", "in the two most deprived fifths", "the outcome itself"]
    );
    let outcome = &list(&found["probes"])[3]["auroc"];
    assert!(
        number(&outcome["lower"]) > 0.5 && number(&outcome["upper"]) > number(&outcome["value"]),
        "{outcome}"
    );
    let page = study().join("s/reports/vectors-new-long-term-condition-graphsage.html");
    let page = fs::read_to_string(page).expect("the report was written");
    assert!(page.contains("People by part of the study") && page.contains("UMAP") && !page.contains("NaN"));
    let manifest = fs::read_to_string(study().join("s/manifest.json")).expect("a manifest");
    assert!(manifest.contains("vectors/new-long-term-condition/graphsage"));

    let code = list(&found["neighbours"])[2]["code"].as_str().expect("a code").to_owned();
    let again = document(&[&ask[..], &["--concept", &code, "--threads", "1"]].concat(), study());
    assert_eq!(list(&again["neighbours"]).len(), 1);
    for (file, bytes) in files.iter().zip(written) {
        assert_eq!(fs::read(home.join(file)).expect("written again"), bytes, "{file} on one thread");
    }
}

#[test]
fn regress_what_can_not_be_asked_is_refused_with_what_can() {
    let refused = |verb: &str, further: &[&str]| {
        let output = twinloom(&[&["learn", verb], &TASK[..], further, &["--json"]].concat(), study());
        assert_eq!(output.status.code(), Some(2), "{further:?}");
        let printed: Value = serde_json::from_slice(&output.stdout).expect("errors are JSON too");
        format!(
            "{} {}",
            printed["error"].as_str().unwrap_or_default(),
            printed["hint"].as_str().unwrap_or_default()
        )
    };
    for (verb, further, words) in [
        ("explain", &["--model", "oracle"][..], "permitted: logistic-regression"),
        ("explain", &["--model", "graphsage-labels-permuted"], "can't be explained"),
        (
            "explain",
            &["--model", "logistic-regression", "--subject", "999999999"],
            "permitted: a subject held out",
        ),
        ("explain", &["--model", "logistic-regression", "--outcome", "2"], "permitted: 1 to 1"),
        ("explain", &["--model", "logistic-regression", "--settings", "9"], "permitted"),
        ("embed", &["--model", "boosted-trees"], "can't be explained"),
        ("embed", &["--model", "graphsage", "--concept", "SNOMED//1"], "no vector of SNOMED//1"),
    ] {
        let message = refused(verb, further);
        assert!(message.contains(words), "{further:?}: {message}");
    }
    let help = twinloom(&["learn", "explain", "--help"], study());
    assert!(String::from_utf8_lossy(&help.stdout).contains("Examples:"));
}
