//! Shares of the living as a standard population would have them: people of each sex and band of age weigh
//! what they weigh in England, so that a run whose people have aged is held against the same figure.
//!
//! # Source
//! Direct standardisation: Breslow and Day, Statistical Methods in Cancer Research II (IARC 1987), section
//! 2.1; the interval is Wilson's with the size of sample that the variance stands for (Korn and Graubard,
//! Survey Methodology 1998;24:193).

use super::measured::Measured;
use super::standard::BANDS;
use crate::measure::{Interval, wilson};

/// Share of each sex (female, male) and five-year band of age.
pub(super) type Pyramid = [[f64; BANDS]; 2];

const NORMAL_97_5: f64 = 1.959_963_984_540_054;

/// People counted, and those with what is looked for, by sex and band of age.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct StandardisedSum {
    counts: [[(f64, f64); BANDS]; 2],
}

impl StandardisedSum {
    /// Adds a person.
    pub(super) fn add(&mut self, sex: usize, age: i32, has: bool) {
        let cell = &mut self.counts[sex][band(age)];
        cell.0 += 1.0;
        cell.1 += f64::from(u8::from(has));
    }

    /// The share among those counted.
    pub(super) fn share(&self, standard: &Pyramid) -> Measured {
        let part = self.part(standard, |_| true);
        if part.weight <= 0.0 {
            return Measured::default();
        }
        let value = part.mean / part.weight;
        let variance = part.variance / (part.weight * part.weight);
        let people = part.people;
        let effective = if variance > 0.0 { (value * (1.0 - value) / variance).min(people) } else { people };
        Measured { value: Some(value), interval: wilson(value * effective, effective), people: people as u64 }
    }

    /// Those with it below an age for each at or above it.
    pub(super) fn below_to(&self, standard: &Pyramid, age: i32) -> Measured {
        let limit = band(age);
        let young = self.part(standard, |band| band < limit);
        let old = self.part(standard, |band| band >= limit);
        if old.mean <= 0.0 {
            return Measured::default();
        }
        let value = young.mean / old.mean;
        let relative = |part: &Part| part.variance / (part.mean * part.mean).max(f64::MIN_POSITIVE);
        let half = NORMAL_97_5 * value * (relative(&young) + relative(&old)).sqrt();
        Measured {
            value: Some(value),
            interval: Some(Interval { lower: (value - half).max(0.0), upper: value + half }),
            people: (young.people + old.people) as u64,
        }
    }

    fn part(&self, standard: &Pyramid, of: impl Fn(usize) -> bool) -> Part {
        let mut part = Part::default();
        for (counts, weights) in self.counts.iter().zip(standard) {
            for (band, ((people, cases), weight)) in counts.iter().zip(weights).enumerate() {
                if *people <= 0.0 || !of(band) {
                    continue;
                }
                let share = cases / people;
                part.people += people;
                part.weight += weight;
                part.mean += weight * share;
                part.variance += weight * weight * share * (1.0 - share) / people;
            }
        }
        part
    }
}

/// Sums over some of the cells.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    people: f64,
    weight: f64,
    /// Weighted sum of the cells' shares, and its variance.
    mean: f64,
    variance: f64,
}

fn band(age: i32) -> usize {
    (age.max(0) as usize / 5).min(BANDS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat() -> Pyramid {
        [[1.0 / (2 * BANDS) as f64; BANDS]; 2]
    }

    #[test]
    fn law_an_older_population_has_the_same_standardised_share() {
        // One in two of those of 60 and over, whoever many there are of them.
        let share = |old: usize| {
            let mut sum = StandardisedSum::default();
            for sex in 0..2 {
                for age in 0..95 {
                    for person in 0..if age >= 60 { old } else { 4 } {
                        sum.add(sex, age, age >= 60 && person % 2 == 0);
                    }
                }
            }
            (sum.share(&flat()).value.unwrap(), sum.below_to(&flat(), 65).value.unwrap())
        };
        assert!((share(4).0 - 3.5 / 19.0).abs() < 1e-12);
        assert!((share(4).0 - share(40).0).abs() < 1e-12);
        assert!((share(4).1 - share(40).1).abs() < 1e-12);
        assert!((share(4).1 - 1.0 / 6.0).abs() < 1e-12);
    }

    #[test]
    fn law_a_population_like_the_standard_has_its_own_share_and_interval() {
        let mut sum = StandardisedSum::default();
        for person in 0..(2 * BANDS * 50) {
            sum.add(person % 2, (person / 2 % BANDS) as i32 * 5, person % 10 == 3);
        }
        let found = sum.share(&flat());
        assert!((found.value.unwrap() - 0.1).abs() < 1e-12);
        assert!(found.interval.unwrap().contains(0.1));
        assert!(StandardisedSum::default().share(&flat()).value.is_none());
        assert!(StandardisedSum::default().below_to(&flat(), 65).value.is_none());
    }
}
