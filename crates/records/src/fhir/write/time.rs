//! Dates and times as FHIR writes them.
//!
//! FHIR wants an offset on every time of day. The canonical record keeps the local clock alone, so
//! the offset is what a clock in the United Kingdom had: an hour ahead from the last Sunday of March
//! to the last Sunday of October.
//!
//! # Source
//! FHIR R4 data types `dateTime` and `instant`; The Summer Time Order 2002.
//!
//! # Limits
//! Before 1972 the offset is written as zero, and from 1972 to 1995 summer time ended on other
//! Sundays of October; the local clock, which is what readers keep, is right throughout.

use twinloom_event::{MICROSECONDS_PER_DAY, TimePrecision, Timestamp};

use super::json;

const MICROSECONDS_PER_SECOND: i64 = 1_000_000;
const FIRST_SUMMER_TIME_YEAR: i64 = 1972;
const MARCH: i64 = 3;
const OCTOBER: i64 = 10;

/// A calendar date of the proleptic Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Date {
    year: i64,
    month: i64,
    day: i64,
}

/// Appends a `dateTime` as precise as it was stated.
pub(super) fn date_time(out: &mut Vec<u8>, at: Timestamp, precision: TimePrecision) {
    let days = at.micros().div_euclid(MICROSECONDS_PER_DAY);
    let date = date_of(days);
    digits(out, date.year, 4);
    if precision == TimePrecision::Year {
        return;
    }
    out.push(b'-');
    digits(out, date.month, 2);
    if precision == TimePrecision::Month {
        return;
    }
    out.push(b'-');
    digits(out, date.day, 2);
    if precision == TimePrecision::Day {
        return;
    }
    let micros = at.micros().rem_euclid(MICROSECONDS_PER_DAY);
    let seconds = micros / MICROSECONDS_PER_SECOND;
    out.push(b'T');
    digits(out, seconds / 3600, 2);
    out.push(b':');
    digits(out, seconds / 60 % 60, 2);
    out.push(b':');
    digits(out, seconds % 60, 2);
    let fraction = micros % MICROSECONDS_PER_SECOND;
    if fraction > 0 {
        out.push(b'.');
        digits(out, fraction, 6);
    }
    out.extend_from_slice(if is_summer_time(days, date, seconds) { b"+01:00" } else { b"+00:00" });
}

/// Appends a `date`: a `dateTime` without its time of day.
pub(super) fn date(out: &mut Vec<u8>, at: Timestamp, precision: TimePrecision) {
    date_time(out, at, precision.min(TimePrecision::Day));
}

/// Whether the time stands at the start of its day.
pub(super) fn is_midnight(at: Timestamp) -> bool {
    at.micros().rem_euclid(MICROSECONDS_PER_DAY) == 0
}

/// The hour that comes twice in October is taken as its first coming.
fn is_summer_time(days: i64, date: Date, second_of_day: i64) -> bool {
    if date.year < FIRST_SUMMER_TIME_YEAR || !(MARCH..=OCTOBER).contains(&date.month) {
        return false;
    }
    // Both months have 31 days; 1970-01-01 was a Thursday, the fifth day of a week from Sunday.
    let last_of_month = days + 31 - date.day;
    let last_sunday = last_of_month - (last_of_month + 4).rem_euclid(7);
    match date.month {
        MARCH => days > last_sunday || (days == last_sunday && second_of_day >= 3600),
        OCTOBER => days < last_sunday || (days == last_sunday && second_of_day < 7200),
        _ => true,
    }
}

/// The date so many days after 1970-01-01.
///
/// # Source
/// Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`.
fn date_of(days: i64) -> Date {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    Date {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month,
        day: day_of_year - (153 * month_from_march + 2) / 5 + 1,
    }
}

fn digits(out: &mut Vec<u8>, value: i64, width: usize) {
    if width == 2 {
        out.extend_from_slice(&[b'0' + (value / 10) as u8, b'0' + (value % 10) as u8]);
        return;
    }
    let start = out.len();
    json::integer(out, value);
    let missing = width.saturating_sub(out.len() - start);
    out.splice(start..start, std::iter::repeat_n(b'0', missing));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(at: Timestamp, precision: TimePrecision) -> String {
        let mut out = Vec::new();
        date_time(&mut out, at, precision);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn ref_published_clock_changes() {
        // gov.uk, "When do the clocks change?": 31 March and 27 October 2024, at 1 am and 2 am.
        let at = |month, day, hour| Timestamp::from_ymd_hms(2024, month, day, hour, 0, 0).unwrap();
        for (time, offset) in [
            (at(3, 31, 0), "+00:00"),
            (at(3, 31, 2), "+01:00"),
            (at(7, 1, 12), "+01:00"),
            (at(10, 27, 1), "+01:00"),
            (at(10, 27, 2), "+00:00"),
            (at(12, 25, 9), "+00:00"),
        ] {
            assert!(written(time, TimePrecision::Instant).ends_with(offset), "{time}");
        }
    }

    #[test]
    fn regress_each_precision() {
        let at = Timestamp::from_micros(951_827_696_000_250).unwrap();
        assert_eq!(written(at, TimePrecision::Year), "2000");
        assert_eq!(written(at, TimePrecision::Month), "2000-02");
        assert_eq!(written(at, TimePrecision::Day), "2000-02-29");
        assert_eq!(written(at, TimePrecision::Instant), "2000-02-29T12:34:56.000250+00:00");
        assert_eq!(written(Timestamp::from_ymd(7, 1, 2).unwrap(), TimePrecision::Day), "0007-01-02");
    }

    proptest! {
        #[test]
        fn law_the_local_clock_is_chronos(micros in -62_135_596_800_000_000_i64..253_402_300_799_999_999) {
            let at = Timestamp::from_micros(micros).unwrap();
            let text = written(at, TimePrecision::Instant);
            let parsed = chrono::DateTime::parse_from_rfc3339(&text).unwrap();
            prop_assert_eq!(parsed.naive_local().and_utc().timestamp_micros(), micros);
        }
    }
}
