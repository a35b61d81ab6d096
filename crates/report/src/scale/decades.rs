//! Logarithmic axes for shares and ratios.

/// Maps positive values onto places by their logarithm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Decades {
    domain: (f64, f64),
    range: (f64, f64),
}

impl Decades {
    /// A scale whose domain covers the values and ends at 1, 2 or 5 times a power of ten, at most
    /// `widest` times as high as low; values below the low end go there.
    pub(crate) fn covering(values: impl Iterator<Item = f64>, widest: f64, range: (f64, f64)) -> Self {
        let usable = values.filter(|value| (1e-12..1e12).contains(value));
        let (low, high) =
            usable.fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        if !low.is_finite() {
            return Self { domain: (0.01, 1.0), range };
        }
        let high = rounds().find(|round| *round >= high * 0.999_999).unwrap_or(1e12);
        let low = low.max(high / widest);
        let low = rounds().take_while(|round| *round <= low * 1.000_001).last().unwrap_or(1e-12);
        Self { domain: if low < high { (low, high) } else { (high / 10.0, high) }, range }
    }

    /// The ends.
    pub(crate) fn domain(&self) -> (f64, f64) {
        self.domain
    }

    /// The same domain on another range.
    pub(crate) fn onto(&self, range: (f64, f64)) -> Self {
        Self { range, ..*self }
    }

    /// The place of a value; what is no number or beyond the ends goes to an end.
    pub(crate) fn at(&self, value: f64) -> f64 {
        let (low, high) = self.domain;
        let value = if value.is_nan() { low } else { value.clamp(low, high) };
        self.range.0 + (value / low).ln() / (high / low).ln() * (self.range.1 - self.range.0)
    }

    /// Round numbers within the domain, ascending.
    pub(crate) fn ticks(&self) -> Vec<f64> {
        let (low, high) = self.domain;
        rounds().filter(|round| *round >= low * 0.999_999 && *round <= high * 1.000_001).collect()
    }
}

/// 1, 2 and 5 times the powers of ten.
fn rounds() -> impl Iterator<Item = f64> {
    (-13..=12).flat_map(|exponent| {
        [1.0, 2.0, 5.0].map(|digit| {
            let power = 10_f64.powi(i32::abs(exponent));
            if exponent < 0 { digit / power } else { digit * power }
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn regress_ends_and_ticks_are_round() {
        let scale = Decades::covering([0.004, 0.31].into_iter(), 1e3, (0.0, 100.0));
        assert_eq!(scale.domain(), (0.002, 0.5));
        assert_eq!(scale.ticks(), [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5]);
        assert!((scale.at(0.002), scale.at(0.5)) == (0.0, 100.0));
    }

    proptest! {
        #[test]
        fn law_places_are_finite_and_in_order(
            values in prop::collection::vec(any::<f64>(), 0..6), a in any::<f64>(), b in any::<f64>()
        ) {
            let scale = Decades::covering(values.into_iter(), 500.0, (0.0, 100.0));
            let (low, high) = scale.domain();
            prop_assert!(low > 0.0 && low < high && high.is_finite());
            prop_assert!((-1e-9..=100.0 + 1e-9).contains(&scale.at(a)));
            prop_assert!(a.is_nan() || b.is_nan() || a > b || scale.at(a) <= scale.at(b));
            prop_assert!(scale.ticks().len() >= 2);
        }
    }
}
