//! Measures and rules against Fairlearn's, and rules that keep what they promise.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use std::sync::Arc;

use proptest::prelude::*;
use twinloom_audit::fairness::{
    GroupThreshold, crossed, demographic_parity_thresholds, equal_opportunity_thresholds,
    equalised_odds_thresholds, fairness,
};
use twinloom_audit::{Grouping, Options, Predictions};
use twinloom_event::SubjectId;

/// Group, prediction, label and how many.
type Count = (&'static str, f64, bool, usize);

const COUNTS: [Count; 18] = [
    ("a", 0.9, true, 12),
    ("a", 0.9, false, 2),
    ("a", 0.7, true, 10),
    ("a", 0.7, false, 5),
    ("a", 0.5, true, 6),
    ("a", 0.5, false, 8),
    ("a", 0.3, true, 3),
    ("a", 0.3, false, 14),
    ("a", 0.1, true, 1),
    ("a", 0.1, false, 19),
    ("b", 0.8, true, 7),
    ("b", 0.8, false, 3),
    ("b", 0.6, true, 6),
    ("b", 0.6, false, 9),
    ("b", 0.4, true, 9),
    ("b", 0.4, false, 10),
    ("b", 0.2, true, 4),
    ("b", 0.2, false, 22),
];

fn people(counts: &[Count]) -> (Predictions, Grouping) {
    let (mut labels, mut chances, mut groups) = (vec![], vec![], vec![]);
    for &(group, chance, label, count) in counts {
        for _ in 0..count {
            labels.push(label);
            chances.push(chance);
            groups.push(Some(Arc::from(group)));
        }
    }
    let subjects = (0..labels.len() as i64).map(SubjectId::new).collect();
    (Predictions::new(subjects, labels, chances).unwrap(), Grouping { name: "group".into(), groups })
}

/// Share of right decisions when people are judged by their group's rule.
fn accuracy(predictions: &Predictions, grouping: &Grouping, rules: &[GroupThreshold]) -> f64 {
    let right = |row: usize| {
        let group = grouping.groups[row].as_deref();
        let rule = rules.iter().find(|rule| Some(&*rule.group) == group).unwrap();
        let chosen = rule.chance_selected(predictions.probabilities()[row]);
        if predictions.labels()[row] { chosen } else { 1.0 - chosen }
    };
    (0..predictions.len()).map(right).sum::<f64>() / predictions.len() as f64
}

/// Shares selected of all, of those with the outcome, and of those without, by asking each.
fn rates(predictions: &Predictions, grouping: &Grouping, rule: &GroupThreshold) -> [f64; 3] {
    let mean = |keep: &dyn Fn(bool) -> bool| {
        let rows: Vec<usize> = (0..predictions.len())
            .filter(|&row| {
                grouping.groups[row].as_deref() == Some(&*rule.group) && keep(predictions.labels()[row])
            })
            .collect();
        let chosen = rows.iter().map(|&row| rule.chance_selected(predictions.probabilities()[row]));
        chosen.sum::<f64>() / rows.len() as f64
    };
    [mean(&|_| true), mean(&|label| label), mean(&|label| !label)]
}

/// Fairlearn 0.15.0, `demographic_parity_difference`, `demographic_parity_ratio` and `equalized_odds_difference` of
/// predictions of 0.5 or more.
#[test]
fn ref_measures_of_fairlearn() {
    let (predictions, grouping) = people(&COUNTS);
    let found = fairness(&predictions, &grouping, 0.5, &Options { replicates: 100, ..Options::default() });
    for (value, expected) in [
        (found.demographic_parity.value, 0.180_357_142_857_142_83),
        (found.demographic_parity_ratio.value, 0.664_451_827_242_524_9),
        (found.equalised_odds.value, 0.375),
    ] {
        assert!((value.unwrap() - expected).abs() < 1e-12, "{value:?} {expected}");
    }
    // Groups of two groupings at once have intervals too, and are held back where they are small.
    let halves = (0..predictions.len()).map(|row| Some(Arc::from(if row % 7 == 0 { "odd" } else { "even" })));
    let halves = Grouping { name: "half".into(), groups: halves.collect() };
    let both = fairness(&predictions, &crossed(&[&grouping, &halves]), 0.5, &Options::default());
    let shown: Vec<_> = both.groups.iter().map(|group| (&*group.group, group.selected().is_some())).collect();
    assert_eq!(shown, [("a x even", true), ("a x odd", false), ("b x even", true), ("b x odd", false)]);
    let interval = both.groups[0].true_positives().unwrap();
    assert!(interval.lower < interval.value && interval.value < interval.upper);
}

/// Fairlearn 0.15.0, `ThresholdOptimizer` with accuracy, its grid of 1,000 steps and no flips: rates to a step of the grid,
/// and no fewer right decisions.
#[test]
fn ref_rules_of_fairlearn() {
    let (predictions, grouping) = people(&COUNTS);
    let odds = equalised_odds_thresholds(&predictions, &grouping);
    for rule in &odds {
        assert!((rule.true_positives - 0.270_323_886_639_676_1).abs() < 0.002, "{rule:?}");
        assert!((rule.false_positives - 0.069).abs() < 0.001, "{rule:?}");
    }
    let found = accuracy(&predictions, &grouping, &odds);
    assert!((0.675_538_569_500_674_7 - 1e-12..0.676).contains(&found), "{found}");
    let parity = demographic_parity_thresholds(&predictions, &grouping);
    for (rule, hits, alarms) in [
        (&parity[0], 0.686_666_666_666_666_5, 0.145_555_555_555_555_55),
        (&parity[1], 0.529_524_886_877_828_1, 0.263_008_021_390_374_3),
    ] {
        assert!((rule.selected - 0.362).abs() < 0.001, "{rule:?}");
        assert!((rule.true_positives - hits).abs() < 0.002, "{rule:?}");
        assert!((rule.false_positives - alarms).abs() < 0.002, "{rule:?}");
    }
    let found = accuracy(&predictions, &grouping, &parity);
    assert!((0.727_879_738_562_091_5 - 1e-12..0.7285).contains(&found), "{found}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn law_rules_keep_what_they_promise(counts in proptest::collection::vec(0_usize..9, 24)) {
        let groups = ["a", "b", "c"];
        let cells: Vec<Count> = counts
            .iter()
            .enumerate()
            .map(|(at, &count)| (groups[at % 3], [0.1, 0.35, 0.6, 0.85][at / 6], at % 2 == 0, count))
            .collect();
        let (predictions, grouping) = people(&cells);
        let opportunity = equal_opportunity_thresholds(&predictions, &grouping);
        let odds = equalised_odds_thresholds(&predictions, &grouping);
        let parity = demographic_parity_thresholds(&predictions, &grouping);
        for (rules, equal) in [(&opportunity, vec![1]), (&odds, vec![1, 2]), (&parity, vec![0])] {
            for rule in rules {
                let (own, first) =
                    (rates(&predictions, &grouping, rule), rates(&predictions, &grouping, &rules[0]));
                for &rate in &equal {
                    prop_assert!((own[rate] - first[rate]).abs() < 1e-9, "{:?}", rules);
                }
                let stated = [rule.selected, rule.true_positives, rule.false_positives];
                prop_assert!(own.iter().zip(stated).all(|(own, stated)| (own - stated).abs() < 1e-9));
                prop_assert!((0.0..=1.0).contains(&rule.by_lot) && (0.0..=1.0).contains(&rule.lot));
            }
        }
        // Whoever asks for more can't be right more often; and to select nobody, or everybody, is open to all.
        if !odds.is_empty() && odds.len() == grouping.groups.iter().flatten().collect::<std::collections::BTreeSet<_>>().len() {
            let right = |rules: &[GroupThreshold]| accuracy(&predictions, &grouping, rules);
            prop_assert!(right(&odds) <= right(&opportunity) + 1e-9);
            let with = predictions.labels().iter().filter(|label| **label).count() as f64;
            let least = (with / predictions.len() as f64).max(1.0 - with / predictions.len() as f64);
            prop_assert!(right(&odds) >= least - 1e-9 && right(&parity) >= least - 1e-9);
        }
    }
}
