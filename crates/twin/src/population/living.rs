//! With whom people of an age and group live: the rates behind households.
//!
//! # Source
//! Written from memory of Census 2021 tables for England (household size, living arrangements, families)
//! and of ONS Families and Households 2021, smoothed by hand, then moved until the sizes of households
//! come out as in the Census (30 % one person, 34 % two, 16 % three, 13 % four, 7 % more); to be checked
//! against the tables themselves. Assumption of this release.

use crate::person::{EthnicGroup, Ethnicity, Sex};

/// Value of the last step at or below an age.
pub(super) fn step(steps: &[(f64, f64)], age_years: f64) -> f64 {
    let place = steps.partition_point(|step| step.0 <= age_years);
    steps[place.saturating_sub(1)].1
}

/// Living as a couple.
pub(super) fn couple(age_years: f64, sex: Sex, ethnicity: Ethnicity) -> f64 {
    const WOMEN: [(f64, f64); 12] = [
        (18.0, 0.04),
        (20.0, 0.18),
        (25.0, 0.47),
        (30.0, 0.66),
        (35.0, 0.71),
        (45.0, 0.71),
        (55.0, 0.70),
        (65.0, 0.68),
        (70.0, 0.62),
        (75.0, 0.51),
        (80.0, 0.36),
        (85.0, 0.18),
    ];
    const MEN: [(f64, f64); 12] = [
        (18.0, 0.02),
        (20.0, 0.10),
        (25.0, 0.38),
        (30.0, 0.61),
        (35.0, 0.71),
        (45.0, 0.74),
        (55.0, 0.75),
        (65.0, 0.79),
        (70.0, 0.79),
        (75.0, 0.76),
        (80.0, 0.69),
        (85.0, 0.52),
    ];
    let share = step(if sex == Sex::Female { &WOMEN } else { &MEN }, age_years);
    share
        * match ethnicity.group() {
            EthnicGroup::Black => 0.95,
            EthnicGroup::Mixed => 0.85,
            EthnicGroup::Asian | EthnicGroup::Other => 1.15,
            EthnicGroup::White => 1.0,
        }
}

/// Living in a care home (Census 2021: 2.5 % of people of 65 and over; from memory).
pub(super) fn care_home(age_years: f64, sex: Sex) -> f64 {
    const SHARE: [(f64, f64); 7] =
        [(0.0, 0.0), (65.0, 0.004), (70.0, 0.007), (75.0, 0.015), (80.0, 0.032), (85.0, 0.07), (90.0, 0.17)];
    step(&SHARE, age_years) * if sex == Sex::Female { 1.15 } else { 0.8 }
}

/// Looking outside the own group for a partner (ONS: one couple in ten is of two groups; from memory).
pub(super) fn mixes(ethnicity: Ethnicity) -> f64 {
    match kin(ethnicity) {
        0 => 0.05,
        2 => 0.85,
        3 | 8 => 0.12,
        4 | 5 => 0.07,
        6 => 0.20,
        1 | 7 => 0.30,
        _ => 0.15,
    }
}

/// Groups within which most families are.
pub(super) const KINS: usize = 10;

/// The group of [`KINS`] to which an ethnicity belongs.
pub(super) const fn kin(ethnicity: Ethnicity) -> usize {
    match ethnicity {
        Ethnicity::WhiteBritish | Ethnicity::WhiteIrish => 0,
        Ethnicity::WhiteOther | Ethnicity::WhiteRoma | Ethnicity::WhiteGypsyOrIrishTraveller => 1,
        Ethnicity::MixedWhiteAndBlackCaribbean
        | Ethnicity::MixedWhiteAndBlackAfrican
        | Ethnicity::MixedWhiteAndAsian
        | Ethnicity::MixedOther => 2,
        Ethnicity::Indian => 3,
        Ethnicity::Pakistani => 4,
        Ethnicity::Bangladeshi => 5,
        Ethnicity::Chinese | Ethnicity::AsianOther => 6,
        Ethnicity::BlackCaribbean | Ethnicity::BlackOther => 7,
        Ethnicity::BlackAfrican => 8,
        Ethnicity::Arab | Ethnicity::Other => 9,
    }
}

/// A family with children having one parent: 23 % of all, more in deprived areas (ONS Families and
/// Households; the gradient is an assumption of this release).
pub(super) fn lone_parent(imd_decile: u8, ethnicity: Ethnicity) -> f64 {
    let share = 0.27 - 0.02 * f64::from(imd_decile);
    share
        * match kin(ethnicity) {
            3..=6 => 0.5,
            7 | 8 => 1.8,
            2 => 1.4,
            _ => 1.0,
        }
}

/// Lone parents who are fathers (ONS Families and Households: about 15 %, fewer with young children).
pub(super) const LONE_FATHER: f64 = 0.13;

/// Running shares of families with 1, 2, 3, ... children under 18.
pub(super) const fn siblings(ethnicity: Ethnicity) -> [f64; 5] {
    match kin(ethnicity) {
        4 | 5 | 8 => [0.25, 0.57, 0.83, 0.95, 1.0],
        _ => [0.36, 0.83, 0.96, 0.99, 1.0],
    }
}

/// An adult without partner or child living with parents.
pub(super) fn with_parents(age_years: f64) -> f64 {
    const SHARE: [(f64, f64); 7] =
        [(18.0, 0.82), (20.0, 0.62), (25.0, 0.46), (30.0, 0.34), (35.0, 0.22), (45.0, 0.11), (55.0, 0.05)];
    step(&SHARE, age_years)
}

/// Sharing a home with others who are neither partner nor family, of adults left.
pub(super) fn shares_home(age_years: f64) -> f64 {
    const SHARE: [(f64, f64); 7] =
        [(18.0, 0.90), (22.0, 0.80), (25.0, 0.65), (30.0, 0.50), (35.0, 0.38), (45.0, 0.28), (65.0, 0.17)];
    step(&SHARE, age_years)
}

/// An old person without partner living with the family of a child.
pub(super) fn with_children(age_years: f64, ethnicity: Ethnicity) -> f64 {
    const SHARE: [(f64, f64); 3] = [(0.0, 0.0), (65.0, 0.07), (80.0, 0.14)];
    let ratio = if matches!(kin(ethnicity), 3..=6 | 8) { 6.0 } else { 1.0 };
    (step(&SHARE, age_years) * ratio).min(0.6)
}
