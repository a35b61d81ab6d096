//! Shares of a locality's people by age, deprivation and ethnic group, and people drawn by them.
//!
//! Each locality begins with the shares of its area. The localities of a run are few, so together they
//! would not have England's ages: their tables are therefore raked (iterative proportional fitting,
//! Deming and Stephan 1940) until their sum has England's numbers by age and deprivation, by age and
//! ethnic group, and by deprivation and ethnic group. Many localities keep nearly their area's shares; a
//! single one has England's.
//!
//! People are drawn systematically, not independently, so that even a few thousand have the table's
//! pyramid.
//!
//! # Limits
//! Within an area, ethnic group and deprivation are associated as between areas; sex depends on age and
//! area alone.

use super::area::{AreaTable, BANDS, GROUPS};
use super::england::{AGE_BANDS, DECILES, Draw, Population, number, rows};
use crate::person::{Ethnicity, Sex};
use crate::stream::Stream;

const GROUPS_BY_AGE: &str = include_str!("../../data/ethnicity_by_age.csv");
/// Of a locality's seed, how much is England's, so that no cell is empty that raking may need.
const SHARE_OF_ENGLAND: f64 = 0.01;
const SWEEPS: usize = 60;
const PAIRS: usize = BANDS * DECILES;
const CELLS: usize = PAIRS * GROUPS;

/// Shares of one locality.
#[derive(Clone, Debug)]
pub(super) struct Shares {
    /// Running total over (band, decile).
    pairs: Vec<f64>,
    /// Running totals over ethnic groups for each (band, decile).
    groups: Vec<[f64; GROUPS]>,
    women_odds: [f64; 3],
}

impl Shares {
    /// The shares of localities of `sizes` people standing for the given areas.
    pub(super) fn rake(population: &Population, areas: &[&AreaTable], sizes: &[f64]) -> Vec<Self> {
        let margins = Margins::england(population);
        let mut tables: Vec<Vec<f64>> = areas.iter().map(|area| margins.seed(area)).collect();
        let people: f64 = sizes.iter().sum();
        for _ in 0..SWEEPS {
            for (table, size) in tables.iter_mut().zip(sizes) {
                let total: f64 = table.iter().sum();
                for cell in table.iter_mut() {
                    *cell *= size / total;
                }
            }
            fit(&mut tables, people, &margins.decile_and_group, |(_, decile, group)| decile * GROUPS + group);
            fit(&mut tables, people, &margins.band_and_group, |(band, _, group)| band * GROUPS + group);
            fit(&mut tables, people, &margins.band_and_decile, |(band, decile, _)| band * DECILES + decile);
        }
        // The localities' odds of being a woman are set so that their mean is England's.
        let mut mean = [0.0; 3];
        for (area, size) in areas.iter().zip(sizes) {
            for (mean, odds) in mean.iter_mut().zip(area.women_odds) {
                *mean += odds.ln() * size / people;
            }
        }
        let odds = |area: &AreaTable| std::array::from_fn(|age| area.women_odds[age] / mean[age].exp());
        tables.iter().zip(areas).map(|(table, area)| Self::of_table(table, odds(area))).collect()
    }

    fn of_table(table: &[f64], women_odds: [f64; 3]) -> Self {
        let (mut pairs, mut groups, mut total) = (Vec::with_capacity(PAIRS), Vec::with_capacity(PAIRS), 0.0);
        for row in table.chunks_exact(GROUPS) {
            total += row.iter().sum::<f64>();
            pairs.push(total);
            let mut running = 0.0;
            groups.push(std::array::from_fn(|group| {
                running += row[group];
                running
            }));
        }
        Self { pairs, groups, women_odds }
    }

