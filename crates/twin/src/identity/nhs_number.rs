//! NHS numbers that are valid by their check digit and never issued.
//!
//! # Source
//! NHS Data Dictionary NHS NUMBER (modulus 11); the range 999 000 0000 to 999 999 9999 is kept for tests.

use std::fmt;

/// An NHS number of the range reserved for tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NhsNumber(u64);

impl NhsNumber {
    /// How many numbers of the test range have a valid check digit.
    pub const TEST_COUNT: u64 = 909_091;

    /// The `index`-th valid number of the test range, counting on from the start again when the range
    /// is used up; distinct for [`NhsNumber::TEST_COUNT`] successive indices.
    pub fn test_number(index: u64) -> Self {
        // Weighted digit sums of the fixed 999: 9 * (10 + 9 + 8).
        let mut residue = 243 % 11;
        let mut rank = index % Self::TEST_COUNT;
        let mut digits = 999;
        for place in 0..6 {
            let weight = 7 - place;
            for digit in 0..10 {
                let next = (residue + weight * digit) % 11;
                let count = valid_completions(5 - place, next);
                if rank < count {
                    residue = next;
                    digits = digits * 10 + digit;
                    break;
                }
                rank -= count;
            }
        }
        Self(digits * 10 + (11 - residue) % 11)
    }

    /// The ten digits as a number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Whether ten digits carry a right check digit.
    pub fn is_valid(digits: u64) -> bool {
        if digits > 9_999_999_999 {
            return false;
        }
        let sum: u64 =
            (0..9).map(|place| (digits / 10_u64.pow(9 - place) % 10) * u64::from(10 - place)).sum();
        let check = (11 - sum % 11) % 11;
        check != 10 && check == digits % 10
    }
}

impl fmt::Display for NhsNumber {
    /// Ten digits without spaces.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:010}", self.0)
    }
}

/// Ways to write the last `places` digits before the check digit so that, after a weighted sum of
/// `residue` modulo 11 so far, the check digit is not 10 (which happens at a final residue of 1).
fn valid_completions(places: u64, residue: u64) -> u64 {
    let mut ways = [0_u64; 11];
    ways[residue as usize] = 1;
    for place in 0..places {
        let weight = (places + 1 - place) as usize;
        let mut next = [0_u64; 11];
        for (from, count) in ways.iter().enumerate() {
            for digit in 0..10 {
                next[(from + weight * digit) % 11] += count;
            }
        }
        ways = next;
    }
    ways.iter().sum::<u64>() - ways[1]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ref_nhs_number_check_digits() {
        // Published examples; 9990000000 would need the check digit 10.
        for digits in [9_434_765_919, 9_912_003_888, 4_010_232_137, 9_876_543_210, 3_333_333_333] {
            assert!(NhsNumber::is_valid(digits), "{digits}");
        }
        for digits in [9_990_000_000, 9_434_765_918, 94_347_659_190] {
            assert!(!NhsNumber::is_valid(digits), "{digits}");
        }
    }

    #[test]
    fn law_test_numbers_enumerate_the_valid_ones_in_order() {
        let counted = (9_990_000_000..=9_999_999_999_u64).step_by(1).filter(|digits| digits % 97 == 0);
        let in_sample = counted.filter(|digits| NhsNumber::is_valid(*digits)).count();
        assert!(in_sample > 0);
        let first: Vec<u64> =
            (9_990_000_000..).filter(|digits| NhsNumber::is_valid(*digits)).take(500).collect();
        let ranked: Vec<u64> = (0..500).map(|index| NhsNumber::test_number(index).get()).collect();
        assert_eq!(first, ranked);
        assert_eq!(
            NhsNumber::test_number(NhsNumber::TEST_COUNT - 1).get(),
            (0..=9_999_999_999_u64).rev().find(|digits| NhsNumber::is_valid(*digits)).unwrap()
        );
    }

    proptest! {
        #[test]
        fn law_every_test_number_is_valid_and_in_range(index: u64) {
            let number = NhsNumber::test_number(index).get();
            prop_assert!(NhsNumber::is_valid(number));
            prop_assert!((9_990_000_000..=9_999_999_999).contains(&number));
        }
    }
}
