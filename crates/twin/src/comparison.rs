//! Two runs of the same people with common random numbers, and their paired differences.
//!
//! Every random stream is keyed by (seed, process, subject), so both runs of a replication draw the same
//! numbers for the same people and what differs is what the scenario changed. Replications have seeds of
//! their own; the intervals are Student's over the differences of replications, since people who share a
//! queue are not independent of each other. Of few and rare events replications may agree by chance (one
//! death more in each), which would make Student's interval a point: sums get the wider of it and of one
//! that takes people as independent. A single replication has only the latter, which is too narrow where
//! people compete for services.

use serde::Serialize;

use crate::measure::{Activity, Followed, Group, History, Interval, Measure, RatioSum, UnitCosts, paired_t};
use crate::parameters::TwinParameters;
use crate::run::{TwinError, run};

/// The paired differences of two scenarios.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Name of the scenario compared with.
    pub base: String,
    /// Name of the scenario compared.
    pub alternative: String,
    /// Replications.
    pub replications: u32,
    /// People of each run.
    pub population: u64,
    /// Person-years followed in the base runs, all replications together.
    pub person_years: f64,
    /// One row for each group and measure.
    pub rows: Vec<Difference>,
}

/// One measure of one group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Whose.
    pub group: Group,
    /// Which.
    #[serde(serialize_with = "by_name")]
    pub measure: Measure,
    /// Its unit.
    pub unit: &'static str,
    /// Mean over the base runs.
    pub base: Option<f64>,
    /// Mean over the other runs.
    pub alternative: Option<f64>,
    /// Mean of the paired differences.
    pub difference: Option<f64>,
    /// Their 95 % interval.
    pub interval: Option<Interval>,
    /// The difference of each replication.
    pub by_replication: Vec<Option<f64>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn by_name<S: serde::Serializer>(measure: &Measure, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&measure.name())
}

impl Comparison {
    /// Runs both parameter sets `replications` times, with seeds counted up from that of `base`.
    ///
    /// Both sets must simulate the same people: they should differ in their scenario only. `progress` is
    /// told the people done, over all runs.
    ///
    /// # Errors
    /// [`TwinError`] of the first run that can't be made.
    pub fn run(
        base: &TwinParameters,
        alternative: &TwinParameters,
        followed: Followed,
        replications: u32,
        mut progress: impl FnMut(u64),
    ) -> Result<Self, TwinError> {
        let costs = [base, alternative].map(|parameters| UnitCosts::of(&parameters.supply));
        let groups = Group::ALL;
        let mut arms: [Vec<Vec<Activity>>; 2] = [Vec::new(), Vec::new()];
        let mut by_person = ByPerson::new(groups.len());
        let mut done = 0;
        for replication in 0..replications {
            by_person.start();
            for (arm, parameters) in [base, alternative].into_iter().enumerate() {
                let parameters = TwinParameters {
                    seed: base.seed.wrapping_add(u64::from(replication)),
                    ..parameters.clone()
                };
                let mut activities = vec![Activity::default(); groups.len()];
                run::<TwinError>(
                    &parameters,
                    |journey| {
                        let history = History::of(&journey.truth);
                        activities[0].add(&history, followed, &costs[arm]);
                        if let Some(quintile) = history.quintile() {
                            activities[quintile + 1].add(&history, followed, &costs[arm]);
                        }
                        by_person.add(arm, &history, followed, &costs[arm]);
                        Ok(())
                    },
                    |people| progress(done + people),
                )?;
                done += parameters.population;
                arms[arm].push(activities);
            }
        }
        let mut rows = Vec::new();
        for (index, group) in groups.into_iter().enumerate() {
            for measure in Measure::all() {
                let values = |arm: usize| {
                    arms[arm].iter().map(|activities| activities[index].value(measure)).collect::<Vec<_>>()
                };
                let mut row = Difference::of(group, measure, &values(0), &values(1));
                if let Some((difference, half)) = row.difference.zip(by_person.half_width(index, measure)) {
                    let student = row.interval.map_or(0.0, |own| (own.upper - own.lower) / 2.0);
                    let half = half.max(student);
                    row.interval = Some(Interval { lower: difference - half, upper: difference + half });
                }
                rows.push(row);
            }
        }
        Ok(Self {
            base: base.scenario.name.clone(),
            alternative: alternative.scenario.name.clone(),
            replications,
            population: base.population,
            person_years: arms[0].iter().map(|activities| activities[0].person_years()).sum(),
            rows,
        })
    }

