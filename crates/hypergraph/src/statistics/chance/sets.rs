//! How often a set of conditions would occur together if conditions were shared out by chance.

use rayon::prelude::*;
use serde::Serialize;

use super::curveball;
use crate::statistics::columns::Columns;
use crate::statistics::discovery::adjusted;
use crate::statistics::probability::FittedCount;
use crate::statistics::random::{Purpose, stream};
use crate::{ConditionId, People, Trait};

/// How many random tables to draw, and how thoroughly to mix each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trades {
    /// Random tables; at least 1 is drawn. No p is below 2 over one more.
    pub replicates: u32,
    /// Rounds of trades for each; doubled up to three times while the tables still drift.
    pub rounds: u32,
    /// The seed.
    pub seed: u64,
}

impl Default for Trades {
    fn default() -> Self {
        Self { replicates: 2000, rounds: 20, seed: 1 }
    }
}

/// Whether the tables were mixed enough.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Mixing {
    /// Rounds of trades that each table went through.
    pub rounds: u32,
    /// Mean share of (person, condition) pairs observed that a table no longer holds.
    pub moved: f64,
    /// The same share after half the rounds.
    pub moved_halfway: f64,
    /// Standardised change, between half of the rounds and all, of the sets' summed squared counts.
    pub drift_z: f64,
    /// Whether that change lies within 4, which an unmixed table's does not.
    pub settled: bool,
}

/// One set of conditions, observed and by chance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SetByChance {
    /// The conditions.
    pub conditions: Vec<ConditionId>,
    /// People observed with all of them.
    pub observed: u64,
    /// Mean number of people over the random tables.
    pub expected: f64,
    /// Standard deviation over the random tables.
    pub standard_deviation: f64,
    /// Observed over expected; none when no table has the set.
    pub ratio: Option<f64>,
    /// Observed less expected over the standard deviation; none when the tables do not differ.
    pub z: Option<f64>,
    /// Two-sided p from the tables, twice `(1 + as extreme) / (1 + tables)` of the rarer side: never below
    /// [`SetsByChance::smallest_p`].
    pub p: f64,
    /// Two-sided p from a count distribution of the tables' mean and variance.
    pub p_fitted: f64,
    /// `p` adjusted for all sets of this size (Benjamini and Hochberg).
    pub q: f64,
    /// `p_fitted` adjusted likewise.
    pub q_fitted: f64,
}

/// Sets of one size, which are adjusted together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Family {
    /// Conditions of a set.
    pub size: usize,
    /// Sets of that size that the conditions present allow: so many tests.
    pub tests: f64,
    /// Sets of that size that were given.
    pub given: usize,
    /// The q of one set of the smallest p if no other has it.
    pub smallest_q_alone: f64,
    /// The same if all sets given have it: no q can be smaller. Above a false discovery rate, that
    /// many tables cannot find anything at it, and only `q_fitted` tells.
    pub smallest_q: f64,
}

/// Sets against chance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SetsByChance {
    /// Random tables drawn.
    pub replicates: u32,
    /// Whether they were mixed enough.
    pub mixing: Mixing,
    /// The smallest p that so many tables can give.
    pub smallest_p: f64,
    /// The smallest q that they can give, by size of the sets.
    pub families: Vec<Family>,
    /// The sets, in the order given.
    pub sets: Vec<SetByChance>,
}

/// Compares the people who have all of each set with tables in which every person keeps the number
/// of conditions, and every condition its number of people, in each stratum.
///
/// An overlap weight is the count over a margin that no table changes, so its ratio, z and p are
/// those of the count.
///
/// The false discovery rate is over **all** sets of a size that the conditions present allow, the
/// sets not given counting as p = 1: so it holds although the sets were chosen for being frequent.
///
/// # Source
/// The tables: see [`Trades`] and Strona 2014, Carstens 2015. The added one: Davison and Hinkley
/// 1997, section 4.2.1. `p_fitted` matches a binomial (negative binomial when over-dispersed) count
/// to two moments; with few replicates it ranks what `p` can't tell apart.
///
/// # Limits
/// People whose stratum is not known form one of their own. A set's conditions must be distinct.
pub fn sets_by_chance(
    people: &People,
    sets: &[Vec<ConditionId>],
    strata: Option<&Trait>,
    trades: Trades,
) -> SetsByChance {
    let levels = strata.map_or(0, |strata| strata.levels().len());
    let block = |person| strata.and_then(|strata| strata.level_of(person)).unwrap_or(levels);
    let observed = Columns::of(people, |person| Some(block(person)));
    let mut order: Vec<usize> = (0..sets.len()).collect();
    order.sort_by(|a, b| sets[*a].cmp(&sets[*b]));
    let sorted: Vec<Vec<ConditionId>> = order.iter().map(|place| sets[*place].clone()).collect();
    let supports = observed.supports(&sorted);
    let present: Vec<usize> = (0..people.conditions().len())
        .filter(|condition| observed.column(*condition).iter().any(|word| *word != 0))
        .collect();

    let mut rounds = trades.rounds.max(2);
    let mut drawn = draw(&observed, &sorted, &supports, &present, Trades { rounds, ..trades });
    for _ in 0..3 {
        if drawn.mixing.settled {
            break;
        }
        rounds = rounds.saturating_mul(2);
        drawn = draw(&observed, &sorted, &supports, &present, Trades { rounds, ..trades });
    }
    let replicates = trades.replicates.max(1);
    let mut found: Vec<Option<SetByChance>> = vec![None; sets.len()];
    for (sorted_place, place) in order.iter().enumerate() {
        let tally = &drawn.tallies[sorted_place];
        found[*place] = Some(tally.judged(sets[*place].clone(), supports[sorted_place], replicates));
    }
    let mut found: Vec<SetByChance> = found.into_iter().flatten().collect();
    let smallest_p = smallest_p(replicates);
    let families = adjust(&mut found, present.len(), smallest_p);
    SetsByChance { replicates, mixing: drawn.mixing, smallest_p, families, sets: found }
}

