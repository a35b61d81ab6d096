//! Predicted against observed risk.

use serde::{Deserialize, Serialize};

use super::Estimate;

/// Bins of the histogram of predictions.
const HISTOGRAM_BINS: usize = 50;

/// Calibration of several models on the same patients.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// What is predicted (`death in hospital`).
    pub outcome: String,
    /// The models, one panel each.
    pub models: Vec<CalibrationModel>,
}

/// One model's calibration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CalibrationModel {
    /// The model in words.
    pub name: String,
    /// Groups of patients of similar predicted risk, from the lowest.
    pub bins: Vec<CalibrationBin>,
    /// Patients per equal-width bin of predicted risk over 0 to 1.
    pub histogram: Vec<u64>,
}

/// Patients of similar predicted risk.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBin {
    /// Their mean predicted risk, 0 to 1.
    pub predicted: f64,
    /// The share that had the outcome, with its 95 % interval.
    pub observed: Estimate,
    /// Patients.
    pub n: u64,
    /// Patients with the outcome.
    pub events: u64,
}

impl CalibrationBin {
    /// Counts outcomes; the interval is Wilson's.
    pub fn new(predicted: f64, events: u64, n: u64) -> Self {
        Self { predicted, observed: Estimate::proportion(events, n), n, events }
    }
}

impl CalibrationModel {
    /// Groups (predicted risk, outcome) pairs into `groups` groups of nearly equal size.
    ///
    /// Equal predictions never part, so there may be fewer groups. Predictions that are no numbers
    /// are left out; others are clamped to 0 to 1.
    pub fn from_predictions(name: impl Into<String>, pairs: &[(f64, bool)], groups: usize) -> Self {
        let mut sorted: Vec<(f64, bool)> = pairs
            .iter()
            .filter(|(risk, _)| !risk.is_nan())
            .map(|&(risk, outcome)| (risk.clamp(0.0, 1.0), outcome))
            .collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut histogram = vec![0; HISTOGRAM_BINS];
        for (risk, _) in &sorted {
            histogram[((risk * HISTOGRAM_BINS as f64) as usize).min(HISTOGRAM_BINS - 1)] += 1;
        }
        let mut bins = Vec::new();
        let mut start = 0;
        for group in 1..=groups.max(1) {
            let wanted = sorted.len() * group / groups.max(1);
            let Some(last) = wanted.checked_sub(1).and_then(|index| sorted.get(index)) else { continue };
            let end = sorted.partition_point(|pair| pair.0 <= last.0);
            if end > start {
                let members = &sorted[start..end];
                let mean = members.iter().map(|pair| pair.0).sum::<f64>() / members.len() as f64;
                let events = members.iter().filter(|pair| pair.1).count() as u64;
                bins.push(CalibrationBin::new(mean, events, members.len() as u64));
                start = end;
            }
        }
        Self { name: name.into(), bins, histogram }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn law_every_prediction_lands_in_one_group(
            pairs in prop::collection::vec((-0.5_f64..1.5, any::<bool>()), 0..200), groups in 0_usize..15
        ) {
            let model = CalibrationModel::from_predictions("m", &pairs, groups);
            let events = pairs.iter().filter(|pair| pair.1).count() as u64;
            prop_assert_eq!(model.bins.iter().map(|bin| bin.n).sum::<u64>(), pairs.len() as u64);
            prop_assert_eq!(model.bins.iter().map(|bin| bin.events).sum::<u64>(), events);
            prop_assert_eq!(model.histogram.iter().sum::<u64>(), pairs.len() as u64);
            prop_assert!(model.bins.len() <= groups.max(1));
            prop_assert!(model.bins.windows(2).all(|pair| pair[0].predicted < pair[1].predicted));
        }
    }
}
