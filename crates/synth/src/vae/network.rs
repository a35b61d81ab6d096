//! The encoder and the decoder: three layers each, with gradients written out.
//!
//! A batch is cut into shards of [`SHARD`] rows, whatever the number of threads; what shards give is summed in their order,
//! so any number of threads gives the same bits.

use std::ops::Range;

use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::elbo::{self, Elbo};
use super::encoding::{Cells, Encoding};
use super::product::{Matrix, multiply};

/// Rows of one shard.
pub(super) const SHARD: usize = 64;
pub(super) const LAYERS: usize = 6;
/// The layer whose outputs are the latent posterior's moments.
const MOMENTS: usize = 2;
/// Rows of a weight matrix whose gradient is one task.
const GRADIENT_ROWS: usize = 64;
/// The last layer starts this much smaller than the others, so that rows start out alike.
const LAST_SCALE: f32 = 0.1;

/// What hidden units do to their sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// The positive part.
    Relu,
    /// The hyperbolic tangent.
    Tanh,
}

/// The layers' places among the parameters: of each layer its weights `[inputs, outputs]`, then its biases; the columns'
/// constants last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Network {
    width: usize,
    hidden: usize,
    latent: usize,
    constants: usize,
    activation: Activation,
}

/// One layer's sizes and place.
#[derive(Clone, Copy, Debug)]
struct Layer {
    inputs: usize,
    outputs: usize,
    start: usize,
}

impl Layer {
    fn weights<'a>(&self, parameters: &'a [f32]) -> Matrix<'a> {
        let values = &parameters[self.start..self.start + self.inputs * self.outputs];
        Matrix::new(values, self.inputs, self.outputs)
    }

    fn biases<'a>(&self, parameters: &'a [f32]) -> &'a [f32] {
        &parameters[self.start + self.inputs * self.outputs..][..self.outputs]
    }
}

impl Network {
    pub(super) fn new(encoding: &Encoding, hidden: usize, latent: usize, activation: Activation) -> Self {
        Self { width: encoding.width(), hidden, latent, constants: encoding.constants(), activation }
    }

    fn layers(&self) -> [Layer; LAYERS] {
        let (width, hidden, latent) = (self.width, self.hidden, self.latent);
        let sizes = [
            (width, hidden),
            (hidden, hidden),
            (hidden, 2 * latent),
            (latent, hidden),
            (hidden, hidden),
            (hidden, width),
        ];
        let mut start = 0;
        sizes.map(|(inputs, outputs)| {
            let layer = Layer { inputs, outputs, start };
            start += (inputs + 1) * outputs;
            layer
        })
    }

    /// Number of parameters.
    pub(super) fn size(&self) -> usize {
        self.layers().iter().map(|layer| (layer.inputs + 1) * layer.outputs).sum::<usize>() + self.constants
    }

    /// The columns' constants among the parameters.
    pub(super) fn constants(&self) -> Range<usize> {
        let size = self.size();
        size - self.constants..size
    }

    /// Where the decoder's parameters begin.
    pub(super) fn decoder(&self) -> usize {
        self.layers()[MOMENTS + 1].start
    }

    pub(super) fn latent(&self) -> usize {
        self.latent
    }

    /// Whether it is one for this encoding.
    pub(super) fn suits(&self, encoding: &Encoding) -> bool {
        self.width == encoding.width() && self.constants == encoding.constants()
    }

