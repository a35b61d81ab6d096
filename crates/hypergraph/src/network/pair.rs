//! Every pair of conditions: how strongly they go together, and in which order.

use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::columns::Columns;
use super::homogeneity::Homogeneity;
use super::null_test::NullTest;
use super::order::Order;
use super::ratio::{Absent, Ratio, bounded_odds_ratio, pooled_odds_ratio, pooled_risk_ratio};
use super::strata::{Strata, Stratum};
use super::table::Table;
use crate::{ConditionId, FalseDiscovery, People, TraitError};

/// Pairs measured at most; as many as 1,414 conditions make.
pub const MOST_PAIRS: u64 = 1_000_000;

/// What to measure of every pair.
///
/// | field | default | permitted |
/// |---|---|---|
/// | `strata` | none | names of the people's traits |
/// | `fewest_people` | 1 | any; conditions of fewer people are left out of every pair |
/// | `procedure` | Benjamini-Hochberg | either |
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PairsParams {
    /// Traits whose levels make the strata, such as sex and age band.
    pub strata: Vec<String>,
    /// Conditions of fewer people are left out; the choice looks at one condition at a time, so it
    /// leaves the tests of pairs valid.
    pub fewest_people: u64,
    /// How p values are adjusted for the number of pairs.
    pub procedure: FalseDiscovery,
}

impl Default for PairsParams {
    fn default() -> Self {
        Self { strata: Vec::new(), fewest_people: 1, procedure: FalseDiscovery::default() }
    }
}

/// Every pair of conditions of some people.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pairs {
    /// The traits of the strata.
    pub strata_by: Vec<String>,
    /// The strata.
    pub strata: Vec<Stratum>,
    /// People in the strata.
    pub people: u64,
    /// People left out, because a trait of theirs is not known.
    pub people_without_stratum: u64,
    /// The names of all conditions, by number.
    pub conditions: Vec<Arc<str>>,
    /// People in the strata with each condition.
    pub people_with: Vec<u64>,
    /// Conditions that enough people have to be paired.
    pub paired: Vec<ConditionId>,
    /// Every two of them, the first before the second in the order of the conditions.
    pub pairs: Vec<Pair>,
}

/// Two conditions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// The first, by name.
    pub first: ConditionId,
    /// The second.
    pub second: ConditionId,
    /// How many people have both, one or neither, over all strata.
    pub table: Table,
    /// Strata in which some have and some lack each condition.
    pub informative_strata: usize,
    /// Pooled odds ratio.
    pub odds_ratio: Ratio,
    /// The odds ratio; where it is unbounded, with half a person added to both of the sums that it
    /// divides. `None` when there is nothing to compare.
    pub odds_bounded: Option<f64>,
    /// Pooled risk of the second with the first over that without.
    pub risk_ratio: Ratio,
    /// Pooled risk of the first with the second over that without.
    pub risk_ratio_of_first: Ratio,
    /// Tests of no association; `None` when no stratum is informative.
    pub association: Option<NullTest>,
    /// The association's p value adjusted for all pairs tested.
    pub q_association: Option<f64>,
    /// Test of equal odds ratios over strata.
    pub homogeneity: Option<Homogeneity>,
    /// Which comes first.
    pub order: Order,
    /// The order's p value adjusted for all pairs tested.
    pub q_order: Option<f64>,
}

