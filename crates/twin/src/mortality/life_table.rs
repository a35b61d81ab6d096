//! Deaths of all causes together.
//!
//! # Source
//! Central death rates of England and Wales 2018 by sex and single year of age (Human Mortality
//! Database, CC BY 4.0, `data/death_rates.csv`); relative rates by deprivation decile that reproduce
//! the published gap in life expectancy (`data/death_rate_by_imd.csv`).

use super::competing::ExpectedRatio;
use crate::person::Sex;
use crate::population::{AGE_BANDS, Population, number, rows};
use crate::stream::Stream;

const RATES: &str = include_str!("../../data/death_rates.csv");
const RELATIVE_RATES: &str = include_str!("../../data/death_rate_by_imd.csv");
const DECILES: usize = 10;

/// Death rates by sex, age and deprivation.
#[derive(Clone, Debug)]
pub(crate) struct Mortality {
    /// Deaths per person-year by sex and single year of age, the last for ever.
    rates: [Vec<f64>; 2],
    /// Relative rates by sex, age band and decile; their mean over the people of an age is 1, so that
    /// the population as a whole dies by the table.
    relative: [Vec<[f64; DECILES]>; 2],
    /// How conditions share in those deaths.
    pub(super) expected: ExpectedRatio,
}

impl Mortality {
    /// Reads the embedded table and settles the gradient on a population's deprivation by age.
    pub(crate) fn england_and_wales(population: &Population) -> Self {
        let mut rates = [Vec::new(), Vec::new()];
        for row in rows(RATES) {
            rates[0].push(number(row[1]));
            rates[1].push(number(row[2]));
        }
        let mut gradient = [[1.0; DECILES]; 2];
        for row in rows(RELATIVE_RATES) {
            if let Ok(decile) = row[1].parse::<usize>() {
                gradient[usize::from(row[0] == "male")][decile - 1] = number(row[2]);
            }
        }
        let relative = gradient.map(|of_decile| {
            (0..AGE_BANDS)
                .map(|age| {
                    let weights: Vec<f64> = (1..=10).map(|decile| population.people(age, decile)).collect();
                    let mean =
                        of_decile.iter().zip(&weights).map(|(ratio, weight)| ratio * weight).sum::<f64>()
                            / weights.iter().sum::<f64>();
                    of_decile.map(|ratio| ratio / mean)
                })
                .collect()
        });
        Self { rates, relative, expected: ExpectedRatio::embedded() }
    }

    /// Deaths per person-year at an age.
    pub(crate) fn rate_per_year(&self, sex: Sex, imd_decile: u8, age: usize) -> f64 {
        let sex = usize::from(sex == Sex::Male);
        let rates = &self.rates[sex];
        rates[age.min(rates.len() - 1)]
            * self.relative[sex][age.min(AGE_BANDS - 1)][usize::from(imd_decile) - 1]
    }

    /// Age at death of someone alive at `age_years`.
    pub(crate) fn age_at_death(&self, sex: Sex, imd_decile: u8, age_years: f64, stream: &mut Stream) -> f64 {
        let mut budget = -stream.uniform_above_zero().ln();
        let mut at = age_years.max(0.0);
        loop {
            let year = at.floor();
            let rate = self.rate_per_year(sex, imd_decile, year as usize);
            let last = year as usize + 1 >= self.rates[0].len();
            let hazard = rate * (year + 1.0 - at);
            if last || budget <= hazard {
                return at + budget / rate;
            }
            budget -= hazard;
            at = year + 1.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::StreamKey;

    fn mortality() -> Mortality {
        Mortality::england_and_wales(&Population::england())
    }

    /// Life expectancy at birth by the table alone or in one decile.
    fn life_expectancy(mortality: &Mortality, sex: Sex, decile: Option<u8>) -> f64 {
        let (mut alive, mut years) = (1.0_f64, 0.0);
        for age in 0..=110 {
            let rate = match decile {
                Some(decile) => mortality.rate_per_year(sex, decile, age),
                None => mortality.rates[usize::from(sex == Sex::Male)][age],
            };
            let survives = if age == 110 { 0.0 } else { (-rate).exp() };
            years += alive * (1.0 - survives) / rate;
            alive *= survives;
        }
        years
    }

    #[test]
    fn ref_life_expectancy_of_the_table() {
        // ONS national life tables 2017-2019 and 2018-2020: males 79.3 to 79.4, females 82.9 to 83.1.
        let mortality = mortality();
        assert!((life_expectancy(&mortality, Sex::Male, None) - 79.3).abs() < 0.3);
        assert!((life_expectancy(&mortality, Sex::Female, None) - 82.9).abs() < 0.3);
    }

    #[test]
    fn ref_gap_between_deciles() {
        // ONS 2018-2020, England: males 73.5 and 83.2, females 78.3 and 86.3. The gradient is settled
        // on the living population's deciles, which shifts the ends a little: half a year allowed.
        let mortality = mortality();
        for (sex, low, high) in [(Sex::Male, 73.5, 83.2), (Sex::Female, 78.3, 86.3)] {
            let gap = life_expectancy(&mortality, sex, Some(10)) - life_expectancy(&mortality, sex, Some(1));
            assert!((gap - (high - low)).abs() < 0.8, "{sex:?} {gap}");
        }
    }

    #[test]
    fn ref_simulated_ages_at_death_follow_the_table() {
        // 20,000 lives of each sex and decile 5, seed 21: mean within 5 standard errors (sd of age at
        // death about 14 years: 0.5 years), false alarm 1 in 1.7 million each.
        let mortality = mortality();
        let key = StreamKey::new(21, "mortality");
        for sex in [Sex::Female, Sex::Male] {
            let total: f64 =
                (0..20_000).map(|subject| mortality.age_at_death(sex, 5, 0.0, &mut key.open(subject))).sum();
            let expected = life_expectancy(&mortality, sex, Some(5));
            assert!((total / 20_000.0 - expected).abs() < 0.5, "{sex:?} {}", total / 20_000.0);
        }
    }

    #[test]
    fn ref_standardised_mortality_ratio() {
        // 2,000,000 people of the pyramid over one year, seed 3: about 19,000 deaths expected, so the
        // ratio's standard error is 0.7 %; 0.97 to 1.03 is 4.1 of them, false alarm 1 in 25,000.
        let (population, mortality) = (Population::england(), mortality());
        let (demography, death) = (StreamKey::new(3, "demography"), StreamKey::new(3, "mortality"));
        let (mut observed, mut expected) = (0.0, 0.0);
        for subject in 0..2_000_000 {
            let person = population.draw(&mut demography.open(subject));
            let dies = mortality.age_at_death(
                person.sex,
                person.imd_decile,
                person.age_years,
                &mut death.open(subject),
            );
            observed += f64::from(u8::from(dies < person.age_years + 1.0));
            let table = &mortality.rates[usize::from(person.sex == Sex::Male)];
            let year = (person.age_years as usize).min(109);
            let part = person.age_years - year as f64;
            let hazard = table[year] * (1.0 - part).max(0.0) + table[year + 1] * part.min(1.0);
            expected += 1.0 - (-hazard).exp();
        }
        assert!((observed / expected - 1.0).abs() < 0.03, "{observed} for {expected}");
    }
}
