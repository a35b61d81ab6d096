//! Normalisation of units.

use burn::tensor::Tensor;

use crate::trainer::numbers;
use crate::{Pass, WeightId, Weights};

/// Added to a variance, so that equal units can be divided by it.
const LEAST_VARIANCE: f32 = 1e-5;

/// Centres and scales each row, then gives every column its own scale and level.
///
/// # Source
/// Ba, Kiros and Hinton, Layer Normalization (2016), arXiv 1607.06450, equation 4.
///
/// # Shapes
/// `[rows, width] -> [rows, width]`
#[derive(Clone, Copy, Debug)]
pub struct LayerNorm {
    scale: WeightId,
    level: WeightId,
}

impl LayerNorm {
    /// Scales of 1 and levels of 0.
    pub fn new(weights: &mut Weights, name: &str, width: usize) -> Self {
        let scale = weights.bias(&format!("{name}.scale"), width, 1.0);
        Self { scale, level: weights.bias(&format!("{name}.level"), width, 0.0) }
    }

    /// Normalises.
    pub fn forward(&self, pass: &Pass, rows: Tensor<2>) -> Tensor<2> {
        let centred = rows.clone() - rows.mean_dim(1);
        let variance = centred.clone().powi_scalar(2).mean_dim(1);
        let normal = centred / variance.add_scalar(LEAST_VARIANCE).sqrt();
        normal * pass.weight(self.scale) + pass.weight(self.level)
    }
}

/// Centres and scales each column over the batch, then gives it its own scale and level; in use, by the
/// running mean and variance of training.
///
/// # Source
/// Ioffe and Szegedy, Batch Normalization (ICML 2015), algorithms 1 and 2.
///
/// # Shapes
/// `[rows, width] -> [rows, width]`
#[derive(Clone, Copy, Debug)]
pub struct BatchNorm {
    scale: WeightId,
    level: WeightId,
    mean: WeightId,
    variance: WeightId,
}

/// How much of the running mean a batch replaces.
const MOMENTUM: f32 = 0.1;

impl BatchNorm {
    /// Scales of 1, levels of 0, a running mean of 0 and variance of 1.
    pub fn new(weights: &mut Weights, name: &str, width: usize) -> Self {
        Self {
            scale: weights.bias(&format!("{name}.scale"), width, 1.0),
            level: weights.bias(&format!("{name}.level"), width, 0.0),
            mean: weights.running(&format!("{name}.mean"), width, 0.0),
            variance: weights.running(&format!("{name}.variance"), width, 1.0),
        }
    }

    /// Normalises; a training pass moves the running mean and variance.
    pub fn forward(&self, pass: &mut Pass, rows: Tensor<2>) -> Tensor<2> {
        let count = rows.dims()[0];
        let (mean, variance) = if pass.is_training() && count > 1 {
            let mean = rows.clone().mean_dim(0);
            let variance = (rows.clone() - mean.clone()).powi_scalar(2).mean_dim(0);
            // The running variance is that of the population the batch is drawn from.
            let unbiased = count as f32 / (count - 1) as f32;
            move_running(pass, self.mean, &mean, 1.0);
            move_running(pass, self.variance, &variance, unbiased);
            (mean, variance)
        } else {
            (pass.weight(self.mean), pass.weight(self.variance))
        };
        let normal = (rows - mean) / variance.add_scalar(LEAST_VARIANCE).sqrt();
        normal * pass.weight(self.scale) + pass.weight(self.level)
    }
}

fn move_running(pass: &mut Pass, id: WeightId, batch: &Tensor<2>, factor: f32) {
    let (old, new) = (numbers(pass.weight(id)), numbers(batch.clone()));
    let moved = old.iter().zip(new).map(|(old, new)| old + MOMENTUM * (factor * new - old)).collect();
    pass.update(id, moved);
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::operation::check::numbers as some;

    #[test]
    fn law_rows_have_mean_0_and_variance_1() {
        let mut weights = Weights::new();
        let norm = LayerNorm::new(&mut weights, "norm", 6);
        let pass = Pass::in_use(&weights);
        let rows = Tensor::from_data(TensorData::new(some(18, 1), [3, 6]), &Device::flex());
        for row in numbers(norm.forward(&pass, rows)).chunks(6) {
            let mean = row.iter().sum::<f32>() / 6.0;
            let variance = row.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / 6.0;
            assert!(mean.abs() < 1e-5 && (variance - 1.0).abs() < 1e-3, "{row:?}");
        }
    }

    #[test]
    fn ref_running_mean_and_variance_of_one_batch() {
        // Columns (1, 3) and (0, 4): means 2 and 2, unbiased variances 2 and 8.
        let mut weights = Weights::new();
        let norm = BatchNorm::new(&mut weights, "norm", 2);
        let mut pass = Pass::in_training(&weights, 1);
        let device = pass.device();
        let rows = Tensor::from_data(TensorData::new(vec![1.0_f32, 0.0, 3.0, 4.0], [2, 2]), &device);
        let normal = numbers(norm.forward(&mut pass, rows));
        for (found, expected) in normal.iter().zip([-1.0, -1.0, 1.0, 1.0]) {
            assert!((found - expected).abs() < 1e-4, "{normal:?}");
        }
        let (_, updates) = pass.into_parts();
        let close = |found: &[f32], expected: [f32; 2]| {
            found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-5)
        };
        assert!(close(&updates[0].1, [0.2, 0.2]), "{updates:?}");
        assert!(close(&updates[1].1, [0.9 + 0.2, 0.9 + 0.8]), "{updates:?}");
    }
}
