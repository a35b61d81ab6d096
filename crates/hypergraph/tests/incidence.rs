//! Reading, writing and measuring any hypergraph: what holds for every file.

use proptest::prelude::*;
use twinloom_hypergraph::incidence::{
    Components, Hypergraph, NodeEdgePowers, clique_eigenvector, h_eigenvector, katz, node_edge, read_hif,
    read_list, read_table, write_hif, z_eigenvector,
};

fn written(hypergraph: &Hypergraph) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_hif(hypergraph, &mut bytes).expect("a vector takes all bytes");
    bytes
}

const DIRECTED: &str = r#"{
  "network-type": "directed",
  "metadata": {"name": "two arcs", "nested": {"a": [1, 2.5, null]}},
  "nodes": [{"node": "alone", "attrs": {"sex": "female"}}, {"node": 7, "weight": 2.5}],
  "edges": [{"edge": "empty"}, {"edge": 0, "weight": 3, "attrs": {}, "seen": true}],
  "incidences": [
    {"edge": 0, "node": 7, "direction": "tail", "weight": -1.5, "attrs": {"k": "v"}},
    {"edge": 0, "node": "7", "direction": "head"},
    {"edge": 0, "node": 7, "direction": "head"}
  ]
}"#;

#[test]
fn law_what_a_file_says_survives_reading_and_writing() {
    let read = read_hif(DIRECTED.as_bytes()).expect("it is valid");
    let again = read_hif(&written(&read)).expect("what is written can be read");
    assert_eq!(read, again);
    assert_eq!((read.nodes().len(), read.edges().len(), read.incidences().len()), (3, 2, 3));
    assert_eq!((read.members(0), read.members(1)), (&[][..], &[1, 2][..]));
    assert_eq!(read.metadata()["nested"]["a"][1], 2.5);
}

#[test]
fn regress_errors_give_place_value_and_permitted_range() {
    let cases = [
        ("{\"incidences\": [}", "line 1, column 17"),
        ("[]", "permitted: an object"),
        ("{}", "/incidences is missing"),
        ("{\"incidences\": [], \"extra\": 1}", "permitted: network-type, metadata"),
        ("{\"network-type\": \"mixed\", \"incidences\": []}", "/network-type is \"mixed\""),
        ("{\"incidences\": [{\"edge\": 1}]}", "/incidences/0/node is missing"),
        ("{\"incidences\": [{\"edge\": 1.5, \"node\": 1}]}", "/incidences/0/edge is 1.5"),
        (
            "{\"edges\": [{\"edge\": 1, \"weight\": -1}], \"incidences\": []}",
            "/edges/0/weight is -1.0; permitted",
        ),
        (
            "{\"network-type\": \"directed\", \"incidences\": [{\"edge\": 1, \"node\": 1}]}",
            "direction is missing",
        ),
    ];
    for (text, wanted) in cases {
        let message = read_hif(text.as_bytes()).expect_err(text).to_string();
        assert!(message.contains(wanted) || message.contains(&wanted.replace("-1.0", "-1")), "{message}");
    }
}

fn hypergraphs() -> impl Strategy<Value = Hypergraph> {
    let edge = prop::collection::vec(0..12_u32, 0..6);
    (12..14_u32, prop::collection::vec(edge, 0..12))
        .prop_map(|(nodes, edges)| Hypergraph::from_edges(nodes, &edges).expect("nodes are below 12"))
}

fn shares(values: &[f64]) -> bool {
    let total: f64 = values.iter().sum();
    values.iter().all(|value| value.is_finite() && *value >= 0.0)
        && (total == 0.0 || (total - 1.0).abs() < 1e-9)
}

proptest! {
    #[test]
    fn law_no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = (read_hif(&bytes), read_table(&bytes), read_list(&bytes));
    }

    #[test]
    fn law_no_json_makes_a_reader_panic(
        text in r#"\{"(incidences|nodes|edges)": ?\[(\{"(edge|node|weight|attrs)": ?(1|-2.5|1e300|"a"|null|\{\})(, "(node|edge)": ?("b"|3))?\},?){0,3}\]\}"#
    ) {
        if let Ok(read) = read_hif(text.as_bytes()) {
            prop_assert_eq!(read_hif(&written(&read)).expect("what is written can be read"), read);
        }
    }

    #[test]
    fn law_centralities_are_shares_or_an_error(hypergraph in hypergraphs()) {
        for found in [clique_eigenvector(&hypergraph), h_eigenvector(&hypergraph), z_eigenvector(&hypergraph)] {
            match found {
                Ok(found) => prop_assert!(shares(&found.values) && found.eigenvalue.is_finite()),
                Err(error) => prop_assert!(!error.to_string().contains("NaN")),
            }
        }
        let walks = katz(&hypergraph, None).expect("the default attenuation converges");
        prop_assert!(shares(&walks.values));
        let both = node_edge(&hypergraph, NodeEdgePowers::default());
        prop_assert_eq!(both.is_ok(), Components::of(&hypergraph).len() <= 1);
    }

    /// The clique and H-eigenvectors solve their equations, checked against sums written out.
    #[test]
    fn law_eigenvectors_solve_their_equations(hypergraph in hypergraphs()) {
        let found = clique_eigenvector(&hypergraph).expect("it converges");
        let x = &found.values;
        for node in 0..x.len() {
            let mut image = 0.0;
            for edge in hypergraph.memberships(node) {
                for other in hypergraph.members(*edge as usize) {
                    if *other as usize != node {
                        image += x[*other as usize];
                    }
                }
            }
            prop_assert!((image - found.eigenvalue * x[node]).abs() < 1e-10, "{} {}", image, x[node]);
        }
    }
}
