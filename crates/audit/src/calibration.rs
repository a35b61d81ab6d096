//! Whether predicted probabilities mean what they say.

use serde::{Deserialize, Serialize};
use twinloom_views::wilson_interval;

use crate::estimate::Undefined;
use crate::ranking::{Ranking, both_classes};

/// Predictions nearer to 0 or 1 than this are moved here before taking the logit.
const LEAST_PROBABILITY: f64 = 1e-6;
const GREATEST_STEPS: usize = 60;
const TOLERANCE: f64 = 1e-10;

/// One group of a calibration plot; the groups hold about equally many instances.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBin {
    /// Instances in the group.
    pub instances: usize,
    /// Those with the outcome.
    pub positives: usize,
    /// Mean prediction.
    pub predicted: f64,
    /// Share with the outcome.
    pub observed: f64,
    /// Lower limit of the 95 % Wilson interval of `observed`.
    pub lower: f64,
    /// Upper limit of the 95 % Wilson interval of `observed`.
    pub upper: f64,
}

/// Weighted mean of (prediction - outcome) squared.
pub(crate) fn brier(labels: &[bool], probabilities: &[f64], weights: &[f64]) -> Result<f64, Undefined> {
    let (mut sum, mut total) = (0.0, 0.0);
    for ((&label, &probability), &weight) in labels.iter().zip(probabilities).zip(weights) {
        let error = probability - f64::from(u8::from(label));
        sum += weight * error * error;
        total += weight;
    }
    if total > 0.0 { Ok(sum / total) } else { Err(Undefined::NoInstances) }
}

/// Log odds of predictions, kept finite.
pub(crate) fn logits(probabilities: &[f64]) -> Vec<f64> {
    probabilities
        .iter()
        .map(|probability| {
            let probability = probability.clamp(LEAST_PROBABILITY, 1.0 - LEAST_PROBABILITY);
            (probability / (1.0 - probability)).ln()
        })
        .collect()
}

/// Intercept and slope of a logistic regression of the outcome on the prediction's log odds, by
/// Newton's method with step halving. Perfect calibration is intercept 0, slope 1.
///
/// # Source
/// Cox, Two further applications of a model for binary regression, Biometrika 45 (1958).
pub(crate) fn recalibration(
    labels: &[bool],
    logits: &[f64],
    weights: &[f64],
) -> Result<(f64, f64), Undefined> {
    check_classes(labels, weights)?;
    let (mean, deviation) = moments(logits, weights).ok_or(Undefined::ConstantPrediction)?;
    // Newton's steps are taken on the standardised log odds, where the two directions are alike.
    let standard = |logit: f64| (logit - mean) / deviation;
    let (mut intercept, mut slope) = (0.0, 0.0);
    let mut likelihood = f64::NEG_INFINITY;
    let (mut step_intercept, mut step_slope) = (0.0_f64, 0.0_f64);
    for _ in 0..GREATEST_STEPS {
        let sums = Sums::at(labels, weights, logits.iter().map(|&logit| standard(logit)), intercept, slope);
        if sums.likelihood < likelihood - 1e-12 * likelihood.abs() {
            step_intercept /= 2.0;
            step_slope /= 2.0;
            intercept -= step_intercept;
            slope -= step_slope;
            continue;
        }
        likelihood = sums.likelihood;
        let determinant = sums.curvature * sums.curvature_xx - sums.curvature_x * sums.curvature_x;
        if determinant.is_nan() || determinant <= 1e-14 * sums.curvature * sums.curvature_xx {
            return Err(Undefined::Separated);
        }
        step_intercept =
            (sums.curvature_xx * sums.gradient - sums.curvature_x * sums.gradient_x) / determinant;
        step_slope = (sums.curvature * sums.gradient_x - sums.curvature_x * sums.gradient) / determinant;
        intercept += step_intercept;
        slope += step_slope;
        if step_intercept.abs().max(step_slope.abs()) < TOLERANCE {
            return Ok((intercept - slope * mean / deviation, slope / deviation));
        }
    }
    Err(Undefined::Separated)
}

