//! Times as vectors.

use burn::tensor::{Tensor, TensorData};

use crate::{Pass, WeightId, Weights, product};

/// Which functions of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFunctions {
    /// A straight line, then sines.
    ///
    /// # Source
    /// Kazemi et al., Time2Vec: Learning a Vector Representation of Time (2019), equation 1.
    LineAndSines,
    /// Cosines over the square root of their number, whose inner products depend on the time between alone
    /// where phases are 0 and sines are among them.
    ///
    /// # Source
    /// Xu et al., Inductive Representation Learning on Temporal Graphs (ICLR 2020), section 3.1, with a phase
    /// for each frequency as in the authors' code.
    Cosines,
}

/// Learnt functions of time.
///
/// # Units
/// Days.
///
/// # Shapes
/// `times -> [times, width]`
#[derive(Clone, Copy, Debug)]
pub struct TimeEncoding {
    frequencies: WeightId,
    phases: WeightId,
    functions: TimeFunctions,
    width: usize,
}

/// Powers of ten between the fastest and the slowest function at first: a day to about three years.
const DECADES: f32 = 3.0;

impl TimeEncoding {
    /// So many functions, at first with periods from days to years.
    pub fn new(weights: &mut Weights, name: &str, functions: TimeFunctions, width: usize) -> Self {
        let frequencies = weights.filled(&format!("{name}.frequencies"), [1, width], 0.0);
        weights.decay(frequencies, 0.0);
        let last = width.saturating_sub(1).max(1) as f32;
        for (place, value) in weights.values_mut(frequencies).iter_mut().enumerate() {
            *value = 10.0_f32.powf(-DECADES * place as f32 / last);
        }
        if functions == TimeFunctions::LineAndSines
            && let Some(line) = weights.values_mut(frequencies).first_mut()
        {
            // Years, so that the line does not drown the sines.
            *line = 1.0 / 365.25;
        }
        let phases = weights.bias(&format!("{name}.phases"), width, 0.0);
        Self { frequencies, phases, functions, width }
    }

    /// The functions of each time; none gives no row.
    pub fn forward(&self, pass: &Pass, times_days: &[f32]) -> Tensor<2> {
        let times = TensorData::new(times_days.to_vec(), [times_days.len(), 1]);
        let times = Tensor::<2>::from_data(times, &pass.device());
        let angles = product(times, pass.weight(self.frequencies)) + pass.weight(self.phases);
        match self.functions {
            TimeFunctions::Cosines => angles.cos().mul_scalar(1.0 / (self.width.max(1) as f32).sqrt()),
            TimeFunctions::LineAndSines if self.width < 2 => angles,
            TimeFunctions::LineAndSines => {
                let sines = angles.clone().narrow(1, 1, self.width - 1).sin();
                Tensor::cat(vec![angles.narrow(1, 0, 1), sines], 1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trainer::numbers;

    #[test]
    fn ref_functions_computed_by_hand() {
        for functions in [TimeFunctions::LineAndSines, TimeFunctions::Cosines] {
            let mut weights = Weights::new();
            let encoding = TimeEncoding::new(&mut weights, "time", functions, 3);
            weights.values_mut(encoding.frequencies).copy_from_slice(&[0.5, 2.0, -0.1]);
            weights.values_mut(encoding.phases).copy_from_slice(&[1.0, 0.3, 0.0]);
            let found = numbers(encoding.forward(&Pass::in_use(&weights), &[0.0, 4.0]));
            let root = 3.0_f32.sqrt();
            let expected = match functions {
                TimeFunctions::LineAndSines => {
                    [1.0, 0.3_f32.sin(), 0.0, 3.0, 8.3_f32.sin(), (-0.4_f32).sin()]
                }
                TimeFunctions::Cosines => [1.0_f32, 0.3, 0.0, 3.0, 8.3, -0.4].map(|angle| angle.cos() / root),
            };
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-5, "{functions:?}: {found} against {expected}");
            }
        }
    }
}