    /// Parameters to start from: weights uniform within the bounds of Glorot and Bengio, the outputs where each column is
    /// drawn as it is spread over all rows.
    ///
    /// # Source
    /// Glorot and Bengio 2010, *Understanding the difficulty of training deep feedforward neural networks*, equation 16.
    pub(super) fn start(&self, encoding: &Encoding, rng: &mut impl Rng) -> Vec<f32> {
        let mut parameters = vec![0.0; self.size()];
        let layers = self.layers();
        for (place, layer) in layers.iter().enumerate() {
            let scale = if place + 1 == LAYERS { LAST_SCALE } else { 1.0 };
            let bound = scale * (6.0 / (layer.inputs + layer.outputs).max(1) as f32).sqrt();
            let weights = &mut parameters[layer.start..layer.start + layer.inputs * layer.outputs];
            for weight in weights {
                *weight = rng.random_range(-bound..=bound);
            }
        }
        let constants = self.constants();
        let (outputs, fixed) = parameters.split_at_mut(constants.start);
        let last = outputs.len() - self.width;
        encoding.start(&mut outputs[last..], fixed);
        parameters
    }

    /// Outputs of the decoder for latent draws.
    ///
    /// # Shapes
    /// `[rows, latent] -> [rows, width]`
    pub(super) fn decode(&self, parameters: &[f32], latents: Vec<f32>) -> Vec<f32> {
        let rows = latents.len().checked_div(self.latent).unwrap_or(0);
        let mut units = latents;
        for (place, layer) in self.layers().iter().enumerate().skip(MOMENTS + 1) {
            let mut sums = Vec::new();
            self.forward(parameters, *layer, &units, rows, &mut sums, place + 1 < LAYERS);
            units = sums;
        }
        units
    }

    fn forward(
        &self,
        parameters: &[f32],
        layer: Layer,
        inputs: &[f32],
        rows: usize,
        sums: &mut Vec<f32>,
        is_hidden: bool,
    ) {
        sums.clear();
        for _ in 0..rows {
            sums.extend_from_slice(layer.biases(parameters));
        }
        multiply(Matrix::new(inputs, rows, layer.inputs), layer.weights(parameters), sums, true);
        if is_hidden {
            match self.activation {
                Activation::Relu => sums.iter_mut().for_each(|unit| *unit = unit.max(0.0)),
                Activation::Tanh => sums.iter_mut().for_each(|unit| *unit = libm::tanhf(*unit)),
            }
        }
    }

    /// Slopes by a layer's inputs, which are hidden units, times what the units' own function adds.
    fn backward(
        &self,
        parameters: &[f32],
        layer: Layer,
        deltas: &[f32],
        units: &[f32],
        below: &mut Vec<f32>,
    ) {
        let rows = units.len().checked_div(layer.inputs).unwrap_or(0);
        below.resize(units.len(), 0.0);
        multiply(
            Matrix::new(deltas, rows, layer.outputs),
            layer.weights(parameters).transposed(),
            below,
            false,
        );
        let pairs = below.iter_mut().zip(units);
        match self.activation {
            Activation::Relu => {
                pairs.for_each(|(slope, unit)| *slope = if *unit > 0.0 { *slope } else { 0.0 });
            }
            Activation::Tanh => pairs.for_each(|(slope, unit)| *slope *= 1.0 - unit * unit),
        }
    }

