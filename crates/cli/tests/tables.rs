//! `synth evaluate` and `audit privacy` on the command line: what they tell, and what is refused.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// People with an age, a sex, a measurement that goes with both, missing for one in ten, and an outcome that goes with
/// the measurement.
fn people(count: u64, seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut draw = || {
        // Marsaglia, Xorshift RNGs, Journal of Statistical Software 8 (2003), page 4.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut text = "age,sex,albumin,died\n".to_owned();
    for _ in 0..count {
        let (age, sex) = (20.0 + 70.0 * draw(), draw() < 0.5);
        let albumin = 45.0 - age / 10.0 + f64::from(u8::from(sex)) + 4.0 * (draw() + draw() - 1.0);
        let died = draw() < 1.0 / (1.0 + (albumin - 36.0).exp());
        let albumin = if draw() < 0.1 { String::new() } else { format!("{albumin:.4}") };
        let (sex, died) = (if sex { "female" } else { "male" }, if died { "yes" } else { "no" });
        // Writing into a String can't fail.
        let _ = writeln!(text, "{age:.4},{sex},{albumin},{died}");
    }
    text
}

fn write_people(folder: &Path) {
    for (name, count, seed) in [("real", 1_000, 1), ("holdout", 4_000, 2), ("synthetic", 1_000, 3)] {
        fs::write(folder.join(format!("{name}.csv")), people(count, seed)).expect("the folder is ours");
    }
}

fn twinloom(verb: [&str; 2], synthetic: &str, more: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_twinloom"))
        .args(verb)
        .args(["--real", "real.csv", "--holdout", "holdout.csv", "--synthetic", synthetic, "--json"])
        .args(more)
        .current_dir(folder)
        .output()
        .expect("the binary was built for this test")
}

fn document(output: &Output) -> Value {
    assert!(!output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

#[test]
fn law_more_people_of_the_same_kind_stand_for_the_real_ones_and_give_nobody_away() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    write_people(folder.path());
    let more = ["--target", "died=yes", "--replicates", "100", "--group", "sex", "--report", "page.html"];
    let judged = document(&twinloom(["synth", "evaluate"], "synthetic.csv", &more, folder.path()));
    let cost = &judged["transfer"][0]["cost"];
    assert!(
        cost["lower"].as_f64() < Some(0.02) && judged["transfer"][0]["real"]["value"].as_f64() > Some(0.7)
    );
    assert!(judged["quality"]["synthetic"]["quality"]["value"].as_f64() > Some(0.9), "{judged}");
    assert_eq!(judged["columns"]["synthetic"].as_array().map(Vec::len), Some(4));

    assert_eq!(judged["transfer"].as_array().map(Vec::len), Some(3));
    assert_eq!(judged["groups"].as_array().map(Vec::len), Some(2));
    assert!(judged.get("map").is_none());
    let uses = judged["appropriate_use"]["uses"].as_array().expect("each use is judged");
    let of = |name: &str| uses.iter().find(|row| row["used_for"] == name).map(|row| row["judged"].clone());
    assert_eq!(of("teaching"), Some("supported".into()), "{uses:?}");
    assert_eq!(of("publishing_estimates"), Some("unsupported".into()));
    let page = fs::read_to_string(folder.path().join("page.html")).expect("the report was written");
    for words in ["What it may be used for", "Pair by pair", "UMAP of all tables together", "Group by group"]
    {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("<script") && !page.contains("NaN"));

    // Seeds are fixed; members found by chance alone, the lower limit above the null's upper one, are rarer than one
    // in a hundred.
    let output = twinloom(["audit", "privacy"], "synthetic.csv", &["--replicates", "200"], folder.path());
    let audited = document(&output);
    assert_eq!(
        (audited["controls_hold"].as_bool(), audited["members_found"].as_bool()),
        (Some(true), Some(false))
    );
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn law_a_copy_is_found_and_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    write_people(folder.path());
    let more = ["--replicates", "100", "--claimed-epsilon", "1", "--group", "sex", "--report", "page.html"];
    let output = twinloom(["audit", "privacy"], "real.csv", &more, folder.path());
    let audited = document(&output);
    assert_eq!(audited["members_found"].as_bool(), Some(true), "{audited}");
    assert!(audited["membership"][0]["release"]["auc"]["value"].as_f64() > Some(0.99));
    assert_eq!(audited["copies"]["release"]["exact"]["value"].as_f64(), Some(1.0));
    // A verbatim copy can't be differentially private at epsilon 1, and the audit says so.
    assert_eq!(audited["refused"].as_bool(), Some(true), "{}", audited["verdict"]);
    assert_eq!(audited["appropriate_use"]["audience"].as_str(), Some("nobody"));
    assert_eq!(audited["groups"].as_array().map(Vec::len), Some(3));
    let page = fs::read_to_string(folder.path().join("page.html")).expect("the report was written");
    assert!(page.contains("Refused: epsilon 1") && page.contains("Group by group") && !page.contains("NaN"));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn regress_tables_that_can_not_be_judged_are_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path();
    write_people(path);
    fs::write(path.join("few.csv"), people(3, 4)).expect("the folder is ours");
    fs::write(path.join("ragged.csv"), "age,sex,albumin,died\n1,male\n").expect("the folder is ours");
    fs::write(path.join("other.csv"), "age,sex\n50,male\n").expect("the folder is ours");
    let schema = "columns:\n- {name: age, type: number, bounds: {least: 0, greatest: 30}}\n";
    fs::write(path.join("narrow.yaml"), schema).expect("the folder is ours");
    for (verb, synthetic, more, part) in [
        (["audit", "privacy"], "few.csv", &[][..], "permitted"),
        (["audit", "privacy"], "none.csv", &[], "none.csv"),
        (["synth", "evaluate"], "ragged.csv", &[], "line: 2"),
        (["synth", "evaluate"], "other.csv", &[], "no column"),
        (["synth", "evaluate"], "synthetic.csv", &["--target", "died"], "permitted"),
        (["synth", "evaluate"], "synthetic.csv", &["--target", "died=perhaps"], "permitted"),
        (["synth", "evaluate"], "synthetic.csv", &["--drop", "weight"], "no column weight"),
        (["synth", "evaluate"], "synthetic.csv", &["--schema", "narrow.yaml"], "permitted: 0 to 30"),
    ] {
        let output = twinloom(verb, synthetic, more, path);
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{verb:?} {synthetic} {more:?}: {message}");
        assert!(message.contains(part), "{message}");
    }
}
