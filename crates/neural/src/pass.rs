//! One pass through a network: its weights as tensors, and what differs between training and use.

use burn::tensor::{Device, Tensor};

use crate::operation::{Aggregator, dropped};
use crate::random::mix;
use crate::weights::{WeightId, Weights};

/// One forward pass.
///
/// In training, units drop out and running means move; in use, neither. What drops out depends on the
/// pass's key and the order of the calls alone, so that a pass can be repeated bit for bit.
#[derive(Debug)]
pub struct Pass {
    tensors: Vec<Tensor<2>>,
    /// The key of this pass's random numbers, when training.
    key: Option<u64>,
    draws: u64,
    updates: Vec<(WeightId, Vec<f32>)>,
}

impl Pass {
    /// A pass without gradients, dropout or updates.
    pub fn in_use(weights: &Weights) -> Self {
        Self::new(weights, &Device::flex(), None, false)
    }

    /// A pass of training whose gradients are wanted.
    pub fn in_training(weights: &Weights, key: u64) -> Self {
        Self::new(weights, &Device::flex().autodiff(), Some(key), true)
    }

    /// A pass as in use but with gradients by the weights and by inputs that ask for them.
    pub fn differentiable(weights: &Weights) -> Self {
        Self::new(weights, &Device::flex().autodiff(), None, true)
    }

    fn new(weights: &Weights, device: &Device, key: Option<u64>, leaves: bool) -> Self {
        Self { tensors: weights.tensors(device, leaves), key, draws: 0, updates: Vec::new() }
    }

    /// Where the pass computes.
    pub fn device(&self) -> Device {
        self.tensors.first().map_or_else(Device::flex, Tensor::device)
    }

    /// A matrix of weights.
    ///
    /// # Panics
    /// When the weights of the pass have no such matrix.
    pub fn weight(&self, id: WeightId) -> Tensor<2> {
        self.tensors[id.0].clone()
    }

    /// Whether this pass trains.
    pub fn is_training(&self) -> bool {
        self.key.is_some()
    }

    /// Leaves out units at random in training and scales the others up to keep the mean.
    pub fn dropout(&mut self, units: Tensor<2>, rate: f32) -> Tensor<2> {
        match self.next_key() {
            Some(key) if rate > 0.0 => dropped(units, rate, key),
            _ => units,
        }
    }

    /// Leaves out entries of a sparse matrix in training, as [`Pass::dropout`] does units.
    pub fn dropout_sparse(&mut self, rows: &Aggregator, rate: f32) -> Aggregator {
        match self.next_key() {
            Some(key) if rate > 0.0 => Aggregator::new(rows.adjacency().thinned(rate, key)),
            _ => rows.clone(),
        }
    }

    /// A key of this training pass for random numbers of a layer's own; none in use.
    pub fn next_key(&mut self) -> Option<u64> {
        let key = self.key?;
        self.draws += 1;
        Some(mix(key, self.draws))
    }

    /// Sets a running matrix after this pass, in training.
    pub(crate) fn update(&mut self, id: WeightId, values: Vec<f32>) {
        if self.is_training() {
            self.updates.push((id, values));
        }
    }

    pub(crate) fn into_parts(self) -> (Vec<Tensor<2>>, Vec<(WeightId, Vec<f32>)>) {
        (self.tensors, self.updates)
    }
}