/// Calibration in the large: the intercept that best corrects the log odds when the slope stays 1.
/// Positive when the model predicts too little.
pub(crate) fn in_the_large(labels: &[bool], logits: &[f64], weights: &[f64]) -> Result<f64, Undefined> {
    check_classes(labels, weights)?;
    let excess = |intercept: f64| {
        let sums = Sums::at(labels, weights, logits.iter().copied(), intercept, 1.0);
        (sums.gradient, sums.curvature)
    };
    // The gradient falls strictly, so its zero lies between any two points where its sign differs.
    let (mut low, mut high) = (-1.0, 1.0);
    while excess(low).0 < 0.0 {
        low *= 2.0;
    }
    while excess(high).0 > 0.0 {
        high *= 2.0;
    }
    let mut intercept = low.midpoint(high);
    for _ in 0..2 * GREATEST_STEPS {
        let (gradient, curvature) = excess(intercept);
        if gradient > 0.0 {
            low = intercept;
        } else {
            high = intercept;
        }
        let newton = intercept + gradient / curvature;
        let next = if low < newton && newton < high { newton } else { low.midpoint(high) };
        let step = (next - intercept).abs();
        intercept = next;
        if step < TOLERANCE {
            break;
        }
    }
    Ok(intercept)
}

/// Groups of about equally many instances by prediction; equal predictions stay together.
pub(crate) fn bins(
    ranking: &Ranking,
    labels: &[bool],
    probabilities: &[f64],
    wanted: usize,
) -> Vec<CalibrationBin> {
    let order = ranking.order();
    let mut bins = Vec::new();
    let mut start = 0;
    for bin in 1..=wanted {
        let end = ranking.end_of_tie(order.len() * bin / wanted);
        if end <= start {
            continue;
        }
        let members = &order[start..end];
        let positives = members.iter().filter(|&&index| labels[index as usize]).count();
        let sum: f64 = members.iter().map(|&index| probabilities[index as usize]).sum();
        let (lower, upper) = wilson_interval(positives as u64, members.len() as u64).unwrap_or((0.0, 1.0));
        bins.push(CalibrationBin {
            instances: members.len(),
            positives,
            predicted: sum / members.len() as f64,
            observed: positives as f64 / members.len() as f64,
            lower,
            upper,
        });
        start = end;
    }
    bins
}

/// Log likelihood with its gradient and (negative) second derivatives, at one intercept and slope.
#[derive(Default)]
struct Sums {
    likelihood: f64,
    gradient: f64,
    gradient_x: f64,
    curvature: f64,
    curvature_x: f64,
    curvature_xx: f64,
}

impl Sums {
    fn at(
        labels: &[bool],
        weights: &[f64],
        predictors: impl Iterator<Item = f64>,
        intercept: f64,
        slope: f64,
    ) -> Self {
        let mut sums = Self::default();
        for ((&label, &weight), x) in labels.iter().zip(weights).zip(predictors) {
            if weight <= 0.0 {
                continue;
            }
            let linear = intercept + slope * x;
            // ln(1 + e^linear), without overflow.
            let softplus = linear.max(0.0) + (-linear.abs()).exp().ln_1p();
            let fitted = 1.0 / (1.0 + (-linear).exp());
            let outcome = f64::from(u8::from(label));
            let residual = weight * (outcome - fitted);
            let spread = weight * fitted * (1.0 - fitted);
            sums.likelihood += weight * (outcome * linear - softplus);
            sums.gradient += residual;
            sums.gradient_x += residual * x;
            sums.curvature += spread;
            sums.curvature_x += spread * x;
            sums.curvature_xx += spread * x * x;
        }
        sums
    }
}

fn check_classes(labels: &[bool], weights: &[f64]) -> Result<(), Undefined> {
    let (mut positives, mut negatives) = (0.0, 0.0);
    for (&label, &weight) in labels.iter().zip(weights) {
        *if label { &mut positives } else { &mut negatives } += weight;
    }
    both_classes(positives, negatives)
}

/// Weighted mean and standard deviation; `None` when the values do not vary.
fn moments(values: &[f64], weights: &[f64]) -> Option<(f64, f64)> {
    let total: f64 = weights.iter().sum();
    let mean = values.iter().zip(weights).map(|(value, weight)| value * weight).sum::<f64>() / total;
    let variance =
        values.iter().zip(weights).map(|(value, weight)| weight * (value - mean).powi(2)).sum::<f64>()
            / total;
    (variance > 1e-18).then(|| (mean, variance.sqrt()))
}
