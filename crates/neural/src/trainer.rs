//! Trains any network: early stopping, schedules, clipping after the backward pass, checkpoints.

use std::path::PathBuf;

use burn::tensor::Tensor;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::adam::{Adam, AdamParameters, clip_gradients};
use crate::checkpoint::{CheckpointError, RunKey};
use crate::pass::Pass;
use crate::random::{mix, stream};
use crate::schedule::Schedule;
use crate::weights::Weights;
use crate::workers::ThreadsError;

/// What is minimised.
pub trait Objective {
    /// What one step computes with.
    type Batch;

    /// The batches of an epoch, in the order of its steps; `rng` is the epoch's own.
    fn batches(&self, epoch: usize, rng: &mut ChaCha8Rng) -> Vec<Self::Batch>;

    /// The loss of a batch, a single number.
    fn loss(&self, pass: &mut Pass, batch: &Self::Batch) -> Tensor<1>;

    /// What tells on data not trained on how good the weights are, less being better; nothing where no
    /// such data are.
    fn tuning_loss(&self, pass: &mut Pass) -> Option<f64> {
        let _ = pass;
        None
    }
}

/// How a network is trained.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `epochs` | 100 | most passes over the training data | >= 1 |
/// | `patience` | none | epochs without a better tuning loss before stopping | >= 1 |
/// | `optimiser` | Adam, 0.001 | see [`AdamParameters`] | rate > 0, decay >= 0 |
/// | `schedule` | constant | factor on the rate by epoch | |
/// | `largest_norm` | none | gradients are clipped to this joint norm after the backward pass | > 0 |
/// | `keep` | best | which epoch's weights are the result | |
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FitParameters {
    /// Most passes over the training data.
    pub epochs: usize,
    /// Epochs without a better tuning loss before stopping.
    pub patience: Option<usize>,
    /// The optimiser.
    pub optimiser: AdamParameters,
    /// The learning rate over the epochs.
    pub schedule: Schedule,
    /// Joint norm that clipped gradients have at most.
    pub largest_norm: Option<f32>,
    /// Whose weights are the result.
    pub keep: Keep,
}

/// The epoch whose weights are the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// That of the least tuning loss; the last where there is none.
    Best,
    /// The last.
    Last,
}

impl Default for FitParameters {
    fn default() -> Self {
        Self {
            epochs: 100,
            patience: None,
            optimiser: AdamParameters::default(),
            schedule: Schedule::Constant,
            largest_norm: None,
            keep: Keep::Best,
        }
    }
}

impl FitParameters {
    /// Whether the values can be used.
    ///
    /// # Errors
    /// [`FitError::Parameter`] naming the value out of range.
    pub fn check(&self) -> Result<(), FitError> {
        let positive = |value: f32| value.is_finite() && value > 0.0;
        let AdamParameters { learning_rate, weight_decay, .. } = self.optimiser;
        let norm = self.largest_norm.unwrap_or(1.0);
        let checks = [
            (self.epochs >= 1, "epochs", self.epochs as f64, "1 or more"),
            (self.patience != Some(0), "patience", 0.0, "1 or more"),
            (positive(learning_rate), "learning rate", learning_rate.into(), "greater than 0"),
            (
                weight_decay.is_finite() && weight_decay >= 0.0,
                "weight decay",
                weight_decay.into(),
                "0 or more",
            ),
            (positive(norm), "largest norm", norm.into(), "greater than 0"),
        ];
        match checks.into_iter().find(|check| !check.0) {
            Some((_, name, value, permitted)) => Err(FitError::Parameter { name, value, permitted }),
            None => Ok(()),
        }
    }
}

/// Where a run is kept on the way, so that it can be taken up again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keeping {
    /// The file; a run that finds it takes it up where it stands.
    pub file: PathBuf,
    /// Epochs between one writing and the next.
    pub every_epochs: usize,
}

/// How an epoch went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EpochReport {
    /// The epoch, from 1.
    pub epoch: usize,
    /// Most epochs there will be.
    pub epochs: usize,
    /// Mean loss of its batches.
    pub loss: f64,
    /// The tuning loss after it.
    pub tuning_loss: Option<f64>,
}

