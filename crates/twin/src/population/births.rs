//! Children born during the run, each to a mother of the locality.
//!
//! # Source
//! Shape of fertility by age after ONS Births in England and Wales 2021, ratio by deprivation after the
//! same series; both from memory, to be checked. The number of births is that of the run's parameters.

use super::england::DECILES;
use super::locality::{Household, Resident};
use super::moves::Span;
use crate::engine::Moment;
use crate::person::{EthnicGroup, Ethnicity, Sex};
use crate::stream::StreamKey;

/// Births a year by age of the mother, relative to the highest.
const FERTILITY: [(f64, f64); 8] = [
    (0.0, 0.0),
    (16.0, 0.08),
    (20.0, 0.40),
    (25.0, 0.80),
    (30.0, 1.0),
    (35.0, 0.62),
    (40.0, 0.16),
    (45.0, 0.0),
];
/// Relative to the highest, by decile 1 to 10.
const BY_DECILE: [f64; DECILES] = [1.0, 0.95, 0.9, 0.86, 0.82, 0.79, 0.77, 0.75, 0.74, 0.73];
/// Chance of a birth of a woman without partner relative to one with.
const WITHOUT_PARTNER: f64 = 0.3;
/// Years between births of one mother at least; twins are left out.
const SPACING_YEARS: f64 = 1.1;
const TRIES: usize = 400;

/// A child to come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Birth {
    pub(super) mother: u32,
    pub(super) at: Moment,
    /// Where the mother lives then.
    pub(super) household: u32,
    /// The parent whose family name the child bears.
    pub(super) named_after: u32,
    pub(super) sex: Sex,
    pub(super) ethnicity: Ethnicity,
}

/// Draws `count` births over the span, in order of the draws.
pub(super) fn births(
    residents: &[Resident],
    households: &[Household],
    count: usize,
    share_female: f64,
    span: Span,
    streams: &StreamKey,
    first_stream: u64,
) -> Vec<Birth> {
    let fertile: Vec<u32> = (0..residents.len() as u32)
        .filter(|at| {
            let resident = &residents[*at as usize];
            resident.sex == Sex::Female
                && span.start.years_since(resident.birth) < 45.0
                && span.end.years_since(resident.birth) > 16.0
        })
        .collect();
    let mut given: Vec<Vec<Moment>> = vec![Vec::new(); residents.len()];
    let mut births = Vec::with_capacity(count);
    if fertile.is_empty() {
        return births;
    }
    let days = span.end.days_since(span.start);
    for number in 0..count {
        let mut stream = streams.open(first_stream + number as u64);
        let at = span
            .start
            .plus_days(days * (number as f64 + stream.uniform()) / count as f64)
            .midnight()
            .max(span.start);
        let (sex, other_father) = (stream.chance(share_female), stream.chance(0.5));
        for _ in 0..TRIES {
            let mother = fertile[stream.below(fertile.len())];
            let resident = &residents[mother as usize];
            let home = resident.household_at(at);
            let household = &households[home as usize];
            let partner =
                household.members[..household.members.len().min(2)].iter().find(|other| **other != mother);
            let partner = partner.filter(|_| household.couple && household.members[..2].contains(&mother));
            let chance = super::living::step(&FERTILITY, at.years_since(resident.birth))
                * BY_DECILE[usize::from(resident.imd_decile) - 1]
                * if partner.is_some() { 1.0 } else { WITHOUT_PARTNER };
            let spaced =
                given[mother as usize].iter().all(|birth| at.years_since(*birth).abs() > SPACING_YEARS);
            if stream.chance(chance) && spaced && !household.communal {
                given[mother as usize].push(at);
                let father = partner.map(|partner| residents[*partner as usize].ethnicity);
                births.push(Birth {
                    mother,
                    at,
                    household: home,
                    named_after: partner.copied().unwrap_or(mother),
                    sex: if sex { Sex::Female } else { Sex::Male },
                    ethnicity: of_parents(
                        resident.ethnicity,
                        father.unwrap_or(resident.ethnicity),
                        other_father,
                    ),
                });
                break;
            }
        }
    }
    births
}

/// The group in which a child of two parents is counted.
fn of_parents(mother: Ethnicity, father: Ethnicity, as_father: bool) -> Ethnicity {
    let groups = [mother.group(), father.group()];
    if groups[0] == groups[1] || groups.contains(&EthnicGroup::Mixed) {
        return if as_father && groups[1] != EthnicGroup::White { father } else { mother };
    }
    let has = |group: EthnicGroup| groups.contains(&group);
    let is = |ethnicity: Ethnicity| mother == ethnicity || father == ethnicity;
    match (has(EthnicGroup::White), has(EthnicGroup::Black), has(EthnicGroup::Asian)) {
        (true, true, _) if is(Ethnicity::BlackAfrican) => Ethnicity::MixedWhiteAndBlackAfrican,
        (true, true, _) => Ethnicity::MixedWhiteAndBlackCaribbean,
        (true, _, true) => Ethnicity::MixedWhiteAndAsian,
        _ => Ethnicity::MixedOther,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_children_of_two_groups_are_mixed() {
        use Ethnicity::{BlackAfrican, Chinese, Indian, MixedWhiteAndAsian, WhiteBritish};
        assert_eq!(of_parents(WhiteBritish, BlackAfrican, true), Ethnicity::MixedWhiteAndBlackAfrican);
        assert_eq!(of_parents(Indian, WhiteBritish, false), MixedWhiteAndAsian);
        assert_eq!(of_parents(BlackAfrican, Chinese, false), Ethnicity::MixedOther);
        assert_eq!(of_parents(Indian, Indian, true), Indian);
    }
}
