//! Time axes with ticks at the turn of years, months, weeks, days, hours or minutes.

use twinloom_event::{MICROSECONDS_PER_DAY, Timestamp};

use crate::format;
use crate::measure::text_width;

/// Ticks tried for at most.
const MOST_TICKS: usize = 24;
const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = MICROSECONDS_PER_DAY;
/// 1970-01-05, the first Monday of the epoch.
const FIRST_MONDAY: i64 = 4 * DAY;

/// Distance between ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Fixed(i64),
    Months(i32),
}

/// From the finest to the coarsest.
const STEPS: [Step; 22] = [
    Step::Fixed(MINUTE),
    Step::Fixed(5 * MINUTE),
    Step::Fixed(15 * MINUTE),
    Step::Fixed(HOUR),
    Step::Fixed(2 * HOUR),
    Step::Fixed(3 * HOUR),
    Step::Fixed(6 * HOUR),
    Step::Fixed(12 * HOUR),
    Step::Fixed(DAY),
    Step::Fixed(2 * DAY),
    Step::Fixed(7 * DAY),
    Step::Fixed(14 * DAY),
    Step::Months(1),
    Step::Months(3),
    Step::Months(6),
    Step::Months(12),
    Step::Months(24),
    Step::Months(60),
    Step::Months(120),
    Step::Months(240),
    Step::Months(600),
    Step::Months(12_000),
];

/// Maps times evenly onto places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TimeScale {
    from: Timestamp,
    until: Timestamp,
    range: (f64, f64),
}

/// A tick of a time axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TimeTick {
    /// Its moment.
    pub(crate) time: Timestamp,
    /// What to write at it.
    pub(crate) label: String,
}

impl TimeScale {
    /// A scale; nothing when no time passes between the ends.
    pub(crate) fn new(from: Timestamp, until: Timestamp, range: (f64, f64)) -> Option<Self> {
        (from < until).then_some(Self { from, until, range })
    }

    /// The place of a time; times outside go to the ends.
    pub(crate) fn at(&self, time: Timestamp) -> f64 {
        let share =
            time.clamp(self.from, self.until).days_since(self.from) / self.until.days_since(self.from);
        self.range.0 + share * (self.range.1 - self.range.0)
    }

    /// Whether a time lies on the scale.
    pub(crate) fn holds(&self, time: Timestamp) -> bool {
        self.from <= time && time <= self.until
    }

    /// Whether a stretch of time, without end when ongoing, lies at least partly on the scale.
    pub(crate) fn meets(&self, start: Timestamp, end: Option<Timestamp>) -> bool {
        start <= self.until && end.is_none_or(|end| end >= self.from && end >= start)
    }

    /// As many ticks as their labels leave room for at a font size.
    pub(crate) fn fitting_ticks(&self, size: f64) -> Vec<TimeTick> {
        let gap = 1.4 * size;
        (2..=MOST_TICKS)
            .rev()
            .map(|most| self.ticks(most))
            .find(|ticks| {
                ticks.windows(2).all(|pair| {
                    let widths = text_width(&pair[0].label, size) + text_width(&pair[1].label, size);
                    self.at(pair[1].time) - self.at(pair[0].time) >= widths / 2.0 + gap
                })
            })
            .unwrap_or_default()
    }

    /// At most `most` ticks within the scale, at round times.
    fn ticks(&self, most: usize) -> Vec<TimeTick> {
        let most = most.max(1);
        for step in STEPS {
            let length = match step {
                Step::Fixed(micros) => micros,
                Step::Months(months) => i64::from(months) * 30 * DAY,
            };
            // Cheap bound first: counting minutes over centuries would take for ever.
            if (self.until.micros() - self.from.micros()) / length > most as i64 + 1 {
                continue;
            }
            let times = self.times(step);
            if times.len() <= most {
                return label(&times, step);
            }
        }
        Vec::new()
    }

