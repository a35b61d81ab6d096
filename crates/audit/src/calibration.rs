//! Whether predicted probabilities mean what they say.

use serde::{Deserialize, Serialize};
use twinloom_views::wilson_interval;

use crate::estimate::Undefined;
use crate::ranking::Ranking;

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
