//! Which of several conditions each instance gets.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use twinloom_event::{Cohort, EventKind, SubjectId};

use super::definition::{ConditionGroup, Instance, Outcome, Task, TaskError};
use super::instances::next_diagnoses;
use crate::CodeSet;

/// Labels of many instances and conditions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionLabels {
    /// The conditions, one per column.
    pub conditions: Vec<Arc<str>>,
    /// By instance, then condition: whether it is recorded in the window; `None` for who is not at risk,
    /// having had a condition that is sought for the first time.
    pub labels: Vec<Vec<Option<bool>>>,
}

impl Task {
    /// The label of each instance for each condition of a task about several.
    ///
    /// A task about one outcome has no conditions, and so no columns.
    ///
    /// # Errors
    /// [`TaskError::UnknownSubject`] when an instance is of no subject of the cohort.
    pub fn condition_labels(
        &self,
        cohort: &Cohort,
        instances: &[Instance],
    ) -> Result<ConditionLabels, TaskError> {
        let groups = match &self.outcome {
            Outcome::FirstEver(groups) | Outcome::NextOf(groups) => groups.as_slice(),
            Outcome::Any(_) | Outcome::LongerThan { .. } => &[],
        };
        let labels = instances
            .par_iter()
            .map(|instance| {
                let subject_id = instance.subject_id();
                let timeline = cohort.get(subject_id).ok_or(TaskError::UnknownSubject { subject_id })?;
                let timed = timeline.timed_events();
                let from = Some(instance.label.prediction_time);
                let (before, after) = timed.split_at(timed.partition_point(|event| event.time() <= from));
                let within = after.partition_point(|event| event.time() <= Some(instance.window_end));
                let next = next_diagnoses(&after[..within]);
                let label = |group: &ConditionGroup| match self.outcome {
                    Outcome::NextOf(_) => Some(next.iter().any(|event| group.codes.matches(event))),
                    _ if before.iter().any(|event| group.codes.matches(event)) => None,
                    _ => Some(after[..within].iter().any(|event| group.codes.matches(event))),
                };
                Ok(groups.iter().map(label).collect())
            })
            .collect::<Result<_, TaskError>>()?;
        Ok(ConditionLabels { conditions: groups.iter().map(|group| group.name.clone()).collect(), labels })
    }
}

/// The conditions that most subjects have on record, by code, most frequent first; equally frequent
/// ones by code. Give training subjects only (`counts`), lest the choice tell of the others.
pub fn top_conditions(
    cohort: &Cohort,
    number: usize,
    counts: impl Fn(SubjectId) -> bool,
) -> Vec<ConditionGroup> {
    let mut subjects: BTreeMap<&str, u64> = BTreeMap::new();
    for timeline in cohort.timelines().iter().filter(|timeline| counts(timeline.subject_id())) {
        let conditions = timeline.timed_events().iter().filter(|event| event.kind() == EventKind::Condition);
        let mut codes: Vec<&str> = conditions.map(|event| event.code().as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        for code in codes {
            *subjects.entry(code).or_default() += 1;
        }
    }
    let mut ranked: Vec<(&str, u64)> = subjects.into_iter().collect();
    ranked.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    ranked
        .into_iter()
        .take(number)
        .map(|(code, _)| ConditionGroup { name: code.into(), codes: CodeSet::of([code]) })
        .collect()
}
