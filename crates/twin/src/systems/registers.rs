//! Each system's own numbers for its patients.

use super::system::System;
use crate::stream::StreamKey;

/// Bits of the space of local numbers: 2^24, room for every test NHS number sixteen times.
const BITS: u32 = 24;
const HALF: u32 = BITS / 2;
const HALF_MASK: u64 = (1 << HALF) - 1;
/// Local numbers begin here, so that all have eight digits.
const FIRST: i64 = 10_000_000;
/// Registrations of one person in one system, at most.
const COPIES: u64 = 16;
const ROUNDS: usize = 4;

/// Local numbers: for each system another permutation of (subject, registration), so that a number tells
/// nothing of the person and no two people of a system share one.
#[derive(Clone, Debug)]
pub(crate) struct Registers {
    keys: [[u64; ROUNDS]; System::COUNT],
}

impl Registers {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            keys: System::ALL.map(|system| {
                let mut stream = StreamKey::new(seed, &format!("registers/{system}")).open(0);
                [(); ROUNDS].map(|()| (stream.uniform() * (1_u64 << 53) as f64) as u64)
            }),
        }
    }

    /// The number of a person's registration (0 the first) in a system.
    pub(crate) fn number(&self, system: System, subject: u64, registration: u64) -> i64 {
        let word = (subject * COPIES + registration % COPIES) & ((1 << BITS) - 1);
        let (mut left, mut right) = (word >> HALF, word & HALF_MASK);
        for key in self.keys[system as usize] {
            let mixed = (right ^ key).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            (left, right) = (right, left ^ ((mixed >> 40) & HALF_MASK));
        }
        FIRST + ((left << HALF) | right) as i64
    }

    /// The subject to whom a number of a system belongs.
    pub(crate) fn subject(&self, system: System, number: i64) -> u64 {
        let word = (number - FIRST) as u64 & ((1 << BITS) - 1);
        let (mut left, mut right) = (word >> HALF, word & HALF_MASK);
        for key in self.keys[system as usize].iter().rev() {
            let mixed = (left ^ key).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            (left, right) = (right ^ ((mixed >> 40) & HALF_MASK), left);
        }
        ((left << HALF) | right) / COPIES
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn law_numbers_are_distinct_and_differ_between_systems() {
        let registers = Registers::new(3);
        let mut seen = BTreeSet::new();
        for subject in 1..=20_000 {
            for registration in 0..2 {
                let number = registers.number(System::Laboratory, subject, registration);
                assert!((10_000_000..100_000_000).contains(&number));
                assert!(seen.insert(number), "{subject} {registration}");
                assert_eq!(registers.subject(System::Laboratory, number), subject);
            }
        }
        let shared = (1..=1000).filter(|subject| {
            registers.number(System::Laboratory, *subject, 0)
                == registers.number(System::Radiology, *subject, 0)
        });
        assert!(shared.count() < 5);
    }
}
