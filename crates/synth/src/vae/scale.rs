//! Numbers between a column's spikes as standardised scores, and back.

use serde::{Deserialize, Serialize};
use twinloom_table::ColumnKind;

use super::normal;
use crate::binning::{Bins, rounded, step};

/// How numbers are standardised for the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// To a standard normal, by the share of rows below them: any spread, heavy tails among them, becomes one that the
    /// likelihood can follow.
    Quantiles,
    /// By mean and standard deviation.
    Standard,
    /// By mean and standard deviation of the nearest of some normal modes, as SDV's TVAE has it.
    Modes,
}

/// A column's scores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Scale {
    /// Share of the rows between spikes that lies below each cut.
    Quantiles { below: Vec<f64> },
    /// Normal modes, by their means.
    Modes { modes: Vec<Mode> },
}

/// One normal mode.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Mode {
    mean: f64,
    deviation: f64,
    /// Share of rows.
    share: f64,
}

/// Shares nearer 0 or 1 than this have one score: 3.7 standard deviations.
const EDGE: f64 = 1e-4;
/// Scores beyond this are drawn back to it.
const FURTHEST: f64 = 50.0;
const MOST_MODES: usize = 8;
const ROUNDS: usize = 100;
/// A mode of a smaller share is left out.
const LEAST_SHARE: f64 = 0.02;

impl Scale {
    /// By shares of rows within the intervals of the cuts, which sum to one.
    pub(super) fn new(scaling: Scaling, cuts: &[f64], shares: &[f64]) -> Self {
        match scaling {
            Scaling::Quantiles => {
                let mut sum = 0.0;
                let below = shares.iter().map(|share| {
                    sum += share;
                    sum
                });
                Self::Quantiles { below: std::iter::once(0.0).chain(below).collect() }
            }
            Scaling::Standard => Self::Modes { modes: modes(cuts, shares, 1) },
            Scaling::Modes => Self::Modes { modes: modes(cuts, shares, MOST_MODES) },
        }
    }

    /// Share of each mode.
    pub(super) fn shares(&self) -> Vec<f64> {
        match self {
            Self::Quantiles { .. } => vec![1.0],
            Self::Modes { modes } => modes.iter().map(|mode| mode.share).collect(),
        }
    }

    /// Whether it belongs to these cuts.
    pub(super) fn is_sound(&self, cuts: &[f64]) -> bool {
        match self {
            Self::Quantiles { below } => {
                below.len() == cuts.len()
                    && below.iter().all(|share| (0.0..=1.01).contains(share))
                    && below.windows(2).all(|pair| pair[0] <= pair[1])
            }
            Self::Modes { modes } => {
                let sound =
                    |mode: &Mode| mode.mean.is_finite() && mode.deviation.is_finite() && mode.deviation > 0.0;
                !modes.is_empty() && modes.iter().all(sound)
            }
        }
    }

    /// The mode that a number is told by, and its score there.
    pub(super) fn score(&self, value: f64, cuts: &[f64], kind: &ColumnKind) -> (usize, f32) {
        match self {
            Self::Quantiles { below } => {
                let intervals = cuts.len() - 1;
                let place = cuts.partition_point(|cut| *cut <= value).saturating_sub(1).min(intervals - 1);
                let (first, steps) = steps_of(cuts, place, kind);
                let within = match steps {
                    _ if cuts[place] >= cuts[place + 1] => 0.5,
                    None => (value - cuts[place]) / (cuts[place + 1] - cuts[place]),
                    Some((step, count)) => ((value - first) / step + 0.5) / count,
                };
                let share = below[place] + within.clamp(0.0, 1.0) * (below[place + 1] - below[place]);
                (0, normal::quantile(share.clamp(EDGE, 1.0 - EDGE)) as f32)
            }
            Self::Modes { modes } => {
                let far = |mode: &Mode| {
                    let z = (value - mode.mean) / mode.deviation;
                    0.5 * z * z + mode.deviation.ln() - mode.share.max(1e-300).ln()
                };
                let nearest =
                    (0..modes.len()).min_by(|one, other| far(&modes[*one]).total_cmp(&far(&modes[*other])));
                let nearest = nearest.unwrap_or(0);
                let z = (value - modes[nearest].mean) / modes[nearest].deviation;
                (nearest, z.clamp(-FURTHEST, FURTHEST) as f32)
            }
        }
    }

