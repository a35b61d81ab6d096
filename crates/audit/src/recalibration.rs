//! The line and the shift that would make predictions calibrated.

use crate::estimate::Undefined;
use crate::ranking::both_classes;

/// Predictions nearer to 0 or 1 than this are moved here before taking the logit.
const LEAST_PROBABILITY: f64 = 1e-6;
const GREATEST_STEPS: usize = 60;
const TOLERANCE: f64 = 1e-10;
/// Longest step of the shift; where predictions are extreme, Newton's own would leave for infinity.
const LONGEST_SHIFT: f64 = 4.0;

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

/// The straight line of the outcome's log odds on the predicted ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) intercept: f64,
    pub(crate) slope: f64,
}

impl Line {
    /// What a calibrated model has; where Newton's method starts when nothing nearer is known.
    pub(crate) const IDEAL: Self = Self { intercept: 0.0, slope: 1.0 };
}

/// Fits the line by maximum likelihood: Newton's method from `start`, steps halved until the gradient
/// shrinks.
///
/// # Source
/// Cox, Two further applications of a model for binary regression, Biometrika 45 (1958).
pub(crate) fn recalibration(
    labels: &[bool],
    logits: &[f64],
    weights: &[f64],
    start: Line,
) -> Result<Line, Undefined> {
    check_classes(labels, weights)?;
    check_overlap(labels, logits, weights)?;
    let (mean, deviation) = moments(logits, weights).ok_or(Undefined::ConstantPrediction)?;
    // Steps are taken on the standardised log odds, where the two directions are alike.
    let mut at = Line { intercept: start.intercept + start.slope * mean, slope: start.slope * deviation };
    let sums_at = |line: Line| {
        let (offset, slope) = (line.intercept - line.slope * mean / deviation, line.slope / deviation);
        Sums::new(labels, weights, logits, offset, slope, mean, deviation)
    };
    let mut sums = sums_at(at);
    for _ in 0..GREATEST_STEPS {
        let determinant = sums.curvature * sums.curvature_xx - sums.curvature_x * sums.curvature_x;
        if determinant.is_nan() || determinant <= 1e-14 * sums.curvature * sums.curvature_xx {
            return Err(Undefined::Separated);
        }
        let mut step = Line {
            intercept: (sums.curvature_xx * sums.gradient - sums.curvature_x * sums.gradient_x) / determinant,
            slope: (sums.curvature * sums.gradient_x - sums.curvature_x * sums.gradient) / determinant,
        };
        if step.length() < TOLERANCE {
            return Ok(Line {
                intercept: at.intercept - at.slope * mean / deviation,
                slope: at.slope / deviation,
            });
        }
        let mut next = at.plus(step);
        let mut sums_next = sums_at(next);
        // Newton's direction lowers the gradient's length for small enough steps.
        while sums_next.gradient_length() > sums.gradient_length() {
            step = Line { intercept: step.intercept / 2.0, slope: step.slope / 2.0 };
            if step.length() < TOLERANCE {
                return Err(Undefined::Separated);
            }
            next = at.plus(step);
            sums_next = sums_at(next);
        }
        at = next;
        sums = sums_next;
    }
    Err(Undefined::Separated)
}

/// Calibration in the large: the intercept that best corrects the log odds when the slope stays 1.
/// Positive when the model predicts too little.
pub(crate) fn in_the_large(
    labels: &[bool],
    logits: &[f64],
    weights: &[f64],
    start: f64,
) -> Result<f64, Undefined> {
    check_classes(labels, weights)?;
    // The gradient falls strictly, so its sign tells on which side of the answer a point lies.
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut intercept = start;
    for _ in 0..2 * GREATEST_STEPS {
        let (gradient, curvature) = Sums::of_shift(labels, weights, logits, intercept);
        if gradient > 0.0 {
            low = intercept;
        } else {
            high = intercept;
        }
        let newton = intercept + (gradient / curvature).clamp(-LONGEST_SHIFT, LONGEST_SHIFT);
        let next = if low <= newton && newton <= high { newton } else { low.midpoint(high) };
        let step = (next - intercept).abs();
        intercept = next;
        if step < TOLERANCE {
            break;
        }
    }
    Ok(intercept)
}

/// Gradient and (negative) second derivatives of the log likelihood in the intercept and in the slope
/// on standardised log odds.
#[derive(Default)]
struct Sums {
    gradient: f64,
    gradient_x: f64,
    curvature: f64,
    curvature_x: f64,
    curvature_xx: f64,
}

impl Sums {
    fn new(
        labels: &[bool],
        weights: &[f64],
        logits: &[f64],
        intercept: f64,
        slope: f64,
        mean: f64,
        deviation: f64,
    ) -> Self {
        let mut sums = Self::default();
        for ((&label, &weight), &logit) in labels.iter().zip(weights).zip(logits) {
            if weight <= 0.0 {
                continue;
            }
            let fitted = logistic(intercept + slope * logit);
            let residual = weight * (f64::from(u8::from(label)) - fitted);
            let spread = weight * fitted * (1.0 - fitted);
            let x = (logit - mean) / deviation;
            sums.gradient += residual;
            sums.gradient_x += residual * x;
            sums.curvature += spread;
            sums.curvature_x += spread * x;
            sums.curvature_xx += spread * x * x;
        }
        sums
    }

    /// Gradient and curvature in a shift of all log odds.
    fn of_shift(labels: &[bool], weights: &[f64], logits: &[f64], shift: f64) -> (f64, f64) {
        let (mut gradient, mut curvature) = (0.0, 0.0);
        for ((&label, &weight), &logit) in labels.iter().zip(weights).zip(logits) {
            if weight > 0.0 {
                let fitted = logistic(logit + shift);
                gradient += weight * (f64::from(u8::from(label)) - fitted);
                curvature += weight * fitted * (1.0 - fitted);
            }
        }
        (gradient, curvature)
    }

    fn gradient_length(&self) -> f64 {
        self.gradient.hypot(self.gradient_x)
    }
}

impl Line {
    fn plus(self, step: Self) -> Self {
        Self { intercept: self.intercept + step.intercept, slope: self.slope + step.slope }
    }

    fn length(self) -> f64 {
        self.intercept.abs().max(self.slope.abs())
    }
}

fn logistic(linear: f64) -> f64 {
    1.0 / (1.0 + (-linear).exp())
}

fn check_classes(labels: &[bool], weights: &[f64]) -> Result<(), Undefined> {
    let (mut positives, mut negatives) = (0.0, 0.0);
    for (&label, &weight) in labels.iter().zip(weights) {
        *if label { &mut positives } else { &mut negatives } += weight;
    }
    both_classes(positives, negatives)
}

/// Where no negative lies beyond a positive (or the reverse), ever steeper lines fit ever better.
fn check_overlap(labels: &[bool], logits: &[f64], weights: &[f64]) -> Result<(), Undefined> {
    // Least and greatest log odds of negatives, then of positives.
    let mut ranges = [(f64::INFINITY, f64::NEG_INFINITY); 2];
    for ((&label, &logit), &weight) in labels.iter().zip(logits).zip(weights) {
        if weight > 0.0 {
            let (least, greatest) = &mut ranges[usize::from(label)];
            *least = least.min(logit);
            *greatest = greatest.max(logit);
        }
    }
    let [negative, positive] = ranges;
    let constant = negative.0 >= positive.1 && negative.1 <= positive.0;
    if constant {
        Err(Undefined::ConstantPrediction)
    } else if negative.1 <= positive.0 || positive.1 <= negative.0 {
        Err(Undefined::Separated)
    } else {
        Ok(())
    }
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
