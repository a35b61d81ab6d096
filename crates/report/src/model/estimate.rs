//! A number with its uncertainty.

use serde::{Deserialize, Serialize};

/// The standard normal quantile at 0.975.
const Z_95: f64 = 1.959_963_984_540_054;

/// A value with a 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The point estimate.
    pub value: f64,
    /// The interval's lower end.
    pub lower: f64,
    /// The interval's upper end.
    pub upper: f64,
}

impl Estimate {
    /// Takes a value and its interval.
    pub const fn new(value: f64, lower: f64, upper: f64) -> Self {
        Self { value, lower, upper }
    }

    /// A proportion with Wilson's score interval; no number between 0 and 1 when `of` is 0.
    ///
    /// `cases` beyond `of` count as `of`.
    ///
    /// # Source
    /// Wilson EB. J Am Stat Assoc 1927;22:209-212, as method 3 of Newcombe RG. Stat Med
    /// 1998;17:857-872.
    pub fn proportion(cases: u64, of: u64) -> Self {
        if of == 0 {
            return Self::new(f64::NAN, 0.0, 1.0);
        }
        let n = of as f64;
        let p = cases.min(of) as f64 / n;
        let z2 = Z_95 * Z_95;
        let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
        let half = Z_95 * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt() / (1.0 + z2 / n);
        // At 0 and n the formula touches the edge exactly; rounding must not cross it.
        Self::new(p, (centre - half).clamp(0.0, p), (centre + half).clamp(p, 1.0))
    }

    pub(crate) fn is_finite(&self) -> bool {
        self.value.is_finite() && self.lower.is_finite() && self.upper.is_finite()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ref_newcombe_1998_table_1_method_3() {
        // 81/263, 15/148, 0/20, 1/29, four decimals as printed.
        for (cases, of, lower, upper) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let interval = Estimate::proportion(cases, of);
            assert!((interval.lower - lower).abs() < 5e-5, "{interval:?}");
            assert!((interval.upper - upper).abs() < 5e-5, "{interval:?}");
        }
    }

    proptest! {
        #[test]
        fn law_a_proportion_lies_within_its_interval(cases in 0_u64..2_000, of in 1_u64..1_000) {
            let Estimate { value, lower, upper } = Estimate::proportion(cases, of);
            prop_assert!(0.0 <= lower && lower <= value && value <= upper && upper <= 1.0);
            prop_assert!(lower < upper);
        }
    }
}