    /// One pass of some rows there and back, at most [`SHARD`] of them: afterwards the shard holds each row's slopes by every
    /// layer's sums, from which gradients and their norms follow.
    pub(super) fn pass(
        &self,
        parameters: &[f32],
        (encoding, cells): (&Encoding, &Cells),
        rows: &[u32],
        weight: f32,
        noise: &mut impl Rng,
        shard: &mut Shard,
    ) {
        let (layers, count) = (self.layers(), rows.len());
        shard.rows = count;
        let Shard { inputs, deltas, constants, noise: drawn, terms, moments, by_latent, .. } = shard;
        inputs[0].clear();
        inputs[0].resize(count * self.width, 0.0);
        for (place, row) in rows.iter().enumerate() {
            let mut input = &mut inputs[0][place * self.width..][..self.width];
            for (head, cell) in encoding.heads().iter().zip(cells.row(*row as usize)) {
                let (own, rest) = input.split_at_mut(head.width());
                head.tell(*cell, own);
                input = rest;
            }
        }
        drawn.clear();
        drawn.extend((0..count * self.latent).map(|_| -> f32 { StandardNormal.sample(noise) }));
        for place in 0..MOMENTS {
            let (from, to) = inputs.split_at_mut(place + 1);
            self.forward(parameters, layers[place], &from[place], count, &mut to[0], true);
        }
        self.forward(parameters, layers[MOMENTS], &inputs[MOMENTS], count, moments, false);
        let (latent, twice) = (self.latent, 2 * self.latent);
        inputs[MOMENTS + 1].resize(count * latent, 0.0);
        for row in 0..count {
            elbo::draw_latent(
                &moments[row * twice..][..twice],
                &drawn[row * latent..][..latent],
                &mut inputs[MOMENTS + 1][row * latent..][..latent],
            );
        }
        for place in MOMENTS + 1..LAYERS - 1 {
            let (from, to) = inputs.split_at_mut(place + 1);
            self.forward(parameters, layers[place], &from[place], count, &mut to[0], true);
        }
        let outputs = &mut *by_latent;
        self.forward(parameters, layers[LAYERS - 1], &inputs[LAYERS - 1], count, outputs, false);

        let fixed = &parameters[self.constants()];
        deltas[LAYERS - 1].resize(count * self.width, 0.0);
        constants.resize(count * self.constants, 0.0);
        terms.clear();
        for (place, row) in rows.iter().enumerate() {
            let own = place * self.width..(place + 1) * self.width;
            let loss = elbo::reconstruction(
                encoding,
                cells.row(*row as usize),
                &outputs[own.clone()],
                fixed,
                &mut deltas[LAYERS - 1][own],
                &mut constants[place * self.constants..][..self.constants],
            );
            terms.push(Elbo { reconstruction: -loss, divergence: 0.0 });
        }
        for place in (MOMENTS + 2..LAYERS).rev() {
            let (below, own) = deltas.split_at_mut(place);
            self.backward(parameters, layers[place], &own[0], &inputs[place], &mut below[place - 1]);
        }
        by_latent.resize(count * latent, 0.0);
        multiply(
            Matrix::new(&deltas[MOMENTS + 1], count, self.hidden),
            layers[MOMENTS + 1].weights(parameters).transposed(),
            by_latent,
            false,
        );
        deltas[MOMENTS].resize(count * twice, 0.0);
        for (row, term) in terms.iter_mut().enumerate() {
            term.divergence = elbo::divergence(
                &moments[row * twice..][..twice],
                &drawn[row * latent..][..latent],
                weight,
                &by_latent[row * latent..][..latent],
                &mut deltas[MOMENTS][row * twice..][..twice],
            );
        }
        for place in (1..=MOMENTS).rev() {
            let (below, own) = deltas.split_at_mut(place);
            self.backward(parameters, layers[place], &own[0], &inputs[place], &mut below[place - 1]);
        }
    }

    /// The sum over all rows of the shards of their gradients, each as its slopes now are: shard after shard, layer by layer.
    pub(super) fn gradient(&self, shards: &[Shard], gradient: &mut [f32]) {
        let mut tasks: Vec<(Task, &mut [f32])> = Vec::new();
        let mut rest = gradient;
        for (place, layer) in self.layers().iter().enumerate() {
            for first in (0..layer.inputs).step_by(GRADIENT_ROWS) {
                let count = GRADIENT_ROWS.min(layer.inputs - first);
                let (own, others) = rest.split_at_mut(count * layer.outputs);
                tasks.push((Task::Weights { layer: place, first, count }, own));
                rest = others;
            }
            let (own, others) = rest.split_at_mut(layer.outputs);
            tasks.push((Task::Biases { layer: place }, own));
            rest = others;
        }
        tasks.push((Task::Constants, rest));
        let layers = self.layers();
        tasks.into_par_iter().for_each(|(task, out)| {
            out.fill(0.0);
            for shard in shards {
                match task {
                    Task::Weights { layer, first, count } => {
                        let Layer { inputs, outputs, .. } = layers[layer];
                        let inputs = Matrix::new(&shard.inputs[layer], shard.rows, inputs).transposed();
                        let deltas = Matrix::new(&shard.deltas[layer], shard.rows, outputs);
                        multiply(inputs.rows_from(first, count), deltas, out, true);
                    }
                    Task::Biases { layer } => add_rows(&shard.deltas[layer], out),
                    Task::Constants => add_rows(&shard.constants, out),
                }
            }
        });
    }
}

