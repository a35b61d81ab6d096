//! How far predictions are from the smoothed share of outcomes at that prediction.
//!
//! # Source
//! Austin and Steyerberg, The Integrated Calibration Index, Statistics in Medicine 38 (2019): ICI is the
//! mean, E50 the median and E90 the 90th percentile of the distance. The smoother is Cleveland's locally
//! weighted line (JASA 74, 1979) with tricube weights over the nearest 75 % of the instances and without
//! robustness steps (outcomes are 0 or 1), the form of Harrell's `val.prob`.
//!
//! # Limits
//! The paper's own code fits local parabolas. Beyond 400 distinct predictions, neighbouring ones are first
//! joined into 400 groups of about equal size.

use crate::estimate::Undefined;
use crate::ranking::Ranking;

const SPAN: f64 = 0.75;
const MOST_GROUPS: usize = 400;

/// Predictions in groups, lowest first, ready to be smoothed under any instance weights.
pub(crate) struct Smoother {
    /// The group of each instance.
    group_of: Vec<u32>,
    /// Mean prediction of each group.
    predictions: Vec<f64>,
}

/// Distances of predictions from the smoothed share of outcomes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Distances {
    pub(crate) mean: f64,
    pub(crate) median: f64,
    pub(crate) ninetieth: f64,
}

impl Smoother {
    pub(crate) fn new(ranking: &Ranking, probabilities: &[f64]) -> Self {
        let order = ranking.order();
        let mut group_of = vec![0; order.len()];
        let mut predictions = Vec::new();
        let distinct = ranking.distinct();
        let mut start = 0;
        let mut step = 0;
        while start < order.len() {
            step += 1;
            let wanted = if distinct <= MOST_GROUPS { start + 1 } else { order.len() * step / MOST_GROUPS };
            let end = ranking.end_of_tie(wanted.max(start + 1));
            let members = &order[start..end];
            for &index in members {
                group_of[index as usize] = predictions.len() as u32;
            }
            let sum: f64 = members.iter().map(|&index| probabilities[index as usize]).sum();
            predictions.push(sum / members.len() as f64);
            start = end;
        }
        Self { group_of, predictions }
    }

    /// The distances under instance weights.
    pub(crate) fn distances(&self, labels: &[bool], weights: &[f64]) -> Result<Distances, Undefined> {
        let mut groups = vec![(0.0, 0.0); self.predictions.len()];
        let (mut positives, mut total) = (0.0, 0.0);
        for ((&label, &weight), &group) in labels.iter().zip(weights).zip(&self.group_of) {
            let group = &mut groups[group as usize];
            group.0 += weight;
            total += weight;
            if label {
                group.1 += weight;
                positives += weight;
            }
        }
        crate::ranking::both_classes(positives, total - positives)?;
        let present: Vec<Group> = groups
            .into_iter()
            .zip(&self.predictions)
            .filter(|((weight, _), _)| *weight > 0.0)
            .map(|((weight, positives), &at)| Group { at, weight, share: positives / weight })
            .collect();
        let mut distances: Vec<(f64, f64)> = smooth(&present, total)
            .iter()
            .zip(&present)
            .map(|(curve, group)| ((curve - group.at).abs(), group.weight))
            .collect();
        let mean = distances.iter().map(|(distance, weight)| distance * weight).sum::<f64>() / total;
        distances.sort_by(|left, right| left.0.total_cmp(&right.0));
        Ok(Distances {
            mean,
            median: quantile(&distances, 0.5 * total),
            ninetieth: quantile(&distances, 0.9 * total),
        })
    }
}

/// Instances of about the same prediction.
#[derive(Clone, Copy)]
struct Group {
    at: f64,
    weight: f64,
    share: f64,
}

/// The locally weighted line at each group, kept within 0 and 1.
fn smooth(groups: &[Group], total: f64) -> Vec<f64> {
    let wanted = (SPAN * total + 1e-9).floor().max(1.0);
    (0..groups.len())
        .map(|centre| {
            let (window, radius) = nearest(groups, centre, wanted);
            local_line(window, groups[centre].at, radius)
        })
        .collect()
}

/// The groups nearest to one that hold the wanted weight, and the distance of the farthest.
fn nearest(groups: &[Group], centre: usize, wanted: f64) -> (&[Group], f64) {
    let at = groups[centre].at;
    let (mut low, mut high) = (centre, centre + 1);
    let mut weight = groups[centre].weight;
    while weight < wanted && (low > 0 || high < groups.len()) {
        let left = low.checked_sub(1).map_or(f64::INFINITY, |left| at - groups[left].at);
        let right = groups.get(high).map_or(f64::INFINITY, |right| right.at - at);
        if left <= right {
            low -= 1;
            weight += groups[low].weight;
        } else {
            weight += groups[high].weight;
            high += 1;
        }
    }
    (&groups[low..high], (at - groups[low].at).max(groups[high - 1].at - at))
}

/// The value at `at` of the line through the groups, weighted by tricube of their distance.
fn local_line(window: &[Group], at: f64, radius: f64) -> f64 {
    let (mut sum, mut sum_x, mut sum_y, mut sum_xx, mut sum_xy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for group in window {
        let x = group.at - at;
        let kernel = if radius > 0.0 {
            let share = (x.abs() / radius).min(1.0);
            (1.0 - share * share * share).powi(3)
        } else {
            f64::from(u8::from(x.abs() <= 0.0))
        };
        let weight = kernel * group.weight;
        sum += weight;
        sum_x += weight * x;
        sum_y += weight * group.share;
        sum_xx += weight * x * x;
        sum_xy += weight * x * group.share;
    }
    if sum <= 0.0 {
        return window.iter().map(|group| group.share).sum::<f64>() / window.len().max(1) as f64;
    }
    let spread = sum_xx * sum - sum_x * sum_x;
    // Without spread around the point there is no slope to tell.
    let value = if spread > 1e-12 * sum_xx * sum && spread > 0.0 {
        (sum_xx * sum_y - sum_x * sum_xy) / spread
    } else {
        sum_y / sum
    };
    value.clamp(0.0, 1.0)
}

/// The first distance at which the running weight reaches `wanted`.
fn quantile(sorted: &[(f64, f64)], wanted: f64) -> f64 {
    let mut running = 0.0;
    for &(distance, weight) in sorted {
        running += weight;
        if running + 1e-9 >= wanted {
            return distance;
        }
    }
    sorted.last().map_or(0.0, |last| last.0)
}