/// The two-sided p of what no table comes up to.
fn smallest_p(replicates: u32) -> f64 {
    (2.0 / (f64::from(replicates) + 1.0)).min(1.0)
}

/// Adjusts within each size, over all sets of that size.
fn adjust(found: &mut [SetByChance], conditions: usize, smallest_p: f64) -> Vec<Family> {
    let most = found.iter().map(|set| set.conditions.len()).max().unwrap_or(0);
    let mut families = Vec::new();
    for size in 0..=most {
        let places: Vec<usize> =
            (0..found.len()).filter(|place| found[*place].conditions.len() == size).collect();
        if places.is_empty() {
            continue;
        }
        let tests = (0..size).fold(1.0, |ways, chosen| {
            ways * (conditions as f64 - chosen as f64).max(0.0) / (chosen as f64 + 1.0)
        });
        let p: Vec<f64> = places.iter().map(|place| found[*place].p).collect();
        let fitted: Vec<f64> = places.iter().map(|place| found[*place].p_fitted).collect();
        for ((place, q), q_fitted) in places.iter().zip(adjusted(&p, tests)).zip(adjusted(&fitted, tests)) {
            found[*place].q = q;
            found[*place].q_fitted = q_fitted;
        }
        let smallest = |times: usize| {
            let mut p = vec![1.0; places.len()];
            p[..times].fill(smallest_p);
            adjusted(&p, tests)[0]
        };
        families.push(Family {
            size,
            tests,
            given: places.len(),
            smallest_q_alone: smallest(1),
            smallest_q: smallest(places.len()),
        });
    }
    families
}

struct Drawn {
    tallies: Vec<Tally>,
    mixing: Mixing,
}

/// Sums over tables; whole numbers, so that no order of adding changes them.
#[derive(Clone, Copy, Default)]
struct Tally {
    sum: u64,
    squares: u128,
    as_many: u32,
    as_few: u32,
}

impl Tally {
    fn add(&mut self, support: u64, observed: u64) {
        self.sum += support;
        self.squares += u128::from(support) * u128::from(support);
        self.as_many += u32::from(support >= observed);
        self.as_few += u32::from(support <= observed);
    }

    fn merge(&mut self, other: &Self) {
        self.sum += other.sum;
        self.squares += other.squares;
        self.as_many += other.as_many;
        self.as_few += other.as_few;
    }

    fn judged(&self, conditions: Vec<ConditionId>, observed: u64, replicates: u32) -> SetByChance {
        let tables = f64::from(replicates);
        let expected = self.sum as f64 / tables;
        let total = u128::from(self.sum);
        let spread = u128::from(replicates) * self.squares - total * total;
        let variance = spread as f64 / (tables * (tables - 1.0).max(1.0));
        let standard_deviation = variance.sqrt();
        let tail = |as_extreme: u32| f64::from(as_extreme + 1) / (tables + 1.0);
        // A set that no table holds may still be held by half of one: zero would exclude it.
        let fitted = FittedCount::new(
            expected.max(0.5 / tables),
            variance.max(if self.sum == 0 { 0.5 / tables } else { 0.0 }),
        );
        let p_fitted = if spread == 0 && total == u128::from(replicates) * u128::from(observed) {
            1.0
        } else {
            fitted.two_sided(observed as f64)
        };
        SetByChance {
            conditions,
            observed,
            expected,
            standard_deviation,
            ratio: (expected > 0.0).then(|| observed as f64 / expected),
            z: (variance > 0.0).then(|| (observed as f64 - expected) / standard_deviation),
            p: (2.0 * tail(self.as_many).min(tail(self.as_few))).min(1.0),
            p_fitted,
            q: 1.0,
            q_fitted: 1.0,
        }
    }
}

