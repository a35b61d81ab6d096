//! Random numbers by purpose and place, independent of threads and of where a run was resumed.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// An independent stream of random numbers for one purpose.
pub fn stream(seed: u64, purpose: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(purpose);
    rng
}

/// A number without apparent relation to either argument.
///
/// # Source
/// Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators (OOPSLA 2014), the mixing function
/// of SplitMix64.
pub(crate) fn mix(key: u64, counter: u64) -> u64 {
    let mut z = key.wrapping_add(counter.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::mix;

    #[test]
    fn ref_first_numbers_of_splitmix64() {
        // Seed 1234567, as printed by the generator's reference implementation.
        let expected = [
            6_457_827_717_110_365_317_u64,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        for (counter, expected) in (1..).zip(expected) {
            assert_eq!(mix(1_234_567, counter), expected);
        }
    }
}
