//! Adam with decoupled weight decay, and clipping by the global norm.

use serde::{Deserialize, Serialize};

use crate::weights::{Sort, Weights};

/// How fast and how carefully to move.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdamParameters {
    /// The step.
    pub learning_rate: f32,
    /// Pull towards 0, times each matrix's own multiple.
    pub weight_decay: f32,
    /// How the pull is applied.
    pub decay: Decay,
}

impl Default for AdamParameters {
    /// A rate of 0.001 without decay.
    fn default() -> Self {
        Self { learning_rate: 1e-3, weight_decay: 0.0, decay: Decay::Decoupled }
    }
}

/// How weights are pulled towards 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decay {
    /// By a share of themselves at each step (AdamW).
    Decoupled,
    /// By the slope of a squared penalty, which Adam rescales with the gradient.
    Penalty,
}

/// The moments of the gradients so far.
///
/// # Source
/// Kingma and Ba (2015), algorithm 1, with beta 0.9 and 0.999 and epsilon 1e-8; Loshchilov and
/// Hutter (2019), algorithm 2, for the decay.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Adam {
    parameters: AdamParameters,
    pub(crate) steps: u64,
    pub(crate) moments: Vec<Moments>,
}

/// Running means of a matrix's slopes and of their squares.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Moments {
    pub(crate) first: Vec<f32>,
    pub(crate) second: Vec<f32>,
}

const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

impl Adam {
    pub(crate) fn new(weights: &Weights, parameters: AdamParameters) -> Self {
        let zeros = |len: usize| Moments { first: vec![0.0; len], second: vec![0.0; len] };
        let moments = weights.blocks.iter().map(|block| zeros(block.values.len())).collect();
        Self { parameters, steps: 0, moments }
    }

    /// Moves every weight once against its gradient, with the learning rate times `factor`.
    pub(crate) fn step(&mut self, weights: &mut Weights, gradients: &[Vec<f32>], factor: f32) {
        self.steps += 1;
        let steps = i32::try_from(self.steps).unwrap_or(i32::MAX);
        let (correction_1, correction_2) = (1.0 - BETA_1.powi(steps), 1.0 - BETA_2.powi(steps));
        let learning_rate = self.parameters.learning_rate * factor;
        let rate = learning_rate / correction_1;
        for ((block, gradient), moments) in weights.blocks.iter_mut().zip(gradients).zip(&mut self.moments) {
            let Sort::Trained { decay } = block.sort else { continue };
            let decay = decay * self.parameters.weight_decay;
            let (kept, penalty) = match self.parameters.decay {
                Decay::Decoupled => (1.0 - learning_rate * decay, 0.0),
                Decay::Penalty => (1.0, decay),
            };
            let moments = moments.first.iter_mut().zip(&mut moments.second);
            for ((weight, &slope), (mean, square)) in block.values.iter_mut().zip(gradient).zip(moments) {
                let slope = slope + penalty * *weight;
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

    fn weights(values: &[f32]) -> Weights {
        let mut weights = Weights::new();
        let id = weights.filled("matrix", [1, values.len()], 0.0);
        weights.values_mut(id).copy_from_slice(values);
        weights
    }

    fn parameters(weight_decay: f32, decay: Decay) -> AdamParameters {
        AdamParameters { learning_rate: 0.1, weight_decay, decay }
    }

    #[test]
    fn ref_three_steps_of_algorithm_2() {
        // The algorithm in double precision, written independently in Python: learning rate 0.1,
        // decay 0.01, from (1, -2).
        let mut weights = weights(&[1.0, -2.0]);
        let mut adam = Adam::new(&weights, parameters(0.01, Decay::Decoupled));
        let steps = [
            ([0.5, -1.0], [0.899, -1.898]),
            ([0.1, 2.0], [0.817_797, -1.932_712]),
            ([-0.3, 0.25], [0.795_908, -1.966_006]),
        ];
        for (gradient, expected) in steps {
            adam.step(&mut weights, &[gradient.to_vec()], 1.0);
            for (weight, expected) in weights.blocks[0].values.iter().zip(expected) {
                assert!((weight - expected).abs() < 1e-5, "{weight} against {expected}");
            }
        }
    }

    #[test]
    fn law_a_penalty_is_the_slope_of_half_the_squared_weights() {
        let (mut penalised, mut by_hand) = (weights(&[3.0, -1.0]), weights(&[3.0, -1.0]));
        let mut one = Adam::new(&penalised, parameters(0.5, Decay::Penalty));
        let mut other = Adam::new(&by_hand, parameters(0.0, Decay::Penalty));
        for _ in 0..5 {
            one.step(&mut penalised, &[vec![0.2, 0.1]], 1.0);
            let own = &by_hand.blocks[0].values;
            let slopes = vec![0.2 + 0.5 * own[0], 0.1 + 0.5 * own[1]];
            other.step(&mut by_hand, &[slopes], 1.0);
        }
        assert_eq!(penalised, by_hand);
    }

    #[test]
    fn law_biases_do_not_decay() {
        let mut weights = Weights::new();
        weights.bias("bias", 1, 3.0);
        weights.running("mean", 1, 2.0);
        let mut adam = Adam::new(&weights, parameters(0.5, Decay::Decoupled));
        adam.step(&mut weights, &[vec![0.0], vec![1.0]], 1.0);
        assert_eq!(weights.blocks[0].values, [3.0]);
        assert_eq!(weights.blocks[1].values, [2.0], "running means are not the optimiser's");
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
