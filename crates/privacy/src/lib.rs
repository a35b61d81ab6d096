//! Differential privacy: exact noise, accountants with upper and lower bounds, and the ledger of every access.
//!
//! Mechanisms draw from a [`NoiseSource`] in whole numbers, so that floating point leaks nothing; [`GaussianVector`] is the fast
//! one for gradients. [`query`] answers small questions, [`pate`] labels by teachers' votes. [`accountant`] says what several
//! cost together. A [`Ledger`] holds every access to real data to a [`Claim`], refuses an overspend before it
//! happens and gives a [`Certificate`] only when nothing went past it. Wherever rounding could flatter, it is taken
//! towards more noise and a larger epsilon, by more than the arithmetic can err.
//!
//! Nothing here knows what a record is: sensitivities are the caller's to state and to hold.
//!
//! ```
//! use twinloom_privacy::{Access, Adjacency, Claim, Delta, Epsilon, GaussianMechanism, Ledger, NoiseSource};
//! use twinloom_privacy::{PrivacyUnit, Rho};
//!
//! let mut noise = NoiseSource::from_entropy()?;
//! let mut ledger = Ledger::new(Claim {
//!     epsilon: Epsilon::new(1.0)?,
//!     delta: Delta::new(1e-6)?,
//!     adjacency: Adjacency::AddRemove,
//!     unit: PrivacyUnit::Subject,
//! });
//! let mechanism = GaussianMechanism::for_rho(1.0, Rho::new(0.01)?)?;
//! ledger.spend_zcdp(Access::Marginals, mechanism.rho()?, "admissions by ward")?;
//! ledger.draws_from(&noise);
//! let released = mechanism.release(&[120.0, 87.0, 3.0], &mut noise)?;
//! assert_eq!(released.len(), 3);
//! assert!(ledger.certify()?.bound().epsilon < 1.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod accountant;
mod budget;
mod ledger;
mod mechanism;
mod noise;
pub mod pate;
pub mod query;
mod rounding;

pub use budget::{BudgetError, Delta, Epsilon, Rho};
pub use ledger::{
    Access, Adjacency, Bound, BoundBy, Certificate, Claim, ClaimSheet, Cost, Entry, Ledger, LedgerError,
    PrivacyUnit, Remaining,
};
pub use mechanism::MechanismError;
pub use mechanism::additive::{GaussianMechanism, LaplaceMechanism};
pub use mechanism::integer::{discrete_gaussian, discrete_laplace};
pub use mechanism::selection::{exponential_mechanism, exponential_mechanism_rho};
pub use mechanism::vector::GaussianVector;
pub use noise::{NoEntropy, NoiseOrigin, NoiseSource};
