//! Figures against scikit-learn 1.9.1, statsmodels 0.15.0 and scipy 1.17.1, as printed by
//! `reference/figures.py`.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use twinloom_audit::{Estimate, Options, Predictions, compare, evaluate};
use twinloom_event::SubjectId;

/// The instances of `reference/figures.py`; each subject has one.
fn instances() -> (Predictions, Predictions) {
    let mut state: u64 = 12345;
    let mut draw = || {
        state = (state * 1_103_515_245 + 12345) % (1 << 31);
        (state >> 8) as f64 / f64::from(1 << 23)
    };
    let (mut labels, mut ours, mut theirs) = (vec![], vec![], vec![]);
    for _ in 0..60 {
        let draws = [draw(), draw(), draw()];
        let risk = 0.05 + 0.6 * draws[0];
        labels.push(draws[1] < risk);
        ours.push((((risk * 16.0 + 0.5).floor()) / 16.0).clamp(1.0 / 16.0, 15.0 / 16.0));
        theirs.push(0.02 + 0.96 * (0.5 * draws[0] + 0.5 * draws[2]));
    }
    let subjects: Vec<_> = (0..60).map(SubjectId::new).collect();
    (
        Predictions::new(subjects.clone(), labels.clone(), ours).unwrap(),
        Predictions::new(subjects, labels, theirs).unwrap(),
    )
}

fn options() -> Options {
    Options { replicates: 200, ..Options::default() }
}

#[track_caller]
fn assert_near(estimate: Estimate, expected: f64, tolerance: f64) {
    let value = estimate.value.unwrap();
    assert!((value - expected).abs() < tolerance, "{value} is not {expected}");
}

fn standard_error(estimate: Estimate) -> f64 {
    (estimate.upper.unwrap() - estimate.lower.unwrap()) / (2.0 * 1.959_963_984_540_054)
}

#[test]
fn ref_a_model_with_ties() {
    let evaluation = evaluate(&instances().0, &options());
    assert_eq!(evaluation.positives, 25);
    assert_near(evaluation.auroc, 0.648_571_428_571_428_6, 1e-12);
    assert_near(evaluation.auroc_delong, 0.648_571_428_571_428_6, 1e-12);
    assert!((standard_error(evaluation.auroc_delong) - 0.071_295_786_942_106_74).abs() < 1e-12);
    assert_near(evaluation.auprc, 0.511_737_976_437_976_5, 1e-12);
    assert_near(evaluation.brier, 0.227_408_854_166_666_67, 1e-12);
    assert_near(evaluation.calibration_intercept, 0.039_282_040_212_729_88, 1e-9);
    assert_near(evaluation.calibration_slope, 0.705_729_955_462_306_9, 1e-9);
    assert_near(evaluation.calibration_in_the_large, 0.164_319_629_803_157_73, 1e-9);
    // statsmodels takes what lies within 0.001 of the radius as weight 1, and beyond 0.999 as weight 0.
    assert_near(evaluation.calibration_index, 0.056_029_525_144_727_56, 1e-6);
    assert_near(evaluation.calibration_e50, 0.045_828_99, 1e-6);
    assert_near(evaluation.calibration_e90, 0.078_757_17, 1e-6);
}

#[test]
fn ref_a_model_without_ties() {
    let evaluation = evaluate(&instances().1, &options());
    assert_near(evaluation.auroc, 0.598_857_142_857_142_9, 1e-12);
    assert!((standard_error(evaluation.auroc_delong) - 0.074_431_359_055_739_1).abs() < 1e-12);
    assert_near(evaluation.auprc, 0.495_492_670_585_972_7, 1e-12);
    assert_near(evaluation.brier, 0.256_640_296_868_294_5, 1e-12);
    assert_near(evaluation.calibration_intercept, -0.403_109_809_626_481_63, 1e-9);
    assert_near(evaluation.calibration_slope, 0.434_119_412_880_723_37, 1e-9);
    assert_near(evaluation.calibration_in_the_large, -0.518_104_988_295_708_5, 1e-9);
    assert_near(evaluation.calibration_index, 0.115_796_060_841_424_37, 1e-6);
    assert_near(evaluation.calibration_e50, 0.063_772_16, 1e-6);
    assert_near(evaluation.calibration_e90, 0.249_009_4, 1e-6);
    let top = evaluation.precision_at.last().unwrap();
    assert!((top.share - 0.2).abs() < 1e-12);
    assert_near(top.precision, 0.5, 1e-12);
    assert_near(top.recall, 0.24, 1e-12);
}

#[test]
fn ref_delong_test_of_two_models() {
    let (ours, theirs) = instances();
    let comparison = compare(&ours, &theirs, &options()).unwrap();
    assert_near(comparison.auroc, 0.049_714_285_714_285_49, 1e-12);
    assert!((comparison.auroc_p.unwrap() - 0.457_948_385_427_819_24).abs() < 1e-10);
    assert!(
        comparison.auroc.lower < comparison.auroc.value && comparison.auroc.value < comparison.auroc.upper
    );
}
