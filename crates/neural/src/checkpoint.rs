//! Weights, and runs between two epochs, as safetensors files.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use serde::{Deserialize, Serialize};

use crate::trainer::{Best, FitParameters, State};
use crate::weights::Weights;

/// What makes a run this one and no other.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RunKey(String);

impl RunKey {
    pub(crate) fn of(start: &Weights, parameters: &FitParameters, seed: u64) -> Self {
        let parameters = serde_json::to_string(parameters).unwrap_or_default();
        Self(format!("{} seed {seed} {parameters}", start.digest()))
    }
}

/// What a run's file says beside the numbers.
#[derive(Debug, Serialize, Deserialize)]
struct Progress {
    run: String,
    epoch: usize,
    steps: u64,
    best_epoch: Option<usize>,
    /// Its bits, since text may lose some.
    best_loss_bits: Option<u64>,
}

/// The key of [`Progress`] in the file's metadata.
const PROGRESS: &str = "twinloom.progress";

impl Weights {
    /// Writes names, shapes and numbers as a safetensors file.
    ///
    /// # Errors
    /// [`CheckpointError`] when the file can't be written.
    pub fn write(&self, file: &Path) -> Result<(), CheckpointError> {
        write(file, &self.parts(""), None)
    }

    /// Takes the numbers of a safetensors file into weights of the same names and shapes.
    ///
    /// # Errors
    /// [`CheckpointError`] when the file can't be read, or lacks a matrix, or has it in another shape.
    pub fn read_into(&mut self, file: &Path) -> Result<(), CheckpointError> {
        let bytes = bytes(file)?;
        let tensors = parsed(file, &bytes)?;
        take(file, &tensors, "", self)
    }

    fn parts(&self, prefix: &str) -> Vec<(String, [usize; 2], &[f32])> {
        let part = |block: &'_ crate::weights::WeightBlock| format!("{prefix}{}", block.name);
        self.blocks.iter().map(|block| (part(block), block.shape, block.values.as_slice())).collect()
    }
}

impl State {
    pub(crate) fn write(&self, file: &Path, run: &RunKey) -> Result<(), CheckpointError> {
        let mut parts = self.weights.parts("weights/");
        for (block, moments) in self.weights.blocks.iter().zip(&self.adam.moments) {
            parts.push((format!("first/{}", block.name), block.shape, &moments.first));
            parts.push((format!("second/{}", block.name), block.shape, &moments.second));
        }
        if let Some(best) = &self.best {
            parts.extend(best.weights.parts("best/"));
        }
        let progress = Progress {
            run: run.0.clone(),
            epoch: self.epoch,
            steps: self.adam.steps,
            best_epoch: self.best.as_ref().map(|best| best.epoch),
            best_loss_bits: self.best.as_ref().map(|best| best.loss.to_bits()),
        };
        write(file, &parts, Some(&progress))
    }

    /// The run of a file, started from `weights`.
    pub(crate) fn read(
        file: &Path,
        weights: &Weights,
        parameters: &FitParameters,
        run: &RunKey,
    ) -> Result<Self, CheckpointError> {
        let bytes = bytes(file)?;
        let malformed =
            |reason: &str| CheckpointError::Malformed { file: file.into(), reason: reason.into() };
        let (_, metadata) =
            SafeTensors::read_metadata(&bytes).map_err(|error| malformed(&error.to_string()))?;
        let text = metadata.metadata().as_ref().and_then(|metadata| metadata.get(PROGRESS));
        let text = text.ok_or_else(|| malformed("it holds weights, not a run"))?;
        let progress: Progress = serde_json::from_str(text).map_err(|error| malformed(&error.to_string()))?;
        if progress.run != run.0 {
            return Err(CheckpointError::OtherRun { file: file.into() });
        }
        let tensors = parsed(file, &bytes)?;
        let mut state = Self::start(weights.clone(), parameters.optimiser);
        take(file, &tensors, "weights/", &mut state.weights)?;
        let (mut first, mut second) = (weights.clone(), weights.clone());
        take(file, &tensors, "first/", &mut first)?;
        take(file, &tensors, "second/", &mut second)?;
        for ((moments, first), second) in state.adam.moments.iter_mut().zip(first.blocks).zip(second.blocks) {
            moments.first = first.values;
            moments.second = second.values;
        }
        state.adam.steps = progress.steps;
        state.epoch = progress.epoch;
        if let (Some(epoch), Some(bits)) = (progress.best_epoch, progress.best_loss_bits) {
            let mut best = weights.clone();
            take(file, &tensors, "best/", &mut best)?;
            if epoch > state.epoch {
                return Err(malformed("its best epoch is later than its last"));
            }
            state.best = Some(Best { weights: best, epoch, loss: f64::from_bits(bits) });
        }
        Ok(state)
    }
}

