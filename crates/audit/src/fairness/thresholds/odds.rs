//! Those with the outcome, and those without, have an equal chance to be selected.

use super::GroupThreshold;
use super::hull::Hull;
use crate::predictions::Predictions;
use crate::subgroups::Grouping;

/// Thresholds of equalised odds: of all pairs of rates that every group can have, the one of fewest wrong decisions. A
/// group that could have more hits at that rate of false alarms is brought down by a lot. Groups without both outcomes are
/// left out.
///
/// # Source
/// Hardt, Price and Srebro 2016, section 4.2 (the intersection of the areas under the groups' hulls); the lot as in
/// Fairlearn's `ThresholdOptimizer`: a chance of the false-alarm rate itself, which leaves that rate as it is.
///
/// # Limits
/// As of [`equal_opportunity_thresholds`](super::equal_opportunity_thresholds); more is left to lots, and the group that is
/// predicted worst bounds all.
pub fn equalised_odds_thresholds(predictions: &Predictions, grouping: &Grouping) -> Vec<GroupThreshold> {
    let hulls = Hull::all(predictions, grouping);
    let (with, without) =
        hulls.iter().fold((0.0, 0.0), |(with, without), hull| (with + hull.with, without + hull.without));
    let best = candidates(&hulls).into_iter().min_by(|left, right| {
        let wrong = |alarms: f64| with * (1.0 - common(&hulls, alarms)) + without * alarms;
        wrong(*left).total_cmp(&wrong(*right)).then(left.total_cmp(right))
    });
    let Some(alarms) = best else { return Vec::new() };
    let hits = common(&hulls, alarms);
    let rule = |hull: &Hull| {
        let place = hull.at(alarms, |alarms, _| alarms);
        let (own, chance) = (place.true_positives(), alarms);
        let by_lot = if own > hits && own > chance { (own - hits) / (own - chance) } else { 0.0 };
        hull.rule(place, by_lot, chance)
    };
    hulls.iter().map(rule).collect()
}

/// The most hits that every group can have at a rate of false alarms.
fn common(hulls: &[Hull], alarms: f64) -> f64 {
    hulls.iter().map(|hull| hull.at(alarms, |alarms, _| alarms).true_positives()).fold(1.0, f64::min)
}

/// Corners of the area under all hulls: those of the hulls, and where two cross.
fn candidates(hulls: &[Hull]) -> Vec<f64> {
    let mut corners: Vec<f64> = hulls.iter().flat_map(|hull| hull.corners(|alarms, _| alarms)).collect();
    corners.sort_unstable_by(f64::total_cmp);
    corners.dedup();
    let hits = |hull: &Hull, alarms: f64| hull.at(alarms, |alarms, _| alarms).true_positives();
    let mut found = corners.clone();
    for ends in corners.windows(2) {
        // Between two corners each hull is a line; a rise at the start of it belongs to the start.
        for (place, one) in hulls.iter().enumerate() {
            for other in &hulls[..place] {
                let off = |alarms: f64| hits(one, alarms) - hits(other, alarms);
                let (start, end) = (off(ends[0]), off(ends[1]));
                if start * end < 0.0 {
                    found.push(ends[0] + (ends[1] - ends[0]) * start / (start - end));
                }
            }
        }
    }
    found
}
