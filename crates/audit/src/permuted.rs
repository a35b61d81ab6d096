//! Whether a model finds what is not there.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use twinloom_event::SubjectId;

use crate::estimate::Estimate;
use crate::evaluate::{Evaluation, Options, evaluate};
use crate::predictions::Predictions;

/// Labels dealt out anew among the instances, as many positive as before, so that they have nothing to do
/// with the features. A subject with several instances gets labels of one other subject with as many, so
/// that what a subject's own labels share is not taken for a finding.
pub fn permuted_labels(subjects: &[SubjectId], labels: &[bool], seed: u64) -> Vec<bool> {
    let mut by_subject: Vec<(SubjectId, usize)> =
        subjects.iter().copied().zip(0..labels.len().min(subjects.len())).collect();
    by_subject.sort_unstable();
    let mut owners: Vec<&[(SubjectId, usize)]> =
        by_subject.chunk_by(|left, right| left.0 == right.0).collect();
    // Subjects exchange with those who have as many instances.
    owners.sort_by_key(|instances| (instances.len(), instances[0].0));
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut permuted = labels.to_vec();
    for alike in owners.chunk_by(|left, right| left.len() == right.len()) {
        let mut givers: Vec<usize> = (0..alike.len()).collect();
        givers.shuffle(&mut random);
        for (taker, giver) in alike.iter().zip(givers) {
            for (&(_, to), &(_, from)) in taker.iter().zip(alike[giver]) {
                permuted[to] = labels[from];
            }
        }
    }
    permuted
}

/// The figures of a model that was trained on permuted labels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chance {
    /// AUROC with DeLong's interval (by subject).
    pub auroc: Estimate,
    /// Whether 0.5 lies in the interval; unknown if there is none. A sound model fails one time in twenty.
    pub at_chance: Option<bool>,
}

/// Judges whether predictions rank no better and no worse than chance.
pub fn stands_at_chance(predictions: &Predictions) -> Chance {
    let options = Options { replicates: 0, ..Options::default() };
    let Evaluation { auroc_delong: auroc, .. } = evaluate(predictions, &options);
    let at_chance = auroc.lower.zip(auroc.upper).map(|(lower, upper)| lower <= 0.5 && 0.5 <= upper);
    Chance { auroc, at_chance }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subjects(ids: &[i64]) -> Vec<SubjectId> {
        ids.iter().copied().map(SubjectId::new).collect()
    }

    #[test]
    fn law_labels_are_kept_in_number_and_lose_their_meaning() {
        let ids: Vec<i64> = (0..400).collect();
        let labels: Vec<bool> = ids.iter().map(|id| id % 4 == 0).collect();
        // The score knows the true labels: on permuted ones it must be at chance. Of 100 seeds about five
        // fall outside a 95 % interval; 0 to 12 has a false-alarm rate below 0.2 %.
        let scores: Vec<f64> =
            ids.iter().map(|id| if id % 4 == 0 { 0.6 } else { 0.2 } + *id as f64 / 4e3).collect();
        let mut outside = 0;
        for seed in 0..100 {
            let permuted = permuted_labels(&subjects(&ids), &labels, seed);
            assert_eq!(permuted.iter().filter(|label| **label).count(), 100);
            let predictions = Predictions::new(subjects(&ids), permuted, scores.clone()).unwrap();
            outside += u32::from(stands_at_chance(&predictions).at_chance == Some(false));
        }
        assert!(outside <= 12, "{outside} of 100");
        let honest = Predictions::new(subjects(&ids), labels, scores).unwrap();
        assert_eq!(stands_at_chance(&honest).at_chance, Some(false));
    }

    #[test]
    fn law_a_subjects_labels_move_together() {
        let ids = subjects(&[1, 1, 2, 2, 3, 3, 4, 5, 6]);
        let labels = [true, true, false, false, true, true, true, false, false];
        for seed in 0..20 {
            let permuted = permuted_labels(&ids, &labels, seed);
            assert!(permuted[..6].chunks(2).all(|pair| pair[0] == pair[1]), "{permuted:?}");
            assert_eq!(permuted[..6].iter().filter(|label| **label).count(), 4);
        }
        assert_ne!(permuted_labels(&ids, &labels, 1), permuted_labels(&ids, &labels, 2));
        assert!(stands_at_chance(&Predictions::new(vec![], vec![], vec![]).unwrap()).at_chance.is_none());
    }
}
