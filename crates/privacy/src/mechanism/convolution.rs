//! A wide discrete Gaussian from two draws of a table.
//!
//! x = a y1 + y2, each y a discrete Gaussian of spread s, is one of spread s sqrt(1 + a^2), to within [`DISTANCE`] in total
//! variation. The table holds integers alone, and draws compare integers alone.
//!
//! # Source
//! Micciancio and Walter 2017, *Gaussian Sampling over the Integers: Efficient, Generic, Constant-Time*, section 4.1
//! (convolution); Chen and Asau 1974, *On Generating Random Variates from an Empirical Distribution* (guide table). The
//! bound is worked out below.
//!
//! # Limits
//! The distance per x is the sum of these, with u = 2^-127, s = 1600, a = 799, N = 13 s.
//! - **Sum of two.** With exact y the chance of x is in proportion to e^(-x^2 / (2 s^2 (1 + a^2))) times the sum over whole
//!   y1 of e^(-(y1 - c)^2 / (2 t^2)), c some number, t^2 = s^2 / (1 + a^2) > 4. By Poisson's summation formula that sum is
//!   t sqrt(2 pi) (1 + h), |h| <= 2 e^(-2 pi^2 t^2) (1 + 2^-300) < 2^-112: chances are off by a factor of at most
//!   (1 + h) / (1 - h), and the distance is below 2^-111.
//! - **Weights.** Products are cut to multiples of u, and e^(-1 / (2 s^2)) is within 8 u. Each r_k = q^(2k + 1) then errs by
//!   at most 9 (2k + 1) u and each weight w_k = w_(k-1) r_(k-1) by at most 9 k^2 u, as all factors are at most 1. The sum over
//!   k <= N is below 3 (N + 1)^3 u < 2^-82.3. Cutting weights to multiples of 2^-116 adds N 2^-116. Over a total above
//!   2^10.9 that is below 2^-93.1 a draw.
//! - **Tails.** Beyond 13 s lies a share below e^(-84.5) < 2^-121.
//!
//! Two draws and the sum: below 2^-92.

use std::sync::OnceLock;

use rand::Rng;

use crate::noise::NoiseSource;

/// Spread of one draw.
const SPREAD: u64 = 1600;
/// What the first of two draws is multiplied by.
const STRIDE: i64 = 799;
/// x spreads by a little more than so many steps: s^2 (1 + a^2) = STEPS^2 + s^2.
pub(crate) const STEPS: f64 = (SPREAD * STRIDE as u64) as f64;
/// Total variation of one x from the discrete Gaussian of variance STEPS^2 + s^2: 2^-91.
pub(crate) const DISTANCE: f64 = 1.0 / (1_u128 << 91) as f64;
/// No y is larger.
const FURTHEST: u64 = 13 * SPREAD;

/// One, in numbers of 127 fractional bits.
const ONE: u128 = 1 << 127;
/// Weights keep 116 fractional bits, so that their sum stays below 2^127.
const DROPPED: u32 = 11;
/// A draw is decided by 31 bits of 127, and the others looked at only where these tie.
const TIE: u32 = 96;
const GUIDE_BITS: u32 = 14;

/// Partial sums of the weights of |y|, and where to begin to look.
pub(crate) struct Convolution {
    sums: Vec<u128>,
    tops: Vec<u32>,
    guide: Vec<u16>,
}

