//! The systems of record and what each calls its artefacts.

use std::fmt;
use std::str::FromStr;

/// A system of record; each has its own patients, clock, codes and habits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum System {
    /// The general practice's clinical system; SNOMED CT.
    GeneralPractice,
    /// The hospital's patient administration system: admitted care, coded in ICD-10 after discharge.
    Administration,
    /// The laboratory's information system; local test codes.
    Laboratory,
    /// The radiology system and its archive; short codes in the manner of NICIP.
    Radiology,
    /// The emergency department's system, in the manner of the Emergency Care Data Set.
    Emergency,
    /// The outpatient booking system: referrals, appointments, treatment functions.
    Outpatients,
    /// Electronic prescribing and the community pharmacy's dispensing.
    Prescribing,
    /// Letters between hospital and practice, typed.
    Correspondence,
}

impl System {
    /// Number of systems.
    pub const COUNT: usize = 8;

    /// Every system, in declaration order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::GeneralPractice,
        Self::Administration,
        Self::Laboratory,
        Self::Radiology,
        Self::Emergency,
        Self::Outpatients,
        Self::Prescribing,
        Self::Correspondence,
    ];

    /// The word used in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GeneralPractice => "gp",
            Self::Administration => "pas",
            Self::Laboratory => "laboratory",
            Self::Radiology => "radiology",
            Self::Emergency => "emergency",
            Self::Outpatients => "outpatients",
            Self::Prescribing => "prescribing",
            Self::Correspondence => "correspondence",
        }
    }
}

/// The sort of an artefact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ArtefactKind {
    /// A system's own copy of who the patient is.
    Registration,
    /// A contact at or with the practice.
    Consultation,
    /// A hospital contact that the practice learnt of by letter.
    HospitalContact,
    /// A slot in the practice's appointment book.
    Slot,
    /// A coded problem.
    Problem,
    /// A coded value: a reading, a result, an answer.
    Value,
    /// A medicine on the practice's list.
    Medication,
    /// One issue of a medicine.
    Issue,
    /// A vaccine given.
    Immunisation,
    /// An allergy or intolerance.
    Allergy,
    /// Something done.
    Procedure,
    /// A plan of care or a request.
    Plan,
    /// A report or another document.
    Document,
    /// A device used.
    Device,
    /// Notice of a death.
    DeathNotice,
    /// A consultant episode of an admission.
    Episode,
    /// One test of one specimen.
    Test,
    /// One examination with its report.
    Examination,
    /// An attendance at the emergency department.
    Attendance,
    /// A referral to a hospital clinic.
    Referral,
    /// An appointment at a hospital clinic.
    Appointment,
    /// A prescription item sent to the pharmacy.
    Prescription,
    /// An item handed out.
    Dispensing,
    /// A letter.
    Letter,
}

impl ArtefactKind {
    /// Number of kinds.
    pub const COUNT: usize = 24;

    /// Every kind, in declaration order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Registration,
        Self::Consultation,
        Self::HospitalContact,
        Self::Slot,
        Self::Problem,
        Self::Value,
        Self::Medication,
        Self::Issue,
        Self::Immunisation,
        Self::Allergy,
        Self::Procedure,
        Self::Plan,
        Self::Document,
        Self::Device,
        Self::DeathNotice,
        Self::Episode,
        Self::Test,
        Self::Examination,
        Self::Attendance,
        Self::Referral,
        Self::Appointment,
        Self::Prescription,
        Self::Dispensing,
        Self::Letter,
    ];

    /// The word used in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Consultation => "consultation",
            Self::HospitalContact => "hospital_contact",
            Self::Slot => "slot",
            Self::Problem => "problem",
            Self::Value => "value",
            Self::Medication => "medication",
            Self::Issue => "issue",
            Self::Immunisation => "immunisation",
            Self::Allergy => "allergy",
            Self::Procedure => "procedure",
            Self::Plan => "plan",
            Self::Document => "document",
            Self::Device => "device",
            Self::DeathNotice => "death_notice",
            Self::Episode => "episode",
            Self::Test => "test",
            Self::Examination => "examination",
            Self::Attendance => "attendance",
            Self::Referral => "referral",
            Self::Appointment => "appointment",
            Self::Prescription => "prescription",
            Self::Dispensing => "dispensing",
            Self::Letter => "letter",
        }
    }

    /// The systems that keep artefacts of this kind.
    pub const fn systems(self) -> &'static [System] {
        match self {
            Self::Registration => &System::ALL,
            Self::Consultation
            | Self::HospitalContact
            | Self::Slot
            | Self::Problem
            | Self::Value
            | Self::Medication
            | Self::Issue
            | Self::Immunisation
            | Self::Allergy
            | Self::Procedure
            | Self::Plan
            | Self::Document
            | Self::Device
            | Self::DeathNotice => &[System::GeneralPractice],
            Self::Episode => &[System::Administration],
            Self::Test => &[System::Laboratory],
            Self::Examination => &[System::Radiology],
            Self::Attendance => &[System::Emergency],
            Self::Referral | Self::Appointment => &[System::Outpatients],
            Self::Prescription | Self::Dispensing => &[System::Prescribing],
            Self::Letter => &[System::Correspondence],
        }
    }
}

