//! What became of each instance, for one outcome or several.

use std::sync::Arc;

use rand::Rng;
use rand::seq::SliceRandom;
use twinloom_event::{Cohort, SubjectId};
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

    /// The labels dealt out anew among all instances, so that they have nothing to do with what a record holds. A
    /// subject with several instances gets the labels of one other subject with as many, so that what a subject's
    /// own labels share is not taken for a finding.
    pub(crate) fn dealt(&self, subjects: &[SubjectId], rng: &mut impl Rng) -> Self {
        let mut by_subject: Vec<(SubjectId, usize)> = subjects.iter().copied().zip(0..).collect();
        by_subject.sort_unstable();
        let mut owners: Vec<&[(SubjectId, usize)]> =
            by_subject.chunk_by(|left, right| left.0 == right.0).collect();
        // Subjects exchange with those who have as many instances.
        owners.sort_by_key(|instances| (instances.len(), instances[0].0));
        let (mut dealt, outcomes) = (self.clone(), self.outcomes());
        for alike in owners.chunk_by(|left, right| left.len() == right.len()) {
            let mut givers: Vec<usize> = (0..alike.len()).collect();
            givers.shuffle(rng);
            for (taker, giver) in alike.iter().zip(givers) {
                for (&(_, to), &(_, from)) in taker.iter().zip(alike[giver]) {
                    dealt.values[to * outcomes..][..outcomes].copy_from_slice(self.row(from));
                }
            }
        }
        dealt
    }
}

#[cfg(test)]
mod tests {
    use twinloom_neural::stream;

    use super::*;

    #[test]
    fn law_a_subjects_labels_move_together_and_none_is_lost() {
        let subjects: Vec<SubjectId> = [1, 1, 2, 2, 3, 3, 4, 5, 6].into_iter().map(SubjectId::new).collect();
        let values = vec![true, true, false, false, true, true, true, false, false];
        let labels = Labels { names: vec!["outcome".into()], values };
        let dealt: Vec<Labels> = (0..20).map(|seed| labels.dealt(&subjects, &mut stream(seed, 0))).collect();
        for one in &dealt {
            assert!(one.values[..6].chunks(2).all(|pair| pair[0] == pair[1]), "{one:?}");
            assert_eq!(one.values[..6].iter().filter(|label| **label).count(), 4);
            assert_eq!(one.values[6..].iter().filter(|label| **label).count(), 1);
        }
        assert!(dealt.iter().any(|one| one != &labels));
    }
}
