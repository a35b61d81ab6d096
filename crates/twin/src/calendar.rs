//! Working days and opening hours in England.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use twinloom_event::MICROSECONDS_PER_DAY;

use crate::engine::Moment;
use crate::stream::Stream;

const FIRST_YEAR: i32 = 1871;
const LAST_YEAR: i32 = 2150;
const MINUTE_MICROS: i64 = 60_000_000;
/// Working days in a year on average: five in seven days less eight bank holidays.
pub(crate) const WORKING_DAYS_PER_YEAR: f64 = 252.9;
/// Length of a booking grid's cell: the usual GP appointment.
const SLOT_MINUTES: i64 = 10;

/// Working days in England: Monday to Friday without bank holidays.
///
/// # Source
/// Banking and Financial Dealings Act 1971 and royal proclamations (gov.uk/bank-holidays): New Year's
/// Day (from 1974), Good Friday, Easter Monday, early May (from 1978), spring, summer, Christmas,
/// Boxing Day with substitute days, and the single days of 1981 to 2023. Before 1971 today's rules are
/// used.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    holidays: Vec<i64>,
}

/// Hours within which a service sees booked patients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OpeningHours {
    first_minute: i64,
    last_minute: i64,
}

impl OpeningHours {
    /// Routine sessions of a general practice, 08:30 to 18:00 within the contract's core hours of
    /// 08:00 to 18:30.
    pub(crate) const GENERAL_PRACTICE: Self = Self { first_minute: 510, last_minute: 1080 };
    /// Outpatient clinics, 09:00 to 17:00.
    pub(crate) const OUTPATIENT: Self = Self { first_minute: 540, last_minute: 1020 };
}

impl Calendar {
    pub(crate) fn england() -> Self {
        let mut holidays: Vec<i64> =
            (FIRST_YEAR..=LAST_YEAR).flat_map(bank_holidays).map(day_number).collect();
        holidays.sort_unstable();
        holidays.dedup();
        Self { holidays }
    }

    /// Whether a day (counted from 1970-01-01) is worked.
    pub(crate) fn is_working_day(&self, day: i64) -> bool {
        // 1970-01-01 was a Thursday.
        let weekday = (day + 3).rem_euclid(7);
        weekday < 5 && self.holidays.binary_search(&day).is_err()
    }

    /// Whether a day is a bank holiday.
    pub(crate) fn is_bank_holiday(&self, day: i64) -> bool {
        self.holidays.binary_search(&day).is_ok()
    }

    /// Whether a day is a Saturday.
    #[expect(clippy::unused_self, reason = "asked like the calendar's other questions")]
    pub(crate) fn is_saturday(&self, day: i64) -> bool {
        (day + 3).rem_euclid(7) == 5
    }

    /// A free appointment on the first working day that has one at or after `earliest`.
    pub(crate) fn slot(&self, earliest: Moment, hours: OpeningHours, stream: &mut Stream) -> Moment {
        let mut day = earliest.micros().div_euclid(MICROSECONDS_PER_DAY);
        let minute = (earliest.micros().rem_euclid(MICROSECONDS_PER_DAY) + MINUTE_MICROS - 1) / MINUTE_MICROS;
        let mut first = (minute.max(hours.first_minute) + SLOT_MINUTES - 1) / SLOT_MINUTES * SLOT_MINUTES;
        while first >= hours.last_minute || !self.is_working_day(day) {
            day += 1;
            first = hours.first_minute;
        }
        let cells = (hours.last_minute - first) / SLOT_MINUTES;
        let minute = first + SLOT_MINUTES * stream.below(cells.max(1) as usize) as i64;
        Moment::from_micros(day * MICROSECONDS_PER_DAY + minute * MINUTE_MICROS)
    }
}

fn day_number(date: NaiveDate) -> i64 {
    date.signed_duration_since(NaiveDate::default()).num_days()
}

fn bank_holidays(year: i32) -> Vec<NaiveDate> {
    let date = |month, day| NaiveDate::from_ymd_opt(year, month, day).expect("a date of every year");
    let first_monday =
        |from: NaiveDate| from + Days::new(u64::from((7 - from.weekday().num_days_from_monday()) % 7));
    let last_monday = |to: NaiveDate| to - Days::new(u64::from(to.weekday().num_days_from_monday()));
    let easter = easter_sunday(year);
    let mut days = vec![easter - Days::new(2), easter + Days::new(1), last_monday(date(8, 31))];
    if year >= 1974 {
        let new_year = date(1, 1);
        days.push(if is_weekend(new_year) { first_monday(new_year) } else { new_year });
    }
    if year >= 1978 {
        // Moved to Victory in Europe Day in its 50th and 75th years.
        days.push(if matches!(year, 1995 | 2020) { date(5, 8) } else { first_monday(date(5, 1)) });
    }
    days.push(match year {
        2002 | 2012 => date(6, 4),
        2022 => date(6, 2),
        _ => last_monday(date(5, 31)),
    });
    let (christmas, boxing) = (date(12, 25), date(12, 26));
    match christmas.weekday() {
        Weekday::Sat => days.extend([date(12, 27), date(12, 28)]),
        Weekday::Sun => days.extend([boxing, date(12, 27)]),
        Weekday::Fri => days.extend([christmas, date(12, 28)]),
        _ => days.extend([christmas, boxing]),
    }
    match year {
        1981 => days.push(date(7, 29)),
        1999 => days.push(date(12, 31)),
        2002 => days.push(date(6, 3)),
        2011 => days.push(date(4, 29)),
        2012 => days.push(date(6, 5)),
        2022 => days.extend([date(6, 3), date(9, 19)]),
        2023 => days.push(date(5, 8)),
        _ => {}
    }
    days
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// Gregorian Easter by the anonymous algorithm (Meeus, Jones and Butcher).
fn easter_sunday(year: i32) -> NaiveDate {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 19 * l) / 433;
    let month = (h + l - 7 * m + 90) / 25;
    let day = (h + l - 7 * m + 33 * month + 19) % 32;
    NaiveDate::from_ymd_opt(year, month as u32, day as u32).expect("Easter falls in March or April")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::StreamKey;

    #[test]
    fn ref_bank_holidays_as_published() {
        // gov.uk/bank-holidays, England and Wales.
        for (year, expected) in [
            (2021, "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28"),
            (2022, "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27"),
            (2024, "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26"),
        ] {
            let mut days = bank_holidays(year);
            days.sort_unstable();
            let listed: Vec<String> = days.iter().map(|day| day.to_string()[5..].to_owned()).collect();
            assert_eq!(listed.join(" "), expected);
        }
    }

    #[test]
    fn law_slots_are_in_hours_on_working_days_and_not_before_asked() {
        let calendar = Calendar::england();
        let mut stream = StreamKey::new(1, "slot").open(1);
        let start = Moment::from_micros(1_577_836_800_000_000); // 2020-01-01
        for step in 0..5_000 {
            let asked = start.plus_days(f64::from(step) * 0.37);
            let slot = calendar.slot(asked, OpeningHours::GENERAL_PRACTICE, &mut stream);
            let day = slot.micros().div_euclid(MICROSECONDS_PER_DAY);
            let minute = slot.micros().rem_euclid(MICROSECONDS_PER_DAY) / MINUTE_MICROS;
            assert!(slot >= asked && slot.days_since(asked) < 6.0);
            assert!(calendar.is_working_day(day) && (510..1080).contains(&minute));
        }
    }
}
