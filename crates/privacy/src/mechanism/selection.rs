//! The exponential mechanism: choose among candidates, the better the likelier.

use super::exact::{bernoulli_exp, index};
use super::{MechanismError, finite, positive};
use crate::budget::{BudgetError, Epsilon, Rho};
use crate::noise::NoiseSource;
use crate::rounding::{down, up};

/// Exponents are held in whole parts of this.
const PARTS: f64 = (1_u64 << 40) as f64;
/// A candidate so far behind the best is as likely as one at this distance.
const FURTHEST: f64 = 1024.0;
/// What rounding an exponent can move it, with room for the few operations before: a thousandth of a millionth.
const ROUNDING: f64 = 1.0 / (1_u64 << 30) as f64;

/// The position of one of `scores`, chosen with chance in proportion to exp(epsilon score / (2 sensitivity)).
///
/// One subject may change no score by more than `sensitivity`. It is pure epsilon; as its loss lies in a range of width
/// epsilon it is also epsilon^2 / 8 zCDP, see [`exponential_mechanism_rho`].
///
/// # Source
/// McSherry and Talwar 2007, *Mechanism Design via Differential Privacy*, definition 2. Chosen by rejection with exact
/// Bernoulli trials (Canonne, Kamath and Steinke 2020, algorithm 1), so that no probability is ever a floating-point number.
/// Exponents are rounded to 2^-40; epsilon is lowered by four times what that can move them.
///
/// # Errors
/// [`MechanismError`] for no scores, scores that are not finite, a sensitivity not above 0, or epsilon below 1e-6.
///
/// # Limits
/// On average at most as many trials as there are scores.
pub fn exponential_mechanism(
    scores: &[f64],
    sensitivity: f64,
    epsilon: Epsilon,
    noise: &mut NoiseSource,
) -> Result<usize, MechanismError> {
    let sensitivity = positive("sensitivity", sensitivity, 1e100, "above 0 and at most 1e100")?;
    let epsilon = exact_share(epsilon)?;
    finite(scores)?;
    let best = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let exponents: Vec<f64> =
        scores.iter().map(|score| epsilon * ((best - score) / sensitivity / 2.0)).collect();
    choose(&exponents, noise)
}

/// What one choice of [`exponential_mechanism`] costs under zCDP: epsilon^2 / 8.
///
/// # Source
/// Cesar and Rogers 2021, *Bounding, Concentrating, and Truncating*, lemma 3.2 (bounded range).
///
/// # Errors
/// [`BudgetError`] when epsilon is so large or small that its square leaves the range.
pub fn exponential_mechanism_rho(epsilon: Epsilon) -> Result<Rho, BudgetError> {
    Rho::new(up(epsilon.get() * epsilon.get() / 8.0))
}

/// What is left of epsilon for the exponents when rounding has had its share.
pub(crate) fn exact_share(epsilon: Epsilon) -> Result<f64, MechanismError> {
    let value = epsilon.get();
    if value < 1e-6 {
        return Err(MechanismError::Parameter { parameter: "epsilon", value, range: "at least 1e-6" });
    }
    Ok(down(value - 4.0 * ROUNDING))
}

/// A position with chance in proportion to exp(-exponent); no exponent is NaN.
pub(crate) fn choose(exponents: &[f64], noise: &mut NoiseSource) -> Result<usize, MechanismError> {
    let least = exponents.iter().copied().fold(f64::INFINITY, f64::min);
    if exponents.is_empty() {
        return Err(MechanismError::Empty);
    }
    let parts: Vec<u128> =
        exponents.iter().map(|exponent| ((exponent - least).min(FURTHEST) * PARTS).round() as u128).collect();
    loop {
        let candidate = index(parts.len(), noise);
        if bernoulli_exp(parts[candidate], PARTS as u128, noise) {
            return Ok(candidate);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_choices_follow_the_stated_chances() -> Result<(), Box<dyn std::error::Error>> {
        let mut noise = NoiseSource::from_seed(11);
        let (scores, epsilon) = ([0.0, 1.0, 3.0, -2.0], 1.5);
        let mut counts = [0.0; 4];
        for _ in 0..40_000 {
            counts[exponential_mechanism(&scores, 1.0, Epsilon::new(epsilon)?, &mut noise)?] += 1.0;
        }
        let weights = scores.map(|score: f64| (epsilon * score / 2.0).exp());
        let total: f64 = weights.iter().sum();
        let statistic: f64 = counts
            .iter()
            .zip(weights)
            .map(|(count, weight)| (count - 40_000.0 * weight / total).powi(2) / (40_000.0 * weight / total))
            .sum();
        // Chi-square with 3 degrees of freedom exceeds 30.7 with chance 1e-6.
        assert!(statistic < 30.7, "{statistic}");
        Ok(())
    }

    #[test]
    fn law_hopeless_candidates_and_bad_input_end() -> Result<(), Box<dyn std::error::Error>> {
        let mut noise = NoiseSource::from_seed(12);
        let epsilon = Epsilon::new(1.0)?;
        assert_eq!(exponential_mechanism(&[f64::MAX, -f64::MAX], 1e-9, epsilon, &mut noise)?, 0);
        assert_eq!(exponential_mechanism(&[], 1.0, epsilon, &mut noise), Err(MechanismError::Empty));
        assert!(exponential_mechanism(&[f64::NAN], 1.0, epsilon, &mut noise).is_err());
        assert!(exponential_mechanism(&[1.0], 0.0, epsilon, &mut noise).is_err());
        assert!(exponential_mechanism(&[1.0], 1.0, Epsilon::new(1e-9)?, &mut noise).is_err());
        Ok(())
    }
}
