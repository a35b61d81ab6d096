//! The leading eigenpair of a connected non-negative operator.
//!
//! # Source
//! Lanczos' method with full reorthogonalisation, restarted with its Ritz vector: Golub and Van Loan,
//! Matrix Computations, chapter 10. (Cited from memory.)

use super::gram::Gram;
use super::tridiagonal;

const STEPS: usize = 48;
const RESTARTS: usize = 400;
/// Bound on the residual, relative to the eigenvalue, at which to stop.
const TOLERANCE: f64 = 2e-15;

/// An eigenpair; the vector is non-negative and of length 1.
pub(super) struct Pair {
    pub(super) value: f64,
    pub(super) vector: Vec<f64>,
    pub(super) residual: f64,
}

/// From the vector of ones, which no leading vector is orthogonal to, being non-negative.
pub(super) fn leading(gram: &Gram) -> Pair {
    let mut start = vec![1.0; gram.len()];
    normalise(&mut start);
    let mut best = Pair { value: 0.0, vector: start.clone(), residual: f64::INFINITY };
    let mut stalled = 0;
    for _ in 0..RESTARTS {
        let ritz = cycle(gram, &start);
        let pair = judge(gram, ritz);
        let improved = pair.residual < 0.5 * best.residual;
        stalled = if improved { 0 } else { stalled + 1 };
        if pair.residual <= best.residual {
            best = pair;
        }
        if best.residual <= TOLERANCE || stalled >= 2 {
            break;
        }
        start.clone_from(&best.vector);
    }
    best
}

/// One run of at most [`STEPS`] steps; its Ritz vector, not negative.
fn cycle(gram: &Gram, start: &[f64]) -> Vec<f64> {
    let mut basis = vec![start.to_vec()];
    let (mut diagonal, mut beside): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    let mut next = vec![0.0; gram.len()];
    let mut coefficients = vec![1.0];
    for step in 1..=STEPS.min(gram.len()) {
        gram.apply(&basis[step - 1], &mut next);
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
        let scale = diagonal.iter().chain(&beside).fold(0.0_f64, |most, entry| most.max(entry.abs()));
        let exhausted = norm <= 1e-15 * scale;
        if exhausted || step % 6 == 0 || step == STEPS.min(gram.len()) {
            let (value, vector) = tridiagonal::leading(&diagonal, &beside);
            let bound = norm * vector[step - 1].abs();
            coefficients = vector;
            if exhausted || bound <= TOLERANCE * value {
                break;
            }
        }
        beside.push(norm);
        basis.push(next.iter().map(|entry| entry / norm).collect());
    }
    let mut ritz = vec![0.0; gram.len()];
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
fn judge(gram: &Gram, vector: Vec<f64>) -> Pair {
    let mut product = vec![0.0; gram.len()];
    gram.apply(&vector, &mut product);
    let value = dot(&product, &vector);
    let off: f64 = product.iter().zip(&vector).map(|(product, own)| (product - value * own).powi(2)).sum();
    let residual = if value > 0.0 { off.sqrt() / value } else { 0.0 };
    Pair { value, vector, residual }
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
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
