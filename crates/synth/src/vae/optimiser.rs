//! Adam over one vector of parameters.

use rayon::prelude::*;

const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.999;
const EPSILON: f32 = 1e-8;
/// Parameters of one task.
const CHUNK: usize = 1 << 15;

/// The moments of the gradients so far.
///
/// # Source
/// Kingma and Ba 2015, *Adam*, algorithm 1, with beta 0.9 and 0.999 and epsilon 1e-8.
#[derive(Debug)]
pub(super) struct Adam {
    rate: f32,
    steps: i32,
    first: Vec<f32>,
    second: Vec<f32>,
}

impl Adam {
    pub(super) fn new(size: usize, rate: f32) -> Self {
        Self { rate, steps: 0, first: vec![0.0; size], second: vec![0.0; size] }
    }

    /// Moves every parameter once against `scale` times its gradient.
    pub(super) fn step(&mut self, parameters: &mut [f32], gradient: &[f32], scale: f32) {
        self.steps = self.steps.saturating_add(1);
        let rate = self.rate / (1.0 - BETA_1.powi(self.steps));
        let correction = 1.0 / (1.0 - BETA_2.powi(self.steps));
        let chunks = parameters.par_chunks_mut(CHUNK).zip(gradient.par_chunks(CHUNK));
        let moments = self.first.par_chunks_mut(CHUNK).zip(self.second.par_chunks_mut(CHUNK));
        chunks.zip(moments).for_each(|((parameters, gradient), (first, second))| {
            let moments = first.iter_mut().zip(second);
            for ((parameter, slope), (mean, square)) in parameters.iter_mut().zip(gradient).zip(moments) {
                let slope = scale * slope;
                *mean = BETA_1 * *mean + (1.0 - BETA_1) * slope;
                *square = BETA_2 * *square + (1.0 - BETA_2) * slope * slope;
                *parameter -= rate * *mean / ((*square * correction).sqrt() + EPSILON);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_three_steps_of_algorithm_1() {
        // The algorithm by hand in double precision: with one slope at every step, both corrected moments are the slope and
        // its square, so each step is the rate.
        let mut parameters = [1.0, -2.0];
        let mut adam = Adam::new(2, 0.1);
        for step in 1..=3_u8 {
            adam.step(&mut parameters, &[1.0, -4.0], 0.5);
            let moved = 0.1 * f32::from(step);
            assert!((parameters[0] - 1.0 + moved).abs() < 1e-5 && (parameters[1] + 2.0 - moved).abs() < 1e-5);
        }
        // Then a slope of 1.5 after three of 0.5: mean 0.1 (0.5 (0.9 + 0.81 + 0.729) + 1.5) / (1 - 0.9^4) = 0.790782,
        // square 0.001 (0.25 (0.999 + 0.998001 + 0.997003) + 2.25) / (1 - 0.999^4) = 0.750751.
        adam.step(&mut parameters, &[3.0, 0.0], 0.5);
        let expected = 0.7 - 0.1 * 0.790_782_2 / 0.750_751_f32.sqrt();
        assert!((parameters[0] - expected).abs() < 1e-5, "{} {expected}", parameters[0]);
    }
}
