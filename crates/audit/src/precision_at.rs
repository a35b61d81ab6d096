//! How many of those at the top of the list have the outcome: what a team that can see so many would get.

use serde::{Deserialize, Serialize};

use crate::estimate::{Estimate, Undefined};
use crate::ranking::Ranking;

/// Shares of the instances that are looked at.
pub(crate) const SHARES: [f64; 4] = [0.01, 0.05, 0.1, 0.2];

/// Figures of acting on the highest predictions; 95 % intervals resample subjects.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrecisionAt {
    /// The share of the instances acted on.
    pub share: f64,
    /// Share of those acted on who have the outcome; who ties at the edge counts in part, as if drawn.
    pub precision: Estimate,
    /// Share of those with the outcome who are acted on.
    pub recall: Estimate,
}

/// Precision and recall of acting on the top `share` of the weight.
pub(crate) fn precision_at(
    ranking: &Ranking,
    labels: &[bool],
    weights: &[f64],
    share: f64,
) -> Result<(f64, f64), Undefined> {
    let total: f64 = weights.iter().sum();
    let positives: f64 =
        labels.iter().zip(weights).filter(|(label, _)| **label).map(|(_, weight)| weight).sum();
    if total <= 0.0 {
        return Err(Undefined::NoInstances);
    }
    if positives <= 0.0 || positives >= total {
        return Err(Undefined::OneClass);
    }
    let wanted = share * total;
    let (mut taken, mut hits) = (0.0, 0.0);
    for (positive, negative) in ranking.weights_from_the_top(labels, weights) {
        let group = positive + negative;
        if group <= 0.0 {
            continue;
        }
        let part = ((wanted - taken) / group).min(1.0);
        hits += part * positive;
        taken += part * group;
        if taken >= wanted {
            break;
        }
    }
    Ok((hits / wanted, hits / positives))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_ties_count_in_part() {
        let labels = [true, false, true, false, false, false, false, true, false, false];
        let scores = [0.9, 0.8, 0.8, 0.8, 0.3, 0.2, 0.2, 0.2, 0.1, 0.0];
        let ranking = Ranking::new(&scores);
        let weights = [1.0; 10];
        // Two of ten: the first, and a third of the three that tie, of whom one has the outcome.
        let (precision, recall) = precision_at(&ranking, &labels, &weights, 0.2).unwrap();
        assert!((precision - 2.0 / 3.0).abs() < 1e-12);
        assert!((recall - (1.0 + 1.0 / 3.0) / 3.0).abs() < 1e-12);
        let all = precision_at(&ranking, &labels, &weights, 1.0).unwrap();
        assert!((all.0 - 0.3).abs() < 1e-12 && (all.1 - 1.0).abs() < 1e-12);
        assert_eq!(precision_at(&ranking, &[true; 10], &weights, 0.2), Err(Undefined::OneClass));
    }
}
