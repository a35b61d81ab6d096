//! Even scales with ticks at round numbers.

use crate::format;

/// Exponents of ten between which ticks are sought.
const EXPONENTS: std::ops::RangeInclusive<i32> = -9..=18;
const MULTIPLES: [i64; 4] = [10, 20, 25, 50];

/// Maps values evenly onto places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Linear {
    domain: (f64, f64),
    range: (f64, f64),
}

impl Linear {
    /// A scale; a domain that is empty or no number becomes 0 to 1.
    pub(crate) fn new(domain: (f64, f64), range: (f64, f64)) -> Self {
        let width = domain.1 - domain.0;
        let usable = width.is_finite() && width > 0.0;
        Self { domain: if usable { domain } else { (0.0, 1.0) }, range }
    }

    /// The place of a value; values outside the domain go to its ends.
    pub(crate) fn at(&self, value: f64) -> f64 {
        let (low, high) = self.domain;
        let value = if value.is_finite() { value.clamp(low, high) } else { low };
        self.range.0 + (value - low) / (high - low) * (self.range.1 - self.range.0)
    }
}

/// Evenly spaced round numbers with the decimals that tell them apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ticks {
    /// The numbers, ascending.
    pub(crate) values: Vec<f64>,
    /// Decimals to print.
    pub(crate) decimals: usize,
}

impl Ticks {
    /// Between 2 and `most` ticks that cover the range, the first at or below `low`, the last at or
    /// above `high`; steps are 1, 2, 2.5 or 5 times a power of ten.
    ///
    /// Swapped ends are put right; an empty range is widened; ends that are no numbers or beyond
    /// 10^15 give ticks at 0 and 1.
    pub(crate) fn covering(low: f64, high: f64, most: usize) -> Self {
        let (mut low, mut high) = if low <= high { (low, high) } else { (high, low) };
        let usable = |value: f64| value.is_finite() && value.abs() <= 1e15;
        if !usable(low) || !usable(high) {
            return Self { values: vec![0.0, 1.0], decimals: 0 };
        }
        if high - low < f64::max(1e-9, 1e-9 * high.abs().max(low.abs())) {
            let margin = if low == 0.0 { 0.5 } else { low.abs() * 0.1 };
            (low, high) = (low - margin, high + margin);
        }
        let most = most.max(2) as i64;
        for exponent in EXPONENTS {
            for multiple in MULTIPLES {
                // Multiples carry one decimal, so a step is multiple * 10^(exponent - 1).
                let step = scaled(multiple, exponent - 1);
                // Within rounding of a tick counts as on it.
                let first = (low / step + 1e-9).floor();
                let last = (high / step - 1e-9).ceil();
                if last - first >= most as f64 {
                    continue;
                }
                let (first, last) = (first as i64, (last as i64).max(first as i64 + 1));
                let decimals = match (exponent, multiple) {
                    (1.., _) => 0,
                    (_, 25) => (1 - exponent) as usize,
                    _ => (-exponent) as usize,
                };
                let values = (first..=last).map(|index| scaled(index * multiple, exponent - 1)).collect();
                return Self { values, decimals };
            }
        }
        Self { values: vec![low, high], decimals: 0 }
    }

    /// The ticks of a range that lie within it, for an axis whose ends need not be round.
    pub(crate) fn within(low: f64, high: f64, most: usize) -> Self {
        let mut ticks = Self::covering(low, high, most + 2);
        let slack = 1e-9 * (high - low).abs();
        ticks.values.retain(|value| (low - slack..=high + slack).contains(value));
        ticks
    }

    /// The first and last tick: the domain of the axis.
    pub(crate) fn domain(&self) -> (f64, f64) {
        let first = self.values.first().copied().unwrap_or(0.0);
        (first, self.values.last().copied().unwrap_or(1.0))
    }

    /// The ticks with their labels.
    pub(crate) fn labelled(&self) -> impl Iterator<Item = (f64, String)> {
        self.values.iter().map(|&value| (value, format::fixed(value, self.decimals)))
    }
}

/// `mantissa * 10^exponent` with one rounding, so that ticks print as the numbers they mean.
fn scaled(mantissa: i64, exponent: i32) -> f64 {
    let power = (0..exponent.unsigned_abs()).fold(1.0, |power, _| power * 10.0);
    if exponent < 0 { mantissa as f64 / power } else { mantissa as f64 * power }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn regress_ticks_are_round() {
        let ticks = Ticks::covering(0.0, 0.87, 6);
        assert_eq!(ticks.values, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
        assert_eq!(ticks.decimals, 1);
        assert_eq!(Ticks::covering(3.0, 972.0, 5).values, [0.0, 250.0, 500.0, 750.0, 1000.0]);
        assert_eq!(Ticks::covering(0.0, 0.051, 4).values, [0.0, 0.02, 0.04, 0.06]);
    }

    proptest! {
        #[test]
        fn law_ticks_cover_evenly_and_are_few(
            low in -1e6_f64..1e6, width in 1e-3_f64..1e6, most in 2_usize..12
        ) {
            let ticks = Ticks::covering(low, low + width, most);
            let (first, last) = ticks.domain();
            let slack = 1e-6 * (last - first);
            prop_assert!(first <= low + slack && last >= low + width - slack);
            prop_assert!((2..=most).contains(&ticks.values.len()), "{:?}", ticks);
            let step = ticks.values[1] - ticks.values[0];
            for pair in ticks.values.windows(2) {
                prop_assert!((pair[1] - pair[0] - step).abs() < 1e-9 * step.max(last.abs()).max(first.abs()));
            }
            // Printed with their decimals, no two look alike and none is rounded.
            for (value, label) in ticks.labelled() {
                let read: f64 = label.replace(',', "").replace('−', "-").parse().unwrap();
                prop_assert!((read - value).abs() < 1e-9 * step.max(value.abs()), "{} {}", label, value);
            }
        }

        #[test]
        fn law_ticks_within_lie_within(low in -1e4_f64..1e4, width in 1e-2_f64..1e4, most in 3_usize..8) {
            let ticks = Ticks::within(low, low + width, most);
            prop_assert!(!ticks.values.is_empty() && ticks.values.len() <= most + 2);
            let slack = 1e-6 * width;
            prop_assert!(ticks.values.iter().all(|v| *v >= low - slack && *v <= low + width + slack));
        }

        #[test]
        fn law_ticks_never_panic(low in any::<f64>(), high in any::<f64>(), most in 0_usize..20) {
            let ticks = Ticks::covering(low, high, most);
            prop_assert!(ticks.values.len() >= 2);
            prop_assert!(Linear::new((low, high), (0.0, 100.0)).at(low).is_finite());
        }

        #[test]
        fn law_linear_keeps_order(a in -10.0_f64..10.0, b in -10.0_f64..10.0) {
            let scale = Linear::new((-5.0, 5.0), (0.0, 100.0));
            prop_assert_eq!(a.clamp(-5.0, 5.0) < b.clamp(-5.0, 5.0), scale.at(a) < scale.at(b));
        }
    }
}
