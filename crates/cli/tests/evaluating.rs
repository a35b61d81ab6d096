//! Scenarios, forks, calibration and validation on the command line: what is refused, and what must be nothing.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const BAD_INPUT: Option<i32> = Some(2);

fn twinloom(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_twinloom"))
        .args(arguments)
        .arg("--json")
        .current_dir(folder)
        .output()
        .expect("the binary was built for this test")
}

/// Runs, expects success, and reads the document.
fn document(arguments: &[&str], folder: &Path) -> Value {
    let output = twinloom(arguments, folder);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

/// Runs, expects exit code 2, and gives the error's words.
fn refused(arguments: &[&str], folder: &Path) -> String {
    let output = twinloom(arguments, folder);
    assert_eq!(output.status.code(), BAD_INPUT, "{arguments:?}");
    let printed: Value = serde_json::from_slice(&output.stdout).expect("errors are JSON too");
    printed["error"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn regress_bad_scenarios_targets_and_names_are_exit_code_2_with_file_and_field() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
    write("base.toml", "name = \"base\"");
    for (name, change, expected) in [
        (
            "negative",
            "[supply.ratio]\n\"beds.wards.medical.beds_per_1000\" = -1",
            "beds_per_1000 = -1 is out of range",
        ),
        ("rate", "[need.rates]\ngout = -2", "need.rates.gout = -2 is out of range"),
        ("supply", "[supply.set]\n\"beds.wards.lunar\" = 3", "beds.wards.lunar"),
        ("key", "[moon]\nx = 1", "unknown field `moon`"),
        (
            "problem",
            "[need.rates]\ngoutt = 2.0",
            "need.rates.goutt (\"goutt\") names no condition or problem of the model; permitted: gout",
        ),
        (
            "parameter",
            "[pathway.parameters]\n\"statin_primary_prevention.threshold\" = 2",
            "permitted: statin_primary_prevention.risk_threshold_percent",
        ),
    ] {
        let file = format!("{name}.toml");
        write(&file, &format!("name = \"x\"\n{change}"));
        let message = refused(&["twin", "compare", "base.toml", &file, "--population", "50"], folder.path());
        assert!(message.contains(&file) && message.contains(expected), "{message}");
    }
    let message = refused(&["twin", "compare", "base.toml", "none.toml"], folder.path());
    assert!(message.contains("none.toml: can't be read"), "{message}");
    let message = refused(&["twin", "calibrate", "--tune", "plague", "--population", "50"], folder.path());
    assert!(message.contains("plague"), "{message}");
    write("targets.toml", "[[target]]\nname = 3");
    let message =
        refused(&["twin", "calibrate", "--tune", "gout", "--targets", "targets.toml"], folder.path());
    assert!(message.contains("targets.toml, line"), "{message}");
    let crowd = ["twin", "compare", "base.toml", "base.toml", "--population", "909092"];
    assert!(refused(&crowd, folder.path()).contains("909092 is out of range"));
    assert!(refused(&["twin", "validate", "--study", "none"], folder.path()).contains("not a study"));
}

#[test]
fn law_no_change_and_nothing_done_are_exactly_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    fs::write(folder.path().join("base.toml"), "name = \"base\"").expect("a file");
    let compare = ["twin", "compare", "base.toml", "base.toml", "--population", "150", "--years", "1"];
    let compared =
        document(&[&compare[..], &["--replications", "2", "--report", "c.html"]].concat(), folder.path());
    assert_eq!(compared["no_difference"], true);
    let page = fs::read_to_string(folder.path().join("c.html")).expect("the report was written");
    assert!(page.contains("Every difference is exactly 0") && page.contains("Simulated data"));

    // Rates of one's own: validation traces the record by them.
    fs::write(folder.path().join("systems.toml"), "[gp.value]\nmissing = 0.2").expect("a file");
    document(
        &["twin", "run", "--patients", "150", "--study", "s", "--systems", "systems.toml"],
        folder.path(),
    );
    let fork = ["twin", "fork", "--study", "s", "--at", "2022-06-01", "--futures", "3", "--do"];
    let alive = (1..=150).find_map(|subject| {
        let subject = subject.to_string();
        let arguments = [&fork[..], &["nothing", "--subject", &subject]].concat();
        let output = twinloom(&arguments, folder.path());
        output.status.success().then(|| serde_json::from_slice::<Value>(&output.stdout).expect("JSON"))
    });
    let futures = alive.expect("somebody is alive");
    assert!(futures["label"].as_str().is_some_and(|label| label.starts_with("SIMULATED")));
    for outcome in futures["outcomes"].as_array().expect("outcomes") {
        let differences = outcome["differences"].as_array().expect("a list");
        assert!(differences.iter().all(|difference| difference.as_f64() == Some(0.0)), "{outcome}");
    }
    for (change, expected) in [("pray", "no intervention"), ("start-medication=SNOMED//1", "SNOMED//1")] {
        let message = refused(&[&fork[..], &[change, "--subject", "1"]].concat(), folder.path());
        assert!(message.contains(expected), "{message}");
    }

    let validated = document(&["twin", "validate", "--study", "s", "--report"], folder.path());
    let rows = validated["rows"].as_array().expect("rows");
    assert!(rows.len() > 50 && rows.iter().all(|row| row["source"].is_string() && row["band"].is_object()));
    let held_out = rows.iter().filter(|row| row["held_out"] == true).count();
    assert!(3 * held_out >= rows.len());
    assert!(folder.path().join("s/reports/realism.html").is_file());
    let untraceable = rows.iter().find(|row| row["name"] == "law_untraceable").expect("a row");
    assert_eq!(untraceable["simulated"]["value"].as_f64(), Some(0.0), "{untraceable}");
    assert_eq!(untraceable["verdict"], "pass", "{untraceable}");
    refuses_a_damaged_study(folder.path());
}

/// A study of which something is lost or damaged is the user's to mend: exit code 2 and the file's name.
fn refuses_a_damaged_study(folder: &Path) {
    let validate = ["twin", "validate", "--study", "s"];
    let ledger = ["twin", "ledger", "--study", "s"];
    for (file, verbs) in [
        ("truth/ledger.parquet", [validate, ledger]),
        ("records/systems/gp.parquet", [validate, ledger]),
        ("manifest.json", [validate, validate]),
    ] {
        let path = folder.join("s").join(file);
        let whole = fs::read(&path).expect("the study has it");
        fs::write(&path, "damaged").expect("a file");
        for verb in verbs {
            let message = refused(&verb, folder);
            let name = file.rsplit('/').next().unwrap_or(file);
            assert!(message.contains(name), "{message}");
        }
        fs::remove_file(&path).expect("it is there");
        assert!(!refused(&validate, folder).is_empty());
        fs::write(&path, whole).expect("a file");
    }
}
