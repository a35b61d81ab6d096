//! What must hold of any predictions.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use proptest::prelude::*;
use twinloom_audit::{Estimate, Evaluation, Options, Predictions, Undefined, compare, evaluate};
use twinloom_event::SubjectId;

fn predictions(labels: &[bool], probabilities: &[f64]) -> Predictions {
    let subjects = (0..labels.len() as i64).map(SubjectId::new).collect();
    Predictions::new(subjects, labels.to_vec(), probabilities.to_vec()).unwrap()
}

/// Labels with both classes, and predictions in sixty-fourths: many tie, and transforms keep order.
fn mixed() -> impl Strategy<Value = (Vec<bool>, Vec<f64>)> {
    prop::collection::vec((any::<bool>(), 1_u8..64), 0..60).prop_map(|mut rows| {
        rows.extend([(true, 20), (false, 40)]);
        rows.into_iter().map(|(label, score)| (label, f64::from(score) / 64.0)).unzip()
    })
}

fn point(labels: &[bool], probabilities: &[f64]) -> Evaluation {
    evaluate(&predictions(labels, probabilities), &Options { replicates: 0, ..Options::default() })
}

fn value(estimate: Estimate) -> f64 {
    estimate.value.unwrap()
}

/// A linear congruential stream of uniform numbers; the tests' own, so that they share no code with
/// the bootstrap.
fn uniforms(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(2) + 1;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as f64 + 0.5) / f64::from(1_u32 << 31)
    }
}

proptest! {
    #[test]
    fn law_ranking_ignores_monotone_transforms((labels, scores) in mixed()) {
        let squared: Vec<f64> = scores.iter().map(|score| score * score).collect();
        let (one, other) = (point(&labels, &scores), point(&labels, &squared));
        prop_assert_eq!(one.auroc, other.auroc);
        prop_assert_eq!(one.auprc, other.auprc);
    }

    #[test]
    fn law_reversed_predictions_have_reversed_auroc((labels, scores) in mixed()) {
        let reversed: Vec<f64> = scores.iter().map(|score| 1.0 - score).collect();
        let sum = value(point(&labels, &scores).auroc) + value(point(&labels, &reversed).auroc);
        prop_assert!((sum - 1.0).abs() < 1e-12);
    }

    #[test]
    fn law_delong_and_mann_whitney_agree((labels, scores) in mixed()) {
        let evaluation = point(&labels, &scores);
        prop_assert!((value(evaluation.auroc) - value(evaluation.auroc_delong)).abs() < 1e-12);
    }

    #[test]
    fn law_brier_of_a_constant_is_variance_plus_squared_bias((labels, _) in mixed(), constant in 0.0..=1.0_f64) {
        let prevalence = labels.iter().filter(|label| **label).count() as f64 / labels.len() as f64;
        let expected = prevalence * (1.0 - prevalence) + (constant - prevalence).powi(2);
        let evaluation = point(&labels, &vec![constant; labels.len()]);
        prop_assert!((value(evaluation.brier) - expected).abs() < 1e-12);
        prop_assert!((value(evaluation.auroc) - 0.5).abs() < 1e-12);
        prop_assert!((value(evaluation.auprc) - prevalence).abs() < 1e-12);
        prop_assert_eq!(evaluation.calibration_slope.undefined, Some(Undefined::ConstantPrediction));
    }

    #[test]
    fn law_recalibrated_predictions_are_calibrated((labels, scores) in mixed()) {
        let before = point(&labels, &scores);
        prop_assume!(before.calibration_slope.value.is_some_and(|slope| slope.abs() > 0.01 && slope.abs() < 3.0));
        let (slope, intercept) = (value(before.calibration_slope), value(before.calibration_intercept));
        let recalibrated: Vec<f64> = scores
            .iter()
            .map(|score| 1.0 / (1.0 + (-intercept - slope * (score / (1.0 - score)).ln()).exp()))
            .collect();
        let after = point(&labels, &recalibrated);
        prop_assert!((value(after.calibration_slope) - 1.0).abs() < 1e-6);
        prop_assert!(value(after.calibration_intercept).abs() < 1e-6);
        prop_assert!(value(after.calibration_in_the_large).abs() < 1e-6);
    }

    #[test]
    fn law_calibration_points_hold_every_instance_once((labels, scores) in mixed()) {
        let bins = point(&labels, &scores).calibration;
        prop_assert_eq!(bins.iter().map(|bin| bin.instances).sum::<usize>(), labels.len());
        prop_assert!(bins.windows(2).all(|pair| pair[0].predicted < pair[1].predicted));
        prop_assert!(bins.iter().all(|bin| bin.lower <= bin.observed && bin.observed <= bin.upper));
    }

    #[test]
    fn law_any_predictions_give_finite_figures(
        rows in prop::collection::vec((0_i64..6, any::<bool>(), 0.0..=1.0_f64), 0..12)
    ) {
        let subjects = rows.iter().map(|row| SubjectId::new(row.0)).collect();
        let labels = rows.iter().map(|row| row.1).collect();
        let predictions = Predictions::new(subjects, labels, rows.iter().map(|row| row.2).collect()).unwrap();
        let figures = evaluate(&predictions, &Options { replicates: 20, ..Options::default() });
        for estimate in [
            figures.auroc, figures.auroc_delong, figures.auprc, figures.brier, figures.calibration_slope,
            figures.calibration_intercept, figures.calibration_in_the_large, figures.calibration_index,
            figures.calibration_e50, figures.calibration_e90, figures.precision_at[0].precision,
            figures.precision_at[3].recall,
        ] {
            prop_assert_eq!(estimate.value.is_none(), estimate.undefined.is_some());
            for number in [estimate.value, estimate.lower, estimate.upper].into_iter().flatten() {
                prop_assert!(number.is_finite());
            }
        }
    }
}

