//! Measures of fairness counted by hand, and mitigation that does what it says.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use std::sync::Arc;

use twinloom_audit::fairness::{
    attack_by_group, crossed, equal_opportunity_thresholds, fairness, fidelity_by_group, reweighing,
};
use twinloom_audit::{Grouping, Options, Predictions};
use twinloom_event::SubjectId;
use twinloom_table::{InferParameters, Rows, Table, infer};

/// Group a: 40 people, 20 with the outcome of whom 15 selected, 5 of the others. Group b: 20 with, 10 selected;
/// 20 without, 10 selected. Group c is of 4.
fn decided() -> (Predictions, Grouping) {
    let (mut labels, mut chances, mut groups) = (vec![], vec![], vec![]);
    let mut add = |group: &str, label: bool, chance: f64, count: usize| {
        for _ in 0..count {
            labels.push(label);
            chances.push(chance);
            groups.push(Some(Arc::from(group)));
        }
    };
    for (group, label, chance, count) in [
        ("a", true, 0.75, 15),
        ("a", true, 0.25, 5),
        ("a", false, 0.75, 5),
        ("a", false, 0.25, 15),
        ("b", true, 0.75, 10),
        ("b", true, 0.25, 10),
        ("b", false, 0.75, 10),
        ("b", false, 0.25, 10),
        ("c", true, 0.75, 4),
        ("d", false, 0.75, 3),
    ] {
        add(group, label, chance, count);
    }
    let subjects = (0..labels.len() as i64).map(SubjectId::new).collect();
    (Predictions::new(subjects, labels, chances).unwrap(), Grouping { name: "made up".into(), groups })
}

#[test]
fn ref_measures_by_hand() {
    let (predictions, grouping) = decided();
    let found = fairness(&predictions, &grouping, 0.5, &Options { replicates: 200, ..Options::default() });
    let near = |value: Option<f64>, expected: f64| {
        assert!((value.unwrap() - expected).abs() < 1e-12, "{value:?} is not {expected}");
    };
    near(found.groups[0].selected().unwrap().value, 0.5);
    near(found.groups[0].true_positives().unwrap().value, 0.75);
    near(found.groups[1].false_positives().unwrap().value, 0.5);
    near(found.groups[0].precision().unwrap().value, 0.75);
    near(found.groups[0].calibration().unwrap().value, 0.0);
    near(found.demographic_parity.value, 0.0);
    near(found.demographic_parity_ratio.value, 1.0);
    near(found.equal_opportunity.value, 0.25);
    near(found.equalised_odds.value, 0.25);
    near(found.predictive_parity.value, 0.25);
    assert!(found.groups[2].rates.is_none() && found.groups[3].rates.is_none(), "few people are held back");
    assert!(found.equal_opportunity.lower < Some(0.25) && found.equal_opportunity.upper > Some(0.25));
}

#[test]
fn law_weights_make_group_and_outcome_independent() {
    let (predictions, grouping) = decided();
    let weights = reweighing(predictions.labels(), &grouping).unwrap();
    let rate = |name: &str| {
        let of = |keep: &dyn Fn(usize) -> bool| -> f64 {
            (0..weights.len())
                .filter(|&row| grouping.groups[row].as_deref() == Some(name) && keep(row))
                .map(|row| weights[row])
                .sum()
        };
        of(&|row| predictions.labels()[row]) / of(&|_| true)
    };
    assert!((rate("a") - rate("b")).abs() < 1e-12);
    // Kamiran and Calders: P(a) P(+) / P(a, +) = (40 / 87) (44 / 87) / (20 / 87).
    assert!((weights[0] - 40.0 * 44.0 / (87.0 * 20.0)).abs() < 1e-12);
    assert!(reweighing(&[true], &grouping).is_err());
}

#[test]
fn law_thresholds_give_an_equal_chance() {
    let (predictions, grouping) = decided();
    let rules = equal_opportunity_thresholds(&predictions, &grouping);
    assert_eq!(rules.iter().map(|rule| &*rule.group).collect::<Vec<_>>(), ["a", "b"]);
    for rule in &rules {
        let chosen =
            |row: usize, threshold: f64| f64::from(u8::from(predictions.probabilities()[row] >= threshold));
        let rows: Vec<usize> = (0..predictions.len())
            .filter(|&row| grouping.groups[row].as_deref() == Some(&*rule.group) && predictions.labels()[row])
            .collect();
        let by_lot = |row: usize| {
            rule.chance * chosen(row, rule.threshold) + (1.0 - rule.chance) * chosen(row, rule.otherwise)
        };
        let rate = rows.iter().map(|&row| by_lot(row)).sum::<f64>() / rows.len() as f64;
        assert!((rate - rules[0].true_positives).abs() < 1e-9, "{rule:?}: {rate}");
    }
}

#[test]
fn ref_groups_of_synthetic_data() {
    let rows = |shift: usize| {
        let cells = (0..60).map(|row| {
            let group = if row < 30 { "x" } else { "y" };
            let word = if row < 30 || (row + shift).is_multiple_of(2) || shift == 0 { "p" } else { "q" };
            [group, word]
        });
        Rows::new(&["group", "word"], cells.chain([["x", "q"]])).unwrap()
    };
    let schema = infer(&rows(1), &InferParameters::default()).unwrap();
    let (real, made) = (Table::read(&schema, &rows(0)).unwrap(), Table::read(&schema, &rows(1)).unwrap());
    let options = Options { replicates: 100, ..Options::default() };
    let found = fidelity_by_group(&real, &made, "group", &options).unwrap();
    assert_eq!(found[0].fidelity.unwrap().value, Some(1.0));
    // Half of y's words moved: the mean of a column that agrees and one that half does.
    assert!((found[1].fidelity.unwrap().value.unwrap() - 0.75).abs() < 1e-12);
    let groups = |size: usize| Grouping {
        name: "g".into(),
        groups: (0..size).map(|row| Some(Arc::from(if row % 2 == 0 { "even" } else { "odd" }))).collect(),
    };
    // Members of the even group score 1, all others 0.
    let scores: Vec<f64> = (0..40).map(|row| f64::from(u8::from(row % 2 == 0))).collect();
    let found = attack_by_group(&scores, &groups(40), &[0.0; 40], &groups(40), &options).unwrap();
    assert_eq!(found[0].figures.unwrap().auc.value, Some(1.0));
    assert_eq!(found[1].figures.unwrap().auc.value, Some(0.5));
    assert!(attack_by_group(&scores, &groups(4), &[0.0; 40], &groups(40), &options).is_err());
    let both = crossed(&[&groups(4), &groups(4)]);
    assert_eq!(both.groups[1].as_deref(), Some("odd x odd"));
}
