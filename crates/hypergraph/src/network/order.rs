//! Which of two conditions comes first, and how long after it the other.

use serde::Serialize;

use super::ratio::Interval;
use crate::distribution::{Z_95, as_p, fair_coin_lower, normal_two_sided};

/// The order in which people got two conditions, among those who have both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Order {
    /// People with the first condition on an earlier day.
    pub first_before: u64,
    /// People with the second condition on an earlier day.
    pub second_before: u64,
    /// People with both on one day; they say nothing of the order and are not tested.
    pub same_day: u64,
    /// People with a day missing.
    pub undated: u64,
    /// Share with the first condition before, of those with an order.
    pub share_first_before: Option<f64>,
    /// Its 95 % interval (Wilson).
    pub interval: Option<Interval>,
    /// Test that either order is as likely.
    pub test: Option<OrderTest>,
    /// Days from the first condition to the second, of those with the first before.
    pub days_to_second: Option<Gap>,
    /// Days from the second condition to the first, of those with the second before.
    pub days_to_first: Option<Gap>,
}

/// Tests that either order is as likely.
///
/// # Source
/// Score test and Wilson's interval: J Am Stat Assoc 1927;22:209. The statistic with the variance of
/// the share seen is that of the MultiNet program (2022).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OrderTest {
    /// Standard score with the variance of even shares.
    pub z: f64,
    /// Standard score with the variance of the share seen; `None` where everybody had one order, for
    /// there it has no variance.
    pub z_of_share_seen: Option<f64>,
    /// Two-sided p value of `z_of_share_seen`.
    pub p_of_share_seen: Option<f64>,
    /// Exact two-sided binomial p value, the one to go by.
    pub p: f64,
}

/// Days between two conditions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Gap {
    /// The median.
    pub median: f64,
    /// Its interval between two order statistics, of at least 95 % confidence; `None` for fewer than
    /// six people.
    pub interval: Option<[i64; 2]>,
}

impl Order {
    /// The order of two conditions.
    ///
    /// # Arguments
    /// `days`: days from the first to the second condition, of everybody with both days; left in
    /// another order. `both`: people with both conditions.
    pub(crate) fn of(days: &mut [i64], both: u64) -> Self {
        days.sort_unstable();
        let second_before = days.partition_point(|gap| *gap < 0);
        let not_after = days.partition_point(|gap| *gap <= 0);
        let first_before = days.len() - not_after;
        let mut reversed: Vec<i64> = days[..second_before].iter().rev().map(|gap| -gap).collect();
        reversed.sort_unstable();
        let ordered = (first_before + second_before) as u64;
        let share = (ordered > 0).then(|| first_before as f64 / ordered as f64);
        Self {
            first_before: first_before as u64,
            second_before: second_before as u64,
            same_day: (not_after - second_before) as u64,
            undated: both - days.len() as u64,
            share_first_before: share,
            interval: share.map(|share| wilson(share, ordered as f64)),
            test: share.map(|share| OrderTest::of(share, first_before as u64, second_before as u64)),
            days_to_second: Gap::of(&days[not_after..]),
            days_to_first: Gap::of(&reversed),
        }
    }
}

impl OrderTest {
    fn of(share: f64, first: u64, second: u64) -> Self {
        let ordered = (first + second) as f64;
        let z_of_share_seen =
            (first > 0 && second > 0).then(|| (share - 0.5) / (share * (1.0 - share) / ordered).sqrt());
        Self {
            z: (share - 0.5) / (0.25 / ordered).sqrt(),
            z_of_share_seen,
            p_of_share_seen: z_of_share_seen.map(normal_two_sided),
            p: as_p(2.0 * fair_coin_lower(first.min(second), first + second)),
        }
    }
}

fn wilson(share: f64, people: f64) -> Interval {
    let square = Z_95 * Z_95;
    let centre = share + square / (2.0 * people);
    let half = Z_95 * (share * (1.0 - share) / people + square / (4.0 * people * people)).sqrt();
    let scale = 1.0 + square / people;
    let limit = |value: f64| (value / scale).clamp(0.0, 1.0);
    Interval { lower: limit(centre - half), upper: Some(limit(centre + half)) }
}

impl Gap {
    /// The median of sorted gaps; `None` without any.
    ///
    /// # Source
    /// The interval is that of the sign test: David and Nagaraja, Order Statistics, 3rd ed., 7.1.
    fn of(sorted: &[i64]) -> Option<Self> {
        let people = sorted.len();
        let middle = *sorted.get(people / 2)?;
        let median =
            if people % 2 == 1 { middle as f64 } else { (sorted[people / 2 - 1] + middle) as f64 / 2.0 };
        // The largest rank below which the median lies with a chance of at most 2.5 %.
        let rank = last_in_tail(people as u64);
        let interval = rank.map(|rank| [sorted[rank as usize], sorted[people - 1 - rank as usize]]);
        Some(Self { median, interval })
    }
}

