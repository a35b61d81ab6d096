//! The analyst's questions against the same questions put to the study's tables, in SQL and Python.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::harness::{Python, shared_data, simulate, twinloom};

mod made;

const PEOPLE: u32 = 250;

/// Where the clinical sets and tables stand, which the outside computation reads too.
const TABLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../codes/data");

/// Questions and what they are told, `PATIENT` and `MET` standing for one of the study's and `DAYS` for
/// how long to follow; then, on the twin and on Synthea's sample, what must be told: the tables that hold
/// a row, columns (`table.column`) that hold a number that is not zero, and notes (`~words_of_it`) that
/// say why there is no answer.
const ASKED: [(&str, &str, &str); 42] = [
    (
        "nsaid-in-ckd-diabetes",
        "people.with_both_conditions",
        "people.with_both_conditions ~no_concept_of_the_set_`kidney`",
    ),
    ("nsaid-in-ckd-diabetes --days 36500", "cases people.with_the_drug", "people.with_both_conditions"),
    (
        "nsaid-in-ckd-diabetes --days 36500 --diabetes hypertension",
        "cases people.with_the_drug",
        "people.with_both_conditions",
    ),
    (
        "nsaid-in-ckd-diabetes --days 3650 --at 2019-06-30 --as-of 2019-12-31 --egfr 80",
        "cases people.with_the_drug",
        "cases people.with_the_drug",
    ),
    ("polypharmacy-interactions", "steps.people ~neither_the_graph", "steps.people ~neither_the_graph"),
    ("polypharmacy-interactions --drugs 3", "interactions.people cases", "steps.people ~neither_the_graph"),
    (
        "polypharmacy-interactions --drugs 3 INTERACTIONS",
        "interactions.people cases",
        "interactions.people cases",
    ),
    (
        "polypharmacy-interactions --drugs 2 --as-of 2018-01-01 INTERACTIONS",
        "steps.people",
        "interactions.people",
    ),
    ("pathway-to-first-admission", "courses.people", "courses.people"),
    (
        "pathway-to-first-admission --of hypertension --admission any --top 1000",
        "motifs.people motifs.median_days cases",
        "motifs.people motifs.median_days cases",
    ),
    (
        "pathway-to-first-admission --of hypertension --admission any --steps contacts --length 2 --as-of 2020-01-01",
        "motifs.people",
        "motifs.people",
    ),
    (
        "pathway-to-first-admission --of coronary-heart-disease --admission any --steps treatments --length 6",
        "motifs.people",
        "motifs.people",
    ),
    ("similar-patients --patient PATIENT", "outcomes.similar_people", "outcomes.similar_people"),
    (
        "similar-patients --patient PATIENT --neighbours 100 --at 2015-01-01",
        "outcomes.similar_people cases.likeness",
        "outcomes.similar_people cases.likeness",
    ),
    ("similar-patients --patient PATIENT --as-of 2017-06-30", "cases.likeness", "cases.likeness"),
    (
        "central-conditions",
        "sets.people sets.people_before groups.people",
        "sets.people groups.people ~decile_of_deprivation",
    ),
    (
        "central-conditions --largest 3 --least 1 --top 100 --as-of 2019-12-31 --before-days 1000",
        "sets.people",
        "sets.people",
    ),
    ("next-condition --from hypertension", "next.incidence course.people", "next.incidence course.people"),
    ("next-condition --from depression --horizon-days 3650", "next.incidence", "~the_record_ends"),
    ("next-condition", "next.people", "next.incidence"),
    ("next-condition --from obesity,hypertension --as-of 2019-12-31", "next.people", "next.people"),
    ("unanswered-results", "tests.unanswered cases", "tests.unanswered cases"),
    ("unanswered-results --days 90 --as-of 2018-12-31", "tests.unanswered", "tests.unanswered"),
    (
        "drugs-without-indication",
        "classes.unexplained_orders coverage.orders cases ~refers_to_an_artefact",
        "classes.with_stated_reason classes.with_reason_of_encounter coverage.orders",
    ),
    (
        "drugs-without-indication --reasons order",
        "classes.unexplained_orders cases",
        "classes.unexplained_orders cases",
    ),
    (
        "drugs-without-indication --grace-days 0 --as-of 2018-12-31",
        "classes.unexplained_orders",
        "coverage.orders",
    ),
    (
        "handover-hubs",
        "hubs.betweenness graph.handovers ~between_services",
        "hubs.betweenness graph.handovers ~between_practitioners",
    ),
    ("handover-hubs --between practitioners", "~names_practitioners", "hubs.betweenness"),
    ("handover-hubs --between services --gap-days 60", "hubs.betweenness", "hubs.betweenness"),
    (
        "handover-hubs --between services --gap-days 0 --as-of 2016-12-31 --top 5",
        "hubs.betweenness",
        "hubs.betweenness",
    ),
    ("handover-hubs --between organisations", "hubs.patients", "hubs.betweenness"),
    (
        "contact-tracing --patient MET",
        "followed ~places_are_organisations",
        "followed ~places_are_organisations",
    ),
    ("contact-tracing --patient MET --class any --days DAYS --hops 3", "reached.people", "reached.people"),
    (
        "contact-tracing --patient MET --class any --days DAYS --hops 10 --as-of 2019-12-31",
        "reached.people",
        "reached.people",
    ),
    ("contact-tracing --patient MET --class any --from 2015-01-01 --hops 2", "followed", "followed"),
    ("readmissions", "stays.readmitted cases", "stays.readmitted cases"),
    (
        "readmissions --days 365 --transfer-hours 24 --as-of 2018-12-31",
        "stays.readmitted",
        "stays.readmitted",
    ),
    ("readmissions --stay-class EMER --before-days 30", "stays.readmitted", "stays.readmitted"),
    (
        "missing-companions",
        "rules.people_in_breach cases",
        "rules.people_in_breach cases ~no_such_code_in_this_record",
    ),
    (
        "missing-companions --days-after 0 --as-of 2018-12-31",
        "rules.people_in_breach",
        "rules.people_in_breach",
    ),
    ("provenance", "edges.with_line_or_entry", "edges.with_line_or_entry"),
    ("provenance --of PATIENT", "edges.with_line_or_entry cases.line", "edges.with_line_or_entry cases.line"),
];

