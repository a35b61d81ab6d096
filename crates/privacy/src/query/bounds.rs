//! Bounds of values that nobody has bounded.

use serde::{Deserialize, Serialize};

use super::histogram::{histogram, reached};
use super::{Contribution, QueryError, share};
use crate::budget::Rho;
use crate::noise::NoiseSource;
use crate::rounding::down;

// Bins of size 2^k for k from the first to the last, of either sign; what is smaller lies in the middle one.
const FIRST: i32 = -40;
const LAST: i32 = 100;
const SIDE: usize = (LAST - FIRST + 1) as usize;
const BINS: usize = 2 * SIDE + 1;
/// Deviations of noise that make a bin next to a full one count.
const SELDOM: f64 = 2.0;

/// Between what powers of two most values lie.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// Not above the values that were seen through the noise.
    pub least: f64,
    /// Not below them.
    pub greatest: f64,
}

/// Powers of two that most of `values` lie between, with noise that costs `rho`; none when the noise hides them all.
///
/// A bin is full when noise alone would make its count with a chance below `failure` over all bins. From the outermost full
/// bins on, neighbours are taken in while their counts exceed two deviations of the noise, which an empty one does with a chance of
/// 0.023. Up to about 4 / sqrt(rho) values further out may be left outside. Values that are not finite are left out.
///
/// # Source
/// Wilson, Zhang, Lam, Desfontaines, Simmons-Marengo and Gipson 2020, *Differentially Private SQL with Bounded User
/// Contribution*, section 5.1.1 (approximate bounds over logarithmic bins), with Gaussian noise. A value lies in one bin,
/// so a subject with one value moves one count by one.
///
/// # Errors
/// [`QueryError`] for a contribution of nothing, a failure not between 0 and 1, or a rho so small that the noise can't be
/// drawn.
///
/// # Limits
/// Sizes below 2^-40 are taken for 0, sizes above 2^101 for less.
pub fn bounds(
    values: &[f64],
    contribution: Contribution,
    rho: Rho,
    failure: f64,
    noise: &mut NoiseSource,
) -> Result<Option<Span>, QueryError> {
    let each = down(share("failure", failure)? / BINS as f64);
    let mut counts = vec![0_u64; BINS];
    for &value in values.iter().filter(|value| value.is_finite()) {
        counts[bin(value)] += 1;
    }
    let counted = histogram(&counts, contribution, rho, noise)?;
    let Some(sigma) = counted.first().map(|count| count.sigma) else { return Ok(None) };
    let threshold = reached(sigma, each);
    let full = |at: &usize| counted[*at].value >= threshold;
    let (Some(lowest), Some(highest)) = ((0..BINS).find(full), (0..BINS).rev().find(full)) else {
        return Ok(None);
    };
    // A tail thins out next to full bins, where a count that noise alone seldom makes is likelier real.
    let thin = |at: &usize| counted[*at].value as f64 > SELDOM * sigma;
    let lowest = (0..lowest).rev().take_while(thin).last().unwrap_or(lowest);
    let highest = (highest + 1..BINS).take_while(thin).last().unwrap_or(highest);
    Ok(Some(Span { least: edges(lowest).0, greatest: edges(highest).1 }))
}

/// Which bin a finite value lies in, from the most negative to the largest.
fn bin(value: f64) -> usize {
    let size = value.abs();
    if size < libm::exp2(f64::from(FIRST)) {
        return SIDE;
    }
    // libm takes the exponent from the bits, so a power of two opens its bin.
    let above = (libm::ilogb(size).min(LAST) - FIRST) as usize;
    if value < 0.0 { SIDE - 1 - above } else { SIDE + 1 + above }
}

/// Where a bin begins and ends.
fn edges(bin: usize) -> (f64, f64) {
    let power = |steps: usize| libm::exp2((steps as i32 + FIRST).into());
    match bin {
        SIDE => (-power(0), power(0)),
        above if above > SIDE => (power(above - SIDE - 1), power(above - SIDE)),
        below => (-power(SIDE - below), -power(SIDE - 1 - below)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(values: &[f64], rho: f64, seed: u64) -> Option<Span> {
        let mut noise = NoiseSource::from_seed(seed);
        bounds(values, Contribution::ONE, Rho::new(rho).unwrap(), 1e-6, &mut noise).unwrap()
    }

    #[test]
    fn ref_ages_lie_between_16_and_128() {
        let ages: Vec<f64> = (0..2000).map(|at| 18.0 + f64::from(at % 83)).collect();
        // Noise of sigma 7 on bins of 300 and more: missed with a chance far below 1e-6.
        assert_eq!(found(&ages, 0.01, 51), Some(Span { least: 16.0, greatest: 128.0 }));
        let signed: Vec<f64> = ages.iter().map(|age| age - 50.0).collect();
        assert_eq!(found(&signed, 0.5, 52), Some(Span { least: -64.0, greatest: 64.0 }));
    }

    #[test]
    fn law_one_value_far_out_hardly_shows() {
        let mut values = vec![5.0; 1000];
        values.push(1e30);
        assert_eq!(found(&values, 0.01, 53), Some(Span { least: 4.0, greatest: 8.0 }));
        assert_eq!(found(&[1e30], 0.01, 54), None);
        assert_eq!(found(&[], 0.01, 55), None);
    }

    proptest! {
        #[test]
        fn law_every_value_lies_in_its_bin(value: f64) {
            prop_assume!(value.is_finite() && value.abs() < 2.5e30);
            let (low, high) = edges(bin(value));
            prop_assert!(low <= value && value <= high, "{} {} {}", low, value, high);
        }

        #[test]
        fn law_no_input_panics(values in proptest::collection::vec(any::<f64>(), 0..4), failure: f64) {
            let mut noise = NoiseSource::from_seed(56);
            let _ = bounds(&values, Contribution::ONE, Rho::new(1.0)?, failure, &mut noise);
        }
    }
}
