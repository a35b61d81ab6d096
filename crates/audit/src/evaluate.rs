//! All figures of one model on one set of instances.

use serde::{Deserialize, Serialize};

use crate::bootstrap::{SubjectBootstrap, percentile_interval};
use crate::calibration::{CalibrationBin, bins, brier};
use crate::decision::{DecisionPoint, decision_curve};
use crate::delong::Placements;
use crate::estimate::{Estimate, Undefined};
use crate::normal::Z_95;
use crate::precision_at::{PrecisionAt, SHARES, precision_at};
use crate::predictions::Predictions;
use crate::ranking::Ranking;
use crate::recalibration::{Line, in_the_large, logits, recalibration};
use crate::smoothed::{Distances, Smoother};

/// Replicates of the smoothed curve, which costs more than the other figures.
const MOST_CURVES: u32 = 200;

/// How figures are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// Bootstrap replicates (default 1,000); 0 for no intervals.
    pub replicates: u32,
    /// Seed of the bootstrap (default 0).
    pub seed: u64,
    /// Points of the calibration plot (default 10).
    pub calibration_bins: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { replicates: 1000, seed: 0, calibration_bins: 10 }
    }
}

/// The figures of one model; 95 % intervals resample subjects, except where stated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Instances judged.
    pub instances: usize,
    /// Subjects they belong to.
    pub subjects: usize,
    /// Instances with the outcome.
    pub positives: usize,
    /// Chance that a positive instance is ranked above a negative one.
    pub auroc: Estimate,
    /// The same with DeLong's interval, for comparison with other reports.
    pub auroc_delong: Estimate,
    /// Area under the precision-recall curve, as average precision.
    pub auprc: Estimate,
    /// Mean squared error of the probabilities.
    pub brier: Estimate,
    /// Slope of the outcome's log odds on the predicted ones; ideal 1, below 1 when too extreme.
    pub calibration_slope: Estimate,
    /// Intercept of that line; ideal 0.
    pub calibration_intercept: Estimate,
    /// Shift of log odds that sets the mean right; ideal 0, positive when too low.
    pub calibration_in_the_large: Estimate,
    /// Mean distance of predictions from the smoothed share of outcomes (integrated calibration index);
    /// ideal 0. Its interval is from at most 200 replicates, and lies high where calibration is good, for
    /// a resampled curve is more crooked than the true one.
    #[serde(default)]
    pub calibration_index: Estimate,
    /// The median distance (E50).
    #[serde(default)]
    pub calibration_e50: Estimate,
    /// The 90th percentile of the distance (E90).
    #[serde(default)]
    pub calibration_e90: Estimate,
    /// Points of the calibration plot.
    pub calibration: Vec<CalibrationBin>,
    /// Precision and recall of acting on the highest predictions.
    #[serde(default)]
    pub precision_at: Vec<PrecisionAt>,
    /// Net benefit of acting on the predictions, by threshold.
    pub decision_curve: Vec<DecisionPoint>,
}

/// The metrics of one set of instance weights.
#[derive(Clone, Copy)]
pub(crate) struct Metrics {
    pub(crate) auroc: Result<f64, Undefined>,
    pub(crate) auprc: Result<f64, Undefined>,
    pub(crate) brier: Result<f64, Undefined>,
    slope: Result<f64, Undefined>,
    intercept: Result<f64, Undefined>,
    in_the_large: Result<f64, Undefined>,
}

/// Predictions with all that every replicate needs.
pub(crate) struct Prepared<'a> {
    predictions: &'a Predictions,
    pub(crate) ranking: Ranking,
    logits: Vec<f64>,
}

impl<'a> Prepared<'a> {
    pub(crate) fn new(predictions: &'a Predictions) -> Self {
        Self {
            predictions,
            ranking: Ranking::new(predictions.probabilities()),
            logits: logits(predictions.probabilities()),
        }
    }

    /// All metrics; the line and the shift are sought from `start`.
    pub(crate) fn metrics(&self, weights: &[f64], start: (Line, f64)) -> Metrics {
        let labels = self.predictions.labels();
        let line = if self.ranking.is_constant() && !self.predictions.is_empty() {
            Err(Undefined::ConstantPrediction)
        } else {
            recalibration(labels, &self.logits, weights, start.0)
        };
        Metrics {
            slope: line.map(|line| line.slope),
            intercept: line.map(|line| line.intercept),
            in_the_large: in_the_large(labels, &self.logits, weights, start.1),
            ..self.discrimination(weights)
        }
    }

