//! What rates a group can have.

use std::sync::Arc;

use super::GroupThreshold;
use crate::fairness::groups::members;
use crate::predictions::Predictions;
use crate::subgroups::Grouping;

/// A point of a group's curve, and the threshold that makes it.
#[derive(Clone, Copy, Debug)]
struct Point {
    false_positives: f64,
    true_positives: f64,
    threshold: f64,
}

/// A group's best rates: the upper hull of its curve, from nobody selected to everybody.
pub(super) struct Hull {
    group: Arc<str>,
    pub(super) with: f64,
    pub(super) without: f64,
    points: Vec<Point>,
}

/// A place on a hull: between two of its points, and how far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    below: Point,
    above: Point,
    chance: f64,
}

impl Place {
    pub(super) fn false_positives(&self) -> f64 {
        self.below.false_positives + self.chance * (self.above.false_positives - self.below.false_positives)
    }

    pub(super) fn true_positives(&self) -> f64 {
        self.below.true_positives + self.chance * (self.above.true_positives - self.below.true_positives)
    }
}

impl Hull {
    /// The hulls of all groups that have both outcomes.
    pub(super) fn all(predictions: &Predictions, grouping: &Grouping) -> Vec<Self> {
        let hull = |(group, rows): (Arc<str>, Vec<usize>)| Self::of(predictions, group, &rows);
        members(grouping, predictions.len()).into_iter().filter_map(hull).collect()
    }

    fn of(predictions: &Predictions, group: Arc<str>, rows: &[usize]) -> Option<Self> {
        let with = rows.iter().filter(|row| predictions.labels()[**row]).count() as f64;
        let without = rows.len() as f64 - with;
        if with < 1.0 || without < 1.0 {
            return None;
        }
        let mut order = rows.to_vec();
        let probabilities = predictions.probabilities();
        order.sort_by(|&left, &right| probabilities[right].total_cmp(&probabilities[left]));
        let mut points = vec![Point { false_positives: 0.0, true_positives: 0.0, threshold: 2.0 }];
        let (mut hits, mut alarms) = (0.0, 0.0);
        for (place, &row) in order.iter().enumerate() {
            if predictions.labels()[row] {
                hits += 1.0;
            } else {
                alarms += 1.0;
            }
            let tied = order.get(place + 1).is_some_and(|&next| probabilities[next] >= probabilities[row]);
            if !tied {
                let threshold = probabilities[row];
                let (false_positives, true_positives) = (alarms / without, hits / with);
                push(&mut points, Point { false_positives, true_positives, threshold });
            }
        }
        Some(Self { group, with, without, points })
    }

    /// The hull's corners by a rate of theirs that never falls.
    pub(super) fn corners(&self, rate: impl Fn(f64, f64) -> f64) -> Vec<f64> {
        self.points.iter().map(|point| rate(point.false_positives, point.true_positives)).collect()
    }

    /// Where a rate that never falls along the hull takes a value; the highest hits of those.
    pub(super) fn at(&self, value: f64, rate: impl Fn(f64, f64) -> f64) -> Place {
        let of = |point: &Point| rate(point.false_positives, point.true_positives);
        let last = self.points.len() - 1;
        // The last corner that is not above it, and the one after.
        let next = self.points.partition_point(|point| of(point) <= value);
        self.between(next.saturating_sub(1), next.min(last), value, of)
    }

    /// Where the hull has so many hits at the fewest false alarms.
    pub(super) fn at_hits(&self, value: f64) -> Place {
        let last = self.points.len() - 1;
        let next = self.points.partition_point(|point| point.true_positives < value).min(last);
        self.between(next.saturating_sub(1), next, value, |point| point.true_positives)
    }

    fn between(&self, below: usize, above: usize, value: f64, of: impl Fn(&Point) -> f64) -> Place {
        let (below, above) = (self.points[below], self.points[above]);
        let rise = of(&above) - of(&below);
        let chance = if rise > 0.0 { ((value - of(&below)) / rise).clamp(0.0, 1.0) } else { 1.0 };
        Place { below, above, chance }
    }

    /// The rule of a place, so much of it left to a lot.
    pub(super) fn rule(&self, place: Place, by_lot: f64, lot: f64) -> GroupThreshold {
        let mixed = |rate: f64| by_lot * lot + (1.0 - by_lot) * rate;
        let (true_positives, false_positives) =
            (mixed(place.true_positives()), mixed(place.false_positives()));
        GroupThreshold {
            group: Arc::clone(&self.group),
            chance: place.chance,
            threshold: place.above.threshold,
            otherwise: place.below.threshold,
            by_lot,
            lot,
            selected: (self.with * true_positives + self.without * false_positives)
                / (self.with + self.without),
            true_positives,
            false_positives,
        }
    }
}

/// Adds a point and drops those that it leaves below the hull.
fn push(hull: &mut Vec<Point>, point: Point) {
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
