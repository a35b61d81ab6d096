//! What became of each instance, for one outcome or several.

use std::sync::Arc;

use rand::Rng;
use rand::seq::SliceRandom;
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
    pub values: Vec<bool>,
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

    /// The labels dealt out anew among all instances, so that they have nothing to do with what a record holds: each
    /// dealing is as likely as any other. (A subject's labels do not move together. Were they exchanged among subjects
    /// with as many instances, then how many there are, and in which order, would still tell the outcome: who dies in
    /// hospital has no later admission.)
    pub(crate) fn dealt(&self, rng: &mut impl Rng) -> Self {
        let outcomes = self.outcomes();
        let mut givers: Vec<usize> = (0..self.values.len() / outcomes).collect();
        givers.shuffle(rng);
        let values = givers.into_iter().flat_map(|giver| self.row(giver)).copied().collect();
        Self { values, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use twinloom_neural::stream;

    use super::*;

    #[test]
    fn law_an_instances_labels_move_together_and_none_is_lost() {
        let values = vec![true, false, false, false, true, true, false, false];
        let labels = Labels { names: vec!["one".into(), "other".into()], values };
        let dealt: Vec<Labels> = (0..20).map(|seed| labels.dealt(&mut stream(seed, 0))).collect();
        let sorted = |labels: &Labels| {
            let mut rows: Vec<[bool; 2]> =
                (0..4).map(|row| [labels.row(row)[0], labels.row(row)[1]]).collect();
            rows.sort_unstable();
            rows
        };
        assert!(dealt.iter().all(|one| sorted(one) == sorted(&labels)), "{dealt:?}");
        assert!(dealt.iter().any(|one| one != &labels));
    }

    #[test]
    fn law_the_order_of_a_subjects_instances_does_not_tell_a_dealt_label() {
        // Of 100 subjects with two instances each, the second alone may have the outcome.
        let values: Vec<bool> = (0..200).map(|instance| instance % 4 == 1).collect();
        let labels = Labels { names: vec!["outcome".into()], values };
        let dealings = (0..40).map(|seed| labels.dealt(&mut stream(seed, 0)));
        let first =
            dealings.map(|one| one.values.iter().step_by(2).filter(|label| **label).count()).sum::<usize>();
        // 40 dealings of 50 labels: 1,000 expected on firsts, SD 19.4; 5 SD wide, false alarm under one in a million.
        assert!(first.abs_diff(1_000) < 97, "{first}");
    }
}
