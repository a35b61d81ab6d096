//! Named tasks about stays in hospital.
//!
//! | task | predicted from | what is not seen |
//! |---|---|---|
//! | `readmission-30-days` | the discharge, or when the record tells of it if that is later | the next stay; one that began by then, a transfer at the very moment of discharge too, excludes |
//! | `unit-readmission` | the discharge from the first unit | later unit stays and the hospital's discharge; a transfer at that very moment excludes |
//! | `length-of-stay-7-days` | 24 hours after the admission | the discharge; who leaves or dies within the day is excluded |
//!
//! # Limits
//! In a general practice's record a stay is known only from the letter after it, so that no prediction
//! within it can be made: `length-of-stay-7-days` finds nobody there and its report says why. In the
//! eICU data the stays of one person in different hospitalisations cannot be dated against each other
//! within a year, so that `readmission-30-days` means little there; `unit-readmission` is the task of
//! that name in the papers on these data.

use twinloom_event::EventKind;

use super::definition::{FollowUp, Moment, Occurrence, Outcome, PredictionWindow, Task, Trigger};
use crate::{CodeSet, Predicate};

const ADMISSIONS: [&str; 3] = ["EICU//HOSPITAL_ADMISSION", "MIMIC3//ADMISSION", "HOSPITAL_ADMISSION"];
const DISCHARGES: [&str; 3] = ["EICU//HOSPITAL_DISCHARGE", "MIMIC3//DISCHARGE", "HOSPITAL_DISCHARGE"];
const DEATHS: [&str; 3] =
    ["EICU//HOSPITAL_DISCHARGE//EXPIRED", "MIMIC3//DISCHARGE//DEAD", "HOSPITAL_DISCHARGE//DIED"];
const UNIT_ADMISSIONS: [&str; 3] = ["EICU//UNIT_ADMISSION", "MIMIC3//ICU_STAY", "ICU_ADMISSION"];

/// An encounter of the class of inpatients, as FHIR records and the twin state it.
fn inpatient() -> Predicate {
    Predicate::All(vec![
        Predicate::Kind(EventKind::Encounter),
        Predicate::Attribute { name: "class".into(), value: "IMP".into() },
    ])
}

fn starting_with(prefixes: [&str; 3]) -> Predicate {
    Predicate::Codes(CodeSet::starting_with(prefixes))
}

/// Another admission, whatever its reason, within 30 days of a discharge alive.
pub(super) fn readmission() -> Task {
    let discharge =
        Predicate::All(vec![starting_with(DISCHARGES), Predicate::Not(Box::new(starting_with(DEATHS)))]);
    Task {
        name: "readmission-30-days".into(),
        description: "Another admission to hospital within 30 days of a discharge alive".into(),
        trigger: Trigger {
            predicate: Predicate::Any(vec![inpatient(), discharge]),
            occurrence: Occurrence::Every,
            moment: Moment::EndKnown,
        },
        window: PredictionWindow::Days(30.0),
        outcome: Outcome::Any(Predicate::Any(vec![inpatient(), starting_with(ADMISSIONS)])),
        ..within_stay()
    }
}

/// Another stay in an intensive care unit before hospital discharge, predicted at the end of the first.
///
/// # Source
/// The readmission task of Choi et al., AAAI 2020, and of Zhu and Razavian 2021 on eICU: whether a unit
/// stay is not the last of its hospital stay.
pub(super) fn unit_readmission() -> Task {
    Task {
        name: "unit-readmission".into(),
        description: "Another admission to an intensive care unit before hospital discharge, predicted at the end of the first unit stay".into(),
        trigger: Trigger {
            predicate: starting_with(UNIT_ADMISSIONS),
            occurrence: Occurrence::FirstPerWindow { number: Some("unitvisitnumber".into()) },
            moment: Moment::EndKnown,
        },
        window: PredictionWindow::UntilEnd { end: starting_with(DISCHARGES), outcome_unknown: None },
        outcome: Outcome::Any(starting_with(UNIT_ADMISSIONS)),
        ..within_stay()
    }
}

/// A stay of more than seven days from admission, predicted after one.
pub(super) fn length_of_stay() -> Task {
    let admission = Predicate::Any(vec![inpatient(), starting_with(ADMISSIONS)]);
    Task {
        name: "length-of-stay-7-days".into(),
        description: "A stay in hospital of more than 7 days, predicted 24 hours after admission".into(),
        trigger: Trigger { predicate: admission, occurrence: Occurrence::Every, moment: Moment::Start },
        prediction_delay_days: 1.0,
        window: PredictionWindow::OwnEnd { end: starting_with(DISCHARGES) },
        outcome: Outcome::LongerThan { days: 7.0 },
        ..within_stay()
    }
}

/// What the tasks about stays share.
fn within_stay() -> Task {
    Task {
        name: "".into(),
        description: "".into(),
        trigger: Trigger { predicate: inpatient(), occurrence: Occurrence::Every, moment: Moment::Start },
        prediction_delay_days: 0.0,
        gap_days: 0.0,
        window: PredictionWindow::Days(30.0),
        outcome: Outcome::Any(inpatient()),
        required: Vec::new(),
        excluded: Vec::new(),
        follow_up: FollowUp::default(),
        comparator: None,
        hidden: CodeSet::starting_with(["EICU//APACHE_IV"]),
    }
}
