//! The ledger: every access to real data is entered, and what is not covered breaks the claim.

mod certificate;
mod entry;
mod sheet;
mod total;

pub use certificate::Certificate;
pub use entry::{Access, Cost, Entry};
pub use sheet::ClaimSheet;
pub use total::{Bound, BoundBy};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::accountant::AccountantError;
use crate::accountant::rdp::SubsampledGaussian;
use crate::budget::{Delta, Epsilon, Rho};
use crate::noise::{NoiseOrigin, NoiseSource};

/// What makes two data sets neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Adjacency {
    /// One has one unit more.
    AddRemove,
    /// One unit differs. Sampling is not accounted under it.
    ReplaceOne,
}

/// Whose presence is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrivacyUnit {
    /// A person with all that is recorded of them.
    Subject,
}

/// What is promised.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// Upper bound on epsilon.
    pub epsilon: Epsilon,
    /// At this delta.
    pub delta: Delta,
    /// Between such neighbours.
    pub adjacency: Adjacency,
    /// Of such units.
    pub unit: PrivacyUnit,
}

/// Everything that touched real data, and what it cost.
///
/// Spend first, then draw noise: what would overspend is refused and not entered. Costs are stated under the adjacency of the
/// claim, per unit of the claim.
///
/// ```
/// use twinloom_privacy::{Access, Adjacency, Claim, Delta, Epsilon, Ledger, NoiseSource, PrivacyUnit, Rho};
///
/// let claim = Claim {
///     epsilon: Epsilon::new(1.0)?,
///     delta: Delta::new(1e-6)?,
///     adjacency: Adjacency::AddRemove,
///     unit: PrivacyUnit::Subject,
/// };
/// let mut ledger = Ledger::new(claim);
/// ledger.spend_zcdp(Access::Marginals, Rho::new(0.01)?, "counts of sex by age band")?;
/// ledger.draws_from(&NoiseSource::from_entropy()?);
/// assert!(ledger.certify().is_ok());
///
/// ledger.touch_unaccounted(Access::Categories, "codes read off the data");
/// assert!(ledger.certify().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    claim: Claim,
    entries: Vec<Entry>,
    origin: Option<NoiseOrigin>,
}

impl Ledger {
    /// An empty ledger.
    pub fn new(claim: Claim) -> Self {
        Self { claim, entries: Vec::new(), origin: None }
    }

    /// What is promised.
    pub fn claim(&self) -> Claim {
        self.claim
    }

    /// What was entered, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Where the noise came from; [`NoiseOrigin::Seed`] as soon as any of it did.
    pub fn noise_origin(&self) -> Option<NoiseOrigin> {
        self.origin
    }

    /// Notes where noise comes from. A ledger that has spent without such a note can't be certified.
    pub fn draws_from(&mut self, noise: &NoiseSource) {
        if self.origin != Some(NoiseOrigin::Seed) {
            self.origin = Some(noise.origin());
        }
    }

    /// Enters a mechanism that is rho-zCDP.
    ///
    /// # Errors
    /// [`LedgerError::Overspend`] when the claim would no longer hold; nothing is entered then.
    pub fn spend_zcdp(
        &mut self,
        purpose: Access,
        rho: Rho,
        note: impl Into<String>,
    ) -> Result<(), LedgerError> {
        self.spend(purpose, Cost::Zcdp { rho }, note.into())
    }

    /// Enters a mechanism that is `delta`-approximate rho-zCDP, as one that keeps rare things back but with a chance of delta.
    ///
    /// # Source
    /// Bun and Steinke 2016, definition 8.1: but for an event of chance delta on either side, the outcome is zCDP. Rhos and deltas
    /// add up.
    ///
    /// # Errors
    /// [`LedgerError::Overspend`] when the claim would no longer hold; nothing is entered then.
    pub fn spend_approximate_zcdp(
        &mut self,
        purpose: Access,
        rho: Rho,
        delta: Delta,
        note: impl Into<String>,
    ) -> Result<(), LedgerError> {
        self.spend(purpose, Cost::ApproximateZcdp { rho, delta }, note.into())
    }

    /// Enters a mechanism that is purely epsilon private.
    ///
    /// # Errors
    /// [`LedgerError::Overspend`] when the claim would no longer hold; nothing is entered then.
    pub fn spend_pure(
        &mut self,
        purpose: Access,
        epsilon: Epsilon,
        note: impl Into<String>,
    ) -> Result<(), LedgerError> {
        self.spend(purpose, Cost::Pure { epsilon }, note.into())
    }

    /// Enters a mechanism that is (epsilon, delta) private.
    ///
    /// # Errors
    /// [`LedgerError::Overspend`] when the claim would no longer hold; nothing is entered then.
    pub fn spend_approximate(
        &mut self,
        purpose: Access,
        epsilon: Epsilon,
        delta: Delta,
        note: impl Into<String>,
    ) -> Result<(), LedgerError> {
        self.spend(purpose, Cost::Approximate { epsilon, delta }, note.into())
    }

