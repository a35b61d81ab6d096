//! Both verbs against published examples, and on cohorts that nobody plans for.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::harness::{
    LETTERS, all_near, folder_with, json, near, number, numbers, progression_name, same, twinloom,
    weights_by_name,
};

/// `test_multimorbidity_hypergraphs.py`, both of its cohorts of people with weights.
#[test]
fn ref_overlap_of_rafferty() {
    let (half, third) = (0.5, 2.0 / 3.0);
    let folder = folder_with(&["A&C", "B", "B&D", "B&C&D", "A&B&C&D"]);
    let found = json(&["undirected", "--people", "people.csv"], folder.path());
    let expected = [
        ("A B", half),
        ("A C", 1.0),
        ("B C", third),
        ("A D", half),
        ("B D", 1.0),
        ("C D", third),
        ("A B C", half),
        ("A B D", half),
        ("A C D", half),
        ("B C D", third),
    ];
    let expected = expected.map(|(set, weight)| (set.to_owned(), weight)).into();
    same(&weights_by_name(&found), &expected, "weights");
    let of_node = |field: &str| -> Vec<f64> {
        found["nodes"].as_array().expect("nodes").iter().map(|node| number(&node[field])).collect()
    };
    all_near(&of_node("weight"), &[0.4, 0.8, 0.6, 0.6], "prevalences");
    all_near(&of_node("degree"), &[3.5, 2.5 + 2.0 * third, 4.0, 2.5 + 2.0 * third], "degrees");
    let folder = folder_with(&["A&C", "B", "C&B", "C&B"]);
    let found = json(&["undirected", "--people", "people.csv"], folder.path());
    let expected = [("A C", 1.0), ("B C", third)].map(|(set, weight)| (set.to_owned(), weight)).into();
    same(&weights_by_name(&found), &expected, "weights without an edge of A and B");
    let whole = json(&["undirected", "--people", "people.csv", "--full-set"], folder.path());
    assert_eq!(whole["sets"], found["sets"], "nobody has all");
}

/// The mortality branch's `tests/tests.py`, and what its corrected PageRank is made of.
#[test]
fn ref_mortality() {
    let folder = folder_with(&["A M", "B M", "C M", "A B C M"]);
    let run = ["directed", "--people", "people.csv", "--weights", "complete", "--terminal", "M"];
    let found = json(&run, folder.path());
    let expected = [
        ("A", 3.0),
        ("B", 5.0),
        ("C", 4.0),
        ("A M", 4.0),
        ("B M", 3.0),
        ("C M", 3.0),
        ("A B", 6.0),
        ("A B C", 7.0),
        ("A B C M", 10.0),
    ];
    let expected = expected.map(|(set, one_in)| (set.to_owned(), 1.0 / one_in)).into();
    same(&weights_by_name(&found), &expected, "weights");
    let walk = &found["successor"];
    let [with, without, corrected] =
        ["page_rank", "page_rank_without_terminals", "page_rank_corrected"].map(|name| numbers(&walk[name]));
    assert!(with[3] > 0.999_99, "death takes all walks: {with:?}");
    assert!(near(without[3], 0.0) && without[2] > 0.99, "C ends them otherwise: {without:?}");
    for ((with, without), corrected) in with.iter().zip(&without).zip(&corrected) {
        assert!(near(*corrected, f64::midpoint(*with, *without)));
    }
    let with_survivors = [&run[..], &["--survivors"]].concat();
    assert_eq!(json(&with_survivors, folder.path())["sets"], found["sets"], "all died");
    let refused = twinloom(&["directed", "--people", "people.csv", "--terminal", "X"], folder.path());
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("permitted: death or a condition"));
}

/// Weights given from outside take the place of those computed, in arcs and degrees too.
#[test]
fn regress_weights_from_outside() {
    let folder = folder_with(&["A B", "B A", "A B C"]);
    fs::write(folder.path().join("edges.csv"), "conditions,weight\nB;A,0.9\n").expect("a file");
    let run = ["directed", "--people", "people.csv", "--edge-weights", "edges.csv"];
    let found = json(&run, folder.path());
    assert!(near(weights_by_name(&found)["A B"], 0.9));
    let arcs = found["arcs"].as_array().expect("arcs");
    let weight = |name: &str| {
        number(&arcs.iter().find(|arc| progression_name(arc) == name).expect("an arc")["weight"])
    };
    assert!(near(weight("A -> B"), 0.6) && near(weight("B -> A"), 0.3));
    fs::write(folder.path().join("edges.csv"), "conditions,weight\nB;C,0.9\n").expect("a file");
    let refused = twinloom(&run, folder.path());
    assert_eq!(refused.status.code(), Some(2));
}

