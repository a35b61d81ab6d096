//! The network of pairs: against plain counting, other programs, and people whose associations are
//! known because they were made.

use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use twinloom_hypergraph::network::{
    Arrow, CommunityParams, Edge, EnrichmentParams, NetworkParams, PairsParams, Quality, divide,
};
use twinloom_hypergraph::{Onset, People, Trait};

const AGES: [u32; 4] = [10, 20, 40, 80];

/// The numbers that divide a number, itself left out.
fn factors(number: usize) -> Vec<usize> {
    (1..=number / 2).filter(|factor| number.is_multiple_of(*factor)).collect()
}

/// People as the MultiNet program's simulator makes them: four codes each; the second and the fourth are
/// a factor of the one before with a chance of 0.9, the factor 1 the more likely the older the person;
/// greater codes come earlier.
fn multinet(codes: usize, records: usize, seed: u64) -> People {
    const FACTOR: f64 = 0.9;
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut unit = || (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let mut builder = People::builder();
    let conditions: Vec<_> = (1..=codes).map(|code| builder.condition(&code.to_string())).collect();
    let mut ages = Vec::new();
    for _ in 0..records {
        let age = AGES[(unit() * 4.0) as usize];
        let mut held: Vec<usize> = Vec::new();
        for place in 0..4 {
            let weights: Vec<f64> = if place % 2 == 0 {
                vec![1.0; codes]
            } else {
                let before = held[place - 1];
                let known = factors(before);
                let each = FACTOR * (codes - known.len()) as f64 / (1.0 - FACTOR) / known.len().max(1) as f64;
                let mut weights: Vec<f64> =
                    (1..=codes).map(|code| if known.contains(&code) { each } else { 1.0 }).collect();
                weights[0] *= f64::from(age) / 40.0;
                weights
            };
            let mut left = unit() * weights.iter().sum::<f64>();
            let drawn = weights.iter().position(|weight| {
                left -= weight;
                left < 0.0
            });
            held.push(drawn.unwrap_or(codes - 1) + 1);
        }
        let onsets: Vec<Onset> =
            held.iter().map(|code| Onset::on(conditions[code - 1], (codes + 1 - code) as i32)).collect();
        builder.person(&onsets, None);
        ages.push(age.to_string());
    }
    let age = Trait::new("age", ages.iter().map(|age| Some(age.as_str())));
    builder.build().with_trait(age.expect("it has a name")).expect("it is stated for everybody")
}

/// Whether every number of a debug text is finite; JSON would hide the others as null.
fn is_finite(text: &str) -> bool {
    text.split(|letter: char| !letter.is_alphanumeric()).all(|word| word != "NaN" && word != "inf")
}

fn by_age() -> PairsParams {
    PairsParams { strata: vec!["age".into()], ..PairsParams::default() }
}

#[test]
fn ref_factors_are_found_where_numbers_attract_their_factors() {
    let people = multinet(30, 60_000, 42);
    let pairs = by_age().measure(&people).unwrap();
    assert_eq!((pairs.strata.len(), pairs.pairs.len()), (4, 30 * 29 / 2));
    let network = NetworkParams { directed: true, ..NetworkParams::default() }.join(&pairs).unwrap();
    let number = |node: usize| -> usize { network.nodes[node].condition.parse().unwrap() };
    let mut found: Vec<(usize, usize)> = network
        .edges
        .iter()
        .filter_map(Edge::arc)
        .map(|(from, to)| (number(from), number(to)))
        .filter(|(_, factor)| *factor != 1)
        .collect();
    found.sort_unstable();
    // MultiNet's own example leaves out 1, which nearly everything attracts.
    let chance = |number: usize, factor: usize| {
        let known = factors(number);
        if known.contains(&factor) { 0.9 / known.len() as f64 } else { 0.0 }
    };
    let made: Vec<(usize, usize)> = (2..=30)
        .flat_map(|number| factors(number).into_iter().map(move |factor| (number, factor)))
        .filter(|(_, factor)| *factor != 1)
        .collect();
    let false_edges: Vec<_> = found.iter().filter(|edge| !made.contains(edge)).collect();
    assert!(false_edges.is_empty(), "not factors: {false_edges:?}");
    // A number of many factors draws each of them hardly more often than other numbers do.
    let strong: Vec<_> = made
        .iter()
        .filter(|(number, factor)| {
            let mean = (1..=30).map(|other| chance(other, *factor)).sum::<f64>() / 30.0;
            chance(*number, *factor) > 2.0 * mean
        })
        .collect();
    let missed: Vec<_> = strong.iter().filter(|edge| !found.contains(edge)).collect();
    assert!(missed.is_empty() && strong.len() > 35, "missed {missed:?} of {}", strong.len());
    assert!(found.contains(&(8, 4)) && found.contains(&(8, 2)));
}

#[test]
fn ref_number_one_is_enriched_in_the_old() {
    let people = multinet(30, 20_000, 7);
    let pairs = by_age().measure(&people).unwrap();
    let network = NetworkParams::default().join(&pairs).unwrap();
    let groups = network.groups(&pairs);
    let params =
        EnrichmentParams { traits: vec!["age".into()], permutations: 200, ..EnrichmentParams::default() };
    let rows = params.test(&people, &groups).unwrap();
    let z = |group: &str, level: &str| {
        let row = rows.iter().find(|row| &*row.group == group && &*row.level == level).unwrap();
        (row.z.unwrap(), row.q.unwrap())
    };
    assert!(z("1", "80").0 > 10.0 && z("1", "80").1 < 0.05);
    assert!(z("1", "10").0 < -10.0 && z("1", "10").1 < 0.05);
    // 29 is drawn only at random; beyond four standard deviations once in 16,000 seeds.
    assert!(z("29", "80").0.abs() < 4.0);
}

#[test]
fn law_permutations_drawn_agree_with_all_of_them() {
    let people = multinet(12, 600, 3);
    let pairs = by_age().measure(&people).unwrap();
    let network = NetworkParams::default().join(&pairs).unwrap();
    let params =
        EnrichmentParams { traits: vec!["age".into()], permutations: 4000, ..EnrichmentParams::default() };
    let rows = params.test(&people, &network.groups(&pairs)).unwrap();
    assert!(rows.len() >= 48);
    for row in rows {
        // The normal tail, a third of a standard deviation either way for whole people, and 0.03 for
        // 4000 orders (four standard errors).
        let (z, p, drawn) = (row.z.unwrap(), row.p.unwrap(), row.p_drawn.unwrap());
        let normal = |z: f64| libm::erfc(z.max(0.0) / std::f64::consts::SQRT_2);
        assert!(drawn < normal(z.abs() - 0.35) + 0.03, "{row:?}");
        assert!(drawn > normal(z.abs() + 0.35) - 0.03, "{row:?}");
        assert!((p - normal(z.abs())).abs() < 0.1, "{row:?}");
        assert_eq!(z > 0.0, row.observed as f64 > row.expected);
    }
}

#[test]
fn law_threads_change_nothing_and_every_number_is_finite() {
    let people = multinet(20, 3000, 5);
    let all = || {
        let pairs = by_age().measure(&people).unwrap();
        let network = NetworkParams::default().join(&pairs).unwrap();
        let params =
            EnrichmentParams { traits: vec!["age".into()], permutations: 50, ..EnrichmentParams::default() };
        let rows = params.test(&people, &network.groups(&pairs)).unwrap();
        let text = format!("{:?}", (pairs, network, rows));
        assert!(is_finite(&text));
        text
    };
    let on =
        |threads: usize| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(all);
    assert_eq!(on(1), on(3));
}

/// What the script prints, or `None` where no outside reader is at hand.
fn outside(arguments: &[&std::ffi::OsStr]) -> Option<serde_json::Value> {
    let Some(python) = std::env::var_os("TWINLOOM_TEST_PYTHON") else {
        let in_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
        assert!(!in_ci, "TWINLOOM_TEST_PYTHON is not set; ./test sets it");
        eprintln!("skipped: TWINLOOM_TEST_PYTHON names no Python with the outside readers; run ./test");
        return None;
    };
    let script = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/python/check_network.py"));
    let output = Command::new(python).arg(script).args(arguments).output().expect("Python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).expect("the script prints JSON"))
}

#[test]
fn ref_communities_are_as_good_as_igraphs() {
    let Some(graphs) = outside(&["graphs".as_ref()]) else { return };
    for (name, graph) in graphs.as_object().unwrap() {
        let edges: Vec<(usize, usize, f64)> = serde_json::from_value(graph["edges"].clone()).unwrap();
        let nodes = graph["nodes"].as_u64().unwrap() as usize;
        for (quality, key, resolution) in
            [(Quality::Modularity, "modularity", 1.0), (Quality::ConstantPotts, "constant_potts", 0.1)]
        {
            let params = CommunityParams { quality, resolution, runs: 50, seed: 1 };
            let found = divide(nodes, &edges, &params).unwrap();
            let (ours, theirs) = (found.quality.unwrap(), graph[key].as_f64().unwrap());
            assert!(ours >= theirs - 1e-9 * theirs.abs(), "{name}, {key}: {ours} {theirs}");
            assert!(found.agreement.is_some_and(|agreement| agreement <= 1.0));
        }
    }
    // The largest modularity of the karate club is known: 0.4198 (Brandes and others, IEEE Trans Knowl
    // Data Eng 2008;20:172).
    assert!((graphs["karate"]["modularity"].as_f64().unwrap() - 0.419_789_6).abs() < 1e-6);
}

#[test]
fn ref_networkx_measures_the_same_network() {
    let folder = tempfile::tempdir().unwrap();
    let people = multinet(30, 20_000, 11);
    let pairs = by_age().measure(&people).unwrap();
    for directed in [false, true] {
        let network = NetworkParams { directed, ..NetworkParams::default() }.join(&pairs).unwrap();
        let path = folder.path().join("network.graphml");
        std::fs::write(&path, network.graphml()).unwrap();
        let Some(read) = outside(&["network".as_ref(), path.as_os_str()]) else { return };
        assert_eq!(read["directed"], directed);
        assert_eq!(read["edges"].as_array().unwrap().len(), network.edges.len());
        assert!(network.edges.len() > 30);
        let nodes = read["nodes"].as_object().unwrap();
        assert_eq!(nodes.len(), network.nodes.len());
        for node in &network.nodes {
            let measured = &nodes[&*node.condition];
            assert_eq!(measured["degree"], node.degree);
            assert_eq!(measured["stated"]["degree"], node.degree);
            for (key, ours) in [("betweenness", node.betweenness), ("closeness", node.closeness)] {
                let theirs = measured[key].as_f64().unwrap();
                assert!((ours - theirs).abs() < 1e-12, "{}, {key}: {ours} {theirs}", node.condition);
                assert!((measured["stated"][key].as_f64().unwrap() - ours).abs() < 1e-15);
            }
        }
        for edge in read["edges"].as_array().unwrap() {
            assert!((edge["inverse"].as_f64().unwrap() - 1.0).abs() < 1e-12, "{edge}");
        }
        let ours = network.communities.quality.unwrap();
        assert!((read["modularity"].as_f64().unwrap() - ours).abs() < 1e-12);
        assert!(ours >= read["best_modularity"].as_f64().unwrap() - 1e-9);
    }
}

#[test]
fn regress_edges_point_from_the_earlier_condition() {
    let mut builder = People::builder();
    let (a, b) = (builder.condition("a"), builder.condition("b"));
    for person in 0..300 {
        match person % 3 {
            0 => builder.person(&[Onset::on(b, 5), Onset::on(a, 9)], None),
            1 => builder.person(&[], None),
            _ => builder.person(&[Onset::undated(if person % 20 == 1 { a } else { b })], None),
        };
    }
    let pairs = PairsParams::default().measure(&builder.build()).unwrap();
    let network = NetworkParams { alpha: 0.9, ..NetworkParams::default() }.join(&pairs).unwrap();
    assert_eq!(network.edges.len(), 1);
    assert_eq!(network.edges[0].direction, Some(Arrow::Backward));
    assert_eq!(network.edges[0].days.unwrap().median.to_bits(), 4.0_f64.to_bits());
    assert_eq!((network.nodes[0].from_earlier, network.nodes[1].to_later), (1, 1));
}

/// Bad input of every kind ends in a defined result.
#[test]
fn regress_odd_people_have_defined_results() {
    let mut cases = vec![People::builder().build()];
    let mut one = People::builder();
    let (a, b, nobody) = (one.condition("a"), one.condition("b"), one.condition("nobody"));
    one.person(&[Onset::on(a, 1), Onset::on(b, 1), Onset::on(a, 3)], Some(2));
    cases.push(one.build());
    let mut same = People::builder();
    let conditions = [same.condition("a"), same.condition("b")];
    for _ in 0..50 {
        same.person(&conditions.map(Onset::undated), None);
    }
    cases.push(same.build());
    let _ = nobody;
    for people in cases {
        for fewest_people in [0, 1] {
            let pairs = PairsParams { fewest_people, ..PairsParams::default() }.measure(&people).unwrap();
            for pair in &pairs.pairs {
                assert!(pair.odds_ratio.absent.is_some() && pair.association.is_none());
            }
            let network = NetworkParams::default().join(&pairs).unwrap();
            assert!(network.edges.is_empty() && network.communities.quality.is_none());
            assert!(is_finite(&format!("{:?}", (pairs, network))));
        }
    }
}

#[test]
fn regress_too_many_pairs_are_refused_with_a_way_out() {
    let mut builder = People::builder();
    for number in 0..10_000 {
        let condition = builder.condition(&format!("{number:05}"));
        builder.person(&[Onset::undated(condition)], None);
    }
    let people = builder.build();
    let error = PairsParams::default().measure(&people).unwrap_err().to_string();
    assert_eq!(
        error,
        "10000 conditions of at least 1 people make 49995000 pairs; permitted: 1000000 at most, so pair \
         only conditions of more people"
    );
    let few = PairsParams { fewest_people: 2, ..PairsParams::default() }.measure(&people).unwrap();
    assert!(few.pairs.is_empty());
}

/// A condition and its day.
type Held = (usize, Option<i32>);

/// Up to 150 people with up to 5 of 6 conditions, some days missing, in strata of one trait.
fn any_people() -> impl Strategy<Value = (Vec<Vec<Held>>, Vec<Option<usize>>)> {
    let onset = (0_usize..6, proptest::option::weighted(0.8, 0_i32..8));
    (0_usize..150).prop_flat_map(move |people| {
        (
            proptest::collection::vec(proptest::collection::vec(onset.clone(), 0..5), people),
            proptest::collection::vec(proptest::option::weighted(0.9, 0_usize..3), people),
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn law_tables_and_orders_are_those_of_plain_counting((onsets, strata) in any_people()) {
        const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
        const LEVELS: [&str; 3] = ["x", "y", "z"];
        let mut builder = People::builder();
        let ids = NAMES.map(|name| builder.condition(name));
        for person in &onsets {
            let held: Vec<Onset> =
                person.iter().map(|(condition, day)| Onset { condition: ids[*condition], day: *day }).collect();
            builder.person(&held, None);
        }
        let area = Trait::new("area", strata.iter().map(|level| level.map(|level| LEVELS[level]))).unwrap();
        let people = builder.build().with_trait(area).unwrap();
        let params = PairsParams { strata: vec!["area".into()], fewest_people: 0, ..PairsParams::default() };
        let pairs = params.measure(&people).unwrap();
        prop_assert_eq!(pairs.pairs.len(), 15);
        prop_assert_eq!(pairs.people + pairs.people_without_stratum, onsets.len() as u64);
        let day = |person: usize, condition: usize| -> Option<Option<i32>> {
            let held = onsets[person].iter().filter(|(held, _)| *held == condition);
            let days: Vec<Option<i32>> = held.map(|(_, day)| *day).collect();
            (!days.is_empty()).then(|| days.into_iter().flatten().min())
        };
        for pair in &pairs.pairs {
            let (first, second) = (pair.first.index(), pair.second.index());
            let mut counts = [0; 4];
            let mut orders = [0; 4];
            for person in (0..onsets.len()).filter(|person| strata[*person].is_some()) {
                match (day(person, first), day(person, second)) {
                    (Some(one), Some(other)) => {
                        counts[0] += 1;
                        match (one, other) {
                            (Some(one), Some(other)) if one < other => orders[0] += 1,
                            (Some(one), Some(other)) if one > other => orders[1] += 1,
                            (Some(_), Some(_)) => orders[2] += 1,
                            _ => orders[3] += 1,
                        }
                    }
                    (Some(_), None) => counts[1] += 1,
                    (None, Some(_)) => counts[2] += 1,
                    (None, None) => counts[3] += 1,
                }
            }
            let table = pair.table;
            prop_assert_eq!([table.both, table.first_only, table.second_only, table.neither], counts);
            let order = pair.order;
            prop_assert_eq!([order.first_before, order.second_before, order.same_day, order.undated], orders);
        }
    }

    #[test]
    fn law_communities_are_connected_and_no_single_move_helps(
        edges in proptest::collection::vec((0_usize..14, 0_usize..14, 0.1..5.0_f64), 0..60),
        resolution in 0.3..2.0_f64,
    ) {
        let edges: Vec<_> = edges.into_iter().filter(|(one, other, _)| one != other).collect();
        let params = CommunityParams { resolution, runs: 3, ..CommunityParams::default() };
        let found = divide(14, &edges, &params).unwrap();
        let total: f64 = edges.iter().map(|(_, _, weight)| weight).sum();
        let modularity = |of_node: &[usize]| -> f64 {
            let mut strength = [0.0; 15];
            let mut inside = 0.0;
            for (one, other, weight) in &edges {
                strength[of_node[*one]] += weight;
                strength[of_node[*other]] += weight;
                if of_node[*one] == of_node[*other] {
                    inside += weight;
                }
            }
            let squares: f64 = strength.iter().map(|strength| strength * strength).sum();
            inside / total - resolution * squares / (4.0 * total * total)
        };
        for community in &found.communities {
            let mut reached = vec![community.nodes[0]];
            while let Some(next) = community.nodes.iter().find(|node| {
                !reached.contains(node)
                    && edges.iter().any(|(one, other, _)| {
                        (reached.contains(one) && other == *node) || (reached.contains(other) && one == *node)
                    })
            }) {
                reached.push(*next);
            }
            prop_assert_eq!(reached.len(), community.nodes.len(), "{:?}", community);
        }
        if let Some(quality) = found.quality {
            prop_assert!((quality - modularity(&found.of_node)).abs() < 1e-9);
            for node in 0..14 {
                for community in 0..=found.communities.len() {
                    let mut moved = found.of_node.clone();
                    moved[node] = community;
                    prop_assert!(modularity(&moved) <= quality + 1e-9, "{} to {}", node, community);
                }
            }
        } else {
            prop_assert!(edges.is_empty());
        }
    }
}
