//! The leading eigenpair of a small symmetric tridiagonal matrix.

/// Eigenvalue and unit eigenvector: bisection by Sturm's count, then inverse iteration.
///
/// # Shapes
/// `beside` has one entry fewer than `diagonal`, at least.
pub(super) fn leading(diagonal: &[f64], beside: &[f64]) -> (f64, Vec<f64>) {
    let size = diagonal.len();
    let off = |place: usize| if place > 0 && place < size { beside[place - 1].abs() } else { 0.0 };
    let radius = |place: usize| off(place) + off(place + 1);
    let ends = || (0..size).map(|place| (diagonal[place] - radius(place), diagonal[place] + radius(place)));
    let mut low = ends().map(|(low, _)| low).fold(f64::INFINITY, f64::min);
    let mut high = ends().map(|(_, high)| high).fold(f64::NEG_INFINITY, f64::max);
    let scale = low.abs().max(high.abs()).max(f64::MIN_POSITIVE);
    // The pivots of T - x are all negative exactly when x is above every eigenvalue.
    let above = |x: f64| {
        let mut pivot = diagonal[0] - x;
        for (place, own) in diagonal.iter().enumerate().skip(1) {
            if pivot >= 0.0 {
                return false;
            }
            pivot = own - x - off(place).powi(2) / pivot;
        }
        pivot < 0.0
    };
    high += 4.0 * f64::EPSILON * scale;
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if above(middle) { high = middle } else { low = middle }
    }
    // T - high is negative definite, so elimination needs no pivoting.
    let shift = high + 2.0 * f64::EPSILON * scale;
    let mut vector = vec![1.0; size];
    for _ in 0..4 {
        solve(diagonal, &off, shift, &mut vector);
        let norm = vector.iter().map(|entry| entry * entry).sum::<f64>().sqrt();
        if !(norm.is_finite() && norm > 0.0) {
            break;
        }
        for entry in &mut vector {
            *entry /= norm;
        }
    }
    // The off-diagonal's signs are put back: with all of them positive the vector is too.
    let mut sign = 1.0;
    for place in 1..size {
        if beside[place - 1] < 0.0 {
            sign = -sign;
        }
        vector[place] *= sign;
    }
    (high, vector)
}

/// Solves (T - shift) x = -b in place; every pivot is negative.
fn solve(diagonal: &[f64], off: &impl Fn(usize) -> f64, shift: f64, vector: &mut [f64]) {
    let size = diagonal.len();
    let mut pivots = vec![0.0; size];
    let least = -f64::EPSILON * shift.abs().max(f64::MIN_POSITIVE);
    pivots[0] = (diagonal[0] - shift).min(least);
    vector[0] = -vector[0];
    for place in 1..size {
        let factor = off(place) / pivots[place - 1];
        pivots[place] = (diagonal[place] - shift - factor * off(place)).min(least);
        vector[place] = -vector[place] - factor * vector[place - 1];
    }
    vector[size - 1] /= pivots[size - 1];
    for place in (0..size - 1).rev() {
        vector[place] = (vector[place] - off(place + 1) * vector[place + 1]) / pivots[place];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_the_second_difference_has_known_eigenpairs() {
        // Eigenvalues of tridiag(1, 2, 1) are 2 + 2 cos(k pi / (n + 1)), vectors sin(j k pi / (n + 1)).
        for size in [1, 2, 3, 10, 48] {
            let (value, vector) = leading(&vec![2.0; size], &vec![1.0; size - 1]);
            let angle = std::f64::consts::PI / (size + 1) as f64;
            assert!((value - 2.0 - 2.0 * angle.cos()).abs() < 1e-14, "{size}: {value}");
            let expected: Vec<f64> = (1..=size).map(|place| (place as f64 * angle).sin()).collect();
            let norm = expected.iter().map(|entry| entry * entry).sum::<f64>().sqrt();
            assert!(vector.iter().zip(&expected).all(|(found, entry)| (found - entry / norm).abs() < 1e-11));
        }
    }
}
