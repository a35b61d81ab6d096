//! A wave of an acute problem: a season in which it is more common than usual.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};
use twinloom_event::{MICROSECONDS_PER_DAY, Timestamp};

/// One wave: the onset rate rises to `peak_ratio` times the usual at mid-wave and falls again.
///
/// The ratio at share `x` of the wave is `1 + (peak_ratio - 1) sin²(πx)`, so it is 1 at both ends and its
/// mean is half-way between 1 and the peak. Assumption of this release: a symmetric bell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wave {
    /// Name of the problem in the need table.
    pub problem: String,
    /// First day.
    pub start: toml::value::Datetime,
    /// Length in days.
    pub days: f64,
    /// Ratio to the usual rate at mid-wave.
    pub peak_ratio: f64,
    /// Whether it comes back on the same day each later year.
    #[serde(default)]
    pub yearly: bool,
}

impl Wave {
    /// The longest a wave may be.
    pub(super) const MAX_DAYS: f64 = 365.0;

    /// Midnight of the first day; `None` if `start` is no date.
    pub fn begins(&self) -> Option<Timestamp> {
        let date = self.start.date.filter(|_| self.start.time.is_none() && self.start.offset.is_none())?;
        Timestamp::from_ymd(i32::from(date.year), u32::from(date.month), u32::from(date.day)).ok()
    }

    /// The ratio to the usual onset rate at a time; 1 outside the wave.
    pub fn ratio_at(&self, at: Timestamp) -> f64 {
        let Some(first) = self.begins() else { return 1.0 };
        if at < first {
            return 1.0;
        }
        let begins = if self.yearly { self.latest_start(first, at) } else { first };
        let share = (at.micros() - begins.micros()) as f64 / MICROSECONDS_PER_DAY as f64 / self.days;
        if share < 1.0 { 1.0 + (self.peak_ratio - 1.0) * (PI * share).sin().powi(2) } else { 1.0 }
    }

    /// The start of the last repetition at or before `at`; 29 February repeats on 1 March.
    fn latest_start(&self, first: Timestamp, at: Timestamp) -> Timestamp {
        let date = self.start.date.expect("a wave with a first day has a date");
        let of_year = |year| {
            Timestamp::from_ymd(year, u32::from(date.month), u32::from(date.day))
                .or_else(|_| Timestamp::from_ymd(year, 3, 1))
                .unwrap_or(first)
        };
        let this_year = of_year(at.year());
        if this_year <= at { this_year } else { of_year(at.year() - 1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(yearly: bool) -> Wave {
        let start = "2021-12-01".parse().unwrap();
        Wave { problem: "influenza".to_owned(), start, days: 90.0, peak_ratio: 7.0, yearly }
    }

    fn day(year: i32, month: u32, day: u32) -> Timestamp {
        Timestamp::from_ymd(year, month, day).unwrap()
    }

    #[test]
    fn law_one_outside_peak_in_the_middle_and_mean_half_way() {
        let wave = wave(false);
        for outside in [day(2020, 1, 1), day(2021, 12, 1), day(2022, 3, 1), day(2023, 1, 15)] {
            assert!((wave.ratio_at(outside) - 1.0).abs() < 1e-9, "{outside}");
        }
        assert!((wave.ratio_at(day(2022, 1, 15)) - 7.0).abs() < 1e-9);
        let first = day(2021, 12, 1);
        let mean = (0..900)
            .map(|tenth| wave.ratio_at(first.plus_days(f64::from(tenth) / 10.0).unwrap()))
            .sum::<f64>()
            / 900.0;
        assert!((mean - 4.0).abs() < 1e-9, "{mean}");
    }

    #[test]
    fn law_a_yearly_wave_returns_across_new_year() {
        let wave = wave(true);
        assert!((wave.ratio_at(day(2024, 1, 15)) - 7.0).abs() < 1e-9);
        assert!((wave.ratio_at(day(2021, 1, 15)) - 1.0).abs() < 1e-9, "not before the first");
    }
}