impl Convolution {
    /// The one table that there is.
    pub(crate) fn get() -> &'static Self {
        static TABLE: OnceLock<Convolution> = OnceLock::new();
        TABLE.get_or_init(Self::make)
    }

    fn make() -> Self {
        let (mut weight, mut ratio) = (ONE, exp_minus_half_over_square(SPREAD));
        let square = times(ratio, ratio);
        // A sign is drawn for 0 too, so it has half its weight.
        let mut sums = vec![weight >> (DROPPED + 1)];
        for k in 1..=FURTHEST as usize {
            weight = times(weight, ratio);
            ratio = times(ratio, square);
            sums.push(sums[k - 1] + (weight >> DROPPED));
        }
        let tops: Vec<u32> = sums.iter().map(|sum| (sum >> TIE) as u32).collect();
        let cell = |at: u32| at << (31 - GUIDE_BITS);
        let guide =
            (0..1 << GUIDE_BITS).map(|at| tops.partition_point(|&top| top < cell(at)) as u16).collect();
        let tops = tops.into_iter().chain([u32::MAX]).collect();
        Self { sums, tops, guide }
    }

    /// One x.
    pub(crate) fn draw(&self, noise: &mut NoiseSource) -> i64 {
        let word = noise.next_u64();
        STRIDE * self.one(word as u32, noise) + self.one((word >> 32) as u32, noise)
    }

    /// One y, from 32 random bits and more where they do not decide.
    #[inline]
    fn one(&self, mut bits: u32, noise: &mut NoiseSource) -> i64 {
        loop {
            let drawn = bits >> 1;
            let mut at = usize::from(self.guide[(drawn >> (31 - GUIDE_BITS)) as usize]);
            // A step that no branch decides, as whether there is one is a matter of chance.
            at += usize::from(self.tops[at] < drawn);
            while self.tops[at] < drawn {
                at += 1;
            }
            if self.tops[at] == drawn {
                at = self.untie(drawn, noise);
            }
            if at < self.sums.len() {
                let size = at as i64;
                return if bits & 1 == 1 { -size } else { size };
            }
            bits = noise.next_u32();
        }
    }

    #[cold]
    fn untie(&self, drawn: u32, noise: &mut NoiseSource) -> usize {
        let low = (u128::from(noise.next_u32()) << 64) | u128::from(noise.next_u64());
        let whole = (u128::from(drawn) << TIE) | low;
        self.sums.partition_point(|&sum| sum <= whole)
    }
}

/// Product of two numbers of at most one, cut to 127 fractional bits.
fn times(left: u128, right: u128) -> u128 {
    const LOW: u128 = u64::MAX as u128;
    let (high, low) = (left >> 64, left & LOW);
    let (other_high, other_low) = (right >> 64, right & LOW);
    let middle = high * other_low + low * other_high + ((low * other_low) >> 64);
    ((high * other_high + (middle >> 64)) << 1) | ((middle >> 63) & 1)
}

