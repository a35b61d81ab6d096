//! The certificate: a ledger whose claim was checked and holds.

use serde::{Deserialize, Serialize};

use super::{Bound, Claim, Cost, Ledger, LedgerError};
use crate::noise::NoiseOrigin;

/// Proof that a claim held when it was made.
///
/// It can be made from a ledger alone, also when read from a file: what is read is checked again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Ledger", into = "Ledger")]
pub struct Certificate {
    ledger: Ledger,
    bound: Bound,
}

impl Certificate {
    /// What is promised.
    pub fn claim(&self) -> Claim {
        self.ledger.claim()
    }

    /// The upper bound on epsilon at the claim's delta.
    pub fn bound(&self) -> Bound {
        self.bound
    }

    /// The entries it rests on.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}

impl TryFrom<Ledger> for Certificate {
    type Error = LedgerError;

    fn try_from(ledger: Ledger) -> Result<Self, LedgerError> {
        let mut unaccounted = ledger.entries().iter().filter(|entry| *entry.cost() == Cost::Unaccounted);
        if let Some(first) = unaccounted.next() {
            return Err(LedgerError::Unaccounted {
                count: 1 + unaccounted.count(),
                purpose: first.purpose().clone(),
            });
        }
        let spent = ledger.entries().iter().any(|entry| *entry.cost() != Cost::Declared);
        match ledger.noise_origin() {
            Some(NoiseOrigin::Seed) => return Err(LedgerError::SeededNoise),
            None if spent => return Err(LedgerError::NoNoise),
            _ => {}
        }
        let bound = ledger.total(ledger.claim().delta);
        if bound.epsilon > ledger.claim().epsilon.get() {
            return Err(LedgerError::Overspend {
                total: bound.epsilon,
                claimed: ledger.claim().epsilon.get(),
                delta: ledger.claim().delta.get(),
            });
        }
        Ok(Self { ledger, bound })
    }
}

impl From<Certificate> for Ledger {
    fn from(certificate: Certificate) -> Self {
        certificate.ledger
    }
}
