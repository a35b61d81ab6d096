//! All have an equal chance to be selected.

use super::GroupThreshold;
use super::hull::Hull;
use crate::predictions::Predictions;
use crate::subgroups::Grouping;

/// Thresholds of demographic parity: of all shares selected, the one of fewest wrong decisions, each group at the point of
/// its curve's upper hull that selects so many. Groups without both outcomes are left out.
///
/// # Source
/// Hardt, Price and Srebro 2016, section 3.2, the constraint on the share selected in place of the rates; Agarwal et al.,
/// A reductions approach to fair classification, ICML 2018, for the criterion.
///
/// # Limits
/// As of [`equal_opportunity_thresholds`](super::equal_opportunity_thresholds). Where the outcome is more common in one
/// group, more of that group's people with it go unselected.
pub fn demographic_parity_thresholds(predictions: &Predictions, grouping: &Grouping) -> Vec<GroupThreshold> {
    let hulls = Hull::all(predictions, grouping);
    let share = |hull: &Hull| {
        let (with, without) = (hull.with, hull.without);
        move |alarms: f64, hits: f64| (with * hits + without * alarms) / (with + without)
    };
    let wrong = |selected: f64| -> f64 {
        let of = |hull: &Hull| {
            let place = hull.at(selected, share(hull));
            hull.with * (1.0 - place.true_positives()) + hull.without * place.false_positives()
        };
        hulls.iter().map(of).sum()
    };
    let corners = hulls.iter().flat_map(|hull| hull.corners(share(hull)));
    let best =
        corners.min_by(|left, right| wrong(*left).total_cmp(&wrong(*right)).then(left.total_cmp(right)));
    let rule = |hull: &Hull| hull.rule(hull.at(best.unwrap_or(0.0), share(hull)), 0.0, 0.0);
    hulls.iter().map(rule).collect()
}
