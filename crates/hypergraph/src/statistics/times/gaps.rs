//! Median days along an arc.

use serde::Serialize;

use crate::statistics::probability::binomial_at_most;
use crate::statistics::step::{Arcs, for_each_step};
use crate::{ConditionId, People};

/// How long people took along one arc: from the last condition of the tail to the head.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ArcTime {
    /// The conditions before.
    pub tail: Vec<ConditionId>,
    /// The next one.
    pub head: ConditionId,
    /// How long it took.
    #[serde(flatten)]
    pub time: StepTime,
}

/// How long a step took.
///
/// # Units
/// Days.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct StepTime {
    /// People who took it; a fraction where conditions of one day leave the order open.
    pub people: f64,
    /// The share of them with both on one day.
    pub same_day: f64,
    /// Median; none when nobody took it.
    pub median_days: Option<f64>,
    /// Interval of the median; none when too few people took it for the level asked.
    pub interval_days: Option<(f64, f64)>,
    /// Lower and upper quartile.
    pub quartiles_days: Option<(f64, f64)>,
}

/// The times along arcs, over people all of whose conditions are dated.
///
/// The interval is between the order statistics whose ranks a Binomial(n, 1/2) puts the median
/// between with at least the probability `level`; it assumes no distribution of the times.
///
/// # Source
/// Order-statistic interval: David and Nagaraja 2003, Order Statistics, section 7.1.
///
/// # Limits
/// Times of those who took the step, people with an undated condition or more than ten on one day left
/// out: what would follow of those still without it, or dead, is in
/// [`next_after`](super::next_after). Where people count in fractions, n is their effective number
/// (Kish), the squared sum of shares over the sum of squares.
pub fn times_along(people: &People, arcs: &[(Vec<ConditionId>, ConditionId)], level: f64) -> Vec<ArcTime> {
    let places = Arcs::of(arcs);
    let mut gaps: Vec<Vec<(i64, f64)>> = vec![Vec::new(); arcs.len()];
    for person in people.iter() {
        for_each_step(person, |step| {
            let days = i64::from(step.day) - i64::from(step.since);
            places.places(&step).for_each(|place| gaps[place].push((days, step.share)));
        });
    }
    arcs.iter()
        .zip(gaps)
        .map(|((tail, head), mut gaps)| {
            gaps.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
            let sample = Sample::of(&gaps);
            let time = StepTime {
                people: sample.total,
                same_day: sample.share_at_most(0),
                median_days: sample.quantile(0.5),
                interval_days: sample.median_interval(level),
                quartiles_days: sample.quantile(0.25).zip(sample.quantile(0.75)),
            };
            ArcTime { tail: tail.clone(), head: *head, time }
        })
        .collect()
}

/// Sorted values and their weights.
struct Sample<'a> {
    values: &'a [(i64, f64)],
    total: f64,
    squares: f64,
}

impl<'a> Sample<'a> {
    fn of(values: &'a [(i64, f64)]) -> Self {
        let total = values.iter().map(|value| value.1).sum();
        Self { values, total, squares: values.iter().map(|value| value.1 * value.1).sum() }
    }

    fn share_at_most(&self, most: i64) -> f64 {
        if self.total > 0.0 {
            self.values.iter().take_while(|value| value.0 <= most).map(|value| value.1).sum::<f64>()
                / self.total
        } else {
            0.0
        }
    }

    /// The first value at which the weights so far reach a sum.
    fn reaching(&self, sum: f64) -> Option<f64> {
        let mut so_far = 0.0;
        let reached = |value: &&(i64, f64)| {
            so_far += value.1;
            so_far >= sum - 1e-9
        };
        self.values.iter().find(reached).or(self.values.last()).map(|value| value.0 as f64)
    }

    /// The mean of the two values between which the share lies; the same value when within one.
    fn quantile(&self, share: f64) -> Option<f64> {
        let at = share * self.total;
        self.reaching(at).zip(self.reaching(at + 3e-9)).map(|(low, high)| 0.5 * (low + high))
    }

    fn median_interval(&self, level: f64) -> Option<(f64, f64)> {
        if self.squares <= 0.0 {
            return None;
        }
        let number = (self.total * self.total / self.squares + 1e-9).floor();
        let outside = 0.5 * (1.0 - level.clamp(0.0, 1.0));
        // Binary search on the rank: the binomial's distribution function only rises.
        let (mut rank, mut beyond) = (0_i64, number as i64 / 2 + 1);
        while beyond - rank > 1 {
            let middle = i64::midpoint(rank, beyond);
            if binomial_at_most(number as u64, 0.5, middle - 1) <= outside {
                rank = middle;
            } else {
                beyond = middle;
            }
        }
        let unit = self.total / number;
        let other = number - rank as f64 + 1.0;
        if rank == 0 {
            return None;
        }
        self.reaching(rank as f64 * unit).zip(self.reaching(other * unit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Onset;

    fn times(days: impl IntoIterator<Item = i32>) -> StepTime {
        let mut builder = People::builder();
        let (a, b) = (builder.condition("a"), builder.condition("b"));
        for day in days {
            builder.person(&[Onset::on(a, 1000), Onset::on(b, 1000 + day)], None);
        }
        times_along(&builder.build(), &[(vec![a], b)], 0.95).remove(0).time
    }

    #[test]
    fn ref_ranks_of_the_median_interval_of_the_tables() {
        // Conover 1999, Practical Nonparametric Statistics (ranks of the sign test, from memory): n = 10
        // gives ranks 2 and 9, n = 20 ranks 6 and 15, n = 5 none at 95 %.
        assert_eq!(times(1..=10).interval_days, Some((2.0, 9.0)));
        assert_eq!(times(1..=20).interval_days, Some((6.0, 15.0)));
        assert_eq!(times(1..=5).interval_days, None);
        assert_eq!(times(1..=10).median_days, Some(5.5));
        assert_eq!(times(1..=9).median_days, Some(5.0));
        assert_eq!(times([]).median_days, None);
    }

    #[test]
    fn law_the_median_interval_covers_the_median() {
        use crate::statistics::random::{Purpose, below, stream};
        // Median 500 of 0..=1000; at least 95 % of 2,000 samples of 31: below 0.935 once in a thousand.
        let mut generator = stream(7, Purpose::Simulation, 0);
        let covered = (0..2000)
            .filter(|_| {
                let sample: Vec<i32> = (0..31).map(|_| 1 + below(&mut generator, 1001) as i32).collect();
                times(sample).interval_days.is_some_and(|(low, high)| low <= 501.0 && 501.0 <= high)
            })
            .count();
        assert!(covered >= 1870, "{covered}");
    }

    #[test]
    fn regress_a_day_shared_counts_half_each_way() {
        let found = times([0, 0, 10, 30]);
        assert_eq!((found.people, found.same_day), (3.0, 1.0 / 3.0));
        assert_eq!(found.median_days, Some(10.0));
    }
}
