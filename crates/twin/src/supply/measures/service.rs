//! The services that are measured apart.

use std::fmt;

use crate::supply::{Clinic, ClosedSet, Modality, Specialty, Ward};

/// A service that is measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ServiceKind {
    /// Primary care.
    Clinic(Clinic),
    /// Community pharmacy.
    Pharmacy,
    /// The laboratory.
    Laboratory,
    /// The emergency department.
    Emergency,
    /// First attendances at a hospital clinic.
    OutpatientFirst(Specialty),
    /// Follow-ups at a hospital clinic.
    OutpatientFollowUp(Specialty),
    /// Imaging, booked or not.
    Imaging(Modality),
    /// Emergency admissions that asked for a kind of ward.
    EmergencyAdmission(Ward),
    /// Elective admissions to a kind of ward.
    ElectiveAdmission(Ward),
}

impl ServiceKind {
    /// Every service, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        let clinics = Clinic::ALL.iter().map(|clinic| Self::Clinic(*clinic));
        let single = [Self::Pharmacy, Self::Laboratory, Self::Emergency];
        let first = Specialty::ALL.iter().map(|specialty| Self::OutpatientFirst(*specialty));
        let follow_up = Specialty::ALL.iter().map(|specialty| Self::OutpatientFollowUp(*specialty));
        let imaging = Modality::ALL.iter().map(|modality| Self::Imaging(*modality));
        let emergency = Ward::ALL.iter().map(|ward| Self::EmergencyAdmission(*ward));
        let elective = Ward::ALL.iter().map(|ward| Self::ElectiveAdmission(*ward));
        clinics.chain(single).chain(first).chain(follow_up).chain(imaging).chain(emergency).chain(elective)
    }

    /// Place in [`ServiceKind::all`].
    pub fn index(self) -> usize {
        let singles = Clinic::ALL.len();
        let first = singles + 3;
        let follow_up = first + Specialty::ALL.len();
        let imaging = follow_up + Specialty::ALL.len();
        let emergency = imaging + Modality::ALL.len();
        let elective = emergency + Ward::ALL.len();
        match self {
            Self::Clinic(clinic) => clinic.index(),
            Self::Pharmacy => singles,
            Self::Laboratory => singles + 1,
            Self::Emergency => singles + 2,
            Self::OutpatientFirst(specialty) => first + specialty.index(),
            Self::OutpatientFollowUp(specialty) => follow_up + specialty.index(),
            Self::Imaging(modality) => imaging + modality.index(),
            Self::EmergencyAdmission(ward) => emergency + ward.index(),
            Self::ElectiveAdmission(ward) => elective + ward.index(),
        }
    }
}

impl fmt::Display for ServiceKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clinic(clinic) => formatter.write_str(clinic.name()),
            Self::Pharmacy => formatter.write_str("pharmacy"),
            Self::Laboratory => formatter.write_str("laboratory"),
            Self::Emergency => formatter.write_str("emergency"),
            Self::OutpatientFirst(specialty) => write!(formatter, "outpatient_first.{}", specialty.name()),
            Self::OutpatientFollowUp(specialty) => {
                write!(formatter, "outpatient_follow_up.{}", specialty.name())
            }
            Self::Imaging(modality) => write!(formatter, "imaging.{}", modality.name()),
            Self::EmergencyAdmission(ward) => write!(formatter, "emergency_admission.{}", ward.name()),
            Self::ElectiveAdmission(ward) => write!(formatter, "elective_admission.{}", ward.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_every_service_is_at_its_index() {
        for (place, service) in ServiceKind::all().enumerate() {
            assert_eq!(service.index(), place);
        }
    }
}
