//! Which levels of a trait have more of a condition, or of a community, than chance.
//!
//! Chance is a random order of the people's levels within each stratum of the other traits. The mean,
//! the deviation and the p value over all such orders are those of the tests of pairs of conditions, with
//! a level in the place of the second condition; orders drawn at random only check them.

use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::columns::Columns;
use super::model::Network;
use super::null_test::NullTest;
use super::pair::Pairs;
use super::ratio::{Ratio, pooled_odds_ratio};
use super::strata::Strata;
use super::table::Table;
use crate::statistics::random::{Purpose, shuffle, stream};
use crate::{ConditionId, FalseDiscovery, People, Trait, TraitError};

/// How to test for enrichment.
///
/// | field | default | permitted |
/// |---|---|---|
/// | `traits` | none | names of the people's traits |
/// | `permutations` | 1000 | any; with 0 nothing is drawn |
/// | `seed` | 1 | any |
/// | `procedure` | Benjamini-Hochberg | either |
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EnrichmentParams {
    /// Traits to test; each within strata of the others.
    pub traits: Vec<String>,
    /// Random orders of the people's levels to check the p values with.
    pub permutations: u32,
    /// Seed of the orders.
    pub seed: u64,
    /// How p values are adjusted for the number of tests.
    pub procedure: FalseDiscovery,
}

impl Default for EnrichmentParams {
    fn default() -> Self {
        Self { traits: Vec::new(), permutations: 1000, seed: 1, procedure: FalseDiscovery::default() }
    }
}

/// Conditions tested as one: people who have any of them count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// What it is called.
    pub name: Arc<str>,
    /// Its conditions.
    pub conditions: Vec<ConditionId>,
}

/// One group and one level of a trait.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Enrichment {
    /// The group.
    pub group: Arc<str>,
    /// The trait.
    pub of_trait: Arc<str>,
    /// The level.
    pub level: Arc<str>,
    /// People of the group at this level.
    pub observed: u64,
    /// Those expected if the trait had nothing to do with the group within any stratum.
    pub expected: f64,
    /// Excess in standard deviations over all permutations within strata; `None` where every
    /// permutation gives the same.
    pub z: Option<f64>,
    /// Odds of the group at this level over those at the other levels, pooled over strata.
    pub odds_ratio: Ratio,
    /// Two-sided p value over all permutations within strata: exact where counts are small, else by
    /// the chi-squared law; `None` where every permutation gives the same.
    pub p: Option<f64>,
    /// p adjusted for all groups and levels tested.
    pub q: Option<f64>,
    /// Share of the permutations drawn that lie at least as far from what is expected, the one seen
    /// included. It can't fall below one over their number, and so serves as a check of `p`.
    pub p_drawn: Option<f64>,
}

impl Network {
    /// Every condition of the network, then every community of two conditions or more.
    pub fn groups(&self, pairs: &Pairs) -> Vec<Group> {
        let conditions = pairs.paired.iter().map(|condition| Group {
            name: Arc::clone(&pairs.conditions[condition.index()]),
            conditions: vec![*condition],
        });
        let communities = self.communities.communities.iter().enumerate();
        let communities =
            communities.filter(|(_, community)| community.nodes.len() > 1).map(|(number, community)| Group {
                name: format!("community {}", number + 1).into(),
                conditions: community.nodes.iter().map(|node| pairs.paired[*node]).collect(),
            });
        conditions.chain(communities).collect()
    }
}

impl EnrichmentParams {
    /// Tests every group at every level of every trait. The result does not depend on the number of
    /// threads.
    ///
    /// # Errors
    /// [`TraitError`] when a trait is unknown.
    #[expect(clippy::missing_panics_doc, reason = "every test gives a p value from 0 to 1")]
    pub fn test(&self, people: &People, groups: &[Group]) -> Result<Vec<Enrichment>, TraitError> {
        let mut rows = Vec::new();
        for (number, name) in self.traits.iter().enumerate() {
            let tested = people.trait_named(name)?;
            let others: Vec<&String> = self.traits.iter().filter(|other| *other != name).collect();
            let mut strata = Strata::by(people, &others)?;
            strata.retain(|person| tested.level_of(person).is_some());
            rows.extend(self.test_trait(number as u64, tested, &Columns::of(people, &strata), groups));
        }
        let q = self
            .procedure
            .adjust(&rows.iter().map(|row| row.p).collect::<Vec<_>>())
            .expect("every test's p value is a number from 0 to 1");
        for (row, q) in rows.iter_mut().zip(q) {
            row.q = q;
        }
        Ok(rows)
    }

