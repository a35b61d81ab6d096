//! A point on the simulated clock.

use twinloom_event::{MICROSECONDS_PER_DAY, Timestamp};

/// Days in a year on average over the Gregorian cycle.
pub(crate) const DAYS_PER_YEAR: f64 = 365.2425;

/// A point in simulated time: microseconds since 1970-01-01, clipped to the calendar only when
/// written to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Moment(i64);

impl Moment {
    /// After every other moment.
    pub const NEVER: Self = Self(i64::MAX);
    /// Before every other moment.
    pub const EVER: Self = Self(i64::MIN);

    /// From microseconds since 1970-01-01.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The moment `days` later; never wraps.
    #[must_use]
    pub fn plus_days(self, days: f64) -> Self {
        self.plus_micros((days * MICROSECONDS_PER_DAY as f64) as i64)
    }

    /// The moment `years` of average length later.
    #[must_use]
    pub fn plus_years(self, years: f64) -> Self {
        self.plus_days(years * DAYS_PER_YEAR)
    }

    /// The moment `micros` later; never wraps.
    #[must_use]
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// The beginning of the day.
    #[must_use]
    pub const fn midnight(self) -> Self {
        Self(self.0.div_euclid(MICROSECONDS_PER_DAY).saturating_mul(MICROSECONDS_PER_DAY))
    }

    /// Years of average length since `earlier`.
    pub fn years_since(self, earlier: Self) -> f64 {
        self.days_since(earlier) / DAYS_PER_YEAR
    }

    /// Days since `earlier`.
    pub fn days_since(self, earlier: Self) -> f64 {
        self.0.saturating_sub(earlier.0) as f64 / MICROSECONDS_PER_DAY as f64
    }

    /// The record's form; beyond the calendar, its nearest end.
    ///
    /// # Panics
    /// Never: the calendar's ends exist.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_micros(self.0).unwrap_or_else(|_| {
            let year = if self.0 < 0 { 1 } else { 9999 };
            Timestamp::from_ymd(year, 1, 1).expect("the calendar's ends exist")
        })
    }
}

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self(at.micros())
    }
}