/// Both verbs, with every weighting, contribution and progression, of what nobody plans for.
#[test]
fn law_poor_cohorts_have_defined_results() {
    let identical = ["A B C D"; 7];
    let cohorts: [&[&str]; 8] = [
        &[],
        &[""],
        &["A"],
        &["A B"],
        &identical,
        &["A&B&C&D", "A&B&C&D"],
        &["A B", "A", "", "A B"],
        &["A B", "C D", "C D"],
    ];
    for people in cohorts {
        let folder = folder_with(people);
        for weights in ["complete", "power", "overlap"] {
            let common =
                ["--people", "people.csv", "--weights", weights, "--conditions", "A,B,C,D,nobody has it"];
            for progression in ["aggregate", "power", "simple"] {
                let found = json(
                    &[&["directed"], &common[..], &["--progression", progression]].concat(),
                    folder.path(),
                );
                let nodes = found["nodes"].as_array().expect("nodes");
                assert_eq!(nodes.len(), 5);
                let ranks = numbers(&found["successor"]["page_rank"]);
                let total: f64 = ranks.iter().sum();
                let anybody = people.iter().any(|order| !order.is_empty());
                assert!(near(total, if anybody { 1.0 } else { 0.0 }), "{people:?}: {ranks:?}");
                let nobody =
                    nodes.iter().position(|node| node["people"] == 0.0 && node["name"] == "nobody has it");
                assert!(near(ranks[nobody.expect("it is kept")], 0.0));
            }
            for contribution in ["power", "exclusive", "progression"] {
                for normalisation in ["unit", "elements"] {
                    let options = ["--contribution", contribution, "--normalisation", normalisation];
                    json(&[&["undirected"], &common[..], &options].concat(), folder.path());
                }
            }
        }
        let text = twinloom(&["directed", "--people", "people.csv"], folder.path());
        assert!(text.status.success() && !String::from_utf8_lossy(&text.stdout).contains("NaN"));
    }
}

#[test]
fn regress_missing_dates_and_repeats_are_counted() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let rows =
        "person,condition,date\n1,A,2001-01-01\n1,B,\n2,A,\n3,A,2001-01-01\n3,A,2002-01-01\n3,B,2003-01-01\n";
    fs::write(folder.path().join("people.csv"), rows).expect("a file");
    let run = ["directed", "--people", "people.csv"];
    let found = json(&run, folder.path());
    assert_eq!(found["people_without_order"], 1);
    assert_eq!((&found["read"]["repeated"], &found["read"]["undated"]), (&1.into(), &2.into()));
    let count = |found: &Value, name: &str| {
        let arcs = found["arcs"].as_array().expect("arcs");
        arcs.iter().find(|arc| progression_name(arc) == name).map_or(0.0, |arc| number(&arc["count"]))
    };
    assert!(near(count(&found, "A -> B"), 1.0) && near(count(&found, "A -> A"), 1.0));
    let last = json(&[&run[..], &["--undated", "last"]].concat(), folder.path());
    assert!(near(count(&last, "A -> B"), 2.0));
    let first = json(&[&run[..], &["--undated", "first"]].concat(), folder.path());
    assert!(near(count(&first, "B -> A"), 1.0));
    let undirected = json(&["undirected", "--people", "people.csv", "--full-set"], folder.path());
    assert!(near(weights_by_name(&undirected)["A B"], 1.0), "an undated condition still goes with others");
    fs::write(folder.path().join("people.csv"), "person,condition,date\n1,A,01/02/2003\n").expect("a file");
    for verb in ["directed", "undirected"] {
        let refused = twinloom(&[verb, "--people", "people.csv"], folder.path());
        assert_eq!(refused.status.code(), Some(2));
        let message = String::from_utf8_lossy(&refused.stderr).replace("\n  │ ", " ");
        assert!(message.contains("line 2") && !message.contains("01/02/2003"), "{message}");
    }
}

