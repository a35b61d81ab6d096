//! The tasks known by name.

use std::sync::Arc;

use twinloom_event::{EventKind, Timestamp};

use super::definition::{
    Comparator, ConditionGroup, FollowUp, IndexDate, Moment, Occurrence, Outcome, PredictionWindow, Task,
    TaskError, Trigger,
};
use super::stays;
use crate::{CodeSet, Predicate};

const DAYS_PER_YEAR: f64 = 365.25;
const ENROLMENT_DAYS: f64 = 2.0 * DAYS_PER_YEAR;

impl Task {
    /// The names that [`Task::named`] knows.
    pub const NAMES: [&'static str; 13] = [
        "in-hospital-mortality",
        "new-long-term-condition",
        "emergency-admission-12-months",
        "mortality-5-years",
        "readmission-30-days",
        "unit-readmission",
        "length-of-stay-7-days",
        "next-diagnosis",
        "onset-1-year",
        "onset-2-years",
        "onset-3-years",
        "onset-4-years",
        "onset-5-years",
    ];

    /// A task by name.
    ///
    /// # Errors
    /// [`TaskError::UnknownName`] for a name not in [`Task::NAMES`].
    pub fn named(name: &str) -> Result<Self, TaskError> {
        match name {
            "in-hospital-mortality" => Ok(in_hospital_mortality()),
            "new-long-term-condition" => Ok(new_long_term_condition()),
            "emergency-admission-12-months" => Ok(emergency_admission()),
            "mortality-5-years" => Ok(mortality()),
            "readmission-30-days" => Ok(stays::readmission()),
            "unit-readmission" => Ok(stays::unit_readmission()),
            "length-of-stay-7-days" => Ok(stays::length_of_stay()),
            "next-diagnosis" => Ok(next_diagnosis()),
            "onset-1-year" => Ok(onset(1)),
            "onset-2-years" => Ok(onset(2)),
            "onset-3-years" => Ok(onset(3)),
            "onset-4-years" => Ok(onset(4)),
            "onset-5-years" => Ok(onset(5)),
            _ => Err(TaskError::UnknownName { name: name.to_owned() }),
        }
    }

    /// Starts enrolment at this date; for tasks that enrol from an index date.
    #[must_use]
    pub fn index_date(mut self, at: Timestamp) -> Self {
        if let Occurrence::FirstFrom { index, .. } = &mut self.trigger.occurrence {
            *index = IndexDate::At(at);
        }
        self
    }

    /// States when the data end.
    #[must_use]
    pub fn data_end(mut self, at: Timestamp) -> Self {
        self.follow_up.data_end = Some(at);
        self
    }

    /// Seeks these conditions; for tasks about conditions (`new-long-term-condition`, `next-diagnosis`,
    /// `onset-..`).
    #[must_use]
    pub fn conditions(mut self, groups: Vec<ConditionGroup>) -> Self {
        if let Outcome::FirstEver(sought) | Outcome::NextOf(sought) = &mut self.outcome {
            *sought = groups;
        }
        self
    }
}

/// Prediction at 24 hours after admission to the unit, as APACHE IV does. Codes are those of the eICU
/// and MIMIC-III imports and of the MEDS extraction of MIMIC-IV.
fn in_hospital_mortality() -> Task {
    let admission = ["EICU//UNIT_ADMISSION", "MIMIC3//ICU_STAY", "ICU_ADMISSION"];
    let discharge = ["EICU//HOSPITAL_DISCHARGE", "MIMIC3//DISCHARGE", "HOSPITAL_DISCHARGE"];
    let died = ["EICU//HOSPITAL_DISCHARGE//EXPIRED", "MIMIC3//DISCHARGE//DEAD", "HOSPITAL_DISCHARGE//DIED"];
    Task {
        name: "in-hospital-mortality".into(),
        description: "Death before hospital discharge, predicted 24 hours after the first admission to an intensive care unit of the hospital stay".into(),
        trigger: Trigger {
            predicate: Predicate::Codes(CodeSet::starting_with(admission)),
            occurrence: Occurrence::FirstPerWindow { number: Some("unitvisitnumber".into()) },
            moment: Moment::Start,
        },
        prediction_delay_days: 1.0,
        gap_days: 0.0,
        window: PredictionWindow::UntilEnd {
            end: Predicate::Codes(CodeSet::starting_with(discharge)),
            outcome_unknown: Some(Predicate::Codes(CodeSet::of(["EICU//HOSPITAL_DISCHARGE//UNKNOWN"]))),
        },
        outcome: Outcome::Any(Predicate::Any(vec![
            Predicate::Codes(CodeSet::starting_with(died)),
            Predicate::death(),
        ])),
        required: Vec::new(),
        excluded: Vec::new(),
        follow_up: FollowUp::default(),
        comparator: Some(Comparator {
            name: "APACHE IVa".into(),
            codes: CodeSet::of(["EICU//APACHE_IVA//PREDICTED_HOSPITAL_MORTALITY"]),
        }),
        hidden: CodeSet::starting_with(["EICU//APACHE_IV"]),
    }
}

