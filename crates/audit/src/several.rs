//! Several outcomes of the same instances: each judged, and all together.

use serde::{Deserialize, Serialize};

use crate::bootstrap::{SubjectBootstrap, percentile_interval};
use crate::estimate::{Estimate, Undefined};
use crate::evaluate::{Options, Prepared};
use crate::predictions::{Predictions, PredictionsError};

/// Lengths of list that are judged: the likeliest outcome, the likeliest three and five.
const LENGTHS: [usize; 3] = [1, 3, 5];

/// A model's figures over several outcomes, each of the same instances in the same order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Several {
    /// AUROC of each outcome.
    pub auroc: Vec<Estimate>,
    /// Mean of the outcomes' AUROC, each counting the same.
    pub macro_auroc: Estimate,
    /// Mean of the outcomes' average precision.
    pub macro_auprc: Estimate,
    /// Of lists of the likeliest outcomes, by their length.
    pub lists: Vec<ListFigures>,
}

/// What a list of an instance's likeliest outcomes holds of those that happened.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListFigures {
    /// Outcomes on the list.
    pub length: usize,
    /// Share of the best possible: outcomes on the list that happened, divided by the length or, if fewer
    /// happened, by their number; the mean over instances to which any happened.
    ///
    /// # Source
    /// Choi et al., GRAM (KDD 2017), section 3.2, and Choi et al. (2020), visit-level precision at k.
    pub precision: Estimate,
}

/// Judges a model's predictions of several outcomes; intervals (95 %) resample subjects, all outcomes together.
///
/// # Errors
/// [`PredictionsError::OtherInstances`] unless all outcomes are of the same subjects in the same order.
pub fn several(outcomes: &[Predictions], options: &Options) -> Result<Several, PredictionsError> {
    let Some(first) = outcomes.first() else {
        let none = Estimate::new(Err(Undefined::NoInstances), None);
        return Ok(Several { auroc: Vec::new(), macro_auroc: none, macro_auprc: none, lists: Vec::new() });
    };
    for other in outcomes {
        let shorter = first.len().min(other.len());
        let differs = (0..shorter).find(|&index| first.subjects()[index] != other.subjects()[index]);
        if let Some(index) = differs.or((first.len() != other.len()).then_some(shorter)) {
            return Err(PredictionsError::OtherInstances { index });
        }
    }
    let prepared: Vec<Prepared<'_>> = outcomes.iter().map(Prepared::new).collect();
    let lists: Vec<Vec<Option<f64>>> = LENGTHS.iter().map(|&length| precision(outcomes, length)).collect();
    let figures = |weights: &[f64]| -> Figures {
        let (auroc, auprc) = prepared
            .iter()
            .map(|outcome| outcome.discrimination(weights))
            .map(|metrics| (metrics.auroc, metrics.auprc))
            .unzip();
        Figures { auroc, auprc, lists: lists.iter().map(|list| weighted_mean(list, weights)).collect() }
    };
    let bootstrap = SubjectBootstrap::new(first.subjects(), options.seed);
    let point = figures(&vec![1.0; first.len()]);
    let replicates = bootstrap.replicates(options.replicates, figures);
    let estimate = |of: &dyn Fn(&Figures) -> Result<f64, Undefined>| {
        Estimate::new(of(&point), percentile_interval(replicates.iter().map(|drawn| of(drawn).ok())))
    };
    Ok(Several {
        auroc: (0..outcomes.len()).map(|outcome| estimate(&|figures| figures.auroc[outcome])).collect(),
        macro_auroc: estimate(&|figures| mean(&figures.auroc)),
        macro_auprc: estimate(&|figures| mean(&figures.auprc)),
        lists: LENGTHS
            .iter()
            .enumerate()
            .filter(|(_, length)| **length <= outcomes.len())
            .map(|(place, &length)| ListFigures {
                length,
                precision: estimate(&|figures| figures.lists[place]),
            })
            .collect(),
    })
}

struct Figures {
    auroc: Vec<Result<f64, Undefined>>,
    auprc: Vec<Result<f64, Undefined>>,
    lists: Vec<Result<f64, Undefined>>,
}

fn mean(values: &[Result<f64, Undefined>]) -> Result<f64, Undefined> {
    let sum = values.iter().try_fold(0.0, |sum, value| value.map(|value| sum + value))?;
    Ok(sum / values.len() as f64)
}

fn weighted_mean(values: &[Option<f64>], weights: &[f64]) -> Result<f64, Undefined> {
    let pairs = values.iter().zip(weights).filter_map(|(value, weight)| Some((((*value)?), *weight)));
    let (sum, total) =
        pairs.fold((0.0, 0.0), |(sum, total), (value, weight)| (sum + value * weight, total + weight));
    if total > 0.0 { Ok(sum / total) } else { Err(Undefined::OneClass) }
}

/// Of each instance to which any outcome happened: what a list so long holds of them.
fn precision(outcomes: &[Predictions], length: usize) -> Vec<Option<f64>> {
    (0..outcomes[0].len())
        .map(|instance| {
            let happened = outcomes.iter().filter(|outcome| outcome.labels()[instance]).count();
            let mut order: Vec<usize> = (0..outcomes.len()).collect();
            // Ties go to the outcome named first.
            order.sort_by(|&one, &other| {
                let of = |outcome: usize| outcomes[outcome].probabilities()[instance];
                of(other).total_cmp(&of(one)).then(one.cmp(&other))
            });
            let found =
                order.iter().take(length).filter(|&&outcome| outcomes[outcome].labels()[instance]).count();
            (happened > 0).then(|| found as f64 / happened.min(length) as f64)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use twinloom_event::SubjectId;

    use super::*;

    fn outcome(labels: [bool; 4], probabilities: [f64; 4]) -> Predictions {
        let subjects = (0..4).map(SubjectId::new).collect();
        Predictions::new(subjects, labels.to_vec(), probabilities.to_vec()).unwrap()
    }

    #[test]
    fn ref_macro_figures_worked_by_hand() {
        // Each outcome ranks 3 of its 4 pairs rightly, and has precisions 1 and 2/3 at its positives.
        let first = outcome([true, false, true, false], [0.9, 0.1, 0.4, 0.6]);
        let second = outcome([false, true, true, false], [0.2, 0.7, 0.3, 0.6]);
        let found = several(&[first, second], &Options { replicates: 0, ..Options::default() }).unwrap();
        assert_eq!(found.macro_auroc.value, Some(0.75));
        assert!((found.macro_auprc.value.unwrap() - 5.0 / 6.0).abs() < 1e-12);
        // The likeliest is right for the three people to whom any happened; nobody's list of one can miss.
        assert_eq!(found.lists.len(), 1);
        assert_eq!(found.lists[0].precision.value, Some(1.0));
    }

    #[test]
    fn regress_outcomes_of_other_people_are_refused() {
        let first = outcome([true, false, true, false], [0.9, 0.1, 0.4, 0.6]);
        let fewer = Predictions::new(vec![SubjectId::new(0)], vec![true], vec![0.5]).unwrap();
        assert_eq!(
            several(&[first, fewer], &Options::default()),
            Err(PredictionsError::OtherInstances { index: 1 })
        );
        assert_eq!(several(&[], &Options::default()).unwrap().macro_auroc.value, None);
    }
}
