//! How many became instances, and why the others did not.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

/// Counts of a task's application to a cohort; nothing is left out silently.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TaskReport {
    /// Subjects looked at.
    pub subjects: u64,
    /// Events that could start an instance.
    pub triggers: u64,
    /// Instances made.
    pub instances: u64,
    /// Instances with the outcome.
    pub positives: u64,
    /// Instances for which the comparator states a probability.
    pub comparators: u64,
    /// Subjects (no trigger) and triggers (all else) left out, by reason.
    pub excluded: BTreeMap<Exclusion, u64>,
}

impl TaskReport {
    /// Adds the counts of another part of the cohort.
    pub fn merge(&mut self, other: Self) {
        self.subjects += other.subjects;
        self.triggers += other.triggers;
        self.instances += other.instances;
        self.positives += other.positives;
        self.comparators += other.comparators;
        for (reason, count) in other.excluded {
            *self.excluded.entry(reason).or_insert(0) += count;
        }
    }

    pub(crate) fn exclude(&mut self, reason: Exclusion) {
        *self.excluded.entry(reason).or_insert(0) += 1;
    }
}

/// Why a subject or a trigger gave no instance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(into = "String")]
pub enum Exclusion {
    /// The subject has no event that could start an instance.
    NoTrigger,
    /// The event was recorded only after the prediction would have been due.
    TriggerUnknown,
    /// The event is outside the period of enrolment.
    OutsideEnrolment,
    /// Another event of the subject, the encounter or the period came first.
    NotFirst,
    /// The subject died, but the record does not say when.
    DeathUndated,
    /// The subject died by the prediction time.
    DiedBeforePrediction,
    /// The encounter ended by the prediction time.
    EndedBeforePrediction,
    /// Something required is not on record.
    Required(Arc<str>),
    /// Something excluded has happened.
    Excluded(Arc<str>),
    /// The subject has every condition sought already.
    OutcomeAlready,
    /// The outcome happened in the gap.
    OutcomeInGap,
    /// The encounter's end is not on record.
    EndUnknown,
    /// The encounter's end is on record, but not its outcome.
    OutcomeUnknown,
    /// The record ends before the prediction window does.
    Censored,
    /// The window leaves the calendar.
    OutsideCalendar,
    /// The subject lacks a demographic that the configuration asks for.
    Demographics,
    /// A window of the configuration has no such start or end.
    Unbounded(Arc<str>),
    /// A window of the configuration does not hold what it must.
    Constraint(Arc<str>),
    /// The window of the configuration's label begins before the prediction time.
    LabelVisible,
}

impl fmt::Display for Exclusion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTrigger => formatter.write_str("no event starts an instance"),
            Self::TriggerUnknown => formatter.write_str("recorded after the prediction was due"),
            Self::DeathUndated => formatter.write_str("died at an unknown time"),
            Self::OutsideEnrolment => formatter.write_str("outside the period of enrolment"),
            Self::NotFirst => formatter.write_str("not the first of its kind"),
            Self::DiedBeforePrediction => formatter.write_str("died before the prediction time"),
            Self::EndedBeforePrediction => formatter.write_str("encounter ended before the prediction time"),
            Self::Required(name) => write!(formatter, "required but not on record: {name}"),
            Self::Excluded(name) => write!(formatter, "excluded: {name}"),
            Self::OutcomeAlready => formatter.write_str("has every condition sought already"),
            Self::OutcomeInGap => formatter.write_str("outcome in the gap"),
            Self::EndUnknown => formatter.write_str("end of the encounter is not on record"),
            Self::OutcomeUnknown => formatter.write_str("outcome of the encounter is not on record"),
            Self::Censored => formatter.write_str("record ends before the prediction window"),
            Self::OutsideCalendar => formatter.write_str("window leaves the years 1 to 9999"),
            Self::Demographics => formatter.write_str("lacks a demographic asked for"),
            Self::Unbounded(name) => write!(formatter, "window without such a start or end: {name}"),
            Self::Constraint(name) => write!(formatter, "window does not hold what it must: {name}"),
            Self::LabelVisible => formatter.write_str("label's window begins before the prediction time"),
        }
    }
}

impl From<Exclusion> for String {
    fn from(exclusion: Exclusion) -> Self {
        exclusion.to_string()
    }
}