    /// Draws `count` people, youngest first.
    pub(super) fn sample(&self, population: &Population, count: usize, stream: &mut Stream) -> Vec<Draw> {
        let phases: [f64; 3] = std::array::from_fn(|_| stream.uniform());
        let total = self.pairs[PAIRS - 1];
        let mut people = Vec::with_capacity(count);
        let mut pair = 0;
        for index in 0..count {
            let position = (index as f64 + phases[0]) / count as f64 * total;
            while pair + 1 < PAIRS && self.pairs[pair] <= position {
                pair += 1;
            }
            let before = if pair == 0 { 0.0 } else { self.pairs[pair - 1] };
            let within = ((position - before) / (self.pairs[pair] - before)).clamp(0.0, 1.0);
            let (band, decile) = (pair / DECILES, pair % DECILES);
            let age = age_within(population, band, decile, within);
            // Successive multiples of the two irrationals of the R2 sequence (Roberts 2018) fill the unit
            // square evenly, so every stretch of ages has its shares of sexes and groups.
            let spread = |phase: f64, step: f64| (phase + index as f64 * step).fract();
            let odds = self.women_odds[if age < 20.0 { 0 } else { usize::from(age >= 65.0) + 1 }];
            let share = population.share_female(age as usize);
            let female = share * odds / (share * odds + 1.0 - share);
            let groups = &self.groups[pair];
            let drawn = spread(phases[2], 0.569_840_290_998_053) * groups[GROUPS - 1];
            let group = groups.partition_point(|sum| *sum <= drawn).min(GROUPS - 1);
            people.push(Draw {
                age_years: age,
                sex: if spread(phases[1], 0.754_877_666_246_693) < female { Sex::Female } else { Sex::Male },
                imd_decile: decile as u8 + 1,
                ethnicity: Ethnicity::ALL[group],
            });
        }
        people
    }
}

/// The age that a share of a band's people of a decile is below.
fn age_within(population: &Population, band: usize, decile: usize, share: f64) -> f64 {
    let first = band * 5;
    let last = if band + 1 == BANDS { population.oldest() } else { first + 4 };
    let people = |age: usize| {
        if age + 1 >= AGE_BANDS {
            population.survivors(age)
        } else {
            population.people(age, decile as u8 + 1)
        }
    };
    let mut left = share * (first..=last).map(people).sum::<f64>();
    for age in first..=last {
        let here = people(age);
        if left < here || age == last {
            return age as f64 + (left / here).clamp(0.0, 0.999_999);
        }
        left -= here;
    }
    first as f64
}

/// England's shares, each adding up to 1.
struct Margins {
    band_and_decile: Vec<f64>,
    band_and_group: Vec<f64>,
    decile_and_group: Vec<f64>,
}

impl Margins {
    fn england(population: &Population) -> Self {
        let mut band_and_decile = vec![0.0; PAIRS];
        for age in 0..AGE_BANDS {
            for decile in 0..DECILES {
                band_and_decile[(age / 5).min(BANDS - 1) * DECILES + decile] +=
                    population.people(age, decile as u8 + 1);
            }
        }
        let mut band_and_group = vec![0.0; BANDS * GROUPS];
        for (group, row) in rows(GROUPS_BY_AGE).enumerate() {
            for (band, cell) in row[1..].iter().enumerate() {
                band_and_group[band * GROUPS + group] = number(cell);
            }
        }
        let mut decile_and_group = vec![0.0; DECILES * GROUPS];
        for decile in 0..DECILES {
            for group in 0..GROUPS {
                decile_and_group[decile * GROUPS + group] = population.group_in_decile(decile, group);
            }
        }
        for table in [&mut band_and_decile, &mut band_and_group, &mut decile_and_group] {
            let total: f64 = table.iter().sum();
            for cell in table.iter_mut() {
                *cell /= total;
            }
        }
        Self { band_and_decile, band_and_group, decile_and_group }
    }

    /// An area's people by band, decile and group: its two tables joined as if independent, but for
    /// England's associations of group with age and with deprivation.
    fn seed(&self, area: &AreaTable) -> Vec<f64> {
        let (people, residents): (f64, f64) = (area.total(), area.groups.iter().sum());
        let sum = |table: &[f64], size: usize, at: usize| -> f64 { table[at * size..][..size].iter().sum() };
        let of_group =
            |group: usize| -> f64 { (0..BANDS).map(|band| self.band_and_group[band * GROUPS + group]).sum() };
        let shares: [f64; GROUPS] = std::array::from_fn(of_group);
        let mut table = vec![0.0; CELLS];
        for (index, cell) in table.iter_mut().enumerate() {
            let (band, decile, group) = place(index);
            let pair = band * DECILES + decile;
            let by_age = self.band_and_group[band * GROUPS + group]
                / (sum(&self.band_and_group, GROUPS, band) * shares[group]);
            let by_decile = self.decile_and_group[decile * GROUPS + group]
                / (sum(&self.decile_and_group, GROUPS, decile) * shares[group]);
            let own = area.people[band][decile] / people * area.groups[group] / residents;
            let england = self.band_and_decile[pair] * shares[group];
            *cell = ((1.0 - SHARE_OF_ENGLAND) * own + SHARE_OF_ENGLAND * england) * by_age * by_decile;
        }
        table
    }
}

