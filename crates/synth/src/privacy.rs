//! How a fit may look at real rows.

use twinloom_privacy::{Access, Adjacency, Ledger, LedgerError, NoiseSource, Rho};

/// What a fit may know of the real rows.
#[derive(Debug)]
pub enum Privacy<'a> {
    /// Everything. Nothing is claimed, and the fitted generator may give people away.
    None,
    /// What noise lets through. What is left of the ledger's claim is the fit's to spend.
    Private {
        /// Where each access is entered before it happens.
        ledger: &'a mut Ledger,
        /// Where the noise comes from.
        noise: &'a mut NoiseSource,
    },
}

impl Privacy<'_> {
    /// Whether noise stands between the fit and the rows.
    pub fn is_private(&self) -> bool {
        matches!(self, Self::Private { .. })
    }

    /// Whether the claim is about one person in another's place, which changes two counts where one more or less changes one.
    pub(crate) fn replaces_one(&self) -> bool {
        matches!(self, Self::Private { ledger, .. } if ledger.claim().adjacency == Adjacency::ReplaceOne)
    }

    /// The same for a part of a fit.
    pub fn reborrow(&mut self) -> Privacy<'_> {
        match self {
            Self::None => Privacy::None,
            Self::Private { ledger, noise } => Privacy::Private { ledger, noise },
        }
    }

    /// Zero-concentrated budget that the claim leaves; none where nothing is claimed or nothing is left.
    pub fn remaining(&self) -> Option<Rho> {
        match self {
            Self::None => None,
            Self::Private { ledger, .. } => ledger.remaining().rho,
        }
    }

    /// Enters an access and gives the noise that it pays for; none where nothing is claimed.
    ///
    /// # Errors
    /// [`LedgerError::Overspend`] when the claim would no longer hold; nothing is entered then.
    pub fn spend(
        &mut self,
        purpose: Access,
        rho: Rho,
        note: impl Into<String>,
    ) -> Result<Option<&mut NoiseSource>, LedgerError> {
        match self {
            Self::None => Ok(None),
            Self::Private { ledger, noise } => {
                ledger.spend_zcdp(purpose, rho, note)?;
                ledger.draws_from(noise);
                Ok(Some(noise))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use twinloom_privacy::{Claim, Delta, Epsilon, PrivacyUnit};

    use super::*;

    #[test]
    fn law_noise_is_given_only_for_what_was_entered() {
        let claim = Claim {
            epsilon: Epsilon::new(1.0).unwrap(),
            delta: Delta::new(1e-6).unwrap(),
            adjacency: Adjacency::AddRemove,
            unit: PrivacyUnit::Subject,
        };
        let (mut ledger, mut noise) = (Ledger::new(claim), NoiseSource::from_seed(1));
        let mut privacy = Privacy::Private { ledger: &mut ledger, noise: &mut noise };
        let all = privacy.remaining().unwrap();
        assert!(privacy.reborrow().spend(Access::Marginals, all, "all of it").unwrap().is_some());
        assert!(privacy.spend(Access::Marginals, all, "and again").is_err());
        assert_eq!(ledger.entries().len(), 1);
        assert!(Privacy::None.spend(Access::Marginals, all, "free").unwrap().is_none());
    }
}
