//! Points in time, without a zone, to the microsecond.
//!
//! # Units
//! Microseconds since 1970-01-01T00:00:00 of the recording system's local clock (MEDS is
//! timezone-naive).

use std::fmt;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, Timelike};
use serde::{Deserialize, Serialize};

/// Microseconds in a day of 24 hours.
pub const MICROSECONDS_PER_DAY: i64 = 86_400_000_000;

const FIRST_YEAR: i32 = 1;
const LAST_YEAR: i32 = 9999;

/// A timezone-naive instant, years 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Timestamp(i64);

impl Timestamp {
    /// Takes microseconds since 1970-01-01.
    ///
    /// # Errors
    /// [`TimestampError::OutOfRange`] outside the years 1 to 9999.
    pub fn from_micros(micros: i64) -> Result<Self, TimestampError> {
        match DateTime::from_timestamp_micros(micros) {
            Some(at) if (FIRST_YEAR..=LAST_YEAR).contains(&at.naive_utc().year()) => Ok(Self(micros)),
            _ => Err(TimestampError::OutOfRange { micros }),
        }
    }

    /// Takes a calendar date and a time of day.
    ///
    /// # Errors
    /// [`TimestampError::NoSuchDate`] for 2013-13-40 and its kin.
    pub fn from_ymd_hms(
        year: i32,
        month: u32,
        day: u32,
        hour: u32,
        minute: u32,
        second: u32,
    ) -> Result<Self, TimestampError> {
        let no_such_date = TimestampError::NoSuchDate { year, month, day, hour, minute, second };
        if !(FIRST_YEAR..=LAST_YEAR).contains(&year) {
            return Err(no_such_date);
        }
        NaiveDate::from_ymd_opt(year, month, day)
            .and_then(|date| date.and_hms_opt(hour, minute, second))
            .map(|at| Self(at.and_utc().timestamp_micros()))
            .ok_or(no_such_date)
    }

    /// Midnight at the start of a calendar date.
    ///
    /// # Errors
    /// As [`Timestamp::from_ymd_hms`].
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Result<Self, TimestampError> {
        Self::from_ymd_hms(year, month, day, 0, 0, 0)
    }

    /// Microseconds since 1970-01-01.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The calendar year.
    pub fn year(self) -> i32 {
        self.naive().year()
    }

    /// Month (1-12) of the calendar date.
    pub fn month(self) -> u32 {
        self.naive().month()
    }

    /// Day of the month (1-31).
    pub fn day(self) -> u32 {
        self.naive().day()
    }

    /// Hour of the day (0-23).
    pub fn hour(self) -> u32 {
        self.naive().hour()
    }

    /// The time `micros` later (earlier if negative).
    ///
    /// # Errors
    /// [`TimestampError::OutOfRange`] when the result leaves the years 1 to 9999.
    pub fn plus_micros(self, micros: i64) -> Result<Self, TimestampError> {
        Self::from_micros(self.0.saturating_add(micros))
    }

    /// The time `days` later (earlier if negative), fractions allowed.
    ///
    /// # Errors
    /// As [`Timestamp::plus_micros`].
    pub fn plus_days(self, days: f64) -> Result<Self, TimestampError> {
        self.plus_micros((days * MICROSECONDS_PER_DAY as f64).round() as i64)
    }

    /// Days from `earlier` to this time; negative when this time comes first.
    pub fn days_since(self, earlier: Self) -> f64 {
        (self.0 - earlier.0) as f64 / MICROSECONDS_PER_DAY as f64
    }

    /// Completed years from `birth` to this time: age as people count it.
    pub fn years_since(self, birth: Self) -> i32 {
        let (now, then) = (self.naive(), birth.naive());
        let had_birthday = (now.month(), now.day(), now.time()) >= (then.month(), then.day(), then.time());
        now.year() - then.year() - i32::from(!had_birthday)
    }

    fn naive(self) -> NaiveDateTime {
        DateTime::from_timestamp_micros(self.0).expect("the constructors admit years 1 to 9999").naive_utc()
    }
}

impl fmt::Display for Timestamp {
    /// ISO 8601, with microseconds only when there are any.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.naive();
        let micros = at.nanosecond() / 1000;
        write!(
            formatter,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        )?;
        if micros > 0 {
            write!(formatter, ".{micros:06}")?;
        }
        Ok(())
    }
}

