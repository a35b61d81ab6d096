//! The exact law of how many people have both conditions, given every stratum's margins.

use serde::Serialize;

use super::ratio::{Absent, Interval, Ratio};
use super::table::Table;
use crate::distribution::as_p;

/// Products formed at most; strata that need more are so large that the chi-squared law serves.
const MOST_PRODUCTS: u64 = 5_000_000;

/// Relative difference below which two chances count as equal, as in R's `fisher.test`.
const TIE: f64 = 1e-7;

const TAIL: f64 = 0.025;

/// Logarithms of odds ratios are sought up to here, 7e86.
const MOST_LOG_RATIO: f64 = 200.0;

const RESCALE: f64 = 1e100;

/// The exact conditional test, and the odds ratio that goes with it.
///
/// # Source
/// Gart, Biometrika 1970;57:471; Mehta, Patel and Gray, J Am Stat Assoc 1985;80:969.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Exact {
    /// Two-sided p value: the chance of every outcome no more likely than what was seen.
    pub p: f64,
    /// The common odds ratio of greatest conditional likelihood, with its exact interval.
    pub odds_ratio: Ratio,
}

/// Chances of each total number with both, under no association.
pub(crate) struct ConditionalLaw {
    /// Proportional to the chance of `lowest + place`; the largest is 1.
    weights: Vec<f64>,
    observed: usize,
}

impl ConditionalLaw {
    /// The law of informative strata together; `None` when there are none, when it would take too
    /// many steps, or when what was seen is too unlikely to be told from impossible.
    pub(crate) fn of(strata: &[Table]) -> Option<Self> {
        let mut weights = vec![1.0];
        let (mut observed, mut products) = (0, 0_u64);
        for table in strata.iter().filter(|table| table.is_informative()) {
            let (lowest, highest) = table.range_of_both();
            products = products.saturating_add((highest - lowest + 1).saturating_mul(weights.len() as u64));
            if products > MOST_PRODUCTS {
                return None;
            }
            observed += (table.both - lowest) as usize;
            weights = convolve(&weights, &hypergeometric(table, lowest, highest));
        }
        (weights.len() > 1 && weights[observed] > f64::MIN_POSITIVE).then_some(Self { weights, observed })
    }

    pub(crate) fn exact(&self) -> Exact {
        let total: f64 = self.weights.iter().sum();
        let bound = self.weights[self.observed] * (1.0 + TIE);
        let tail: f64 = self.weights.iter().filter(|weight| **weight <= bound).sum();
        Exact { p: as_p(tail / total), odds_ratio: self.odds_ratio() }
    }

    fn odds_ratio(&self) -> Ratio {
        let at_top = self.observed + 1 == self.weights.len();
        let at_bottom = self.observed == 0;
        // Both tails' chances rise or fall with the odds ratio, and so does the mean.
        let lower = if at_bottom { 0.0 } else { self.solve(|moments| moments.upper_tail - TAIL) };
        let upper = (!at_top).then(|| self.solve(|moments| TAIL - moments.lower_tail));
        let interval = Some(Interval { lower, upper: upper.filter(|limit| limit.is_finite()) });
        match (at_bottom, at_top) {
            (_, true) => Ratio { estimate: None, interval, absent: Some(Absent::Unbounded) },
            (true, false) => Ratio { estimate: Some(0.0), interval, absent: None },
            (false, false) => {
                let estimate = self.solve(|moments| moments.mean_excess);
                Ratio { estimate: Some(estimate), interval, absent: None }
            }
        }
    }

