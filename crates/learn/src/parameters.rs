//! The weights of a network, kept as plain numbers so that optimisation is ours and exact.

use burn::tensor::{Device, Tensor, TensorData};
use rand::{Rng, RngExt};

/// The weights of one network in a fixed order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Weights {
    pub(crate) blocks: Vec<WeightBlock>,
}

/// One matrix of weights.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WeightBlock {
    pub(crate) shape: [usize; 2],
    pub(crate) values: Vec<f32>,
    /// Whether weight decay applies; it does not to biases.
    pub(crate) decays: bool,
}

impl Weights {
    /// Adds a dense layer's matrix, uniform within the bounds of Glorot and Bengio (2010).
    pub(crate) fn dense(&mut self, shape: [usize; 2], rng: &mut impl Rng) -> usize {
        let bound = (6.0 / (shape[0] + shape[1]) as f32).sqrt();
        self.uniform(shape, bound, rng)
    }

    /// Adds a table of embeddings, uniform within `1 / sqrt(width)`.
    pub(crate) fn embedding(&mut self, shape: [usize; 2], rng: &mut impl Rng) -> usize {
        self.uniform(shape, 1.0 / (shape[1] as f32).sqrt(), rng)
    }

    /// Adds a matrix of zeros: an output layer that starts so predicts the prior for everyone, and a
    /// network stopped early stays near it.
    pub(crate) fn zeros(&mut self, shape: [usize; 2]) -> usize {
        self.push(WeightBlock { shape, values: vec![0.0; shape[0] * shape[1]], decays: true })
    }

    /// Adds a row that starts at one value everywhere and does not decay.
    pub(crate) fn bias(&mut self, width: usize, value: f32) -> usize {
        self.push(WeightBlock { shape: [1, width], values: vec![value; width], decays: false })
    }

    /// The weights as leaves of a computation whose gradients are wanted.
    pub(crate) fn leaves(&self, device: &Device) -> Vec<Tensor<2>> {
        self.tensors(device).into_iter().map(Tensor::require_grad).collect()
    }

    /// The weights as constants.
    pub(crate) fn tensors(&self, device: &Device) -> Vec<Tensor<2>> {
        let tensor = |block: &WeightBlock| {
            Tensor::from_data(TensorData::new(block.values.clone(), block.shape), device)
        };
        self.blocks.iter().map(tensor).collect()
    }

    fn uniform(&mut self, shape: [usize; 2], bound: f32, rng: &mut impl Rng) -> usize {
        let values = (0..shape[0] * shape[1]).map(|_| rng.random_range(-bound..=bound)).collect();
        self.push(WeightBlock { shape, values, decays: true })
    }

    fn push(&mut self, block: WeightBlock) -> usize {
        self.blocks.push(block);
        self.blocks.len() - 1
    }
}