/// Trained weights and how they came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// The weights.
    pub weights: Weights,
    /// The epoch they are of, from 1.
    pub epoch: usize,
    /// Epochs run.
    pub epochs_run: usize,
    /// Their tuning loss.
    pub tuning_loss: Option<f64>,
}

/// Minimises an objective.
///
/// The batches and what drops out depend on the seed and the epoch alone: a run that is stopped and taken
/// up again, and a run with another number of threads, ends with the same weights bit for bit.
///
/// # Errors
/// [`FitError`] when a parameter is out of range, a loss is not finite, or the file of `keeping` can't be
/// read, written or is of another run.
pub fn fit<O: Objective>(
    objective: &O,
    weights: Weights,
    parameters: &FitParameters,
    seed: u64,
    keeping: Option<&Keeping>,
    report: &dyn Fn(EpochReport),
) -> Result<Fitted, FitError> {
    parameters.check()?;
    let run = RunKey::of(&weights, parameters, seed);
    let mut state = match keeping {
        Some(keeping) if keeping.file.exists() => State::read(&keeping.file, &weights, parameters, &run)?,
        _ => State::start(weights, parameters.optimiser),
    };
    while !state.is_finished(parameters) {
        let epoch = state.epoch + 1;
        let loss = state.train(objective, epoch, parameters, seed)?;
        let tuning_loss = objective.tuning_loss(&mut Pass::in_use(&state.weights));
        if let Some(loss) = tuning_loss.filter(|loss| !loss.is_finite()) {
            return Err(FitError::Diverged { epoch, loss });
        }
        state.take(epoch, tuning_loss);
        report(EpochReport { epoch, epochs: parameters.epochs, loss, tuning_loss });
        if let Some(keeping) = keeping
            && (epoch.is_multiple_of(keeping.every_epochs.max(1)) || state.is_finished(parameters))
        {
            state.write(&keeping.file, &run)?;
        }
    }
    let State { weights, epoch, best, .. } = state;
    Ok(match best.filter(|_| parameters.keep == Keep::Best) {
        Some(Best { weights, epoch: at, loss }) => {
            Fitted { weights, epoch: at, epochs_run: epoch, tuning_loss: Some(loss) }
        }
        None => Fitted { weights, epoch, epochs_run: epoch, tuning_loss: None },
    })
}

/// A run between two epochs: all that the next one depends on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    pub(crate) weights: Weights,
    pub(crate) adam: Adam,
    /// Epochs behind it.
    pub(crate) epoch: usize,
    pub(crate) best: Option<Best>,
}

/// The weights of the least tuning loss so far.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Best {
    pub(crate) weights: Weights,
    pub(crate) epoch: usize,
    pub(crate) loss: f64,
}

impl State {
    pub(crate) fn start(weights: Weights, optimiser: AdamParameters) -> Self {
        Self { adam: Adam::new(&weights, optimiser), weights, epoch: 0, best: None }
    }

    fn is_finished(&self, parameters: &FitParameters) -> bool {
        let waited = self.best.as_ref().map_or(0, |best| self.epoch - best.epoch);
        self.epoch >= parameters.epochs || parameters.patience.is_some_and(|patience| waited >= patience)
    }

    /// One epoch of steps; gives the mean loss of its batches.
    fn train<O: Objective>(
        &mut self,
        objective: &O,
        epoch: usize,
        parameters: &FitParameters,
        seed: u64,
    ) -> Result<f64, FitError> {
        let factor = parameters.schedule.factor(epoch, parameters.epochs);
        let batches = objective.batches(epoch, &mut stream(seed, epoch as u64));
        let mut losses = 0.0;
        for (place, batch) in batches.iter().enumerate() {
            let key = mix(mix(seed, epoch as u64), place as u64);
            let mut pass = Pass::in_training(&self.weights, key);
            let loss = objective.loss(&mut pass, batch);
            let value = f64::from(loss.clone().into_scalar::<f32>());
            if !value.is_finite() {
                return Err(FitError::Diverged { epoch, loss: value });
            }
            losses += value;
            let slopes = loss.backward();
            let (tensors, updates) = pass.into_parts();
            let mut gradients: Vec<Vec<f32>> = tensors
                .iter()
                .zip(&self.weights.blocks)
                .map(|(tensor, block)| match block.is_trained().then(|| tensor.grad(&slopes)).flatten() {
                    Some(gradient) => numbers(gradient),
                    None => vec![0.0; block.values.len()],
                })
                .collect();
            if let Some(largest_norm) = parameters.largest_norm {
                clip_gradients(&mut gradients, largest_norm);
            }
            self.adam.step(&mut self.weights, &gradients, factor);
            for (id, values) in updates {
                self.weights.values_mut(id).copy_from_slice(&values);
            }
        }
        Ok(losses / batches.len().max(1) as f64)
    }

