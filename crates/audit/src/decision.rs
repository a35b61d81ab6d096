//! Whether acting on predictions does more good than harm.

use serde::{Deserialize, Serialize};

/// Thresholds of the curve, in hundredths.
const THRESHOLDS: std::ops::RangeInclusive<u8> = 1..=50;

/// Net benefit of two policies at one threshold, in true positives per instance. To treat nobody has
/// net benefit 0.
///
/// # Source
/// Vickers and Elkin, Medical Decision Making 26 (2006).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecisionPoint {
    /// Who would act at this risk holds a missed case to be (1 - t) / t times as bad as a needless act.
    pub threshold: f64,
    /// Act on predictions at or above the threshold.
    pub model: f64,
    /// Act on everyone.
    pub treat_all: f64,
}

/// Net benefit at thresholds 0.01 to 0.50; empty without instances.
pub(crate) fn decision_curve(labels: &[bool], probabilities: &[f64]) -> Vec<DecisionPoint> {
    if labels.is_empty() {
        return Vec::new();
    }
    let instances = labels.len() as f64;
    let benefit = |threshold: f64, least: f64| {
        let (mut true_positives, mut false_positives) = (0.0, 0.0);
        for (&label, &probability) in labels.iter().zip(probabilities) {
            if probability >= least {
                *if label { &mut true_positives } else { &mut false_positives } += 1.0;
            }
        }
        (true_positives - false_positives * threshold / (1.0 - threshold)) / instances
    };
    THRESHOLDS
        .map(|hundredths| {
            let threshold = f64::from(hundredths) / 100.0;
            DecisionPoint {
                threshold,
                model: benefit(threshold, threshold),
                treat_all: benefit(threshold, 0.0),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_net_benefit_weighs_needless_acts_by_the_odds() {
        let curve = decision_curve(&[true, false, false, false], &[0.9, 0.3, 0.1, 0.0]);
        let at =
            |threshold: f64| *curve.iter().find(|point| (point.threshold - threshold).abs() < 1e-9).unwrap();
        // At 0.2: one true and one false positive of four, odds 1/4; treating all adds two false ones.
        assert!((at(0.2).model - (1.0 - 0.25) / 4.0).abs() < 1e-12);
        assert!((at(0.2).treat_all - (1.0 - 0.75) / 4.0).abs() < 1e-12);
        assert!((at(0.5).model - 0.25).abs() < 1e-12);
    }
}