    /// The odds ratio at which a rising function of it passes zero.
    fn solve(&self, rising: impl Fn(Moments) -> f64) -> f64 {
        let (mut low, mut high) = (-1.0, 1.0);
        let value = |log_ratio: f64| rising(self.moments(log_ratio));
        while value(low) > 0.0 && low > -MOST_LOG_RATIO {
            (low, high) = ((2.0 * low).max(-MOST_LOG_RATIO), low);
        }
        while value(high) < 0.0 && high < MOST_LOG_RATIO {
            (low, high) = (high, (2.0 * high).min(MOST_LOG_RATIO));
        }
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if value(middle) < 0.0 {
                low = middle;
            } else {
                high = middle;
            }
            if high - low < 1e-12 {
                break;
            }
        }
        f64::midpoint(low, high).exp()
    }

    fn moments(&self, log_ratio: f64) -> Moments {
        let here = self.weights[self.observed];
        let ratio = log_ratio.exp();
        let above = Side::sum(&mut self.weights[self.observed + 1..].iter(), ratio, here);
        let below = Side::sum(&mut self.weights[..self.observed].iter().rev(), 1.0 / ratio, here);
        // One side at most was scaled down, the one that grows.
        let scale = above.scale.min(below.scale);
        let (up, down, here) = (scale / above.scale, scale / below.scale, here * scale);
        let total = above.sum * up + below.sum * down + here;
        Moments {
            mean_excess: (above.moment * up - below.moment * down) / total,
            upper_tail: (above.sum * up + here) / total,
            lower_tail: (below.sum * down + here) / total,
        }
    }
}

/// Weights on one side of what was seen, each step further times a ratio.
struct Side {
    sum: f64,
    /// Sum of weight times distance.
    moment: f64,
    /// What the sums were multiplied by, lest they overflow.
    scale: f64,
}

impl Side {
    fn sum(weights: &mut dyn Iterator<Item = &f64>, ratio: f64, here: f64) -> Self {
        let mut side = Self { sum: 0.0, moment: 0.0, scale: 1.0 };
        let (mut factor, mut largest) = (1.0, here);
        for (step, weight) in weights.enumerate() {
            factor *= ratio;
            let term = weight * factor;
            side.sum += term;
            side.moment += (step + 1) as f64 * term;
            // The law has one peak, so a falling negligible term ends the sum.
            if term < largest * 1e-20 {
                break;
            }
            largest = largest.max(term);
            if factor > RESCALE {
                factor /= RESCALE;
                largest /= RESCALE;
                side.sum /= RESCALE;
                side.moment /= RESCALE;
                side.scale /= RESCALE;
            }
        }
        side
    }
}

struct Moments {
    /// Mean less what was seen.
    mean_excess: f64,
    upper_tail: f64,
    lower_tail: f64,
}

/// Hypergeometric chances over the allowed counts, the largest scaled to 1.
fn hypergeometric(table: &Table, lowest: u64, highest: u64) -> Vec<f64> {
    let (first, second) = (table.first() as f64, table.second() as f64);
    let rest = table.people() as f64 - first - second;
    let next = |count: f64| (first - count) * (second - count) / ((count + 1.0) * (rest + count + 1.0));
    let mode = ((first + 1.0) * (second + 1.0) / (table.people() as f64 + 2.0)).floor() as u64;
    let mode = mode.clamp(lowest, highest);
    let mut weights = vec![0.0; (highest - lowest + 1) as usize];
    let peak = (mode - lowest) as usize;
    weights[peak] = 1.0;
    for place in peak + 1..weights.len() {
        weights[place] = weights[place - 1] * next((lowest + place as u64 - 1) as f64);
    }
    for place in (0..peak).rev() {
        weights[place] = weights[place + 1] / next((lowest + place as u64) as f64);
    }
    weights
}

fn convolve(one: &[f64], other: &[f64]) -> Vec<f64> {
    let mut product = vec![0.0; one.len() + other.len() - 1];
    for (shift, factor) in other.iter().enumerate().filter(|(_, factor)| **factor > 0.0) {
        for (cell, weight) in product[shift..].iter_mut().zip(one) {
            *cell += factor * weight;
        }
    }
    let largest = product.iter().copied().fold(0.0, f64::max);
    if largest > 0.0 {
        for cell in &mut product {
            *cell /= largest;
        }
    }
    product
}
