//! Sets that were recommended, beside the sets that were given, and how often their members interact.
//!
//! # Source
//! Shang et al., GAMENet: Graph Augmented Memory Networks for Recommending Medication Combination (AAAI 2019),
//! evaluation metrics (from memory): Jaccard, F1 and PRAUC by visit, averaged; the interaction rate is the
//! share of interacting pairs among the pairs of all sets.

use serde::{Deserialize, Serialize};
use twinloom_event::SubjectId;

use crate::bootstrap::{SubjectBootstrap, percentile_interval};
use crate::estimate::{Estimate, Undefined};
use crate::evaluate::Options;
use crate::ranking::Ranking;

/// One set of items, given or recommended.
#[derive(Clone, Debug, PartialEq)]
pub struct Recommended {
    /// Whose.
    pub subject: SubjectId,
    /// Whether each item was given.
    pub given: Vec<bool>,
    /// Score of each item, more being likelier.
    pub scores: Vec<f64>,
    /// Whether each item is recommended.
    pub chosen: Vec<bool>,
}

/// Figures of one model's sets; 95 % intervals resample subjects.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecommendationFigures {
    /// Sets judged.
    pub sets: usize,
    /// Mean over sets of what is in both over what is in either.
    pub jaccard: Estimate,
    /// Mean over sets of the harmonic mean of precision and recall.
    pub f1: Estimate,
    /// Mean over sets of the average precision of the scores.
    pub auprc: Estimate,
    /// Interacting pairs among all pairs of recommended items.
    pub interaction_rate: Estimate,
    /// Mean number of items recommended.
    pub items: Estimate,
}

/// Sums of one set, to be weighed and divided.
struct Sums {
    jaccard: f64,
    f1: f64,
    auprc: Option<f64>,
    interacting: f64,
    pairs: f64,
    items: f64,
}

impl Sums {
    fn of(set: &Recommended, interacting: &[(u32, u32)]) -> Self {
        let both =
            set.given.iter().zip(&set.chosen).filter(|(given, chosen)| **given && **chosen).count() as f64;
        let count = |flags: &[bool]| flags.iter().filter(|flag| **flag).count() as f64;
        let (given, items) = (count(&set.given), count(&set.chosen));
        let has = |item: u32| set.chosen.get(item as usize).copied().unwrap_or(false);
        // Two empty sets agree.
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 1.0 };
        let average = Ranking::new(&set.scores).average_precision(&set.given, &vec![1.0; set.given.len()]);
        Self {
            jaccard: share(both, given + items - both),
            f1: share(2.0 * both, given + items),
            auprc: average.ok(),
            interacting: interacting.iter().filter(|(a, b)| has(*a) && has(*b)).count() as f64,
            pairs: items * (items - 1.0).max(0.0) / 2.0,
            items,
        }
    }
}

/// Judges recommended sets; `interacting` holds pairs of items by place, each once.
///
/// # Panics
/// When the columns of a set differ in length.
pub fn recommendation(
    sets: &[Recommended],
    interacting: &[(u32, u32)],
    options: &Options,
) -> RecommendationFigures {
    for set in sets {
        let items = set.given.len();
        assert!(set.scores.len() == items && set.chosen.len() == items, "one entry of each column per item");
    }
    let sums: Vec<Sums> = sets.iter().map(|set| Sums::of(set, interacting)).collect();
    let subjects: Vec<SubjectId> = sets.iter().map(|set| set.subject).collect();
    let bootstrap = SubjectBootstrap::new(&subjects, options.seed);
    let figures = |weights: &[f64]| {
        let ratio = |part: &dyn Fn(&Sums) -> f64, whole: &dyn Fn(&Sums) -> f64| {
            let sum = |of: &dyn Fn(&Sums) -> f64| -> f64 {
                sums.iter().zip(weights).map(|(sums, weight)| weight * of(sums)).sum()
            };
            let whole = sum(whole);
            if whole > 0.0 { Some(sum(part) / whole) } else { None }
        };
        [
            ratio(&|sums| sums.jaccard, &|_| 1.0),
            ratio(&|sums| sums.f1, &|_| 1.0),
            ratio(&|sums| sums.auprc.unwrap_or(0.0), &|sums| f64::from(u8::from(sums.auprc.is_some()))),
            ratio(&|sums| sums.interacting, &|sums| sums.pairs),
            ratio(&|sums| sums.items, &|_| 1.0),
        ]
    };
    let values = figures(&vec![1.0; sets.len()]);
    let replicates = bootstrap.replicates(options.replicates, figures);
    let estimate = |place: usize| {
        let interval = percentile_interval(replicates.iter().map(|figures| figures[place]));
        Estimate::new(values[place].ok_or(Undefined::NoInstances), interval)
    };
    RecommendationFigures {
        sets: sets.len(),
        jaccard: estimate(0),
        f1: estimate(1),
        auprc: estimate(2),
        interaction_rate: estimate(3),
        items: estimate(4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(subject: i64, given: [bool; 4], scores: [f64; 4]) -> Recommended {
        let chosen = scores.iter().map(|score| *score >= 0.5).collect();
        Recommended {
            subject: SubjectId::new(subject),
            given: given.to_vec(),
            scores: scores.to_vec(),
            chosen,
        }
    }

    #[test]
    fn ref_figures_by_hand() {
        let sets = [
            set(1, [true, true, false, false], [0.9, 0.8, 0.7, 0.1]),
            set(2, [true, false, false, true], [0.6, 0.2, 0.1, 0.3]),
        ];
        let found = recommendation(
            &sets,
            &[(0, 2), (1, 2), (0, 3)],
            &Options { replicates: 200, ..Options::default() },
        );
        let value = |estimate: Estimate| estimate.value.unwrap();
        assert!((value(found.jaccard) - f64::midpoint(2.0 / 3.0, 0.5)).abs() < 1e-12);
        assert!((value(found.f1) - f64::midpoint(0.8, 2.0 / 3.0)).abs() < 1e-12);
        assert!((value(found.auprc) - 1.0).abs() < 1e-12);
        // Three pairs of the first set, two of which interact; none of the second.
        assert!((value(found.interaction_rate) - 2.0 / 3.0).abs() < 1e-12);
        assert!((value(found.items) - 2.0).abs() < 1e-12);
        assert!(found.jaccard.lower.unwrap() <= found.jaccard.upper.unwrap());
    }

    #[test]
    fn regress_nothing_to_judge_is_said() {
        let found = recommendation(&[], &[], &Options::default());
        assert_eq!(found.jaccard.undefined, Some(Undefined::NoInstances));
        let empty = set(1, [false; 4], [0.0; 4]);
        let found = recommendation(&[empty], &[], &Options::default());
        assert_eq!(
            (found.jaccard.value, found.auprc.value, found.interaction_rate.value),
            (Some(1.0), None, None)
        );
    }
}