    fn times(&self, step: Step) -> Vec<Timestamp> {
        match step {
            Step::Fixed(micros) => {
                let offset = if micros % (7 * DAY) == 0 { FIRST_MONDAY } else { 0 };
                let first = (self.from.micros() - offset + micros - 1).div_euclid(micros);
                let last = (self.until.micros() - offset).div_euclid(micros);
                (first..=last)
                    .filter_map(|index| Timestamp::from_micros(index * micros + offset).ok())
                    .collect()
            }
            Step::Months(months) => {
                let first = (self.from.year() * 12).div_euclid(months);
                let last = (self.until.year() * 12 + 11).div_euclid(months);
                (first..=last)
                    .filter_map(|index| {
                        let month = index * months;
                        Timestamp::from_ymd(month.div_euclid(12), month.rem_euclid(12) as u32 + 1, 1).ok()
                    })
                    .filter(|time| self.holds(*time))
                    .collect()
            }
        }
    }
}

/// Says at each tick what the one before did not say.
fn label(times: &[Timestamp], step: Step) -> Vec<TimeTick> {
    let mut previous: Option<Timestamp> = None;
    let mut ticks = Vec::with_capacity(times.len());
    for &time in times {
        let new_year = previous.is_none_or(|earlier| earlier.year() != time.year());
        let new_day =
            previous.is_none_or(|earlier| earlier.micros().div_euclid(DAY) != time.micros().div_euclid(DAY));
        let label = match step {
            Step::Months(months) if months >= 12 => time.year().to_string(),
            Step::Months(_) => format::month_and_year(time),
            Step::Fixed(micros) if micros >= DAY && new_year => format::date(time),
            Step::Fixed(micros) if micros >= DAY => format::day_and_month(time),
            Step::Fixed(_) if new_day => format!("{} {}", format::day_and_month(time), format::clock(time)),
            Step::Fixed(_) => format::clock(time),
        };
        ticks.push(TimeTick { time, label });
        previous = Some(time);
    }
    ticks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labels(from: &str, until: &str, most: usize) -> Vec<String> {
        let parse = |text: &str| {
            let mut parts = text.split(['-', ' ']).map(|part| part.parse::<u32>().unwrap());
            let mut next = || parts.next().unwrap_or(0);
            Timestamp::from_ymd_hms(next() as i32, next(), next(), next(), 0, 0).unwrap()
        };
        let scale = TimeScale::new(parse(from), parse(until), (0.0, 1.0)).unwrap();
        scale.ticks(most).into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn regress_labels_say_what_is_new() {
        assert_eq!(labels("2015-6-3", "2021-2-1", 8), ["2016", "2017", "2018", "2019", "2020", "2021"]);
        assert_eq!(labels("2020-1-15", "2020-12-1", 5), ["Apr 2020", "Jul 2020", "Oct 2020"]);
        assert_eq!(labels("2020-12-31 6", "2021-1-2 6", 3), ["1 Jan 2021", "2 Jan"]);
        assert_eq!(
            labels("2021-1-1 18", "2021-1-2 7", 5),
            ["1 Jan 18:00", "21:00", "2 Jan 00:00", "03:00", "06:00"]
        );
    }

    proptest! {
        #[test]
        fn law_ticks_lie_within_and_are_few(
            from in -62_135_596_800_000_000_i64..253_000_000_000_000_000,
            exponent in 0_u32..58, most in 1_usize..15
        ) {
            let until = from.saturating_add(1 << exponent).min(253_402_300_799_000_000);
            let (from, until) = (Timestamp::from_micros(from).unwrap(), Timestamp::from_micros(until).unwrap());
            if let Some(scale) = TimeScale::new(from, until, (0.0, 100.0)) {
                let ticks = scale.ticks(most);
                prop_assert!(ticks.len() <= most);
                prop_assert!(ticks.iter().all(|tick| from <= tick.time && tick.time <= until));
                prop_assert!(ticks.windows(2).all(|pair| pair[0].time < pair[1].time));
                let mut seen: Vec<&str> = ticks.iter().map(|tick| tick.label.as_str()).collect();
                seen.sort_unstable();
                seen.dedup();
                // Over whole days of hours a clock reading may come again; years and dates may not.
                let whole_days = until.days_since(from) > most as f64;
                prop_assert!(!whole_days || seen.len() == ticks.len(), "{:?}", ticks);
            }
        }
    }
}
