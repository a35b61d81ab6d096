//! Where noise comes from: a cryptographic generator, keyed by the operating system or, for tests, by a seed.

use std::convert::Infallible;
use std::fmt;

use rand::{Rng, TryCryptoRng, TryRng};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What keyed a [`NoiseSource`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoiseOrigin {
    /// 256 bits of the operating system's entropy.
    OperatingSystem,
    /// A seed that someone chose: what it made can be made again, and so the noise can be taken away.
    Seed,
}

/// ChaCha20, a generator whose past and future outputs cannot be told from any that one has seen.
///
/// It cannot be copied, since noise used twice cancels; [`NoiseSource::split`] gives an independent one.
///
/// # Source
/// Bernstein 2008, *ChaCha, a variant of Salsa20*. That noise must be of such a generator: Garfinkel and
/// Leclerc 2020, *Randomness Concerns When Deploying Differential Privacy*.
///
/// # Limits
/// The time that a draw takes depends on what was drawn; someone who can time single draws is not guarded against.
pub struct NoiseSource {
    stream: ChaCha20Rng,
    origin: NoiseOrigin,
}

impl NoiseSource {
    /// A source keyed by the operating system.
    ///
    /// # Errors
    /// [`NoEntropy`] when the operating system gives none.
    pub fn from_entropy() -> Result<Self, NoEntropy> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|_| NoEntropy)?;
        Ok(Self { stream: ChaCha20Rng::from_seed(key), origin: NoiseOrigin::OperatingSystem })
    }

    /// A source that repeats itself. Nothing made with it is private, and it says so.
    pub fn from_seed(seed: u64) -> Self {
        Self { stream: ChaCha20Rng::seed_from_u64(seed), origin: NoiseOrigin::Seed }
    }

    /// What keyed it.
    pub fn origin(&self) -> NoiseOrigin {
        self.origin
    }

    /// Whether what it makes can be private.
    pub fn is_private(&self) -> bool {
        self.origin == NoiseOrigin::OperatingSystem
    }

    /// A further source with a key drawn from this one, for work in parallel.
    #[must_use]
    pub fn split(&mut self) -> Self {
        let mut key = [0; 32];
        self.stream.fill_bytes(&mut key);
        Self { stream: ChaCha20Rng::from_seed(key), origin: self.origin }
    }
}

impl TryRng for NoiseSource {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.stream.next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.stream.next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.stream.fill_bytes(bytes);
        Ok(())
    }
}

impl TryCryptoRng for NoiseSource {}

impl fmt::Debug for NoiseSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("NoiseSource").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// The operating system gave no random bits, so there is no private noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the operating system gave no random bits, and noise without them is not private")]
pub struct NoEntropy;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_a_seed_repeats_and_says_so() {
        let (mut one, mut other) = (NoiseSource::from_seed(7), NoiseSource::from_seed(7));
        assert_eq!(one.next_u64(), other.next_u64());
        assert!(!one.is_private() && !one.split().is_private());
        assert!(!format!("{one:?}").contains("stream"));
    }

    #[test]
    fn law_entropy_differs_from_call_to_call() -> Result<(), NoEntropy> {
        let (mut one, mut other) = (NoiseSource::from_entropy()?, NoiseSource::from_entropy()?);
        assert!(one.is_private());
        // Equal with chance 2^-64.
        assert_ne!(one.next_u64(), other.next_u64());
        assert_ne!(one.split().next_u64(), one.split().next_u64());
        Ok(())
    }
}