/// How a recorded artefact departs from what a perfect recorder would have written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ErrorKind {
    /// The artefact, or a field of it, was never written.
    Missing,
    /// Written later than the system's own routine.
    Late,
    /// Written twice.
    Duplicated,
    /// Digits transposed or the decimal point shifted.
    MisKeyed,
    /// The right number with another unit.
    WrongUnit,
    /// Filed under someone else.
    WrongPatient,
    /// Text without its code.
    FreeTextOnly,
    /// A letter's content typed wrongly, or not typed at all.
    Transcription,
    /// A medicine that was stopped but stays on the list.
    StaleMedication,
    /// Another sex than the person's.
    ConflictingSex,
    /// Another date of birth than the person's.
    ConflictingBirthDate,
    /// A neighbouring code.
    WrongCode,
    /// The time of day, or the day and month, left out.
    TruncatedTime,
    /// Ethnicity left out.
    MissingEthnicity,
    /// A second registration of the same person, under which some artefacts stand.
    SecondRegistration,
    /// A registration whose NHS number was not traced.
    UntracedNumber,
    /// A diagnosis that was made but not coded.
    UncodedDiagnosis,
}

impl ErrorKind {
    /// Number of kinds.
    pub const COUNT: usize = 17;

    /// Every kind, in declaration order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Missing,
        Self::Late,
        Self::Duplicated,
        Self::MisKeyed,
        Self::WrongUnit,
        Self::WrongPatient,
        Self::FreeTextOnly,
        Self::Transcription,
        Self::StaleMedication,
        Self::ConflictingSex,
        Self::ConflictingBirthDate,
        Self::WrongCode,
        Self::TruncatedTime,
        Self::MissingEthnicity,
        Self::SecondRegistration,
        Self::UntracedNumber,
        Self::UncodedDiagnosis,
    ];

    /// The word used in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Late => "late",
            Self::Duplicated => "duplicated",
            Self::MisKeyed => "mis_keyed",
            Self::WrongUnit => "wrong_unit",
            Self::WrongPatient => "wrong_patient",
            Self::FreeTextOnly => "free_text_only",
            Self::Transcription => "transcription",
            Self::StaleMedication => "stale_medication",
            Self::ConflictingSex => "conflicting_sex",
            Self::ConflictingBirthDate => "conflicting_birth_date",
            Self::WrongCode => "wrong_code",
            Self::TruncatedTime => "truncated_time",
            Self::MissingEthnicity => "missing_ethnicity",
            Self::SecondRegistration => "second_registration",
            Self::UntracedNumber => "untraced_number",
            Self::UncodedDiagnosis => "uncoded_diagnosis",
        }
    }
}

/// A word in a file names no member of a closed set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{set} {word:?} is unknown; permitted: {permitted}")]
pub struct UnknownWord {
    /// What was being read.
    pub set: &'static str,
    /// The word given.
    pub word: String,
    /// The words permitted.
    pub permitted: String,
}

impl UnknownWord {
    pub(crate) fn new<'w>(set: &'static str, word: &str, permitted: impl Iterator<Item = &'w str>) -> Self {
        Self { set, word: word.to_owned(), permitted: permitted.collect::<Vec<_>>().join(", ") }
    }
}

macro_rules! closed_set {
    ($type:ty, $set:literal) => {
        impl fmt::Display for $type {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                Self::ALL
                    .into_iter()
                    .find(|member| member.as_str() == word)
                    .ok_or_else(|| UnknownWord::new($set, word, Self::ALL.iter().map(|own| own.as_str())))
            }
        }
    };
}

closed_set!(System, "system");
closed_set!(ArtefactKind, "artefact kind");
closed_set!(ErrorKind, "error kind");
pub(super) use closed_set;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_words_round_trip_and_stand_in_order() {
        for (place, system) in System::ALL.into_iter().enumerate() {
            assert_eq!((system.as_str().parse(), system as usize), (Ok(system), place));
        }
        for (place, kind) in ArtefactKind::ALL.into_iter().enumerate() {
            assert_eq!((kind.as_str().parse(), kind as usize), (Ok(kind), place));
        }
        for (place, kind) in ErrorKind::ALL.into_iter().enumerate() {
            assert_eq!((kind.as_str().parse(), kind as usize), (Ok(kind), place));
        }
        let unknown = "GP".parse::<System>().unwrap_err().to_string();
        assert!(unknown.starts_with("system \"GP\" is unknown; permitted: gp, pas"), "{unknown}");
    }
}
