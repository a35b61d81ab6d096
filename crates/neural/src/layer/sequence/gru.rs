//! Gated recurrent units over whole sequences, as one operation.

use std::ops::Range;

use burn::tensor::Tensor;
use rand::Rng;

use super::Runs;
use crate::layer::Linear;
use crate::operation::custom::{Dense, Matrix, Operation, apply};
use crate::{Pass, WeightId, Weights};

/// A layer of gated recurrent units: what each row says, given the rows before it in its sequence.
///
/// # Source
/// Cho et al., Learning Phrase Representations using RNN Encoder-Decoder (EMNLP 2014), equations 5 to 8,
/// with the reset gate applied after the recurrent product, as in Keras's `reset_after` and PyTorch.
///
/// # Shapes
/// `[rows, inputs] -> [rows, width]`
#[derive(Clone, Copy, Debug)]
pub struct Gru {
    input: Linear,
    recurrent: WeightId,
    bias: WeightId,
    direction: Direction,
}

/// Which row of a sequence comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The oldest.
    Forward,
    /// The latest.
    Backward,
}

impl Gru {
    /// A layer whose state starts from 0.
    pub fn new(
        weights: &mut Weights,
        name: &str,
        inputs: usize,
        width: usize,
        direction: Direction,
        rng: &mut impl Rng,
    ) -> Self {
        let bound = 1.0 / (width.max(1) as f32).sqrt();
        Self {
            input: Linear::new(weights, &format!("{name}.input"), inputs, 3 * width, rng),
            recurrent: weights.uniform(&format!("{name}.recurrent"), [width, 3 * width], bound, rng),
            bias: weights.bias(&format!("{name}.recurrent bias"), 3 * width, 0.0),
            direction,
        }
    }

    /// The state after each row.
    ///
    /// # Panics
    /// When there are not as many rows as the runs say.
    pub fn forward(&self, pass: &Pass, runs: &Runs, rows: Tensor<2>) -> Tensor<2> {
        assert_eq!(rows.dims()[0], runs.rows(), "one row for each place of the sequences");
        let operation = Recurrence { runs: runs.clone(), direction: self.direction };
        let inputs = self.input.forward(pass, rows);
        apply(operation, [inputs, pass.weight(self.recurrent), pass.weight(self.bias)])
    }
}

/// From inputs `[rows, 3 width]` (reset, update, new), matrix `[width, 3 width]` and bias `[1, 3 width]` to
/// states `[rows, width]`.
#[derive(Debug)]
struct Recurrence {
    runs: Runs,
    direction: Direction,
}

/// The gates of one row.
struct Gates {
    /// The state's part of them, before the functions; reset, update, new.
    recurrent: Vec<f32>,
    reset: Vec<f32>,
    update: Vec<f32>,
    new: Vec<f32>,
}

impl Gates {
    fn of_width(width: usize) -> Self {
        let zeros = || vec![0.0; width];
        Self { recurrent: vec![0.0; 3 * width], reset: zeros(), update: zeros(), new: zeros() }
    }

    fn compute(&mut self, input: &[f32], state: &[f32], matrix: &Matrix<'_>, bias: &[f32]) {
        let width = state.len();
        self.recurrent.copy_from_slice(bias);
        for (unit, own) in state.iter().zip(matrix.values.chunks_exact(3 * width)) {
            add_scaled(&mut self.recurrent, *unit, own);
        }
        for unit in 0..width {
            self.reset[unit] = sigmoid(input[unit] + self.recurrent[unit]);
            self.update[unit] = sigmoid(input[width + unit] + self.recurrent[width + unit]);
            let heard = self.reset[unit] * self.recurrent[2 * width + unit];
            self.new[unit] = (input[2 * width + unit] + heard).tanh();
        }
    }
}

impl Recurrence {
    /// The places of a sequence in the order in which the state meets them.
    fn places(&self, run: usize) -> Vec<usize> {
        let range = self.runs.range(run);
        match self.direction {
            Direction::Forward => range.collect(),
            Direction::Backward => range.rev().collect(),
        }
    }

