//! Trains a network by Adam with early stopping on the tuning split.

use burn::tensor::{Device, Tensor, TensorData};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::adam::{Adam, AdamParameters, clip_gradients};
use crate::loss::{log_loss, logit, sigmoid};
use crate::parameters::Weights;

/// How a network is trained.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `epochs` | 60 | most passes over the training instances | >= 1 |
/// | `patience` | 12 | epochs without a better tuning loss before stopping | >= 1 |
/// | `batch_size` | 128 | instances per step | >= 1 |
/// | `learning_rate` | 0.004 | Adam's step | > 0 |
/// | `weight_decay` | 0.1 | decoupled decay of all but biases | >= 0 |
/// | `largest_norm` | 1 | gradients are clipped to this joint norm after backward | > 0 |
/// | `dropout` | 0.3 | share of hidden units left out in training | 0 to 1, 1 excluded |
/// | `members` | 3 | networks from different starts whose probabilities are averaged | >= 1 |
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainerParameters {
    /// Most passes over the training instances.
    pub epochs: usize,
    /// Epochs without a better tuning loss before stopping.
    pub patience: usize,
    /// Instances per step.
    pub batch_size: usize,
    /// Adam's step.
    pub learning_rate: f32,
    /// Decoupled decay of all weights but biases.
    pub weight_decay: f32,
    /// Gradients are clipped to this joint norm, after the backward pass.
    pub largest_norm: f32,
    /// Share of hidden units left out in training.
    pub dropout: f32,
    /// Networks from different starts whose probabilities are averaged.
    pub members: usize,
}

impl Default for TrainerParameters {
    fn default() -> Self {
        Self {
            epochs: 60,
            patience: 12,
            batch_size: 128,
            learning_rate: 4e-3,
            weight_decay: 0.1,
            largest_norm: 1.0,
            dropout: 0.3,
            members: 3,
        }
    }
}

impl TrainerParameters {
    /// Whether the values can be used.
    ///
    /// # Errors
    /// [`TrainerError`] naming the value out of range.
    pub fn check(&self) -> Result<(), TrainerError> {
        let positive = |value: f32| value.is_finite() && value > 0.0;
        let checks = [
            (self.epochs >= 1, "epochs", self.epochs as f64, "1 or more"),
            (self.patience >= 1, "patience", self.patience as f64, "1 or more"),
            (self.batch_size >= 1, "batch size", self.batch_size as f64, "1 or more"),
            (self.members >= 1, "members", self.members as f64, "1 or more"),
            (positive(self.learning_rate), "learning rate", self.learning_rate.into(), "greater than 0"),
            (
                self.weight_decay.is_finite() && self.weight_decay >= 0.0,
                "weight decay",
                self.weight_decay.into(),
                "0 or more",
            ),
            (positive(self.largest_norm), "largest norm", self.largest_norm.into(), "greater than 0"),
            ((0.0..1.0).contains(&self.dropout), "dropout", self.dropout.into(), "0 to 1, 1 excluded"),
        ];
        match checks.into_iter().find(|check| !check.0) {
            Some((_, name, value, permitted)) => Err(TrainerError { name, value, permitted }),
            None => Ok(()),
        }
    }
}

/// A training parameter is out of range.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("{name} {value}; permitted: {permitted}")]
pub struct TrainerError {
    /// Which parameter.
    pub name: &'static str,
    /// Value given.
    pub value: f64,
    /// What is permitted.
    pub permitted: &'static str,
}

/// What the trainer needs of a network.
pub(crate) trait Network {
    /// The inputs of some instances, ready to compute with.
    type Batch;

    /// Gathers the inputs of these instances.
    fn batch(&self, instances: &[usize]) -> Self::Batch;

    /// Log odds of the instances of a batch.
    ///
    /// # Shapes
    /// `[instances, 1]`
    fn log_odds(&self, weights: &[Tensor<2>], batch: &Self::Batch, dropout: &mut Dropout) -> Tensor<2>;
}

/// Leaves out hidden units at random in training, none in prediction.
pub(crate) struct Dropout {
    rate: f32,
    rng: Option<ChaCha8Rng>,
}

impl Dropout {
    /// Leaves nothing out.
    pub(crate) fn none() -> Self {
        Self { rate: 0.0, rng: None }
    }

    fn training(rate: f32, rng: ChaCha8Rng) -> Self {
        Self { rate, rng: (rate > 0.0).then_some(rng) }
    }

    /// Zeroes units with the rate as probability and scales the others up to keep the mean.
    pub(crate) fn apply(&mut self, units: Tensor<2>) -> Tensor<2> {
        let Some(rng) = &mut self.rng else { return units };
        let shape = units.dims();
        let kept = 1.0 / (1.0 - self.rate);
        // Sixteen bits decide a unit: the rate is met within 1 in 65,536.
        let threshold = (self.rate * 65_536.0) as u16;
        let draw = |_| if rng.random::<u16>() < threshold { 0.0 } else { kept };
        let mask: Vec<f32> = (0..shape[0] * shape[1]).map(draw).collect();
        let device = units.device();
        units * Tensor::from_data(TensorData::new(mask, shape), &device)
    }
}

