//! What a task is made of.

use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use twinloom_event::{Cohort, EncounterId, Label, LabelValue, SubjectId, Timestamp};

use super::aces::{Configuration, ConfigurationError};
use crate::{CodeSet, Predicate, Visible};

/// A prediction task; every combination of parts is meaningful.
///
/// # Units
/// Days of 24 hours; fractions allowed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// What people call it.
    pub name: Arc<str>,
    /// One sentence that a clinician can check.
    pub description: Arc<str>,
    /// What starts an instance.
    pub trigger: Trigger,
    /// From the trigger to the prediction time.
    pub prediction_delay_days: f64,
    /// From the prediction time to the start of the prediction window; an outcome here excludes.
    pub gap_days: f64,
    /// Where the outcome is sought.
    pub window: PredictionWindow,
    /// What is predicted.
    pub outcome: Outcome,
    /// What must be on record by the prediction time.
    pub required: Vec<Rule>,
    /// What must not have happened by the prediction time.
    pub excluded: Vec<Rule>,
    /// Until when a subject counts as observed; for windows of fixed length.
    pub follow_up: FollowUp,
    /// A prediction in the data to compare with.
    pub comparator: Option<Comparator>,
    /// Codes that must never become features: other predictions, and outcomes in disguise.
    pub hidden: CodeSet,
}

/// The event that starts an instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trigger {
    /// Which events can.
    pub predicate: Predicate,
    /// Which of those do.
    pub occurrence: Occurrence,
    /// From which moment of the event time is counted.
    #[serde(default)]
    pub moment: Moment,
}

/// The moment of a trigger from which the prediction's delay is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// When it began.
    #[default]
    Start,
    /// When its end was on record: its end, or the time of recording if that is later. An event that
    /// states no end counts when it happened, and one that lasts (an encounter) without an end is left
    /// out. An outcome between the end and this moment excludes.
    EndKnown,
}

/// Which of a subject's matching events start an instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occurrence {
    /// Each.
    Every,
    /// The first.
    FirstPerSubject,
    /// The first of those whose window ends with the same event: of the unit stays of one hospital
    /// stay, the first. With a window of fixed length, the subject's first.
    FirstPerWindow {
        /// The column that numbers them from 1, where there is one: an event with another number is
        /// not the first even if the first is not on record.
        number: Option<Arc<str>>,
    },
    /// The first in a period of enrolment that begins at an index date.
    FirstFrom {
        /// Start of enrolment, inclusive.
        index: IndexDate,
        /// Length of enrolment.
        enrolment_days: f64,
    },
}

/// A date stated, or one that follows from the data.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexDate {
    /// This time.
    At(Timestamp),
    /// So long before the data's end (see [`FollowUp::data_end`]).
    BeforeDataEnd {
        /// How long.
        days: f64,
    },
}

/// Where the outcome is sought.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PredictionWindow {
    /// Up to so many days after the prediction time, inclusive.
    Days(f64),
    /// Up to the end of the trigger's encounter or a death, whichever comes first, inclusive.
    UntilEnd {
        /// The events that end encounters: the first that shares the trigger's encounter id, or, if
        /// none does, the first after the trigger.
        end: Predicate,
        /// Such of them as leave the outcome unknown.
        outcome_unknown: Option<Predicate>,
    },
    /// Up to the end that the trigger itself states, inclusive; where it states none, as `UntilEnd`.
    OwnEnd {
        /// The events that end encounters.
        end: Predicate,
    },
    /// As an ACES configuration says, which then also says what the trigger and the outcome are, from
    /// when to predict and what excludes; the task's own words on these are not used.
    Configured(Box<Configuration>),
}

/// What makes an instance positive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Such an event in the window.
    Any(Predicate),
    /// A first-ever event of a group in the window; who has had every group is excluded.
    FirstEver(Vec<ConditionGroup>),
    /// One of these conditions on the first day in the window on which any diagnosis is recorded; any
    /// diagnosis at all if none are stated.
    NextOf(Vec<ConditionGroup>),
    /// The window lasts longer than so many days from the trigger.
    LongerThan {
        /// How long, in days.
        days: f64,
    },
}

/// A condition and the codes that state it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionGroup {
    /// What people call it.
    pub name: Arc<str>,
    /// Its codes.
    pub codes: CodeSet,
}

