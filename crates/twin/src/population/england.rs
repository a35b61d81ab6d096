//! The population of England from which people are drawn.
//!
//! # Source
//! `data/population_age_imd.csv` (ONS mid-2020 by age and IMD 2019 decile), `data/sex_by_age.csv`
//! (survivors by sex from the Human Mortality Database), `data/ethnicity_by_imd.csv` (Census 2021);
//! `examples/derive_population` makes them.
//!
//! # Limits
//! Ethnicity depends on deprivation and not on age, so older people are too diverse and younger ones
//! not enough; sex depends on age only. Nobody migrates: after the start the pyramid ages by births
//! and deaths alone.

use crate::person::{Ethnicity, Sex};

const PEOPLE: &str = include_str!("../../data/population_age_imd.csv");
const SEX: &str = include_str!("../../data/sex_by_age.csv");
const ETHNICITY: &str = include_str!("../../data/ethnicity_by_imd.csv");
/// Ages 0 to 89 and 90 and over.
pub(crate) const AGE_BANDS: usize = 91;
pub(crate) const DECILES: usize = 10;

/// Shares by age, sex, deprivation and ethnicity.
#[derive(Clone, Debug)]
pub(crate) struct Population {
    /// People by age band and decile.
    people: [[f64; DECILES]; AGE_BANDS],
    /// Running total of `people` in reading order.
    cumulative: Vec<f64>,
    /// Survivors by single year of age, female and male, of births in their natural ratio.
    survivors: Vec<[f64; 2]>,
    /// Running totals over [`Ethnicity::ALL`] by decile.
    ethnicity: [[f64; 19]; DECILES],
}

/// Who someone is by the population's shares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Draw {
    pub(crate) age_years: f64,
    pub(crate) sex: Sex,
    pub(crate) imd_decile: u8,
    pub(crate) ethnicity: Ethnicity,
}

impl Population {
    /// Reads the embedded aggregates.
    pub(crate) fn england() -> Self {
        let mut people = [[0.0; DECILES]; AGE_BANDS];
        for row in rows(PEOPLE) {
            if let (Ok(age), Ok(decile)) = (row[0].parse::<usize>(), row[1].parse::<usize>()) {
                people[age][decile - 1] = number(row[2]);
            }
        }
        let cumulative = running_total(people.iter().flatten().copied());
        let survivors = rows(SEX).map(|row| [number(row[1]), number(row[2])]).collect();
        let mut ethnicity = [[0.0; 19]; DECILES];
        for row in rows(ETHNICITY) {
            let place = Ethnicity::ALL.iter().position(|group| census_label(*group) == row[1]);
            if let (Ok(decile), Some(place)) = (row[0].parse::<usize>(), place) {
                ethnicity[decile - 1][place] = number(row[2]);
            }
        }
        for shares in &mut ethnicity {
            let totals = running_total(shares.iter().copied());
            shares.copy_from_slice(&totals);
        }
        Self { people, cumulative, survivors, ethnicity }
    }

    /// Everyone counted.
    pub(crate) fn total(&self) -> f64 {
        self.cumulative.last().copied().unwrap_or_default()
    }

    /// People of one age and decile.
    pub(crate) fn people(&self, age: usize, imd_decile: u8) -> f64 {
        self.people[age.min(AGE_BANDS - 1)][usize::from(imd_decile) - 1]
    }

    /// Births a year per head: people under one year of age.
    pub(crate) fn birth_rate_per_year(&self) -> f64 {
        self.people[0].iter().sum::<f64>() / self.total()
    }

    /// Share of one sex at a single year of age.
    pub(crate) fn share_female(&self, age: usize) -> f64 {
        let [female, male] = self.survivors[age.min(self.survivors.len() - 1)];
        female / (female + male)
    }

    /// The last age of the table of survivors, which stands for all above.
    pub(super) fn oldest(&self) -> usize {
        self.survivors.len() - 1
    }

    /// Survivors of both sexes at an age.
    pub(super) fn survivors(&self, age: usize) -> f64 {
        self.survivors[age.min(self.oldest())].iter().sum()
    }

    /// People of a decile (from 0) who are of a group (by place in [`Ethnicity::ALL`]).
    pub(super) fn group_in_decile(&self, decile: usize, group: usize) -> f64 {
        let before = if group == 0 { 0.0 } else { self.ethnicity[decile][group - 1] };
        self.ethnicity[decile][group] - before
    }

