//! Which levels of a trait have more of a condition, or of a community, than chance.

use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::columns::Columns;
use super::model::Network;
use super::pair::Pairs;
use super::strata::Strata;
use crate::statistics::random::{Purpose, shuffle, stream};
use crate::{ConditionId, FalseDiscovery, People, Trait, TraitError};

/// How to test for enrichment.
///
/// | field | default | permitted |
/// |---|---|---|
/// | `traits` | none | names of the people's traits |
/// | `permutations` | 1000 | 1 or more |
/// | `seed` | 1 | any |
/// | `procedure` | Benjamini-Hochberg | either |
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EnrichmentParams {
    /// Traits to test; each within strata of the others.
    pub traits: Vec<String>,
    /// Random orders of the people's levels.
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
    /// Those expected if the trait had nothing to do with the group within any stratum: the exact mean
    /// over all permutations.
    pub expected: f64,
    /// Excess in standard deviations over all permutations; `None` where every permutation gives the
    /// same.
    pub z: Option<f64>,
    /// Share of permutations at least as far from what is expected, the one seen included; `None`
    /// where every permutation gives the same.
    pub p: Option<f64>,
    /// p adjusted for all groups and levels tested.
    pub q: Option<f64>,
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
    /// [`EnrichmentError`] when a trait is unknown or no permutation is asked for.
    #[expect(clippy::missing_panics_doc, reason = "every test gives a p value from 0 to 1")]
    pub fn test(&self, people: &People, groups: &[Group]) -> Result<Vec<Enrichment>, EnrichmentError> {
        if self.permutations == 0 {
            return Err(EnrichmentError::NoPermutation);
        }
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
            .expect("shares of permutations are from 0 to 1");
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
        let own: Vec<u32> = columns
            .layout()
            .flat_map(|(words, people)| columns.people_of(&words, people))
            .map(|person| tested.level_of(*person as usize).map_or(u32::MAX, |level| level as u32))
            .collect();
        let bits: Vec<Vec<u64>> = groups.par_iter().map(|group| columns.any_of(&group.conditions)).collect();
        let observed = counts(&bits, &masks(columns, &own, levels));
        let moments: Vec<(f64, f64)> =
            bits.iter().flat_map(|bits| moments(columns, &own, levels, bits)).collect();
        let permutation = |index: u32| {
            let mut drawn = own.clone();
            let stream_index = (number << 32) | u64::from(index);
            let mut generator = stream(self.seed, Purpose::Permutation, stream_index);
            let mut rest = drawn.as_mut_slice();
            for (_, people) in columns.layout() {
                let (stratum, later) = rest.split_at_mut(people);
                shuffle(&mut generator, stratum);
                rest = later;
            }
            counts(&bits, &masks(columns, &drawn, levels))
        };
        let as_far = |drawn: &[u32]| -> Vec<u32> {
            let cells = drawn.iter().zip(&observed).zip(&moments);
            cells
                .map(|((drawn, seen), (mean, _))| {
                    let far = (f64::from(*seen) - mean).abs();
                    u32::from((f64::from(*drawn) - mean).abs() >= far - 1e-9 * far.max(1.0))
                })
                .collect()
        };
        let none = || vec![0_u32; observed.len()];
        let extreme: Vec<u32> = (0..self.permutations)
            .into_par_iter()
            .map(permutation)
            .fold(none, |sum, drawn| add(sum, &as_far(&drawn)))
            .reduce(none, |one, other| add(one, &other));
        let cells = groups.iter().flat_map(|group| tested.levels().iter().map(move |level| (group, level)));
        cells
            .enumerate()
            .map(|(cell, (group, level))| {
                let (mean, variance) = moments[cell];
                let varies = variance > 0.0;
                Enrichment {
                    group: Arc::clone(&group.name),
                    of_trait: tested.name().into(),
                    level: Arc::clone(level),
                    observed: u64::from(observed[cell]),
                    expected: mean,
                    z: varies.then(|| (f64::from(observed[cell]) - mean) / variance.sqrt()),
                    p: varies.then(|| f64::from(extreme[cell] + 1) / (f64::from(self.permutations) + 1.0)),
                    q: None,
                }
            })
            .collect()
    }
}

fn add(mut one: Vec<u32>, other: &[u32]) -> Vec<u32> {
    one.iter_mut().zip(other).for_each(|(sum, more)| *sum += more);
    one
}

/// One column of bits for each level, from the level at each place.
fn masks(columns: &Columns, levels_of: &[u32], levels: usize) -> Vec<Vec<u64>> {
    let mut masks = vec![vec![0_u64; columns.words()]; levels];
    let mut rest = levels_of;
    for (words, people) in columns.layout() {
        let (stratum, later) = rest.split_at(people);
        for (place, level) in stratum.iter().enumerate() {
            masks[*level as usize][words.start + place / 64] |= 1 << (place % 64);
        }
        rest = later;
    }
    masks
}

/// People of each group at each level, groups outermost.
fn counts(groups: &[Vec<u64>], masks: &[Vec<u64>]) -> Vec<u32> {
    let both = |(group, mask): (&Vec<u64>, &Vec<u64>)| {
        group.iter().zip(mask).map(|(one, other)| (one & other).count_ones()).sum()
    };
    groups.iter().flat_map(|group| masks.iter().map(move |mask| (group, mask))).map(both).collect()
}

/// Mean and variance of a group's people at each level over all permutations within strata: sums of
/// hypergeometric means and variances.
fn moments(columns: &Columns, levels_of: &[u32], levels: usize, group: &[u64]) -> Vec<(f64, f64)> {
    let mut moments = vec![(0.0, 0.0); levels];
    let with = columns.counts_of(group);
    let mut rest = levels_of;
    for ((_, people), with) in columns.layout().zip(with) {
        let (stratum, later) = rest.split_at(people);
        rest = later;
        let mut sizes = vec![0_u32; levels];
        for level in stratum {
            sizes[*level as usize] += 1;
        }
        let (people, with) = (people as f64, f64::from(with));
        for ((mean, variance), size) in moments.iter_mut().zip(sizes) {
            let share = f64::from(size) / people;
            *mean += with * share;
            if people > 1.0 {
                *variance += with * share * (1.0 - share) * (people - with) / (people - 1.0);
            }
        }
    }
    moments
}

/// Why enrichment can't be tested.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnrichmentError {
    /// A trait is unknown.
    #[error(transparent)]
    Trait(#[from] TraitError),
    /// No permutation.
    #[error("no permutation was asked for; permitted: 1 or more")]
    NoPermutation,
}