fn new_long_term_condition() -> Task {
    Task {
        name: "new-long-term-condition".into(),
        description:
            "A first-ever record of hypertension, type 2 diabetes or COPD within 5 years of an encounter"
                .into(),
        outcome: Outcome::FirstEver(long_term_conditions()),
        ..from_encounter(5.0 * DAYS_PER_YEAR)
    }
}

fn emergency_admission() -> Task {
    Task {
        name: "emergency-admission-12-months".into(),
        description: "An emergency admission within 12 months of an encounter; where the source does not tell, an emergency attendance".into(),
        outcome: Outcome::Any(Predicate::All(vec![
            Predicate::Kind(EventKind::Encounter),
            Predicate::Any(vec![
                Predicate::Attribute { name: "class".into(), value: "EMER".into() },
                // SNOMED CT 183452005 emergency hospital admission, 50849002 emergency room admission.
                Predicate::Codes(CodeSet::of(["SNOMED//183452005", "SNOMED//50849002"])),
            ]),
        ])),
        ..from_encounter(DAYS_PER_YEAR)
    }
}

/// # Limits
/// A diagnosis repeated (a problem coded again at a review) counts as a diagnosis.
fn next_diagnosis() -> Task {
    Task {
        name: "next-diagnosis".into(),
        description: "The diagnoses of the first day with any within 12 months of an encounter".into(),
        outcome: Outcome::NextOf(Vec::new()),
        ..from_encounter(DAYS_PER_YEAR)
    }
}

/// The onset of type 2 diabetes unless other conditions are set.
fn onset(years: u8) -> Task {
    let diabetes =
        long_term_conditions().into_iter().filter(|group| &*group.name == "type 2 diabetes").collect();
    let plural = if years == 1 { "" } else { "s" };
    Task {
        name: format!("onset-{years}-year{plural}").into(),
        description: format!(
            "A first-ever record of a condition within {years} year{plural} of an encounter"
        )
        .into(),
        outcome: Outcome::FirstEver(diabetes),
        ..from_encounter(f64::from(years) * DAYS_PER_YEAR)
    }
}

fn mortality() -> Task {
    Task {
        name: "mortality-5-years".into(),
        description: "Death within 5 years of an encounter".into(),
        outcome: Outcome::Any(Predicate::death()),
        // The dead fall silent: to ask for later contacts of the living alone would bias the rate.
        follow_up: FollowUp::default(),
        ..from_encounter(5.0 * DAYS_PER_YEAR)
    }
}

/// Prediction one day after the first encounter of a two-year enrolment that leaves room for the
/// whole window before the data's end. The day lets the encounter's own findings be known.
fn from_encounter(window_days: f64) -> Task {
    Task {
        name: Arc::from(""),
        description: Arc::from(""),
        trigger: Trigger {
            predicate: Predicate::Kind(EventKind::Encounter),
            occurrence: Occurrence::FirstFrom {
                index: IndexDate::BeforeDataEnd { days: window_days + ENROLMENT_DAYS + 1.0 },
                enrolment_days: ENROLMENT_DAYS,
            },
            moment: Moment::Start,
        },
        prediction_delay_days: 1.0,
        gap_days: 0.0,
        window: PredictionWindow::Days(window_days),
        outcome: Outcome::Any(Predicate::death()),
        required: Vec::new(),
        excluded: Vec::new(),
        follow_up: FollowUp { data_end: None, permitted_silence_days: Some(3.0 * DAYS_PER_YEAR) },
        comparator: None,
        hidden: CodeSet::empty(),
    }
}

/// # Source
/// SNOMED CT: 38341003 hypertensive disorder, 59621000 essential hypertension; 44054006 type 2
/// diabetes; 13645005 COPD, 185086009 chronic obstructive bronchitis, 87433001 pulmonary emphysema.
/// ICD-10: I10; E11; J43 and J44.
fn long_term_conditions() -> Vec<ConditionGroup> {
    let group = |name: &str, snomed: &[&str], icd10: &[&str]| ConditionGroup {
        name: name.into(),
        codes: CodeSet::of(snomed.iter().map(|code| format!("SNOMED//{code}"))).union(
            CodeSet::starting_with(
                icd10.iter().flat_map(|code| [format!("ICD10//{code}"), format!("ICD10CM//{code}")]),
            ),
        ),
    };
    vec![
        group("hypertension", &["38341003", "59621000"], &["I10"]),
        group("type 2 diabetes", &["44054006"], &["E11"]),
        group("COPD", &["13645005", "185086009", "87433001"], &["J43", "J44"]),
    ]
}
