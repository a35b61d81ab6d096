//! Adam with decoupled weight decay, and clipping by the global norm.

use crate::parameters::Weights;

/// How fast and how carefully to move.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AdamParameters {
    pub learning_rate: f32,
    pub weight_decay: f32,
}

/// The moments of the gradients so far.
///
/// # Source
/// Kingma and Ba (2015), algorithm 1, with beta 0.9 and 0.999 and epsilon 1e-8; Loshchilov and
/// Hutter (2019), algorithm 2, for the decay.
#[derive(Clone, Debug)]
pub(crate) struct Adam {
    parameters: AdamParameters,
    steps: i32,
    moments: Vec<(Vec<f32>, Vec<f32>)>,
}

const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

impl Adam {
    pub(crate) fn new(weights: &Weights, parameters: AdamParameters) -> Self {
        let zeros = |len: usize| (vec![0.0; len], vec![0.0; len]);
        let moments = weights.blocks.iter().map(|block| zeros(block.values.len())).collect();
        Self { parameters, steps: 0, moments }
    }

    /// Moves every weight once against its gradient.
    pub(crate) fn step(&mut self, weights: &mut Weights, gradients: &[Vec<f32>]) {
        self.steps += 1;
        let correction_1 = 1.0 - BETA_1.powi(self.steps);
        let correction_2 = 1.0 - BETA_2.powi(self.steps);
        let AdamParameters { learning_rate, weight_decay } = self.parameters;
        let rate = learning_rate / correction_1;
        for ((block, gradient), (first, second)) in
            weights.blocks.iter_mut().zip(gradients).zip(&mut self.moments)
        {
            let kept = if block.decays { 1.0 - learning_rate * weight_decay } else { 1.0 };
            for (((weight, &slope), mean), square) in
                block.values.iter_mut().zip(gradient).zip(first.iter_mut()).zip(second.iter_mut())
            {
                *mean = BETA_1 * *mean + (1.0 - BETA_1) * slope;
                *square = BETA_2 * *square + (1.0 - BETA_2) * slope * slope;
                *weight = kept * *weight - rate * *mean / ((*square / correction_2).sqrt() + EPSILON);
            }
        }
    }
}

/// Shrinks all gradients alike so that their joint Euclidean norm is at most `largest_norm`;
/// returns the norm before.
pub(crate) fn clip_gradients(gradients: &mut [Vec<f32>], largest_norm: f32) -> f32 {
    let squares: f64 = gradients.iter().flatten().map(|&slope| f64::from(slope) * f64::from(slope)).sum();
    let norm = squares.sqrt() as f32;
    if norm > largest_norm {
        let factor = largest_norm / norm;
        gradients.iter_mut().flatten().for_each(|slope| *slope *= factor);
    }
    norm
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::WeightBlock;

    fn weights(values: Vec<f32>, decays: bool) -> Weights {
        Weights { blocks: vec![WeightBlock { shape: [1, values.len()], values, decays }] }
    }

    #[test]
    fn ref_three_steps_of_algorithm_2() {
        // The algorithm in double precision, written independently in Python: learning rate 0.1,
        // decay 0.01, from (1, -2).
        let mut weights = weights(vec![1.0, -2.0], true);
        let mut adam = Adam::new(&weights, AdamParameters { learning_rate: 0.1, weight_decay: 0.01 });
        let steps = [
            ([0.5, -1.0], [0.899, -1.898]),
            ([0.1, 2.0], [0.817_797, -1.932_712]),
            ([-0.3, 0.25], [0.795_908, -1.966_006]),
        ];
        for (gradient, expected) in steps {
            adam.step(&mut weights, &[gradient.to_vec()]);
            for (weight, expected) in weights.blocks[0].values.iter().zip(expected) {
                assert!((weight - expected).abs() < 1e-5, "{weight} against {expected}");
            }
        }
    }

    #[test]
    fn law_biases_do_not_decay() {
        let mut weights = weights(vec![3.0], false);
        let mut adam = Adam::new(&weights, AdamParameters { learning_rate: 0.1, weight_decay: 0.5 });
        adam.step(&mut weights, &[vec![0.0]]);
        assert_eq!(weights.blocks[0].values, [3.0]);
    }

    #[test]
    fn law_clipping_keeps_the_direction_and_bounds_the_norm() {
        let mut gradients = vec![vec![3.0, 0.0], vec![4.0]];
        assert!((clip_gradients(&mut gradients, 1.0) - 5.0).abs() < 1e-6);
        assert!((gradients[0][0] - 0.6).abs() < 1e-6 && (gradients[1][0] - 0.8).abs() < 1e-6);
        let mut small = vec![vec![0.1]];
        clip_gradients(&mut small, 1.0);
        assert_eq!(small, [[0.1]]);
    }
}
