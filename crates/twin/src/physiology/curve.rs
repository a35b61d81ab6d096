//! Curves drawn through points.

/// Linear interpolation, flat beyond the ends.
pub(super) fn curve(points: &[(f64, f64)], at: f64) -> f64 {
    let after = points.partition_point(|point| point.0 <= at);
    match (after.checked_sub(1).and_then(|before| points.get(before)), points.get(after)) {
        (Some(left), Some(right)) => left.1 + (right.1 - left.1) * (at - left.0) / (right.0 - left.0),
        (Some(end), None) | (None, Some(end)) => end.1,
        (None, None) => 0.0,
    }
}
