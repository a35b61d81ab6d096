//! How surely a number has its rank.
//!
//! # Source
//! Goldstein and Spiegelhalter 1996, Journal of the Royal Statistical Society A 159:385: ranks are far
//! less certain than the numbers ranked, and need their intervals.

use serde::Serialize;

use super::interval::quantile;

/// The rank of a number among others, 1 being the largest; equal numbers share the mean of their ranks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RankStability {
    /// The rank as seen.
    pub rank: f64,
    /// Mean rank over resamples; none without resamples.
    pub expected: Option<f64>,
    /// Interval of ranks.
    pub interval: Option<(f64, f64)>,
    /// The share of resamples in which the rank was the one seen.
    pub same: Option<f64>,
    /// The share of resamples in which it was among the top.
    pub in_top: Option<f64>,
    /// How many are the top.
    pub top: u64,
}

/// Ranks of what was seen and of every draw.
pub(crate) fn ranks(seen: &[f64], draws: &[&[f64]], top: usize, level: f64) -> Vec<RankStability> {
    let observed = ranked(seen);
    let of_draws: Vec<Vec<f64>> = draws.iter().map(|draw| ranked(draw)).collect();
    let number = of_draws.len() as f64;
    let outside = 0.5 * (1.0 - level);
    (0..seen.len())
        .map(|place| {
            let mut found: Vec<f64> = of_draws.iter().map(|draw| draw[place]).collect();
            found.sort_by(f64::total_cmp);
            let share = |wanted: &dyn Fn(f64) -> bool| {
                found.iter().filter(|rank| wanted(**rank)).count() as f64 / number
            };
            let rank = observed[place];
            let some = !found.is_empty();
            RankStability {
                rank,
                expected: some.then(|| found.iter().sum::<f64>() / number),
                interval: some.then(|| (quantile(&found, outside), quantile(&found, 1.0 - outside))),
                same: some.then(|| share(&|found| found.total_cmp(&rank).is_eq())),
                in_top: some.then(|| share(&|found| found <= top as f64)),
                top: top as u64,
            }
        })
        .collect()
}

/// Ranks from 1, the largest first; equal numbers share the mean of their ranks.
pub(crate) fn ranked(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*b].total_cmp(&values[*a]).then(a.cmp(b)));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equal in order.chunk_by(|a, b| values[*a].total_cmp(&values[*b]).is_eq()) {
        let shared = before as f64 + 0.5 * (equal.len() + 1) as f64;
        for place in equal {
            ranks[*place] = shared;
        }
        before += equal.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_ranks_of_draws() {
        let draws: [&[f64]; 4] = [&[3.0, 2.0, 1.0], &[2.0, 3.0, 1.0], &[3.0, 1.0, 2.0], &[3.0, 2.0, 2.0]];
        let found = ranks(&[9.0, 8.0, 8.0], &draws, 2, 0.95);
        assert_eq!(found.iter().map(|found| found.rank).collect::<Vec<_>>(), [1.0, 2.5, 2.5]);
        assert_eq!(
            found.iter().map(|found| found.in_top).collect::<Vec<_>>(),
            [Some(1.0), Some(0.5), Some(0.25)]
        );
        assert_eq!((found[0].expected, found[0].same), (Some(1.25), Some(0.75)));
        assert_eq!(ranks(&[1.0], &[], 2, 0.95)[0].interval, None);
    }
}