const fn place(index: usize) -> (usize, usize, usize) {
    (index / GROUPS / DECILES, index / GROUPS % DECILES, index % GROUPS)
}

/// Scales the cells of all tables so that their sums over what `margin` leaves out are the target's.
fn fit(
    tables: &mut [Vec<f64>],
    people: f64,
    target: &[f64],
    margin: impl Fn((usize, usize, usize)) -> usize,
) {
    let places: Vec<usize> = (0..CELLS).map(|index| margin(place(index))).collect();
    let mut sums = vec![0.0; target.len()];
    for table in tables.iter() {
        for (cell, place) in table.iter().zip(&places) {
            sums[*place] += cell;
        }
    }
    for table in tables.iter_mut() {
        for (cell, place) in table.iter_mut().zip(&places) {
            if sums[*place] > 0.0 {
                *cell *= target[*place] * people / sums[*place];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::StreamKey;

    #[test]
    fn ref_localities_together_have_englands_shares() {
        // Deterministic: the margins are reached to 1 part in 10,000, the last one exactly.
        let population = Population::england();
        let areas = AreaTable::england();
        for count in [1, 3, 12] {
            let chosen: Vec<&AreaTable> =
                AreaTable::choose(&areas, count, 0.4).into_iter().map(|at| &areas[at]).collect();
            let sizes = vec![20_000.0; count];
            let shares = Shares::rake(&population, &chosen, &sizes);
            let mut bands = [0.0; BANDS];
            let mut white_british = 0.0;
            for locality in &shares {
                let total = locality.pairs[PAIRS - 1] * count as f64;
                for pair in 0..PAIRS {
                    let before = if pair == 0 { 0.0 } else { locality.pairs[pair - 1] };
                    bands[pair / DECILES] += (locality.pairs[pair] - before) / total;
                    white_british += locality.groups[pair][0] / total;
                }
            }
            for (band, share) in bands.iter().enumerate() {
                let ages = band * 5..if band + 1 == BANDS { AGE_BANDS } else { band * 5 + 5 };
                let people: f64 = ages
                    .flat_map(|age| (1..=10).map(move |decile| (age, decile)))
                    .map(|(age, decile)| population.people(age, decile))
                    .sum();
                assert!(
                    (share - people / population.total()).abs() < 1e-4,
                    "{count} localities, band {band}"
                );
            }
            // Census 2021, England: 73.5 % White British.
            assert!((white_british - 0.735).abs() < 0.002, "{white_british}");
        }
    }

    #[test]
    fn law_drawn_people_have_the_pyramid() {
        let population = Population::england();
        let areas = AreaTable::england();
        let shares = Shares::rake(&population, &[&areas[100]], &[1.0]);
        let people = shares[0].sample(&population, 4000, &mut StreamKey::new(3, "t").open(0));
        for band in 0..BANDS {
            let found =
                people.iter().filter(|draw| (draw.age_years as usize / 5).min(BANDS - 1) == band).count();
            let before = if band == 0 { 0.0 } else { shares[0].pairs[band * DECILES - 1] };
            let share = (shares[0].pairs[band * DECILES + 9] - before) / shares[0].pairs[PAIRS - 1];
            assert!((found as f64 - 4000.0 * share).abs() <= 1.0, "band {band}: {found}");
        }
        let women = people.iter().filter(|draw| draw.sex == Sex::Female).count() as f64 / 4000.0;
        assert!((women - 0.5104).abs() < 0.012, "{women}");
    }
}
