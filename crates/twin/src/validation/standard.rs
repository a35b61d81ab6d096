//! The standard population and its mortality, and what a run's deaths and people are against them.

use twinloom_event::Timestamp;

use super::measured::Measured;
use super::standardised::Pyramid;
use crate::measure::{Followed, History, Interval, garwood};
use crate::person::Sex;
use crate::population::{AGE_BANDS, Population, number, rows};

const RATES: &str = include_str!("../../data/death_rates.csv");
/// Five-year bands to 90 and over.
pub(super) const BANDS: usize = 19;
/// First ages of the abridged life table: 0, 1, 5, 10, ... 90.
const TABLE: usize = 20;
const DAYS_PER_YEAR: f64 = 365.2425;
const NORMAL_97_5: f64 = 1.959_963_984_540_054;

/// Published rates and shares.
#[derive(Clone, Debug)]
pub(super) struct Standard {
    /// Deaths per person-year by sex and single year of age.
    rates: [Vec<f64>; 2],
    /// Share of all people by sex and five-year band.
    pub(super) shares: [[f64; BANDS]; 2],
    /// Share of all people by quintile of deprivation.
    pub(super) quintiles: [f64; 5],
    /// As `shares`, of the people of each decile of deprivation.
    by_decile: [[[f64; BANDS]; 2]; 10],
}

impl Standard {
    pub(super) fn england() -> Self {
        let mut rates = [Vec::new(), Vec::new()];
        for row in rows(RATES) {
            rates[0].push(number(row[1]));
            rates[1].push(number(row[2]));
        }
        let population = Population::england();
        let mut shares = [[0.0; BANDS]; 2];
        let mut quintiles = [0.0; 5];
        let mut by_decile = [[[0.0; BANDS]; 2]; 10];
        let mut total = 0.0;
        for age in 0..AGE_BANDS {
            let female = population.share_female(age);
            for decile in 1..=10_u8 {
                let people = population.people(age, decile);
                total += people;
                quintiles[usize::from(decile - 1) / 2] += people;
                shares[0][(age / 5).min(BANDS - 1)] += people * female;
                shares[1][(age / 5).min(BANDS - 1)] += people * (1.0 - female);
                let of_decile = &mut by_decile[usize::from(decile - 1)];
                of_decile[0][(age / 5).min(BANDS - 1)] += people * female;
                of_decile[1][(age / 5).min(BANDS - 1)] += people * (1.0 - female);
            }
        }
        shares.iter_mut().flatten().chain(&mut quintiles).for_each(|share| *share /= total);
        for of_decile in &mut by_decile {
            let total: f64 = of_decile.as_flattened().iter().sum();
            of_decile.as_flattened_mut().iter_mut().for_each(|share| *share /= total);
        }
        Self { rates, shares, quintiles, by_decile }
    }

    /// Shares by sex and age of everybody, or of those of a decile of deprivation.
    pub(super) fn pyramid(&self, imd_decile: Option<u8>) -> &Pyramid {
        let decile = imd_decile.and_then(|decile| usize::from(decile).checked_sub(1));
        decile.and_then(|decile| self.by_decile.get(decile)).unwrap_or(&self.shares)
    }
}

/// Deaths and years lived of a run, and its people at the start.
#[derive(Clone, Debug)]
pub(super) struct Lives {
    standard: Standard,
    deaths: f64,
    expected: f64,
    people: u64,
    table_deaths: [[f64; TABLE]; 2],
    table_years: [[f64; TABLE]; 2],
    pub(super) at_start: [[f64; BANDS]; 2],
    quintiles_at_start: [f64; 5],
}

impl Lives {
    pub(super) fn new() -> Self {
        Self {
            standard: Standard::england(),
            deaths: 0.0,
            expected: 0.0,
            people: 0,
            table_deaths: [[0.0; TABLE]; 2],
            table_years: [[0.0; TABLE]; 2],
            at_start: [[0.0; BANDS]; 2],
            quintiles_at_start: [0.0; 5],
        }
    }

    pub(super) fn standard(&self) -> &Standard {
        &self.standard
    }

    pub(super) fn add(&mut self, history: &History, followed: Followed) {
        let (Some(birth), Some(sex)) = (history.birth, history.sex) else { return };
        let sex = usize::from(sex == Sex::Male);
        if history.lives_at(followed.from) {
            let age = followed.from.years_since(birth).max(0) as usize;
            self.at_start[sex][(age / 5).min(BANDS - 1)] += 1.0;
            if let Some(quintile) = history.quintile() {
                self.quintiles_at_start[quintile] += 1.0;
            }
        }
        let from = birth.max(followed.from);
        let to = history.death.map_or(followed.to, |death| death.min(followed.to));
        if to <= from {
            return;
        }
        self.people += 1;
        let years = |at: Timestamp| at.days_since(birth) / DAYS_PER_YEAR;
        let (mut at, until) = (years(from), years(to));
        while at < until {
            let age = at.floor();
            let next = until.min(age + 1.0);
            let rates = &self.standard.rates[sex];
            self.expected += rates[(age as usize).min(rates.len() - 1)] * (next - at);
            self.table_years[sex][row_of(age as usize)] += next - at;
            at = next.max(at + 1e-9);
        }
        if let Some(death) = history.death.filter(|death| followed.contains(*death)) {
            self.deaths += 1.0;
            self.table_deaths[sex][row_of(years(death).max(0.0) as usize)] += 1.0;
        }
    }