    /// The metrics that two models are compared by.
    pub(crate) fn discrimination(&self, weights: &[f64]) -> Metrics {
        let labels = self.predictions.labels();
        let not_asked = Err(Undefined::NoInstances);
        Metrics {
            auroc: self.ranking.auroc(labels, weights),
            auprc: self.ranking.average_precision(labels, weights),
            brier: brier(labels, self.predictions.probabilities(), weights),
            slope: not_asked,
            intercept: not_asked,
            in_the_large: not_asked,
        }
    }

    pub(crate) fn placements(&self) -> Result<Placements, Undefined> {
        Placements::new(&self.ranking, self.predictions.labels(), self.predictions.probabilities())
    }
}

/// Judges a model's predictions.
pub fn evaluate(predictions: &Predictions, options: &Options) -> Evaluation {
    let prepared = Prepared::new(predictions);
    let labels = predictions.labels();
    let bootstrap = SubjectBootstrap::new(predictions.subjects(), options.seed);
    let point = prepared.metrics(&vec![1.0; predictions.len()], (Line::IDEAL, 0.0));
    // Replicates lie near the whole, so that their fits take few steps from its fit.
    let start = (
        Line {
            intercept: point.intercept.unwrap_or(Line::IDEAL.intercept),
            slope: point.slope.unwrap_or(Line::IDEAL.slope),
        },
        point.in_the_large.unwrap_or(0.0),
    );
    let replicates = bootstrap.replicates(options.replicates, |weights| prepared.metrics(weights, start));
    let estimate = |metric: fn(&Metrics) -> Result<f64, Undefined>| {
        Estimate::new(
            metric(&point),
            percentile_interval(replicates.iter().map(|replicate| metric(replicate).ok())),
        )
    };
    let weights = vec![1.0; predictions.len()];
    let smoother = Smoother::new(&prepared.ranking, predictions.probabilities());
    let curve = smoother.distances(labels, &weights);
    let curves = bootstrap
        .replicates(options.replicates.min(MOST_CURVES), |weights| smoother.distances(labels, weights));
    let distance = |part: fn(Distances) -> f64| {
        let values = curves.iter().map(|curve| curve.as_ref().ok().copied().map(part));
        Estimate::new(curve.map(part), percentile_interval(values))
    };
    let top = |share: f64| {
        let at = |weights: &[f64]| precision_at(&prepared.ranking, labels, weights, share);
        let (point, replicates) = (at(&weights), bootstrap.replicates(options.replicates, at));
        let part = |part: fn((f64, f64)) -> f64| {
            let values = replicates.iter().map(|both| both.ok().map(part));
            Estimate::new(point.map(part), percentile_interval(values))
        };
        PrecisionAt { share, precision: part(|both| both.0), recall: part(|both| both.1) }
    };
    Evaluation {
        calibration_index: distance(|distances| distances.mean),
        calibration_e50: distance(|distances| distances.median),
        calibration_e90: distance(|distances| distances.ninetieth),
        precision_at: SHARES.into_iter().map(top).collect(),
        instances: predictions.len(),
        subjects: bootstrap.subjects(),
        positives: labels.iter().filter(|label| **label).count(),
        auroc: estimate(|metrics| metrics.auroc),
        auroc_delong: delong_interval(&prepared, labels, &bootstrap),
        auprc: estimate(|metrics| metrics.auprc),
        brier: estimate(|metrics| metrics.brier),
        calibration_slope: estimate(|metrics| metrics.slope),
        calibration_intercept: estimate(|metrics| metrics.intercept),
        calibration_in_the_large: estimate(|metrics| metrics.in_the_large),
        calibration: bins(&prepared.ranking, labels, predictions.probabilities(), options.calibration_bins),
        decision_curve: decision_curve(labels, predictions.probabilities()),
    }
}

fn delong_interval(prepared: &Prepared<'_>, labels: &[bool], bootstrap: &SubjectBootstrap) -> Estimate {
    let placements = match prepared.placements() {
        Ok(placements) => placements,
        Err(undefined) => return Estimate::new(Err(undefined), None),
    };
    let interval =
        placements.standard_error(labels, bootstrap.clusters(), bootstrap.subjects()).ok().map(|error| {
            ((placements.auroc - Z_95 * error).max(0.0), (placements.auroc + Z_95 * error).min(1.0))
        });
    Estimate::new(Ok(placements.auroc), interval)
}
