//! The bootstrap: people drawn again, with replacement, within strata.
//!
//! # Source
//! Efron and Tibshirani 1993, An Introduction to the Bootstrap.

use rayon::prelude::*;

use super::interval::{Estimate, estimate};
use super::ranks::{RankStability, ranks};
use crate::statistics::random::{Purpose, stream};
use crate::statistics::standard::Cohort;

/// How often to draw people again, and how wide the intervals are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resampling {
    /// Resamples; without any there are no intervals.
    pub replicates: u32,
    /// The share of intervals meant to hold the truth, between 0 and 1.
    pub level: f64,
    /// The seed.
    pub seed: u64,
}

impl Default for Resampling {
    fn default() -> Self {
        Self { replicates: 200, level: 0.95, seed: 1 }
    }
}

/// Numbers that depend on a mass.
pub(crate) trait Measure: Sync {
    /// As many for every mass.
    fn values(&self, mass: &[f64]) -> Vec<f64>;
}

/// Numbers as seen, in every resample, and with every part of the people left out.
pub(crate) struct Resampled {
    pub seen: Vec<f64>,
    pub draws: Vec<Vec<f64>>,
    pub left_out: Vec<Vec<f64>>,
    pub level: f64,
}

/// Parts of the people that are left out in turn, for the acceleration of intervals.
///
/// Leaving out parts rather than single people keeps skewness over the square root of the number, which
/// is all that acceleration is, and needs 40 evaluations however many people there are.
pub(crate) const PARTS: usize = 40;

/// Evaluates a measure over resamples of one or more cohorts, which are drawn from separately.
///
/// `combined` makes the numbers of each draw from those of each cohort.
pub(crate) fn resample(
    cohorts: &[&Cohort],
    measure: &dyn Measure,
    combined: &(dyn Fn(Vec<Vec<f64>>) -> Vec<f64> + Sync),
    resampling: Resampling,
) -> Resampled {
    let of = |masses: Vec<Vec<f64>>| combined(masses.iter().map(|mass| measure.values(mass)).collect());
    let seen = of(cohorts.iter().map(|cohort| cohort.mass()).collect());
    let draws = (0..resampling.replicates)
        .into_par_iter()
        .map(|replicate| {
            let mut generator = stream(resampling.seed, Purpose::Resampling, u64::from(replicate));
            of(cohorts.iter().map(|cohort| cohort.resampled(&mut generator)).collect())
        })
        .collect();
    let parts = if resampling.replicates > 0 { PARTS } else { 0 };
    let left_out = (0..parts)
        .into_par_iter()
        .map(|part| of(cohorts.iter().map(|cohort| cohort.without(part, PARTS)).collect()))
        .collect();
    Resampled { seen, draws, left_out, level: resampling.level.clamp(0.0, 1.0) }
}

impl Resampled {
    /// A number's estimate and interval.
    pub(crate) fn estimate(&self, place: usize) -> Estimate {
        let draws: Vec<f64> = self.draws.iter().map(|draw| draw[place]).collect();
        let left_out: Vec<f64> = self.left_out.iter().map(|draw| draw[place]).collect();
        estimate(self.seen[place], draws, &left_out, self.level)
    }

    /// How surely each number of a range has its rank among them, 1 being the largest.
    pub(crate) fn ranks(&self, range: std::ops::Range<usize>, top: usize) -> Vec<RankStability> {
        let seen = &self.seen[range.clone()];
        let draws: Vec<&[f64]> = self.draws.iter().map(|draw| &draw[range.clone()]).collect();
        ranks(seen, &draws, top, self.level)
    }
}