fn bytes(file: &Path) -> Result<Vec<u8>, CheckpointError> {
    fs::read(file).map_err(|source| CheckpointError::Io { file: file.into(), source })
}

fn parsed<'a>(file: &Path, bytes: &'a [u8]) -> Result<SafeTensors<'a>, CheckpointError> {
    SafeTensors::deserialize(bytes)
        .map_err(|error| CheckpointError::Malformed { file: file.into(), reason: error.to_string() })
}

fn take(
    file: &Path,
    tensors: &SafeTensors<'_>,
    prefix: &str,
    weights: &mut Weights,
) -> Result<(), CheckpointError> {
    for block in &mut weights.blocks {
        let name = format!("{prefix}{}", block.name);
        let fits = |view: &TensorView<'_>| view.dtype() == Dtype::F32 && view.shape() == block.shape;
        let view = tensors.tensor(&name).ok().filter(fits).ok_or_else(|| CheckpointError::Matrix {
            file: file.into(),
            name: name.clone(),
            rows: block.shape[0],
            columns: block.shape[1],
        })?;
        for (value, bytes) in block.values.iter_mut().zip(view.data().chunks_exact(4)) {
            *value = f32::from_le_bytes(bytes.try_into().expect("chunks of four"));
        }
    }
    Ok(())
}

/// Writes beside the file and moves it there, so that a run stopped while writing leaves the old one.
fn write(
    file: &Path,
    parts: &[(String, [usize; 2], &[f32])],
    progress: Option<&Progress>,
) -> Result<(), CheckpointError> {
    let malformed = |reason: String| CheckpointError::Malformed { file: file.into(), reason };
    let data: Vec<Vec<u8>> = parts
        .iter()
        .map(|(_, _, values)| values.iter().flat_map(|value| value.to_le_bytes()).collect())
        .collect();
    let views = parts
        .iter()
        .zip(&data)
        .map(|((name, shape, _), data)| {
            TensorView::new(Dtype::F32, shape.to_vec(), data).map(|view| (name.as_str(), view))
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| malformed(error.to_string()))?;
    let metadata = progress
        .map(|progress| {
            serde_json::to_string(progress).map(|text| HashMap::from([(PROGRESS.to_owned(), text)]))
        })
        .transpose()
        .map_err(|error| malformed(error.to_string()))?;
    let bytes = serialize(views, metadata).map_err(|error| malformed(error.to_string()))?;
    let failed = |source| CheckpointError::Io { file: file.into(), source };
    let beside = file.with_extension("partial");
    fs::write(&beside, bytes).map_err(failed)?;
    fs::rename(&beside, file).map_err(failed)
}

/// Why a file of weights or of a run can't be used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file system.
    #[error("{}: {source}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// What failed.
        source: std::io::Error,
    },
    /// Not a file of ours.
    #[error("{}: {reason}; permitted: a safetensors file that this program wrote", file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// A matrix is not there.
    #[error("{} has no {name} of {rows} x {columns} numbers of 32 bits", file.display())]
    Matrix {
        /// The file.
        file: PathBuf,
        /// The matrix.
        name: String,
        /// Rows wanted.
        rows: usize,
        /// Columns wanted.
        columns: usize,
    },
    /// The run of other weights, parameters or seed.
    #[error(
        "{} is a run of other data, parameters or seed; permitted: the same, or another file", file.display()
    )]
    OtherRun {
        /// The file.
        file: PathBuf,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    #[test]
    fn law_weights_come_back_bit_for_bit() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("weights.safetensors");
        let mut weights = Weights::new();
        weights.glorot("a", [3, 4], &mut stream(1, 0));
        weights.bias("b", 5, -0.0);
        weights.write(&file).unwrap();
        let mut read = Weights::new();
        read.filled("a", [3, 4], 9.0);
        read.bias("b", 5, 9.0);
        read.read_into(&file).unwrap();
        assert_eq!(read.digest(), weights.digest());
        let mut other = Weights::new();
        other.filled("a", [4, 3], 0.0);
        assert!(matches!(other.read_into(&file), Err(CheckpointError::Matrix { .. })));
    }

    #[test]
    fn regress_damaged_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("weights.safetensors");
        let mut weights = Weights::new();
        weights.filled("a", [3, 4], 1.0);
        assert!(matches!(weights.read_into(&file), Err(CheckpointError::Io { .. })));
        weights.write(&file).unwrap();
        let bytes = fs::read(&file).unwrap();
        for length in 0..bytes.len() {
            fs::write(&file, &bytes[..length]).unwrap();
            assert!(matches!(weights.read_into(&file), Err(CheckpointError::Malformed { .. })), "{length}");
        }
    }
}
