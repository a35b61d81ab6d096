//! Explanations of models on a record whose causes we know.

#![expect(clippy::unwrap_used, reason = "a failed run fails the test")]

#[expect(dead_code, reason = "made for the benchmark's tests too")]
mod known_risk;

use std::sync::Arc;

use known_risk::{KnownRisk, auroc};
use twinloom_learn::embeddings::{PrincipalAxes, nearest, probe};
use twinloom_learn::explain::{
    CounterfactualParameters, Deletion, EdgeParameters, Explainer, Explanation, Mean, Method,
    PointsParameters, Quality, QualityParameters, Share, causes_found, quality,
};
use twinloom_learn::{BenchmarkParameters, ModelKind};

const CAUSES: [&str; 3] = ["TEST//HEART_FAILURE", "TEST//STATIN", "TEST//SYSTOLIC"];

/// Of each way to read the record, one or more.
const KINDS: [ModelKind; 10] = [
    ModelKind::LogisticRegression,
    ModelKind::BoostedTrees,
    ModelKind::BagOfCodes,
    ModelKind::EntityEmbeddings,
    ModelKind::Gru,
    ModelKind::Transformer,
    ModelKind::TemporalGraph,
    ModelKind::GraphSage,
    ModelKind::HypergraphOfVisits,
    ModelKind::EncoderDecoder,
];

fn parameters(seed: u64) -> BenchmarkParameters {
    let mut parameters = BenchmarkParameters { seed, settings: 1, ..BenchmarkParameters::default() };
    let BenchmarkParameters { embedding, sage, sequence, graph, .. } = &mut parameters;
    for trainer in [&mut embedding.trainer, &mut sage.trainer, &mut sequence.trainer, &mut graph.trainer] {
        trainer.epochs = 20;
    }
    (sequence.width, sequence.hidden, graph.width) = (8, 16, 16);
    parameters
}

fn explained(explainer: &Explainer<'_>, people: usize) -> Vec<(usize, Explanation)> {
    let chosen = explainer.held_out().iter().take(people);
    chosen.map(|&instance| (instance, explainer.explain(instance).unwrap())).collect()
}

fn causes_of(explainer: &Explainer<'_>, instance: usize) -> Vec<Arc<str>> {
    let codes = explainer.codes(instance).unwrap();
    codes.into_iter().filter(|code| CAUSES.contains(&&**code)).collect()
}

#[test]
fn law_reasons_add_up_and_deletions_are_exact_for_every_row() {
    let record = KnownRisk::new(500, 11);
    let parameters = parameters(3);
    for kind in KINDS {
        let explainer = Explainer::fit(record.data(), &parameters, kind, 0).unwrap();
        let people = explained(&explainer, 8);
        let instances: Vec<usize> = people.iter().map(|(instance, _)| *instance).collect();
        let predicted = explainer.predict(&instances).unwrap();
        let mut largest: f64 = 0.0;
        for ((_, explanation), predicted) in people.iter().zip(&predicted) {
            assert!((explanation.probability - predicted).abs() < 1e-5, "{}", kind.name());
            largest = largest.max(explanation.remainder.abs());
        }
        // Networks sum along a path in 64 steps past the kinks of their rectifiers, in f32.
        let permitted = if people[0].1.method == Method::IntegratedGradients { 0.03 } else { 1e-9 };
        println!("{}: remainder {largest:.2e}", kind.name());
        assert!(largest < permitted, "{}: {largest}", kind.name());

        // The same record written anew is predicted the same; without heart failure less, as it truly is.
        let with = |codes: &[&str]| {
            let codes: Vec<Arc<str>> = codes.iter().map(|code| Arc::from(*code)).collect();
            let deletion = |&instance: &usize| Deletion { instance, codes: codes.clone() };
            explainer.without(&instances.iter().map(deletion).collect::<Vec<_>>()).unwrap()
        };
        for (anew, predicted) in with(&[]).iter().zip(&predicted) {
            assert!((anew - predicted).abs() < 1e-6, "{}: {anew} against {predicted}", kind.name());
        }
        let less = with(&["TEST//HEART_FAILURE"]);
        for ((instance, after), before) in instances.iter().zip(less).zip(&predicted) {
            let held = causes_of(&explainer, *instance).iter().any(|code| **code == *CAUSES[0]);
            assert!(held || (after - before).abs() < 1e-6, "{}: nothing was taken out", kind.name());
        }
    }
}

