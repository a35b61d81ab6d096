//! Exact sampling of the discrete Laplace and Gaussian distributions, in integers alone.
//!
//! Floating-point samplers leave gaps in what they can return, and the gaps tell neighbouring inputs apart (Mironov
//! 2012, *On Significance of the Least Significant Bits*). Here every comparison is between integers.
//!
//! # Source
//! Canonne, Kamath and Steinke 2020, *The Discrete Gaussian for Differential Privacy*: algorithm 1 (Bernoulli of an
//! exponential), 2 (discrete Laplace), 3 (discrete Gaussian).
//!
//! # Limits
//! A scale is first rounded up to 24 significant bits (at most 1.2e-7 more noise than asked), and to a multiple of
//! 2^-24. A Gaussian proposal beyond 64 scales is refused outright; it would be accepted with a chance below
//! e^-1900, and proposed with one below e^-63.

use rand::Rng;

use crate::noise::NoiseSource;

/// Largest scale that the integers here hold.
pub(crate) const LARGEST_SCALE: f64 = (1_u64 << 52) as f64;

/// `numerator / 2^shift`, at least the number it was made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    numerator: u64,
    shift: u32,
}

impl Scale {
    /// Rounds up; `value` lies above 0 and at most [`LARGEST_SCALE`].
    pub(crate) fn above(value: f64) -> Self {
        let unit = (value.log2().floor() as i32 - 23).max(-24);
        let numerator = (value * libm::exp2(f64::from(-unit))).ceil() as u64;
        if unit >= 0 {
            Self { numerator: numerator << unit, shift: 0 }
        } else {
            Self { numerator, shift: unit.unsigned_abs() }
        }
    }

    /// A whole number of steps.
    pub(crate) fn whole(steps: u64) -> Self {
        Self { numerator: steps, shift: 0 }
    }
}

/// Uniform below `bound`, which is above 0.
fn below(bound: u128, noise: &mut NoiseSource) -> u128 {
    if let Ok(bound) = u64::try_from(bound) {
        let mask = u64::MAX >> (bound - 1).leading_zeros().min(63);
        loop {
            let drawn = noise.next_u64() & mask;
            if drawn < bound {
                return u128::from(drawn);
            }
        }
    }
    let mask = u128::MAX >> (bound - 1).leading_zeros();
    loop {
        let drawn = ((u128::from(noise.next_u64()) << 64) | u128::from(noise.next_u64())) & mask;
        if drawn < bound {
            return drawn;
        }
    }
}

/// Uniform index below `count`, which is above 0.
pub(crate) fn index(count: usize, noise: &mut NoiseSource) -> usize {
    below(count as u128, noise) as usize
}

fn coin(noise: &mut NoiseSource) -> bool {
    noise.next_u64() >> 63 == 1
}

/// True with chance exp(-numerator / denominator), for any ratio; the denominator is at most 2^116.
pub(crate) fn bernoulli_exp(numerator: u128, denominator: u128, noise: &mut NoiseSource) -> bool {
    for _ in 0..numerator / denominator {
        if !bernoulli_exp_at_most_one(1, 1, noise) {
            return false;
        }
    }
    bernoulli_exp_at_most_one(numerator % denominator, denominator, noise)
}

fn bernoulli_exp_at_most_one(numerator: u128, denominator: u128, noise: &mut NoiseSource) -> bool {
    // The series of exp(-x): the first failure among trials of chance x / k falls on an odd k with chance exp(-x).
    let mut k = 1;
    while below(denominator * k, noise) < numerator {
        k += 1;
    }
    k % 2 == 1
}

/// An integer x with chance in proportion to exp(-|x| / scale).
pub(crate) fn laplace(scale: Scale, noise: &mut NoiseSource) -> i128 {
    let steps = u128::from(scale.numerator);
    loop {
        let part = below(steps, noise);
        if !bernoulli_exp(part, steps, noise) {
            continue;
        }
        let mut whole: u128 = 0;
        while bernoulli_exp(1, 1, noise) {
            whole += 1;
        }
        let size = ((part + steps * whole) >> scale.shift) as i128;
        let negative = coin(noise);
        if negative && size == 0 {
            continue;
        }
        return if negative { -size } else { size };
    }
}