#[test]
fn ref_answers_on_the_twin_equal_those_of_the_tables() {
    let Some(python) = Python::find() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    simulate(folder.path(), PEOPLE);
    let asked: Vec<_> = ASKED.iter().map(|(asked, twin, _)| (*asked, *twin)).collect();
    compare(&python, folder.path(), &asked, ["3", "3", "100"]);
}

#[test]
fn ref_answers_on_synthea_equal_those_of_the_tables() {
    let (Some(python), Some(archive)) = (Python::find(), shared_data("synthea_r4_us/dev.tar.xz")) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let study = folder.path().join("study");
    twinloom(&[&"import", &"--format", &"fhir", &archive, &"--study", &study]);
    let asked: Vec<_> = ASKED.iter().map(|(asked, _, sample)| (*asked, *sample)).collect();
    compare(&python, &study, &asked, [SAMPLE_PATIENT, SAMPLE_MET, "20000"]);
}

/// A patient of Synthea's sample with many conditions, and one who met others.
const SAMPLE_PATIENT: &str = "1267577252484637801";
const SAMPLE_MET: &str = "3154012867320378240";

fn compare(
    python: &Python,
    study: &Path,
    asked: &[(&'static str, &'static str)],
    [patient, met, days]: [&str; 3],
) {
    let pairs = shared_data("ddi_safedrug/ddi_atc_pairs.csv");
    let mut answers = Vec::new();
    let mut wanted = Vec::new();
    for row in asked {
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
            wanted.push((row.0, row.1));
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
        for wanted in tables.split(' ') {
            if let Some(words) = wanted.strip_prefix('~') {
                let words = words.replace('_', " ");
                let notes = found["notes"].as_array().expect("an answer has notes");
                let said = notes.iter().any(|note| note.as_str().is_some_and(|note| note.contains(&words)));
                assert!(said, "{asked}: no note says {words:?}: {found}");
                continue;
            }
            let places = if wanted.contains('.') { "not_zero" } else { "rows" };
            assert!(found[places][wanted].as_u64() > Some(0), "{asked}: {wanted} tells nothing: {found}");
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
                        assert!(cover == "<7" || cover == "withheld", "{question}: {cell} became {cover}");
                    } else {
                        assert!(cover == cell || cover == "withheld", "{question}: {cell} became {cover}");
                    }
                }
            }
        }
    }
    assert!(by_question.values().map(|counts| counts.1).sum::<usize>() > 10, "{by_question:?}");
}

