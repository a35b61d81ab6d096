//! The analyst's questions against the same questions put to the study's tables, in SQL and Python.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::harness::{Python, shared_data, simulate, twinloom};

const PEOPLE: u32 = 250;

/// Where the clinical sets and tables stand, which the outside computation reads too.
const TABLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../codes/data");

/// Questions and what they are told, `PATIENT` and `MET` standing for one of the study's and `DAYS` for
/// how long to follow; then the tables that
/// must not be empty, on the twin and on Synthea's sample, or `-` where one may be.
const ASKED: [(&str, &str, &str); 40] = [
    ("nsaid-in-ckd-diabetes", "people steps", "people steps"),
    ("nsaid-in-ckd-diabetes --days 36500", "cases", "-"),
    ("nsaid-in-ckd-diabetes --days 36500 --diabetes hypertension", "cases", "-"),
    ("nsaid-in-ckd-diabetes --days 3650 --at 2019-06-30 --as-of 2019-12-31 --egfr 80", "cases", "cases"),
    ("polypharmacy-interactions", "steps", "steps"),
    ("polypharmacy-interactions --drugs 3", "steps", "steps"),
    ("polypharmacy-interactions --drugs 3 INTERACTIONS", "interactions cases", "interactions cases"),
    ("polypharmacy-interactions --drugs 2 --as-of 2018-01-01 INTERACTIONS", "steps", "interactions"),
    ("pathway-to-first-admission", "courses", "courses"),
    ("pathway-to-first-admission --of hypertension --admission any --top 1000", "motifs", "motifs"),
    (
        "pathway-to-first-admission --of hypertension --admission any --steps contacts --length 2 --as-of 2020-01-01",
        "motifs",
        "motifs",
    ),
    (
        "pathway-to-first-admission --of coronary-heart-disease --admission any --steps treatments --length 6",
        "motifs",
        "motifs",
    ),
    ("similar-patients --patient PATIENT", "outcomes cases", "outcomes cases"),
    ("similar-patients --patient PATIENT --neighbours 100 --at 2015-01-01", "cases", "cases"),
    ("similar-patients --patient PATIENT --as-of 2017-06-30", "cases", "cases"),
    ("central-conditions", "sets groups", "sets groups"),
    (
        "central-conditions --largest 3 --least 1 --top 100 --as-of 2019-12-31 --before-days 1000",
        "sets",
        "sets",
    ),
    ("next-condition --from hypertension", "next course", "next course"),
    ("next-condition --from depression --horizon-days 3650", "next", "course"),
    ("next-condition", "course", "course"),
    ("next-condition --from obesity,hypertension --as-of 2019-12-31", "course", "course"),
    ("unanswered-results", "tests cases", "tests cases"),
    ("unanswered-results --days 90 --as-of 2018-12-31", "cases", "cases"),
    ("drugs-without-indication", "classes coverage cases", "classes coverage cases"),
    ("drugs-without-indication --grace-days 0 --as-of 2018-12-31", "cases", "cases"),
    ("handover-hubs", "graph", "hubs"),
    ("handover-hubs --between services --gap-days 60", "hubs", "hubs"),
    ("handover-hubs --between services --gap-days 0 --as-of 2016-12-31 --top 5", "hubs", "hubs"),
    ("handover-hubs --between organisations", "hubs", "hubs"),
    ("contact-tracing --patient MET", "reached", "reached"),
    ("contact-tracing --patient MET --class any --days DAYS --hops 3", "cases", "cases"),
    ("contact-tracing --patient MET --class any --days DAYS --hops 10 --as-of 2019-12-31", "-", "-"),
    ("contact-tracing --patient MET --class any --from 2015-01-01 --hops 2", "-", "-"),
    ("readmissions", "stays cases", "stays cases"),
    ("readmissions --days 365 --transfer-hours 24 --as-of 2018-12-31", "cases", "cases"),
    ("readmissions --stay-class EMER --before-days 30", "cases", "stays"),
    ("missing-companions", "rules cases", "rules cases"),
    ("missing-companions --days-after 0 --as-of 2018-12-31", "rules", "rules"),
    ("provenance", "edges", "edges"),
    ("provenance --of PATIENT", "edges cases", "edges cases"),
];

#[test]
fn ref_answers_on_the_twin_equal_those_of_the_tables() {
    let Some(python) = Python::find() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    simulate(folder.path(), PEOPLE);
    compare(&python, folder.path(), |(_, twin, _)| *twin, ["3", "3", "100"]);
}

#[test]
fn ref_answers_on_synthea_equal_those_of_the_tables() {
    let (Some(python), Some(archive)) = (Python::find(), shared_data("synthea_r4_us/dev.tar.xz")) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let study = folder.path().join("study");
    twinloom(&[&"import", &"--format", &"fhir", &archive, &"--study", &study]);
    compare(&python, &study, |(_, _, sample)| *sample, [SAMPLE_PATIENT, SAMPLE_MET, "20000"]);
}

/// A patient of Synthea's sample with many conditions, and one who met others.
const SAMPLE_PATIENT: &str = "1267577252484637801";
const SAMPLE_MET: &str = "3154012867320378240";

