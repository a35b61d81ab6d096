//! What people ask of services, and what the services answer.

use serde::{Deserialize, Serialize};

use crate::engine::Moment;

/// One person's demand on a service of their locality.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand {
    /// When it was made.
    pub at: Moment,
    /// Who made it: the subject's number in the run.
    pub person: u64,
    /// Number within the person; breaks ties and identifies the answer.
    pub sequence: u32,
    /// The process that asked and will be woken by the answer.
    pub process: u16,
    /// What is asked for.
    pub kind: DemandKind,
    /// The practice at which the person is registered, within the locality.
    pub practice: u16,
    /// Age in years at the demand.
    pub age_years: f32,
    /// Deprivation decile, 1 = most deprived.
    pub imd_decile: u8,
    /// The person's standing tendency to miss appointments, as a ratio to the average.
    pub missing_ratio: f32,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DemandKind {
    /// A contact with general practice or community care.
    Appointment {
        /// With whom.
        clinic: Clinic,
        /// How soon.
        urgency: Urgency,
        /// Not before.
        earliest: Moment,
        /// Length in minutes.
        minutes: u16,
    },
    /// A hospital clinic; starts or continues a referral-to-treatment clock.
    Outpatient {
        /// Which.
        specialty: Specialty,
        /// How soon.
        priority: Priority,
        /// First attendance rather than follow-up.
        first: bool,
        /// Not before.
        earliest: Moment,
    },
    /// An attendance at the emergency department, now.
    Emergency {
        /// Need at triage.
        acuity: Acuity,
        /// By ambulance.
        by_ambulance: bool,
    },
    /// A bed.
    Bed {
        /// Which kind of ward.
        ward: Ward,
        /// Emergency, or how soon an elective admission is wanted.
        priority: Priority,
        /// Days in the bed once admitted.
        stay_days: f32,
        /// Not before.
        earliest: Moment,
    },
    /// An image.
    Imaging {
        /// Kind of machine.
        modality: Modality,
        /// How soon.
        priority: Priority,
    },
    /// A laboratory test on a specimen taken now.
    Laboratory {
        /// Handled before others.
        urgent: bool,
    },
    /// A prescription to be dispensed in the community.
    Pharmacy {
        /// Items on it.
        items: u8,
    },
}

/// Who sees the person in primary care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // Each name is the clinic's own.
pub enum Clinic {
    GeneralPractitioner,
    Nurse,
    Telephone,
    HomeVisit,
    OutOfHours,
}

/// How soon a primary care contact is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // Each name is its own.
pub enum Urgency {
    SameDay,
    Soon,
    Routine,
}

/// How soon hospital care is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // Each name is its own.
pub enum Priority {
    Emergency,
    TwoWeekWait,
    Urgent,
    Routine,
}

/// Treatment function of a clinic or referral.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // Each name is the specialty's own.
pub enum Specialty {
    GeneralMedicine,
    GeneralSurgery,
    Cardiology,
    Respiratory,
    Diabetes,
    Renal,
    Gastroenterology,
    Neurology,
    Rheumatology,
    Orthopaedics,
    Dermatology,
    Ophthalmology,
    EarNoseThroat,
    Gynaecology,
    Urology,
    Oncology,
    Haematology,
    ElderlyMedicine,
    MentalHealth,
    Paediatrics,
    Physiotherapy,
    Maternity,
}

/// Kind of ward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // Each name is the ward's own.
pub enum Ward {
    Medical,
    Surgical,
    Elderly,
    Paediatric,
    Maternity,
    CriticalCare,
    MentalHealth,
    DayCase,
}

/// Kind of imaging.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // Each name is the modality's own.
pub enum Modality {
    PlainFilm,
    Ultrasound,
    ComputedTomography,
    MagneticResonance,
    Mammography,
    Echocardiography,
    Endoscopy,
}

/// Manchester triage category, 1 = immediate to 5 = non-urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // Each name is the category's own.
pub enum Acuity {
    Immediate,
    VeryUrgent,
    Urgent,
    Standard,
    NonUrgent,
}

/// A service's answer to one demand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answer {
    /// When the process that asked is woken: never before the end of the window of the demand. The times
    /// within `outcome` may be earlier.
    pub wake: Moment,
    /// Who asked.
    pub person: u64,
    /// The process to wake.
    pub process: u16,
    /// The demand answered.
    pub sequence: u32,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a demand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// An appointment or clinic: woken at its start if attended, else when its fate is known.
    Appointment {
        /// When it was made.
        booked: Moment,
        /// When it was to start.
        start: Moment,
        /// When the person was called in, if attended.
        called: Moment,
        /// Length in minutes.
        minutes: u16,
        /// Who saw them: a number within clinic and practice.
        clinician: u16,
        /// What became of it.
        attendance: Attendance,
    },
    /// An attendance at the emergency department: woken at departure.
    Emergency {
        /// Triaged.
        triaged: Moment,
        /// First seen by a clinician.
        seen: Moment,
        /// Left, or was referred to a bed.
        departed: Moment,
        /// Left before being seen.
        left_unseen: bool,
    },
    /// A bed: woken at admission.
    Bed {
        /// Decision to admit, or going on the waiting list.
        requested: Moment,
        /// Into the bed.
        admitted: Moment,
        /// Out of it.
        discharged: Moment,
        /// The kind of ward that had one.
        ward: Ward,
        /// Bed number within the ward.
        bed: u16,
    },
    /// An image: woken when reported.
    Imaging {
        /// Taken.
        taken: Moment,
        /// Reported.
        reported: Moment,
    },
    /// A test: woken when resulted.
    Laboratory {
        /// Specimen received.
        received: Moment,
        /// Result authorised.
        resulted: Moment,
    },
    /// Medicines: woken when dispensed.
    Pharmacy {
        /// Handed out.
        dispensed: Moment,
    },
}

impl Outcome {
    /// Nothing was free as far ahead as can be booked: the person is told at once, as by a cancellation,
    /// and may ask again.
    pub(crate) fn not_offered(at: Moment, minutes: u16) -> Self {
        Self::Appointment {
            booked: at,
            start: at,
            called: at,
            minutes,
            clinician: 0,
            attendance: Attendance::CancelledByProvider,
        }
    }
}

/// What became of an appointment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // Each name is its own.
pub enum Attendance {
    Attended,
    DidNotAttend,
    CancelledByPatient,
    CancelledByProvider,
}