    /// The number of a score, with as many digits as the column has.
    pub(super) fn value(&self, mode: usize, score: f32, cuts: &[f64], kind: &ColumnKind) -> f64 {
        let (least, greatest) = (cuts[0], cuts[cuts.len() - 1]);
        let value = match self {
            Self::Quantiles { below } => {
                let share = normal::cumulative(f64::from(score)).clamp(0.0, below[below.len() - 1]);
                let place = below.partition_point(|own| *own <= share).saturating_sub(1).min(cuts.len() - 2);
                let width = below[place + 1] - below[place];
                let within = if width > 0.0 { ((share - below[place]) / width).clamp(0.0, 1.0) } else { 0.5 };
                let (first, steps) = steps_of(cuts, place, kind);
                match steps {
                    None => cuts[place] + within * (cuts[place + 1] - cuts[place]),
                    Some((step, count)) => first + step * (within * count).floor().min(count - 1.0),
                }
            }
            Self::Modes { modes } => {
                let mode = modes[mode.min(modes.len() - 1)];
                mode.mean + mode.deviation * f64::from(score)
            }
        };
        let value = rounded(value.clamp(least, greatest), kind);
        // A rounded number may step over a bound by less than a step.
        value.clamp(least, greatest)
    }
}

/// The first value of an interval, and the distance of values and their number where the column has such.
fn steps_of(cuts: &[f64], place: usize, kind: &ColumnKind) -> (f64, Option<(f64, f64)>) {
    let (least, greatest) = (cuts[place], cuts[place + 1]);
    let Some(step) = step(kind) else { return (least, None) };
    let (first, mut last) = ((least / step).ceil(), (greatest / step).floor());
    // The upper end belongs to the next interval.
    if place + 2 < cuts.len() && last * step >= greatest {
        last -= 1.0;
    }
    (first * step, Some((step, (last - first + 1.0).max(1.0))))
}

/// Normal modes of a histogram by expectation and maximisation, from equal shares of rows; one is mean and deviation.
///
/// # Source
/// Dempster, Laird and Rubin 1977, section 4.3, with what an interval's width adds to the variance.
fn modes(cuts: &[f64], shares: &[f64], most: usize) -> Vec<Mode> {
    let bins: Vec<(f64, f64, f64)> = shares
        .iter()
        .zip(cuts.windows(2))
        .filter(|(share, _)| **share > 0.0)
        .map(|(share, ends)| {
            let width = ends[1] - ends[0];
            (f64::midpoint(ends[0], ends[1]), width * width / 12.0, *share)
        })
        .collect();
    let (least, greatest) = (cuts[0], cuts[cuts.len() - 1]);
    let floor = ((greatest - least) * 1e-3).max(least.abs().max(greatest.abs()) * 1e-9).max(1e-9);
    let of = |weights: &[f64]| {
        let share: f64 = weights.iter().sum();
        let whole = share.max(1e-300);
        let mean = bins.iter().zip(weights).map(|(bin, weight)| bin.0 * weight).sum::<f64>() / whole;
        let square = |(bin, weight): (&(f64, f64, f64), &f64)| ((bin.0 - mean).powi(2) + bin.1) * weight;
        let variance = bins.iter().zip(weights).map(square).sum::<f64>() / whole;
        Mode { mean, deviation: variance.sqrt().max(floor), share }
    };
    let count = most.min(bins.len()).max(1);
    if bins.is_empty() {
        return vec![Mode { mean: f64::midpoint(least, greatest), deviation: floor, share: 1.0 }];
    }
    let mut sum = 0.0;
    let mut weights = vec![vec![0.0; bins.len()]; count];
    for (place, bin) in bins.iter().enumerate() {
        let mode = (((sum + 0.5 * bin.2) * count as f64) as usize).min(count - 1);
        weights[mode][place] = bin.2;
        sum += bin.2;
    }
    let mut modes: Vec<Mode> = weights.iter().map(|own| of(own)).collect();
    for _ in 0..if count > 1 { ROUNDS } else { 0 } {
        modes.retain(|mode| mode.share >= LEAST_SHARE);
        weights.truncate(modes.len());
        for (place, bin) in bins.iter().enumerate() {
            let log = |mode: &Mode| {
                let square = ((bin.0 - mode.mean).powi(2) + bin.1) / (mode.deviation * mode.deviation);
                mode.share.ln() - mode.deviation.ln() - 0.5 * square
            };
            let logs: Vec<f64> = modes.iter().map(log).collect();
            let greatest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let whole: f64 = logs.iter().map(|log| (log - greatest).exp()).sum();
            for (own, log) in weights.iter_mut().zip(&logs) {
                own[place] = bin.2 * (log - greatest).exp() / whole;
            }
        }
        modes = weights.iter().map(|own| of(own)).collect();
    }
    modes.sort_by(|one, other| one.mean.total_cmp(&other.mean));
    modes
}

