//! `audit disclosure` and `audit fairness` on the command line.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn twinloom(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_twinloom"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the binary was built for this test")
}

fn document(arguments: &[&str], folder: &Path) -> Value {
    let output = twinloom(&[arguments, &["--json"]].concat(), folder);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

#[test]
fn ref_disclosure_of_a_table_counted_by_hand() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path();
    // Two classes of two and one row alone; the class of b and 40 has one secret.
    let rows = "sex,age,secret\na,30,x\na,30,y\nb,40,x\nb,40,x\nb,50,y\n";
    fs::write(path.join("table.csv"), rows).expect("the folder is ours");
    let people = "sex,age\na,30\na,30\na,30\nb,40\nb,40\nb,50\nb,50\nb,60\n";
    fs::write(path.join("people.csv"), people).expect("the folder is ours");
    let arguments = [
        "audit",
        "disclosure",
        "table.csv",
        "--quasi-identifiers",
        "sex,age",
        "--sensitive",
        "secret",
        "--population",
        "1000",
        "--population-table",
        "people.csv",
        "--report",
        "page.html",
    ];
    let found = document(&arguments, path);
    let counts = ["rows", "classes", "k_anonymity", "rows_below_5", "k_map"].map(|name| found[name].as_u64());
    assert_eq!(counts, [Some(5), Some(3), Some(1), Some(5), Some(2)]);
    assert_eq!(found["unique"].as_f64(), Some(0.2));
    let secret = &found["sensitive"][0];
    assert_eq!((secret["distinct_l"].as_u64(), secret["entropy_l"].as_f64()), (Some(1), Some(1.0)));
    // The class of b and 50 holds y alone, of which the table holds 2 in 5.
    assert!((secret["t"].as_f64().unwrap_or(0.0) - 0.6).abs() < 1e-9, "{secret}");
    assert_eq!(found["delta_presence"][0].as_f64(), Some(0.0));
    assert_eq!(found["delta_presence"][1].as_f64(), Some(1.0));
    let parts = found["risk_by_field"].as_array().expect("a part for each field");
    let sum: f64 = parts.iter().filter_map(|part| part["share"]["value"].as_f64()).sum();
    assert!((sum - 0.2).abs() < 1e-9, "{parts:?}");
    let page = fs::read_to_string(path.join("page.html")).expect("the report was written");
    assert!(page.contains("1-anonymous") && page.contains("Which fields make people unique"));
}

/// In group b the model overlooks people whom it would find in group a.
fn predictions() -> String {
    let mut text = "person,label,probability,sex,age\n".to_owned();
    for row in 0..2_000_u64 {
        let label = row.wrapping_mul(2_654_435_761) % 3 == 0;
        let noise = (row.wrapping_mul(7919) % 1000) as f64 / 2000.0;
        let lifted = if label { noise + 0.45 } else { noise };
        let (sex, lifted) = if row % 2 == 0 { ("a", lifted) } else { ("b", 0.6 * lifted) };
        let (label, age) = (if label { "yes" } else { "no" }, if row % 5 < 2 { "old" } else { "young" });
        // Writing into a String can't fail.
        let _ = writeln!(text, "p{row},{label},{lifted:.4},{sex},{age}");
    }
    text
}

#[test]
fn law_a_group_that_is_overlooked_is_found_and_thresholds_mend_it() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path();
    fs::write(path.join("predictions.csv"), predictions()).expect("the folder is ours");
    let arguments = [
        "audit",
        "fairness",
        "predictions.csv",
        "--group",
        "sex,age",
        "--subject",
        "person",
        "--replicates",
        "100",
        "--report",
        "page.html",
    ];
    let found = document(&arguments, path);
    let groupings = found["groupings"].as_array().expect("sex, age, and both");
    assert_eq!(groupings.len(), 3);
    let by_sex = &groupings[0];
    let gap = |fairness: &Value| fairness["equal_opportunity"]["value"].as_f64().expect("it is defined");
    assert!(by_sex["fairness"]["equal_opportunity"]["lower"].as_f64() > Some(0.3), "{by_sex}");
    assert!(gap(&by_sex["thresholds"]["before"]) > 0.3);
    // A thousand judged people, a third with the outcome: a standard error of 0.04 at most.
    assert!(gap(&by_sex["thresholds"]["after"]) < 0.15, "{}", by_sex["thresholds"]["after"]);
    assert!(gap(&groupings[1]["fairness"]) < 0.15);
    assert_eq!(by_sex["reweighing"].as_array().map(Vec::len), Some(2));
    let page = fs::read_to_string(path.join("page.html")).expect("the report was written");
    assert!(page.contains("By sex x age") && !page.contains("NaN"));
}

#[test]
fn regress_what_can_not_be_judged_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path();
    fs::write(path.join("p.csv"), "label,probability,sex\n1,0.4,a\n0,0.2,b\n").expect("the folder is ours");
    fs::write(path.join("odd.csv"), "label,probability,sex\n1,1.4,a\n").expect("the folder is ours");
    fs::write(path.join("words.csv"), "label,probability,sex\nperhaps,0.4,a\n").expect("the folder is ours");
    fs::write(path.join("none.csv"), "label,probability,sex\n").expect("the folder is ours");
    for (arguments, part) in [
        (&["fairness", "p.csv", "--group", "age"][..], "no column age"),
        (&["fairness", "p.csv", "--group", "sex", "--threshold", "2"], "permitted: 0 to 1"),
        (&["fairness", "odd.csv", "--group", "sex"], "no probability"),
        (&["fairness", "words.csv", "--group", "sex"], "tells no outcome"),
        (&["fairness", "none.csv", "--group", "sex"], "permitted"),
        (&["fairness", "missing.csv", "--group", "sex"], "missing.csv"),
        (&["disclosure", "p.csv", "--quasi-identifiers", "age"], "no column age"),
        (&["disclosure", "p.csv", "--quasi-identifiers", "sex", "--sensitive", "sex"], "both known"),
        (&["disclosure", "p.csv", "--quasi-identifiers", "sex", "--population", "1"], "permitted"),
        (&["disclosure", "none.csv", "--quasi-identifiers", "sex"], "permitted"),
    ] {
        let output = twinloom(&[&["audit"], arguments].concat(), path);
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(message.contains(part), "{arguments:?}: {message}");
    }
}
