//! Noise for whole numbers, such as counts.

use super::exact::{self, LARGEST_SCALE, Scale};
use super::{MechanismError, positive};
use crate::noise::NoiseSource;

const RANGE: &str = "above 0 and at most 2^52";

/// One draw of the discrete Gaussian: x with chance in proportion to exp(-x^2 / (2 sigma^2)).
///
/// Added to a vector of counts that one subject changes by at most d in Euclidean norm, it gives
/// d^2 / (2 sigma^2)-zCDP, as its continuous sibling does.
///
/// # Source
/// Canonne, Kamath and Steinke 2020, *The Discrete Gaussian for Differential Privacy*, definition 1, theorem 4,
/// algorithm 3.
///
/// # Errors
/// [`MechanismError::Parameter`] unless sigma lies above 0 and at most at 2^52.
///
/// # Limits
/// Sigma is rounded up to 24 significant bits: the noise is never less than asked.
pub fn discrete_gaussian(sigma: f64, noise: &mut NoiseSource) -> Result<i64, MechanismError> {
    let sigma = positive("sigma", sigma, LARGEST_SCALE, RANGE)?;
    Ok(saturated(exact::gaussian(Scale::above(sigma), noise)))
}

/// One draw of the discrete Laplace: x with chance in proportion to exp(-|x| / scale).
///
/// Added to counts that one subject changes by at most d in sum, it gives d / scale pure privacy.
///
/// # Source
/// Ghosh, Roughgarden and Sundararajan 2012, *Universally Utility-Maximizing Privacy Mechanisms*; sampled by Canonne,
/// Kamath and Steinke 2020, algorithm 2.
///
/// # Errors
/// [`MechanismError::Parameter`] unless the scale lies above 0 and at most at 2^52.
///
/// # Limits
/// The scale is rounded up to 24 significant bits: the noise is never less than asked.
pub fn discrete_laplace(scale: f64, noise: &mut NoiseSource) -> Result<i64, MechanismError> {
    let scale = positive("scale", scale, LARGEST_SCALE, RANGE)?;
    Ok(saturated(exact::laplace(Scale::above(scale), noise)))
}

// Cutting off what no i64 holds looks at the noise alone, and so costs nothing.
fn saturated(drawn: i128) -> i64 {
    i64::try_from(drawn).unwrap_or(if drawn < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_scales_out_of_range_are_refused() {
        let mut noise = NoiseSource::from_seed(1);
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e16] {
            assert!(discrete_gaussian(wrong, &mut noise).is_err(), "{wrong}");
            assert!(discrete_laplace(wrong, &mut noise).is_err(), "{wrong}");
        }
        assert!(discrete_gaussian(1e-300, &mut noise).is_ok());
        assert!(discrete_laplace(1e15, &mut noise).is_ok());
    }
}
