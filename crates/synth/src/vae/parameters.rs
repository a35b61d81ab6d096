//! How an autoencoder is fitted.

use serde::{Deserialize, Serialize};

use super::VaeError;
use super::network::Activation;
use super::scale::Scaling;
use crate::binning::BinningParameters;

/// How an autoencoder is fitted.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `hidden` | 128 | units of each hidden layer, two in the encoder and two in the decoder | 1 to 4,096 |
/// | `latent` | 32 | latent dimensions | 1 to 1,024 |
/// | `activation` | ReLU | what hidden units do to their sums | - |
/// | `epochs` | 200 | passes over the rows; of a private fit as many in expectation | 1 to 100,000 |
/// | `batch` | 256 | rows of a step; of a private fit as many in expectation | 1 to 65,536 |
/// | `learning_rate` | 0.001 | Adam's step | above 0, to 1 |
/// | `warm_up` | 0.1 | share of the steps over which the divergence's weight grows to 1 | 0 to 1 |
/// | `scaling` | quantiles | how numbers are standardised | - |
/// | `binning` | 32 intervals | spikes, and the histogram that columns are standardised and started by | as there |
/// | `clipping_norm` | 1 | greatest norm of a row's gradient that a private fit starts with | 1e-6 to 1e6 |
/// | `clipping_quantile` | 0.5 | share of rows' norms that it is led to leave as they are; 0 leaves it where it starts | 0 to below 1 |
/// | `histogram_share` | 0.3 | share of the zero-concentrated budget left that goes to the columns' histograms | 0.001 to 0.999 |
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VaeParameters {
    /// Units of each hidden layer.
    pub hidden: usize,
    /// Latent dimensions.
    pub latent: usize,
    /// What hidden units do to their sums.
    pub activation: Activation,
    /// Passes over the rows.
    pub epochs: usize,
    /// Rows of a step.
    pub batch: usize,
    /// Adam's step.
    pub learning_rate: f64,
    /// Share of the steps over which the divergence's weight grows to 1.
    pub warm_up: f64,
    /// How numbers are standardised.
    pub scaling: Scaling,
    /// Spikes and histogram.
    pub binning: BinningParameters,
    /// Norm that a private fit clips rows' gradients to at first.
    pub clipping_norm: f64,
    /// Share of rows' norms that it is led to leave as they are.
    pub clipping_quantile: f64,
    /// Share of the budget that goes to the columns' histograms.
    pub histogram_share: f64,
}

impl Default for VaeParameters {
    fn default() -> Self {
        Self {
            hidden: 128,
            latent: 32,
            activation: Activation::Relu,
            epochs: 200,
            batch: 256,
            learning_rate: 1e-3,
            warm_up: 0.1,
            scaling: Scaling::Quantiles,
            binning: BinningParameters::default(),
            clipping_norm: 1.0,
            clipping_quantile: 0.5,
            histogram_share: 0.3,
        }
    }
}

impl VaeParameters {
    pub(super) fn check(&self) -> Result<(), VaeError> {
        let whole = |name, value: usize, most: usize, permitted| {
            if (1..=most).contains(&value) {
                Ok(())
            } else {
                Err(VaeError::Parameter { name, value: value as f64, permitted })
            }
        };
        let within = |name, value: f64, least: f64, most: f64, permitted| {
            if value >= least && value <= most {
                Ok(())
            } else {
                Err(VaeError::Parameter { name, value, permitted })
            }
        };
        whole("hidden", self.hidden, 4_096, "1 to 4,096")?;
        whole("latent", self.latent, 1_024, "1 to 1,024")?;
        whole("epochs", self.epochs, 100_000, "1 to 100,000")?;
        whole("batch", self.batch, 65_536, "1 to 65,536")?;
        within("learning_rate", self.learning_rate, 1e-12, 1.0, "1e-12 to 1")?;
        within("warm_up", self.warm_up, 0.0, 1.0, "0 to 1")?;
        within("clipping_norm", self.clipping_norm, 1e-6, 1e6, "1e-6 to 1e6")?;
        within("clipping_quantile", self.clipping_quantile, 0.0, 0.999, "0 to 0.999")?;
        within("histogram_share", self.histogram_share, 0.001, 0.999, "0.001 to 0.999")
    }
}