/// Ten thousand conditions of one person, in order and on one day.
#[test]
fn regress_ten_thousand_conditions() {
    for same_day in [false, true] {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mut rows = String::from("person,condition,date\n2,c1,2001-01-01\n2,c2,2001-01-02\n");
        for condition in 0..10_000 {
            let (year, month, day) = (1950 + condition / 336, 1 + condition / 28 % 12, 1 + condition % 28);
            let date = if same_day { "2001-01-01".to_owned() } else { format!("{year}-{month:02}-{day:02}") };
            rows.extend(["1,c", &condition.to_string(), ",", &date, "\n"]);
        }
        fs::write(folder.path().join("people.csv"), rows).expect("a file");
        let text = twinloom(&["directed", "--people", "people.csv"], folder.path());
        assert!(text.status.success());
        let text = String::from_utf8_lossy(&text.stdout).into_owned();
        assert!(text.contains("1 people have sets of more than") && !text.contains("NaN"), "{text}");
        let found = json(&["directed", "--people", "people.csv", "--max-size", "4"], folder.path());
        assert_eq!(found["nodes"].as_array().expect("nodes").len(), 10_000);
        assert!(near(numbers(&found["successor"]["page_rank"]).iter().sum(), 1.0));
        assert!(near(number(&found["people_with_long_ties"]), if same_day { 1.0 } else { 0.0 }));
        assert_eq!(found["largest_size"], 4);
        assert!(near(number(&found["people_with_larger_sets"]), 1.0));
        let found = json(&["undirected", "--people", "people.csv"], folder.path());
        // The pairs of the one are too many, so the other's pair is left out too, and said to be.
        assert_eq!(found["largest_size"], 1);
        assert!(near(number(&found["people_with_larger_sets"]), 2.0));
        let refused = twinloom(&["undirected", "--people", "people.csv", "--max-size", "3"], folder.path());
        assert_eq!(refused.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&refused.stderr).contains("permitted"));
    }
}

/// The same bytes on one thread and on two.
#[test]
fn law_threads_change_nothing() {
    let names: Vec<String> = (0..400)
        .map(|person: usize| {
            let conditions = (0..3 + person % 5).map(|step| LETTERS[(person * 7 + step * step * 3) % 4]);
            conditions.collect::<Vec<_>>().join(if person.is_multiple_of(3) { "&" } else { " " })
        })
        .collect();
    let orders: Vec<&str> = names.iter().map(String::as_str).collect();
    let folder = folder_with(&orders);
    for verb in ["directed", "undirected"] {
        let run = |threads: &str| {
            twinloom(&[verb, "--people", "people.csv", "--json", "--threads", threads], folder.path()).stdout
        };
        assert!(!run("1").is_empty());
        assert_eq!(run("1"), run("2"), "{verb}");
    }
}

/// A study's codes as they are, and as long-term conditions, ICD-10 codes by what they are a case of.
#[test]
fn regress_conditions_of_a_study() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let condition = |id: &str, patient: &str, system: &str, code: &str, onset: &str| {
        serde_json::json!({
            "resourceType": "Condition", "id": id, "subject": { "reference": format!("Patient/{patient}") },
            "code": { "coding": [{ "system": system, "code": code }] }, "onsetDateTime": onset,
        })
    };
    let (snomed, icd) = ("http://snomed.info/sct", "http://hl7.org/fhir/sid/icd-10");
    let records = [
        serde_json::json!({ "resourceType": "Patient", "id": "1", "gender": "female", "birthDate": "1950-01-01" }),
        serde_json::json!({ "resourceType": "Patient", "id": "2", "deceasedDateTime": "2020-01-01" }),
        condition("a", "1", snomed, "38341003", "2001-01-01"),
        condition("b", "1", icd, "E11.9", "2003-01-01"),
        condition("c", "1", snomed, "444814009", "2004-01-01"),
        condition("d", "2", snomed, "59621000", "2005-01-01"),
    ];
    let lines: Vec<String> = records.iter().map(ToString::to_string).collect();
    fs::write(folder.path().join("records.ndjson"), lines.join("\n")).expect("a file");
    let import = Command::new(env!("CARGO_BIN_EXE_twinloom"))
        .args(["import", "--format", "fhir", "records.ndjson", "--study", "s"])
        .current_dir(folder.path())
        .output()
        .expect("the binary was built for this test");
    assert!(import.status.success(), "{}", String::from_utf8_lossy(&import.stderr));
    let run = ["directed", "--study", "s", "--least-having", "1", "--terminal", "death"];
    let names = |found: &Value| -> Vec<String> {
        let nodes = found["nodes"].as_array().expect("nodes");
        nodes.iter().map(|node| node["name"].as_str().expect("a name").to_owned()).collect()
    };
    let plain = json(&run, folder.path());
    assert_eq!(names(&plain).len(), 5, "{:?}", names(&plain));
    let grouped = json(&[&run[..], &["--group", "long-term"]].concat(), folder.path());
    assert_eq!(names(&grouped), ["Hypertension", "Type 2 diabetes mellitus", "death"]);
    let counts: BTreeMap<String, f64> = grouped["arcs"]
        .as_array()
        .expect("arcs")
        .iter()
        .map(|arc| (progression_name(arc), number(&arc["count"])))
        .collect();
    assert!(near(counts["Hypertension -> Type 2 diabetes mellitus"], 1.0));
    assert!(near(counts["Hypertension -> death"], 1.0));
}
