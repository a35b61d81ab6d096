//! Admissions with what was coded and what was given.

use std::collections::{BTreeMap, BTreeSet};

use twinloom_event::{Cohort, EncounterId, Event, EventKind, SubjectId, Timestamp};

/// Admissions that were given a drug, of each patient in order of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Admissions {
    rows: Vec<Admission>,
    classes: Vec<String>,
    diagnoses: usize,
    procedures: usize,
    interactions: Vec<(u32, u32)>,
    rare_classes: usize,
}

/// One admission; numbers are columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Whose.
    pub subject: SubjectId,
    /// Codes and categories of diagnoses, sorted.
    pub diagnoses: Vec<u32>,
    /// Codes and categories of procedures, sorted.
    pub procedures: Vec<u32>,
    /// Whether each class of drugs was given.
    pub given: Vec<bool>,
}

/// What was found of one encounter, in words.
#[derive(Default)]
struct Found {
    first: Option<Timestamp>,
    diagnoses: BTreeSet<String>,
    procedures: BTreeSet<String>,
    classes: BTreeSet<String>,
}

/// Patients that a code must have to be a column: one tells nothing of others.
const LEAST_PATIENTS: usize = 2;

impl Admissions {
    /// Takes the encounters of a cohort that have a medication with a class.
    ///
    /// `class_of` gives the class of a medication event; `interacting` holds pairs of classes. A class that
    /// fewer than `least_patients` were given is left out and counted.
    ///
    /// # Errors
    /// [`MedicationError::Few`] when fewer than ten patients or two classes are left.
    pub fn new(
        cohort: &Cohort,
        class_of: &dyn Fn(&Event) -> Option<String>,
        interacting: &[(String, String)],
        least_patients: usize,
    ) -> Result<Self, MedicationError> {
        let mut encounters: Vec<(SubjectId, Found)> = Vec::new();
        for timeline in cohort.timelines() {
            let mut found: BTreeMap<&EncounterId, Found> = BTreeMap::new();
            for event in timeline.events() {
                if let Some(encounter) = event.encounter_id() {
                    found.entry(encounter).or_default().hear(event, class_of);
                }
            }
            let mut own: Vec<Found> = found.into_values().filter(|found| !found.classes.is_empty()).collect();
            own.sort_by_key(|found| found.first);
            encounters.extend(own.into_iter().map(|found| (timeline.subject_id(), found)));
        }
        let kept = |of: &dyn Fn(&Found) -> &BTreeSet<String>, least: usize| {
            let mut subjects: BTreeMap<&str, BTreeSet<SubjectId>> = BTreeMap::new();
            for (subject, found) in &encounters {
                for word in of(found) {
                    subjects.entry(word).or_default().insert(*subject);
                }
            }
            let all = subjects.len();
            let often = subjects.into_iter().filter(|(_, own)| own.len() >= least);
            let words: Vec<String> = often.map(|(word, _)| word.to_owned()).collect();
            (all - words.len(), words)
        };
        let (_, diagnoses) = kept(&|found| &found.diagnoses, LEAST_PATIENTS);
        let (_, procedures) = kept(&|found| &found.procedures, LEAST_PATIENTS);
        let (rare_classes, classes) = kept(&|found| &found.classes, least_patients.max(1));
        let places = |words: &[String], own: &BTreeSet<String>| -> Vec<u32> {
            own.iter().filter_map(|word| words.binary_search(word).ok()).map(|place| place as u32).collect()
        };
        let rows: Vec<Admission> = encounters
            .iter()
            .map(|(subject, found)| Admission {
                subject: *subject,
                diagnoses: places(&diagnoses, &found.diagnoses),
                procedures: places(&procedures, &found.procedures),
                given: classes.iter().map(|class| found.classes.contains(class)).collect(),
            })
            .filter(|row| row.given.contains(&true))
            .collect();
        let place = |class: &String| classes.binary_search(class).ok().map(|place| place as u32);
        let mut interactions: Vec<(u32, u32)> = interacting
            .iter()
            .filter_map(|(a, b)| Some((place(a)?, place(b)?)))
            .filter(|(a, b)| a != b)
            .map(|(a, b)| (a.min(b), a.max(b)))
            .collect();
        interactions.sort_unstable();
        interactions.dedup();
        let admissions = Self {
            rows,
            classes,
            diagnoses: diagnoses.len(),
            procedures: procedures.len(),
            interactions,
            rare_classes,
        };
        let (patients, classes) = (admissions.patients().len(), admissions.classes.len());
        if patients < 10 || classes < 2 {
            return Err(MedicationError::Few { patients, classes });
        }
        Ok(admissions)
    }

    /// The admissions, by patient and time.
    pub fn rows(&self) -> &[Admission] {
        &self.rows
    }

    /// The classes of drugs, sorted.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// Number of columns of diagnoses.
    pub fn diagnoses(&self) -> usize {
        self.diagnoses
    }

    /// Number of columns of procedures.
    pub fn procedures(&self) -> usize {
        self.procedures
    }

    /// Pairs of classes that interact, by place.
    pub fn interactions(&self) -> &[(u32, u32)] {
        &self.interactions
    }

    /// Classes left out because too few patients were given them.
    pub fn rare_classes(&self) -> usize {
        self.rare_classes
    }

    /// The patients, sorted.
    pub fn patients(&self) -> Vec<SubjectId> {
        let mut patients: Vec<SubjectId> = self.rows.iter().map(|row| row.subject).collect();
        patients.sort_unstable();
        patients.dedup();
        patients
    }

    /// The admission before, of the same patient.
    pub(super) fn before(&self, row: usize) -> Option<&Admission> {
        let before = self.rows.get(row.checked_sub(1)?)?;
        (before.subject == self.rows[row].subject).then_some(before)
    }
}

impl Found {
    fn hear(&mut self, event: &Event, class_of: &dyn Fn(&Event) -> Option<String>) {
        let coded = event.code().system().is_some_and(|system| system.starts_with("ICD"));
        let told = |into: &mut BTreeSet<String>| {
            let value = event.code().value();
            let category = value.split('.').next().unwrap_or(value);
            into.insert(format!("{category} and below"));
            into.insert(value.to_owned());
        };
        match event.kind() {
            EventKind::Condition if coded => told(&mut self.diagnoses),
            EventKind::Procedure if coded => told(&mut self.procedures),
            EventKind::Medication => {
                if let Some(class) = class_of(event) {
                    self.classes.insert(class);
                    self.first = match (self.first, event.time()) {
                        (Some(first), Some(time)) => Some(first.min(time)),
                        (first, time) => first.or(time),
                    };
                }
            }
            _ => {}
        }
    }
}

/// Why medication can't be learnt.
#[derive(Debug, thiserror::Error)]
pub enum MedicationError {
    /// Too little to hide a part of.
    #[error(
        "{patients} patients with {classes} classes of drugs; permitted: 10 or more patients and 2 or more classes"
    )]
    Few {
        /// Patients with a drug.
        patients: usize,
        /// Classes that enough of them were given.
        classes: usize,
    },
    /// A parameter is out of range.
    #[error("{name} {value}; permitted: {permitted}")]
    Parameter {
        /// Which.
        name: &'static str,
        /// Value given.
        value: f64,
        /// What is permitted.
        permitted: &'static str,
    },
    /// A network was not trained.
    #[error(transparent)]
    Fit(#[from] twinloom_neural::FitError),
    /// A logistic regression was not fitted.
    #[error(transparent)]
    Logistic(#[from] crate::LogisticError),
}