    fn take(&mut self, epoch: usize, tuning_loss: Option<f64>) {
        self.epoch = epoch;
        let Some(loss) = tuning_loss else { return };
        if self.best.as_ref().is_none_or(|best| loss < best.loss) {
            self.best = Some(Best { weights: self.weights.clone(), epoch, loss });
        }
    }
}

/// The numbers of a tensor.
pub(crate) fn numbers(tensor: Tensor<2>) -> Vec<f32> {
    tensor.into_data().try_to_vec::<f32>().expect("networks compute in f32")
}

/// Why a network was not trained.
#[derive(Debug, thiserror::Error)]
pub enum FitError {
    /// A parameter is out of range.
    #[error("{name} {value}; permitted: {permitted}")]
    Parameter {
        /// Which.
        name: &'static str,
        /// Value given.
        value: f64,
        /// What is permitted.
        permitted: &'static str,
    },
    /// The weights left the numbers that can be computed with.
    #[error(
        "the loss of epoch {epoch} is {loss}; permitted: finite numbers; a smaller learning rate may help"
    )]
    Diverged {
        /// The epoch.
        epoch: usize,
        /// The loss.
        loss: f64,
    },
    /// The file of a run.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The system gave no threads.
    #[error(transparent)]
    Threads(#[from] ThreadsError),
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;

    use super::*;
    use crate::weights::WeightId;

    /// A line through noisy points, with dropout, in shuffled batches.
    struct Line {
        slope: WeightId,
        level: WeightId,
    }

    impl Line {
        fn new() -> (Self, Weights) {
            let mut weights = Weights::new();
            let slope = weights.glorot("slope", [3, 1], &mut stream(1, 0));
            let level = weights.bias("level", 1, 0.0);
            (Self { slope, level }, weights)
        }

        fn of(&self, pass: &mut Pass, places: &[usize]) -> Tensor<1> {
            let x: Vec<f32> =
                places.iter().flat_map(|i| [*i as f32 / 10.0, 1.0, (*i as f32).sin()]).collect();
            let y: Vec<f32> = places.iter().map(|i| 2.0 * (*i as f32 / 10.0) - 1.0).collect();
            let device = pass.device();
            let x = Tensor::<2>::from_data(TensorData::new(x, [places.len(), 3]), &device);
            let y = Tensor::<2>::from_data(TensorData::new(y, [places.len(), 1]), &device);
            let x = pass.dropout(x, 0.1);
            let found = x.matmul(pass.weight(self.slope)) + pass.weight(self.level);
            (found - y).powi_scalar(2).mean()
        }
    }

    impl Objective for Line {
        type Batch = Vec<usize>;

        fn batches(&self, _epoch: usize, rng: &mut ChaCha8Rng) -> Vec<Vec<usize>> {
            use rand::seq::SliceRandom;
            let mut places: Vec<usize> = (0..20).collect();
            places.shuffle(rng);
            places.chunks(6).map(<[usize]>::to_vec).collect()
        }

        fn loss(&self, pass: &mut Pass, batch: &Vec<usize>) -> Tensor<1> {
            self.of(pass, batch)
        }

        fn tuning_loss(&self, pass: &mut Pass) -> Option<f64> {
            Some(f64::from(self.of(pass, &[20, 21, 22]).into_scalar::<f32>()))
        }
    }

    fn parameters(epochs: usize) -> FitParameters {
        let optimiser = AdamParameters { learning_rate: 0.05, ..AdamParameters::default() };
        FitParameters {
            epochs,
            optimiser,
            schedule: Schedule::Steps { epochs: 10, factor: 0.9 },
            largest_norm: Some(1.0),
            ..FitParameters::default()
        }
    }

    fn run(epochs: usize, seed: u64, keeping: Option<&Keeping>) -> Result<Fitted, FitError> {
        let (line, weights) = Line::new();
        fit(&line, weights, &parameters(epochs), seed, keeping, &|_| {})
    }

    #[test]
    fn law_training_lessens_the_loss_and_keeps_the_best() {
        let fitted = run(60, 3, None).unwrap();
        let first = run(1, 3, None).unwrap();
        assert!(fitted.tuning_loss < first.tuning_loss.map(|loss| loss / 4.0), "{fitted:?} {first:?}");
        assert!(fitted.epoch <= 60 && fitted.epochs_run == 60);
        assert_ne!(run(60, 4, None).unwrap().weights.digest(), fitted.weights.digest());
    }

    #[test]
    fn law_a_run_that_was_stopped_ends_with_the_same_weights() {
        let folder = tempfile::tempdir().unwrap();
        let whole = run(30, 3, None).unwrap();
        let (line, weights) = Line::new();
        let keeping = Keeping { file: folder.path().join("run.safetensors"), every_epochs: 7 };
        // Killed in epoch 17: the last writing is that of epoch 14.
        let killed = std::panic::catch_unwind(|| {
            fit(&line, weights.clone(), &parameters(30), 3, Some(&keeping), &|report| {
                assert!(report.epoch < 17, "killed");
            })
        });
        assert!(killed.is_err() && keeping.file.exists());
        let resumed = fit(&line, weights.clone(), &parameters(30), 3, Some(&keeping), &|report| {
            assert!(report.epoch > 14, "taken up where it was written");
        });
        assert_eq!(resumed.unwrap(), whole);
        // A finished run is not run again, and another run does not take it up.
        let again = fit(&line, weights.clone(), &parameters(30), 3, Some(&keeping), &|_| panic!("run again"));
        assert_eq!(again.unwrap(), whole);
        assert!(fit(&line, weights, &parameters(30), 4, Some(&keeping), &|_| {}).is_err());
    }

    #[test]
    fn law_patience_ends_a_run_that_no_longer_gains() {
        let (line, weights) = Line::new();
        let patient = FitParameters { patience: Some(3), ..parameters(10_000) };
        let fitted = fit(&line, weights, &patient, 3, None, &|_| {}).unwrap();
        assert_eq!(fitted.epochs_run, fitted.epoch + 3);
    }

    #[test]
    fn law_gradients_are_clipped_after_the_backward_pass() {
        // With a joint norm of at most 1e-6, far below Adam's epsilon times the square root of its
        // correction, one step moves no weight by more than its rate times the clipped slope over
        // epsilon; unclipped, the first step of Adam is the rate itself.
        let (line, weights) = Line::new();
        let step = |largest_norm| {
            let one = FitParameters { epochs: 1, largest_norm, keep: Keep::Last, ..parameters(1) };
            let fitted = fit(&line, weights.clone(), &one, 3, None, &|_| {}).unwrap();
            let moved = |(a, b): (&f32, &f32)| (a - b).abs();
            let (new, old) = (&fitted.weights.blocks[0].values, &weights.blocks[0].values);
            new.iter().zip(old).map(moved).fold(0.0, f32::max)
        };
        assert!(step(None) > 0.02, "{}", step(None));
        assert!(step(Some(1e-12)) < 1e-4, "{}", step(Some(1e-12)));
    }

    #[test]
    fn regress_parameters_out_of_range_are_named() {
        for (wrong, name) in [
            (FitParameters { epochs: 0, ..parameters(1) }, "epochs"),
            (FitParameters { patience: Some(0), ..parameters(1) }, "patience"),
            (FitParameters { largest_norm: Some(f32::NAN), ..parameters(1) }, "largest norm"),
        ] {
            assert!(wrong.check().unwrap_err().to_string().starts_with(name), "{name}");
        }
        let fast = AdamParameters { learning_rate: 1e30, ..AdamParameters::default() };
        let (line, weights) = Line::new();
        let wild = FitParameters { optimiser: fast, ..parameters(50) };
        let error = fit(&line, weights, &wild, 3, None, &|_| {}).unwrap_err();
        assert!(matches!(error, FitError::Diverged { .. }), "{error}");
    }
}