fn compare(
    python: &Python,
    study: &Path,
    needed: impl Fn(&(&'static str, &'static str, &'static str)) -> &'static str,
    [patient, met, days]: [&str; 3],
) {
    let pairs = shared_data("ddi_safedrug/ddi_atc_pairs.csv");
    let mut answers = Vec::new();
    let mut wanted = Vec::new();
    for row in &ASKED {
        let mut words: Vec<String> = vec!["graph".into(), "ask".into()];
        for word in row.0.split(' ') {
            match (word, &pairs) {
                ("PATIENT", _) => words.push(patient.into()),
                ("MET", _) => words.push(met.into()),
                ("DAYS", _) => words.push(days.into()),
                ("INTERACTIONS", Some(file)) => {
                    words.extend(["--interactions".into(), file.display().to_string()]);
                }
                (word, _) => words.push(word.into()),
            }
        }
        words.extend(["--study".into(), study.display().to_string(), "--suppress".into(), "0".into()]);
        if !words.iter().any(|word| word == "INTERACTIONS") {
            let arguments: Vec<&dyn AsRef<std::ffi::OsStr>> =
                words.iter().map(|word| word as &dyn AsRef<std::ffi::OsStr>).collect();
            let mut answer = twinloom(&arguments);
            answer["interactions"] = row.0.ends_with("INTERACTIONS").into();
            answers.push(answer);
            wanted.push((row.0, needed(row)));
        }
    }
    let file = study.join("answers.json");
    std::fs::write(&file, Value::from(answers).to_string()).expect("the answers can be written");
    let mut arguments: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![&study, &TABLES, &file];
    if let Some(pairs) = &pairs {
        arguments.push(pairs);
    }
    let report = python.run("check_ask.py", &arguments);
    let report = report.as_array().expect("a row for each answer");
    assert_eq!(report.len(), wanted.len());
    for ((asked, tables), found) in wanted.iter().zip(report) {
        for table in tables.split(' ').filter(|table| *table != "-") {
            assert!(found["rows"][table].as_u64() > Some(0), "{asked}: {table} is empty: {found}");
        }
    }
}

#[test]
fn regress_what_cannot_be_asked_ends_with_2() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    simulate(folder.path(), 20);
    let ends = |words: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_twinloom"));
        let output =
            command.args(["graph", "ask"]).args(words.split(' ')).arg("--study").arg(folder.path()).output();
        let output = output.expect("the binary was built beside this test");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for (words, told) in [
        ("readmissions --days 0", "1 to 3650"),
        ("readmissions --days many", "permitted"),
        ("readmissions --weeks 4", "--weeks"),
        ("readmissions --suppress=-1", "--suppress"),
        ("readmissions --as-of 2024-02-30", "YYYY-MM-DD"),
        ("readmissions --set nsaid", "NAME=FILE"),
        ("readmissions --set nsaid=absent.csv", "absent.csv"),
        ("readmissions --set nsaids=absent.csv", "permitted"),
        ("nsaid-in-ckd-diabetes --at 2020-01-02 --as-of 2020-01-01", "2020-01-01"),
        ("nsaid-in-ckd-diabetes --drug opium", "nsaid"),
        ("nsaid-in-ckd-diabetes --egfr NaN", "0 to 200"),
        ("similar-patients", "--patient"),
        ("similar-patients --patient nobody", "patient"),
        ("polypharmacy-interactions --interactions absent.csv", "absent.csv"),
        ("nonsense", "nonsense"),
    ] {
        let (code, errors) = ends(words);
        assert_eq!(code, Some(2), "{words}: {errors}");
        assert!(errors.contains(told), "{words}: {errors}");
    }
}

#[test]
fn law_small_numbers_are_not_shown() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    simulate(folder.path(), 60);
    let mut by_question: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for question in [
        "nsaid-in-ckd-diabetes",
        "readmissions",
        "missing-companions",
        "unanswered-results",
        "drugs-without-indication",
    ] {
        let ask = |limit: &str| {
            twinloom(&[&"graph", &"ask", &question, &"--study", &folder.path(), &"--suppress", &limit])
        };
        let (shown, hidden) = (ask("0"), ask("7"));
        let counts = by_question.entry(question).or_default();
        for (open, closed) in
            shown["tables"].as_array().unwrap().iter().zip(hidden["tables"].as_array().unwrap())
        {
            if open["name"] == "cases" {
                assert!(closed["rows"].as_array().unwrap().is_empty(), "{question} shows persons");
                continue;
            }
            for (row, covered) in
                open["rows"].as_array().unwrap().iter().zip(closed["rows"].as_array().unwrap())
            {
                for (cell, cover) in row.as_array().unwrap().iter().zip(covered.as_array().unwrap()) {
                    counts.0 += 1;
                    if cell.as_u64().is_some_and(|count| count < 7) {
                        counts.1 += 1;
                        assert_eq!(cover, "<7", "{question}");
                    } else {
                        assert!(cover == cell || cover == "withheld", "{question}: {cell} became {cover}");
                    }
                }
            }
        }
    }
    assert!(by_question.values().map(|counts| counts.1).sum::<usize>() > 10, "{by_question:?}");
}
