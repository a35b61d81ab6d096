//! Models against the tests of the packages whose methods they are.

use twinloom_hypergraph::{
    Histories, HistoryOptions, Onset, People, Terminal, Weighting, directed, undirected,
};

/// People with conditions in order, one a day; `&` ties.
fn people(orders: &[&str]) -> People {
    let mut builder = People::builder();
    for order in orders {
        let mut onsets = Vec::new();
        for (day, tied) in order.split_whitespace().enumerate() {
            for name in tied.split('&') {
                onsets.push(Onset::on(builder.condition(name), day as i32));
            }
        }
        builder.person(&onsets, None);
    }
    builder.build()
}

fn near(found: f64, expected: f64) -> bool {
    (found - expected).abs() < 1e-12
}

/// `hypergraph-mm`, `tests/tests.py`: complete and power weights of four people.
#[test]
fn ref_weights_of_hypergraph_mm() {
    let people = people(&["A B", "B C", "C", "A B C"]);
    let histories = Histories::of(&people, &HistoryOptions::default()).unwrap();
    let structure = directed::Structure::of(&histories, &directed::Options::default()).unwrap();
    let names = ["A", "B", "C", "A B", "B C", "A B C"];
    let complete = [2.0 / 5.0, 1.0 / 5.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 4.0, 1.0 / 8.0];
    let power = [2.0 / 4.0, 3.0 / 4.0, 3.0 / 4.0, 2.0 / 5.0, 1.0 / 3.0, 1.0 / 8.0];
    for (weighting, expected) in [(Weighting::Complete, complete), (Weighting::Power, power)] {
        let model = structure.evaluate(histories.mass(), weighting).unwrap();
        for (names, expected) in names.iter().zip(expected) {
            let members: Vec<u32> =
                names.split(' ').map(|name| people.conditions().find(name).unwrap().index() as u32).collect();
            let set = structure.find_set(&members).unwrap();
            assert!(near(model.set_weights[set], expected), "{names}: {}", model.set_weights[set]);
        }
    }
    let model = structure.evaluate(histories.mass(), Weighting::Complete).unwrap();
    let rank = structure.page_rank(&model, directed::Direction::Predecessor);
    for (found, expected) in rank.probabilities.iter().zip([0.999_998_759_3, 6.111e-7, 6.296e-7]) {
        assert!((found - expected).abs() < 1e-10, "{found} for {expected}");
    }
}

/// `hypergraph-mm`, mortality branch, `tests/tests.py`: four people who all die.
#[test]
fn ref_weights_with_a_terminal() {
    let people = people(&["A M", "B M", "C M", "A B C M"]);
    let terminal = people.conditions().find("M").map(Terminal::Condition);
    let histories = Histories::of(&people, &HistoryOptions { terminal, ..Default::default() }).unwrap();
    let structure = directed::Structure::of(&histories, &directed::Options::default()).unwrap();
    let model = structure.evaluate(histories.mass(), Weighting::Complete).unwrap();
    let expected = [
        (vec![0], 3.0),
        (vec![1], 5.0),
        (vec![2], 4.0),
        (vec![0, 3], 4.0),
        (vec![1, 3], 3.0),
        (vec![2, 3], 3.0),
        (vec![0, 1], 6.0),
        (vec![0, 1, 2], 7.0),
        (vec![0, 1, 2, 3], 10.0),
    ];
    for (members, one_in) in expected {
        let set = structure.find_set(&members).unwrap();
        assert!(near(model.set_weights[set], 1.0 / one_in), "{members:?}");
    }
    assert_eq!(model.set_weights.iter().filter(|weight| **weight > 0.0).count(), 9);
    assert!(near(model.head_node_weights[3], 1.0));
}

/// `multimorbidity_hypergraphs`, `test_multimorbidity_hypergraphs.py`: overlap coefficients.
#[test]
fn ref_overlap_of_rafferty() {
    let cohort = people(&["0&2", "1", "1&3", "1&2&3", "0&1&2&3"]);
    let histories = Histories::of(&cohort, &HistoryOptions::default()).unwrap();
    let structure = undirected::Structure::of(&histories, &undirected::Options::default()).unwrap();
    let model = structure.evaluate(histories.mass(), Weighting::Overlap).unwrap();
    let mut found: Vec<(Vec<u32>, f64)> = structure
        .edges(&model)
        .map(|edge| (structure.sets().nth(edge).unwrap().to_vec(), model.set_weights[edge]))
        .collect();
    found.sort_by(|left, right| (left.0.len(), &left.0).cmp(&(right.0.len(), &right.0)));
    let (half, third) = (0.5, 2.0 / 3.0);
    let expected = [
        (vec![0, 1], half),
        (vec![0, 2], 1.0),
        (vec![0, 3], half),
        (vec![1, 2], third),
        (vec![1, 3], 1.0),
        (vec![2, 3], third),
        (vec![0, 1, 2], half),
        (vec![0, 1, 3], half),
        (vec![0, 2, 3], half),
        (vec![1, 2, 3], third),
    ];
    assert_eq!(found, expected);
    assert_eq!(model.node_weights, [0.4, 0.8, 0.6, 0.6]);
}
