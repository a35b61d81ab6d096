//! What sort of fact an event states.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The sort of an event; the label of its node in the graph and the family of its features.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Sex, ethnicity, deprivation decile, name, identifier: usually static.
    Demographic,
    /// The subject was born.
    Birth,
    /// The subject died.
    Death,
    /// A contact with a service or a stay; `end_time` closes it.
    Encounter,
    /// A diagnosis, problem or finding.
    Condition,
    /// A measurement, test result, score or answer.
    Observation,
    /// A drug ordered, dispensed, given or stated.
    Medication,
    /// Something done to or for the subject.
    Procedure,
    /// A vaccine given.
    Immunisation,
    /// An allergy or intolerance.
    Allergy,
    /// A report, document, letter or imaging study.
    Document,
    /// A plan of care, a goal, a referral or another request.
    CarePlan,
    /// A device used or implanted.
    Device,
    /// Claims, coverage, consent, tasks: of the running of services.
    Administrative,
    /// The source did not say.
    #[default]
    Unknown,
}

impl EventKind {
    /// Every kind, in declaration order.
    pub const ALL: [Self; 15] = [
        Self::Demographic,
        Self::Birth,
        Self::Death,
        Self::Encounter,
        Self::Condition,
        Self::Observation,
        Self::Medication,
        Self::Procedure,
        Self::Immunisation,
        Self::Allergy,
        Self::Document,
        Self::CarePlan,
        Self::Device,
        Self::Administrative,
        Self::Unknown,
    ];

    /// The word used in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Demographic => "demographic",
            Self::Birth => "birth",
            Self::Death => "death",
            Self::Encounter => "encounter",
            Self::Condition => "condition",
            Self::Observation => "observation",
            Self::Medication => "medication",
            Self::Procedure => "procedure",
            Self::Immunisation => "immunisation",
            Self::Allergy => "allergy",
            Self::Document => "document",
            Self::CarePlan => "care_plan",
            Self::Device => "device",
            Self::Administrative => "administrative",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for EventKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownKind { text: text.to_owned() })
    }
}

/// The word names no [`EventKind`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "event kind {text:?} is unknown; permitted: demographic, birth, death, encounter, condition, observation, medication, procedure, immunisation, allergy, document, care_plan, device, administrative, unknown"
)]
pub struct UnknownKind {
    /// The word given.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_words_round_trip() {
        for kind in EventKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        assert!("Condition".parse::<EventKind>().is_err());
    }
}