#[test]
fn law_explanations_find_the_causes_and_a_meaningless_model_has_none() {
    let record = KnownRisk::new(900, 11);
    let (first, second) = (parameters(3), parameters(4));
    for kind in [ModelKind::BoostedTrees, ModelKind::EntityEmbeddings, ModelKind::GraphSage] {
        let explainer = Explainer::fit(record.data(), &first, kind, 0).unwrap();
        let people = explained(&explainer, 60);
        let judged: Vec<_> =
            people.iter().map(|(instance, found)| (found, causes_of(&explainer, *instance))).collect();
        let found = causes_found(&judged);
        let again = Explainer::fit(record.data(), &second, kind, 0).unwrap();
        let judging = QualityParameters { seed: 7, ..QualityParameters::default() };
        let Quality { fidelity: faithful, reseeded, randomised } =
            quality(explainer, &again, &people, judging).unwrap();
        println!(
            "{}: {found:?}\n  {faithful:?}\n  reseeded {reseeded:?}\n  randomised {randomised:?}",
            kind.name()
        );
        // A person has about 20 different codes, one to three of them causes: by chance a share below 0.15.
        assert!(found.low > 0.4, "{}: {found:?}", kind.name());
        assert!(faithful.plus.low > faithful.random.high, "{}: {faithful:?}", kind.name());
        assert!(faithful.minus.value.abs() < faithful.plus.value, "{}: {faithful:?}", kind.name());
        assert!(randomised.high < 0.5 && randomised.high < reseeded.low, "{randomised:?}, {reseeded:?}");
    }
}

#[test]
fn law_points_add_up_and_agree_with_the_exact_reasons() {
    let record = KnownRisk::new(500, 11);
    let parameters = parameters(3);
    for kind in [ModelKind::LogisticRegression, ModelKind::BoostedTrees] {
        let explainer = Explainer::fit(record.data(), &parameters, kind, 0).unwrap();
        let mut alike = 0;
        let people = explained(&explainer, 12);
        for (instance, explanation) in &people {
            let found = explainer.points(*instance, explanation, PointsParameters::default()).unwrap();
            let sum = found.expected + found.rest + found.reasons.iter().map(|(_, part)| part).sum::<f64>();
            assert!((sum - explanation.probability).abs() < 1e-6, "{}: {sum}", kind.name());
            let first = &explanation.evidence[0];
            assert_eq!(found.reasons[0].0, first.what);
            alike += usize::from((found.reasons[0].1 > 0.0) == (first.weight > 0.0));
        }
        println!("{}: {alike} of 12", kind.name());
        // Both say which way the most telling reason moves the prediction, but for backgrounds of 50 people.
        assert!(alike >= 11, "{}: {alike} of 12", kind.name());
        let none = PointsParameters { reasons: 0, ..PointsParameters::default() };
        assert!(explainer.points(people[0].0, &people[0].1, none).is_err());
    }
}

#[test]
fn law_counterfactuals_fall_and_grow() {
    let record = KnownRisk::new(500, 11);
    let parameters = parameters(3);
    let explainer = Explainer::fit(record.data(), &parameters, ModelKind::LogisticRegression, 0).unwrap();
    let failing = explainer
        .held_out()
        .iter()
        .find(|&&instance| causes_of(&explainer, instance).iter().any(|code| **code == *CAUSES[0]));
    let instance = *failing.unwrap();
    let explanation = explainer.explain(instance).unwrap();
    let found =
        explainer.counterfactuals(instance, &explanation, CounterfactualParameters::default()).unwrap();
    println!("{explanation}\n{}\n{}", found.single[0], found.greedy.last().unwrap());
    assert_eq!((found.single.len(), found.pairs.len()), (8, 28));
    assert_eq!(found.greedy[0], found.single[0]);
    assert!(found.greedy.is_sorted_by(|one, next| one.after > next.after));
    let lines = explanation.to_string();
    assert!(lines.contains("as of 2020-01-01") && lines.contains("in encounter Encounter/"), "{lines}");
}

#[test]
fn law_vectors_of_people_hold_what_was_predicted() {
    let record = KnownRisk::new(500, 11);
    let parameters = parameters(3);
    for kind in KINDS {
        let explainer = Explainer::fit(record.data(), &parameters, kind, 0).unwrap();
        let all: Vec<usize> = (0..record.instances.len()).collect();
        if matches!(kind, ModelKind::LogisticRegression | ModelKind::BoostedTrees) {
            assert!(explainer.patient_vectors(&all).is_err() && explainer.concept_vectors().is_err());
            continue;
        }
        let people = explainer.patient_vectors(&all).unwrap();
        // The log odds are a line through the vectors, so a line must tell whether they are above their median,
        // but for what the penalty and 300 training people cost.
        let predicted = explainer.predict(&all).unwrap();
        let mut sorted = predicted.clone();
        sorted.sort_by(f64::total_cmp);
        let labels: Vec<Option<bool>> = predicted.iter().map(|p| Some(*p > sorted[250])).collect();
        let found = probe(&people, &labels, &record.splits).unwrap();
        let right = found.probabilities.iter().zip(&found.labels).filter(|(p, label)| (**p > 0.5) == **label);
        let right = right.count();
        println!("{}: {right} of {}", kind.name(), found.labels.len());
        assert!(right * 100 >= 90 * found.labels.len(), "{}: {right}", kind.name());

        let concepts = explainer.concept_vectors().unwrap();
        assert!(concepts.names().iter().any(|name| **name == *CAUSES[0]) && concepts.len() > 60);
        let axes = PrincipalAxes::fit(&[&people], 2).unwrap();
        assert!(axes.explained[0] >= axes.explained[1] && axes.project(&people).unwrap().len() == 500);
        assert_eq!(nearest(&concepts, 0, 5).len(), 5);
    }
}