/// The cuts of a column of numbers; none where it has only spikes.
pub(super) fn cuts_of(bins: &Bins) -> &[f64] {
    match bins {
        Bins::Numbers { cuts, .. } if cuts.len() >= 2 => cuts,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBER: ColumnKind = ColumnKind::Number { bounds: None, decimals: None };
    const WHOLE: ColumnKind = ColumnKind::Integer { bounds: None };

    #[test]
    fn law_numbers_come_back_from_their_scores() {
        let (cuts, shares) = ([0.0, 1.0, 4.0, 10.0, 1000.0], [0.1, 0.4, 0.3, 0.2]);
        for scaling in [Scaling::Quantiles, Scaling::Standard, Scaling::Modes] {
            let scale = Scale::new(scaling, &cuts, &shares);
            assert!(scale.is_sound(&cuts));
            assert!((scale.shares().iter().sum::<f64>() - 1.0).abs() < 1e-9);
            for kind in [NUMBER, WHOLE] {
                for value in [1.0, 2.0, 7.0, 10.0, 11.0, 500.0, 900.0] {
                    let (mode, score) = scale.score(value, &cuts, &kind);
                    let back = scale.value(mode, score, &cuts, &kind);
                    let tolerance = if kind == WHOLE { 1e-9 } else { 1e-4 * value };
                    assert!((back - value).abs() <= tolerance, "{scaling:?} {kind:?} {value}: {back}");
                }
            }
        }
    }

    #[test]
    fn law_by_quantiles_standard_normal_scores_give_the_shares_back() {
        let (cuts, shares) = ([0.0, 1.0, 4.0, 10.0], [0.5, 0.0, 0.5]);
        let scale = Scale::new(Scaling::Quantiles, &cuts, &shares);
        let count = 10_000;
        let value = |place: usize| {
            let score = normal::quantile((place as f64 + 0.5) / f64::from(count)) as f32;
            scale.value(0, score, &cuts, &WHOLE)
        };
        let values: Vec<f64> = (0..count as usize).map(value).collect();
        let share = |from: f64, to: f64| {
            values.iter().filter(|value| (from..to).contains(*value)).count() as f64 / f64::from(count)
        };
        assert!((share(0.0, 1.0) - 0.5).abs() < 1e-3 && share(1.0, 4.0) < 1e-3, "{}", share(0.0, 1.0));
        // Seven whole numbers from 4 to 10, alike.
        assert!((share(5.0, 6.0) - 0.5 / 7.0).abs() < 1e-3, "{}", share(5.0, 6.0));
    }

    #[test]
    fn ref_two_modes_of_a_histogram_are_found() {
        // Half the rows normal around 0, half around 20, both of standard deviation 1, in intervals of a fifth.
        let cuts: Vec<f64> = (-25..=125).map(|place| f64::from(place) / 5.0).collect();
        let density = |x: f64| (-0.5 * x * x).exp() + (-0.5 * (x - 20.0) * (x - 20.0)).exp();
        let heights: Vec<f64> =
            cuts.windows(2).map(|ends| density(f64::midpoint(ends[0], ends[1]))).collect();
        let whole: f64 = heights.iter().sum();
        let found = modes(&cuts, &heights.iter().map(|height| height / whole).collect::<Vec<_>>(), 2);
        assert_eq!(found.len(), 2);
        for (mode, mean) in found.iter().zip([0.0, 20.0]) {
            assert!((mode.mean - mean).abs() < 0.01 && (mode.share - 0.5).abs() < 0.01, "{mode:?}");
            assert!((mode.deviation - 1.0).abs() < 0.01, "{mode:?}");
        }
    }

    #[test]
    fn regress_degenerate_cuts_give_no_nan() {
        for scaling in [Scaling::Quantiles, Scaling::Standard, Scaling::Modes] {
            for shares in [[1.0, 0.0], [0.0, 0.0]] {
                let scale = Scale::new(scaling, &[5.0, 5.0, 5.0], &shares);
                let (mode, score) = scale.score(5.0, &[5.0, 5.0, 5.0], &NUMBER);
                assert!(score.is_finite());
                let back = scale.value(mode, score, &[5.0, 5.0, 5.0], &NUMBER);
                assert!((back - 5.0).abs() < 1e-12, "{back}");
            }
        }
    }
}