    /// Deaths for each expected, with the exact interval of their count.
    pub(super) fn mortality_ratio(&self) -> Measured {
        if self.expected <= 0.0 {
            return Measured::default();
        }
        Measured {
            value: Some(self.deaths / self.expected),
            interval: Some(garwood(self.deaths as u64).scaled(1.0 / self.expected)),
            people: self.people,
        }
    }

    /// Period life expectancy at birth by the abridged life table.
    ///
    /// # Source
    /// Chiang 1984, The Life Table and its Applications, chapter 6 (table) and 8 (variance); deaths fall in
    /// the middle of a band, at a tenth of the first year. The last band is 90 and over.
    pub(super) fn life_expectancy(&self, sex: usize) -> Measured {
        let (deaths, years) = (&self.table_deaths[sex], &self.table_years[sex]);
        if deaths[TABLE - 1] <= 0.0 || years.iter().any(|years| *years <= 0.0) {
            return Measured::default();
        }
        let width = |row: usize| match row {
            0 => 1.0,
            1 => 4.0,
            _ => 5.0,
        };
        let lived_by_the_dead = |row: usize| if row == 0 { 0.1 } else { 0.5 };
        let mut survivors = [1.0; TABLE];
        let mut dying = [1.0; TABLE];
        for row in 0..TABLE - 1 {
            let rate = deaths[row] / years[row];
            let missed = 1.0 - lived_by_the_dead(row);
            dying[row] = (width(row) * rate / (1.0 + width(row) * missed * rate)).min(1.0);
            survivors[row + 1] = survivors[row] * (1.0 - dying[row]);
        }
        let mut lived = survivors[TABLE - 1] * years[TABLE - 1] / deaths[TABLE - 1];
        let last_rate = deaths[TABLE - 1] / years[TABLE - 1];
        let mut variance = (survivors[TABLE - 1] / last_rate).powi(2) / deaths[TABLE - 1];
        for row in (0..TABLE - 1).rev() {
            let beyond = if survivors[row + 1] > 0.0 { lived / survivors[row + 1] } else { 0.0 };
            let share = lived_by_the_dead(row);
            if deaths[row] > 0.0 {
                let of_dying = dying[row].powi(2) * (1.0 - dying[row]) / deaths[row];
                variance += survivors[row].powi(2) * (beyond + (1.0 - share) * width(row)).powi(2) * of_dying;
            }
            lived += width(row) * (survivors[row + 1] + share * (survivors[row] - survivors[row + 1]));
        }
        let half = NORMAL_97_5 * variance.sqrt();
        Measured {
            value: Some(lived),
            interval: Some(Interval { lower: lived - half, upper: lived + half }),
            people: self.people,
        }
    }

    /// Largest difference of a band's share from the standard, in percentage points.
    pub(super) fn pyramid_error(&self) -> Measured {
        largest_error(self.at_start.as_flattened(), self.standard.shares.as_flattened())
    }

    /// Largest difference of a quintile's share from the standard, in percentage points.
    pub(super) fn deprivation_error(&self) -> Measured {
        largest_error(&self.quintiles_at_start, &self.standard.quintiles)
    }
}

fn largest_error(counts: &[f64], shares: &[f64]) -> Measured {
    let total: f64 = counts.iter().sum();
    if total <= 0.0 {
        return Measured::default();
    }
    let errors = counts.iter().zip(shares).map(|(count, share)| 100.0 * (count / total - share).abs());
    Measured { value: Some(errors.fold(0.0, f64::max)), interval: None, people: total as u64 }
}

/// Row of the abridged life table.
fn row_of(age: usize) -> usize {
    match age {
        0 => 0,
        1..=4 => 1,
        _ => (age / 5 + 1).min(TABLE - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_the_standards_own_rates_give_its_life_expectancy_and_a_ratio_of_one() {
        // Everybody's years and deaths as the standard has them: life expectancy of England and Wales in
        // 2018 was 79.5 (males) and 83.1 (females) by the single-year table of the Human Mortality
        // Database; the abridged table may differ by a tenth of a year.
        let mut lives = Lives::new();
        for sex in 0..2 {
            let mut alive = 1e6;
            for age in 0..=110 {
                let rate = lives.standard.rates[sex][age];
                let next: f64 = alive * (-rate).exp();
                let years = (alive - next) / rate;
                lives.table_years[sex][row_of(age)] += years;
                lives.table_deaths[sex][row_of(age)] += alive - next;
                lives.deaths += alive - next;
                lives.expected += years * rate;
                alive = next;
            }
        }
        for (sex, expected) in [(0, 83.1), (1, 79.5)] {
            let found = lives.life_expectancy(sex).value.unwrap();
            assert!((found - expected).abs() < 0.3, "{found} for {expected}");
        }
        assert!((lives.mortality_ratio().value.unwrap() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn regress_the_standard_adds_up() {
        let standard = Standard::england();
        assert!((standard.shares.as_flattened().iter().sum::<f64>() - 1.0).abs() < 1e-9);
        assert!((standard.quintiles.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        assert_eq!(largest_error(&[3.0, 1.0], &[0.5, 0.5]).value, Some(25.0));
    }
}