fn draw(
    observed: &Columns,
    sets: &[Vec<ConditionId>],
    supports: &[u64],
    present: &[usize],
    trades: Trades,
) -> Drawn {
    let ones = observed.ones().max(1) as f64;
    let replicate = |number: u32| {
        let mut columns = observed.clone();
        let mut generator = stream(trades.seed, Purpose::Trades, u64::from(number));
        let mut order = present.to_vec();
        let half = trades.rounds / 2;
        for _ in 0..half {
            curveball::round(&mut columns, &mut order, &mut generator);
        }
        let moved_halfway = observed.ones_lost_in(&columns) as f64 / ones;
        let halfway: f64 = columns.supports(sets).iter().map(|n| (*n as f64).powi(2)).sum();
        for _ in half..trades.rounds {
            curveball::round(&mut columns, &mut order, &mut generator);
        }
        let found = columns.supports(sets);
        let end: f64 = found.iter().map(|n| (*n as f64).powi(2)).sum();
        (found, [moved_halfway, observed.ones_lost_in(&columns) as f64 / ones, end - halfway])
    };
    let mut tallies = vec![Tally::default(); sets.len()];
    let mut diagnostics: Vec<[f64; 3]> = Vec::new();
    let numbers: Vec<u32> = (0..trades.replicates.max(1)).collect();
    // A batch at a time, so that a hundred thousand tables need no more memory than a thousand.
    for batch in numbers.chunks(256) {
        let parts: Vec<(Vec<Tally>, Vec<[f64; 3]>)> = batch
            .par_chunks(8)
            .map(|chunk| {
                let mut part = vec![Tally::default(); sets.len()];
                let notes = chunk.iter().map(|number| {
                    let (found, note) = replicate(*number);
                    for ((tally, support), seen) in part.iter_mut().zip(found).zip(supports) {
                        tally.add(support, *seen);
                    }
                    note
                });
                let notes = notes.collect();
                (part, notes)
            })
            .collect();
        for (part, notes) in parts {
            tallies.iter_mut().zip(&part).for_each(|(tally, other)| tally.merge(other));
            diagnostics.extend(notes);
        }
    }
    Drawn { tallies, mixing: mixing(&diagnostics, trades.rounds) }
}

