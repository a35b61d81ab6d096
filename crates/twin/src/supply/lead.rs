//! How far ahead people book by choice: reviews called for a date, a clinician who is in next week, a
//! day off work.

use super::Urgency;
use super::parameters::{ChosenLead, PracticeParameters};
use crate::distribution::standard_normal;
use crate::engine::Moment;
use crate::stream::Stream;
use twinloom_event::MICROSECONDS_PER_DAY;

/// Working days in a week.
const WORKING_DAYS: f64 = 5.0;
/// Days before the end of the book up to which people book by choice: later they could be refused.
const MARGIN_DAYS: i64 = 7;

/// The practice's settings by urgency.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leads {
    soon: ChosenLead,
    routine: ChosenLead,
}

impl Leads {
    pub(crate) fn new(parameters: &PracticeParameters) -> Self {
        Self { soon: parameters.lead.soon, routine: parameters.lead.routine }
    }

    /// The first moment that suits the person, or none if the first free slot does. Always four draws.
    pub(crate) fn earliest(
        &self,
        today: i64,
        urgency: Urgency,
        horizon_days: i64,
        stream: &mut Stream,
    ) -> Option<Moment> {
        let (choice, normal, weekday) = (stream.uniform(), standard_normal(stream), stream.uniform());
        let lead = match urgency {
            Urgency::SameDay => return None,
            Urgency::Soon => self.soon,
            Urgency::Routine => self.routine,
        };
        if choice < lead.first_free_share {
            return None;
        }
        let days = (lead.median_days * (lead.spread * normal).exp()).round();
        let days = (days as i64).clamp(1, (horizon_days - MARGIN_DAYS).max(1));
        let day = off_the_weekend(today + days, today, weekday);
        Some(Moment::from_micros(day * MICROSECONDS_PER_DAY))
    }
}

/// Leads that end on a weekend are spread over the working days before it, lest Mondays fill.
fn off_the_weekend(day: i64, today: i64, share: f64) -> i64 {
    // 1970-01-01 was a Thursday.
    let weekday = (day + 3).rem_euclid(7);
    if weekday < 5 {
        return day;
    }
    let monday = day - weekday;
    let chosen = monday + (WORKING_DAYS * share) as i64;
    if chosen > today { chosen } else { monday + 7 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::StreamKey;
    use crate::supply::SupplyParameters;

    #[test]
    fn law_a_chosen_day_is_a_weekday_after_today_within_the_book() {
        let leads = Leads::new(&SupplyParameters::default().practice);
        let key = StreamKey::new(5, "lead");
        for today in 0..60 {
            for person in 0..200 {
                for urgency in [Urgency::SameDay, Urgency::Soon, Urgency::Routine] {
                    let chosen = leads.earliest(today, urgency, 21, &mut key.open(person));
                    let Some(chosen) = chosen else { continue };
                    let day = chosen.micros() / MICROSECONDS_PER_DAY;
                    assert_ne!(urgency, Urgency::SameDay);
                    assert!(day > today && day < today + 21, "{today}: {day}");
                    assert!((day + 3).rem_euclid(7) < 5);
                }
            }
        }
    }

    #[test]
    fn law_half_of_those_who_choose_wait_longer_than_the_median() {
        let lead = ChosenLead { first_free_share: 0.3, median_days: 12.0, spread: 0.6 };
        let leads = Leads { soon: lead, routine: lead };
        let key = StreamKey::new(6, "lead");
        // Seed 6, 20,000 people from a Monday; 5 standard errors for the share. Leads are whole days and
        // those that end on a weekend are up to 6 days shorter, so that less than half exceed the median.
        let chosen: Vec<i64> = (0..20_000)
            .filter_map(|person| leads.earliest(4, Urgency::Routine, 84, &mut key.open(person)))
            .map(|at| at.micros() / MICROSECONDS_PER_DAY - 4)
            .collect();
        let share = chosen.len() as f64 / 20_000.0;
        assert!((share - 0.7).abs() < 5.0 * (0.21_f64 / 20_000.0).sqrt(), "{share}");
        let longer = chosen.iter().filter(|days| **days > 12).count() as f64 / chosen.len() as f64;
        assert!((0.38..0.5).contains(&longer), "{longer}");
    }
}