/// A trained network's weights and how they came about.
pub(crate) struct Trained {
    pub weights: Weights,
    pub epochs: usize,
}

/// One instance set with its labels.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    pub instances: &'a [usize],
    pub labels: &'a [bool],
}

/// Minimises the mean log loss on `train`; returns the weights of the epoch with the least log loss
/// on `tuning` (the last epoch's when `tuning` is empty).
///
/// Classes are not reweighted, so that the probabilities stay calibrated.
pub(crate) fn train<N: Network>(
    network: &N,
    mut weights: Weights,
    train: Part<'_>,
    tuning: Part<'_>,
    parameters: &TrainerParameters,
    seed: u64,
) -> Trained {
    let device = Device::flex().autodiff();
    let mut order: Vec<usize> = (0..train.instances.len()).collect();
    order.shuffle(&mut stream(seed, 1));
    let batches: Vec<(N::Batch, Vec<f32>)> = order
        .chunks(parameters.batch_size)
        .map(|places| {
            let instances: Vec<usize> = places.iter().map(|&place| train.instances[place]).collect();
            let labels = places.iter().map(|&place| f32::from(u8::from(train.labels[place]))).collect();
            (network.batch(&instances), labels)
        })
        .collect();
    let tuning_batch = (!tuning.instances.is_empty()).then(|| network.batch(tuning.instances));
    let mut shuffle = stream(seed, 2);
    let mut dropout = Dropout::training(parameters.dropout, stream(seed, 3));
    let TrainerParameters { learning_rate, weight_decay, .. } = *parameters;
    let mut adam = Adam::new(&weights, AdamParameters { learning_rate, weight_decay });
    let mut best: Option<(f64, Trained)> = None;
    let mut turn: Vec<usize> = (0..batches.len()).collect();
    for epoch in 1..=parameters.epochs {
        turn.shuffle(&mut shuffle);
        for &place in &turn {
            let (batch, labels) = &batches[place];
            let leaves = weights.leaves(&device);
            let log_odds = network.log_odds(&leaves, batch, &mut dropout);
            let gradients = mean_log_loss(log_odds, labels).backward();
            let mut gradients: Vec<Vec<f32>> = leaves
                .iter()
                .zip(&weights.blocks)
                .map(|(leaf, block)| match leaf.grad(&gradients) {
                    Some(gradient) => values(gradient),
                    None => vec![0.0; block.values.len()],
                })
                .collect();
            clip_gradients(&mut gradients, parameters.largest_norm);
            adam.step(&mut weights, &gradients);
        }
        let Some(tuning_batch) = &tuning_batch else { continue };
        let loss = log_loss(&predict_batch(network, &weights, tuning_batch), tuning.labels);
        match &best {
            Some((least, _)) if loss >= *least => {}
            _ => best = Some((loss, Trained { weights: weights.clone(), epochs: epoch })),
        }
        if best.as_ref().is_some_and(|(_, trained)| epoch - trained.epochs >= parameters.patience) {
            break;
        }
    }
    best.map_or(Trained { weights, epochs: parameters.epochs }, |(_, trained)| trained)
}

/// Probabilities of the instances, in batches that bound the memory.
pub(crate) fn predict<N: Network>(network: &N, weights: &Weights, instances: &[usize]) -> Vec<f64> {
    const INSTANCES_PER_BATCH: usize = 4096;
    instances
        .chunks(INSTANCES_PER_BATCH)
        .flat_map(|chunk| predict_batch(network, weights, &network.batch(chunk)))
        .collect()
}

fn predict_batch<N: Network>(network: &N, weights: &Weights, batch: &N::Batch) -> Vec<f64> {
    let log_odds = network.log_odds(&weights.tensors(&Device::flex()), batch, &mut Dropout::none());
    values(log_odds).into_iter().map(|log_odds| sigmoid(f64::from(log_odds))).collect()
}

/// An independent stream of random numbers for one purpose.
pub(crate) fn stream(seed: u64, purpose: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(purpose);
    rng
}

/// The log odds of the labels' share, kept finite, to start an output bias from.
pub(crate) fn prior_log_odds(labels: &[bool]) -> f32 {
    let positives = labels.iter().filter(|label| **label).count();
    logit((positives as f64 + 0.5) / (labels.len() as f64 + 1.0)) as f32
}

/// mean(log(1 + e^z) - y z), written so that neither sign of z overflows.
fn mean_log_loss(log_odds: Tensor<2>, labels: &[f32]) -> Tensor<1> {
    let device = log_odds.device();
    let labels = Tensor::<2>::from_data(TensorData::new(labels.to_vec(), [labels.len(), 1]), &device);
    let magnitude = log_odds.clone().abs();
    let softplus = log_odds.clone().clamp_min(0.0) + magnitude.neg().exp().log1p();
    (softplus - log_odds * labels).mean()
}

fn values(tensor: Tensor<2>) -> Vec<f32> {
    tensor.into_data().try_to_vec::<f32>().expect("the networks compute in f32")
}
