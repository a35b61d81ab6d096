//! Rounding towards the safe side.

/// A little above a result of few operations: each errs by at most half a unit in the last place.
///
/// Sixteen units in the last place of a double, 3.6e-15 of the value.
pub(crate) fn up(value: f64) -> f64 {
    value + value.abs() * (16.0 * f64::EPSILON)
}

/// A little below a result of few operations.
pub(crate) fn down(value: f64) -> f64 {
    value - value.abs() * (16.0 * f64::EPSILON)
}
