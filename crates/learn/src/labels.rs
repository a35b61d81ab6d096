//! What became of each instance, for one outcome or several.

use std::sync::Arc;

use twinloom_event::Cohort;
use twinloom_views::task::Outcome;
use twinloom_views::{Instance, Task, TaskError};

/// Labels of instances by outcome.
///
/// # Shapes
/// `values` is `[instances, outcomes]`, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Labels {
    /// What is predicted; one name at least.
    pub names: Vec<Arc<str>>,
    values: Vec<bool>,
}

impl Labels {
    /// One column for each diagnosis that a task about the next one seeks, otherwise one for whether the
    /// instance is positive.
    pub(crate) fn of(task: &Task, cohort: &Cohort, instances: &[Instance]) -> Result<Self, TaskError> {
        match &task.outcome {
            Outcome::NextOf(sought) if sought.len() > 1 => {
                let found = task.condition_labels(cohort, instances)?;
                let recorded = |label: Option<bool>| label.unwrap_or(false);
                let values = found.labels.into_iter().flatten().map(recorded).collect();
                Ok(Self { names: found.conditions, values })
            }
            _ => {
                let values = instances.iter().map(Instance::is_positive).collect();
                Ok(Self { names: vec![Arc::clone(&task.name)], values })
            }
        }
    }

    /// Number of outcomes.
    pub(crate) fn outcomes(&self) -> usize {
        self.names.len()
    }

    /// An instance's labels, one per outcome.
    pub(crate) fn row(&self, instance: usize) -> &[bool] {
        &self.values[instance * self.outcomes()..][..self.outcomes()]
    }

    /// The labels of some instances, row by row.
    pub(crate) fn rows(&self, instances: &[usize]) -> Vec<bool> {
        instances.iter().flat_map(|&instance| self.row(instance)).copied().collect()
    }

    /// One outcome's labels of some instances.
    pub(crate) fn column(&self, outcome: usize, instances: &[usize]) -> Vec<bool> {
        instances.iter().map(|&instance| self.row(instance)[outcome]).collect()
    }

    /// Whether each instance has any of the outcomes.
    pub(crate) fn any(&self) -> Vec<bool> {
        self.values.chunks(self.outcomes()).map(|row| row.contains(&true)).collect()
    }

    /// The same with `from`'s labels given to `to`, instance by instance.
    pub(crate) fn dealt(&self, to: &[usize], from: &[usize]) -> Self {
        let mut dealt = self.clone();
        let outcomes = self.outcomes();
        for (&to, &from) in to.iter().zip(from) {
            dealt.values[to * outcomes..][..outcomes].copy_from_slice(self.row(from));
        }
        dealt
    }
}