    fn test_trait(
        &self,
        number: u64,
        tested: &Trait,
        columns: &Columns,
        groups: &[Group],
    ) -> Vec<Enrichment> {
        let levels = tested.levels().len();
        let levels_of: Vec<u32> = columns
            .layout()
            .flat_map(|(words, people)| columns.people_of(&words, people))
            .map(|person| tested.level_of(*person as usize).map_or(u32::MAX, |level| level as u32))
            .collect();
        let bits: Vec<Vec<u64>> = groups.iter().map(|group| columns.any_of(&group.conditions)).collect();
        let tables: Vec<Vec<Table>> =
            bits.par_iter().flat_map_iter(|bits| tables(columns, &levels_of, levels, bits)).collect();
        let tests: Vec<Option<NullTest>> = tables.par_iter().map(|strata| NullTest::of(strata)).collect();
        let far: Vec<f64> = tables.iter().map(|strata| excess(strata).abs()).collect();
        let means: Vec<f64> = tables.iter().map(|strata| expected(strata)).collect();
        let members = Members::of(columns, &bits);
        let none = || vec![0_u32; tables.len()];
        let as_far: Vec<u32> = (0..u64::from(self.permutations))
            .into_par_iter()
            .fold(none, |mut sum, index| {
                let mut drawn = levels_of.clone();
                let mut generator = stream(self.seed, Purpose::Permutation, (number << 32) | index);
                let mut rest = drawn.as_mut_slice();
                for (_, people) in columns.layout() {
                    let (stratum, later) = rest.split_at_mut(people);
                    shuffle(&mut generator, stratum);
                    rest = later;
                }
                for (cell, count) in members.counts(&drawn, levels).into_iter().enumerate() {
                    // What is equal but for rounding is as far.
                    let reached =
                        (f64::from(count) - means[cell]).abs() >= far[cell] - 1e-9 * far[cell].max(1.0);
                    sum[cell] += u32::from(reached);
                }
                sum
            })
            .reduce(none, |mut one, other| {
                for (sum, more) in one.iter_mut().zip(other) {
                    *sum += more;
                }
                one
            });
        let cells = groups.iter().flat_map(|group| tested.levels().iter().map(move |level| (group, level)));
        cells
            .enumerate()
            .map(|(cell, (group, level))| Enrichment {
                group: Arc::clone(&group.name),
                of_trait: tested.name().into(),
                level: Arc::clone(level),
                observed: tables[cell].iter().map(|table| table.both).sum(),
                expected: means[cell],
                z: tests[cell].map(|test| test.chi_squared.sqrt().copysign(excess(&tables[cell]))),
                odds_ratio: pooled_odds_ratio(&tables[cell]),
                p: tests[cell].map(|test| test.p),
                q: None,
                p_drawn: tests[cell]
                    .filter(|_| self.permutations > 0)
                    .map(|_| f64::from(as_far[cell] + 1) / (f64::from(self.permutations) + 1.0)),
            })
            .collect()
    }
}

/// The groups of each person, people by stratum.
struct Members {
    offsets: Vec<usize>,
    groups: Vec<u32>,
    count: usize,
}

impl Members {
    fn of(columns: &Columns, bits: &[Vec<u64>]) -> Self {
        let mut members = Self { offsets: vec![0], groups: Vec::new(), count: bits.len() };
        for (words, people) in columns.layout() {
            for place in 0..people {
                let (word, bit) = (words.start + place / 64, place % 64);
                let held = (0..bits.len()).filter(|group| bits[*group][word] >> bit & 1 == 1);
                members.groups.extend(held.map(|group| group as u32));
                members.offsets.push(members.groups.len());
            }
        }
        members
    }

    /// People of each group at each level, groups outermost.
    fn counts(&self, levels_of: &[u32], levels: usize) -> Vec<u32> {
        let mut counts = vec![0; self.count * levels];
        for (place, level) in levels_of.iter().enumerate() {
            for group in &self.groups[self.offsets[place]..self.offsets[place + 1]] {
                counts[*group as usize * levels + *level as usize] += 1;
            }
        }
        counts
    }
}

/// One group against each level, by stratum: those of the group at the level, of the group at others, at
/// the level outside the group, and the rest.
fn tables(columns: &Columns, levels_of: &[u32], levels: usize, group: &[u64]) -> Vec<Vec<Table>> {
    let mut tables = vec![Vec::new(); levels];
    let mut rest = levels_of;
    for (words, people) in columns.layout() {
        let (stratum, later) = rest.split_at(people);
        rest = later;
        let (mut of_level, mut both, mut with) = (vec![0_u64; levels], vec![0_u64; levels], 0);
        for (place, level) in stratum.iter().enumerate() {
            let held = group[words.start + place / 64] >> (place % 64) & 1;
            of_level[*level as usize] += 1;
            both[*level as usize] += held;
            with += held;
        }
        for (level, tables) in tables.iter_mut().enumerate() {
            tables.push(Table::from_margins(both[level], with, of_level[level], people as u64));
        }
    }
    tables
}

fn expected(strata: &[Table]) -> f64 {
    let one = |table: &Table| table.first() as f64 * table.second() as f64 / table.people() as f64;
    strata.iter().filter(|table| table.people() > 0).map(one).sum()
}

/// What was seen beyond what is expected.
fn excess(strata: &[Table]) -> f64 {
    strata.iter().map(|table| table.both as f64).sum::<f64>() - expected(strata)
}
