//! A variational autoencoder of tables: mixed columns, missing values, and a private fit over encoder and decoder alike.
//!
//! Each column has a likelihood of its own: a softmax over categories with missing one of them, cumulative logits where they
//! have an order, spikes and normal modes of numbers. The bound that training climbs has all its terms per row, in nats, and
//! generation draws latents from the prior and cells from the likelihood, with nothing to set by hand.
//!
//! A private fit asks for a histogram of each column through noise, starts at those, and learns by DP-SGD what goes with what.
//!
//! ```
//! use twinloom_synth::{Privacy, vae};
//! use twinloom_table::{Rows, Table, infer};
//!
//! let rows = (0..500).map(|at| [(at % 50).to_string(), if at % 50 > 24 { "old" } else { "young" }.to_owned()]);
//! let rows = Rows::new(&["age", "group"], rows)?;
//! let table = Table::read(&infer(&rows, &Default::default())?, &rows)?;
//! let parameters = vae::VaeParameters { hidden: 16, latent: 2, epochs: 5, ..Default::default() };
//! let fitted = vae::fit(&table, &parameters, Privacy::None, 1, &|_, _| ())?;
//! let (made, _) = fitted.sample(100, 2)?;
//! assert_eq!(made.len(), 100);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Source
//! Kingma and Welling 2014, *Auto-Encoding Variational Bayes*; Abadi et al. 2016, *Deep Learning with Differential Privacy*,
//! algorithm 1.

mod elbo;
mod encoding;
mod head;
mod histogram;
mod network;
mod normal;
mod optimiser;
mod parameters;
mod private;
mod product;
mod sample;
mod saved;
mod scale;
#[cfg(test)]
mod tests;
mod training;

pub use elbo::Elbo;
pub use network::Activation;
pub use parameters::VaeParameters;
pub use scale::Scaling;
pub use training::Progress;

use serde::{Deserialize, Serialize};
use twinloom_privacy::{Access, Adjacency, BudgetError, LedgerError, MechanismError, Rho};
use twinloom_table::{Missing, Table, TableError};

use self::encoding::Encoding;
use self::network::Network;
use self::private::{Coverage, Plan};
use self::training::Trainer;
use crate::Privacy;
use crate::binning::{Binning, BinningError, Repairs};

/// A fitted autoencoder: the schema, how columns are told, and the network's weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct FittedVae {
    parameters: VaeParameters,
    encoding: Encoding,
    network: Network,
    #[serde(with = "saved")]
    weights: Vec<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    elbo: Option<Elbo>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    parameters: VaeParameters,
    encoding: Encoding,
    network: Network,
    #[serde(with = "saved")]
    weights: Vec<f32>,
    #[serde(default)]
    elbo: Option<Elbo>,
}

impl TryFrom<Unchecked> for FittedVae {
    type Error = VaeError;

    fn try_from(from: Unchecked) -> Result<Self, VaeError> {
        let Unchecked { parameters, encoding, network, weights, elbo } = from;
        parameters.check()?;
        encoding.check()?;
        let own = Network::new(&encoding, parameters.hidden, parameters.latent, parameters.activation);
        if network != own || !network.suits(&encoding) || weights.len() != network.size() {
            return Err(VaeError::Contradiction);
        }
        Ok(Self { parameters, encoding, network, weights, elbo })
    }
}

/// Fits to a table, one row a person. `progress` is told of each epoch; of a private fit's bounds nothing, as they are the
/// rows' secret.
///
/// What a private fit costs is entered before it happens: the histograms, then all steps of training at the least noise that
/// the claim's rest pays for. Without privacy the same seed gives the same weights on any number of threads.
///
/// # Errors
/// [`VaeError`] before anything is spent where a parameter is out of range, the table has no row, a column has no value or
/// only what a private fit may not use, or the claim has nothing left; [`VaeError::Diverged`] where the learning rate was
/// too large.
///
/// # Limits
/// A private batch is best kept below some thousand rows: what single precision can err by in a sum grows with the square of
/// the rows and is paid for in noise, 0.6 % at 256 rows and 5 % at 1,500.
pub fn fit(
    table: &Table,
    parameters: &VaeParameters,
    privacy: Privacy<'_>,
    seed: u64,
    progress: Progress<'_>,
) -> Result<FittedVae, VaeError> {
    fit_covering(table, parameters, privacy, seed, progress, Coverage::All)
}

