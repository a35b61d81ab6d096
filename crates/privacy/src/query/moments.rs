//! How many, their mean and variance, in bounds known beforehand.

use serde::{Deserialize, Serialize};

use super::{QueryError, in_order};
use crate::budget::Rho;
use crate::mechanism::MechanismError;
use crate::mechanism::additive::GaussianMechanism;
use crate::noise::NoiseSource;
use crate::rounding::up;

// Parts of half the distance between the bounds that values are rounded to: sums of 2^33 of them are exact in a double.
const PARTS: i64 = 1 << 20;
const MOST_VALUES: usize = 1 << 33;

/// A count, a mean and a variance with noise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    /// How many values there are; noise may have made it negative.
    pub count: f64,
    /// Their mean, between the bounds.
    pub mean: f64,
    /// Their variance, at least 0.
    pub variance: f64,
    /// Standard deviation of the noise on the count.
    pub count_noise: f64,
    /// About the standard deviation of the noise on the mean.
    pub mean_noise: f64,
}

impl Moments {
    /// Where the mean of these very values lies with a chance of about 95 %, as far as the noise goes.
    pub fn mean_interval(&self) -> (f64, f64) {
        let reach = 1.959_964 * self.mean_noise;
        (self.mean - reach, self.mean + reach)
    }
}

/// Count, mean and variance of `values`, cut off at `least` and `greatest`, with noise that costs `rho` in all.
///
/// # Source
/// Dwork and Roth 2014, section 3.3, with Gaussian noise. With y = (value - middle) / half the distance, in whole parts,
/// what is released is the sum of (1, y, 2 y^2 - 1). One value adds a vector of squared norm
/// 2 - 3 y^2 + 4 y^4 <= 3, for y of size at most 1, so the sensitivity is sqrt(3). Sums are exact, so rounding adds nothing to it.
/// The mean's noise is by the delta method on its ratio.
///
/// # Errors
/// [`QueryError`] for bounds that are not finite and in order, more than 2^33 values, or a rho out of range. Values that are
/// not finite are left out.
///
/// # Limits
/// The variance is that of a ratio with noise: of few values it is mostly noise.
pub fn moments(
    values: &[f64],
    least: f64,
    greatest: f64,
    rho: Rho,
    noise: &mut NoiseSource,
) -> Result<Moments, QueryError> {
    in_order(least, greatest)?;
    if values.len() > MOST_VALUES {
        return Err(MechanismError::TooMany { length: values.len(), limit: MOST_VALUES }.into());
    }
    let (middle, half) = (least / 2.0 + greatest / 2.0, (greatest - least) / 2.0);
    let (mut count, mut first, mut second) = (0_i64, 0_i64, 0_i64);
    for &value in values.iter().filter(|value| value.is_finite()) {
        let y = (value.clamp(least, greatest) - middle) / half;
        let parts = ((y * PARTS as f64).round() as i64).clamp(-PARTS, PARTS);
        count += PARTS;
        first += parts;
        second += 2 * parts * parts / PARTS - PARTS;
    }
    let mechanism = GaussianMechanism::for_rho(up(3.0_f64.sqrt()), rho)?;
    let sums = [count, first, second].map(|sum| sum as f64 / PARTS as f64);
    let released = mechanism.release(&sums, noise)?;
    let number = released[0].max(1.0);
    let y = (released[1] / number).clamp(-1.0, 1.0);
    let square = (f64::midpoint(released[2] / number, 1.0)).clamp(0.0, 1.0);
    Ok(Moments {
        count: released[0],
        mean: (middle + half * y).clamp(least, greatest),
        variance: half * (half * (square - y * y).max(0.0)),
        count_noise: mechanism.sigma(),
        mean_noise: half * mechanism.sigma() * y.hypot(1.0) / number,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ref_moments_are_those_of_the_values_within_the_noise() {
        let values: Vec<f64> = (0..10_000).map(|at| 20.0 + f64::from(at % 61)).collect();
        let mut noise = NoiseSource::from_seed(81);
        let found = moments(&values, 0.0, 120.0, Rho::new(0.05).unwrap(), &mut noise).unwrap();
        // 61 ages from 20 to 80: mean 50 (49.97 with the last round cut), variance (61^2 - 1) / 12 = 310. Five of noise each.
        let mean = values.iter().sum::<f64>() / 10_000.0;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 10_000.0;
        assert!((found.count - 1e4).abs() < 5.0 * found.count_noise, "{found:?}");
        assert!((found.mean - mean).abs() < 5.0 * found.mean_noise, "{found:?} {mean}");
        assert!((found.variance - variance).abs() < 15.0, "{found:?} {variance}");
    }

    #[test]
    fn ref_the_interval_of_the_mean_holds_it_nineteen_times_in_twenty() {
        let values = vec![30.0; 500];
        let mut noise = NoiseSource::from_seed(82);
        let held = (0..2000)
            .filter(|_| {
                let found = moments(&values, 0.0, 100.0, Rho::new(0.05).unwrap(), &mut noise).unwrap();
                let (low, high) = found.mean_interval();
                (low..=high).contains(&30.0)
            })
            .count();
        // 1900 expected with standard error 9.7; five of them on either side, false alarm 6e-7.
        assert!((1851..=1949).contains(&held), "{held}");
    }

    proptest! {
        #[test]
        fn law_no_input_panics_or_gives_nan(
            values in proptest::collection::vec(any::<f64>(), 0..5),
            least: f64,
            greatest: f64,
            log_rho in -60.0..10.0_f64,
        ) {
            let rho = Rho::new(log_rho.exp())?;
            if let Ok(found) = moments(&values, least, greatest, rho, &mut NoiseSource::from_seed(83)) {
                prop_assert!((least..=greatest).contains(&found.mean) && found.variance >= 0.0, "{:?}", found);
                prop_assert!(!found.mean_noise.is_nan() && !found.count.is_nan());
            }
        }
    }
}
