//! Rényi differential privacy: the divergence of each order adds up over mechanisms.
//!
//! # Source
//! Mironov 2017, *Rényi Differential Privacy*, definition 4 and proposition 1 (composition); the subsampled Gaussian:
//! Mironov, Talwar and Zhang 2019, *Rényi Differential Privacy of the Sampled Gaussian Mechanism*; to epsilon: Canonne,
//! Kamath and Steinke 2020, proposition 12.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use super::AccountantError;
use crate::budget::{Delta, Epsilon};
use crate::rounding::{down, up};

/// Points of an integral beyond which a whole order's sum is taken in its place.
const MOST_POINTS: f64 = 1e6;

/// The orders that a bound is searched over: 1.1 to 10.9 in tenths, 12 to 63, and powers of two and their middles to 4096.
pub fn default_orders() -> Vec<f64> {
    let fine = (1..100).map(|tenth| 1.0 + f64::from(tenth) / 10.0);
    let whole = (12..64).map(f64::from);
    let coarse = (6..12).flat_map(|power| [f64::from(1 << power), f64::from(3 << (power - 1))]);
    fine.chain(whole).chain(coarse).chain([4096.0]).collect()
}

/// Gaussian noise on a sum over a Poisson sample, each subject's share of norm at most 1.
///
/// # Units
/// The noise multiplier is the standard deviation over the sensitivity.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Parameters", into = "Parameters")]
pub struct SubsampledGaussian {
    sampling_rate: f64,
    noise_multiplier: f64,
}

impl SubsampledGaussian {
    /// Takes the chance of a subject to be in a batch and the noise multiplier.
    ///
    /// # Errors
    /// [`AccountantError`] unless the rate lies above 0 and at most at 1 and the multiplier between 0.01 and 1e6.
    pub fn new(sampling_rate: f64, noise_multiplier: f64) -> Result<Self, AccountantError> {
        if !(sampling_rate > 0.0 && sampling_rate <= 1.0) {
            return Err(AccountantError {
                parameter: "sampling rate",
                value: sampling_rate,
                range: "above 0 and at most 1",
            });
        }
        if !(0.01..=1e6).contains(&noise_multiplier) {
            return Err(AccountantError {
                parameter: "noise multiplier",
                value: noise_multiplier,
                range: "between 0.01 and 1000000",
            });
        }
        Ok(Self { sampling_rate, noise_multiplier })
    }

    /// Chance of a subject to be in a batch.
    pub fn sampling_rate(&self) -> f64 {
        self.sampling_rate
    }

    /// Standard deviation of the noise over the sensitivity.
    pub fn noise_multiplier(&self) -> f64 {
        self.noise_multiplier
    }

    /// Rényi divergence of one step at an order, at either adjacency of adding or removing.
    ///
    /// # Source
    /// Mironov, Talwar and Zhang 2019, theorems 4 and 5 with A of equation 3: for whole orders the binomial sum of section
    /// 3.3. For others their section sums two alternating series, which do not always converge in double precision; here
    /// the integral is taken by the trapezoidal rule, which converges geometrically on it (Trefethen and Weideman
    /// 2014, *The Exponentially Convergent Trapezoidal Rule*, theorem 5.1). Both take A - 1, free of cancellation.
    ///
    /// # Errors
    /// [`AccountantError`] unless the order lies above 1 and at most at 1e5.
    ///
    /// # Limits
    /// Relative error below 1e-10. Where the integral would take more than a million points (a high order at little noise), the next
    /// whole order's divergence, which is no smaller.
    pub fn rdp(&self, order: f64) -> Result<f64, AccountantError> {
        if order > 1.0 && order <= 1e5 {
            Ok(self.divergence(order))
        } else {
            Err(AccountantError { parameter: "order", value: order, range: "above 1 and at most 100000" })
        }
    }

    pub(crate) fn divergence(&self, order: f64) -> f64 {
        let variance = self.noise_multiplier * self.noise_multiplier;
        if self.sampling_rate >= 1.0 {
            return order / (2.0 * variance);
        }
        // Divergences never fall with the order (van Erven and Harremoes 2014, theorem 3), so the next whole one is a bound.
        let order = if self.points(order) > MOST_POINTS { order.ceil() } else { order };
        let log = if order.fract() == 0.0 { self.whole(order) } else { self.fractional(order) };
        // The divergence without sampling is a bound too, and the smaller where the sum has lost its last digits.
        (log / (order - 1.0)).min(order / (2.0 * variance))
    }

    /// ln A for a whole order.
    fn whole(&self, order: f64) -> f64 {
        let (rate, variance) = (self.sampling_rate, self.noise_multiplier.powi(2));
        let (taken, left) = (rate.ln(), (-rate).ln_1p());
        let mut log_choose = order.ln();
        let terms: Vec<f64> = (2..=order as u32)
            .map(|k| {
                let k = f64::from(k);
                log_choose += ((order - k + 1.0) / k).ln();
                let exponent = (k * k - k) / (2.0 * variance);
                log_choose + (order - k) * left + k * taken + log_expm1(exponent)
            })
            .collect();
        log_one_plus(log_sum(&terms))
    }

