//! The APACHE tables: the first 24 hours' worst values, and the predictions made from them.

use twinloom_event::{EventKind, MICROSECONDS_PER_DAY, TimePrecision, Timestamp};

use super::SYSTEM;
use super::stay::{Stay, Stays};
use crate::SinkError;
use crate::tables::TableError;
use crate::tables::out::{Out, Outcome};
use crate::tables::row::Row;
use crate::tables::source::TableSource;

pub(super) const TABLES: [&str; 3] = ["apacheapsvar", "apachepatientresult", "apachepredvar"];

const NO_VALUE: &str = "every value is missing (-1 or empty)";
const NO_STAY: &str = "patientunitstayid is not in patient";

/// Variables of `apacheapsvar` with their units.
///
/// # Source
/// eicu-crd.mit.edu/eicutables/apacheapsvar.
const APS_VARIABLES: [(&str, &str); 24] = [
    ("intubated", "1"),
    ("vent", "1"),
    ("dialysis", "1"),
    ("eyes", "{score}"),
    ("motor", "{score}"),
    ("verbal", "{score}"),
    ("meds", "1"),
    ("urine", "mL"),
    ("wbc", "10*3/uL"),
    ("temperature", "Cel"),
    ("respiratoryrate", "/min"),
    ("sodium", "mmol/L"),
    ("heartrate", "/min"),
    ("meanbp", "mm[Hg]"),
    ("ph", "[pH]"),
    ("hematocrit", "%"),
    ("creatinine", "mg/dL"),
    ("albumin", "g/dL"),
    ("pao2", "mm[Hg]"),
    ("pco2", "mm[Hg]"),
    ("bun", "mg/dL"),
    ("glucose", "mg/dL"),
    ("bilirubin", "mg/dL"),
    ("fio2", "%"),
];

/// Variables of `apachepredvar` that say nothing of the outcome and repeat no other table.
const PREDICTION_VARIABLES: [&str; 34] = [
    "sicuday",
    "saps3day1",
    "saps3today",
    "saps3yesterday",
    "admitsource",
    "graftcount",
    "meds",
    "verbal",
    "motor",
    "eyes",
    "thrombolytics",
    "aids",
    "hepaticfailure",
    "lymphoma",
    "metastaticcancer",
    "leukemia",
    "immunosuppression",
    "cirrhosis",
    "electivesurgery",
    "activetx",
    "readmit",
    "ima",
    "midur",
    "ventday1",
    "oobventday1",
    "oobintubday1",
    "diabetes",
    "pao2",
    "fio2",
    "ejectfx",
    "creatinine",
    "visitnumber",
    "amilocation",
    "day1meds",
];

/// Columns of `apachepatientresult` that are predictions or scores: column, code, unit.
const RESULTS: [(&str, &str, &str); 7] = [
    ("acutephysiologyscore", "ACUTE_PHYSIOLOGY_SCORE", "{score}"),
    ("apachescore", "APACHE_SCORE", "{score}"),
    ("predictedicumortality", "PREDICTED_ICU_MORTALITY", "1"),
    ("predictedhospitalmortality", "PREDICTED_HOSPITAL_MORTALITY", "1"),
    ("predictediculos", "PREDICTED_ICU_LENGTH_OF_STAY", "d"),
    ("predictedhospitallos", "PREDICTED_HOSPITAL_LENGTH_OF_STAY", "d"),
    ("predventdays", "PREDICTED_VENTILATION_DAYS", "d"),
];

pub(super) fn import(source: &TableSource, out: &mut Out<'_>, stays: &Stays) -> Result<(), TableError> {
    let needed = ["patientunitstayid"];
    out.read_table(source, "apacheapsvar", &needed, &mut |out, row| {
        let Some(mut day) = FirstDay::new(out, row, stays, "apacheapsvar") else {
            return Ok(Outcome::Skipped(NO_STAY));
        };
        for (column, unit) in APS_VARIABLES {
            day.variable("APACHE_APS", column, column, unit)?;
        }
        Ok(day.outcome())
    })?;
    out.read_table(source, "apachepredvar", &needed, &mut |out, row| {
        let Some(mut day) = FirstDay::new(out, row, stays, "apachepredvar") else {
            return Ok(Outcome::Skipped(NO_STAY));
        };
        for column in PREDICTION_VARIABLES {
            day.variable("APACHE_VARIABLE", column, column, "")?;
        }
        if let Some(diagnosis) = row.get("admitdiagnosis") {
            day.tell(&["APACHE_ADMIT_DIAGNOSIS", diagnosis], EventKind::Condition, None)?;
        }
        Ok(day.outcome())
    })?;
    let needed = ["patientunitstayid", "apacheversion"];
    out.read_table(source, "apachepatientresult", &needed, &mut |out, row| {
        let version = match row.get("apacheversion") {
            Some("IV") => "APACHE_IV",
            Some("IVa") => "APACHE_IVA",
            _ => return Ok(Outcome::Skipped("apacheversion is neither IV nor IVa")),
        };
        let Some(mut day) = FirstDay::new(out, row, stays, "apachepatientresult") else {
            return Ok(Outcome::Skipped(NO_STAY));
        };
        for (column, name, unit) in RESULTS {
            day.variable(version, column, name, unit)?;
        }
        Ok(day.outcome())
    })?;
    Ok(())
}

/// APACHE writes -1 for what was not measured.
fn is_missing(value: f64) -> bool {
    (value + 1.0).abs() < f64::EPSILON
}

/// Facts about a unit stay's first 24 hours, told as known at their end.
struct FirstDay<'a, 's> {
    out: &'a mut Out<'s>,
    row: &'a Row<'a>,
    stay: &'a Stay,
    table: &'static str,
    at: Timestamp,
    events: u64,
}

impl<'a, 's> FirstDay<'a, 's> {
    fn new(out: &'a mut Out<'s>, row: &'a Row<'a>, stays: &'a Stays, table: &'static str) -> Option<Self> {
        let stay = stays.get(&row.integer("patientunitstayid")?)?;
        let at = stay.unit_admission.plus_micros(MICROSECONDS_PER_DAY).ok()?;
        Some(Self { out, row, stay, table, at, events: 0 })
    }

    /// Tells a number unless it is missing.
    fn variable(&mut self, group: &str, column: &str, name: &str, unit: &str) -> Result<(), SinkError> {
        match self.row.number(column) {
            Some(value) if !is_missing(value) => {
                self.tell(&[group, name], EventKind::Observation, Some((value, unit)))
            }
            _ => Ok(()),
        }
    }

    fn tell(&mut self, parts: &[&str], kind: EventKind, value: Option<(f64, &str)>) -> Result<(), SinkError> {
        let mut all = vec![SYSTEM];
        all.extend(parts);
        let Some(code) = self.out.code(&all) else {
            return Ok(());
        };
        let at = Some((self.at, TimePrecision::Instant));
        let mut event = self.out.draft(self.stay.whose.subject_id, at, code, kind);
        if let Some((value, unit)) = value {
            event = event.with_numeric_value(value).expect("row numbers are finite");
            if let Some(unit) = self.out.unit(unit) {
                event = event.with_unit(unit);
            }
        }
        if let Some(id) = &self.stay.whose.encounter_id {
            event = event.with_encounter_id(id.clone());
        }
        if let Some(id) = self.row.record_id(self.table) {
            event = event.with_record_id(id);
        }
        self.events += 1;
        self.out.event(event)
    }

    fn outcome(self) -> Outcome {
        if self.events == 0 { Outcome::Skipped(NO_VALUE) } else { Outcome::Kept(self.events) }
    }
}