impl TryFrom<i64> for Timestamp {
    type Error = TimestampError;

    fn try_from(micros: i64) -> Result<Self, TimestampError> {
        Self::from_micros(micros)
    }
}

impl From<Timestamp> for i64 {
    fn from(at: Timestamp) -> Self {
        at.0
    }
}

/// How much of a time the source stated; the unstated part is taken as its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimePrecision {
    /// Only the year: the time reads 1 January, midnight.
    Year,
    /// Year and month: the time reads the first day, midnight.
    Month,
    /// A whole date: the time reads midnight.
    Day,
    /// A date and a time of day.
    #[default]
    Instant,
}

impl TimePrecision {
    /// The last moment that a time stated this precisely may mean.
    pub fn latest(self, start: Timestamp) -> Timestamp {
        let date = start.naive().date();
        let next = match self {
            Self::Instant => return start,
            Self::Day => date.checked_add_days(Days::new(1)),
            Self::Month => date.with_day(1).and_then(|first| first.checked_add_months(Months::new(1))),
            Self::Year => date.with_ordinal(1).and_then(|first| first.checked_add_months(Months::new(12))),
        };
        next.and_then(|date| date.and_hms_opt(0, 0, 0))
            .map_or(start, |at| Timestamp(at.and_utc().timestamp_micros() - 1))
    }

    /// The word used in files: `year`, `month`, `day`, `instant`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
            Self::Instant => "instant",
        }
    }
}

/// Why a time can't be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    /// Outside the years 1 to 9999.
    #[error("{micros} microseconds since 1970 is out of range; permitted: years 1 to 9999")]
    OutOfRange {
        /// The value given.
        micros: i64,
    },
    /// The calendar or the clock has no such point.
    #[error(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02} is no date; permitted: a Gregorian date of the years 1 to 9999 and 00:00:00 to 23:59:59"
    )]
    NoSuchDate {
        /// Year given.
        year: i32,
        /// Month given.
        month: u32,
        /// Day given.
        day: u32,
        /// Hour given.
        hour: u32,
        /// Minute given.
        minute: u32,
        /// Second given.
        second: u32,
    },
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ref_posix_epoch_seconds() {
        // date -u -d 2000-02-29T12:34:56 +%s
        let at = Timestamp::from_ymd_hms(2000, 2, 29, 12, 34, 56).unwrap();
        assert_eq!(at.micros(), 951_827_696_000_000);
        assert_eq!(at.to_string(), "2000-02-29T12:34:56");
    }

    #[test]
    fn regress_impossible_date_names_itself() {
        let error = Timestamp::from_ymd(2013, 13, 40).unwrap_err();
        assert!(error.to_string().starts_with("2013-13-40"));
    }

    #[test]
    fn regress_age_waits_for_the_birthday() {
        let birth = Timestamp::from_ymd(1960, 6, 15).unwrap();
        assert_eq!(Timestamp::from_ymd(2020, 6, 14).unwrap().years_since(birth), 59);
        assert_eq!(Timestamp::from_ymd(2020, 6, 15).unwrap().years_since(birth), 60);
    }

    #[test]
    fn regress_a_bare_year_ends_in_december() {
        let start = Timestamp::from_ymd(2013, 1, 1).unwrap();
        assert_eq!(TimePrecision::Year.latest(start).to_string(), "2013-12-31T23:59:59.999999");
        assert_eq!(TimePrecision::Month.latest(start).to_string(), "2013-01-31T23:59:59.999999");
    }

    proptest! {
        #[test]
        fn law_micros_round_trip(micros in -62_135_596_800_000_000_i64..253_402_300_799_999_999) {
            prop_assert_eq!(Timestamp::from_micros(micros).unwrap().micros(), micros);
        }

        #[test]
        fn law_from_micros_never_panics(micros in any::<i64>()) {
            if let Ok(at) = Timestamp::from_micros(micros) {
                let _ = at.to_string();
                for precision in [TimePrecision::Year, TimePrecision::Month, TimePrecision::Day] {
                    prop_assert!(precision.latest(at) >= at);
                }
            }
        }
    }
}
