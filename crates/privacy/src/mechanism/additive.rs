//! Noise for real numbers, safe in floating point.
//!
//! Values are rounded to a grid whose step is a power of two far below the noise, and the noise is whole steps of
//! it, drawn exactly. What rounding can add to the sensitivity is added to it. Then nothing of a value is left in the
//! lower bits of what is released.
//!
//! # Source
//! Mironov 2012, *On Significance of the Least Significant Bits for Differential Privacy*; the grid and the widened
//! sensitivity as in OpenDP, *Gaussian and Laplace mechanisms over floating-point data*.

use serde::{Deserialize, Serialize};

use super::exact::{Scale, gaussian, laplace};
use super::{MechanismError, finite, positive};
use crate::budget::{BudgetError, Epsilon, Rho};
use crate::noise::NoiseSource;
use crate::rounding::up;

/// Most values that one release may hold; the widening allows for so many.
const MOST_VALUES: usize = 1 << 24;
// Steps of the grid in one scale, as a power of two. A Gaussian's are squared twice in 128 bits.
const GAUSSIAN_STEPS: i32 = 48;
const LAPLACE_STEPS: i32 = 51;
// Rounding moves the difference of two values by one step at most: sqrt(2^24) steps in Euclidean norm, 2^24 in sum,
// in units of the scale.
const GAUSSIAN_WIDENING: f64 = 1.0 / (1_u64 << 36) as f64;
const LAPLACE_WIDENING: f64 = 1.0 / (1_u64 << 27) as f64;
// Where values are cut off, in steps: with noise of any size an i128 still holds them.
const FURTHEST: i128 = 1 << 100;
const LARGEST: f64 = 1e100;
const RANGE: &str = "between 1e-100 and 1e100";

/// Gaussian noise on vectors that one subject changes by at most `sensitivity_l2` in Euclidean norm.
///
/// # Source
/// Bun and Steinke 2016, *Concentrated Differential Privacy*, proposition 1.6; for the discrete noise, Canonne, Kamath
/// and Steinke 2020, theorem 4.
///
/// # Limits
/// At most 2^24 values a release. A value beyond 2^52 sigma is cut off there.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct GaussianMechanism {
    sensitivity_l2: f64,
    sigma: f64,
}

impl GaussianMechanism {
    /// Takes the sensitivity and the standard deviation of the noise, in the unit of the values.
    ///
    /// # Errors
    /// [`MechanismError::Parameter`] unless both lie between 1e-100 and 1e100.
    pub fn new(sensitivity_l2: f64, sigma: f64) -> Result<Self, MechanismError> {
        Ok(Self { sensitivity_l2: size("sensitivity", sensitivity_l2)?, sigma: size("sigma", sigma)? })
    }

    /// The least noise that costs at most `rho`.
    ///
    /// # Errors
    /// [`MechanismError::Parameter`] when the sensitivity, or the noise that follows, is out of range, or rho is below 1e-18,
    /// where rounding would cost more.
    pub fn for_rho(sensitivity_l2: f64, rho: Rho) -> Result<Self, MechanismError> {
        let root = (2.0 * rho.get()).sqrt() - GAUSSIAN_WIDENING;
        if rho.get() < 1e-18 {
            return Err(MechanismError::Parameter {
                parameter: "rho",
                value: rho.get(),
                range: "at least 1e-18",
            });
        }
        Self::new(sensitivity_l2, up(size("sensitivity", sensitivity_l2)? / root))
    }

    /// Standard deviation of the noise.
    pub fn sigma(&self) -> f64 {
        self.sigma
    }

    /// What one subject can change, before rounding.
    pub fn sensitivity_l2(&self) -> f64 {
        self.sensitivity_l2
    }

    /// What a release costs, rounding allowed for.
    ///
    /// # Errors
    /// [`BudgetError`] when the noise is so small that the cost is not finite.
    pub fn rho(&self) -> Result<Rho, BudgetError> {
        let ratio = self.sensitivity_l2 / self.sigma + GAUSSIAN_WIDENING;
        Rho::new(up(ratio * ratio / 2.0))
    }

    /// The values with noise.
    ///
    /// # Errors
    /// [`MechanismError`] for a value that is not finite, or more than 2^24 of them.
    pub fn release(&self, values: &[f64], noise: &mut NoiseSource) -> Result<Vec<f64>, MechanismError> {
        let grid = Grid::below(self.sigma, GAUSSIAN_STEPS);
        let scale = Scale::whole(grid.steps_above(self.sigma));
        grid.release(values, || gaussian(scale, noise))
    }
}

/// Laplace noise on vectors that one subject changes by at most `sensitivity_l1` in sum of absolute values.
///
/// # Source
/// Dwork, McSherry, Nissim and Smith 2006, *Calibrating Noise to Sensitivity in Private Data Analysis*, proposition 1.
///
/// # Limits
/// At most 2^24 values a release. A value beyond 2^49 scales is cut off there.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LaplaceMechanism {
    sensitivity_l1: f64,
    scale: f64,
}

impl LaplaceMechanism {
    /// Takes the sensitivity and the scale of the noise (its mean absolute value), in the unit of the values.
    ///
    /// # Errors
    /// [`MechanismError::Parameter`] unless both lie between 1e-100 and 1e100.
    pub fn new(sensitivity_l1: f64, scale: f64) -> Result<Self, MechanismError> {
        Ok(Self { sensitivity_l1: size("sensitivity", sensitivity_l1)?, scale: size("scale", scale)? })
    }

