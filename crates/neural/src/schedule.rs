//! How the learning rate changes over the epochs.

use serde::{Deserialize, Serialize};

/// A factor on the learning rate, epoch by epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// Always 1.
    #[default]
    Constant,
    /// Times `factor` after every so many epochs.
    Steps {
        /// Epochs of one step.
        epochs: usize,
        /// By which each step shrinks the rate.
        factor: f32,
    },
    /// From near 0 to 1 over the first epochs, then down to 0 along half a cosine.
    ///
    /// The fall is that of Loshchilov and Hutter, SGDR (ICLR 2017), equation 5, without restarts.
    Cosine {
        /// Epochs of the rise.
        warm_up: usize,
    },
}

impl Schedule {
    /// The factor in an epoch, counted from 1, of so many.
    pub fn factor(self, epoch: usize, epochs: usize) -> f32 {
        match self {
            Self::Constant => 1.0,
            Self::Steps { epochs, factor } => {
                let steps = epoch.saturating_sub(1) / epochs.max(1);
                factor.powi(i32::try_from(steps).unwrap_or(i32::MAX))
            }
            Self::Cosine { warm_up } if epoch <= warm_up => epoch as f32 / warm_up as f32,
            Self::Cosine { warm_up } => {
                let passed = (epoch - warm_up - 1) as f32 / (epochs.saturating_sub(warm_up)).max(1) as f32;
                f32::midpoint(1.0, (std::f32::consts::PI * passed.min(1.0)).cos())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_factors_rise_fall_and_step() {
        let cosine = Schedule::Cosine { warm_up: 4 };
        let factors: Vec<f32> = (1..=20).map(|epoch| cosine.factor(epoch, 20)).collect();
        assert!(factors[..5].is_sorted() && factors[4..].iter().rev().is_sorted(), "{factors:?}");
        assert!((factors[4] - 1.0).abs() < 1e-6 && factors[19] > 0.0, "{factors:?}");
        let halves = Schedule::Steps { epochs: 5, factor: 0.5 };
        let factors = [1, 5, 6, 11].map(|epoch| halves.factor(epoch, 50));
        assert!(
            factors
                .iter()
                .zip([1.0, 1.0, 0.5, 0.25])
                .all(|(found, expected)| (found - expected).abs() < 1e-6)
        );
    }
}
