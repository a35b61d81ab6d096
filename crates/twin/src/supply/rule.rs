//! Who is taken first from a list.

use super::parameters::Rule;
use super::{ClosedSet, Priority};
use crate::engine::Moment;
use twinloom_event::MICROSECONDS_PER_DAY;

/// What each step of clinical priority is worth where waiting counts too.
const AGEING_DAYS_PER_STEP: i64 = 28;
/// What each step of deprivation decile is worth within a clinical priority.
const DEPRIVATION_DAYS_PER_DECILE: i64 = 7;

/// Place on a list: the least goes first. It never changes while someone waits.
pub(crate) type Rank = (u8, i64);

impl Rule {
    /// The rank of someone who asked at `at`, not to come before `clock`, with a clinical priority from
    /// 0, the most urgent.
    pub(crate) fn rank(self, at: Moment, clock: Moment, priority: u8, imd_decile: u8) -> Rank {
        let days = |days: i64| days * MICROSECONDS_PER_DAY;
        match self {
            Self::FirstComeFirstServed => (0, at.micros()),
            Self::ClinicalPriority => (priority, at.micros()),
            Self::LongestWaitFirst => (0, clock.micros()),
            Self::PriorityWithAgeing => {
                (0, clock.micros().saturating_add(days(AGEING_DAYS_PER_STEP) * i64::from(priority)))
            }
            Self::DeprivationWeighted => (
                priority,
                at.micros().saturating_add(days(DEPRIVATION_DAYS_PER_DECILE) * i64::from(imd_decile)),
            ),
        }
    }
}

impl Priority {
    /// Place among priorities, 0 = most urgent.
    pub(crate) fn step(self) -> u8 {
        self.index() as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_each_rule_orders_as_it_is_called() {
        let day = |day: f64| Moment::from_micros(0).plus_days(day);
        let ranks = |rule: Rule| {
            // Asked on day 0 for day 60, urgent on day 20, routine on day 10 from the poorest decile,
            // routine on day 9 from the richest.
            let people = [(0.0, 60.0, 3, 5), (20.0, 20.0, 2, 5), (10.0, 10.0, 3, 1), (9.0, 9.0, 3, 10)];
            let mut order: Vec<usize> = (0..4).collect();
            order.sort_by_key(|person| {
                let (at, clock, priority, decile) = people[*person];
                rule.rank(day(at), day(clock), priority, decile)
            });
            order
        };
        assert_eq!(ranks(Rule::FirstComeFirstServed), [0, 3, 2, 1]);
        assert_eq!(ranks(Rule::ClinicalPriority), [1, 0, 3, 2]);
        assert_eq!(ranks(Rule::LongestWaitFirst), [3, 2, 1, 0]);
        assert_eq!(ranks(Rule::PriorityWithAgeing), [1, 3, 2, 0]);
        assert_eq!(ranks(Rule::DeprivationWeighted), [1, 2, 0, 3]);
    }
}