#[derive(Clone, Copy)]
enum Task {
    Weights { layer: usize, first: usize, count: usize },
    Biases { layer: usize },
    Constants,
}

fn add_rows(rows: &[f32], sum: &mut [f32]) {
    if !sum.is_empty() {
        rows.chunks_exact(sum.len())
            .for_each(|row| sum.iter_mut().zip(row).for_each(|(sum, own)| *sum += own));
    }
}

/// Some rows on their way through the network, and the room for it, which is kept from step to step.
#[derive(Debug, Default)]
pub(super) struct Shard {
    rows: usize,
    /// What each layer reads. `[rows, inputs]` each
    inputs: [Vec<f32>; LAYERS],
    /// Slopes by each layer's sums. `[rows, outputs]` each
    deltas: [Vec<f32>; LAYERS],
    /// Slopes by the columns' constants. `[rows, constants]`
    constants: Vec<f32>,
    noise: Vec<f32>,
    moments: Vec<f32>,
    by_latent: Vec<f32>,
    terms: Vec<Elbo>,
}

impl Shard {
    /// Each row's bound.
    pub(super) fn terms(&self) -> &[Elbo] {
        &self.terms
    }

    /// The squared norm of each row's gradient by the parameters of some layers, without the gradients: that of an outer
    /// product is the product of the squared norms, and the bias adds an input of 1.
    ///
    /// # Source
    /// Goodfellow 2015, *Efficient Per-Example Gradient Computations*; as ghost clipping, Li et al. 2022, *Large Language
    /// Models Can Be Strong Differentially Private Learners*, section 4.
    pub(super) fn squared_norms(&self, layers: Range<usize>, norms: &mut Vec<f64>) {
        norms.clear();
        norms.resize(self.rows, 0.0);
        for (inputs, deltas) in self.inputs[layers.clone()].iter().zip(&self.deltas[layers.clone()]) {
            for (row, norm) in norms.iter_mut().enumerate() {
                *norm += (square(inputs, row, self.rows) + 1.0) * square(deltas, row, self.rows);
            }
        }
        if layers.end == LAYERS {
            for (row, norm) in norms.iter_mut().enumerate() {
                *norm += square(&self.constants, row, self.rows);
            }
        }
    }

    /// Weighs each row's gradient by the parameters of some layers.
    pub(super) fn weigh(&mut self, layers: Range<usize>, factors: &[f32]) {
        let rows = self.rows;
        let weigh = |values: &mut Vec<f32>| {
            let width = values.len().checked_div(rows).unwrap_or(0);
            if width > 0 {
                for (row, factor) in values.chunks_exact_mut(width).zip(factors) {
                    for value in row {
                        *value *= factor;
                    }
                }
            }
        };
        self.deltas[layers.clone()].iter_mut().for_each(weigh);
        if layers.end == LAYERS {
            weigh(&mut self.constants);
        }
    }
}

/// The squared norm of a row, in eight sums side by side.
fn square(values: &[f32], row: usize, rows: usize) -> f64 {
    const LANES: usize = 8;
    let width = values.len().checked_div(rows).unwrap_or(0);
    let own = &values[row * width..(row + 1) * width];
    let mut lanes = [0.0_f64; LANES];
    let chunks = own.chunks_exact(LANES);
    let rest: f64 = chunks.remainder().iter().map(|value| f64::from(*value).powi(2)).sum();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += f64::from(*value) * f64::from(*value);
        }
    }
    lanes.iter().sum::<f64>() + rest
}