    /// States of neighbouring sequences.
    fn states(&self, runs: Range<usize>, [inputs, matrix, bias]: &[Matrix<'_>; 3]) -> Vec<f32> {
        let width = matrix.rows;
        let first = self.runs.rows_of(&runs).start;
        let mut states = vec![0.0; self.runs.rows_of(&runs).len() * width];
        let mut gates = Gates::of_width(width);
        let mut state = vec![0.0; width];
        for run in runs {
            state.fill(0.0);
            for place in self.places(run) {
                gates.compute(row(inputs, place), &state, matrix, bias.values);
                for ((unit, new), update) in state.iter_mut().zip(&gates.new).zip(&gates.update) {
                    *unit = new + update * (*unit - new);
                }
                states[(place - first) * width..][..width].copy_from_slice(&state);
            }
        }
        states
    }

    /// Slopes of neighbouring sequences.
    fn slopes(&self, runs: Range<usize>, known: &Known<'_>) -> Slopes {
        let width = known.matrix.rows;
        let rows = self.runs.rows_of(&runs);
        let mut slopes = Slopes {
            inputs: vec![0.0; rows.len() * 3 * width],
            matrix: vec![0.0; 3 * width * width],
            bias: vec![0.0; 3 * width],
        };
        let mut gates = Gates::of_width(width);
        let (zeros, mut above, mut heard) = (vec![0.0; width], vec![0.0; width], vec![0.0; 3 * width]);
        for run in runs {
            let places = self.places(run);
            above.fill(0.0);
            for turn in (0..places.len()).rev() {
                let place = places[turn];
                let before = if turn == 0 { &zeros } else { row(&known.states, places[turn - 1]) };
                gates.compute(row(&known.inputs, place), before, &known.matrix, known.bias.values);
                add_scaled(&mut above, 1.0, row(&known.gradient, place));
                let own = &mut slopes.inputs[(place - rows.start) * 3 * width..][..3 * width];
                for unit in 0..width {
                    let (reset, update, new) = (gates.reset[unit], gates.update[unit], gates.new[unit]);
                    let to_new = above[unit] * (1.0 - update) * (1.0 - new * new);
                    let to_reset = to_new * gates.recurrent[2 * width + unit] * reset * (1.0 - reset);
                    let to_update = above[unit] * (before[unit] - new) * update * (1.0 - update);
                    own[unit] = to_reset;
                    own[width + unit] = to_update;
                    own[2 * width + unit] = to_new;
                    heard[unit] = to_reset;
                    heard[width + unit] = to_update;
                    heard[2 * width + unit] = to_new * reset;
                    above[unit] *= update;
                }
                for (slope, own) in heard.iter().zip(known.turned.chunks_exact(width)) {
                    add_scaled(&mut above, *slope, own);
                }
                for (unit, own) in before.iter().zip(slopes.matrix.chunks_exact_mut(3 * width)) {
                    add_scaled(own, *unit, &heard);
                }
                add_scaled(&mut slopes.bias, 1.0, &heard);
            }
        }
        slopes
    }
}

/// What the backward pass reads.
struct Known<'a> {
    inputs: Matrix<'a>,
    matrix: Matrix<'a>,
    bias: Matrix<'a>,
    states: Matrix<'a>,
    gradient: Matrix<'a>,
    /// The matrix with rows and columns exchanged.
    turned: Vec<f32>,
}

struct Slopes {
    inputs: Vec<f32>,
    matrix: Vec<f32>,
    bias: Vec<f32>,
}

