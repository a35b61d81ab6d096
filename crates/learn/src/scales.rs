//! Centre and spread of the values of each concept.

/// Scales values of each concept to mean 0 and standard deviation 1, as found where it was fitted.
pub(crate) struct Scales {
    /// Mean and standard deviation; the latter 1 where values don't differ.
    scales: Vec<(f32, f32)>,
}

/// Standardised values are clipped here, in standard deviations.
const CLIP: f32 = 5.0;

impl Scales {
    /// Takes in values of `concepts` concepts, numbered from 0; what is not finite is passed over.
    ///
    /// # Panics
    /// When a concept is out of range.
    pub(crate) fn fit(concepts: usize, values: impl Iterator<Item = (u32, f32)>) -> Self {
        let mut sums = vec![(0.0_f64, 0.0_f64, 0_u32); concepts];
        for (concept, value) in values.filter(|(_, value)| value.is_finite()) {
            let value = f64::from(value);
            let (sum, squares, count) = &mut sums[concept as usize];
            *sum += value;
            *squares += value * value;
            *count += 1;
        }
        let scale = |(sum, squares, count): (f64, f64, u32)| {
            let count = f64::from(count.max(1));
            let mean = sum / count;
            let variance = squares / count - mean * mean;
            let spread = if variance > 1e-9 * (1.0 + mean * mean) { variance.sqrt() } else { 1.0 };
            (mean as f32, spread as f32)
        };
        Self { scales: sums.into_iter().map(scale).collect() }
    }

    /// A value of a concept in standard deviations from its mean, clipped at 5; none unless it is finite.
    pub(crate) fn standardised(&self, concept: u32, value: f32) -> Option<f32> {
        let (mean, spread) = self.scales[concept as usize];
        value.is_finite().then(|| ((value - mean) / spread).clamp(-CLIP, CLIP))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_values_are_standardised_by_concept_and_clipped() {
        // Of concept 0: mean 3, population standard deviation 1; of concept 1 all the same; of 2 none.
        let seen = [(0, 2.0), (1, 7.0), (0, 4.0), (1, 7.0), (0, f32::NAN)];
        let scales = Scales::fit(3, seen.into_iter());
        let found =
            [(0, 5.0), (0, 99.0), (1, 8.0), (2, -0.5)].map(|(c, v)| scales.standardised(c, v).unwrap());
        let expected = [2.0, 5.0, 1.0, -0.5];
        assert!(
            found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-6),
            "{found:?}"
        );
        assert_eq!(scales.standardised(0, f32::INFINITY), None);
    }
}
