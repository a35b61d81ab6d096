//! Counter-based random numbers, one stream for each (seed, life, process).
//!
//! A draw is a function of its stream's key and its place, so that no module's draws depend on
//! another's, and the order of people or the number of threads changes nothing.
//!
//! # Source
//! The output function is SplitMix64's finaliser (Steele, Lea and Flood 2014), applied twice with a
//! second key between, which makes overlaps of streams as improbable as 128-bit key collisions.

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A stream at a place in it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Draws {
    first: u64,
    second: u64,
    place: u64,
}

/// What a stream belongs to: one attempt at one person's life under one seed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LifeKey(u64, u64);

impl LifeKey {
    pub(crate) fn new(seed: u64, slot: u64, attempt: u64) -> Self {
        let person = mix(mix(seed.wrapping_add(GOLDEN)) ^ slot.wrapping_mul(GOLDEN));
        Self(mix(person ^ attempt.wrapping_add(1)), mix(person.rotate_left(23) ^ !attempt))
    }

    /// The stream of a process, at its beginning.
    pub(crate) fn open(self, process: u64) -> Draws {
        Draws { first: mix(self.0 ^ process), second: mix(self.1.wrapping_add(process)), place: 0 }
    }
}

impl Draws {
    /// A number in [0, 1), 53 bits fine.
    pub(crate) fn uniform(&mut self) -> f64 {
        self.place = self.place.wrapping_add(1);
        let word = mix(mix(self.first.wrapping_add(self.place.wrapping_mul(GOLDEN))) ^ self.second);
        (word >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// A number in [low, high).
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// A standard normal number (Box and Muller 1958).
    pub(crate) fn gaussian(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// The place of the first option whose cumulative weight exceeds a draw; the last one otherwise.
    pub(crate) fn pick(&mut self, weights: &[f64]) -> usize {
        let mut left = self.uniform() * weights.iter().sum::<f64>();
        for (place, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return place;
            }
        }
        weights.len().saturating_sub(1)
    }

    /// The same stream as it would stand for another subject of its process, such as a week.
    pub(crate) fn at(self, subject: u64) -> Self {
        Self { first: mix(self.first ^ subject), second: mix(self.second.wrapping_add(subject)), place: 0 }
    }

    /// How often a yes of probability `each` must be tried until it comes (1, 2, ...).
    pub(crate) fn tries(&mut self, each: f64) -> u32 {
        if each >= 1.0 {
            return 1;
        }
        if each <= 0.0 {
            return u32::MAX;
        }
        let tries = ((1.0 - self.uniform()).ln() / (-each).ln_1p()).floor() + 1.0;
        if tries < f64::from(u32::MAX) { tries as u32 } else { u32::MAX }
    }
}

/// A name's number for [`LifeKey::open`]: FNV-1a.
pub(crate) fn process(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 100,000 draws: the standard error of the mean is 0.0009, of the variance 0.0003 (uniform) and
    /// 0.0045 (normal); five standard errors are allowed, a false alarm once in two million runs.
    #[test]
    fn law_moments_of_the_streams() {
        let mut draws = LifeKey::new(1, 2, 0).open(process("test"));
        let n = 100_000_u32;
        let uniform: Vec<f64> = (0..n).map(|_| draws.uniform()).collect();
        let normal: Vec<f64> = (0..n).map(|_| draws.gaussian()).collect();
        let moments = |sample: &[f64]| {
            let mean = sample.iter().sum::<f64>() / f64::from(n);
            (mean, sample.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / f64::from(n))
        };
        let (mean, variance) = moments(&uniform);
        assert!((mean - 0.5).abs() < 0.0046 && (variance - 1.0 / 12.0).abs() < 0.0012);
        let (mean, variance) = moments(&normal);
        assert!(mean.abs() < 0.016 && (variance - 1.0).abs() < 0.023);
    }

    #[test]
    fn law_streams_of_neighbours_differ_and_repeat() {
        let first = |slot, attempt, name| LifeKey::new(7, slot, attempt).open(process(name)).uniform();
        assert_eq!(first(3, 0, "a").to_bits(), first(3, 0, "a").to_bits());
        let all: std::collections::BTreeSet<u64> = (0..1000)
            .flat_map(|slot| [first(slot, 0, "a"), first(slot, 1, "a"), first(slot, 0, "b")])
            .map(f64::to_bits)
            .collect();
        assert_eq!(all.len(), 3000);
    }

    /// Mean of 20,000 geometric waits with p = 0.01: 100, standard error 0.7; five allowed.
    #[test]
    fn law_waits_are_geometric() {
        let mut draws = LifeKey::new(1, 1, 0).open(1);
        let total: f64 = (0..20_000).map(|_| f64::from(draws.tries(0.01))).sum();
        assert!((total / 20_000.0 - 100.0).abs() < 3.5);
        assert_eq!((draws.tries(0.0), draws.tries(1.0)), (u32::MAX, 1));
    }
}