/// Something required or excluded by the prediction time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// What the report calls it.
    pub name: Arc<str>,
    /// Which events count.
    pub predicate: Predicate,
    /// Only those so shortly before the prediction time; all earlier ones if not stated.
    pub within_days: Option<f64>,
}

/// Until when a subject counts as observed.
///
/// A subject is observed until the data's end, and no longer than `permitted_silence_days` after the
/// last event on record other than a death. An instance whose window, or life within it, ends later is
/// excluded whatever its outcome, for to keep only the positive ones would bias the rate upward.
///
/// # Limits
/// The dead need contacts only up to their death, so where death is the outcome no silence should be
/// set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FollowUp {
    /// When the data end; if not stated, the time by which 99 in 100 living subjects have their last
    /// event, so that one misdated row does not move it.
    pub data_end: Option<Timestamp>,
    /// How long after the last event a subject still counts as observed; without limit if not stated.
    pub permitted_silence_days: Option<f64>,
}

/// A prediction that the data already hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparator {
    /// What people call it.
    pub name: Arc<str>,
    /// Its events, of the trigger's encounter; the number is a probability.
    pub codes: CodeSet,
}

/// One subject at one prediction time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// Who, when, and what became of it.
    pub label: Label,
    /// When the trigger happened.
    pub trigger_time: Timestamp,
    /// When the prediction window closed.
    pub window_end: Timestamp,
    /// The trigger's encounter.
    pub encounter_id: Option<EncounterId>,
    /// The probability that the comparator stated, if it did.
    pub comparator: Option<f64>,
}

impl Instance {
    /// Whether the outcome happened.
    pub fn is_positive(&self) -> bool {
        self.label.value == LabelValue::Boolean(true)
    }

    /// Whose outcome it is.
    pub fn subject_id(&self) -> SubjectId {
        self.label.subject_id
    }
}

impl Task {
    /// A task from an ACES configuration in YAML: positive where the label's predicate holds at least
    /// once in its window, predicted from the index timestamp.
    ///
    /// # Errors
    /// [`ConfigurationError`] when the text is no configuration, or states no label or index timestamp.
    pub fn from_aces(name: &str, yaml: &str) -> Result<Self, ConfigurationError> {
        let configuration = Configuration::parse(yaml)?;
        for (key, stated) in
            [("label", configuration.has_label()), ("index_timestamp", configuration.has_index_timestamp())]
        {
            if !stated {
                return Err(ConfigurationError::NotPredictive { key });
            }
        }
        let description = configuration.description().unwrap_or(name).into();
        Ok(Self {
            name: name.into(),
            description,
            trigger: Trigger {
                predicate: Predicate::Any(Vec::new()),
                occurrence: Occurrence::Every,
                moment: Moment::Start,
            },
            prediction_delay_days: 0.0,
            gap_days: 0.0,
            window: PredictionWindow::Configured(Box::new(configuration)),
            outcome: Outcome::Any(Predicate::Any(Vec::new())),
            required: Vec::new(),
            excluded: Vec::new(),
            follow_up: FollowUp::default(),
            comparator: None,
            hidden: CodeSet::empty(),
        })
    }

    /// What could be known of each instance, in the order given, with [`Task::hidden`] codes left out.
    ///
    /// # Errors
    /// [`TaskError::UnknownSubject`] when an instance is of no subject of the cohort.
    pub fn views<'a>(
        &'a self,
        cohort: &'a Cohort,
        instances: &[Instance],
    ) -> Result<Vec<Visible<'a>>, TaskError> {
        instances
            .par_iter()
            .map(|instance| {
                let subject_id = instance.subject_id();
                let timeline = cohort.get(subject_id).ok_or(TaskError::UnknownSubject { subject_id })?;
                Ok(Visible::new(timeline, instance.label.prediction_time).hiding(&self.hidden))
            })
            .collect()
    }
}

/// Why a task can't be had or applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TaskError {
    /// No task has this name.
    #[error("task {name:?} is unknown; permitted: {}", Task::NAMES.join(", "))]
    UnknownName {
        /// The name given.
        name: String,
    },
    /// The cohort lacks the subject.
    #[error("subject {subject_id} is not in the cohort; permitted: instances of this cohort")]
    UnknownSubject {
        /// Who.
        subject_id: SubjectId,
    },
}
