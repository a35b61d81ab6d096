//! Fictitious direct identifiers: NHS number, name, address, telephone.
//!
//! # Source
//! NHS numbers: NHS Data Dictionary NHS NUMBER (modulus 11); range 999 000 0000 to 999 999 9999 is
//! never issued and kept for tests. Postcodes: `ZZ99` is the pseudo-postcode area that no address
//! has. Telephone: 07700 900000 to 900999 is Ofcom's range for drama. Given names: see
//! `data/given_names.csv`.

use std::fmt;

use crate::person::Sex;
use crate::stream::Stream;

const GIVEN_NAMES: &str = include_str!("../data/given_names.csv");

/// Fictitious direct identifiers of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Valid by its check digit, never issued.
    pub nhs_number: NhsNumber,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// House and street; no such street is meant.
    pub address_line: String,
    /// Town; no such town exists.
    pub town: String,
    /// Postcode of the pseudo area ZZ99.
    pub postcode: String,
    /// Mobile number of the range kept for drama.
    pub telephone: String,
}

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

/// Given names in use by sex and decade.
#[derive(Clone, Debug)]
pub(crate) struct NameBook {
    decades: Vec<(i32, [Vec<&'static str>; 2])>,
}

impl NameBook {
    /// Reads the embedded table.
    pub(crate) fn embedded() -> Self {
        let mut decades: Vec<(i32, [Vec<&'static str>; 2])> = Vec::new();
        for line in GIVEN_NAMES.lines().filter(|line| !line.starts_with('#')).skip(1) {
            let mut cells = line.split(',');
            let (Some(decade), Some(sex), Some(name)) = (cells.next(), cells.next(), cells.next()) else {
                continue;
            };
            let Ok(decade) = decade.parse() else { continue };
            if decades.last().is_none_or(|last| last.0 != decade) {
                decades.push((decade, [Vec::new(), Vec::new()]));
            }
            if let Some(last) = decades.last_mut() {
                last.1[usize::from(sex == "M")].push(name);
            }
        }
        Self { decades }
    }

    /// A fictitious identity for a person; the NHS number is that of the subject and the seed.
    pub(crate) fn identity(
        &self,
        seed: u64,
        subject: u64,
        birth_year: i32,
        sex: Sex,
        stream: &mut Stream,
    ) -> Identity {
        let decade = self.decades.partition_point(|decade| decade.0 <= birth_year).saturating_sub(1);
        let names =
            self.decades.get(decade).map_or(&[][..], |decade| &decade.1[usize::from(sex == Sex::Male)]);
        let given_name = names.get(stream.below(names.len())).copied().unwrap_or("Alex");
        // 909,091 is prime, so stepping by any smaller number visits each test number once.
        let index = subject.wrapping_mul(514_229) % NhsNumber::TEST_COUNT + seed % NhsNumber::TEST_COUNT;
        let letter = |stream: &mut Stream| char::from(POSTCODE_LETTERS[stream.below(POSTCODE_LETTERS.len())]);
        Identity {
            nhs_number: NhsNumber::test_number(index),
            given_name: given_name.to_owned(),
            family_name: FAMILY_NAMES[stream.below(FAMILY_NAMES.len())].to_owned(),
            address_line: format!("{} {}", 1 + stream.below(180), STREETS[stream.below(STREETS.len())]),
            town: TOWNS[stream.below(TOWNS.len())].to_owned(),
            postcode: format!("ZZ99 {}{}{}", stream.below(10), letter(stream), letter(stream)),
            telephone: format!("07700 900{:03}", stream.below(1000)),
        }
    }
}

/// Letters that the inward half of a postcode may hold (Royal Mail: not C, I, K, M, O, V).
const POSTCODE_LETTERS: &[u8] = b"ABDEFGHJLNPQRSTUWXYZ";

const FAMILY_NAMES: &[&str] = &[
    "Ackroyd",
    "Ahmed",
    "Ali",
    "Allen",
    "Anderson",
    "Armitage",
    "Bailey",
    "Baker",
    "Begum",
    "Bell",
    "Bennett",
    "Brown",
    "Butler",
    "Campbell",
    "Carter",
    "Chapman",
    "Clark",
    "Clarke",
    "Collins",
    "Cook",
    "Cooper",
    "Cox",
    "Davies",
    "Davis",
    "Dixon",
    "Edwards",
    "Ellis",
    "Evans",
    "Fernandes",
    "Fisher",
    "Foster",
    "Gill",
    "Gray",
    "Green",
    "Griffiths",
    "Hall",
    "Harris",
    "Harrison",
    "Harvey",
    "Hill",
    "Holmes",
    "Hughes",
    "Hussain",
    "Jackson",
    "James",
    "Jenkins",
    "Johnson",
    "Jones",
    "Kaur",
    "Kelly",
    "Khan",
    "King",
    "Knight",
    "Kowalska",
    "Lee",
    "Lewis",
    "Lloyd",
    "Marshall",
    "Martin",
    "Mason",
    "Matthews",
    "Miller",
    "Mills",
    "Mitchell",
    "Moore",
    "Morgan",
    "Morris",
    "Murphy",
    "Murray",
    "Okafor",
    "Okonkwo",
    "Owen",
    "Palmer",
    "Parker",
    "Patel",
    "Phillips",
    "Powell",
    "Price",
    "Richards",
    "Richardson",
    "Roberts",
    "Robinson",
    "Rogers",
    "Russell",
    "Scott",
    "Shah",
    "Shaw",
    "Simpson",
    "Singh",
    "Smith",
    "Stevens",
    "Taylor",
    "Thomas",
    "Thompson",
    "Turner",
    "Walker",
    "Ward",
    "Watson",
    "Webb",
    "White",
    "Wilkinson",
    "Williams",
    "Wilson",
    "Wood",
    "Wright",
    "Young",
];

const STREETS: &[&str] = &[
    "Alder Row",
    "Barley Close",
    "Beacon Lane",
    "Chestnut Avenue",
    "Coppice Road",
    "Dovecote Way",
    "Elm Terrace",
    "Foundry Street",
    "Gable Court",
    "Hawthorn Drive",
    "Ivy Walk",
    "Jubilee Gardens",
    "Kiln Lane",
    "Larch Grove",
    "Millrace Road",
    "Nettle Hill",
    "Orchard View",
    "Paddock Lane",
    "Quarry Street",
    "Rowan Crescent",
    "Sorrel Close",
    "Thistle Road",
    "Upper Meadow",
    "Vicarage Mews",
    "Willow Bank",
    "Yew Tree Road",
];

const TOWNS: &[&str] = &[
    "Ashwick-on-Tarn",
    "Bramblehythe",
    "Coldwater Regis",
    "Dunmere Cross",
    "Eastlow",
    "Fernholme",
    "Great Marrow",
    "Harrowdene",
    "Kettlesby",
    "Little Thornwick",
    "Mosscombe",
    "Northwaite",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stream::StreamKey;

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

    #[test]
    fn regress_names_suit_sex_and_decade() {
        let book = NameBook::embedded();
        assert!(book.decades.len() >= 8);
        let identity = book.identity(1, 7, 1950, Sex::Female, &mut StreamKey::new(1, "identity").open(7));
        assert!(identity.postcode.starts_with("ZZ99 "));
        assert!(!identity.given_name.is_empty());
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
