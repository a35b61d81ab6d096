//! Both verbs against every line that hypergraph-mm prints.
//!
//! The reference file was printed by hypergraph-mm 1.0.0. Of its lines those named `iters` and
//! `hypmm pagerank` are left out: how long a power iteration took, and its result where 1e-4 is added to
//! each divisor, by which the rows no longer sum to 1; the exact vector stands on the line before. Where it
//! prints `nan`, for a condition that is never first, 0 is expected, and what follows from it is not in
//! the file.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::harness::{
    LETTERS, all_near, folder_with, json, near, number, numbers, progression_name, same, strings,
};

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

fn mask(names: &[&str]) -> usize {
    names.iter().map(|name| 1 << LETTERS.iter().position(|letter| letter == name).expect("a letter")).sum()
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
