//! `learn benchmark` on the command line: figures, report, and what is refused.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn twinloom(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_twinloom"))
        .args(arguments)
        .arg("--json")
        .current_dir(folder)
        .output()
        .expect("the binary was built for this test")
}

fn document(arguments: &[&str], folder: &Path) -> Value {
    let output = twinloom(arguments, folder);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

const QUICK: [&str; 8] = ["--settings", "1", "--members", "1", "--replicates", "50", "--seed", "3"];

fn benchmark(task: &[&str], folder: &Path) -> Value {
    let words = ["learn", "benchmark", "--study", "s"];
    document(&[&words, task, QUICK.as_slice()].concat(), folder)
}

fn names(rows: &Value) -> Vec<&str> {
    rows.as_array().into_iter().flatten().filter_map(|row| row["name"].as_str()).collect()
}

#[test]
fn regress_figures_and_reports_of_one_outcome_and_of_several() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path();
    document(&["twin", "run", "--patients", "1500", "--years", "6", "--study", "s", "--seed", "3"], path);

    let models =
        "logistic-regression,boosted-trees,graphsage,graphsage-graph-removed,graphsage-labels-permuted";
    let found = benchmark(&["--task", "emergency-admission-12-months", "--models", models], path);
    let rows = [
        "logistic regression",
        "boosted trees",
        "GraphSAGE",
        "GraphSAGE, graph removed",
        "GraphSAGE, labels permuted",
    ];
    assert_eq!(names(&found["panels"][0]["rows"]), rows);
    // One pair with and without the graph, and the one network beside trees.
    let questions: Vec<&Value> =
        found["contrasts"].as_array().into_iter().flatten().map(|one| &one["question"]).collect();
    assert_eq!(questions, ["What the graph's edges add", "Against boosted trees on tables"]);
    assert_eq!(found["chance"][0]["chance"]["permutations"], 10);
    assert!(found["leakage"]["on_record"]["value"].is_number(), "{}", found["leakage"]);
    let groupings: Vec<&Value> =
        found["subgroups"][0]["rows"].as_array().into_iter().flatten().map(|row| &row["grouping"]).collect();
    assert!(
        groupings.contains(&&Value::from("sex")) && groupings.contains(&&Value::from("age band")),
        "{groupings:?}"
    );
    let page = fs::read_to_string(path.join("s/reports/benchmark-emergency-admission-12-months.html"));
    let page = page.expect("the report was written");
    for words in ["In short", "What the graph adds", "Act on everyone", "Numbers learned", "random dealings"]
    {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("NaN"));

    let task =
        ["--task", "next-diagnosis", "--diagnoses", "3", "--models", "logistic-regression,entity-embeddings"];
    let found = benchmark(&task, path);
    let outcomes = found["outcomes"].as_array().map_or(0, Vec::len);
    assert!((2..=3).contains(&outcomes), "{}", found["outcomes"]);
    assert_eq!(names(&found["several"]), ["logistic regression", "entity embeddings"]);
    for row in found["several"].as_array().into_iter().flatten() {
        assert_eq!(row["figures"]["auroc"].as_array().map_or(0, Vec::len), outcomes);
        assert!(row["figures"]["macro_auroc"]["value"].as_f64().is_some_and(|area| area > 0.5), "{row}");
    }
    let page = fs::read_to_string(path.join("s/reports/benchmark-next-diagnosis.html"));
    assert!(page.is_ok_and(|page| page.contains("Models over all diagnoses")));
    let predictions = fs::read_to_string(path.join("s/models/next-diagnosis/predictions.csv"));
    let predictions = predictions.expect("the predictions were written");
    assert!(predictions.starts_with("subject_id,prediction_time,predicted,outcome,model,fold,probability\n"));
}

#[test]
fn regress_what_is_not_known_is_refused_with_what_is() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let refused = |arguments: &[&str]| {
        let output =
            twinloom(&[["learn", "benchmark", "--study", "s"].as_slice(), arguments].concat(), folder.path());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let printed: Value = serde_json::from_slice(&output.stdout).expect("errors are JSON too");
        printed["error"].as_str().unwrap_or_default().to_owned()
    };
    let model = refused(&["--task", "onset-5-years", "--models", "oracle"]);
    assert!(model.contains("oracle is no model") && model.contains("graphsage-graph-removed"), "{model}");
    let condition = refused(&["--task", "onset-5-years", "--condition", "asthma"]);
    assert!(condition.contains("permitted: NAME=CODE"), "{condition}");
    let other = refused(&["--task", "mortality-5-years", "--condition", "asthma=SNOMED//1"]);
    assert!(other.contains("is about no condition's onset"), "{other}");
    assert!(refused(&["--task", "absent.yaml"]).contains("absent.yaml can't be read"));
    fs::write(folder.path().join("bad.yaml"), "predicates: 3").expect("a file");
    assert!(refused(&["--task", "bad.yaml"]).starts_with("bad.yaml"));
}
