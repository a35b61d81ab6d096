//! Random streams, one for each (seed, purpose, replicate), so that parallel runs equal serial ones.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a stream is drawn for; streams of different purposes never share a number.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    Communities = 17,
    Permutation = 18,
    Trades = 1,
    Resampling = 2,
    Relabelling = 3,
    #[cfg(test)]
    Simulation = 9,
}

/// The stream of one replicate.
///
/// # Source
/// ChaCha with 8 rounds (Bernstein 2008): the key holds seed and purpose, the nonce the replicate.
pub(crate) fn stream(seed: u64, purpose: Purpose, replicate: u64) -> ChaCha8Rng {
    let mut key = [0_u8; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8] = purpose as u8;
    let mut generator = ChaCha8Rng::from_seed(key);
    generator.set_stream(replicate);
    generator
}

/// A whole number below `bound`, each exactly as likely as another; 0 when `bound` is 0.
///
/// # Source
/// Lemire 2019, ACM Transactions on Modeling and Computer Simulation 29:3 (multiply, shift, reject).
pub(crate) fn below(generator: &mut ChaCha8Rng, bound: u32) -> u32 {
    let mut product = u64::from(generator.next_u32()) * u64::from(bound);
    if (product as u32) < bound {
        let least = bound.wrapping_neg() % bound.max(1);
        while (product as u32) < least {
            product = u64::from(generator.next_u32()) * u64::from(bound);
        }
    }
    (product >> 32) as u32
}

/// A number from 0 up to but not 1, in steps of 2^-53.
pub(crate) fn unit(generator: &mut ChaCha8Rng) -> f64 {
    (generator.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0
}

/// Puts a slice in random order, every order equally likely (Fisher and Yates).
pub(crate) fn shuffle<T>(generator: &mut ChaCha8Rng, values: &mut [T]) {
    for last in (1..values.len()).rev() {
        values.swap(last, below(generator, last as u32 + 1) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_numbers_below_a_bound_are_uniform() {
        // Chi-squared on 6 values, 60,000 draws: beyond 20.5 once in a thousand seeds.
        let mut generator = stream(1, Purpose::Trades, 0);
        let mut counts = [0_u32; 6];
        for _ in 0..60_000 {
            counts[below(&mut generator, 6) as usize] += 1;
        }
        let chi: f64 = counts.iter().map(|count| (f64::from(*count) - 1e4).powi(2) / 1e4).sum();
        assert!(chi < 20.5, "{chi}");
        assert_eq!((below(&mut generator, 0), below(&mut generator, 1)), (0, 0));
    }

    #[test]
    fn law_streams_differ_by_seed_purpose_and_replicate() {
        let first = |seed, purpose, replicate| stream(seed, purpose, replicate).next_u64();
        let known = first(1, Purpose::Trades, 0);
        assert_eq!(known, first(1, Purpose::Trades, 0));
        assert_ne!(known, first(2, Purpose::Trades, 0));
        assert_ne!(known, first(1, Purpose::Simulation, 0));
        assert_ne!(known, first(1, Purpose::Trades, 1));
    }
}
