//! Those with the outcome have an equal chance to be selected.

use super::GroupThreshold;
use super::hull::Hull;
use crate::predictions::Predictions;
use crate::subgroups::Grouping;

/// Thresholds of equal opportunity: of all true-positive rates that every group can have, the one of fewest wrong
/// decisions, each group at the lowest false-positive rate of its curve's upper hull. Groups without both outcomes are
/// left out.
///
/// # Source
/// Hardt, Price and Srebro 2016, sections 3.2 and 4. Errors are a sum of lines between corners: the fewest are at one.
///
/// # Limits
/// Chosen and judged on the same people: judge them with [`fairness`](crate::fairness::fairness) on others. Where a rate
/// lies between two thresholds the decision is by lot, which may not be permitted in care.
pub fn equal_opportunity_thresholds(predictions: &Predictions, grouping: &Grouping) -> Vec<GroupThreshold> {
    let hulls = Hull::all(predictions, grouping);
    let wrong = |rate: f64| -> f64 {
        let of = |hull: &Hull| hull.with * (1.0 - rate) + hull.without * hull.at_hits(rate).false_positives();
        hulls.iter().map(of).sum()
    };
    let corners = hulls.iter().flat_map(|hull| hull.corners(|_, hits| hits));
    let best =
        corners.min_by(|left, right| wrong(*left).total_cmp(&wrong(*right)).then(left.total_cmp(right)));
    let rule = |hull: &Hull| hull.rule(hull.at_hits(best.unwrap_or(0.0)), 0.0, 0.0);
    hulls.iter().map(rule).collect()
}
