//! The folds, the rows and the published table.

use std::collections::BTreeSet;
use std::path::Path;

use super::folds::PairSplit;
use super::*;

/// Chance that a pair that interacts is ranked above one that doesn't, by comparing all.
fn auroc(scores: &[f64], labels: &[bool]) -> f64 {
    let of = |wanted: bool| scores.iter().zip(labels).filter(move |(_, label)| **label == wanted);
    let wins: f64 = of(true)
        .flat_map(|(high, _)| {
            of(false).map(move |(low, _)| {
                if high > low {
                    1.0
                } else if high < low {
                    0.0
                } else {
                    0.5
                }
            })
        })
        .sum();
    wins / (of(true).count() * of(false).count()) as f64
}

/// Two sorts of 16 classes each in four organ systems: a class interacts with the other sort's classes, but
/// for a few.
fn two_sorts() -> InteractionGraph {
    let class = |place: usize| format!("{}{:02}A", ["A", "B", "C", "D"][place % 4], place);
    let pairs = (0..32).flat_map(|a| (a + 1..32).map(move |b| (a, b)));
    let interacts = |(a, b): &(usize, usize)| (a / 2 + b / 2) % 2 == 1 && (a * 7 + b * 3) % 5 != 0;
    InteractionGraph::new(pairs.filter(interacts).map(|(a, b)| (class(a), class(b)))).unwrap()
}

#[test]
fn law_every_pair_is_asked_once_and_never_seen_before() {
    let graph = two_sorts();
    let nodes = graph.classes().len();
    let mut asked = BTreeSet::new();
    for fold in 0..5 {
        let split = PairSplit::new(&graph, 7, (0, fold, 5));
        let own: BTreeSet<_> = split.asked.iter().map(|(pair, _)| *pair).collect();
        let known: BTreeSet<_> = split.train.iter().chain(&split.tuning).map(|(pair, _)| *pair).collect();
        assert!(own.is_disjoint(&known));
        assert_eq!(own.len() + known.len(), nodes * (nodes - 1) / 2);
        assert!(split.asked.iter().all(|((a, b), label)| graph.holds(*a, *b) == *label));
        assert!(own.into_iter().all(|pair| asked.insert(pair)), "asked twice");
    }
    assert_eq!(asked.len(), nodes * (nodes - 1) / 2);
}

#[test]
fn law_a_planted_rule_is_found_by_networks_and_not_from_permuted_labels() {
    let graph = two_sorts();
    let parameters =
        InteractionParameters { repeats: 1, folds: 3, epochs: 40, ..InteractionParameters::default() };
    let models = [PairModel::ConvolutionDistMult, PairModel::SageDistMult, PairModel::SagePermuted];
    let runs = predict_pairs(&graph, &models, &parameters, &|| {}).unwrap();
    for model in models {
        let of_model = runs.iter().filter(|run| run.model == model);
        let found: Vec<f64> = of_model.map(|run| auroc(&run.scores, &run.labels)).collect();
        let mean = found.iter().sum::<f64>() / found.len() as f64;
        if model == PairModel::SagePermuted {
            // About 65 positives and 100 others a fold: a standard error of 0.047, of the mean of three
            // 0.027; four of them make one false alarm in 15,000.
            assert!((mean - 0.5).abs() < 0.11, "{found:?}");
        } else {
            assert!(mean > 0.8, "{model:?} {found:?}");
        }
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let again = pool.install(|| predict_pairs(&graph, &models[1..2], &parameters, &|| {})).unwrap();
    assert_eq!(again[..], runs[3..6], "the same on one thread");
}

#[test]
fn regress_bad_graphs_and_parameters_are_refused() {
    let none: [(&str, &str); 0] = [];
    assert!(matches!(InteractionGraph::new(none), Err(InteractionError::Few { .. })));
    assert!(matches!(InteractionGraph::new([("A01A", "A01A")]), Err(InteractionError::Itself { .. })));
    assert!(matches!(InteractionGraph::new([("A01A", "x")]), Err(InteractionError::Class { .. })));
    let two = InteractionGraph::new([("A01A", "B01A"), ("B01A", "A01A")]).unwrap();
    assert_eq!(two.pairs(), [(0, 1)]);
    let parameters = InteractionParameters::default();
    assert!(predict_pairs(&two, &PairModel::ALL, &parameters, &|| {}).is_err());
    assert!(predict_triples(&two, &TripleModel::ALL, &parameters, &|| {}).is_err());
    assert!(InteractionParameters { folds: 1, ..parameters }.check().is_err());
}

/// Pairs of the published table, where it lies beside the repository.
fn published() -> Option<InteractionGraph> {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/ddi_safedrug/ddi_atc_pairs.csv");
    let text = std::fs::read_to_string(file).ok()?;
    let rows = text.lines().skip(1).filter_map(|line| line.trim().split_once(','));
    InteractionGraph::new(rows).ok()
}

#[test]
fn ref_the_published_table_and_its_folds() {
    let Some(graph) = published() else {
        eprintln!("skipped: no table of interactions beside the repository");
        return;
    };
    // Counted apart from this program, from the file.
    assert_eq!((graph.classes().len(), graph.pairs().len()), (79, 337));
    let triples = graph.triples();
    let cliques = triples.iter().filter(|(_, label)| *label).count();
    assert_eq!((cliques, triples.len() - cliques), (514, 3066));
    assert!((graph.density() - 337.0 / 3081.0).abs() < 1e-12);
    let parameters = InteractionParameters { repeats: 1, ..InteractionParameters::default() };
    let models = [PairModel::DegreeProduct, PairModel::LogisticHierarchyAndCounts];
    for run in predict_pairs(&graph, &models, &parameters, &|| {}).unwrap() {
        // Some 67 positives a fold: a coin's standard error is 0.037; 0.65 is four of them.
        assert!(auroc(&run.scores, &run.labels) > 0.65, "{:?}", run.model);
    }
}