#[test]
fn law_the_calibration_index_of_the_true_risk_is_small_and_of_a_shifted_one_its_shift() {
    // 20,000 outcomes drawn with the predicted risk: the smoothed curve is off by about 0.005 (standard
    // error sqrt(p q / 15,000) with the local line's inflation); 0.02 is four times that.
    let mut uniform = uniforms(11);
    let (labels, risks): (Vec<_>, Vec<_>) = (0..20_000)
        .map(|_| {
            let risk = 0.1 + 0.5 * uniform();
            (uniform() < risk, risk)
        })
        .unzip();
    assert!(value(point(&labels, &risks).calibration_index) < 0.02);
    let high: Vec<f64> = risks.iter().map(|risk| risk + 0.2).collect();
    assert!((value(point(&labels, &high).calibration_index) - 0.2).abs() < 0.02);
}

#[test]
fn regress_undefined_figures_say_why() {
    let one_class = point(&[true, true], &[0.2, 0.7]);
    assert_eq!((one_class.auroc.value, one_class.auroc.undefined), (None, Some(Undefined::OneClass)));
    assert!(one_class.brier.value.is_some());
    assert_eq!(point(&[], &[]).brier.undefined, Some(Undefined::NoInstances));
    let separated = point(&[false, false, true, true], &[0.1, 0.2, 0.7, 0.8]);
    assert_eq!(separated.calibration_slope.undefined, Some(Undefined::Separated));
    assert!(separated.calibration_in_the_large.value.is_some());
}

#[test]
fn law_threads_do_not_change_a_byte() {
    let mut uniform = uniforms(3);
    let (labels, scores): (Vec<_>, Vec<_>) = (0..300).map(|_| (uniform() < 0.3, uniform())).unzip();
    let predictions = predictions(&labels, &scores);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| evaluate(&predictions, &Options { replicates: 100, ..Options::default() }))
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn law_a_subject_counted_twice_adds_no_certainty() {
    let mut uniform = uniforms(5);
    let (labels, scores): (Vec<_>, Vec<_>) = (0..80).map(|_| (uniform() < 0.4, uniform())).unzip();
    let subjects: Vec<_> = (0..80).map(SubjectId::new).collect();
    let once = Predictions::new(subjects.clone(), labels.clone(), scores.clone()).unwrap();
    let twice = Predictions::new(subjects.repeat(2), labels.repeat(2), scores.repeat(2)).unwrap();
    let options = Options { replicates: 100, ..Options::default() };
    let (once, twice) = (evaluate(&once, &options), evaluate(&twice, &options));
    for (one, two) in
        [(once.auroc, twice.auroc), (once.auroc_delong, twice.auroc_delong), (once.brier, twice.brier)]
    {
        assert!((one.lower.unwrap() - two.lower.unwrap()).abs() < 1e-12);
        assert!((one.upper.unwrap() - two.upper.unwrap()).abs() < 1e-12);
    }
}

#[test]
fn law_intervals_cover_the_true_auroc() {
    // Positives ~ N(1, 1), negatives ~ N(0, 1): the true AUROC is Phi(1 / sqrt 2). 200 data sets, so the
    // coverage of an exact 95 % interval has standard error 1.5 %; 90 % to 99 % is more than three of them
    // below and less than three above, where an interval much too wide would fall.
    let truth = 0.760_249_938_906_523_3;
    let (mut bootstrap, mut delong) = (0, 0);
    for seed in 0..200 {
        let mut uniform = uniforms(seed);
        let (labels, scores): (Vec<_>, Vec<_>) = (0..100)
            .map(|index| {
                let label = index % 3 == 0;
                let normal = (-2.0 * uniform().ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos();
                let score = normal + f64::from(u8::from(label));
                (label, 1.0 / (1.0 + (-score).exp()))
            })
            .unzip();
        let evaluation =
            evaluate(&predictions(&labels, &scores), &Options { replicates: 200, ..Options::default() });
        let covers = |estimate: Estimate| {
            u32::from(estimate.lower.unwrap() <= truth && truth <= estimate.upper.unwrap())
        };
        bootstrap += covers(evaluation.auroc);
        delong += covers(evaluation.auroc_delong);
    }
    assert!((180..=198).contains(&bootstrap), "{bootstrap} of 200");
    assert!((180..=198).contains(&delong), "{delong} of 200");
}

#[test]
fn law_a_model_does_not_differ_from_itself() {
    let mut uniform = uniforms(9);
    let (labels, scores): (Vec<_>, Vec<_>) = (0..50).map(|_| (uniform() < 0.4, uniform())).unzip();
    let model = predictions(&labels, &scores);
    let comparison = compare(&model, &model, &Options { replicates: 50, ..Options::default() }).unwrap();
    for estimate in [comparison.auroc, comparison.auprc, comparison.brier] {
        assert_eq!((estimate.value, estimate.lower, estimate.upper), (Some(0.0), Some(0.0), Some(0.0)));
    }
    assert_eq!(comparison.auroc_p, Some(1.0));
    let other = predictions(&labels[..49], &scores[..49]);
    assert!(compare(&model, &other, &Options::default()).is_err());
}
