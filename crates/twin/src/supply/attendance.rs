//! What becomes of a booking.

use super::Attendance;
use super::parameters::LeadRates;
use crate::engine::Moment;
use crate::stream::Stream;

/// Least time before an appointment at which someone still cancels rather than stays away.
const LATEST_CANCELLATION_MICROS: i64 = 30 * 60_000_000;
/// No one misses more than this share, whatever their tendency.
const MAX_MISSED: f64 = 0.95;

/// A booking about to be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Booking {
    pub(crate) booked: Moment,
    pub(crate) start: Moment,
    pub(crate) lead_days: i64,
    pub(crate) missing_ratio: f32,
    /// When the service cancels it, if it does.
    pub(crate) provider_cancels: Option<Moment>,
}

/// What becomes of it, and when that is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Fate {
    pub(crate) attendance: Attendance,
    pub(crate) known: Moment,
}

impl Booking {
    /// Draws the fate; always three draws.
    pub(crate) fn fate(&self, cancels: &LeadRates, misses: f64, stream: &mut Stream) -> Fate {
        let cancel = stream.uniform() < cancels.at(self.lead_days);
        let part = stream.uniform();
        let missed = stream.uniform() < (misses * f64::from(self.missing_ratio)).clamp(0.0, MAX_MISSED);
        let ahead = self.start.micros() - self.booked.micros() - LATEST_CANCELLATION_MICROS;
        let cancelled = self.booked.plus_micros((part * ahead.max(0) as f64) as i64);
        match self.provider_cancels {
            _ if cancel && ahead > 0 && self.provider_cancels.is_none_or(|known| cancelled < known) => {
                Fate { attendance: Attendance::CancelledByPatient, known: cancelled }
            }
            Some(known) => Fate { attendance: Attendance::CancelledByProvider, known },
            None if missed => Fate { attendance: Attendance::DidNotAttend, known: self.start },
            None => Fate { attendance: Attendance::Attended, known: self.start },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::StreamKey;

    const DNA: LeadRates = LeadRates {
        same_day: 0.019,
        next_day: 0.05,
        within_week: 0.068,
        within_fortnight: 0.082,
        later: 0.089,
    };
    const NEVER: LeadRates =
        LeadRates { same_day: 0.0, next_day: 0.0, within_week: 0.0, within_fortnight: 0.0, later: 0.0 };

    #[test]
    fn ref_missed_share_by_lead_time_is_the_published_one() {
        // Seed 3, 40,000 bookings each; 5 standard errors, false alarm 1 in 1.7 million each.
        let key = StreamKey::new(3, "fate");
        for (lead_days, published) in [(0, 0.019), (1, 0.05), (5, 0.068), (10, 0.082), (30, 0.089)] {
            let booked = Moment::from_micros(0);
            let booking = Booking {
                booked,
                start: booked.plus_days(lead_days as f64 + 0.1),
                lead_days,
                missing_ratio: 1.0,
                provider_cancels: None,
            };
            let missed = (0..40_000_u64)
                .filter(|person| {
                    let fate = booking.fate(&NEVER, DNA.at(lead_days), &mut key.open(*person));
                    fate.attendance == Attendance::DidNotAttend
                })
                .count() as f64
                / 40_000.0;
            let error = (published * (1.0 - published) / 40_000.0_f64).sqrt();
            assert!((missed - published).abs() < 5.0 * error, "{lead_days} days: {missed}");
        }
    }

    #[test]
    fn law_a_fate_is_known_between_booking_and_start() {
        let key = StreamKey::new(4, "fate");
        let always =
            LeadRates { same_day: 1.0, next_day: 1.0, within_week: 1.0, within_fortnight: 1.0, later: 1.0 };
        let booked = Moment::from_micros(0);
        for person in 0..500 {
            let start = booked.plus_days(0.004 * person as f64);
            let booking = Booking { booked, start, lead_days: 0, missing_ratio: 1.0, provider_cancels: None };
            let fate = booking.fate(&always, 0.5, &mut key.open(person));
            assert!(fate.known >= booked && fate.known <= start);
        }
    }
}
