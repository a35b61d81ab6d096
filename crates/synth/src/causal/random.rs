//! Keyed streams of random numbers.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The same numbers for the same seed and number, and no two streams alike.
pub(crate) fn stream(seed: u64, number: u64) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(number);
    random
}

/// A uniform number in 0 to below 1.
pub(crate) fn uniform(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// A standard normal number from two uniform ones.
///
/// # Source
/// Box and Muller, Annals of Mathematical Statistics 29 (1958).
pub(crate) fn normal(one: f64, other: f64) -> f64 {
    let radius = (-2.0 * (1.0 - one).ln()).sqrt();
    radius * (std::f64::consts::TAU * other).cos()
}

/// The place that a uniform number chooses, each by its share.
pub(crate) fn choose(shares: &[f64], drawn: f64) -> usize {
    let drawn = drawn * shares.iter().sum::<f64>();
    let mut sum = 0.0;
    let place = shares.iter().position(|share| {
        sum += share;
        drawn < sum
    });
    // Rounding may leave the sum below what was drawn: then the last that has a share.
    place.or_else(|| shares.iter().rposition(|&share| share > 0.0)).unwrap_or(0)
}
