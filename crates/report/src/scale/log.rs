//! Sizes for counts that differ by orders of magnitude.

/// Maps counts of 0 to `most` onto sizes by the logarithm of count + 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Log {
    most: f64,
    range: (f64, f64),
}

impl Log {
    /// A scale on which 0 gets the first size of the range and `most` the second.
    pub(crate) fn new(most: u64, range: (f64, f64)) -> Self {
        Self { most: (most.max(1) as f64).ln_1p(), range }
    }

    /// The size for a count.
    pub(crate) fn at(&self, count: u64) -> f64 {
        let share = ((count as f64).ln_1p() / self.most).clamp(0.0, 1.0);
        self.range.0 + share * (self.range.1 - self.range.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn law_more_is_never_smaller(a in any::<u64>(), b in any::<u64>(), most in any::<u64>()) {
            let scale = Log::new(most, (10.0, 40.0));
            prop_assert!((10.0..=40.0).contains(&scale.at(a)));
            prop_assert!(a > b || scale.at(a) <= scale.at(b));
        }
    }
}