#[test]
fn ref_interactions_of_the_graph_are_those_of_the_file() {
    let Some(pairs) = shared_data("ddi_safedrug/ddi_atc_pairs.csv") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let study = folder.path();
    simulate(study, 120);
    let ask = |more: &[&dyn AsRef<std::ffi::OsStr>]| {
        let mut words: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![
            &"graph",
            &"ask",
            &"polypharmacy-interactions",
            &"--drugs",
            &"3",
            &"--suppress",
            &"0",
            &"--study",
            &study,
        ];
        words.extend(more);
        twinloom(&words)
    };
    let given = ask(&[&"--interactions", &pairs]);
    let none = ask(&[]);
    twinloom(&[&"graph", &"build", &"--study", &study, &"--interactions", &pairs]);
    let stored = ask(&[]);
    assert_eq!(stored["tables"], given["tables"]);
    assert_ne!(stored["tables"], none["tables"], "no pair of drugs taken here interacts");
    assert_eq!(ask(&[&"--interactions", &pairs])["tables"], given["tables"], "a pair told twice is one");
}

#[test]
fn law_a_set_is_the_same_however_it_is_given() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let study = folder.path();
    simulate(study, 60);
    let ask = |set: &str| {
        let set = format!("type-2-diabetes={set}");
        let answer = twinloom(&[
            &"graph",
            &"ask",
            &"nsaid-in-ckd-diabetes",
            &"--set",
            &set,
            &"--suppress",
            &"0",
            &"--study",
            &study,
        ]);
        answer["tables"].clone()
    };
    let file = study.join("set.csv");
    std::fs::write(&file, "system,code\nSNOMED,59621000\nSNOMED,38341003\nICD10,I10\n")
        .expect("a file can be written");
    let inline = ask("SNOMED//59621000,SNOMED//38341003, ICD10//I10");
    assert_eq!(inline, ask(&file.display().to_string()));
    assert_ne!(inline, ask("SNOMED//1"), "nobody of this study has high blood pressure");
}

#[test]
fn regress_a_graph_of_another_version_is_told_of() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    simulate(folder.path(), 20);
    twinloom(&[&"graph", &"build", &"--study", &folder.path()]);
    let file = folder.path().join("graph/property.graph");
    let stored = std::fs::read(&file).expect("the graph is stored");
    let (mut older, mut changed) = (stored.clone(), stored.clone());
    older[8] = 2;
    *changed.last_mut().expect("a graph has bytes") ^= 1;
    for (bytes, told) in
        [(older, "graph format 2"), (changed, "checksum"), (b"PAR1".repeat(40), "not a Twinloom graph")]
    {
        std::fs::write(&file, &bytes).expect("the file can be written");
        let ends = Command::new(env!("CARGO_BIN_EXE_twinloom"))
            .args(["graph", "ask", "readmissions", "--study"])
            .arg(folder.path())
            .output()
            .expect("the binary was built beside this test");
        let errors = String::from_utf8_lossy(&ends.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(ends.status.code(), Some(2), "{told}: {errors}");
        assert!(errors.contains(told) && errors.contains("graph build"), "{told}: {errors}");
    }
    twinloom(&[&"graph", &"build", &"--study", &folder.path()]);
    assert_eq!(std::fs::read(&file).expect("the graph is stored"), stored);
}
