//! How well scores tell members from others.

use serde::{Deserialize, Serialize};
use twinloom_event::SubjectId;
use twinloom_views::wilson_interval;

use super::error::AttackError;
use crate::bootstrap::{SubjectBootstrap, percentile_interval};
use crate::estimate::{Estimate, Undefined};
use crate::evaluate::Options;
use crate::ranking::{Ranking, both_classes};

/// How well an attack tells members of the training data from others.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MembershipFigures {
    /// Members that were scored.
    pub members: usize,
    /// Others that were scored.
    pub others: usize,
    /// Chance that a member scores above another person; 0.5 by guessing.
    pub auc: Estimate,
    /// Share of members found with at most 1 in 1,000 others taken for one.
    pub tpr_at_0_1_percent: Estimate,
    /// Share of members found with at most 1 in 100 others taken for one.
    pub tpr_at_1_percent: Estimate,
}

/// Judges scores, higher for those more likely members.
///
/// Intervals resample members and others together; that of a share found is at least as wide as Wilson's, for at 0 and
/// 1 resampling knows no doubt.
///
/// # Errors
/// [`AttackError::Score`] at one that is not finite.
///
/// # Limits
/// With fewer than 1,000 others, 1 in 1,000 means none at all. Thresholds are the best on these very
/// people, so that the shares found lie a little high.
pub fn membership_figures(
    members: &[f64],
    others: &[f64],
    options: &Options,
) -> Result<MembershipFigures, AttackError> {
    let scores = [members, others].concat();
    if let Some(index) = scores.iter().position(|score| !score.is_finite()) {
        return Err(AttackError::Score { index });
    }
    let labels: Vec<bool> = (0..scores.len()).map(|place| place < members.len()).collect();
    let ranking = Ranking::new(&scores);
    let ids: Vec<SubjectId> = (0..scores.len() as i64).map(SubjectId::new).collect();
    let all = |weights: &[f64]| {
        [
            ranking.auroc(&labels, weights),
            found(&ranking, &labels, weights, 0.001),
            found(&ranking, &labels, weights, 0.01),
        ]
    };
    let point = all(&vec![1.0; scores.len()]);
    let replicates = SubjectBootstrap::new(&ids, options.seed).replicates(options.replicates, all);
    let interval =
        |which: usize| percentile_interval(replicates.iter().map(|replicate| replicate[which].ok()));
    let share = |which: usize| {
        let count = point[which].map_or(0, |share| (share * members.len() as f64).round() as u64);
        let wilson = wilson_interval(count, members.len() as u64);
        let wider = |(lower, upper): (f64, f64)| {
            let (least, greatest) = wilson.unwrap_or((0.0, 1.0));
            (lower.min(least), upper.max(greatest))
        };
        Estimate::new(point[which], interval(which).map(wider))
    };
    Ok(MembershipFigures {
        members: members.len(),
        others: others.len(),
        auc: Estimate::new(point[0], interval(0)),
        tpr_at_0_1_percent: share(1),
        tpr_at_1_percent: share(2),
    })
}

/// The greatest share of members above a threshold that at most a share of others is above.
fn found(ranking: &Ranking, labels: &[bool], weights: &[f64], false_alarms: f64) -> Result<f64, Undefined> {
    let (mut all_members, mut all_others) = (0.0, 0.0);
    for (&label, &weight) in labels.iter().zip(weights) {
        if label {
            all_members += weight;
        } else {
            all_others += weight;
        }
    }
    both_classes(all_members, all_others)?;
    let (mut members, mut others, mut best) = (0.0, 0.0, 0.0);
    for (more_members, more_others) in ranking.weights_from_the_top(labels, weights) {
        members += more_members;
        others += more_others;
        if others > false_alarms * all_others {
            break;
        }
        best = members;
    }
    Ok(best / all_members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_shares_found_by_hand() {
        // 200 others at 0..200; of ten members three above all others, one above all but two, ties with nobody.
        let others: Vec<f64> = (0..200).map(f64::from).collect();
        let members = [300.0, 301.0, 302.0, 197.5, 196.5, 0.5, 1.5, 2.5, 3.5, 4.5];
        let figures = membership_figures(&members, &others, &Options::default()).unwrap();
        assert_eq!(figures.tpr_at_0_1_percent.value, Some(0.3));
        assert_eq!(figures.tpr_at_1_percent.value, Some(0.4));
        let auc = (3.0 * 200.0 + 198.0 + 197.0 + 1.0 + 2.0 + 3.0 + 4.0 + 5.0) / 2000.0;
        assert!((figures.auc.value.unwrap() - auc).abs() < 1e-12);
        assert!(
            figures.tpr_at_1_percent.lower.unwrap() < 0.2 && figures.tpr_at_1_percent.upper.unwrap() > 0.6
        );
    }

    #[test]
    fn regress_no_people_and_no_numbers() {
        let none = membership_figures(&[], &[1.0], &Options::default()).unwrap();
        assert_eq!((none.auc.value, none.auc.undefined), (None, Some(Undefined::OneClass)));
        assert_eq!(
            membership_figures(&[f64::NAN], &[1.0], &Options::default()),
            Err(AttackError::Score { index: 0 })
        );
        // All tied: found at no false alarms are none.
        let tied = membership_figures(&[1.0; 9], &[1.0; 9], &Options::default()).unwrap();
        assert_eq!((tied.auc.value, tied.tpr_at_1_percent.value), (Some(0.5), Some(0.0)));
    }
}
