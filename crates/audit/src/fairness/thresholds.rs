//! A threshold for each group, so that those with the outcome have an equal chance to be selected.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::groups::members;
use crate::predictions::Predictions;
use crate::subgroups::Grouping;

/// Steps of the true-positive rate that are looked at.
const STEPS: usize = 1000;

/// A group's rule: one threshold or another, by a toss that the shares weigh.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupThreshold {
    /// Which group.
    pub group: Arc<str>,
    /// With this chance ...
    pub chance: f64,
    /// ... predictions of at least this are selected ...
    pub threshold: f64,
    /// ... and otherwise those of at least this; 2 selects nobody.
    pub otherwise: f64,
    /// Share selected of those with the outcome: the same for all groups.
    pub true_positives: f64,
    /// Share selected of those without.
    pub false_positives: f64,
}

/// A point of a group's curve, and the threshold that makes it.
#[derive(Clone, Copy, Debug)]
struct Point {
    false_positives: f64,
    true_positives: f64,
    threshold: f64,
}

/// Thresholds of equal opportunity: of all true-positive rates that every group can have, the one of fewest wrong
/// decisions, each group at the lowest false-positive rate of its curve's upper hull. Groups without both outcomes are
/// left out.
///
/// # Source
/// Hardt, Price and Srebro, Equality of opportunity in supervised learning, NeurIPS 2016, sections 3.2 and 4.
///
/// # Limits
/// Chosen and judged on the same people: judge them with [`fairness`](super::fairness) on others. Where a rate lies
/// between two thresholds the decision is by lot, which may not be permitted in care.
pub fn equal_opportunity_thresholds(predictions: &Predictions, grouping: &Grouping) -> Vec<GroupThreshold> {
    let groups: Vec<(Arc<str>, Vec<Point>, f64, f64)> = members(grouping, predictions.len())
        .into_iter()
        .filter_map(|(group, rows)| {
            let with = rows.iter().filter(|row| predictions.labels()[**row]).count();
            let without = rows.len() - with;
            let points = (with > 0 && without > 0).then(|| hull(predictions, &rows, with, without))?;
            Some((group, points, with as f64, without as f64))
        })
        .collect();
    let wrong = |rate: f64| -> f64 {
        let group = |(_, points, with, without): &(Arc<str>, Vec<Point>, f64, f64)| {
            let (false_positives, ..) = at(points, rate);
            with * (1.0 - rate) + without * false_positives
        };
        groups.iter().map(group).sum()
    };
    let rates = (0..=STEPS).map(|step| step as f64 / STEPS as f64);
    let best = rates.min_by(|left, right| wrong(*left).total_cmp(&wrong(*right))).unwrap_or(0.0);
    let rule = |(group, points, ..): &(Arc<str>, Vec<Point>, f64, f64)| {
        let (false_positives, chance, threshold, otherwise) = at(points, best);
        let group = Arc::clone(group);
        GroupThreshold { group, chance, threshold, otherwise, true_positives: best, false_positives }
    };
    groups.iter().map(rule).collect()
}

/// The upper hull of a group's curve, from nobody selected to everybody.
fn hull(predictions: &Predictions, rows: &[usize], with: usize, without: usize) -> Vec<Point> {
    let mut order = rows.to_vec();
    let probabilities = predictions.probabilities();
    order.sort_by(|&left, &right| probabilities[right].total_cmp(&probabilities[left]));
    let mut hull = vec![Point { false_positives: 0.0, true_positives: 0.0, threshold: 2.0 }];
    let (mut hits, mut alarms) = (0.0, 0.0);
    for (place, &row) in order.iter().enumerate() {
        if predictions.labels()[row] {
            hits += 1.0;
        } else {
            alarms += 1.0;
        }
        let tied = order.get(place + 1).is_some_and(|&next| probabilities[next] >= probabilities[row]);
        if tied {
            continue;
        }
        let point = Point {
            false_positives: alarms / without as f64,
            true_positives: hits / with as f64,
            threshold: probabilities[row],
        };
        while let [.., before, last] = hull[..] {
            let turn = (last.false_positives - before.false_positives)
                * (point.true_positives - before.true_positives)
                - (last.true_positives - before.true_positives)
                    * (point.false_positives - before.false_positives);
            if turn < 0.0 {
                break;
            }
            hull.pop();
        }
        hull.push(point);
    }
    hull
}

/// The false-positive rate at a true-positive rate, and the toss between two thresholds that makes it.
fn at(hull: &[Point], rate: f64) -> (f64, f64, f64, f64) {
    let place = hull.partition_point(|point| point.true_positives < rate).min(hull.len() - 1);
    let above = hull[place];
    let below = hull[place.saturating_sub(1)];
    let rise = above.true_positives - below.true_positives;
    let chance = if rise > 0.0 { ((rate - below.true_positives) / rise).clamp(0.0, 1.0) } else { 1.0 };
    let false_positives = below.false_positives + chance * (above.false_positives - below.false_positives);
    (false_positives, chance, above.threshold, below.threshold)
}
