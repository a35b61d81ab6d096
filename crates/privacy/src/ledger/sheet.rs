//! The claim sheet: what is promised, to whom, and on what grounds, in plain words.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Adjacency, Bound, Claim, Cost, Entry, Ledger, PrivacyUnit};
use crate::noise::NoiseOrigin;

/// What goes with every release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClaimSheet {
    /// What is promised.
    pub claim: Claim,
    /// Whether the promise holds.
    pub holds: bool,
    /// Why not, if it does not.
    pub why_not: Option<String>,
    /// Upper bound on epsilon at the claim's delta; absent where there is none.
    pub upper_bound: Option<Bound>,
    /// What was entered and is covered.
    pub covered: Vec<Entry>,
    /// What was entered and is not.
    pub not_covered: Vec<Entry>,
    /// Where the noise came from.
    pub noise: Option<NoiseOrigin>,
}

impl ClaimSheet {
    pub(super) fn of(ledger: &Ledger) -> Self {
        let certified = ledger.certify();
        let bound = ledger.total(ledger.claim().delta);
        let (not_covered, covered) =
            ledger.entries().iter().cloned().partition(|entry| *entry.cost() == Cost::Unaccounted);
        Self {
            claim: ledger.claim(),
            holds: certified.is_ok(),
            why_not: certified.err().map(|error| error.to_string()),
            upper_bound: bound.epsilon.is_finite().then_some(bound),
            covered,
            not_covered,
            noise: ledger.noise_origin(),
        }
    }
}

impl fmt::Display for ClaimSheet {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Claim { epsilon, delta, adjacency, unit } = self.claim;
        writeln!(to, "Privacy claim: epsilon {epsilon} at delta {delta}")?;
        match &self.why_not {
            None => writeln!(to, "  The claim HOLDS.")?,
            Some(why) => writeln!(to, "  The claim does NOT hold: {why}.")?,
        }
        writeln!(
            to,
            "  Who is protected: {}.",
            match unit {
                PrivacyUnit::Subject => "each person, with all that is recorded of them",
            }
        )?;
        writeln!(
            to,
            "  Compared are the outcomes {}.",
            match adjacency {
                Adjacency::AddRemove => "with and without that person",
                Adjacency::ReplaceOne => "with that person and with another in their place",
            }
        )?;
        match self.upper_bound {
            Some(bound) => writeln!(to, "  Upper bound: epsilon {:.6}, by {}.", bound.epsilon, bound.by)?,
            None => writeln!(to, "  Upper bound: none.")?,
        }
        writeln!(
            to,
            "  Noise: {}.",
            match self.noise {
                Some(NoiseOrigin::OperatingSystem) => "ChaCha20 keyed by the operating system",
                Some(NoiseOrigin::Seed) => "from a seed; it can be repeated and protects nobody",
                None => "none drawn",
            }
        )?;
        list(to, "Covered", &self.covered)?;
        list(to, "NOT covered", &self.not_covered)
    }
}

fn list(to: &mut fmt::Formatter<'_>, heading: &str, entries: &[Entry]) -> fmt::Result {
    if entries.is_empty() {
        return writeln!(to, "  {heading}: nothing.");
    }
    writeln!(to, "  {heading}:")?;
    entries
        .iter()
        .try_for_each(|entry| writeln!(to, "    - {}: {}; {}", entry.purpose(), entry.note(), entry.cost()))
}
