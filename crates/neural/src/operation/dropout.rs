//! Units left out at random, by a key and their place.

use burn::tensor::Tensor;
use rayon::prelude::*;

use super::custom::{Dense, Matrix, Operation, apply};
use crate::random::mix;

/// Units of one task, a multiple of the four that share a random number.
const UNITS_PER_TASK: usize = 1 << 14;

/// Zeroes units with the rate as probability and scales the others up to keep the mean.
///
/// # Source
/// Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks from Overfitting (JMLR 2014), section
/// 10, the scaling in training.
///
/// # Panics
/// When the rate is not at least 0 and below 1.
pub(crate) fn dropped(units: Tensor<2>, rate: f32, key: u64) -> Tensor<2> {
    assert!((0.0..1.0).contains(&rate), "a rate of at least 0 and below 1");
    apply(Dropped { rate, key }, [units])
}

#[derive(Debug)]
struct Dropped {
    rate: f32,
    key: u64,
}

impl Dropped {
    /// Sixteen bits decide a unit: the rate is met within 1 in 65,536.
    fn thinned(&self, values: &[f32]) -> Vec<f32> {
        let threshold = (self.rate * 65_536.0) as u16;
        let kept = 1.0 / (1.0 - self.rate);
        let mut thinned = vec![0.0; values.len()];
        let fill = |(task, (out, values)): (usize, (&mut [f32], &[f32]))| {
            let first = (task * UNITS_PER_TASK / 4) as u64;
            for (place, (out, values)) in out.chunks_mut(4).zip(values.chunks(4)).enumerate() {
                let bits = mix(self.key, first + place as u64);
                for (lane, (out, value)) in out.iter_mut().zip(values).enumerate() {
                    let drawn = (bits >> (16 * lane)) as u16;
                    *out = if drawn < threshold { 0.0 } else { kept * value };
                }
            }
        };
        thinned
            .par_chunks_mut(UNITS_PER_TASK)
            .zip(values.par_chunks(UNITS_PER_TASK))
            .enumerate()
            .for_each(fill);
        thinned
    }
}

impl Operation<1> for Dropped {
    fn forward(&self, [units]: [Matrix<'_>; 1]) -> Dense {
        Dense { values: self.thinned(units.values), rows: units.rows, columns: units.columns }
    }

    fn backward(
        &self,
        _inputs: [Matrix<'_>; 1],
        _output: Matrix<'_>,
        gradient: Matrix<'_>,
        [wanted]: [bool; 1],
    ) -> [Option<Vec<f32>>; 1] {
        [wanted.then(|| self.thinned(gradient.values))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::check::slopes_agree;

    #[test]
    fn ref_gradient_agrees_with_finite_differences() {
        slopes_agree([[5, 7]], |[units]| dropped(units, 0.4, 3));
    }

    #[test]
    fn law_the_rate_is_met_and_the_mean_kept() {
        // 40,000 draws: the share's standard error is 0.0023; 5 of them pass 1 in 2 million runs, and
        // the key is fixed.
        let ones = vec![1.0; 40_000];
        let dropped = Dropped { rate: 0.3, key: 7 }.thinned(&ones);
        let zeros = dropped.iter().filter(|value| **value == 0.0).count() as f64 / 40_000.0;
        assert!((zeros - 0.3).abs() < 0.0115, "{zeros}");
        let mean = dropped.iter().map(|value| f64::from(*value)).sum::<f64>() / 40_000.0;
        assert!((mean - 1.0).abs() < 0.017, "{mean}");
        assert_ne!(dropped, Dropped { rate: 0.3, key: 8 }.thinned(&ones));
    }
}