fn mixing(diagnostics: &[[f64; 3]], rounds: u32) -> Mixing {
    let number = diagnostics.len() as f64;
    let mean = |place: usize| diagnostics.iter().map(|note| note[place]).sum::<f64>() / number;
    let drift = mean(2);
    let squares: f64 = diagnostics.iter().map(|note| (note[2] - drift).powi(2)).sum();
    let error = (squares / (number - 1.0).max(1.0) / number).sqrt();
    let drift_z = if error > 0.0 { drift / error } else { 0.0 };
    Mixing { rounds, moved: mean(1), moved_halfway: mean(0), drift_z, settled: drift_z.abs() <= 4.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Onset;
    use crate::statistics::random::below;

    /// 3,000 people, ten conditions had independently; `planted` people more have the first three.
    fn cohort(seed: u64, planted: usize) -> People {
        let mut builder = People::builder();
        let ids: Vec<ConditionId> = (0..10).map(|place| builder.condition(&format!("c{place}"))).collect();
        let mut generator = stream(seed, Purpose::Simulation, 0);
        for person in 0..3000 {
            let onsets: Vec<Onset> = ids
                .iter()
                .enumerate()
                .filter(|(place, _)| {
                    below(&mut generator, 100) < 6 + *place as u32 || (person < planted && *place < 3)
                })
                .map(|(_, id)| Onset::undated(*id))
                .collect();
            builder.person(&onsets, None);
        }
        builder.build()
    }

    fn sets(people: &People) -> Vec<Vec<ConditionId>> {
        let ids: Vec<ConditionId> = people.conditions().ids().collect();
        let mut sets = Vec::new();
        for (a, first) in ids.iter().enumerate() {
            for (b, second) in ids.iter().enumerate().skip(a + 1) {
                sets.push(vec![*first, *second]);
                sets.extend(ids[b + 1..].iter().map(|third| vec![*first, *second, *third]));
            }
        }
        sets
    }

    #[test]
    fn law_a_planted_triple_is_found_and_independence_is_not_mistaken() {
        let trades = Trades { replicates: 100, rounds: 10, seed: 9 };
        let planted = cohort(1, 40);
        let sets = sets(&planted);
        let found = sets_by_chance(&planted, &sets, None, trades);
        assert!(found.mixing.settled && found.mixing.moved > 0.5, "{:?}", found.mixing);
        // 45 pairs and 120 triples are possible, and all were given.
        let family = &found.families[0];
        assert_eq!((found.families.len(), family.size, family.tests, family.given), (2, 2, 45.0, 45));
        assert!((found.smallest_p - 2.0 / 101.0).abs() < 1e-15);
        assert!((family.smallest_q - found.smallest_p).abs() < 1e-15);
        assert!((family.smallest_q_alone - 45.0 * found.smallest_p).abs() < 1e-12);
        for set in &found.sets {
            let family = &found.families[set.conditions.len() - 2];
            assert!(set.p >= found.smallest_p && set.q >= family.smallest_q * (1.0 - 1e-12), "{set:?}");
        }
        let triple = planted.conditions().ids().take(3).collect::<Vec<_>>();
        let best =
            found.sets.iter().min_by(|a, b| a.p_fitted.total_cmp(&b.p_fitted)).expect("sets were given");
        assert_eq!(best.conditions, triple);
        assert!(best.q_fitted < 1e-6 && best.p < 0.02, "{best:?}");

        // Families (pairs, triples) with any discovery at 5 %: 0.05 of them; 6 or more of 40 come by
        // chance once in seventy seeds if every family reaches its 5 %.
        let false_families: usize = (0..20)
            .map(|seed| {
                let found = sets_by_chance(&cohort(100 + seed, 0), &sets, None, trades);
                [2, 3]
                    .iter()
                    .filter(|size| {
                        found.sets.iter().any(|set| set.conditions.len() == **size && set.q_fitted <= 0.05)
                    })
                    .count()
            })
            .sum();
        assert!(false_families < 6, "{false_families}");
    }

    #[test]
    fn law_threads_and_order_of_sets_change_nothing() {
        let people = cohort(2, 10);
        let mut sets = sets(&people);
        let trades = Trades { replicates: 20, rounds: 4, seed: 2 };
        let run = |threads: usize, sets: &[Vec<ConditionId>]| {
            let pool =
                rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads are to be had");
            pool.install(|| sets_by_chance(&people, sets, None, trades))
        };
        let one = run(1, &sets);
        assert_eq!(one, run(3, &sets));
        sets.reverse();
        let mut reversed = run(2, &sets).sets;
        reversed.reverse();
        assert_eq!(one.sets, reversed);
    }

    #[test]
    fn law_strata_explain_what_only_they_cause() {
        // The first two conditions are common among the old and rare among the young, independently of
        // each other; four more do not depend on age.
        let mut builder = People::builder();
        let ids: Vec<ConditionId> = (0..6).map(|place| builder.condition(&format!("c{place}"))).collect();
        let mut generator = stream(4, Purpose::Simulation, 0);
        let mut levels = Vec::new();
        for person in 0..4000 {
            let (level, percent) = if person % 2 == 0 { ("old", 50) } else { ("young", 5) };
            let mut onsets = Vec::new();
            for (place, id) in ids.iter().enumerate() {
                if below(&mut generator, 100) < if place < 2 { percent } else { 30 } {
                    onsets.push(Onset::undated(*id));
                }
            }
            builder.person(&onsets, None);
            levels.push(Some(level));
        }
        let people = builder.build();
        let age = Trait::new("age", levels).expect("it has a name");
        let pair = [ids[..2].to_vec()];
        let trades = Trades { replicates: 100, rounds: 20, seed: 1 };
        let crude = &sets_by_chance(&people, &pair, None, trades).sets[0];
        let within = &sets_by_chance(&people, &pair, Some(&age), trades).sets[0];
        assert!(crude.p_fitted < 1e-6, "{crude:?}");
        // Independent within age: beyond 3.3 for one seed in a thousand.
        assert!(within.z.is_some_and(|z| z.abs() < 3.3), "{within:?}");
    }

    #[test]
    fn regress_nobody_and_nothing_are_defined() {
        let nobody = sets_by_chance(&People::builder().build(), &[], None, Trades::default());
        assert_eq!((nobody.sets.len(), nobody.mixing.moved), (0, 0.0));
        let mut builder = People::builder();
        let (a, b) = (builder.condition("a"), builder.condition("b"));
        builder.person(&[Onset::undated(a)], None);
        let one = sets_by_chance(&builder.build(), &[vec![a, b], vec![]], None, Trades::default());
        assert!(one.sets.iter().all(|set| set.observed == 0 && set.p_fitted <= 1.0 && set.expected == 0.0));
    }
}
