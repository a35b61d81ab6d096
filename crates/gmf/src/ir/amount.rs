//! Random amounts, and time spans made of them.

use crate::calendar::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use crate::draw::Draws;

/// A unit of time as modules write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeUnit {
    Seconds,
    Minutes,
    Hours,
    Days,
    Weeks,
    Months,
    Years,
}

impl TimeUnit {
    pub(crate) const WORDS: [(&'static str, Self); 7] = [
        ("seconds", Self::Seconds),
        ("minutes", Self::Minutes),
        ("hours", Self::Hours),
        ("days", Self::Days),
        ("weeks", Self::Weeks),
        ("months", Self::Months),
        ("years", Self::Years),
    ];

    /// Milliseconds of a fractional amount: Java truncates at the next smaller unit.
    pub(crate) fn fractional_ms(self, value: f64) -> i64 {
        match self {
            Self::Seconds => (1000.0 * value) as i64,
            Self::Minutes => ((60.0 * value) as i64).saturating_mul(SECOND_MS),
            Self::Hours => ((60.0 * value) as i64).saturating_mul(MINUTE_MS),
            Self::Days => ((24.0 * value) as i64).saturating_mul(HOUR_MS),
            Self::Weeks => ((7.0 * value) as i64).saturating_mul(DAY_MS),
            Self::Months => ((30.0 * value) as i64).saturating_mul(DAY_MS),
            Self::Years => ((365.25 * value) as i64).saturating_mul(DAY_MS),
        }
    }

    /// Milliseconds of a whole amount: a year has 365 days here, as Java's cast has it.
    pub(crate) fn whole_ms(self, value: i64) -> i64 {
        let unit = match self {
            Self::Seconds => SECOND_MS,
            Self::Minutes => MINUTE_MS,
            Self::Hours => HOUR_MS,
            Self::Days => DAY_MS,
            Self::Weeks => 7 * DAY_MS,
            Self::Months => 30 * DAY_MS,
            Self::Years => 365 * DAY_MS,
        };
        value.saturating_mul(unit)
    }
}

/// The shape of a random number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    Exact(f64),
    Uniform { low: f64, high: f64 },
    Gaussian { mean: f64, standard_deviation: f64, min: Option<f64>, max: Option<f64> },
    Exponential { mean: f64 },
    Triangular { min: f64, mode: f64, max: f64 },
}

/// A random number, rounded or not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Distribution {
    pub(crate) shape: Shape,
    pub(crate) round: bool,
}

impl Distribution {
    pub(crate) fn draw(self, draws: &mut Draws) -> f64 {
        let value = match self.shape {
            Shape::Exact(value) => value,
            Shape::Uniform { low, high } => draws.between(low, high),
            Shape::Gaussian { mean, standard_deviation, min, max } => {
                let value = mean + standard_deviation * draws.gaussian();
                value.max(min.unwrap_or(f64::NEG_INFINITY)).min(max.unwrap_or(f64::INFINITY))
            }
            // The Java engine adds one; its waits are never shorter than a unit.
            Shape::Exponential { mean } => 1.0 - mean * (1.0 - draws.uniform()).ln(),
            Shape::Triangular { min, mode, max } => {
                let (span, draw) = (max - min, draws.uniform());
                if draw < (mode - min) / span {
                    min + (draw * span * (mode - min)).sqrt()
                } else {
                    max - ((1.0 - draw) * span * (max - mode)).sqrt()
                }
            }
        };
        if self.round { (value + 0.5).floor() } else { value }
    }

    /// The one value it can take, if there is only one.
    pub(crate) fn constant(self) -> Option<f64> {
        match self.shape {
            Shape::Exact(value) => Some(value),
            Shape::Uniform { low, high } if low.total_cmp(&high).is_eq() => Some(low),
            _ => None,
        }
    }
}

/// A random span of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Amount {
    pub(crate) distribution: Distribution,
    pub(crate) unit: TimeUnit,
    /// Whether the number is cut to a whole one first (a Delay with a version 2 distribution).
    pub(crate) is_whole: bool,
}

impl Amount {
    pub(crate) fn draw_ms(self, draws: &mut Draws) -> i64 {
        self.ms(self.distribution.draw(draws))
    }

    fn ms(self, value: f64) -> i64 {
        if self.is_whole { self.unit.whole_ms(value as i64) } else { self.unit.fractional_ms(value) }
    }

    /// Whether no time ever passes.
    pub(crate) fn is_never_positive(self) -> bool {
        self.distribution.constant().is_some_and(|value| self.ms(value) <= 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::LifeKey;

    #[test]
    fn ref_conversions_of_the_java_engine() {
        // Values worked by hand from Utilities.convertTime: the long form cuts 365.25 to 365.
        assert_eq!(TimeUnit::Years.whole_ms(2), 730 * DAY_MS);
        assert_eq!(TimeUnit::Years.fractional_ms(2.0), 730 * DAY_MS);
        assert_eq!(TimeUnit::Years.fractional_ms(4.0), 1461 * DAY_MS);
        assert_eq!(TimeUnit::Hours.fractional_ms(1.999), 119 * MINUTE_MS);
        assert_eq!(TimeUnit::Days.fractional_ms(0.99), 23 * HOUR_MS);
        assert_eq!(TimeUnit::Months.whole_ms(3), 90 * DAY_MS);
    }

    #[test]
    fn law_amounts_stay_in_their_bounds() {
        let mut draws = LifeKey::new(1, 1, 1).open(9);
        let draw = |shape, draws: &mut Draws| Distribution { shape, round: false }.draw(draws);
        for _ in 0..2000 {
            let uniform = draw(Shape::Uniform { low: 2.0, high: 5.0 }, &mut draws);
            assert!((2.0..5.0).contains(&uniform));
            let clipped =
                Shape::Gaussian { mean: 0.0, standard_deviation: 9.0, min: Some(-1.0), max: Some(1.0) };
            assert!((-1.0..=1.0).contains(&draw(clipped, &mut draws)));
            assert!(draw(Shape::Exponential { mean: 3.0 }, &mut draws) >= 1.0);
            let triangular = draw(Shape::Triangular { min: 1.0, mode: 2.0, max: 4.0 }, &mut draws);
            assert!((1.0..=4.0).contains(&triangular));
        }
        assert!(
            (Distribution { shape: Shape::Exact(2.5), round: true }.draw(&mut draws) - 3.0).abs() < 1e-12
        );
    }

    #[test]
    fn regress_extreme_amounts_do_not_overflow() {
        for unit in TimeUnit::WORDS.map(|(_, unit)| unit) {
            assert!(unit.fractional_ms(f64::MAX) > 0 && unit.whole_ms(i64::MAX) > 0);
            assert_eq!(unit.fractional_ms(f64::NAN), 0);
        }
    }
}