    /// Draws a living person by these shares, without area or household.
    pub(crate) fn draw(&self, stream: &mut crate::stream::Stream) -> Draw {
        let pick = |cumulative: &[f64], drawn: f64| {
            let drawn = drawn * cumulative.last().copied().unwrap_or_default();
            cumulative.partition_point(|sum| *sum <= drawn).min(cumulative.len() - 1)
        };
        let cell = pick(&self.cumulative, stream.uniform());
        let (band, decile) = (cell / DECILES, cell % DECILES);
        let mut age = band;
        if band == AGE_BANDS - 1 {
            let oldest = running_total(self.survivors[band..].iter().map(|both| both[0] + both[1]));
            age += pick(&oldest, stream.uniform());
        }
        Draw {
            age_years: age as f64 + stream.uniform(),
            sex: if stream.chance(self.share_female(age)) { Sex::Female } else { Sex::Male },
            imd_decile: decile as u8 + 1,
            ethnicity: Ethnicity::ALL[pick(&self.ethnicity[decile], stream.uniform())],
        }
    }
}

/// Data rows of an embedded table: without comments and header.
pub(crate) fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().filter(|line| !line.starts_with('#')).skip(1).map(|line| line.split(',').collect())
}

/// A number of an embedded table; the tests read every one of them.
pub(crate) fn number(cell: &str) -> f64 {
    cell.parse().unwrap_or_default()
}

fn running_total(values: impl Iterator<Item = f64>) -> Vec<f64> {
    values
        .scan(0.0, |total, value| {
            *total += value;
            Some(*total)
        })
        .collect()
}

/// The group's name in `ethnicity_by_imd.csv`.
pub(super) const fn census_label(group: Ethnicity) -> &'static str {
    match group {
        Ethnicity::WhiteBritish => "White: English Welsh Scottish Northern Irish or British",
        Ethnicity::WhiteIrish => "White: Irish",
        Ethnicity::WhiteGypsyOrIrishTraveller => "White: Gypsy or Irish Traveller",
        Ethnicity::WhiteRoma => "White: Roma",
        Ethnicity::WhiteOther => "White: Other White",
        Ethnicity::MixedWhiteAndBlackCaribbean => {
            "Mixed or Multiple ethnic groups: White and Black Caribbean"
        }
        Ethnicity::MixedWhiteAndBlackAfrican => "Mixed or Multiple ethnic groups: White and Black African",
        Ethnicity::MixedWhiteAndAsian => "Mixed or Multiple ethnic groups: White and Asian",
        Ethnicity::MixedOther => "Mixed or Multiple ethnic groups: Other Mixed or Multiple ethnic groups",
        Ethnicity::Indian => "Asian: Indian",
        Ethnicity::Pakistani => "Asian: Pakistani",
        Ethnicity::Bangladeshi => "Asian: Bangladeshi",
        Ethnicity::Chinese => "Asian: Chinese",
        Ethnicity::AsianOther => "Asian: Other Asian",
        Ethnicity::BlackCaribbean => "Black: Caribbean",
        Ethnicity::BlackAfrican => "Black: African",
        Ethnicity::BlackOther => "Black: Other Black",
        Ethnicity::Arab => "Other ethnic group: Arab",
        Ethnicity::Other => "Other ethnic group: Any other ethnic group",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_totals_are_those_of_the_ons() {
        let population = Population::england();
        // ONS mid-2020 estimate for England; share of women in the Census of 2021: 51.04 %.
        assert!((population.total() - 56_550_138.0).abs() < 0.5);
        let women: f64 = (0..AGE_BANDS)
            .map(|age| {
                population.share_female(age) * (1..=10).map(|d| population.people(age, d)).sum::<f64>()
            })
            .sum();
        assert!((women / population.total() - 0.5104).abs() < 0.0015, "{}", women / population.total());
        // Census 2021: 81.0 % of England White, 73.5 % White British.
        let white = population
            .ethnicity
            .iter()
            .fold((0.0, 0.0), |sum, decile| (sum.0 + decile[0], sum.1 + decile[18]));
        assert!((white.0 / white.1 - 0.735).abs() < 0.02, "{}", white.0 / white.1);
        assert!(rows(ETHNICITY).all(|row| Ethnicity::ALL.iter().any(|group| census_label(*group) == row[1])));
    }
}
