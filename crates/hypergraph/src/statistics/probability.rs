//! Tail probabilities: normal, binomial, and counts of which only mean and variance are known.
//!
//! # Source
//! Incomplete beta and gamma functions by their continued fractions and series (Abramowitz and
//! Stegun 6.5.29, 6.5.31, 26.5.8), evaluated by Lentz's method; the logarithm of gamma by Lanczos's
//! approximation (g = 7, nine coefficients).

const SMALLEST: f64 = 1e-300;
const PRECISION: f64 = 1e-15;
const STEPS: u32 = 10_000;

const LANCZOS: [f64; 8] = [
    676.520_368_121_885_1,
    -1_259.139_216_722_402_8,
    771.323_428_777_653_1,
    -176.615_029_162_140_6,
    12.507_343_278_686_905,
    -0.138_571_095_265_720_12,
    9.984_369_578_019_572e-6,
    1.505_632_735_149_311_6e-7,
];

/// The natural logarithm of gamma for a positive argument.
pub(crate) fn ln_gamma(x: f64) -> f64 {
    if x < 0.5 {
        let sine = (std::f64::consts::PI * x).sin().abs().max(SMALLEST);
        return (std::f64::consts::PI / sine).ln() - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let series = LANCZOS.iter().enumerate().fold(0.999_999_999_999_809_9, |sum, (place, coefficient)| {
        sum + coefficient / (x + place as f64 + 1.0)
    });
    let t = x + 7.5;
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * t.ln() - t + series.ln()
}

/// The regularised incomplete beta function: for whole numbers, P(Binomial(a + b - 1, x) >= a).
pub(crate) fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if a <= 0.0 {
        return 1.0;
    }
    if b <= 0.0 || x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (1.0 - x).ln()).exp();
    // The fraction converges fast only on the nearer side of the mean.
    if x < (a + 1.0) / (a + b + 2.0) {
        (front * beta_fraction(a, b, x) / a).clamp(0.0, 1.0)
    } else {
        (1.0 - front * beta_fraction(b, a, 1.0 - x) / b).clamp(0.0, 1.0)
    }
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let guarded = |value: f64| if value.abs() < SMALLEST { SMALLEST } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / guarded(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..STEPS {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / guarded(1.0 + even * d);
        c = guarded(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guarded(1.0 + odd * d);
        c = guarded(1.0 + odd / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < PRECISION {
            break;
        }
    }
    fraction
}

/// The regularised lower incomplete gamma function: for whole a, P(Poisson(x) >= a).
pub(crate) fn incomplete_gamma(a: f64, x: f64) -> f64 {
    if a <= 0.0 {
        return 1.0;
    }
    if x <= 0.0 {
        return 0.0;
    }
    let front = (a * x.ln() - x - ln_gamma(a)).exp();
    if x < a + 1.0 {
        let (mut term, mut sum) = (1.0 / a, 1.0 / a);
        for step in 1..STEPS {
            term *= x / (a + f64::from(step));
            sum += term;
            if term < sum * PRECISION {
                break;
            }
        }
        (front * sum).clamp(0.0, 1.0)
    } else {
        (1.0 - front * gamma_fraction(a, x)).clamp(0.0, 1.0)
    }
}

fn gamma_fraction(a: f64, x: f64) -> f64 {
    let guarded = |value: f64| if value.abs() < SMALLEST { SMALLEST } else { value };
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / SMALLEST;
    let mut d = 1.0 / guarded(b);
    let mut fraction = d;
    for step in 1..STEPS {
        let numerator = -f64::from(step) * (f64::from(step) - a);
        b += 2.0;
        d = 1.0 / guarded(numerator * d + b);
        c = guarded(b + numerator / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < PRECISION {
            break;
        }
    }
    fraction
}

/// P(Z > z) of a standard normal, exact far into the tail.
pub(crate) fn normal_above(z: f64) -> f64 {
    let square = 0.5 * z * z;
    if z < 0.0 {
        return 1.0 - normal_above(-z);
    }
    if square < 1.5 {
        return 0.5 * (1.0 - incomplete_gamma(0.5, square));
    }
    let front = (0.5 * square.ln() - square - ln_gamma(0.5)).exp();
    0.5 * front * gamma_fraction(0.5, square)
}

/// The z below which a standard normal lies with a probability; within ±38 whatever is asked.
pub(crate) fn normal_quantile(probability: f64) -> f64 {
    // Bisection on the smaller tail loses no digits there, unlike one on the distribution function.
    let tail = probability.min(1.0 - probability).max(0.0);
    let (mut least, mut most) = (0.0_f64, 38.0_f64);
    for _ in 0..70 {
        let middle = 0.5 * (least + most);
        if normal_above(middle) > tail {
            least = middle;
        } else {
            most = middle;
        }
    }
    let z = 0.5 * (least + most);
    if probability < 0.5 { -z } else { z }
}

/// P(Binomial(n, p) <= k).
pub(crate) fn binomial_at_most(n: u64, p: f64, k: i64) -> f64 {
    if k < 0 {
        return 0.0;
    }
    if k as u64 >= n {
        return 1.0;
    }
    1.0 - incomplete_beta(k as f64 + 1.0, n as f64 - k as f64, p)
}

/// A distribution of counts with a given mean and variance: binomial when it varies less than a
/// Poisson count, negative binomial when more.
///
/// # Limits
/// An approximation: exact when the count is a sum of equally likely independent events.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FittedCount {
    mean: f64,
    variance: f64,
}

impl FittedCount {
    pub(crate) fn new(mean: f64, variance: f64) -> Self {
        Self { mean: mean.max(SMALLEST), variance: variance.max(0.0) }
    }

    /// P(count >= x); x may be a fraction where ties gave one.
    pub(crate) fn at_least(self, x: f64) -> f64 {
        let Self { mean, variance } = self;
        if x <= 0.0 {
            return 1.0;
        }
        let dispersion = variance / mean;
        if dispersion < 1.0 - 1e-6 {
            let chance = 1.0 - dispersion;
            let trials = (mean / chance).max(1.0);
            let all = incomplete_beta(trials, 1.0, (mean / trials).min(1.0));
            // Rounding must not cut off the count that all trials give; beyond it, where the fitted
            // binomial has nothing, the Poisson tail errs on the safe side.
            if x > trials + 1e-9 {
                return all.min(incomplete_gamma(x, mean));
            }
            return all.max(incomplete_beta(x, (trials - x).max(0.0) + 1.0, (mean / trials).min(1.0)));
        } else if dispersion > 1.0 + 1e-6 {
            let size = mean / (dispersion - 1.0);
            return incomplete_beta(x, size, 1.0 - 1.0 / dispersion);
        }
        incomplete_gamma(x, mean)
    }

    /// Probability of a count as far from the middle, on either side.
    pub(crate) fn two_sided(self, x: f64) -> f64 {
        let (above, below) = (self.at_least(x), 1.0 - self.at_least(x + 1.0));
        (2.0 * above.min(below)).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1e-6), "{found} {expected}");
    }

    #[expect(clippy::unreadable_literal, reason = "as the other program prints them")]
    #[test]
    fn ref_special_functions_of_another_program() {
        // scipy 1.17.1: special.betainc, gammainc, gammaln; stats.norm.sf, norm.ppf, binom.cdf.
        close(incomplete_beta(0.5, 0.5, 0.3), 0.36901011956554536);
        close(incomplete_beta(3.0, 8.0, 0.3), 0.6172172136000003);
        close(incomplete_beta(120.0, 300.0, 0.31), 0.864117742492732);
        close(incomplete_beta(2000.5, 100000.0, 0.021), 0.9991308184428233);
        close(incomplete_gamma(0.5, 2.0), 0.9544997361036415);
        close(incomplete_gamma(4.0, 1.3), 0.04309545269207606);
        close(incomplete_gamma(100.0, 130.0), 0.9972495916326934);
        close(incomplete_gamma(3000.0, 2900.0), 0.032859991921121025);
        close(normal_above(-1.5), 0.9331927987311419);
        close(normal_above(0.3), 0.3820885778110474);
        close(normal_above(1.959963984540054), 0.025);
        close(normal_above(5.0), 2.866515718791933e-7);
        close(normal_above(12.0), 1.776482112077653e-33);
        close(normal_quantile(1e-10), -6.361340902404056);
        close(normal_quantile(0.025), -1.9599639845400545);
        close(normal_quantile(0.5), 0.0);
        close(normal_quantile(0.8), 0.8416212335729143);
        close(normal_quantile(0.975), 1.959963984540054);
        close(binomial_at_most(50, 0.5, 18), 0.03245432353613609);
        close(binomial_at_most(9, 0.5, 1), 0.01953125);
        close(ln_gamma(0.1), 2.252712651734206);
        close(ln_gamma(0.7), 0.2608672465316665);
        close(ln_gamma(33.3), 82.60372358165493);
    }

    #[test]
    fn law_a_fitted_binomial_is_the_binomial() {
        let fitted = FittedCount::new(3.0, 3.0 * 0.7);
        for x in 0..=10_i64 {
            let exact = 1.0 - binomial_at_most(10, 0.3, x - 1);
            assert!((fitted.at_least(x as f64) - exact).abs() < 1e-9, "{x}");
        }
    }

    #[test]
    fn law_tails_are_probabilities_whatever_the_moments() {
        for mean in [0.0, 1e-9, 0.3, 5.0, 4e5] {
            for variance in [0.0, 1e-12, 0.2, 5.0, 700.0, 1e9] {
                let fitted = FittedCount::new(mean, variance);
                let tails: Vec<f64> = [0.0, 0.5, 1.0, 6.0, 1e5, 1e7].map(|x| fitted.at_least(x)).to_vec();
                assert!(tails.iter().all(|tail| (0.0..=1.0).contains(tail)), "{mean} {variance} {tails:?}");
                assert!(tails.is_sorted_by(|a, b| *a >= *b - 1e-8), "{mean} {variance} {tails:?}");
                assert!((0.0..=1.0).contains(&fitted.two_sided(3.0)));
            }
        }
    }
}
