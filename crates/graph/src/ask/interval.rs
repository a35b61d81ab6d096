//! Intervals of 95 % for a proportion and a median.

use twinloom_event::{MICROSECONDS_PER_DAY, Timestamp};

/// The 97.5th centile of the standard normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// A number between its limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Interval {
    pub(super) value: f64,
    /// `None` where no pair of order statistics covers 95 %: fewer than 6 values.
    pub(super) limits: Option<(f64, f64)>,
}

/// Wilson's score interval; `None` for a share of nothing.
///
/// # Source
/// Wilson EB. Probable inference, the law of succession, and statistical inference. J Am Stat Assoc
/// 1927;22:209-12.
pub(super) fn wilson(part: u64, whole: u64) -> Option<Interval> {
    if whole == 0 || part > whole {
        return None;
    }
    let (n, p) = (whole as f64, part as f64 / whole as f64);
    let z2 = Z * Z;
    let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt() / (1.0 + z2 / n);
    let low = if part == 0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if part == whole { 1.0 } else { (centre + half).min(1.0) };
    Some(Interval { value: p, limits: Some((low, high)) })
}

/// The median with the narrowest symmetric pair of order statistics that covers it with at least 95 %.
///
/// # Source
/// David HA, Nagaraja HN. Order Statistics, 3rd ed., 7.1: P(x_(r) < median < x_(n+1-r)) is
/// 1 - 2 P(B <= r - 1), B binomial(n, 1/2).
pub(super) fn median(values: &[f64]) -> Option<Interval> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len();
    let middle = match n {
        0 => return None,
        _ if n % 2 == 1 => sorted[n / 2],
        _ => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
    };
    let rank = order_statistic(n);
    let limits = (rank > 0).then(|| (sorted[rank - 1], sorted[n - rank]));
    Some(Interval { value: middle, limits })
}

/// The greatest r with P(B <= r - 1) <= 0.025; 0 if there is none.
fn order_statistic(n: usize) -> usize {
    let mut log_choose = 0.0_f64;
    let log_half_n = n as f64 * std::f64::consts::LN_2;
    let mut below = 0.0;
    for r in 0..n {
        // Terms too small to represent add nothing, so large n needs no approximation.
        below += (log_choose - log_half_n).exp();
        if below > 0.025 {
            return r;
        }
        log_choose += ((n - r) as f64).ln() - ((r + 1) as f64).ln();
    }
    0
}

/// Days from one moment to a later one.
pub(super) fn days(from: Timestamp, to: Timestamp) -> f64 {
    (to.micros() - from.micros()) as f64 / MICROSECONDS_PER_DAY as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ref_wilson_of_newcombe() {
        // Newcombe RG, Stat Med 1998;17:857-72, table I, method 3.
        for (part, whole, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let (found_low, found_high) = wilson(part, whole).unwrap().limits.unwrap();
            assert!((found_low - low).abs() < 5e-5 && (found_high - high).abs() < 5e-5, "{part}/{whole}");
        }
        assert_eq!(wilson(0, 0), None);
    }

    #[test]
    fn ref_ranks_of_the_median() {
        // Conover, Practical Nonparametric Statistics, table A3 by binomial(n, 1/2): ranks for 95 %.
        for (n, rank) in
            [(5, 0), (6, 1), (8, 1), (9, 2), (10, 2), (20, 6), (25, 8), (100, 40), (100_000, 49_690)]
        {
            assert_eq!(order_statistic(n), rank, "{n}");
        }
    }

    proptest! {
        #[test]
        fn law_values_lie_within_their_limits(part in 0_u64..500, more in 0_u64..500, values in prop::collection::vec(-1e6_f64..1e6, 0..60)) {
            if let Some(Interval { value, limits: Some((low, high)) }) = wilson(part, part + more) {
                prop_assert!(0.0 <= low && low <= value && value <= high && high <= 1.0);
            }
            match median(&values) {
                None => prop_assert!(values.is_empty()),
                Some(Interval { value, limits: Some((low, high)) }) => prop_assert!(low <= value && value <= high),
                Some(_) => prop_assert!(values.len() < 6),
            }
        }
    }
}