fn fit_covering(
    table: &Table,
    parameters: &VaeParameters,
    privacy: Privacy<'_>,
    seed: u64,
    progress: Progress<'_>,
    coverage: Coverage,
) -> Result<FittedVae, VaeError> {
    parameters.check()?;
    if table.is_empty() {
        return Err(VaeError::NoRow);
    }
    if table.len() > u32::MAX as usize {
        return Err(VaeError::TooManyRows { rows: table.len(), most: u32::MAX as usize });
    }
    let of = |encoding: &Encoding| {
        Network::new(encoding, parameters.hidden, parameters.latent, parameters.activation)
    };
    match privacy {
        Privacy::None => {
            let binning = Binning::fitted(table, &parameters.binning)?;
            let counts = histogram::exact(&binning.codes(table)?, &binning.sizes());
            let encoding = Encoding::new(binning, &counts, parameters.scaling);
            let (network, cells) = (of(&encoding), encoding.cells(table)?);
            let mut trainer = Trainer::new(&network, &encoding, &cells, parameters.learning_rate, seed);
            let elbo = trainer.open(parameters, seed, progress)?;
            let weights = trainer.weights;
            Ok(FittedVae { parameters: *parameters, encoding, network, weights, elbo: Some(elbo) })
        }
        Privacy::Private { ledger, noise } => {
            if let Some(subject) = table.schema().subject() {
                return Err(VaeError::Subject { column: subject.to_owned() });
            }
            if ledger.claim().adjacency == Adjacency::ReplaceOne {
                return Err(LedgerError::Sampling.into());
            }
            let binning = Binning::declared(table.schema(), &parameters.binning)?;
            let (codes, sizes) = (binning.codes(table)?, binning.sizes());
            let left = ledger.remaining().rho.ok_or(VaeError::NothingLeft)?;
            let columns = table.schema().columns();
            let may_lack = columns.iter().filter(|column| column.missing != Missing::Never).count();
            let (counts, rows) = {
                let mut trial = ledger.clone();
                trial.declare(Access::Bounds, format!("bounds and categories of {} columns", columns.len()));
                trial.declare(Access::Missingness, format!("{may_lack} columns may lack values"));
                let rho = Rho::new(left.get() * parameters.histogram_share)?;
                let found = histogram::noisy(&codes, &sizes, rho, &mut trial, noise)?;
                *ledger = trial;
                found
            };
            let encoding = Encoding::new(binning, &counts, parameters.scaling);
            let (network, cells) = (of(&encoding), encoding.cells(table)?);
            let follows = parameters.clipping_quantile > 0.0;
            let asked = (parameters.batch, parameters.epochs);
            let plan = Plan::calibrated(ledger, rows, asked, network.size(), follows)?;
            plan.enter(ledger, coverage)?;
            let mut trainer = Trainer::new(&network, &encoding, &cells, parameters.learning_rate, seed);
            trainer.private(parameters, (&plan, coverage), noise, progress)?;
            let weights = trainer.weights;
            Ok(FittedVae { parameters: *parameters, encoding, network, weights, elbo: None })
        }
    }
}

impl FittedVae {
    /// How it was fitted.
    pub fn parameters(&self) -> &VaeParameters {
        &self.parameters
    }

    /// What its rows hold.
    pub fn schema(&self) -> &twinloom_table::Schema {
        self.encoding.binning().schema()
    }

    /// Number of weights.
    pub fn size(&self) -> usize {
        self.weights.len()
    }

    /// The mean bound of the rows in the last epoch; none of a private fit, since it is the rows' secret.
    pub fn elbo(&self) -> Option<Elbo> {
        self.elbo
    }

    /// Draws rows, the same for a seed, and says how many broke a constraint of the schema and were drawn again.
    ///
    /// # Errors
    /// [`VaeError::Table`] where the autoencoder, read from a file, makes what its schema forbids.
    pub fn sample(&self, rows: usize, seed: u64) -> Result<(Table, Repairs), VaeError> {
        sample::sample(&self.network, &self.encoding, &self.weights, rows, seed)
    }
}

/// Why an autoencoder can't be fitted or drawn from.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum VaeError {
    /// A parameter out of range.
    #[error("{name} {value}; permitted: {permitted}")]
    Parameter {
        /// Which.
        name: &'static str,
        /// Value given.
        value: f64,
        /// What is permitted.
        permitted: &'static str,
    },
    /// Nothing to learn from.
    #[error("the table has no row; permitted: 1 or more")]
    NoRow,
    /// More than can be counted.
    #[error("the table has {rows} rows; permitted: at most {most}")]
    TooManyRows {
        /// How many.
        rows: usize,
        /// At most.
        most: usize,
    },
    /// Several rows may be one person's.
    #[error(
        "column {column} tells whose a row is, and a person may have several; permitted: one row a person, without it"
    )]
    Subject {
        /// Which.
        column: String,
    },
    /// The claim is spent.
    #[error("the claim leaves too little for a private fit; permitted: a larger epsilon, or a delta above 0")]
    NothingLeft,
    /// Training went astray.
    #[error("the loss is no longer finite in epoch {epoch}; permitted: a smaller learning rate")]
    Diverged {
        /// When.
        epoch: usize,
    },
    /// Another table.
    #[error("the table is of another schema than the autoencoder")]
    Schema,
    /// A file that contradicts itself.
    #[error("the autoencoder's columns, heads and weights don't belong together")]
    Contradiction,
    /// Columns that can't be binned.
    #[error(transparent)]
    Binning(#[from] BinningError),
    /// Rows that are no table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// What the ledger refuses.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A budget that can't be split.
    #[error(transparent)]
    Budget(#[from] BudgetError),
    /// Noise that can't be added.
    #[error(transparent)]
    Mechanism(#[from] MechanismError),
}