    /// Enters steps of Gaussian noise over Poisson samples, as DP-SGD makes them.
    ///
    /// # Errors
    /// [`LedgerError::Parameter`] for a rate or multiplier out of range, [`LedgerError::Sampling`] under
    /// [`Adjacency::ReplaceOne`], [`LedgerError::Overspend`] when the claim would no longer hold; nothing is entered then.
    pub fn spend_subsampled_gaussian(
        &mut self,
        purpose: Access,
        sampling_rate: f64,
        noise_multiplier: f64,
        steps: u64,
        note: impl Into<String>,
    ) -> Result<(), LedgerError> {
        let step = SubsampledGaussian::new(sampling_rate, noise_multiplier)?;
        if self.claim.adjacency == Adjacency::ReplaceOne && sampling_rate < 1.0 {
            return Err(LedgerError::Sampling);
        }
        self.spend(purpose, Cost::SubsampledGaussian { step, steps }, note.into())
    }

    /// Enters that noise drawn is not quite the noise accounted: over all releases the two are at most `total_variation`
    /// apart. With eta for it, what is (epsilon, delta) private by account is (epsilon, delta + (1 + e^epsilon) eta) private
    /// in truth.
    ///
    /// # Source
    /// Canonne, Kamath and Steinke 2020, section 1 (a sampler at a statistical distance); applied to neighbours once each: an
    /// outcome's chance changes by eta on either side, and by e^epsilon eta on the one that epsilon multiplies.
    ///
    /// # Errors
    /// [`LedgerError::Overspend`] when the claim would no longer hold; nothing is entered then.
    pub fn allow_distance(
        &mut self,
        purpose: Access,
        total_variation: Delta,
        note: impl Into<String>,
    ) -> Result<(), LedgerError> {
        self.spend(purpose, Cost::Distance { total_variation }, note.into())
    }

    /// Enters something taken from public knowledge, such as declared bounds. It costs nothing, as the data had no say in it.
    pub fn declare(&mut self, purpose: Access, note: impl Into<String>) {
        self.entries.push(Entry { purpose, cost: Cost::Declared, note: note.into() });
    }

    /// Enters an access to real data without noise. The claim no longer holds, and the ledger says so from now on.
    pub fn touch_unaccounted(&mut self, purpose: Access, note: impl Into<String>) {
        self.entries.push(Entry { purpose, cost: Cost::Unaccounted, note: note.into() });
    }

    /// Upper bound on epsilon at `delta` over all entries; infinite when an access went unaccounted.
    pub fn total(&self, delta: Delta) -> Bound {
        total::total(self.entries.iter().map(Entry::cost), self.claim, delta, 0.0)
    }

    /// What the claim leaves to be spent.
    pub fn remaining(&self) -> Remaining {
        let spent = self.total(self.claim.delta).epsilon;
        Remaining {
            spent,
            claimed: self.claim.epsilon,
            rho: total::room(self.entries.iter().map(Entry::cost), self.claim),
        }
    }

    /// The certificate that the claim holds.
    ///
    /// # Errors
    /// [`LedgerError`] when an access went unaccounted, noise came from a seed or from nowhere that was noted, or the total exceeds the
    /// claim.
    pub fn certify(&self) -> Result<Certificate, LedgerError> {
        Certificate::try_from(self.clone())
    }

    /// What is claimed, covered and not, in plain words.
    pub fn claim_sheet(&self) -> ClaimSheet {
        ClaimSheet::of(self)
    }

    fn spend(&mut self, purpose: Access, cost: Cost, note: String) -> Result<(), LedgerError> {
        // An access that broke the claim before is certify's to report; what is spent after it still has its limit.
        let costs = self.entries.iter().map(Entry::cost).filter(|cost| **cost != Cost::Unaccounted);
        let enough = self.claim.epsilon.get();
        let bound = total::total(costs.chain([&cost]), self.claim, self.claim.delta, enough);
        if bound.epsilon > self.claim.epsilon.get() {
            return Err(LedgerError::Overspend {
                total: bound.epsilon,
                claimed: self.claim.epsilon.get(),
                delta: self.claim.delta.get(),
            });
        }
        self.entries.push(Entry { purpose, cost, note });
        Ok(())
    }
}

/// What a claim leaves to be spent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remaining {
    /// Upper bound on epsilon so far, at the claim's delta.
    pub spent: f64,
    /// The claim.
    pub claimed: Epsilon,
    /// The most zCDP that can still be spent; absent when there is none.
    pub rho: Option<Rho>,
}

/// What a ledger refuses.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum LedgerError {
    /// The claim would no longer hold.
    #[error("the total epsilon would be {total} at delta {delta}, above the claim of {claimed}")]
    Overspend {
        /// Epsilon with the new entry.
        total: f64,
        /// Epsilon that may be.
        claimed: f64,
        /// At this delta.
        delta: f64,
    },
    /// A parameter out of range.
    #[error(transparent)]
    Parameter(#[from] AccountantError),
    /// Poisson sampling has no bound here when one unit is replaced.
    #[error("sampling is accounted when a unit is added or removed, not when one is replaced")]
    Sampling,
    /// Real data were used without noise.
    #[error("{count} accesses to real data are unaccounted, the first for {purpose}")]
    Unaccounted {
        /// How many.
        count: usize,
        /// What the first was for.
        purpose: Access,
    },
    /// Noise can be made again, and taken away.
    #[error("noise came from a seed, which anyone can repeat")]
    SeededNoise,
    /// Nobody said where the noise came from.
    #[error("budget was spent, but no source of noise was noted")]
    NoNoise,
}