impl Operation<3> for Recurrence {
    fn forward(&self, inputs: [Matrix<'_>; 3]) -> Dense {
        let width = inputs[1].rows;
        let values = self.runs.by_task(|runs| self.states(runs, &inputs)).concat();
        Dense { values, rows: self.runs.rows(), columns: width }
    }

    fn backward(
        &self,
        [inputs, matrix, bias]: [Matrix<'_>; 3],
        states: Matrix<'_>,
        gradient: Matrix<'_>,
        wanted: [bool; 3],
    ) -> [Option<Vec<f32>>; 3] {
        let columns = matrix.columns;
        let turned = (0..columns)
            .flat_map(|column| (0..matrix.rows).map(move |row| matrix.values[row * columns + column]))
            .collect();
        let known = Known { inputs, matrix, bias, states, gradient, turned };
        let parts = self.runs.by_task(|runs| self.slopes(runs, &known));
        let mut of_inputs = Vec::with_capacity(inputs.values.len());
        let (mut of_matrix, mut of_bias) = (vec![0.0; matrix.values.len()], vec![0.0; bias.values.len()]);
        for part in parts {
            of_inputs.extend(part.inputs);
            add_scaled(&mut of_matrix, 1.0, &part.matrix);
            add_scaled(&mut of_bias, 1.0, &part.bias);
        }
        let [first, second, third] = wanted;
        [first.then_some(of_inputs), second.then_some(of_matrix), third.then_some(of_bias)]
    }
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

fn add_scaled(sum: &mut [f32], factor: f32, values: &[f32]) {
    sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += factor * value);
}

fn row<'a>(matrix: &Matrix<'a>, row: usize) -> &'a [f32] {
    &matrix.values[row * matrix.columns..(row + 1) * matrix.columns]
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::operation::check::{numbers, slopes_agree};

    fn tensor(values: Vec<f32>, shape: [usize; 2]) -> Tensor<2> {
        Tensor::from_data(TensorData::new(values, shape), &Device::flex())
    }

    fn states(runs: &Runs, direction: Direction, width: usize) -> Vec<f32> {
        let operation = Recurrence { runs: runs.clone(), direction };
        let inputs = tensor(numbers(runs.rows() * 3 * width, 1), [runs.rows(), 3 * width]);
        let matrix = tensor(numbers(3 * width * width, 2), [width, 3 * width]);
        let bias = tensor(numbers(3 * width, 3), [1, 3 * width]);
        apply(operation, [inputs, matrix, bias]).into_data().try_to_vec().unwrap()
    }

    #[test]
    fn ref_gradients_agree_with_finite_differences() {
        let runs = Runs::of_lengths([3, 0, 1, 2]);
        for direction in [Direction::Forward, Direction::Backward] {
            slopes_agree([[6, 6], [2, 6], [1, 6]], |inputs| {
                apply(Recurrence { runs: runs.clone(), direction }, inputs)
            });
        }
    }

    #[test]
    fn ref_states_are_those_of_the_equations() {
        // One unit, two rows, in double precision by hand: r, z, n and the state of each.
        let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
        let inputs: Vec<f64> = numbers(6, 1).into_iter().map(f64::from).collect();
        let matrix: Vec<f64> = numbers(3, 2).into_iter().map(f64::from).collect();
        let bias: Vec<f64> = numbers(3, 3).into_iter().map(f64::from).collect();
        let (mut state, mut expected) = (0.0, Vec::new());
        for x in inputs.chunks(3) {
            let r = logistic(x[0] + matrix[0] * state + bias[0]);
            let z = logistic(x[1] + matrix[1] * state + bias[1]);
            let n = (x[2] + r * (matrix[2] * state + bias[2])).tanh();
            state = (1.0 - z) * n + z * state;
            expected.push(state);
        }
        for (found, expected) in states(&Runs::of_lengths([2]), Direction::Forward, 1).iter().zip(expected) {
            assert!((f64::from(*found) - expected).abs() < 1e-6, "{found} against {expected}");
        }
    }

    #[test]
    fn law_sequences_do_not_hear_each_other_and_threads_change_no_bit() {
        let lengths: Vec<usize> = (0..40).map(|i| (i * 7) % 5).collect();
        let all = Runs::of_lengths(lengths.iter().copied());
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| states(&all, Direction::Forward, 3))
        };
        let together = run(1);
        assert_eq!(together, run(3));
        let head = Runs::of_lengths(lengths[..7].iter().copied());
        let alone = states(&head, Direction::Forward, 3);
        assert_eq!(alone, together[..alone.len()]);
    }
}
