//! Gaussian noise on long vectors, such as the gradients of DP-SGD, fast enough for every step.
//!
//! Values are rounded to a grid of about a millionth of sigma, and the noise is whole steps of it, from a table of integers.
//! What rounding can add to the sensitivity is taken into [`GaussianVector::noise_multiplier`]; what the table can differ
//! from the true distribution into [`GaussianVector::total_variation`].
//!
//! # Source
//! The discrete Gaussian stands in for the continuous one also under sampling: let X be continuous Gaussian of variance v
//! around a whole m, and round it to a whole k with chance in proportion to e^(-(k - X)^2 / 8). By Poisson's summation
//! formula the factor that makes these chances sum to one varies by less than 2^-112, so k is the discrete Gaussian of
//! variance v + 4 around m within 2^-111 in total variation. Rounding X is post-processing, so every accountant of the
//! continuous Gaussian of variance v holds for k. (Micciancio and Walter 2017, lemma 2, of lattices in general.)

use rayon::prelude::*;

use super::convolution::{Convolution, DISTANCE, STEPS};
use super::{MechanismError, positive};
use crate::budget::Delta;
use crate::noise::NoiseSource;
use crate::rounding::{down, up};

/// Values that one stream of noise serves; part of what is drawn, so it can't change with the number of threads.
const CHUNK: usize = 1 << 14;
const MOST_VALUES: usize = 1 << 30;
// Two values' roundings differ by at most one step, and by what a double errs at 2^40 steps.
const ROUNDING: f64 = 1.0 + 1.0 / 1024.0;
/// Where values are cut off, in steps.
const FURTHEST: f64 = (1_u64 << 40) as f64;
/// Added and taken away, this rounds a double below 2^51 to the next whole number.
const TO_WHOLE: f64 = (3_u64 << 51) as f64;
const LARGEST: f64 = 1e30;
const RANGE: &str = "between 1e-30 and 1e30";

/// Gaussian noise on vectors of fixed length that one subject changes by at most `sensitivity_l2` in Euclidean norm.
///
/// Enter [`noise_multiplier`](Self::noise_multiplier), not sigma over the sensitivity, in the ledger, and
/// [`total_variation`](Self::total_variation) times the number of releases.
///
/// ```
/// use twinloom_privacy::{GaussianVector, NoiseSource};
///
/// let mut noise = NoiseSource::from_entropy()?;
/// let mechanism = GaussianVector::for_noise_multiplier(1.0, 1.1, 1000)?;
/// let mut gradient = vec![0.25_f32; 1000];
/// mechanism.add_to(&mut gradient, &mut noise)?;
/// assert!(mechanism.noise_multiplier() >= 1.1 && mechanism.sigma() < 1.101);
/// assert!(mechanism.total_variation().get() < 1e-20);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
/// Bun and Steinke 2016, *Concentrated Differential Privacy*, proposition 1.6; Mironov 2012, *On Significance of the Least
/// Significant Bits for Differential Privacy*, for why there is a grid.
///
/// # Limits
/// At most 2^30 values. A value beyond 800,000 sigma is cut off there. The sensitivity is the caller's, and what their sum
/// over subjects can err in single precision is part of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaussianVector {
    sensitivity_l2: f64,
    step: f64,
    dimension: usize,
}

impl GaussianVector {
    /// Takes the sensitivity, the standard deviation of the noise, in the unit of the values, and how many values there are.
    ///
    /// # Errors
    /// [`MechanismError`] unless sensitivity and sigma lie between 1e-30 and 1e30 and the dimension is at most 2^30.
    pub fn new(sensitivity_l2: f64, sigma: f64, dimension: usize) -> Result<Self, MechanismError> {
        if dimension > MOST_VALUES {
            return Err(MechanismError::TooMany { length: dimension, limit: MOST_VALUES });
        }
        let sensitivity_l2 = size("sensitivity", sensitivity_l2)?;
        Ok(Self { sensitivity_l2, step: up(size("sigma", sigma)? / STEPS), dimension })
    }