/// An integer x with chance in proportion to exp(-x^2 / (2 scale^2)).
pub(crate) fn gaussian(scale: Scale, noise: &mut NoiseSource) -> i128 {
    let a = u128::from(scale.numerator);
    let width = if scale.shift == 0 { a } else { (a >> scale.shift) + 1 };
    let proposal = Scale::whole(width as u64);
    loop {
        let drawn = laplace(proposal, noise);
        let size = drawn.unsigned_abs();
        if size > 64 * width {
            continue;
        }
        // (|x| - scale^2 / width)^2 / (2 scale^2), over a common denominator.
        let (off, denominator) = if scale.shift == 0 {
            (size.abs_diff(a), 2 * a * a)
        } else {
            let scaled = (size * width) << (2 * scale.shift);
            (scaled.abs_diff(a * a), (2 * a * a * width * width) << (2 * scale.shift))
        };
        if bernoulli_exp(off * off, denominator, noise) {
            return drawn;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pearson's statistic of draws against weights over -`reach`..=`reach`; draws outside are pooled.
    fn chi_square(draws: &[i128], reach: i128, weight: impl Fn(i128) -> f64) -> (f64, f64) {
        let total: f64 = (-2000..=2000).map(&weight).sum();
        let mut statistic = 0.0;
        let mut inside = 0.0;
        for value in -reach..=reach {
            let expected = draws.len() as f64 * weight(value) / total;
            let observed = draws.iter().filter(|&&draw| draw == value).count() as f64;
            statistic += (observed - expected).powi(2) / expected;
            inside += expected;
        }
        let (left, outside) =
            (draws.len() as f64 - inside, draws.iter().filter(|draw| draw.abs() > reach).count());
        if left > 5.0 {
            statistic += (outside as f64 - left).powi(2) / left;
        }
        (statistic, (2 * reach + 1) as f64)
    }

    // Wilson and Hilferty's upper point for a false-alarm rate of 1e-6 (normal 4.753) a test.
    fn limit(freedom: f64) -> f64 {
        let part = 2.0 / (9.0 * freedom);
        freedom * (1.0 - part + 4.753 * part.sqrt()).powi(3)
    }

    #[test]
    fn ref_draws_follow_the_discrete_laplace() {
        let mut noise = NoiseSource::from_seed(1);
        for (scale, reach) in [(0.4, 2), (1.0, 5), (2.7, 12)] {
            let draws: Vec<i128> = (0..40_000).map(|_| laplace(Scale::above(scale), &mut noise)).collect();
            let (statistic, freedom) = chi_square(&draws, reach, |x| (-(x.abs() as f64) / scale).exp());
            assert!(statistic < limit(freedom), "{scale}: {statistic}");
        }
    }

    #[test]
    fn ref_draws_follow_the_discrete_gaussian() {
        let mut noise = NoiseSource::from_seed(2);
        for (sigma, reach) in [(0.5_f64, 1), (1.0, 3), (3.3, 9), (40.0, 60)] {
            let draws: Vec<i128> = (0..40_000).map(|_| gaussian(Scale::above(sigma), &mut noise)).collect();
            let (statistic, freedom) =
                chi_square(&draws, reach, |x| (-(x as f64).powi(2) / (2.0 * sigma * sigma)).exp());
            assert!(statistic < limit(freedom), "{sigma}: {statistic}");
        }
    }

    #[test]
    fn law_wide_scales_have_the_asked_spread() {
        let mut noise = NoiseSource::from_seed(3);
        let scale = Scale::whole(1 << 49);
        let squares: f64 =
            (0..20_000).map(|_| (gaussian(scale, &mut noise) as f64 / (1_u64 << 49) as f64).powi(2)).sum();
        // The mean of 20,000 squares of a standard normal has standard error 0.01: 5 of them, false alarm 6e-7.
        assert!((squares / 20_000.0 - 1.0).abs() < 0.05, "{squares}");
    }

    #[test]
    fn law_a_rounded_scale_is_never_less() {
        for value in [1e-12, 0.3, 1.0, 12.345, 2.0_f64.powi(24) + 1.0, 1e12 + 0.5, LARGEST_SCALE] {
            let scale = Scale::above(value);
            let rounded = scale.numerator as f64 / (1_u64 << scale.shift) as f64;
            assert!(rounded >= value && rounded <= value * (1.0 + 1.3e-7) + 6e-8, "{value}: {rounded}");
        }
    }
}
