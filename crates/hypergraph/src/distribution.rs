//! Tail areas of the normal, chi-squared and fair binomial distributions.
//!
//! # Limits
//! An area below the smallest normal number, 2.2e-308, is given as that number: no p value is 0.

use std::f64::consts::{LN_2, PI, SQRT_2};

/// Upper 97.5 % point of the standard normal distribution.
pub(crate) const Z_95: f64 = 1.959_963_984_540_054;

/// A tail area as a p value.
pub(crate) const fn as_p(area: f64) -> f64 {
    area.clamp(f64::MIN_POSITIVE, 1.0)
}

/// The chance that a standard normal variable exceeds `z` in absolute value.
pub(crate) fn normal_two_sided(z: f64) -> f64 {
    as_p(libm::erfc(z.abs() / SQRT_2))
}

/// The chance that a chi-squared variable exceeds `x`; 1 without degrees of freedom.
///
/// # Source
/// Abramowitz and Stegun 26.4.4 and 26.4.5: one more pair of degrees adds one positive term.
pub(crate) fn chi_squared_upper(x: f64, degrees: usize) -> f64 {
    if degrees == 0 || x <= 0.0 {
        return 1.0;
    }
    let half = x / 2.0;
    let odd = degrees % 2 == 1;
    let mut area = if odd { libm::erfc(half.sqrt()) } else { 0.0 };
    // Each term in logarithms, since exp(-x/2) alone vanishes where the sum does not.
    let offset = if odd { 0.5 } else { 0.0 };
    let mut log_term = if odd { half.sqrt().ln() + LN_2 - PI.sqrt().ln() - half } else { -half };
    for step in 0..degrees / 2 {
        area += log_term.exp();
        log_term += half.ln() - (step as f64 + 1.0 + offset).ln();
    }
    as_p(area)
}

/// The chance of at most `heads` heads in `tosses` tosses of a fair coin.
pub(crate) fn fair_coin_lower(heads: u64, tosses: u64) -> f64 {
    if heads >= tosses {
        return 1.0;
    }
    if heads > tosses / 2 {
        return 1.0 - fair_coin_lower(tosses - heads - 1, tosses);
    }
    // From the largest term down; below the middle every term is smaller than the one above.
    let (mut term, mut sum) = (1.0, 1.0);
    for left in (1..=heads).rev() {
        term *= left as f64 / (tosses - left + 1) as f64;
        sum += term;
        if term < 1e-17 * sum {
            break;
        }
    }
    as_p((log_fair_coin(heads, tosses) + sum.ln()).exp())
}

/// Logarithm of the chance of exactly so many heads.
///
/// # Source
/// Loader, Fast and Accurate Computation of Binomial Probabilities, 2000: logarithms of factorials
/// would cancel to few digits.
fn log_fair_coin(heads: u64, tosses: u64) -> f64 {
    let (n, k) = (tosses as f64, heads as f64);
    if heads == 0 || heads == tosses {
        return -n * LN_2;
    }
    let excess = (2.0 * k - n) / n;
    let deviance = k * excess.ln_1p() + (n - k) * (-excess).ln_1p();
    let spread = 0.5 * (n / (2.0 * PI * k * (n - k))).ln();
    stirling_error(n) - stirling_error(k) - stirling_error(n - k) - deviance + spread
}

/// How far Stirling's formula lies below the logarithm of a factorial.
fn stirling_error(n: f64) -> f64 {
    if n < 30.0 {
        return libm::lgamma(n + 1.0) - (n + 0.5) * n.ln() + n - 0.5 * (2.0 * PI).ln();
    }
    let square = n * n;
    (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - 1.0 / 1680.0 / square) / square) / square) / n
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-10 * expected, "{found} {expected}");
    }

    #[test]
    fn ref_tails_against_scipy() {
        // scipy 1.17.1 (tests/reference/statistics.py).
        close(normal_two_sided(-2.9), 0.003_731_626_600_768_075);
        for (x, degrees, p) in [
            (0.1, 1, 0.751_829_634_045_849_2),
            (3.84, 1, 0.050_043_521_248_705_19),
            (700.0, 1, 2.990_226_975_124_623e-154),
            (5.0, 2, 0.082_084_998_623_898_8),
            (12.3, 5, 0.030_900_464_635_460_92),
            (1.2, 19, 0.999_999_995_991_871_1),
            (900.0, 19, 1.125_743_540_372_050_1e-178),
            (2000.0, 2000, 0.495_794_755_819_784_5),
            (3.0, 400, 1.0),
        ] {
            close(chi_squared_upper(x, degrees), p);
        }
        for (heads, tosses, p) in [
            (0, 1, 0.5),
            (3, 10, 0.171_875),
            (5, 10, 0.623_046_875),
            (7, 10, 0.945_312_5),
            (400, 1000, 1.364_232_078_032_973_5e-10),
            (499_000, 1_000_000, 0.022_804_149_932_694_8),
            (620, 1000, 0.999_999_999_999_990_6),
        ] {
            close(fair_coin_lower(heads, tosses), p);
        }
    }

    #[test]
    fn regress_extremes_are_p_values() {
        assert!(chi_squared_upper(1e9, 1) > 0.0 && normal_two_sided(1e6) > 0.0);
        assert!(fair_coin_lower(0, 1_000_000) > 0.0);
        assert!((fair_coin_lower(0, 0) - 1.0).abs() < 1e-15);
        assert!((chi_squared_upper(3.0, 0) - 1.0).abs() < 1e-15);
    }
}
