//! Contacts with services: encounters, appointments, referrals and letters of one person.

use crate::engine::Moment;
use crate::patient::CodeId;
use crate::supply::{Acuity, Attendance, Priority, Specialty, Ward};

/// Who is seen where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    GeneralPractitioner,
    Nurse,
    Telephone,
    HomeVisit,
    OutOfHours,
    Emergency,
    Outpatient,
    Inpatient,
    DayCase,
}

impl Service {
    pub(crate) const ALL: [Self; 9] = [
        Self::GeneralPractitioner,
        Self::Nurse,
        Self::Telephone,
        Self::HomeVisit,
        Self::OutOfHours,
        Self::Emergency,
        Self::Outpatient,
        Self::Inpatient,
        Self::DayCase,
    ];

    /// The word that modules and the truth use.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::GeneralPractitioner => "general_practitioner",
            Self::Nurse => "nurse",
            Self::Telephone => "telephone",
            Self::HomeVisit => "home_visit",
            Self::OutOfHours => "out_of_hours",
            Self::Emergency => "emergency",
            Self::Outpatient => "outpatient",
            Self::Inpatient => "inpatient",
            Self::DayCase => "day_case",
        }
    }

    /// FHIR's class of encounter.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Telephone => "VR",
            Self::HomeVisit => "HH",
            Self::Emergency => "EMER",
            Self::Inpatient | Self::DayCase => "IMP",
            _ => "AMB",
        }
    }

    /// Whether the person has an appointment rather than coming when they come.
    pub(crate) const fn is_booked(self) -> bool {
        !matches!(self, Self::Emergency | Self::Inpatient | Self::DayCase)
    }

    /// Whether the person's own practice gives the contact.
    pub(crate) const fn is_general_practice(self) -> bool {
        matches!(self, Self::GeneralPractitioner | Self::Nurse | Self::Telephone | Self::HomeVisit)
    }

    /// Whether a hospital gives the contact.
    pub(crate) const fn is_hospital(self) -> bool {
        matches!(self, Self::Emergency | Self::Outpatient | Self::Inpatient | Self::DayCase)
    }

    /// Whether the person lies in a bed.
    pub(crate) const fn is_bed(self) -> bool {
        matches!(self, Self::Inpatient | Self::DayCase)
    }
}

/// A contact with a service.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Encounter {
    pub(crate) artefact: u32,
    pub(crate) process: u16,
    pub(crate) service: Service,
    pub(crate) code: CodeId,
    pub(crate) reason: Option<CodeId>,
    pub(crate) start: Moment,
    /// The least it lasts, or until when the bed is taken.
    pub(crate) least_end: Moment,
    pub(crate) end: Option<Moment>,
    pub(crate) specialty: Option<Specialty>,
    /// When the appointment was made.
    pub(crate) booked: Option<Moment>,
    pub(crate) hospital: Option<Box<HospitalDetail>>,
}

impl Encounter {
    /// When it ends, if that is known. Slots and beds are given for a time, and are left then even where
    /// the module that asked for them still waits for a result; only an emergency attendance lasts until
    /// its module ends it.
    pub(crate) fn ends(&self) -> Option<Moment> {
        self.end.or((self.service != Service::Emergency).then_some(self.least_end))
    }
}

/// What a hospital notes of an attendance or a stay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum HospitalDetail {
    Emergency {
        triaged: Moment,
        seen: Moment,
        acuity: Acuity,
        by_ambulance: bool,
        left_unseen: bool,
    },
    Stay {
        requested: Moment,
        ward: Ward,
        bed: u16,
        /// NHS Data Dictionary ADMISSION METHOD: 11 waiting list, 13 planned, 21 from the emergency department, 22
        /// at a GP's request.
        admission_method: u8,
    },
}

/// A slot in a service's book and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Appointment {
    pub(crate) artefact: u32,
    pub(crate) service: Service,
    pub(crate) specialty: Option<Specialty>,
    pub(crate) booked: Moment,
    pub(crate) start: Moment,
    pub(crate) minutes: u16,
    pub(crate) clinician: u16,
    pub(crate) attendance: Attendance,
    pub(crate) encounter: Option<u32>,
}

/// A request to a hospital specialty and its clock.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Referral {
    pub(crate) artefact: u32,
    pub(crate) specialty: Specialty,
    pub(crate) priority: Priority,
    pub(crate) made: Moment,
    /// First attendance.
    pub(crate) clock_stop: Option<Moment>,
    pub(crate) encounter: Option<u32>,
}

/// What a letter tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LetterKind {
    Discharge,
    Clinic,
    Emergency,
    Referral,
}

impl LetterKind {
    pub(crate) const ALL: [Self; 4] = [Self::Discharge, Self::Clinic, Self::Emergency, Self::Referral];

    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Discharge => "LETTER//discharge_summary",
            Self::Clinic => "LETTER//clinic_letter",
            Self::Emergency => "LETTER//emergency_summary",
            Self::Referral => "LETTER//referral_letter",
        }
    }
}

/// A letter between a hospital and the practice.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Letter {
    pub(crate) artefact: u32,
    pub(crate) kind: LetterKind,
    pub(crate) written: Moment,
    pub(crate) sent: Moment,
    pub(crate) received: Moment,
    pub(crate) encounter: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_a_bed_is_left_at_the_end_of_the_stay_whatever_its_module_waits_for() {
        let day = |day: f64| Moment::from_micros(0).plus_days(day);
        let contact = |service| Encounter {
            artefact: 0,
            process: 1,
            service,
            code: 0,
            reason: None,
            start: day(1.0),
            least_end: day(3.0),
            end: None,
            specialty: None,
            booked: None,
            hospital: None,
        };
        assert_eq!(contact(Service::Inpatient).ends(), Some(day(3.0)));
        assert_eq!(contact(Service::DayCase).ends(), Some(day(3.0)));
        assert_eq!(contact(Service::Emergency).ends(), None);
    }
}