    /// Between points of the integral. The nearest singularity lies pi variance off the real line; both leave errors below e^-60.
    fn step(&self) -> f64 {
        (self.noise_multiplier / 4.0).min(self.noise_multiplier * self.noise_multiplier / 6.0)
    }

    fn points(&self, order: f64) -> f64 {
        (order + 26.0 * self.noise_multiplier) / self.step()
    }

    /// ln A for any order: the mean over z ~ N(0, variance) of (1 + x)^order, x = rate (e^((2z-1)/(2 variance)) - 1).
    fn fractional(&self, order: f64) -> f64 {
        let (rate, sigma) = (self.sampling_rate, self.noise_multiplier);
        let variance = sigma * sigma;
        let step = self.step();
        let first = -(13.0 * sigma / step).ceil();
        let last = ((order + 13.0 * sigma) / step).ceil();
        let count = (last - first) as usize;
        let ratio = |z: f64| {
            let exponent = (2.0 * z - 1.0) / (2.0 * variance);
            // (x, ln(1 + x)), the second also where x itself is beyond a double.
            if exponent < 600.0 {
                let x = rate * exponent.exp_m1();
                (x, x.ln_1p())
            } else {
                (f64::INFINITY, rate.ln() + exponent)
            }
        };
        let at = |index: usize| (first + index as f64) * step;
        let density = |z: f64| -z * z / (2.0 * variance) - 0.5 * (2.0 * PI * variance).ln() + step.ln();
        let logs: Vec<f64> = (0..=count)
            .map(|index| {
                let z = at(index);
                density(z) + order * ratio(z).1
            })
            .collect();
        let log = log_sum(&logs);
        if log > 0.5 {
            return log;
        }
        // Near 1 the mean of (1 + x)^order - 1 - order x, none of whose terms is negative, keeps all digits.
        let excess: f64 = (0..=count)
            .map(|index| {
                let z = at(index);
                let (x, log) = ratio(z);
                let weight = density(z).exp();
                if weight == 0.0 { 0.0 } else { weight * convex_part(order, x, log) }
            })
            .sum();
        excess.ln_1p()
    }
}

/// (1 + x)^order - 1 - order x, given ln(1 + x) too.
fn convex_part(order: f64, x: f64, log: f64) -> f64 {
    if (order * x).abs() < 1e-3 {
        let mut term = order * (order - 1.0) / 2.0 * x * x;
        let mut sum = term;
        for k in 3..8 {
            term *= (order - f64::from(k) + 1.0) / f64::from(k) * x;
            sum += term;
        }
        sum
    } else {
        (order * log).exp_m1() - order * x
    }
}

#[derive(Serialize, Deserialize)]
struct Parameters {
    sampling_rate: f64,
    noise_multiplier: f64,
}

impl TryFrom<Parameters> for SubsampledGaussian {
    type Error = AccountantError;

    fn try_from(parameters: Parameters) -> Result<Self, AccountantError> {
        Self::new(parameters.sampling_rate, parameters.noise_multiplier)
    }
}

impl From<SubsampledGaussian> for Parameters {
    fn from(step: SubsampledGaussian) -> Self {
        Self { sampling_rate: step.sampling_rate, noise_multiplier: step.noise_multiplier }
    }
}

/// Rényi divergence at an order of any mechanism that is purely epsilon private: that of randomised response, the worst.
///
/// # Source
/// Bun and Steinke 2016, proposition 3.3 (at most order epsilon^2 / 2); Mironov 2017, proposition 5 and section VI
/// (randomised response).
pub(crate) fn pure_divergence(order: f64, epsilon: f64) -> f64 {
    let truth = -libm::log1p((-epsilon).exp());
    let lie = truth - epsilon;
    let log = log_sum(&[order * truth + (1.0 - order) * lie, order * lie + (1.0 - order) * truth]);
    // What rounding may have taken from the logarithm, whose parts are of this size.
    let lost = 1e-15 * (order * lie.abs() + 1.0);
    ((log + lost) / (order - 1.0)).min(order * epsilon * epsilon / 2.0).min(epsilon)
}

/// The least epsilon that divergences at some orders give at `delta`, and the order that gives it.
///
/// # Source
/// Canonne, Kamath and Steinke 2020, proposition 12; epsilon 0 where delta exceeds the total variation that the divergence
/// allows (Bretagnolle and Huber's inequality), as the dp-accounting library has it.
pub fn rdp_to_epsilon(divergences: &[(f64, f64)], delta: Delta) -> (f64, f64) {
    divergences.iter().fold((f64::INFINITY, f64::NAN), |(least, best), &(order, divergence)| {
        let epsilon = epsilon_at(order, divergence, delta.get());
        if epsilon < least { (epsilon, order) } else { (least, best) }
    })
}

