//! The weights of a network, kept as plain numbers so that optimisation is ours and exact.

use burn::tensor::{Device, Tensor, TensorData};
use rand::{Rng, RngExt};
use sha2::{Digest, Sha256};

/// The weights of one network, in the order in which its layers asked for them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weights {
    pub(crate) blocks: Vec<WeightBlock>,
}

const HEXADECIMAL: &[u8; 16] = b"0123456789abcdef";

/// The place of one matrix among the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WeightId(pub(crate) usize);

/// One named matrix of weights.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightBlock {
    pub(crate) name: String,
    pub(crate) shape: [usize; 2],
    pub(crate) values: Vec<f32>,
    pub(crate) sort: Sort,
}

/// What training does to a matrix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Sort {
    /// Moved against its gradient, and towards 0 with this multiple of the optimiser's decay.
    Trained { decay: f32 },
    /// Moved by the passes of training themselves, as running means are.
    Running,
}

impl WeightBlock {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Rows and columns.
    pub fn shape(&self) -> [usize; 2] {
        self.shape
    }

    /// Its numbers, row after row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    pub(crate) fn is_trained(&self) -> bool {
        matches!(self.sort, Sort::Trained { .. })
    }
}

impl Weights {
    /// No weights yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The matrices, in order.
    pub fn blocks(&self) -> &[WeightBlock] {
        &self.blocks
    }

    /// The places of the matrices, in order.
    pub fn ids(&self) -> impl Iterator<Item = WeightId> + use<> {
        (0..self.blocks.len()).map(WeightId)
    }

    /// A matrix's numbers, to change them.
    pub fn values_mut(&mut self, id: WeightId) -> &mut [f32] {
        &mut self.blocks[id.0].values
    }

    /// Adds a matrix uniform within the bounds of Glorot and Bengio, sqrt(6 / (inputs + outputs)).
    ///
    /// # Source
    /// Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks
    /// (AISTATS 2010), equation 16.
    pub fn glorot(&mut self, name: &str, shape: [usize; 2], rng: &mut impl Rng) -> WeightId {
        let bound = (6.0 / (shape[0] + shape[1]).max(1) as f32).sqrt();
        self.uniform(name, shape, bound, rng)
    }

    /// Adds a matrix uniform within `bound` of 0.
    pub fn uniform(&mut self, name: &str, shape: [usize; 2], bound: f32, rng: &mut impl Rng) -> WeightId {
        let values = (0..shape[0] * shape[1]).map(|_| rng.random_range(-bound..=bound)).collect();
        self.push(name, shape, values, Sort::Trained { decay: 1.0 })
    }

    /// Adds a table of embeddings, uniform within `1 / sqrt(width)`.
    pub fn embedding(&mut self, name: &str, shape: [usize; 2], rng: &mut impl Rng) -> WeightId {
        self.uniform(name, shape, 1.0 / (shape[1].max(1) as f32).sqrt(), rng)
    }

    /// Adds a matrix of one number, such as an output layer of zeros: it predicts the same for everyone at
    /// first, and a network stopped early stays near that.
    pub fn filled(&mut self, name: &str, shape: [usize; 2], value: f32) -> WeightId {
        self.push(name, shape, vec![value; shape[0] * shape[1]], Sort::Trained { decay: 1.0 })
    }

    /// Adds a row that starts at one value everywhere and does not decay.
    pub fn bias(&mut self, name: &str, width: usize, value: f32) -> WeightId {
        self.push(name, [1, width], vec![value; width], Sort::Trained { decay: 0.0 })
    }

    /// Adds a row that training passes move themselves, such as a running mean.
    pub fn running(&mut self, name: &str, width: usize, value: f32) -> WeightId {
        self.push(name, [1, width], vec![value; width], Sort::Running)
    }

    /// Lets a matrix decay with a multiple of the optimiser's decay; 0 not at all.
    pub fn decay(&mut self, id: WeightId, multiple: f32) {
        if let Sort::Trained { decay } = &mut self.blocks[id.0].sort {
            *decay = multiple;
        }
    }

    /// Number of numbers that training moves.
    pub fn trained(&self) -> usize {
        self.blocks.iter().filter(|block| block.is_trained()).map(|block| block.values.len()).sum()
    }

    /// SHA-256 of names, shapes and every bit of the numbers, in hexadecimal.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for block in &self.blocks {
            hash.update(block.name.as_bytes());
            hash.update([0]);
            block.shape.iter().for_each(|size| hash.update((*size as u64).to_le_bytes()));
            block.values.iter().for_each(|value| hash.update(value.to_le_bytes()));
        }
        let digit = |half: u8| char::from(HEXADECIMAL[usize::from(half & 15)]);
        hash.finalize().iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
    }

    /// As tensors of a device; those that train are leaves whose gradient is wanted where it differentiates.
    pub(crate) fn tensors(&self, device: &Device, leaves: bool) -> Vec<Tensor<2>> {
        let tensor = |block: &WeightBlock| {
            let tensor = Tensor::from_data(TensorData::new(block.values.clone(), block.shape), device);
            if leaves && block.is_trained() { tensor.require_grad() } else { tensor }
        };
        self.blocks.iter().map(tensor).collect()
    }

    fn push(&mut self, name: &str, shape: [usize; 2], values: Vec<f32>, sort: Sort) -> WeightId {
        debug_assert!(self.blocks.iter().all(|block| block.name != name), "{name} is there already");
        self.blocks.push(WeightBlock { name: name.to_owned(), shape, values, sort });
        WeightId(self.blocks.len() - 1)
    }
}
