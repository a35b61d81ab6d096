//! When services that are not booked are open.

use super::measures::MINUTE_MICROS;
use super::parameters::Hours;
use crate::calendar::Calendar;
use twinloom_event::MICROSECONDS_PER_DAY;

/// A weekly timetable; bank holidays are closed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timetable {
    pub(crate) weekday: Hours,
    pub(crate) saturday: Option<Hours>,
}

impl Timetable {
    /// The first moment at or after `at` (microseconds) at which it is open.
    pub(crate) fn next_open(&self, at: i64, calendar: &Calendar) -> i64 {
        let mut day = at.div_euclid(MICROSECONDS_PER_DAY);
        let mut minute_micros = at.rem_euclid(MICROSECONDS_PER_DAY);
        // No run of closed days is a month long.
        for _ in 0..31 {
            if let Some(hours) = self.hours_on(day, calendar) {
                let first = i64::from(hours.first_minute()) * MINUTE_MICROS;
                let last = i64::from(hours.last_minute()) * MINUTE_MICROS;
                if minute_micros < last {
                    return day * MICROSECONDS_PER_DAY + minute_micros.max(first);
                }
            }
            day += 1;
            minute_micros = 0;
        }
        day * MICROSECONDS_PER_DAY
    }

    fn hours_on(&self, day: i64, calendar: &Calendar) -> Option<Hours> {
        if calendar.is_working_day(day) {
            return Some(self.weekday);
        }
        self.saturday.filter(|_| calendar.is_saturday(day) && !calendar.is_bank_holiday(day))
    }
}

/// The first moment at or after `at` at which practices are shut: `shut_hours` are theirs on working days.
pub(crate) fn next_out_of_hours(at: i64, practice_hours: Hours, calendar: &Calendar) -> i64 {
    let day = at.div_euclid(MICROSECONDS_PER_DAY);
    let within = at.rem_euclid(MICROSECONDS_PER_DAY);
    let first = i64::from(practice_hours.first_minute()) * MINUTE_MICROS;
    let last = i64::from(practice_hours.last_minute()) * MINUTE_MICROS;
    if calendar.is_working_day(day) && (first..last).contains(&within) {
        day * MICROSECONDS_PER_DAY + last
    } else {
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 60 * MINUTE_MICROS;
    /// Friday 25 December 2020; Monday 28 December is the substitute of Boxing Day.
    const CHRISTMAS: i64 = 18_621 * MICROSECONDS_PER_DAY;

    #[test]
    fn ref_christmas_2020() {
        let calendar = Calendar::england();
        let pharmacy =
            Timetable { weekday: Hours::new(540, 1080).unwrap(), saturday: Hours::new(540, 780).ok() };
        // Christmas Eve at 18:30, then Christmas closed, Saturday 26 open until 13:00.
        let eve = CHRISTMAS - 24 * HOUR + 18 * HOUR + HOUR / 2;
        assert_eq!(pharmacy.next_open(eve, &calendar), CHRISTMAS + 24 * HOUR + 9 * HOUR);
        let saturday_evening = CHRISTMAS + 24 * HOUR + 14 * HOUR;
        assert_eq!(pharmacy.next_open(saturday_evening, &calendar), CHRISTMAS + 4 * 24 * HOUR + 9 * HOUR);
        let core = Hours::new(480, 1110).unwrap();
        let noon = CHRISTMAS - 12 * HOUR;
        assert_eq!(next_out_of_hours(noon, core, &calendar), CHRISTMAS - 24 * HOUR + 18 * HOUR + HOUR / 2);
        assert_eq!(next_out_of_hours(CHRISTMAS + 12 * HOUR, core, &calendar), CHRISTMAS + 12 * HOUR);
    }
}
