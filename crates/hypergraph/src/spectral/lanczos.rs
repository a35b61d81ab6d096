//! The leading eigenpair of a connected non-negative operator.
//!
//! # Source
//! Lanczos' method with full reorthogonalisation, restarted with its Ritz vector: Golub and Van Loan,
//! Matrix Computations, chapter 10. (Cited from memory.)

use super::tridiagonal;

const STEPS: usize = 48;
const RESTARTS: usize = 400;
/// A residual, relative to the eigenvalue, below which no progress means rounding has been reached.
const ROUNDING: f64 = 1e-12;
/// Restarts without halving the residual after which to give up, below [`ROUNDING`] and above.
const PATIENCE: (usize, usize) = (2, 40);

/// An eigenpair; the vector is non-negative and of length 1.
pub(crate) struct Pair {
    pub(crate) value: f64,
    pub(crate) vector: Vec<f64>,
    pub(crate) residual: f64,
    /// Products with the operator.
    pub(crate) products: usize,
}

/// The leading pair of an operator known by its products, from a start that is not negative and so not
/// orthogonal to it. Stops at a relative residual of `tolerance`; the pair says what was reached.
pub(crate) fn leading(
    mut apply: impl FnMut(&[f64], &mut [f64]),
    mut start: Vec<f64>,
    tolerance: f64,
) -> Pair {
    let mut products = 0;
    let mut apply = |x: &[f64], product: &mut [f64]| {
        products += 1;
        apply(x, product);
    };
    normalise(&mut start);
    let mut best = Pair { value: 0.0, vector: start.clone(), residual: f64::INFINITY, products: 0 };
    let mut stalled = 0;
    for _ in 0..RESTARTS {
        let ritz = cycle(&mut apply, &start, tolerance);
        let pair = judge(&mut apply, ritz);
        let improved = pair.residual < 0.5 * best.residual;
        stalled = if improved { 0 } else { stalled + 1 };
        if pair.residual <= best.residual {
            best = pair;
        }
        let patience = if best.residual <= ROUNDING { PATIENCE.0 } else { PATIENCE.1 };
        if best.residual <= tolerance || stalled >= patience {
            break;
        }
        start.clone_from(&best.vector);
    }
    best.products = products;
    best
}

/// One run of at most [`STEPS`] steps; its Ritz vector, not negative.
fn cycle(apply: &mut impl FnMut(&[f64], &mut [f64]), start: &[f64], tolerance: f64) -> Vec<f64> {
    let size = start.len();
    let mut basis = vec![start.to_vec()];
    let (mut diagonal, mut beside): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    let mut next = vec![0.0; size];
    let mut coefficients = vec![1.0];
    for step in 1..=STEPS.min(size) {
        apply(&basis[step - 1], &mut next);
        let own = dot(&next, &basis[step - 1]);
        diagonal.push(own);
        // Twice is enough (Kahan and Parlett).
        for _ in 0..2 {
            for known in &basis {
                let along = dot(&next, known);
                next.iter_mut().zip(known).for_each(|(entry, known)| *entry -= along * known);
            }
        }
        let norm = dot(&next, &next).sqrt();
        if step == 1 && norm <= 0.0 {
            return start.to_vec();
        }
        let scale = diagonal.iter().chain(&beside).fold(0.0_f64, |most, entry| most.max(entry.abs()));
        let exhausted = norm <= 1e-15 * scale;
        if exhausted || step % 6 == 0 || step == STEPS.min(size) {
            let (value, vector) = tridiagonal::leading(&diagonal, &beside);
            let bound = norm * vector[step - 1].abs();
            coefficients = vector;
            if exhausted || bound <= tolerance * value {
                break;
            }
        }
        beside.push(norm);
        basis.push(next.iter().map(|entry| entry / norm).collect());
    }
    let mut ritz = vec![0.0; size];
    for (known, coefficient) in basis.iter().zip(&coefficients) {
        ritz.iter_mut().zip(known).for_each(|(entry, known)| *entry += coefficient * known);
    }
    let sign = ritz.iter().sum::<f64>().signum();
    for entry in &mut ritz {
        *entry = (*entry * sign).max(0.0);
    }
    normalise(&mut ritz);
    ritz
}

/// The Rayleigh quotient of a vector and how far it is from an eigenpair.
fn judge(apply: &mut impl FnMut(&[f64], &mut [f64]), vector: Vec<f64>) -> Pair {
    let mut product = vec![0.0; vector.len()];
    apply(&vector, &mut product);
    let value = dot(&product, &vector);
    let off: f64 = product.iter().zip(&vector).map(|(product, own)| (product - value * own).powi(2)).sum();
    let residual = if value > 0.0 { off.sqrt() / value } else { 0.0 };
    Pair { value, vector, residual, products: 0 }
}

pub(crate) fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

fn normalise(vector: &mut [f64]) {
    let norm = dot(vector, vector).sqrt();
    if norm > 0.0 {
        for entry in vector.iter_mut() {
            *entry /= norm;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Eigenvalues of the path on `n` nodes are `2 cos(k pi / (n + 1))`: the two largest of 300 are 3e-4 apart.
    #[test]
    fn ref_the_path_has_its_known_leading_pair() {
        for size in [1_usize, 2, 3, 10, 47, 48, 49, 300] {
            let path = |x: &[f64], y: &mut [f64]| {
                for place in 0..size {
                    let before = if place > 0 { x[place - 1] } else { 0.0 };
                    y[place] = before + x.get(place + 1).copied().unwrap_or(0.0);
                }
            };
            let pair = leading(path, vec![1.0; size], 1e-12);
            let angle = std::f64::consts::PI / (size as f64 + 1.0);
            assert!((pair.value - 2.0 * angle.cos()).abs() < 1e-12, "{size}: {}", pair.value);
            let scale = (2.0 / (size as f64 + 1.0)).sqrt();
            for (place, entry) in pair.vector.iter().enumerate() {
                let wanted = ((place + 1) as f64 * angle).sin() * scale;
                assert!((entry - wanted).abs() < 1e-7, "{size}: {entry} {wanted}");
            }
        }
    }
}
