//! Intervals from resamples.
//!
//! # Source
//! Bias-corrected and accelerated: Efron 1987, Journal of the American Statistical Association 82:171.
//! Quantiles: Hyndman and Fan 1996, definition 6, which puts the k-th of n at k / (n + 1).

use serde::Serialize;

use crate::statistics::probability::{normal_above, normal_quantile};

/// A number and how far it may be off.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The number as seen.
    pub value: f64,
    /// Standard deviation over resamples; none without resamples.
    pub standard_error: Option<f64>,
    /// Bias-corrected and accelerated interval; none without resamples.
    pub interval: Option<(f64, f64)>,
    /// The interval between the resamples' percentiles, uncorrected.
    pub percentile: Option<(f64, f64)>,
}

/// The estimate from what was seen, resamples, and what is seen with parts left out.
pub(crate) fn estimate(value: f64, mut draws: Vec<f64>, left_out: &[f64], level: f64) -> Estimate {
    if draws.is_empty() {
        return Estimate { value, standard_error: None, interval: None, percentile: None };
    }
    draws.sort_by(f64::total_cmp);
    let number = draws.len() as f64;
    let mean = draws.iter().sum::<f64>() / number;
    let squares: f64 = draws.iter().map(|draw| (draw - mean).powi(2)).sum();
    let outside = 0.5 * (1.0 - level);
    let between = |low: f64, high: f64| Some((quantile(&draws, low), quantile(&draws, high)));
    Estimate {
        value,
        standard_error: Some((squares / (number - 1.0).max(1.0)).sqrt()),
        interval: match correction(value, &draws, left_out) {
            Some(correction) => between(correction.of(outside), correction.of(1.0 - outside)),
            None => between(outside, 1.0 - outside),
        },
        percentile: between(outside, 1.0 - outside),
    }
}

struct Correction {
    bias: f64,
    acceleration: f64,
}

impl Correction {
    /// The percentile that stands for another.
    fn of(&self, percentile: f64) -> f64 {
        let z = self.bias + normal_quantile(percentile);
        let scale = (1.0 - self.acceleration * z).max(0.1);
        1.0 - normal_above(self.bias + z / scale)
    }
}

/// None where the resamples all lie on one side of what was seen: no finite bias explains that.
fn correction(value: f64, sorted: &[f64], left_out: &[f64]) -> Option<Correction> {
    let below = sorted.partition_point(|draw| *draw < value) as f64;
    let at_most = sorted.partition_point(|draw| *draw <= value) as f64;
    // Counts make many resamples equal what was seen; half of those are below.
    let share = 0.5 * (below + at_most) / sorted.len() as f64;
    if share <= 0.0 || share >= 1.0 {
        return None;
    }
    let mean = left_out.iter().sum::<f64>() / left_out.len().max(1) as f64;
    let moment = |power: i32| left_out.iter().map(|left| (mean - left).powi(power)).sum::<f64>();
    let spread = moment(2).powf(1.5);
    let acceleration = if spread > 0.0 { moment(3) / (6.0 * spread) } else { 0.0 };
    Some(Correction { bias: normal_quantile(share), acceleration })
}

/// A quantile of sorted values, between neighbours in proportion.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = (share * (sorted.len() as f64 + 1.0) - 1.0).clamp(0.0, sorted.len() as f64 - 1.0);
    let low = place.floor() as usize;
    let high = (low + 1).min(sorted.len() - 1);
    let part = place - low as f64;
    sorted[low] * (1.0 - part) + sorted[high] * part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_percentiles_without_bias_or_skew_stay() {
        let draws: Vec<f64> = (1..=199).map(f64::from).collect();
        let found = estimate(100.0, draws, &[-1.0, 0.0, 1.0], 0.95);
        // The k-th of 199 is the k / 200 quantile.
        let (low, high) = found.percentile.expect("there are resamples");
        assert!((low - 5.0).abs() < 1e-9 && (high - 195.0).abs() < 1e-9);
        let (low, high) = found.interval.expect("there are resamples");
        assert!((low - 5.0).abs() < 1e-6 && (high - 195.0).abs() < 1e-6);
    }

    #[test]
    fn regress_nothing_and_one_sided_resamples_are_defined() {
        assert_eq!(estimate(3.0, vec![], &[], 0.95).interval, None);
        assert_eq!(estimate(3.0, vec![3.0; 9], &[3.0; 4], 0.95).interval, Some((3.0, 3.0)));
        assert_eq!(estimate(0.0, vec![1.0, 2.0], &[], 0.9).interval, Some((1.0, 2.0)));
        for level in [0.0, 1.0] {
            let (low, high) =
                estimate(2.0, vec![1.0, 2.0, 3.0], &[1.0, 5.0], level).interval.expect("there are resamples");
            assert!(low.is_finite() && high.is_finite() && low <= high);
        }
    }
}
