//! Deaths of all causes together.
//!
//! # Source
//! Central death rates of England and Wales 2018 by sex and single year of age (Human Mortality
//! Database, CC BY 4.0, `data/death_rates.csv`); relative rates by deprivation decile that reproduce
//! the published gap in life expectancy (`data/death_rate_by_imd.csv`).

use super::competing::ExpectedRatio;
use crate::person::Sex;
use crate::population::{AGE_BANDS, Population, number, rows};

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

    /// The same for people whom pathways treat.
    pub(crate) fn in_a_run(self) -> Self {
        Self { expected: self.expected.in_a_run(), ..self }
    }

    /// The same with expected ratios read from a text in the form of `data/expected_mortality_ratio.csv`.
    pub(crate) fn with_expected_ratio(self, text: &str) -> Self {
        Self { expected: ExpectedRatio::parse(text), ..self }
    }

    /// Deaths per person-year at an age.
    pub(crate) fn rate_per_year(&self, sex: Sex, imd_decile: u8, age: usize) -> f64 {
        let sex = usize::from(sex == Sex::Male);
        let rates = &self.rates[sex];
        rates[age.min(rates.len() - 1)]
            * self.relative[sex][age.min(AGE_BANDS - 1)][usize::from(imd_decile) - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