    /// The least noise whose multiplier is at least `noise_multiplier` when rounding is allowed for.
    ///
    /// # Errors
    /// As [`GaussianVector::new`]; and [`MechanismError::Parameter`] for a multiplier not above 0, or so large that the grid
    /// is too coarse for so many values.
    pub fn for_noise_multiplier(
        sensitivity_l2: f64,
        noise_multiplier: f64,
        dimension: usize,
    ) -> Result<Self, MechanismError> {
        let sensitivity_l2 = size("sensitivity", sensitivity_l2)?;
        // sigma = multiplier (sensitivity + sqrt(d) ROUNDING sigma / STEPS), solved for sigma.
        let root = (dimension as f64).sqrt() * ROUNDING / STEPS;
        let most = 0.5 / root.max(1e-30);
        let range = "above 0, and at most 600,000 over the root of the number of values";
        let multiplier = positive("noise multiplier", noise_multiplier, most, range)?;
        Self::new(
            sensitivity_l2,
            up(up(multiplier * sensitivity_l2) / down(1.0 - multiplier * root)),
            dimension,
        )
    }

    /// Standard deviation of the noise, a little below what it is.
    pub fn sigma(&self) -> f64 {
        down(self.step * STEPS)
    }

    /// What one subject can change, before rounding.
    pub fn sensitivity_l2(&self) -> f64 {
        self.sensitivity_l2
    }

    /// How many values there are.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Sigma over the sensitivity, with what rounding adds to it: the figure that accountants take.
    pub fn noise_multiplier(&self) -> f64 {
        let rounded = (self.dimension as f64).sqrt() * ROUNDING * self.step;
        down(self.sigma() / up(self.sensitivity_l2 + rounded))
    }

    /// How far one release is at most, in total variation, from the continuous Gaussian that the noise multiplier is of.
    #[expect(clippy::missing_panics_doc, reason = "2^30 values at 2^-91 stay below 1")]
    pub fn total_variation(&self) -> Delta {
        // The table's distance and that to the continuous one: 2^-91 covers both.
        Delta::new(up(self.dimension as f64 * DISTANCE)).expect("2^30 values at 2^-91 stay below 1")
    }

    /// Adds the noise in place. The same source gives the same noise on any number of threads.
    ///
    /// # Errors
    /// [`MechanismError::Length`] when there are not [`dimension`](Self::dimension) values, [`MechanismError::NotFinite`]
    /// for one that is not finite; nothing is changed then.
    pub fn add_to(&self, values: &mut [f32], noise: &mut NoiseSource) -> Result<(), MechanismError> {
        if values.len() != self.dimension {
            return Err(MechanismError::Length { length: values.len(), expected: self.dimension });
        }
        if let Some(position) = values.iter().position(|value| !value.is_finite()) {
            return Err(MechanismError::NotFinite { position });
        }
        let sources: Vec<NoiseSource> = values.chunks(CHUNK).map(|_| noise.split()).collect();
        let (table, steps_per_unit) = (Convolution::get(), 1.0 / self.step);
        values.par_chunks_mut(CHUNK).zip(sources).for_each(|(chunk, mut source)| {
            for value in chunk {
                let steps = (f64::from(*value) * steps_per_unit).clamp(-FURTHEST, FURTHEST);
                let whole = (steps + TO_WHOLE) - TO_WHOLE;
                // Both terms are whole and below 2^41, so their sum is exact.
                *value = ((whole + table.draw(&mut source) as f64) * self.step) as f32;
            }
        });
        Ok(())
    }
}

