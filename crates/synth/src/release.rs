//! A fitted generator with what may be claimed of it.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use twinloom_privacy::{Certificate, ClaimSheet, Ledger, LedgerError};

use crate::Generator;

/// A fitted generator as it is saved and handed on.
///
/// It says that it is private only with a [`Certificate`], which a ledger gives when nothing went past it; read from a
/// file, the certificate is checked again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    generator: Generator,
    certificate: Option<Certificate>,
}

impl Release {
    /// One of which nothing is claimed.
    pub fn unclaimed(generator: Generator) -> Self {
        Self { generator, certificate: None }
    }

    /// One whose fit the ledger covers.
    ///
    /// # Errors
    /// [`LedgerError`] when an access went unaccounted, noise came from a seed, or the total exceeds the claim.
    pub fn private(generator: Generator, ledger: &Ledger) -> Result<Self, LedgerError> {
        Ok(Self { generator, certificate: Some(ledger.certify()?) })
    }

    /// The generator.
    pub fn generator(&self) -> &Generator {
        &self.generator
    }

    /// What is promised of it; nothing where it saw the rows as they are.
    pub fn claim_sheet(&self) -> Option<ClaimSheet> {
        self.certificate.as_ref().map(|certificate| certificate.ledger().claim_sheet())
    }

    /// What goes above everything that it makes: that no row is a person's, by which model, and what is promised.
    pub fn remarks(&self) -> String {
        let mut text = format!(
            "Synthetic rows, drawn from a model of real ones ({}). No row is a person's record; do not treat anyone by \
             them.\n",
            self.generator.kind().as_str()
        );
        match self.claim_sheet() {
            // Writing into a String can't fail.
            Some(sheet) => drop(write!(text, "{sheet}")),
            None => text.push_str(
                "Privacy claim: NONE. The model saw real rows as they are, and what it makes may give people away.\n",
            ),
        }
        text
    }
}
