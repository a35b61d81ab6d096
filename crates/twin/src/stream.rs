//! Counter-based random streams, one for each (seed, process, subject).
//!
//! A draw depends on its stream and its place in it and on nothing else, so adding a process or a
//! subject shifts nobody's draws, and two runs that differ in one process can be compared person by
//! person.
//!
//! # Source
//! ChaCha with 8 rounds (Bernstein 2008): the 256-bit key is made from seed and process name, the
//! 64-bit nonce is the subject. Key expansion is SplitMix64 (Steele, Lea and Flood 2014) over the
//! seed and the name's 64-bit FNV-1a hash.

use std::convert::Infallible;

use rand::{Rng, SeedableRng, TryRng};
use rand_chacha::ChaCha8Rng;

/// What a process needs to open its stream for any subject.
#[derive(Clone, Debug)]
pub struct StreamKey {
    at_origin: ChaCha8Rng,
}

impl StreamKey {
    /// The key of a process under a seed.
    pub fn new(seed: u64, process: &str) -> Self {
        let mut state = seed ^ fnv1a(process.as_bytes()).rotate_left(32);
        let mut key = [0_u8; 32];
        for (lane, bytes) in key.chunks_exact_mut(8).enumerate() {
            state = state.wrapping_add(fnv1a(process.as_bytes()) ^ lane as u64);
            bytes.copy_from_slice(&splitmix64(&mut state).to_le_bytes());
        }
        Self { at_origin: ChaCha8Rng::from_seed(key) }
    }

    /// The stream of one subject, at its beginning.
    pub fn open(&self, subject: u64) -> Stream {
        let mut generator = self.at_origin.clone();
        generator.set_stream(subject);
        Stream { generator }
    }
}

/// The random numbers of one process for one subject.
#[derive(Clone, Debug)]
pub struct Stream {
    generator: ChaCha8Rng,
}

impl Stream {
    /// A number in [0, 1), 53 bits fine.
    pub fn uniform(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// A number in (0, 1]: safe to take the logarithm of.
    pub fn uniform_above_zero(&mut self) -> f64 {
        1.0 - self.uniform()
    }

    /// Yes with a probability; out-of-range probabilities act as 0 or 1.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// A whole number below `bound` (0 when `bound` is 0).
    pub fn below(&mut self, bound: usize) -> usize {
        ((self.uniform() * bound as f64) as usize).min(bound.saturating_sub(1))
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.generator.next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.generator.next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.generator.fill_bytes(bytes);
        Ok(())
    }
}

fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn splitmix64(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut word = *state;
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ref_fnv1a_of_the_published_vectors() {
        // Fowler, Noll, Vo: FNV-1a 64 test vectors for "" and "foobar".
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn ref_splitmix64_of_the_published_vector() {
        // Vigna's splitmix64.c with state 1234567.
        let mut state = 1_234_567;
        assert_eq!(splitmix64(&mut state), 6_457_827_717_110_365_317);
        assert_eq!(splitmix64(&mut state), 3_203_168_211_198_807_973);
    }

    #[test]
    fn law_mean_and_variance_of_uniform_across_subjects() {
        // 20,000 first draws of neighbouring subjects, seed 5; tolerances are 5 standard errors
        // (0.2887 / sqrt(20000) = 0.00204), false alarm 1 in 1.7 million each.
        let key = StreamKey::new(5, "test");
        let draws: Vec<f64> = (0..20_000).map(|subject| key.open(subject).uniform()).collect();
        let mean = draws.iter().sum::<f64>() / 20_000.0;
        let variance = draws.iter().map(|draw| (draw - mean).powi(2)).sum::<f64>() / 20_000.0;
        assert!((mean - 0.5).abs() < 0.0102, "{mean}");
        assert!((variance - 1.0 / 12.0).abs() < 0.0027, "{variance}");
    }

    proptest! {
        #[test]
        fn law_a_draw_depends_on_seed_process_and_subject_only(
            seed: u64, subject: u64, other in any::<u64>(), draws in 1_usize..40
        ) {
            let take = |stream: &mut Stream| (0..draws).map(|_| stream.next_u64()).collect::<Vec<_>>();
            let key = StreamKey::new(seed, "mortality");
            let alone = take(&mut key.open(subject));
            // Other streams that are open and drawn from in between change nothing.
            let mut elsewhere = StreamKey::new(seed, "hypertension").open(subject);
            let mut neighbour = key.open(subject ^ other);
            let mut again = key.open(subject);
            let mut interleaved = Vec::new();
            for _ in 0..draws {
                elsewhere.next_u64();
                neighbour.next_u64();
                interleaved.push(again.next_u64());
            }
            prop_assert_eq!(&alone, &interleaved);
            prop_assert_ne!(&alone, &take(&mut StreamKey::new(seed, "hypertension").open(subject)));
            prop_assert_ne!(&alone, &take(&mut StreamKey::new(seed ^ 1, "mortality").open(subject)));
        }
    }
}