/// e^(-1 / (2 spread^2)) within 8 units of 127 fractional bits, by its series; the spread is at least 2^8.
fn exp_minus_half_over_square(spread: u64) -> u128 {
    let x = ONE / u128::from(2 * spread * spread);
    // The seventh term is below 2^-131. The first six err by at most one unit each, and by one more through x.
    let mut term = ONE;
    (1..=6).fold(ONE, |sum, k: u32| {
        term = times(term, x) / u128::from(k);
        if k % 2 == 1 { sum - term } else { sum + term }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(k: f64, spread: f64) -> f64 {
        (-k * k / (2.0 * spread * spread)).exp()
    }

    // Wilson and Hilferty's upper point for a false-alarm rate of 1e-6 (normal 4.753) a test.
    fn limit(freedom: f64) -> f64 {
        let part = 2.0 / (9.0 * freedom);
        freedom * (1.0 - part + 4.753 * part.sqrt()).powi(3)
    }

    #[test]
    fn ref_products_are_those_of_long_multiplication() {
        // (1 - 2^-100)^2 = 1 - 2^-99 + 2^-200, and a third of two thirds.
        assert_eq!(times(ONE - (1 << 27), ONE - (1 << 27)), ONE - (1 << 28));
        assert_eq!(times(ONE, ONE), ONE);
        assert_eq!(times(ONE, 12_345), 12_345);
        let (third, ninths) = (ONE / 3, times(ONE / 3, 2 * (ONE / 3)));
        assert!((ONE / 9 * 2).abs_diff(ninths) <= 4, "{third} {ninths}");
    }

    #[test]
    fn ref_weights_are_the_exponentials() {
        let table = Convolution::make();
        let unit = libm::exp2(-116.0);
        for k in [1_usize, 2, 10, 799, 1600, 5000, 12_000] {
            let found = (table.sums[k] - table.sums[k - 1]) as f64 * unit;
            let expected = weight(k as f64, SPREAD as f64);
            assert!((found / expected - 1.0).abs() < 1e-14, "{k}: {found} {expected}");
        }
        // Half the theta function of the spread: s sqrt(pi / 2), but for e^(-2 pi^2 s^2).
        let total = table.sums[FURTHEST as usize] as f64 * unit;
        let expected = SPREAD as f64 * (std::f64::consts::PI / 2.0).sqrt();
        assert!((total / expected - 1.0).abs() < 1e-14 && total < 2048.0, "{total} {expected}");
    }

    #[test]
    fn ref_single_draws_follow_the_discrete_gaussian() {
        let (table, mut noise) = (Convolution::get(), NoiseSource::from_seed(21));
        // 41 classes of 200 neighbouring numbers, the outer two open.
        let class = |y: i64| (y.clamp(-4099, 4099) + 4100).div_euclid(200) as usize;
        let draws = 400_000.0;
        let mut observed = [0.0; 41];
        for _ in 0..400_000 {
            let bits = noise.next_u32();
            observed[class(table.one(bits, &mut noise))] += 1.0;
        }
        let mut expected = [0.0; 41];
        let total: f64 = (-20_800..=20_800).map(|y| weight(f64::from(y), 1600.0)).sum();
        for y in -20_800..=20_800 {
            expected[class(y)] += draws * weight(y as f64, 1600.0) / total;
        }
        let statistic: f64 =
            observed.iter().zip(expected).map(|(seen, due)| (seen - due) * (seen - due) / due).sum();
        assert!(statistic < limit(40.0), "{statistic}");
    }

    #[test]
    fn ref_sums_of_two_follow_the_normal_and_fill_every_residue() {
        let (table, mut noise) = (Convolution::get(), NoiseSource::from_seed(22));
        let draws = 400_000;
        let (mut squares, mut fourths) = (0.0, 0.0);
        let mut residues = vec![0.0; 47];
        let mut classes = [0.0; 33];
        let spread = STEPS.hypot(SPREAD as f64);
        for _ in 0..draws {
            let x = table.draw(&mut noise);
            let z = x as f64 / spread;
            squares += z * z;
            fourths += z.powi(4);
            residues[x.rem_euclid(47) as usize] += 1.0;
            classes[(((z * 4.0).round() as i64).clamp(-16, 16) + 16) as usize] += 1.0;
        }
        let count = f64::from(draws);
        // Standard errors: sqrt(2 / n) and sqrt(96 / n); 5 of each, false alarm 6e-7.
        assert!((squares / count - 1.0).abs() < 5.0 * (2.0 / count).sqrt(), "{squares}");
        assert!((fourths / count - 3.0).abs() < 5.0 * (96.0 / count).sqrt(), "{fourths}");
        let even = count / 47.0;
        let statistic: f64 = residues.iter().map(|seen| (seen - even) * (seen - even) / even).sum();
        assert!(statistic < limit(46.0), "{statistic}");
        let below = |z: f64| 0.5 * libm::erfc(-z / std::f64::consts::SQRT_2);
        let statistic: f64 = (-16..=16)
            .map(|class: i32| {
                let (low, high) = (f64::from(class) / 4.0 - 0.125, f64::from(class) / 4.0 + 0.125);
                let share = match class {
                    -16 => below(high),
                    16 => below(-low),
                    _ => below(high) - below(low),
                };
                let seen = classes[(class + 16) as usize];
                (seen - count * share).powi(2) / (count * share)
            })
            .sum();
        assert!(statistic < limit(32.0), "{statistic}");
    }

    #[test]
    fn law_ties_and_draws_past_the_total_end() {
        let (table, mut noise) = (Convolution::get(), NoiseSource::from_seed(23));
        for at in [0, 1, 1600, 6000, FURTHEST as usize] {
            let tied = table.tops[at] << 1;
            assert!(table.one(tied, &mut noise).unsigned_abs() <= FURTHEST);
        }
        assert!(table.one(u32::MAX, &mut noise).unsigned_abs() <= FURTHEST);
        assert_eq!(table.one(0, &mut noise), 0);
    }
}
