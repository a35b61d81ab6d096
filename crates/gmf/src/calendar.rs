//! Milliseconds, civil dates and ages as the Java engine counts them.
//!
//! # Source
//! Days to civil dates: Hinnant, "chrono-compatible low-level date algorithms" (days_from_civil and
//! its inverse). Ages follow `java.time.Period::between` on dates without a time of day.

/// Milliseconds in a second.
pub(crate) const SECOND_MS: i64 = 1_000;
/// Milliseconds in a minute.
pub(crate) const MINUTE_MS: i64 = 60 * SECOND_MS;
/// Milliseconds in an hour.
pub(crate) const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Milliseconds in a day.
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;
/// The clock of the framework: one step is a week.
pub(crate) const WEEK_MS: i64 = 7 * DAY_MS;

/// A day of the proleptic Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date {
    pub(crate) year: i32,
    /// 1 to 12.
    pub(crate) month: i32,
    /// 1 to 31.
    pub(crate) day: i32,
}

impl Date {
    /// The date at an instant (UTC).
    pub(crate) fn at(time_ms: i64) -> Self {
        let days = time_ms.div_euclid(DAY_MS) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days - era * 146_097;
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self { year: year as i32, month: month as i32, day: day as i32 }
    }

    /// The instant at which the date begins; a day past the month's end runs on into the next month.
    pub(crate) fn midnight_ms(self) -> i64 {
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year - era * 400;
        let shifted_month = i64::from((self.month + 9) % 12);
        let day_of_year = (153 * shifted_month + 2) / 5 + i64::from(self.day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        (era * 146_097 + day_of_era - 719_468) * DAY_MS
    }

    /// Completed months from this date to a later one; negative spans count as none.
    pub(crate) fn months_until(self, later: Self) -> i32 {
        let months = (later.year - self.year) * 12 + later.month - self.month;
        (months - i32::from(later.day < self.day)).max(0)
    }

    /// The first instant at which a person born on this date has lived `months` months.
    pub(crate) fn turns_months_ms(self, months: i32) -> i64 {
        let index = self.year * 12 + self.month - 1 + months;
        let (year, month) = (index.div_euclid(12), index.rem_euclid(12) + 1);
        let same_day = Self { year, month, day: self.day };
        if Self::at(same_day.midnight_ms()).day == self.day {
            return same_day.midnight_ms();
        }
        // The month has no such day: `Period` counts it as complete on the first of the next.
        let index = index + 1;
        Self { year: index.div_euclid(12), month: index.rem_euclid(12) + 1, day: 1 }.midnight_ms()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_epoch_and_leap_days() {
        assert_eq!(Date::at(0), Date { year: 1970, month: 1, day: 1 });
        assert_eq!(Date { year: 2000, month: 2, day: 29 }.midnight_ms(), 951_782_400_000);
        assert_eq!(Date::at(951_782_400_000 - 1), Date { year: 2000, month: 2, day: 28 });
        assert_eq!(Date { year: 1900, month: 3, day: 1 }.midnight_ms(), -2_203_891_200_000);
    }

    #[test]
    fn law_dates_round_trip() {
        for day in -60_000_i64..40_000 {
            let date = Date::at(day * DAY_MS);
            assert_eq!(date.midnight_ms(), day * DAY_MS);
        }
    }

    #[test]
    fn law_a_month_is_complete_at_the_instant_named() {
        for day in 28..=31 {
            let birth = Date { year: 1999, month: 1, day };
            for months in 0..300 {
                let turns = birth.turns_months_ms(months);
                assert_eq!(birth.months_until(Date::at(turns)), months, "{birth:?} {months}");
                if months > 0 {
                    assert_eq!(birth.months_until(Date::at(turns - 1)), months - 1);
                }
            }
        }
    }
}
