//! `twinloom hypergraph undirected|directed` against what the packages it follows compute.
//!
//! The reference file was printed by hypergraph-mm 1.0.0. Of its lines those named `iters` and
//! `hypmm pagerank` are left out: how long a power iteration took, and its result where 1e-4 is added to
//! each divisor, by which the rows no longer sum to 1; the exact vector stands on the line before. Where it
//! prints `nan`, for a condition that is never first, 0 is expected, and what follows from it is not in
//! the file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const LETTERS: [&str; 4] = ["A", "B", "C", "D"];

fn twinloom(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_twinloom"))
        .args(["hypergraph"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the binary was built for this test")
}

/// The document of a run that must succeed; every number in it is one.
fn json(arguments: &[&str], folder: &Path) -> Value {
    let output = twinloom(&[arguments, &["--json"]].concat(), folder);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    let text = String::from_utf8(output.stdout).expect("JSON is UTF-8");
    let document = serde_json::from_str(&text).expect("the output is JSON");
    no_nothing(&document, "");
    document
}

/// JSON has no NaN: a writer makes it null. Only a limit that was not met may be null.
fn no_nothing(value: &Value, place: &str) {
    match value {
        Value::Null => assert!(place.ends_with("/largest_size"), "nothing at {place}"),
        Value::Array(entries) => entries.iter().for_each(|entry| no_nothing(entry, place)),
        Value::Object(fields) => {
            fields.iter().for_each(|(name, entry)| no_nothing(entry, &format!("{place}/{name}")));
        }
        _ => {}
    }
}

/// People as CSV: a condition a day in order, those with `&` between on one day.
fn csv(orders: &[&str]) -> String {
    let mut text = String::from("person,condition,date\n");
    for (person, order) in orders.iter().enumerate() {
        for (day, tied) in order.split_whitespace().enumerate() {
            for condition in tied.split('&') {
                text += &["p", &person.to_string(), ",", condition, ",2001-01-1", &day.to_string(), "\n"]
                    .concat();
            }
        }
        if order.is_empty() {
            text += &["p", &person.to_string(), ",,\n"].concat();
        }
    }
    text
}

fn folder_with(orders: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    fs::write(folder.path().join("people.csv"), csv(orders)).expect("a file");
    folder
}

/// To 1e-9 of the digits printed, which are ten at least.
fn near(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-9 * (1.0 + expected.abs())
}

/// Every number between brackets from a part of the text on, row by row.
fn rows(block: &str, after: &str) -> Vec<Vec<f64>> {
    let start = block.find(after).unwrap_or_else(|| panic!("no {after:?} in {block}")) + after.len();
    let text = &block[start..];
    let mut depth = 0;
    let end = text
        .char_indices()
        .find(|(_, sign)| {
            depth += i32::from(*sign == '[') - i32::from(*sign == ']');
            *sign == ']' && depth == 0
        })
        .map_or(text.len(), |(place, _)| place);
    text[..end]
        .split(']')
        .map(|row| {
            row.split_whitespace()
                .map(|word| word.trim_matches(['[', ',', '(', ')']))
                .filter(|word| !word.is_empty())
                .map(|word| if word == "nan" { 0.0 } else { word.parse().expect("a number") })
                .collect::<Vec<f64>>()
        })
        .filter(|row| !row.is_empty())
        .collect()
}

/// Pairs of a name and a number, as Python prints a list of them.
fn pairs(block: &str, after: &str) -> BTreeMap<String, f64> {
    let start = block.find(after).unwrap_or_else(|| panic!("no {after:?} in {block}")) + after.len();
    let text = block[start..].split(']').next().expect("a first part");
    text.split("('")
        .skip(1)
        .map(|pair| {
            let (name, rest) = pair.split_once("', ").expect("a name and a number");
            let number = rest.split(')').next().expect("a number");
            (name.to_owned(), if number == "nan" { 0.0 } else { number.parse().expect("a number") })
        })
        .collect()
}

/// Keys and numbers, as Python prints a dictionary.
fn dictionary(block: &str, after: &str) -> BTreeMap<String, f64> {
    let start = block.find(after).unwrap_or_else(|| panic!("no {after:?} in {block}")) + after.len();
    let text = block[start..].trim_start().trim_start_matches('{').split('}').next().expect("a part");
    text.split(": ")
        .collect::<Vec<_>>()
        .windows(2)
        .map(|both| {
            // A key follows the number before it, after a comma and a space.
            let key = match both[0].rsplit_once("), (").or_else(|| both[0].split_once(", (")) {
                Some((_, key)) => key,
                None if both[0].starts_with('(') => &both[0][1..],
                None => both[0].rsplit(", ").next().expect("a key"),
            };
            let number = both[1].split(", ").next().expect("a number").parse().expect("a number");
            (key.trim_matches(['(', ')']).to_owned(), number)
        })
        .collect()
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().expect("a list").iter().map(|entry| entry.as_str().expect("a text")).collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(number).collect()
}

fn mask(names: &[&str]) -> usize {
    names.iter().map(|name| 1 << LETTERS.iter().position(|letter| letter == name).expect("a letter")).sum()
}

fn same(found: &BTreeMap<String, f64>, expected: &BTreeMap<String, f64>, what: &str) {
    let keys = |map: &BTreeMap<String, f64>| map.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(found), keys(expected), "{what}");
    for (key, expected) in expected {
        assert!(near(found[key], *expected), "{what}, {key}: {} for {expected}", found[key]);
    }
}

fn all_near(found: &[f64], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(near(*found, *expected), "{what}, {place}: {found} for {expected}");
    }
}

