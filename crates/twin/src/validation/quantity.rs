//! What a target is about: a closed set of quantities that can be read off a run.

use serde::{Deserialize, Serialize};

use crate::measure::Wait;

/// A quantity, with the people it is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case", deny_unknown_fields)]
pub enum Quantity {
    /// Share of the living at the end who have any of the conditions, at the standard's ages and sexes.
    Prevalence {
        /// Names in the need table.
        conditions: Vec<String>,
        /// Whose knowledge counts.
        record: Record,
        /// Youngest age.
        #[serde(default)]
        age_from: i32,
        /// First age beyond the oldest.
        #[serde(default = "no_age")]
        age_below: i32,
        /// Year of diagnosis from which the register counts.
        #[serde(default = "no_year")]
        diagnosed_from: i32,
    },
    /// Share of the living at the end with at least so many diagnosed long-term conditions of the list.
    Morbidities {
        /// How many.
        at_least: usize,
        /// Youngest age.
        #[serde(default)]
        age_from: i32,
        /// First age beyond the oldest.
        #[serde(default = "no_age")]
        age_below: i32,
    },
    /// Share of the living at the end with a physical and a mental condition of the list.
    PhysicalAndMental {
        /// Deprivation decile, 1 = most deprived.
        imd_decile: u8,
    },
    /// The multimorbid below an age for each multimorbid person at or above it.
    MultimorbidBelowTo {
        /// The age.
        age: i32,
    },
    /// Contacts per person-year.
    Contacts {
        /// With which services.
        services: Vec<String>,
    },
    /// Share of contacts that are with the first of the services named.
    ContactShare {
        /// The services counted.
        services: Vec<String>,
        /// The services of which they are a share.
        of_services: Vec<String>,
    },
    /// Share of appointments kept or missed that were missed.
    Missed {
        /// With which services.
        services: Vec<String>,
        /// Least calendar days from booking.
        #[serde(default)]
        lead_days_from: i64,
        /// Most calendar days from booking.
        #[serde(default = "no_lead")]
        lead_days_to: i64,
    },
    /// Share of appointments kept or missed that were booked at most so many calendar days ahead.
    BookedWithin {
        /// With which services.
        services: Vec<String>,
        /// Calendar days; 0 is the same day.
        days: i64,
    },
    /// Admissions per person-year.
    Admissions {
        /// Planned or not.
        method: AdmissionMethod,
        /// Blocks of the international classification of the reason; empty for all.
        #[serde(default)]
        blocks: Vec<String>,
    },
    /// Days in beds per person-year.
    BedDays {},
    /// Attendances at the emergency department per person-year.
    EmergencyAttendances {},
    /// Items prescribed per person-year.
    MedicationItems {},
    /// Share of waits within the wait's target.
    WaitWithin {
        /// Which wait.
        wait: WaitName,
    },
    /// Share of waits of at most so many days.
    WaitAtMost {
        /// Which wait.
        wait: WaitName,
        /// Days.
        days: f64,
    },
    /// Follow-up attendances for each first one in outpatients.
    FollowUpsPerFirst {},
    /// Deaths for each that the standard's age and sex specific rates would give.
    MortalityRatio {},
    /// Period life expectancy at birth.
    LifeExpectancy {
        /// `female` or `male`.
        sex: SexName,
    },
    /// Share of the living at the start who have reached an age.
    Older {
        /// The age.
        age_from: i32,
    },
    /// Largest difference of any five-year band of a sex from the standard population, in percentage points.
    PyramidError {},
    /// Largest difference of any quintile of deprivation from the standard population, in percentage points.
    DeprivationError {},
    /// A law of plausibility.
    Law {
        /// Which.
        law: Law,
    },
}

const fn no_year() -> i32 {
    i32::MIN
}

const fn no_age() -> i32 {
    200
}

const fn no_lead() -> i64 {
    i64::MAX
}

/// Whose knowledge of a condition counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// The general practice's register.
    Practice,
    /// Diagnosed by anybody.
    Diagnosed,
    /// The truth, known or not.
    Truth,
}

/// How admissions came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdmissionMethod {
    /// Any way.
    All,
    /// Unplanned.
    Emergency,
    /// Planned.
    Elective,
}

/// The sexes of life tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // Each name is its own.
pub enum SexName {
    Female,
    Male,
}

/// A wait by its name in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WaitName(pub Wait);

impl TryFrom<String> for WaitName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Wait::ALL.into_iter().find(|wait| wait.as_str() == name).map(Self).ok_or_else(|| {
            let names: Vec<&str> = Wait::ALL.iter().map(|wait| wait.as_str()).collect();
            format!("{name:?} is no wait; permitted: {}", names.join(", "))
        })
    }
}

impl From<WaitName> for String {
    fn from(name: WaitName) -> Self {
        name.0.as_str().to_owned()
    }
}

/// A law of plausibility.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Law {
    /// Share of routine contacts within opening hours.
    RoutineInHours,
    /// Routine contacts on bank holidays and at weekends, per routine contact.
    RoutineOnHolidays,
    /// Contacts with general practice on Mondays for each on a mean other working day.
    MondayPeak,
    /// Tests and images answered before they were taken, or taken before they were asked for, per one.
    AnswerBeforeSpecimen,
    /// Letters that arrived before they were written, per letter.
    LetterBeforeWriting,
    /// Facts that the practice took from a letter before it arrived, per fact taken from one.
    ActionBeforeLetter,
    /// Stays that began in a bed still occupied by somebody else, per stay.
    BedTakenTwice,
    /// Contacts, stays and tests after death, per death.
    CareAfterDeath,
    /// Recorded facts that neither the truth nor the error ledger explains, per recorded fact.
    Untraceable,
}
