//! Which part of a study a subject belongs to.

use serde::{Deserialize, Serialize};
use twinloom_event::{Split, SubjectId};

/// A patient-level split by keyed hash: a subject's part depends on the seed and the subject alone,
/// so it stays the same whoever else is in the cohort.
///
/// # Limits
/// Shares hold on average: with n subjects, a part of share p misses it by about sqrt(p(1-p)/n).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SplitPlan {
    seed: u64,
    train: f64,
    tuning: f64,
}

impl SplitPlan {
    /// Shares 0.60 train, 0.15 tuning, 0.25 held out.
    pub const fn new(seed: u64) -> Self {
        Self { seed, train: 0.60, tuning: 0.15 }
    }

    /// Shares as stated; what is left is held out.
    ///
    /// # Errors
    /// [`SplitError`] when a share is negative or not finite, or when they sum to more than 1.
    pub fn with_shares(seed: u64, train: f64, tuning: f64) -> Result<Self, SplitError> {
        let permitted =
            (0.0..=1.0).contains(&train) && (0.0..=1.0).contains(&tuning) && train + tuning <= 1.0;
        if permitted { Ok(Self { seed, train, tuning }) } else { Err(SplitError { train, tuning }) }
    }

    /// The subject's part.
    pub fn of(&self, subject_id: SubjectId) -> Split {
        self.of_word(mix(subject_id.get() as u64))
    }

    /// The part of what has a name, such as a site.
    pub(crate) fn of_name(&self, name: &str) -> Split {
        self.of_word(name.bytes().fold(0, |word, byte| mix(word ^ u64::from(byte))))
    }

    fn of_word(&self, word: u64) -> Split {
        let position = unit_interval(mix(mix(self.seed) ^ word));
        if position < self.train {
            Split::Train
        } else if position < self.train + self.tuning {
            Split::Tuning
        } else {
            Split::HeldOut
        }
    }
}

/// The shares make no split.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("shares train {train} and tuning {tuning} make no split; permitted: each 0 to 1, sum at most 1")]
pub struct SplitError {
    /// Share given for training.
    pub train: f64,
    /// Share given for tuning.
    pub tuning: f64,
}

/// One step of SplitMix64: a bijection of 64-bit words whose outputs look independent.
///
/// # Source
/// Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014, figure 17.
const fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

fn unit_interval(word: u64) -> f64 {
    (word >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ref_splitmix64_stream_of_seed_1234567() {
        // First outputs of SplitMix64 seeded 1234567 (Rosetta Code, "Pseudo-random numbers/Splitmix64").
        let golden = 0x9e37_79b9_7f4a_7c15_u64;
        assert_eq!(mix(1_234_567), 6_457_827_717_110_365_317);
        assert_eq!(mix(1_234_567_u64.wrapping_add(golden)), 3_203_168_211_198_807_973);
    }

    #[test]
    fn law_shares_hold_and_seeds_differ() {
        // 40,000 subjects: a share of 0.6 has standard error 0.0024; the tolerance is four of them.
        let plan = SplitPlan::new(7);
        let share =
            |part| (0..40_000).filter(|&id| plan.of(SubjectId::new(id)) == part).count() as f64 / 40_000.0;
        assert!((share(Split::Train) - 0.60).abs() < 0.01);
        assert!((share(Split::Tuning) - 0.15).abs() < 0.01);
        let moved = (0..1000)
            .filter(|&id| plan.of(SubjectId::new(id)) != SplitPlan::new(8).of(SubjectId::new(id)))
            .count();
        assert!(moved > 400);
    }

    #[test]
    fn regress_impossible_shares_are_refused() {
        assert!(SplitPlan::with_shares(0, 0.8, 0.3).is_err());
        assert!(SplitPlan::with_shares(0, f64::NAN, 0.3).is_err());
        assert_eq!(SplitPlan::with_shares(0, 1.0, 0.0).unwrap().of(SubjectId::new(5)), Split::Train);
    }

    proptest! {
        #[test]
        fn law_more_training_never_moves_a_subject_out_of_training(
            seed in any::<u64>(), id in any::<i64>(), less in 0.0..0.5, more in 0.5..1.0
        ) {
            let of = |train| SplitPlan::with_shares(seed, train, 0.0).unwrap().of(SubjectId::new(id));
            prop_assert!(of(less) != Split::Train || of(more) == Split::Train);
        }
    }
}