/// How well shares tell a code's edges from those to noise: the area under the ROC curve, as the paper judges its
/// edges; nothing where the person has not both.
fn edges_told_apart(edges: &[Share], code: &str) -> Option<f64> {
    let judged = edges.iter().filter(|edge| *edge.what == *code || edge.what.starts_with("TEST//NOISE"));
    let (shares, labels): (Vec<f64>, Vec<bool>) =
        judged.map(|edge| (edge.share, *edge.what == *code)).unzip();
    (labels.contains(&true) && labels.contains(&false)).then(|| auroc(&shares, &labels))
}

#[test]
fn law_needed_edges_keep_the_prediction_and_find_the_causes() {
    // Not the record on which the search's parameters were chosen.
    let record = KnownRisk::new(1500, 12);
    let parameters = parameters(3);
    let explainer = Explainer::fit(record.data(), &parameters, ModelKind::GraphSage, 0).unwrap();
    let people = explainer.held_out().to_vec();
    let predicted = explainer.predict(&people).unwrap();
    let labels: Vec<bool> = people.iter().map(|&place| record.instances[place].is_positive()).collect();
    let learned = auroc(&predicted, &labels);

    let failing = |&instance: &usize| Deletion { instance, codes: vec![CAUSES[0].into()] };
    let without = explainer.without(&people.iter().map(failing).collect::<Vec<_>>()).unwrap();
    let share = explainer.share();
    let (mut areas, mut failures, mut statins) = (Vec::new(), Vec::new(), Vec::new());
    let (mut asked, mut kept) = (0, 0);
    for (place, (&instance, (predicted, without))) in
        people.iter().zip(predicted.iter().zip(without)).enumerate()
    {
        // Only where the prediction turns without heart failure are its edges needed.
        let is_needed = *predicted >= share && without < share;
        if !is_needed && place >= 20 {
            continue;
        }
        let found = explainer.needed_edges(instance, EdgeParameters::default()).unwrap();
        assert!((found.whole - predicted).abs() < 1e-5, "{} against {predicted}", found.whole);
        assert!(found.edges.iter().all(|edge| (0.0..=1.0).contains(&edge.share) && !edge.records.is_empty()));
        asked += 1;
        kept += usize::from((found.in_part >= share) == (found.whole >= share));
        if is_needed {
            areas.extend(edges_told_apart(&found.edges, CAUSES[0]));
            let shares = |code: &'static str| {
                found.edges.iter().filter(move |edge| *edge.what == *code).map(|edge| edge.share)
            };
            failures.extend(shares(CAUSES[0]));
            statins.extend(shares(CAUSES[1]));
        }
    }
    let (areas, failures, statins) = (Mean::of(&areas), Mean::of(&failures), Mean::of(&statins));
    println!(
        "model {learned:.2}; kept {kept} of {asked}; {areas:?}; raises {failures:?}, lowers {statins:?}"
    );
    assert!(learned > 0.7, "{learned}: the model has not learned the causes");
    assert!(kept * 10 >= 9 * asked, "{kept} of {asked}");
    // At chance a mean above 0.8 of 20 people's areas, each with a spread of 0.3 at most, is 4 errors off.
    assert!(areas.people >= 20 && areas.low > 0.8, "{areas:?}");
    // What lowers the risk is not needed to keep it high.
    assert!(failures.low > 0.5 && statins.people >= 5 && statins.high < 0.1, "{failures:?}, {statins:?}");
    assert!(
        Explainer::fit(record.data(), &parameters, ModelKind::LogisticRegression, 0)
            .unwrap()
            .needed_edges(0, EdgeParameters::default())
            .is_err()
    );
}

#[test]
fn law_attention_rolled_out_is_shared_by_the_record() {
    let record = KnownRisk::new(500, 11);
    let parameters = parameters(3);
    let explainer = Explainer::fit(record.data(), &parameters, ModelKind::Transformer, 0).unwrap();
    for &instance in explainer.held_out().iter().take(20) {
        let found = explainer.attended(instance).unwrap();
        let sum: f64 = found.iter().map(|one| one.share).sum();
        assert!((sum - 1.0).abs() < 1e-5 && found.iter().all(|one| one.share > 0.0), "{sum}");
        assert!(found.iter().any(|one| !one.records.is_empty()));
    }
}

#[test]
fn regress_what_can_not_be_explained_is_refused() {
    let record = KnownRisk::new(200, 11);
    let parameters = parameters(3);
    assert!(Explainer::fit(record.data(), &parameters, ModelKind::GraphSageRemoved, 0).is_err());
    assert!(Explainer::fit(record.data(), &parameters, ModelKind::LogisticRegression, 1).is_err());
    let explainer = Explainer::fit(record.data(), &parameters, ModelKind::LogisticRegression, 0).unwrap();
    assert!(explainer.explain(200).is_err() && explainer.predict(&[200]).is_err());
    let past = Deletion { instance: 200, codes: Vec::new() };
    assert!(explainer.without(&[past]).is_err());
}
