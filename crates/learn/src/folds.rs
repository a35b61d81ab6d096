//! Which instances a model is fitted on, chosen by and judged on.

use rand::RngExt;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use twinloom_event::{Split, SubjectId};
use twinloom_neural::stream;

/// How predictions on unseen subjects are had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Design {
    /// One fit: train, tuning and held-out subjects as the study's splits say.
    SingleSplit,
    /// As many fits as folds; every subject is held out once.
    CrossValidated {
        /// Number of folds.
        folds: usize,
    },
}

/// Instances by use in one fit; no subject has instances in two of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fold {
    pub train: Vec<usize>,
    pub tuning: Vec<usize>,
    pub held_out: Vec<usize>,
}

impl Fold {
    /// The study's own splits.
    pub(crate) fn of_splits(splits: &[Split]) -> Self {
        let mut fold = Self::default();
        for (instance, split) in splits.iter().enumerate() {
            match split {
                Split::Train => fold.train.push(instance),
                Split::Tuning => fold.tuning.push(instance),
                Split::HeldOut => fold.held_out.push(instance),
            }
        }
        fold
    }
}

/// Share of the subjects not held out that models are chosen on.
const TUNING_SHARE: f64 = 0.2;

/// Deals subjects into `folds` parts of like size and like share of positive subjects; in each fold
/// a fifth of the others, dealt likewise, is for tuning.
pub(crate) fn cross_validation(
    subjects: &[SubjectId],
    labels: &[bool],
    folds: usize,
    seed: u64,
) -> Vec<Fold> {
    let mut positive: FxHashMap<SubjectId, bool> = FxHashMap::default();
    for (&subject, &label) in subjects.iter().zip(labels) {
        *positive.entry(subject).or_default() |= label;
    }
    let dealt = |purpose: u64, among: &[SubjectId]| -> Vec<SubjectId> {
        let mut rng = stream(seed, purpose);
        let mut among = among.to_vec();
        among.sort_unstable();
        let mut keyed: Vec<(bool, u64, SubjectId)> =
            among.into_iter().map(|subject| (positive[&subject], rng.random(), subject)).collect();
        keyed.sort_unstable();
        keyed.into_iter().map(|(_, _, subject)| subject).collect()
    };
    let mut everyone: Vec<SubjectId> = positive.keys().copied().collect();
    everyone.sort_unstable();
    let order = dealt(FOLD_STREAM, &everyone);
    (0..folds)
        .map(|fold| {
            let mut part: FxHashMap<SubjectId, Split> = FxHashMap::default();
            let mut others = Vec::new();
            for (place, &subject) in order.iter().enumerate() {
                if place % folds == fold {
                    part.insert(subject, Split::HeldOut);
                } else {
                    others.push(subject);
                }
            }
            let mut owed = 0.0;
            for subject in dealt(FOLD_STREAM + 1 + fold as u64, &others) {
                owed += TUNING_SHARE;
                let tuned = owed >= 1.0 - 1e-9;
                if tuned {
                    owed -= 1.0;
                }
                part.insert(subject, if tuned { Split::Tuning } else { Split::Train });
            }
            Fold::of_splits(&subjects.iter().map(|subject| part[subject]).collect::<Vec<_>>())
        })
        .collect()
}

/// Streams for dealing, apart from those for training.
const FOLD_STREAM: u64 = 1 << 32;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn law_folds_partition_subjects_and_never_share_one(
            rows in prop::collection::vec((0_i64..60, any::<bool>()), 30..120),
            folds in 2_usize..6,
            seed in any::<u64>()
        ) {
            let subjects: Vec<SubjectId> = rows.iter().map(|row| SubjectId::new(row.0)).collect();
            let labels: Vec<bool> = rows.iter().map(|row| row.1).collect();
            let plan = cross_validation(&subjects, &labels, folds, seed);
            let mut held_out: Vec<usize> = plan.iter().flat_map(|fold| fold.held_out.clone()).collect();
            held_out.sort_unstable();
            prop_assert_eq!(held_out, (0..rows.len()).collect::<Vec<_>>());
            for fold in &plan {
                prop_assert_eq!(fold.train.len() + fold.tuning.len() + fold.held_out.len(), rows.len());
                let of = |part: &[usize]| part.iter().map(|&i| subjects[i]).collect::<std::collections::BTreeSet<_>>();
                let (train, tuning, held) = (of(&fold.train), of(&fold.tuning), of(&fold.held_out));
                prop_assert!(train.is_disjoint(&tuning) && train.is_disjoint(&held) && tuning.is_disjoint(&held));
            }
            prop_assert_eq!(&plan, &cross_validation(&subjects, &labels, folds, seed));
        }

        #[test]
        fn law_positive_subjects_are_dealt_evenly(count in 20_i64..200, every in 3_i64..9, seed in any::<u64>()) {
            let subjects: Vec<SubjectId> = (0..count).map(SubjectId::new).collect();
            let labels: Vec<bool> = (0..count).map(|id| id % every == 0).collect();
            let plan = cross_validation(&subjects, &labels, 5, seed);
            let positives = |fold: &Fold| fold.held_out.iter().filter(|&&i| labels[i]).count();
            let counts: Vec<usize> = plan.iter().map(positives).collect();
            let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
            prop_assert!(most - least <= 1, "{counts:?}");
        }
    }
}
