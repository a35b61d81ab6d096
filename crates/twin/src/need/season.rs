//! How a rate moves within the year: seasons and waves.

use std::f64::consts::TAU;

use crate::engine::{DAYS_PER_YEAR, Moment};

use super::condition::Season;

const EPOCH: Moment = Moment::from_micros(0);

/// The course of one condition's rate about its mean.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Course<'a> {
    pub(crate) season: Option<Season>,
    pub(crate) waves: &'a [WaveTable],
}

impl Course<'_> {
    /// Whether the rate never moves.
    pub(crate) const fn is_flat(&self) -> bool {
        self.season.is_none() && self.waves.is_empty()
    }

    /// Years at the mean rate that the time from `from` to `until` is worth.
    pub(crate) fn years(&self, from: Moment, until: Moment) -> f64 {
        let plain = until.days_since(from);
        let seasonal = self.season.map_or(0.0, |season| season.gained(until) - season.gained(from));
        let waves: f64 = self.waves.iter().map(|wave| wave.gained(until) - wave.gained(from)).sum();
        (plain + seasonal + waves) / DAYS_PER_YEAR
    }

    /// The moment from `from` to `until` by which `years` at the mean rate are reached.
    pub(crate) fn reach(&self, from: Moment, until: Moment, years: f64) -> Moment {
        if self.is_flat() {
            return from.plus_years(years).min(until);
        }
        let (mut low, mut high) = (from, until);
        // Down to the minute.
        while high.micros() - low.micros() > 60_000_000 {
            let middle = Moment::from_micros(i64::midpoint(low.micros(), high.micros()));
            if self.years(from, middle) < years {
                low = middle;
            } else {
                high = middle;
            }
        }
        high
    }
}

impl Season {
    fn intensity(self, at: Moment) -> f64 {
        1.0 + self.amplitude * (TAU * (at.days_since(EPOCH) - self.peak_day) / DAYS_PER_YEAR).cos()
    }

    /// Days gained over the mean rate since an arbitrary origin: the integral of the cosine.
    fn gained(self, at: Moment) -> f64 {
        let angle = TAU * (at.days_since(EPOCH) - self.peak_day) / DAYS_PER_YEAR;
        self.amplitude * DAYS_PER_YEAR / TAU * angle.sin()
    }
}

/// A passing rise of a rate: from 1 up to the peak's ratio and back, by half a cosine wave each.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WaveTable {
    start: Moment,
    /// Days gained since the start, at the end of each day.
    gained_days: Vec<f64>,
}

impl WaveTable {
    pub(crate) fn new(start: Moment, days: u32, peak_ratio: f64, season: Option<Season>) -> Self {
        let mut total = 0.0;
        let gained_days = (0..days)
            .map(|day| {
                let middle = f64::from(day) + 0.5;
                let rise = (peak_ratio - 1.0) * 0.5 * (1.0 - (TAU * middle / f64::from(days)).cos());
                let at = start.plus_days(middle);
                total += rise * season.map_or(1.0, |season| season.intensity(at));
                total
            })
            .collect();
        Self { start, gained_days }
    }

    fn gained(&self, at: Moment) -> f64 {
        let days = at.days_since(self.start);
        if days <= 0.0 {
            return 0.0;
        }
        let whole = days as usize;
        let before = match whole.checked_sub(1) {
            Some(last) => *self.gained_days.get(last).or(self.gained_days.last()).unwrap_or(&0.0),
            None => 0.0,
        };
        let after = self.gained_days.get(whole).copied().unwrap_or(before);
        before + (after - before) * days.fract()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_a_season_moves_onsets_and_not_their_number() {
        let season = Some(Season { peak_day: 10.0, amplitude: 0.8 });
        let course = Course { season, waves: &[] };
        let year = |from: Moment| course.years(from, from.plus_years(1.0));
        for day in [0.0, 77.0, 200.0] {
            assert!((year(EPOCH.plus_days(day)) - 1.0).abs() < 1e-9);
        }
        let winter = course.years(EPOCH, EPOCH.plus_days(30.0));
        let summer = course.years(EPOCH.plus_days(180.0), EPOCH.plus_days(210.0));
        assert!(winter > 5.0 * summer, "{winter} {summer}");
    }

    #[test]
    fn law_reaching_inverts_the_course() {
        let season = Some(Season { peak_day: 10.0, amplitude: 0.9 });
        let waves = [WaveTable::new(EPOCH.plus_days(100.0), 60, 3.0, season)];
        let course = Course { season, waves: &waves };
        let (from, until) = (EPOCH.plus_days(3.0), EPOCH.plus_days(350.0));
        let all = course.years(from, until);
        let mut last = from;
        for part in 1..20 {
            let years = all * f64::from(part) / 20.0;
            let at = course.reach(from, until, years);
            assert!((course.years(from, at) - years).abs() < 1e-4);
            assert!(at > last);
            last = at;
        }
    }

    #[test]
    fn ref_a_wave_adds_half_its_height() {
        // The mean of (1 - cos)/2 is a half: 40 days at a peak of 3 are worth 40 x (3 - 1) / 2 more.
        let wave = WaveTable::new(EPOCH, 40, 3.0, None);
        assert!((wave.gained(EPOCH.plus_days(500.0)) - 40.0).abs() < 1e-9);
        assert!(wave.gained(EPOCH.plus_days(-1.0)).abs() < 1e-12);
    }
}