fn size(parameter: &'static str, value: f64) -> Result<f64, MechanismError> {
    let value = positive(parameter, value, LARGEST, RANGE)?;
    if value < 1.0 / LARGEST {
        return Err(MechanismError::Parameter { parameter, value, range: RANGE });
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ref_noise_has_the_stated_spread_and_is_apart_from_value_to_value() -> Result<(), MechanismError> {
        let mechanism = GaussianVector::new(1.0, 0.3, 200_000)?;
        let mut values = vec![5.0_f32; 200_000];
        mechanism.add_to(&mut values, &mut NoiseSource::from_seed(31))?;
        let noise: Vec<f64> = values.iter().map(|value| (f64::from(*value) - 5.0) / 0.3).collect();
        let count = noise.len() as f64;
        let mean = noise.iter().sum::<f64>() / count;
        let square = noise.iter().map(|z| z * z).sum::<f64>() / count;
        let lagged = noise.iter().zip(&noise[1..]).map(|(z, next)| z * next).sum::<f64>() / count;
        let beyond = noise.iter().filter(|z| z.abs() > 3.0).count() as f64;
        // Each within 5 standard errors, false alarm 6e-7; beyond 3 lies a share of 0.0026998.
        assert!(mean.abs() < 5.0 / count.sqrt(), "{mean}");
        assert!((square - 1.0).abs() < 5.0 * (2.0 / count).sqrt(), "{square}");
        assert!(lagged.abs() < 5.0 / count.sqrt(), "{lagged}");
        assert!((beyond - 539.96).abs() < 5.0 * 539.96_f64.sqrt(), "{beyond}");
        Ok(())
    }

    #[test]
    fn law_any_number_of_threads_gives_the_same() -> Result<(), Box<dyn std::error::Error>> {
        let mechanism = GaussianVector::new(1.0, 1.0, 50_000)?;
        let on = |threads: usize| -> Result<Vec<f32>, Box<dyn std::error::Error>> {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
            let mut values: Vec<f32> = (0..50_000).map(|at| at as f32 * 1e-3).collect();
            pool.install(|| mechanism.add_to(&mut values, &mut NoiseSource::from_seed(32)))?;
            Ok(values)
        };
        assert_eq!(on(1)?, on(2)?);
        Ok(())
    }

    #[test]
    fn law_bad_values_change_nothing() -> Result<(), MechanismError> {
        let (mechanism, mut noise) = (GaussianVector::new(1.0, 1.0, 2)?, NoiseSource::from_seed(33));
        let mut values = [1.0, f32::NAN];
        assert_eq!(mechanism.add_to(&mut values, &mut noise), Err(MechanismError::NotFinite { position: 1 }));
        assert!(values[0].to_bits() == 1.0_f32.to_bits());
        assert!(mechanism.add_to(&mut [1.0], &mut noise).is_err());
        let mut huge = [f32::MAX, f32::MIN];
        mechanism.add_to(&mut huge, &mut noise)?;
        assert!(huge.iter().all(|value| value.abs() > 8e5 && value.abs() < 9e5), "{huge:?}");
        Ok(())
    }

    #[test]
    fn law_a_network_of_350_771_values_pays_little_for_rounding() -> Result<(), MechanismError> {
        let mechanism = GaussianVector::new(1.0, 1.0, 350_771)?;
        // sqrt(350,771) steps of a 1,278,400th: 0.00046.
        assert!((1.0 / mechanism.noise_multiplier() - 1.000_463_7).abs() < 1e-6, "{mechanism:?}");
        assert!(mechanism.total_variation().get() < 1.5e-22);
        Ok(())
    }

    proptest! {
        #[test]
        fn law_the_asked_multiplier_is_reached(
            sensitivity in -3.0..3.0_f64,
            multiplier in 0.01..100.0_f64,
            dimension in 0_usize..1_000_000,
        ) {
            let sensitivity = sensitivity.exp();
            let made = GaussianVector::for_noise_multiplier(sensitivity, multiplier, dimension)?;
            let found = made.noise_multiplier();
            prop_assert!(found >= multiplier && found < multiplier * (1.0 + 1e-12), "{} {}", found, multiplier);
        }

        #[test]
        fn law_no_numbers_panic(sensitivity: f64, sigma: f64, dimension: usize, value: f32) {
            if let Ok(made) = GaussianVector::new(sensitivity, sigma, dimension % 5) {
                prop_assert!(made.noise_multiplier() > 0.0 && made.noise_multiplier().is_finite());
                let mut values = vec![value; made.dimension()];
                if made.add_to(&mut values, &mut NoiseSource::from_seed(34)).is_ok() {
                    prop_assert!(values.iter().all(|value| value.is_finite()));
                }
            }
            let _ = GaussianVector::for_noise_multiplier(sensitivity, sigma, dimension);
        }
    }
}
