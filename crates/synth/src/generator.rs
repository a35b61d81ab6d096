//! Any of the generators.

use serde::{Deserialize, Serialize};
use twinloom_table::{Schema, Table};

use crate::binning::Repairs;
use crate::causal::{CausalError, FittedCausal};
use crate::copula::{CopulaError, FittedCopula};
use crate::marginal::{FittedMarginals, MarginalError, Marginals};
use crate::vae::{FittedVae, VaeError};

/// Which generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GeneratorKind {
    /// Each column by itself: what a table looks like when nothing goes with anything.
    Independent,
    /// A Gaussian copula.
    Copula,
    /// MST.
    Mst,
    /// AIM.
    Aim,
    /// A causal graph.
    Causal,
    /// A variational autoencoder.
    Vae,
}

impl GeneratorKind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Independent, Self::Copula, Self::Mst, Self::Aim, Self::Causal, Self::Vae];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Independent => "independent",
            Self::Copula => "copula",
            Self::Mst => "mst",
            Self::Aim => "aim",
            Self::Causal => "causal",
            Self::Vae => "vae",
        }
    }
}

/// A fitted generator of any kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "generator", rename_all = "kebab-case")]
pub enum Generator {
    /// Of marginals.
    Marginals(FittedMarginals),
    /// A copula.
    Copula(FittedCopula),
    /// A causal graph.
    Causal(FittedCausal),
    /// A variational autoencoder.
    Vae(FittedVae),
}

impl Generator {
    /// Which.
    pub fn kind(&self) -> GeneratorKind {
        match self {
            Self::Marginals(fitted) => match fitted.parameters().marginals {
                Marginals::Independent => GeneratorKind::Independent,
                Marginals::Mst => GeneratorKind::Mst,
                Marginals::Aim => GeneratorKind::Aim,
            },
            Self::Copula(_) => GeneratorKind::Copula,
            Self::Causal(_) => GeneratorKind::Causal,
            Self::Vae(_) => GeneratorKind::Vae,
        }
    }

    /// What its rows hold.
    pub fn schema(&self) -> &Schema {
        match self {
            Self::Marginals(fitted) => fitted.binning().schema(),
            Self::Copula(fitted) => fitted.binning().schema(),
            Self::Causal(fitted) => fitted.schema(),
            Self::Vae(fitted) => fitted.schema(),
        }
    }

    /// Draws rows, the same for a seed, and says how many had to be mended to keep the schema's constraints.
    ///
    /// # Errors
    /// [`GeneratorError`] where the generator, read from a file, contradicts itself.
    pub fn sample(&self, rows: usize, seed: u64) -> Result<(Table, Repairs), GeneratorError> {
        match self {
            Self::Marginals(fitted) => Ok(fitted.sample(rows, seed)?),
            Self::Copula(fitted) => Ok(fitted.sample(rows, seed)?),
            Self::Causal(fitted) => Ok((fitted.sample(rows, seed)?, Repairs::default())),
            Self::Vae(fitted) => Ok(fitted.sample(rows, seed)?),
        }
    }
}

/// Why a generator can't be fitted or drawn from.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GeneratorError {
    /// Of marginals.
    #[error(transparent)]
    Marginals(#[from] MarginalError),
    /// Of a copula.
    #[error(transparent)]
    Copula(#[from] CopulaError),
    /// Of a causal graph.
    #[error(transparent)]
    Causal(#[from] CausalError),
    /// Of an autoencoder.
    #[error(transparent)]
    Vae(#[from] VaeError),
}