/// The largest k with a chance of at most 2.5 % of k heads or fewer.
fn last_in_tail(tosses: u64) -> Option<u64> {
    let guess = (tosses as f64 / 2.0 - Z_95 * (tosses as f64).sqrt() / 2.0 - 1.0).max(0.0) as u64;
    let mut rank = guess;
    while fair_coin_lower(rank, tosses) > 0.025 {
        rank = rank.checked_sub(1)?;
    }
    while fair_coin_lower(rank + 1, tosses) <= 0.025 {
        rank += 1;
    }
    Some(rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-10 * expected.abs().max(1e-6), "{found} {expected}");
    }

    fn order(first: usize, second: usize) -> Order {
        let mut days: Vec<i64> = [vec![3; first], vec![-5; second]].concat();
        Order::of(&mut days, (first + second) as u64)
    }

    #[test]
    fn ref_orders_against_statsmodels() {
        // statsmodels 0.15.0, scipy 1.17.1 (tests/reference/statistics.py).
        for (first, second, z, p_of_share, p, low, high) in [
            (
                30,
                12,
                3.074_085_229_787_879_6,
                0.002_111_491_006_670_601_6,
                0.007_915_897_334_896_727,
                0.564_327_907_318_046_3,
                0.828_329_753_739_509_1,
            ),
            (7, 7, 0.0, 1.0, 1.0, 0.267_992_024_524_136_34, 0.732_007_975_475_863_7),
            (
                900,
                1100,
                -4.494_665_749_754_946,
                6.967_931_072_849_876e-6,
                8.457_089_535_503_81e-6,
                0.428_313_327_492_372_55,
                0.471_878_377_235_752_7,
            ),
        ] {
            let found = order(first, second);
            let (test, interval) = (found.test.unwrap(), found.interval.unwrap());
            close(test.z_of_share_seen.unwrap(), z);
            close(test.p_of_share_seen.unwrap(), p_of_share);
            close(test.p, p);
            close(interval.lower, low);
            close(interval.upper.unwrap(), high);
        }
    }

    #[test]
    fn regress_one_order_alone_has_a_finite_test() {
        // scipy 1.17.1: binomtest(5, 5).pvalue = 0.0625; the share seen has no variance.
        let found = order(5, 0);
        let test = found.test.unwrap();
        close(test.p, 0.0625);
        close(test.z, 5.0_f64.sqrt());
        assert_eq!((test.z_of_share_seen, test.p_of_share_seen), (None, None));
        close(found.interval.unwrap().lower, 0.565_517_535_216_825_2);
        assert_eq!(found.days_to_first, None);
    }

    #[test]
    fn regress_ties_and_missing_days_stand_apart() {
        let found = Order::of(&mut [0, 4, 0, -9, 10, 2], 8);
        assert_eq!((found.first_before, found.second_before, found.same_day, found.undated), (3, 1, 2, 2));
        assert_eq!(found.days_to_second, Some(Gap { median: 4.0, interval: None }));
        assert_eq!(found.days_to_first, Some(Gap { median: 9.0, interval: None }));
        let nobody = Order::of(&mut [], 3);
        assert_eq!((nobody.undated, nobody.test, nobody.share_first_before), (3, None, None));
    }

    #[test]
    fn ref_the_medians_interval_takes_tabulated_ranks() {
        // Conover, Practical Nonparametric Statistics, 3rd ed., 3.2: of 16 ordered values the 4th and
        // the 13th (97.9 %); of six the least and the greatest (96.9 %). Recalled; 1 - 2 P(X <= 3 of
        // 16) = 0.979 and 1 - 2 / 64 = 0.969 confirm it.
        let sorted: Vec<i64> = (1..=16).collect();
        let gap = Gap::of(&sorted).unwrap();
        assert_eq!(gap, Gap { median: 8.5, interval: Some([4, 13]) });
        assert_eq!(Gap::of(&[1, 2, 3, 4, 5, 6]).unwrap().interval, Some([1, 6]));
        assert_eq!(Gap::of(&[1, 2, 3, 4, 5]).unwrap().interval, None);
    }

    #[test]
    fn law_the_medians_rank_is_the_last_in_the_tail() {
        for tosses in 0..3000 {
            match last_in_tail(tosses) {
                Some(rank) => {
                    assert!(fair_coin_lower(rank, tosses) <= 0.025, "{tosses}");
                    assert!(fair_coin_lower(rank + 1, tosses) > 0.025, "{tosses}");
                }
                None => assert!(tosses < 6, "{tosses}"),
            }
        }
    }
}