/// A row of a matrix of transitions by name.
fn transition_rows(walk: &Value, nodes: &[&str]) -> Vec<Vec<f64>> {
    let mut rows = vec![vec![0.0; nodes.len()]; nodes.len()];
    let place =
        |name: &Value| nodes.iter().position(|node| *node == name.as_str().expect("a name")).expect("a node");
    for transition in walk["transitions"].as_array().expect("transitions") {
        rows[place(&transition["from"])][place(&transition["to"])] = number(&transition["probability"]);
    }
    rows
}

fn progression_name(arc: &Value) -> String {
    format!("{} -> {}", strings(&arc["tail"]).join(", "), arc["head"].as_str().expect("a head"))
}

/// What the directed verb computes, against every line of a block.
fn check_directed(block: &str, found: &Value) {
    let nodes: Vec<&str> = found["nodes"]
        .as_array()
        .expect("nodes")
        .iter()
        .map(|node| node["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(nodes, LETTERS[..nodes.len()]);
    let sets = found["sets"].as_array().expect("sets");
    let arcs = found["arcs"].as_array().expect("arcs");
    let of_node = |field: &str| -> Vec<f64> {
        found["nodes"].as_array().expect("nodes").iter().map(|node| number(&node[field])).collect()
    };

    let counts = sets.iter().map(|set| (mask(&strings(&set["members"])).to_string(), number(&set["count"])));
    same(&counts.collect(), &dictionary(block, "hyperedge_prev (nonzero bitmask:val)"), "counts of sets");
    let counts = arcs.iter().filter(|arc| number(&arc["count"]) > 0.0).map(|arc| {
        let head = arc["head"].as_str().expect("a head");
        let tail = strings(&arc["tail"]);
        let tail = if tail == [head] { 0 } else { mask(&tail) };
        (
            format!("{tail}, {}", LETTERS.iter().position(|letter| *letter == head).expect("a letter")),
            number(&arc["count"]),
        )
    });
    same(&counts.collect(), &dictionary(block, "hyperarc_prev (tailmask,head):val"), "counts of arcs");
    let both = [of_node("tail_count"), of_node("head_count")].concat();
    all_near(&both, &rows(block, "node_prev tails then heads")[0], "counts of nodes");

    let weights = sets.iter().map(|set| (strings(&set["members"]).join(", "), number(&set["weight"])));
    same(&weights.collect(), &pairs(block, "hyperedges "), "weights of sets");
    let by_name: BTreeMap<String, &Value> = arcs.iter().map(|arc| (progression_name(arc), arc)).collect();
    let weights = by_name.iter().map(|(name, arc)| (name.clone(), number(&arc["weight"])));
    same(&weights.collect(), &pairs(block, "hyperarcs "), "weights of arcs");
    let of_nodes =
        nodes.iter().zip(of_node("tail_weight")).map(|(name, weight)| (format!("{name}_-"), weight)).chain(
            nodes.iter().zip(of_node("head_weight")).map(|(name, weight)| (format!("{name}_+"), weight)),
        );
    same(&of_nodes.collect(), &pairs(block, "nodeweights "), "weights of nodes");

    let start = block.find("arc order [").expect("an order") + "arc order [".len();
    let order: Vec<&str> = block[start..]
        .split(']')
        .next()
        .expect("a list")
        .split("', '")
        .map(|name| name.trim_matches('\''))
        .collect();
    let (tails, heads) = (rows(block, "tail inc\n"), rows(block, "head inc\n"));
    let sizes = rows(block, "edge_deg tail/head (array(");
    for (column, name) in order.iter().enumerate() {
        let tail = strings(&by_name[*name]["tail"]);
        for (row, node) in nodes.iter().enumerate() {
            let is = |held: bool| if held { 1.0 } else { 0.0 };
            assert!(near(tails[row][column], is(tail.contains(node))), "{name}: tail {node}");
            assert!(near(heads[row][column], is(by_name[*name]["head"] == **node)), "{name}: head {node}");
        }
        assert!(near(sizes[0][column], tail.len() as f64), "{name}");
    }
    if block.contains("(array([nan") {
        return;
    }
    all_near(&of_node("tail_degree"), &rows(block, "node_deg tail/head (array(")[0], "tail degrees");
    let heads = &block[block.find("node_deg tail/head").expect("degrees")..];
    all_near(&of_node("head_degree"), &rows(heads, "), array(")[0], "head degrees");
    for direction in ["successor", "predecessor"] {
        let walk = &found[direction];
        let expected = rows(block, &format!("{direction} PTM\n"));
        for (found, expected) in transition_rows(walk, &nodes).iter().zip(&expected) {
            all_near(found, expected, direction);
            assert!(near(found.iter().sum(), 1.0));
        }
        let stationary = rows(block, &format!("{direction} stationary (exact, damped 1-1e-6) "));
        all_near(&numbers(&walk["page_rank"]), &stationary[0], "stationary distribution");
    }
}

/// What the undirected verb computes of the same sets, against the lines on them.
fn check_undirected(block: &str, found: &Value) {
    let incidence = rows(block, "undirected M\n");
    let sets = found["sets"].as_array().expect("sets");
    let column = |set: &Value| -> usize {
        let members = mask(&strings(&set["members"]));
        let of_column = |column: usize| -> usize {
            incidence.iter().enumerate().map(|(row, entries)| (entries[column] as usize) << row).sum()
        };
        (0..incidence[0].len()).find(|column| of_column(*column) == members).expect("a column of the set")
    };
    let columns: Vec<usize> = sets.iter().map(column).collect();
    assert_eq!(columns.len(), incidence[0].len(), "as many sets");
    let weights = &rows(block, "edge w ")[0];
    for (set, column) in sets.iter().zip(&columns) {
        assert!(near(number(&set["weight"]), weights[*column]), "{set}");
    }
    let node_weights: Vec<f64> =
        found["nodes"].as_array().expect("nodes").iter().map(|node| number(&node["weight"])).collect();
    all_near(&node_weights, &rows(block, "node w (prevalence) ")[0], "prevalences");
    for (which, name) in [
        ("standard weight_resultant=False", "standard"),
        ("standard weight_resultant=True", "standard_weighted"),
        ("dual weight_resultant=False", "dual"),
        ("dual weight_resultant=True", "dual_weighted"),
    ] {
        let line = block.lines().find(|line| line.contains(which)).expect("a line of the centrality");
        let exact = &line[line.find("exact lam=").expect("an exact value")..];
        let value: f64 =
            exact["exact lam=".len()..].split(' ').next().expect("a value").parse().expect("a number");
        let eigen = &found["centrality"][name];
        assert!(near(number(&eigen["value"]), value), "{which}: {} for {value}", eigen["value"]);
        let expected = &rows(exact, "v=")[0];
        let mut vector = numbers(&eigen["vector"]);
        if which.starts_with("dual") {
            let mut by_column = vec![0.0; vector.len()];
            for (column, entry) in columns.iter().zip(&vector) {
                by_column[*column] = *entry;
            }
            vector = by_column;
        }
        all_near(&vector, expected, which);
    }
}

struct Cohort {
    heading: &'static str,
    people: &'static [&'static str],
    /// Prevalences of a binary matrix that contradicts the orders.
    prevalences: Option<&'static str>,
}

const CODED: [&str; 10] = ["A B C", "A B C", "A B C", "C A B", "B C", "A", "C", "B A C", "A B", "A C"];
const DESCRIBED: [&str; 10] = ["A B C", "A B C", "A B C", "C A B", "B C", "B", "C", "B A C", "B A", "A C"];

const COHORTS: [Cohort; 6] = [
    Cohort {
        heading: "tests/tests.py 4 patients dice_type=1",
        people: &["A B", "B C", "C", "A B C"],
        prevalences: None,
    },
    Cohort {
        heading: "tests/tests.py 4 patients dice_type=0",
        people: &["A B", "B C", "C", "A B C"],
        prevalences: None,
    },
    Cohort {
        heading: "notebook 10 patients AS CODED",
        people: &CODED,
        prevalences: Some("condition,weight\nA,0.7\nB,0.8\n"),
    },
    Cohort { heading: "notebook 10 patients AS DESCRIBED", people: &DESCRIBED, prevalences: None },
    Cohort {
        heading: "notebook equal-likelihood 12 patients",
        people: &[
            "A B C", "A C B", "B A C", "B C A", "C A B", "C B A", "A B C", "A C B", "B A C", "B C A",
            "C A B", "C B A",
        ],
        prevalences: None,
    },
    Cohort { heading: "duplicates:", people: &["A B&C", "A&B", "A B C"], prevalences: None },
];

#[test]
fn ref_every_vector_of_hypergraph_mm() {
    let path = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/reference/vectors/hypergraph_multimorbidity.txt"
    ));
    let Ok(text) = fs::read_to_string(&path) else {
        println!("skipped: {} is absent", path.display());
        return;
    };
    let blocks: Vec<&str> = text.split("\n===== ").filter(|block| !block.trim().is_empty()).collect();
    assert_eq!(blocks.len(), COHORTS.len());
    for (block, cohort) in blocks.iter().zip(&COHORTS) {
        let block = block.trim_start_matches("===== ");
        assert!(block.starts_with(cohort.heading), "{block}");
        let folder = folder_with(cohort.people);
        let weights = if block.contains("dice_type=0") { "power" } else { "complete" };
        let common = ["--people", "people.csv", "--weights", weights, "--ties", "listed"];
        let directed =
            json(&[&["directed"], &common[..], &["--progression", "aggregate"]].concat(), folder.path());
        check_directed(block, &directed);
        if block.contains("(array([nan") {
            continue;
        }
        let mut further = vec!["--contribution", "progression"];
        if let Some(prevalences) = cohort.prevalences {
            fs::write(folder.path().join("nodes.csv"), prevalences).expect("a file");
            further.extend(["--node-weights", "nodes.csv"]);
        }
        let undirected = json(&[&["undirected"], &common[..], &further].concat(), folder.path());
        check_undirected(block, &undirected);
    }
}

fn weights_by_name(document: &Value) -> BTreeMap<String, f64> {
    let sets = document["sets"].as_array().expect("sets").iter();
    sets.map(|set| (strings(&set["members"]).join(" "), number(&set["weight"]))).collect()
}

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
