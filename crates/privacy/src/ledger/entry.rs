//! One access to real data.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::accountant::rdp::SubsampledGaussian;
use crate::budget::{Delta, Epsilon, Rho};

/// What real data were touched for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// How many subjects there are.
    Size,
    /// Lower and upper bounds of values.
    Bounds,
    /// Cut points of bins.
    Binning,
    /// The categories of a column.
    Categories,
    /// A mixture that values are encoded by.
    MixtureFit,
    /// Choice of hyperparameters.
    Tuning,
    /// When to stop training.
    EarlyStopping,
    /// Training.
    Training,
    /// Moments that generation draws from.
    Moments,
    /// Choice of a structure or of what to measure.
    Selection,
    /// Counts of combinations.
    Marginals,
    /// Edges between variables, found in the data.
    Structure,
    /// How much is missing.
    Missingness,
    /// Measures of a model or of synthetic data against real data.
    Evaluation,
    /// Something else, named.
    Other(String),
}

impl fmt::Display for Access {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Size => "the number of subjects",
            Self::Bounds => "bounds of values",
            Self::Binning => "cut points of bins",
            Self::Categories => "categories",
            Self::MixtureFit => "fitting a mixture",
            Self::Tuning => "tuning",
            Self::EarlyStopping => "early stopping",
            Self::Training => "training",
            Self::Moments => "moments for generation",
            Self::Selection => "selection",
            Self::Marginals => "marginal counts",
            Self::Structure => "structure learning",
            Self::Missingness => "missingness",
            Self::Evaluation => "evaluation",
            Self::Other(purpose) => purpose,
        })
    }
}

/// What an access cost.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Cost {
    /// Nothing: stated from public knowledge.
    Declared,
    /// Zero-concentrated privacy.
    Zcdp {
        /// Its rho.
        rho: Rho,
    },
    /// Pure privacy.
    Pure {
        /// Its epsilon.
        epsilon: Epsilon,
    },
    /// Approximate privacy.
    Approximate {
        /// Its epsilon.
        epsilon: Epsilon,
        /// Its delta.
        delta: Delta,
    },
    /// Zero-concentrated privacy, but with a chance delta that it fails.
    ApproximateZcdp {
        /// Its rho.
        rho: Rho,
        /// Its delta.
        delta: Delta,
    },
    /// Gaussian noise over Poisson samples.
    SubsampledGaussian {
        /// One step.
        #[serde(flatten)]
        step: SubsampledGaussian,
        /// How many.
        steps: u64,
    },
    /// Noise that is not quite the accounted one.
    Distance {
        /// Total variation between the two, over all releases.
        total_variation: Delta,
    },
    /// No noise at all.
    Unaccounted,
}

impl fmt::Display for Cost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declared => formatter.write_str("declared from public knowledge, no cost"),
            Self::Zcdp { rho } => write!(formatter, "rho {} (zero-concentrated)", rho.get()),
            Self::ApproximateZcdp { rho, delta } => {
                write!(formatter, "rho {} (zero-concentrated), delta {:e}", rho.get(), delta.get())
            }
            Self::Pure { epsilon } => write!(formatter, "epsilon {} (pure)", epsilon.get()),
            Self::Approximate { epsilon, delta } => {
                write!(formatter, "epsilon {}, delta {}", epsilon.get(), delta.get())
            }
            Self::SubsampledGaussian { step, steps } => write!(
                formatter,
                "{steps} steps of Gaussian noise, multiplier {}, on Poisson samples at rate {}",
                step.noise_multiplier(),
                step.sampling_rate()
            ),
            Self::Distance { total_variation } => {
                write!(formatter, "total variation {:e} from the noise accounted", total_variation.get())
            }
            Self::Unaccounted => formatter.write_str("no noise: NOT COVERED"),
        }
    }
}

/// One line of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub(crate) purpose: Access,
    pub(crate) cost: Cost,
    pub(crate) note: String,
}

impl Entry {
    /// What it was for.
    pub fn purpose(&self) -> &Access {
        &self.purpose
    }

    /// What it cost.
    pub fn cost(&self) -> &Cost {
        &self.cost
    }

    /// What exactly was done, in the words of who did it.
    pub fn note(&self) -> &str {
        &self.note
    }
}