impl PairsParams {
    /// Measures every pair. The result does not depend on the number of threads.
    ///
    /// # Errors
    /// [`PairsError`] when a trait is unknown or there are too many pairs.
    #[expect(clippy::missing_panics_doc, reason = "every test gives a p value from 0 to 1")]
    pub fn measure(&self, people: &People) -> Result<Pairs, PairsError> {
        let strata = Strata::by(people, &self.strata)?;
        let columns = Columns::of(people, &strata);
        let people_with: Vec<u64> = people
            .conditions()
            .ids()
            .map(|condition| columns.with_condition(condition).iter().map(|count| u64::from(*count)).sum())
            .collect();
        let paired: Vec<ConditionId> = people
            .conditions()
            .ids()
            .filter(|condition| people_with[condition.index()] >= self.fewest_people)
            .collect();
        let count = paired.len() as u64;
        let pairs = count * count.saturating_sub(1) / 2;
        if pairs > MOST_PAIRS {
            return Err(PairsError::TooManyPairs {
                conditions: count,
                pairs,
                fewest_people: self.fewest_people,
            });
        }
        let mut pairs: Vec<Pair> = (0..paired.len())
            .into_par_iter()
            .flat_map_iter(|first| row(people, &columns, paired[first], &paired[first + 1..]))
            .collect();
        let adjust = |p: Vec<Option<f64>>| {
            self.procedure.adjust(&p).expect("every test's p value is a number from 0 to 1")
        };
        let association =
            adjust(pairs.iter().map(|pair| pair.association.map(|association| association.p)).collect());
        let order = adjust(pairs.iter().map(|pair| pair.order.test.map(|test| test.p)).collect());
        for (pair, (association, order)) in pairs.iter_mut().zip(association.into_iter().zip(order)) {
            (pair.q_association, pair.q_order) = (association, order);
        }
        Ok(Pairs {
            strata_by: self.strata.clone(),
            strata: strata.described(people, &self.strata)?,
            people: people.len() as u64 - strata.unknown(),
            people_without_stratum: strata.unknown(),
            conditions: people.conditions().names().map(Arc::from).collect(),
            people_with,
            paired,
            pairs,
        })
    }
}

/// One condition with each of some later ones.
fn row(people: &People, columns: &Columns, first: ConditionId, others: &[ConditionId]) -> Vec<Pair> {
    let mut gaps = gaps_from(people, columns, first);
    let mut tables = Vec::new();
    let firsts = columns.with_condition(first);
    let pair = |second: &ConditionId| {
        tables.clear();
        let seconds = columns.with_condition(*second);
        let mut total = Table::default();
        for (stratum, people) in columns.people().enumerate() {
            let (with_first, with_second) = (u64::from(firsts[stratum]), u64::from(seconds[stratum]));
            let both =
                if with_first == 0 || with_second == 0 { 0 } else { columns.both(first, *second, stratum) };
            tables.push(Table::from_margins(both, with_first, with_second, people));
            total += tables[stratum];
        }
        let odds_ratio = pooled_odds_ratio(&tables);
        let reversed: Vec<Table> = tables.iter().map(Table::reversed).collect();
        Pair {
            first,
            second: *second,
            table: total,
            informative_strata: tables.iter().filter(|table| table.is_informative()).count(),
            odds_ratio,
            odds_bounded: match odds_ratio.absent {
                Some(Absent::Unbounded) => bounded_odds_ratio(&tables),
                _ => odds_ratio.estimate,
            },
            risk_ratio: pooled_risk_ratio(&tables),
            risk_ratio_of_first: pooled_risk_ratio(&reversed),
            association: NullTest::of(&tables),
            q_association: None,
            homogeneity: odds_ratio.estimate.and_then(|estimate| Homogeneity::of(&tables, estimate)),
            order: Order::of(&mut gaps[second.index()], total.both),
            q_order: None,
        }
    };
    others.iter().map(pair).collect()
}

/// Days from one condition to every later one, of everybody with both days, by condition.
fn gaps_from(people: &People, columns: &Columns, first: ConditionId) -> Vec<Vec<i64>> {
    let mut gaps = vec![Vec::new(); people.conditions().len()];
    for person in columns.people_with(first) {
        let person = people.person(person);
        let since = person.onsets().find(|onset| onset.condition == first).and_then(|onset| onset.day);
        let Some(since) = since else { continue };
        for onset in person.onsets().filter(|onset| onset.condition > first) {
            if let Some(day) = onset.day {
                gaps[onset.condition.index()].push(i64::from(day) - i64::from(since));
            }
        }
    }
    gaps
}

/// Why pairs can't be measured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PairsError {
    /// A trait for the strata is unknown.
    #[error(transparent)]
    Trait(#[from] TraitError),
    /// Too many conditions.
    #[error(
        "{conditions} conditions of at least {fewest_people} people make {pairs} pairs; permitted: \
         {MOST_PAIRS} at most, so pair only conditions of more people"
    )]
    TooManyPairs {
        /// Conditions of enough people.
        conditions: u64,
        /// Their pairs.
        pairs: u64,
        /// What is enough.
        fewest_people: u64,
    },
}
