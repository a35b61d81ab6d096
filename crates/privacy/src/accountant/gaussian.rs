//! The exact cost of Gaussian noise without sampling.
//!
//! # Source
//! Balle and Wang 2018, *Improving the Gaussian Mechanism for Differential Privacy*, theorem 8: with mu = sensitivity / sigma,
//! delta = F(mu/2 - epsilon/mu) - e^epsilon F(-mu/2 - epsilon/mu), F the standard normal distribution. Several releases
//! are one of mu^2 = the sum of theirs (Dong, Roth and Su 2022, *Gaussian Differential Privacy*, corollary 3.3).

use super::AccountantError;
use crate::budget::{Delta, Epsilon};
use crate::rounding::{down, up};

const RANGE: &str = "between 0.000001 and 1000";

/// Least delta at an epsilon of Gaussian noise with `mu` = sensitivity / sigma (the root of the sum of squares over releases).
///
/// # Errors
/// [`AccountantError`] unless mu lies between 1e-6 and 1000.
pub fn delta(mu: f64, epsilon: Epsilon) -> Result<f64, AccountantError> {
    Ok(tail(checked(mu)?, epsilon.get()))
}

/// Least epsilon at `delta` of Gaussian noise with `mu` = sensitivity / sigma; infinite at delta 0, and 0 where no epsilon is needed.
///
/// # Errors
/// [`AccountantError`] unless mu lies between 1e-6 and 1000.
pub fn epsilon(mu: f64, delta: Delta) -> Result<f64, AccountantError> {
    let mu = checked(mu)?;
    if delta.get() <= 0.0 {
        return Ok(f64::INFINITY);
    }
    if tail(mu, 0.0) <= delta.get() {
        return Ok(0.0);
    }
    let (mut low, mut high) = (0.0, 1.0);
    while tail(mu, high) > delta.get() {
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if tail(mu, middle) > delta.get() {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(up(high))
}

/// The least sigma, in units of the sensitivity, that is (epsilon, delta) private.
///
/// # Errors
/// [`AccountantError`] when delta is 0 or so small that no sigma up to a million does.
pub fn calibrate(epsilon: Epsilon, delta: Delta) -> Result<f64, AccountantError> {
    let within = |sigma: f64| tail(1.0 / sigma, epsilon.get()) <= down(delta.get());
    let (mut low, mut high) = (1e-3, 1e6);
    if delta.get() <= 0.0 || !within(high) {
        return Err(AccountantError {
            parameter: "delta",
            value: delta.get(),
            range: "above 0 and reached with a sigma up to 1000000",
        });
    }
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if within(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(high)
}

/// Epsilon by the central limit theorem for many steps of a subsampled Gaussian. **Not a bound**: it lies below the true figure,
/// and is here to be shown beside it only.
///
/// # Source
/// Bu, Dong, Long and Su 2020, *Deep Learning with Gaussian Differential Privacy*, theorem 5 (mu = rate sqrt(T (e^(1/sigma^2) - 1))).
///
/// # Errors
/// [`AccountantError`] when the mu that follows is not between 1e-6 and 1000.
pub fn gdp_clt_estimate_not_a_bound(
    sampling_rate: f64,
    noise_multiplier: f64,
    steps: u64,
    delta: Delta,
) -> Result<f64, AccountantError> {
    let growth = (1.0 / (noise_multiplier * noise_multiplier)).exp_m1();
    epsilon(sampling_rate * (steps as f64 * growth).sqrt(), delta)
}

fn checked(mu: f64) -> Result<f64, AccountantError> {
    if (1e-6..=1e3).contains(&mu) {
        Ok(mu)
    } else {
        Err(AccountantError { parameter: "sensitivity over sigma", value: mu, range: RANGE })
    }
}

/// Delta at an epsilon, a little above.
fn tail(mu: f64, epsilon: f64) -> f64 {
    // Nothing below the least double is told from 0, and 0 would be too little.
    let least = f64::from_bits(1);
    let (near, far) = (mu / 2.0 - epsilon / mu, -mu / 2.0 - epsilon / mu);
    if near < -40.0 {
        return least;
    }
    let (first, second) = (log_normal(near), log_normal(far));
    // e^first - e^(epsilon + second), in the form that loses least.
    let gap = epsilon + second - first;
    // What the logarithms err by: in their own last places, and in those of their arguments times their slopes, which are
    // below 1 + |argument|.
    let arguments = (2.0 + near.abs() + far.abs()) * (mu + epsilon / mu);
    let lost = 8.0 * f64::EPSILON * (1.0 + epsilon + first.abs() + second.abs() + arguments);
    (first.exp() * ((-gap.exp_m1()).max(0.0) + lost) * (1.0 + lost)).max(least)
}

/// Logarithm of the standard normal distribution function.
///
/// # Source
/// Abramowitz and Stegun 7.1.14 (continued fraction) beyond the range of the complementary error function.
pub(crate) fn log_normal(z: f64) -> f64 {
    if z > -20.0 {
        (0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)).ln()
    } else {
        let fraction = (1..=60).rev().fold(-z, |tail, k| -z + f64::from(k) / tail);
        -0.5 * z * z - 0.5 * (2.0 * std::f64::consts::PI).ln() - fraction.ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_calibration_inverts_epsilon() -> Result<(), Box<dyn std::error::Error>> {
        for target in [0.01, 1.0, 10.0] {
            let delta = Delta::new(1e-6)?;
            let sigma = calibrate(Epsilon::new(target)?, delta)?;
            let back = epsilon(1.0 / sigma, delta)?;
            assert!((back - target).abs() < 1e-8 * target, "{target}: {back}");
        }
        assert!(calibrate(Epsilon::new(1.0)?, Delta::new(0.0)?).is_err());
        Ok(())
    }

    #[test]
    fn law_the_logarithm_is_smooth_where_its_forms_meet() {
        let (near, far) = (log_normal(-19.999_999_9), log_normal(-20.000_000_1));
        assert!(((near - far) / 2e-7 - 20.05).abs() < 0.01, "{near} {far}");
    }
}
