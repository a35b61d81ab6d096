//! Local authorities of England: their residents by age, deprivation and ethnic group.
//!
//! # Source
//! `data/areas.csv` (Census 2021) and `data/population_area.csv` (ONS mid-2020 by IMD 2019 decile), made
//! by `examples/derive_population`.

use super::england::{DECILES, number, rows};
use crate::person::{Area, Ethnicity};

const AREAS: &str = include_str!("../../data/areas.csv");
const PEOPLE: &str = include_str!("../../data/population_area.csv");
/// Five-year bands of age, the last of 90 and over.
pub(super) const BANDS: usize = 19;
pub(super) const GROUPS: usize = Ethnicity::ALL.len();

/// One local authority.
#[derive(Clone, Debug)]
pub(super) struct AreaTable {
    pub(super) area: Area,
    /// Residents by band and decile.
    pub(super) people: [[f64; DECILES]; BANDS],
    /// Residents by ethnic group in the order of [`Ethnicity::ALL`].
    pub(super) groups: [f64; GROUPS],
    /// Odds of being a woman relative to England's at younger, working and older ages.
    pub(super) women_odds: [f64; 3],
}

impl AreaTable {
    /// Every local authority, those alike near one another: by deprivation in fifths, and within each by
    /// the share of people of 65 and over, up and down in turn.
    pub(super) fn england() -> Vec<Self> {
        let mut tables: Vec<Self> = rows(AREAS).map(|row| Self::of_row(&row)).collect();
        for row in rows(PEOPLE) {
            let table = tables.iter_mut().find(|table| table.area.code == row[0]);
            if let (Some(table), Ok(decile)) = (table, row[1].parse::<usize>()) {
                for (band, cell) in row[2..].iter().enumerate() {
                    table.people[band][decile - 1] = number(cell);
                }
            }
        }
        let mut mean = [0.0; 3];
        let total: f64 = tables.iter().map(Self::total).sum();
        for table in &tables {
            for (mean, odds) in mean.iter_mut().zip(table.women_odds) {
                *mean += odds.ln() * table.total() / total;
            }
        }
        for table in &mut tables {
            for (odds, mean) in table.women_odds.iter_mut().zip(mean) {
                *odds /= mean.exp();
            }
        }
        tables.sort_by(|a, b| a.mean_decile().total_cmp(&b.mean_decile()));
        let fifth = tables.len().div_ceil(5);
        for (place, chunk) in tables.chunks_mut(fifth).enumerate() {
            chunk.sort_by(|a, b| a.share_old().total_cmp(&b.share_old()));
            if place % 2 == 1 {
                chunk.reverse();
            }
        }
        tables
    }

    /// `count` authorities in the order of `tables`, each as often as its share of the people asks.
    pub(super) fn choose(tables: &[Self], count: usize, phase: f64) -> Vec<usize> {
        let total: f64 = tables.iter().map(Self::total).sum();
        let (mut place, mut before) = (0, 0.0);
        let positions = (0..count).map(|index| (index as f64 + phase) / count as f64 * total);
        positions
            .map(|position| {
                while place + 1 < tables.len() && before + tables[place].total() <= position {
                    before += tables[place].total();
                    place += 1;
                }
                place
            })
            .collect()
    }

    fn of_row(row: &[&str]) -> Self {
        // The thousandths stand before the groups; commas within a name have split it.
        let odds = |cell: &str| number(cell) / (1000.0 - number(cell));
        Self {
            area: Area { code: row[0].to_owned(), name: row[4 + GROUPS..].join(",") },
            people: [[0.0; DECILES]; BANDS],
            groups: std::array::from_fn(|group| number(row[4 + group])),
            women_odds: std::array::from_fn(|age| odds(row[1 + age])),
        }
    }

    pub(super) fn total(&self) -> f64 {
        self.people.iter().flatten().sum()
    }

    fn mean_decile(&self) -> f64 {
        let weighted = |band: &[f64; DECILES]| -> f64 {
            band.iter().enumerate().map(|(decile, people)| (decile as f64 + 1.0) * people).sum()
        };
        self.people.iter().map(weighted).sum::<f64>() / self.total()
    }

    fn share_old(&self) -> f64 {
        self.people[13..].iter().flatten().sum::<f64>() / self.total()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::population::england::census_label;

    #[test]
    fn ref_authorities_add_up_to_england() {
        let tables = AreaTable::england();
        assert_eq!(tables.len(), 309, "authorities of England in April 2021");
        let total: f64 = tables.iter().map(AreaTable::total).sum();
        assert!((total - 56_550_138.0).abs() < 0.5, "ONS mid-2020: {total}");
        let header = AREAS.lines().find(|line| line.starts_with("area,")).unwrap();
        let groups: Vec<&str> = header.split(',').skip(4).take(GROUPS).collect();
        // The table's groups stand in the order of the derivation; `Ethnicity::ALL` must be that order.
        assert!(
            groups.iter().zip(Ethnicity::ALL).all(|(label, group)| *label == census_label(group)),
            "{groups:?}"
        );
        let census: f64 = tables.iter().flat_map(|table| table.groups).sum();
        assert!((census - 56_490_000.0).abs() < 10_000.0, "Census 2021: {census}");
        assert!(tables.iter().any(|table| table.area.name == "Bristol, City of"));
    }

    #[test]
    fn law_choice_follows_shares() {
        let tables = AreaTable::england();
        let total: f64 = tables.iter().map(AreaTable::total).sum();
        let chosen = AreaTable::choose(&tables, 5000, 0.3);
        for (place, table) in tables.iter().enumerate() {
            let times = chosen.iter().filter(|at| **at == place).count() as f64;
            assert!((times - 5000.0 * table.total() / total).abs() <= 1.0, "{}", table.area.name);
        }
    }
}