/// What one order gives; infinite where it gives nothing.
pub(crate) fn epsilon_at(order: f64, divergence: f64, delta: f64) -> f64 {
    if delta <= 0.0 {
        return if divergence == 0.0 { 0.0 } else { f64::INFINITY };
    }
    if down(delta * delta) + down((-up(divergence)).exp_m1()) > 0.0 {
        return 0.0;
    }
    // Nearer to 1 the terms grow without limit and cancel.
    if order < 1.01 {
        return f64::INFINITY;
    }
    let epsilon = up(divergence) + loss_at(order, delta);
    if epsilon.is_nan() { f64::INFINITY } else { up(epsilon).max(0.0) }
}

/// What the conversion at an order adds to the divergence, from above.
pub(crate) fn loss_at(order: f64, delta: f64) -> f64 {
    // Of either sign, and small where large ones cancel: each is rounded by itself.
    let terms = [(-1.0 / order).ln_1p(), -delta.ln() / (order - 1.0), -order.ln() / (order - 1.0)];
    // The argument of the first errs by half a unit of its own, and its logarithm by so much over 1 - 1 / order.
    let first = f64::EPSILON / (order - 1.0);
    terms.map(up).iter().sum::<f64>() + f64::EPSILON * terms.map(f64::abs).iter().sum::<f64>() + first
}

/// Upper bound on epsilon of `steps` of a subsampled Gaussian, over [`default_orders`].
pub fn subsampled_gaussian_epsilon(step: SubsampledGaussian, steps: u64, delta: Delta) -> f64 {
    let divergences: Vec<(f64, f64)> = default_orders()
        .into_iter()
        .map(|order| (order, steps as f64 * step.divergence(order) * (1.0 + 1e-10)))
        .collect();
    rdp_to_epsilon(&divergences, delta).0
}

/// The least noise multiplier whose [`subsampled_gaussian_epsilon`] is at most `target`.
///
/// # Errors
/// [`AccountantError`] for a rate out of range, or a target that no multiplier between 0.01 and 1e6 reaches.
pub fn calibrate_noise(
    target: Epsilon,
    sampling_rate: f64,
    steps: u64,
    delta: Delta,
) -> Result<f64, AccountantError> {
    calibrate(target, sampling_rate, |step| subsampled_gaussian_epsilon(step, steps, delta))
}

/// The least noise multiplier, to 1e-7 of itself and from above, at which `epsilon` is at most `target`.
pub(crate) fn calibrate(
    target: Epsilon,
    sampling_rate: f64,
    epsilon: impl Fn(SubsampledGaussian) -> f64,
) -> Result<f64, AccountantError> {
    let within = |multiplier: f64| -> Result<bool, AccountantError> {
        Ok(epsilon(SubsampledGaussian::new(sampling_rate, multiplier)?) <= target.get())
    };
    let unreachable = AccountantError {
        parameter: "target epsilon",
        value: target.get(),
        range: "reached with a noise multiplier up to 1000000 at this delta",
    };
    let mut high = 1.0;
    while !within(high)? {
        high *= 2.0;
        if high > 1e6 {
            return Err(unreachable);
        }
    }
    let mut low = high / 2.0;
    while within(low)? {
        high = low;
        low /= 2.0;
        if low < 0.01 {
            return Ok(high);
        }
    }
    while high - low > 1e-7 * high {
        let middle = f64::midpoint(low, high);
        if within(middle)? {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(high)
}

fn log_expm1(x: f64) -> f64 {
    if x > 30.0 { x + (-(-x).exp()).ln_1p() } else { x.exp_m1().ln() }
}

/// ln(1 + e^x).
fn log_one_plus(x: f64) -> f64 {
    if x > 0.0 { x + (-x).exp().ln_1p() } else { x.exp().ln_1p() }
}

fn log_sum(logs: &[f64]) -> f64 {
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY {
        return largest;
    }
    largest + logs.iter().map(|log| (log - largest).exp()).sum::<f64>().ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_the_integral_agrees_with_the_sum_at_whole_orders() -> Result<(), AccountantError> {
        for (rate, sigma) in [(1e-6, 1.0), (0.001, 0.5), (0.01, 1.0), (0.1, 4.0), (0.5, 0.3), (0.01, 60.0)] {
            let step = SubsampledGaussian::new(rate, sigma)?;
            for order in [2.0, 3.0, 8.0, 33.0] {
                let (sum, integral) = (step.whole(order), step.fractional(order));
                assert!((sum / integral - 1.0).abs() < 1e-10, "{rate} {sigma} {order}: {sum} {integral}");
            }
        }
        Ok(())
    }

    #[test]
    fn law_pure_divergence_lies_below_both_of_its_bounds() {
        for epsilon in [1e-4, 0.1, 1.0, 20.0, 800.0] {
            for order in [1.1, 2.0, 64.0, 4096.0] {
                let divergence = pure_divergence(order, epsilon);
                assert!(divergence > 0.0 && divergence <= epsilon.min(order * epsilon * epsilon / 2.0));
            }
        }
        // Order 2 by hand: ln of (sinh 2e - sinh e) / sinh e at e = 1.
        let by_hand = ((2.0_f64.sinh() - 1.0_f64.sinh()) / 1.0_f64.sinh()).ln();
        assert!((pure_divergence(2.0, 1.0) - by_hand).abs() < 1e-13);
    }
}
