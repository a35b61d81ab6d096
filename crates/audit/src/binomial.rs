//! Tails of the binomial distribution, and the exact interval of a share.

/// The chance of `successes` among `trials`.
pub(crate) fn chance_of(successes: u64, trials: u64, share: f64) -> f64 {
    let (k, n) = (successes as f64, trials as f64);
    if successes > trials {
        return 0.0;
    }
    if share <= 0.0 || share >= 1.0 {
        let certain = if share <= 0.0 { 0 } else { trials };
        return f64::from(u8::from(successes == certain));
    }
    let choose = libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0);
    (choose + k * share.ln() + (n - k) * (-share).ln_1p()).exp()
}

/// The chance of `successes` or more among `trials`.
pub(crate) fn at_least(successes: u64, trials: u64, share: f64) -> f64 {
    let sum: f64 = (successes..=trials).rev().map(|k| chance_of(k, trials, share)).sum();
    sum.min(1.0)
}

/// Limits of a share, each with a chance of `one_sided` of missing it.
///
/// # Source
/// Clopper and Pearson, Biometrika 26 (1934).
pub(crate) fn exact_interval(successes: u64, trials: u64, one_sided: f64) -> (f64, f64) {
    let lower = |successes: u64| {
        if successes == 0 {
            return 0.0;
        }
        let (mut low, mut high) = (0.0, successes as f64 / trials as f64);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if at_least(successes, trials, middle) < one_sided {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    };
    // The chance of as few successes is that of as many failures.
    (lower(successes), 1.0 - lower(trials - successes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_tails_and_limits_of_scipy() {
        // scipy: binom.sf(79, 100, 0.5) of the all-heads kind by hand; beta.ppf(0.025, 1, 10) and its mirror.
        assert!((at_least(3, 3, 0.5) - 0.125).abs() < 1e-14);
        assert!((at_least(1, 4, 0.5) - 0.9375).abs() < 1e-14);
        let (lower, upper) = exact_interval(0, 10, 0.025);
        assert!(lower.abs() < 1e-15 && (upper - (1.0 - 0.025_f64.powf(0.1))).abs() < 1e-12);
        let (lower, upper) = exact_interval(10, 10, 0.025);
        assert!((lower - 0.025_f64.powf(0.1)).abs() < 1e-12 && (upper - 1.0).abs() < 1e-15);
        let all: f64 = (0..=5000).map(|k| chance_of(k, 5000, 0.3)).sum();
        assert!((all - 1.0).abs() < 1e-9);
    }
}
