//! Invented scores.

use twinloom_report::ModelKind::{Baseline, Comparator, Control, Model};
use twinloom_report::{Calibration, CalibrationModel, Estimate, ModelResult, Results};

pub(crate) fn results() -> Results {
    let e = |value: f64, half: f64| Some(Estimate::new(value, value - half, value + half * 0.9));
    let row = |name: &str, kind, auroc, auprc, brier, slope: Option<Estimate>, note: &str| ModelResult {
        name: name.into(),
        kind,
        auroc: e(auroc, 0.047),
        auprc: e(auprc, 0.02 + 0.18 * auprc),
        brier: e(brier, 0.011),
        calibration_slope: slope,
        n: 504,
        events: 46,
        note: note.into(),
    };

    Results {
        outcome: "death in hospital".into(),
        prediction_time: "from the first 24 hours after unit admission".into(),
        population: "held-out patients".into(),
        interval_method: "percentiles of 1,000 bootstrap samples of patients".into(),
        rows: vec![
            row("Outcome share", Baseline, 0.5, 0.091, 0.083, None, "predicts the same risk for everyone"),
            row("Logistic regression", Baseline, 0.807, 0.392, 0.069, e(0.83, 0.24), ""),
            row("Boosted trees", Model, 0.846, 0.447, 0.064, e(1.08, 0.29), ""),
            row("Entity-embedding network", Model, 0.829, 0.421, 0.066, e(0.91, 0.27), ""),
            row("GraphSAGE", Model, 0.841, 0.439, 0.065, e(0.97, 0.26), "patient, encounter, concept"),
            row("GraphSAGE, edges shuffled", Control, 0.781, 0.321, 0.073, e(0.71, 0.31), ""),
            row("APACHE IVa", Comparator, 0.853, 0.455, 0.067, e(0.78, 0.19), "as recorded in the source"),
        ],
    }
}

pub(crate) fn calibration() -> Calibration {
    let models =
        [("Logistic regression", 1.25), ("Boosted trees", 0.96), ("GraphSAGE", 1.05), ("APACHE IVa", 0.8)];
    let model = |(name, slope): (&str, f64)| {
        let pairs: Vec<(f64, bool)> = (0..504_u32)
            .map(|index| {
                let share = f64::from(index) / 504.0;
                let risk = 0.01 + 0.62 * share * share * share * share;
                let draw = f64::from(index * 7919 % 1009) / 1009.0;
                (risk, draw < risk * slope)
            })
            .collect();
        CalibrationModel::from_predictions(name, &pairs, 8)
    };
    Calibration { outcome: "death in hospital".into(), models: models.map(model).into() }
}