    /// The least noise that costs at most `epsilon`.
    ///
    /// # Errors
    /// [`MechanismError::Parameter`] when the sensitivity, or the noise that follows, is out of range, or epsilon is below
    /// 1e-7, where rounding would cost more.
    pub fn for_epsilon(sensitivity_l1: f64, epsilon: Epsilon) -> Result<Self, MechanismError> {
        if epsilon.get() < 1e-7 {
            return Err(MechanismError::Parameter {
                parameter: "epsilon",
                value: epsilon.get(),
                range: "at least 1e-7",
            });
        }
        let share = epsilon.get() - LAPLACE_WIDENING;
        Self::new(sensitivity_l1, up(size("sensitivity", sensitivity_l1)? / share))
    }

    /// Scale of the noise.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// What one subject can change, before rounding.
    pub fn sensitivity_l1(&self) -> f64 {
        self.sensitivity_l1
    }

    /// What a release costs, rounding allowed for.
    ///
    /// # Errors
    /// [`BudgetError`] when the noise is so small that the cost is not finite.
    pub fn epsilon(&self) -> Result<Epsilon, BudgetError> {
        Epsilon::new(up(self.sensitivity_l1 / self.scale + LAPLACE_WIDENING))
    }

    /// The values with noise.
    ///
    /// # Errors
    /// [`MechanismError`] for a value that is not finite, or more than 2^24 of them.
    pub fn release(&self, values: &[f64], noise: &mut NoiseSource) -> Result<Vec<f64>, MechanismError> {
        let grid = Grid::below(self.scale, LAPLACE_STEPS);
        let scale = Scale::whole(grid.steps_above(self.scale));
        grid.release(values, || laplace(scale, noise))
    }
}

fn size(parameter: &'static str, value: f64) -> Result<f64, MechanismError> {
    let value = positive(parameter, value, LARGEST, RANGE)?;
    if value < 1.0 / LARGEST {
        Err(MechanismError::Parameter { parameter, value, range: RANGE })
    } else {
        Ok(value)
    }
}

/// Multiples of a power of two.
struct Grid {
    step: f64,
}

impl Grid {
    /// A step of at most `scale` / 2^`steps`.
    fn below(scale: f64, steps: i32) -> Self {
        // The logarithm of a number just below a power of two may round up to it; one power less is safe for both.
        Self { step: libm::exp2(scale.log2().floor() - f64::from(steps) - 1.0) }
    }

    fn steps_above(&self, scale: f64) -> u64 {
        (scale / self.step).ceil() as u64
    }

    fn release(&self, values: &[f64], mut draw: impl FnMut() -> i128) -> Result<Vec<f64>, MechanismError> {
        if values.len() > MOST_VALUES {
            return Err(MechanismError::TooMany { length: values.len(), limit: MOST_VALUES });
        }
        finite(values)?;
        Ok(values
            .iter()
            .map(|value| {
                let steps = ((value / self.step).round() as i128).clamp(-FURTHEST, FURTHEST);
                (steps + draw()) as f64 * self.step
            })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_noise_for_a_cost_costs_no_more() -> Result<(), Box<dyn std::error::Error>> {
        for rho in [1e-9, 1e-3, 0.1, 5.0] {
            let spent = GaussianMechanism::for_rho(3.0, Rho::new(rho)?)?.rho()?.get();
            assert!(spent <= rho * (1.0 + 1e-14) && spent > rho * (1.0 - 1e-9), "{rho}: {spent}");
        }
        for epsilon in [1e-5, 0.1, 8.0] {
            let spent = LaplaceMechanism::for_epsilon(3.0, Epsilon::new(epsilon)?)?.epsilon()?.get();
            assert!(spent <= epsilon * (1.0 + 1e-14) && spent > epsilon * (1.0 - 1e-9), "{epsilon}: {spent}");
        }
        Ok(())
    }

    #[test]
    fn ref_released_values_have_the_stated_spread() -> Result<(), Box<dyn std::error::Error>> {
        let mut noise = NoiseSource::from_seed(5);
        let values = vec![1e6; 20_000];
        let square = |released: Vec<f64>| {
            released.iter().map(|value| (value - 1e6).powi(2)).sum::<f64>() / released.len() as f64
        };
        let gaussian = square(GaussianMechanism::new(1.0, 0.3)?.release(&values, &mut noise)?);
        // Variance of a mean of 20,000 squares: 2/n for the Gaussian, 5/n for the Laplace; 5 standard errors.
        assert!((gaussian / 0.09 - 1.0).abs() < 0.05, "{gaussian}");
        let laplace = square(LaplaceMechanism::new(1.0, 0.3)?.release(&values, &mut noise)?);
        assert!((laplace / 0.18 - 1.0).abs() < 0.08, "{laplace}");
        Ok(())
    }

    #[test]
    fn law_bad_values_are_refused_and_huge_ones_cut_off() -> Result<(), MechanismError> {
        let mut noise = NoiseSource::from_seed(6);
        let mechanism = GaussianMechanism::new(1.0, 1.0)?;
        assert_eq!(
            mechanism.release(&[0.0, f64::NAN], &mut noise),
            Err(MechanismError::NotFinite { position: 1 })
        );
        assert!(mechanism.release(&[f64::MAX, -f64::MAX], &mut noise)?.iter().all(|value| value.is_finite()));
        assert!(GaussianMechanism::new(0.0, 1.0).is_err() && LaplaceMechanism::new(1.0, f64::NAN).is_err());
        Ok(())
    }
}