    /// Whether every difference is exactly nothing.
    pub fn is_nothing(&self) -> bool {
        self.rows
            .iter()
            .flat_map(|row| &row.by_replication)
            .all(|difference| difference.is_none_or(|d| d == 0.0))
    }

    /// The row of a group and measure.
    pub fn row(&self, group: Group, measure: Measure) -> Option<&Difference> {
        self.rows.iter().find(|row| row.group == group && row.measure == measure)
    }
}

impl Difference {
    fn of(group: Group, measure: Measure, base: &[Option<f64>], alternative: &[Option<f64>]) -> Self {
        let mean = |values: &[Option<f64>]| {
            let defined: Vec<f64> = values.iter().copied().flatten().collect();
            (!defined.is_empty()).then(|| defined.iter().sum::<f64>() / defined.len() as f64)
        };
        let by_replication: Vec<Option<f64>> =
            base.iter().zip(alternative).map(|(base, other)| Some((*other)? - (*base)?)).collect();
        let defined: Vec<f64> = by_replication.iter().copied().flatten().collect();
        // An interval over the few replications that define a measure would be of other people.
        let paired = (defined.len() == by_replication.len()).then(|| paired_t(&defined)).flatten();
        Self {
            group,
            measure,
            unit: measure.unit(),
            base: mean(base),
            alternative: mean(alternative),
            difference: mean(&by_replication),
            interval: paired.and_then(|(_, interval)| interval),
            by_replication,
        }
    }
}

/// Each person's part in the summed measures of both runs.
#[derive(Debug)]
struct ByPerson {
    /// Of the present replication's base run.
    base: Vec<([f64; Measure::SUMMED.len()], f64)>,
    /// Paired differences of all replications, by group.
    differences: Vec<[RatioSum; Measure::SUMMED.len()]>,
    next: usize,
}

impl ByPerson {
    fn new(groups: usize) -> Self {
        let differences = vec![[RatioSum::default(); Measure::SUMMED.len()]; groups];
        Self { base: Vec::new(), differences, next: 0 }
    }

    /// Another replication begins, of other people.
    fn start(&mut self) {
        self.base.clear();
        self.next = 0;
    }

    fn add(&mut self, arm: usize, history: &History, followed: Followed, costs: &UnitCosts) {
        let sums = Activity::of_person(history, followed, costs);
        if arm == 0 {
            self.base.push((sums, history.person_years(followed)));
            return;
        }
        // Journeys come in order of subject in both runs.
        if let Some((base, years)) = self.base.get(self.next) {
            for group in std::iter::once(0).chain(history.quintile().map(|quintile| quintile + 1)) {
                for ((sum, other), own) in self.differences[group].iter_mut().zip(sums).zip(base) {
                    sum.add(other - own, *years);
                }
            }
        }
        self.next += 1;
    }

    /// Half the width of the interval that takes people as independent.
    fn half_width(&self, group: usize, measure: Measure) -> Option<f64> {
        let index = Measure::SUMMED.iter().position(|other| *other == measure)?;
        let interval = self.differences[group][index].linearised()?.scaled(measure.per_person_year());
        Some((interval.upper - interval.lower) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One death more in each of five replications: a count of five, of which the Poisson's standard
    /// deviation is the root, though the replications agree to the last digit.
    #[test]
    fn ref_rare_events_keep_the_width_of_their_count() {
        let deaths = Measure::SUMMED.iter().position(|measure| *measure == Measure::Deaths).unwrap();
        let mut by_person = ByPerson::new(1);
        for person in 0..5_000 {
            let more = f64::from(u8::from(person % 1_000 == 0));
            by_person.differences[0][deaths].add(more, 1.0);
        }
        let difference = 0.001 * Measure::Deaths.per_person_year();
        let half = by_person.half_width(0, Measure::Deaths).unwrap();
        assert!((half / difference - 1.96 / f64::sqrt(5.0)).abs() < 1e-3, "{half} for {difference}");
    }
}
