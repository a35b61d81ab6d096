//! The largest eigenvalue of a symmetric matrix that is known only by its products, and its vector.
//!
//! # Source
//! Lanczos' method with full reorthogonalisation, restarted from the best vector found; Golub and Van
//! Loan, Matrix Computations, 4th edition, section 10.1 (recalled). The small tridiagonal problem is
//! solved by the implicit QL method (EISPACK's tql2, recalled).

/// Vectors kept before a restart.
const BASIS: usize = 64;
/// Products between two looks at the convergence.
const LOOK: usize = 4;
const MAXIMUM_RESTARTS: usize = 400;

/// An eigenvalue and its vector.
pub(crate) struct Pair {
    pub(crate) value: f64,
    /// Of Euclidean length 1, its sum not negative.
    pub(crate) vector: Vec<f64>,
    /// Length of `A v - value v`, over `value` where that is positive.
    pub(crate) residual: f64,
    /// Products with the matrix.
    pub(crate) products: usize,
}

/// Finds the algebraically largest eigenvalue to a relative residual of `tolerance`, or gives back the
/// best that was reached. `start` must not be zero.
pub(crate) fn largest(
    mut apply: impl FnMut(&[f64], &mut [f64]),
    start: Vec<f64>,
    tolerance: f64,
) -> Result<Pair, Pair> {
    let size = start.len();
    let steps = BASIS.min(size);
    let mut vector = start;
    scale_to_one(&mut vector);
    let mut products = 0;
    let mut best: Option<Pair> = None;
    let mut without_gain = 0;
    for _ in 0..MAXIMUM_RESTARTS {
        let mut basis: Vec<Vec<f64>> = vec![vector];
        let (mut diagonal, mut beside) = (Vec::with_capacity(steps), Vec::with_capacity(steps));
        let mut weights = vec![1.0];
        for step in 0..steps {
            let mut next = vec![0.0; size];
            apply(&basis[step], &mut next);
            products += 1;
            diagonal.push(dot(&next, &basis[step]));
            // Twice is enough (Kahan and Parlett, recalled): the second pass removes what rounding left.
            for _ in 0..2 {
                for known in &basis {
                    let share = dot(&next, known);
                    add(&mut next, known, -share);
                }
            }
            let length = dot(&next, &next).sqrt();
            let last = step + 1 == steps;
            if last || step % LOOK == LOOK - 1 || length <= f64::MIN_POSITIVE {
                let (value, found) = largest_of_tridiagonal(&diagonal, &beside);
                weights = found;
                let estimate = length * weights[step].abs();
                if last || estimate <= 0.3 * tolerance * value.abs() || length <= f64::MIN_POSITIVE {
                    break;
                }
            }
            beside.push(length);
            for entry in &mut next {
                *entry /= length;
            }
            basis.push(next);
        }
        vector = vec![0.0; size];
        for (known, weight) in basis.iter().zip(&weights) {
            add(&mut vector, known, *weight);
        }
        scale_to_one(&mut vector);
        let found = measured(&mut apply, vector.clone(), &mut products);
        let residual = found.residual;
        let gained = best.as_ref().is_none_or(|known| residual < 0.5 * known.residual);
        without_gain = if gained { 0 } else { without_gain + 1 };
        if best.as_ref().is_none_or(|known| residual < known.residual) {
            best = Some(found);
        }
        if residual <= tolerance || without_gain > 20 {
            break;
        }
    }
    let mut best = best.expect("at least one restart was made");
    best.products = products;
    if best.residual <= tolerance { Ok(best) } else { Err(best) }
}

fn measured(apply: &mut impl FnMut(&[f64], &mut [f64]), mut vector: Vec<f64>, products: &mut usize) -> Pair {
    if vector.iter().sum::<f64>() < 0.0 {
        for entry in &mut vector {
            *entry = -*entry;
        }
    }
    let mut image = vec![0.0; vector.len()];
    apply(&vector, &mut image);
    *products += 1;
    let value = dot(&image, &vector);
    add(&mut image, &vector, -value);
    let length = dot(&image, &image).sqrt();
    let residual = if value > 0.0 { length / value } else { length };
    Pair { value, vector, residual, products: 0 }
}

pub(crate) fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

fn add(target: &mut [f64], direction: &[f64], length: f64) {
    for (entry, part) in target.iter_mut().zip(direction) {
        *entry += length * part;
    }
}

fn scale_to_one(vector: &mut [f64]) {
    let length = dot(vector, vector).sqrt();
    if length > 0.0 {
        for entry in vector {
            *entry /= length;
        }
    }
}

/// The largest eigenvalue of a symmetric tridiagonal matrix and its vector of length 1.
fn largest_of_tridiagonal(diagonal: &[f64], beside: &[f64]) -> (f64, Vec<f64>) {
    let size = diagonal.len();
    let mut values = diagonal.to_vec();
    let mut rest = beside[..size - 1].to_vec();
    rest.push(0.0);
    // Row `i` of `vectors` holds entry `i` of every eigenvector.
    let mut vectors = vec![0.0; size * size];
    for place in 0..size {
        vectors[place * size + place] = 1.0;
    }
    for low in 0..size {
        // Sixty sweeps: each eigenvalue needs about two.
        for _ in 0..60 {
            let negligible = |place: usize| {
                rest[place].abs() <= f64::EPSILON * (values[place].abs() + values[place + 1].abs())
            };
            let high = (low..size - 1).find(|place| negligible(*place)).unwrap_or(size - 1);
            if high == low {
                break;
            }
            let slope = (values[low + 1] - values[low]) / (2.0 * rest[low]);
            let root = slope.hypot(1.0).copysign(slope);
            let mut shifted = values[high] - values[low] + rest[low] / (slope + root);
            let (mut sine, mut cosine, mut moved) = (1.0, 1.0, 0.0);
            let mut split = false;
            for place in (low..high).rev() {
                let (forward, across) = (sine * rest[place], cosine * rest[place]);
                let length = forward.hypot(shifted);
                rest[place + 1] = length;
                if length == 0.0 {
                    values[place + 1] -= moved;
                    rest[high] = 0.0;
                    split = true;
                    break;
                }
                sine = forward / length;
                cosine = shifted / length;
                let lowered = values[place + 1] - moved;
                let turned = (values[place] - lowered) * sine + 2.0 * cosine * across;
                moved = sine * turned;
                values[place + 1] = lowered + moved;
                shifted = cosine * turned - across;
                for row in 0..size {
                    let (left, right) = (vectors[row * size + place], vectors[row * size + place + 1]);
                    vectors[row * size + place + 1] = sine * left + cosine * right;
                    vectors[row * size + place] = cosine * left - sine * right;
                }
            }
            if !split {
                values[low] -= moved;
                rest[low] = shifted;
                rest[high] = 0.0;
            }
        }
    }
    let mut place = 0;
    for other in 1..size {
        if values[other] > values[place] {
            place = other;
        }
    }
    (values[place], (0..size).map(|row| vectors[row * size + place]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Eigenvalues of the path on `n` nodes are `2 cos(k pi / (n + 1))`.
    #[test]
    fn ref_the_path_has_its_known_largest_eigenvalue_and_vector() {
        for size in [1_usize, 2, 3, 10, 63, 64, 65, 300] {
            let path = |x: &[f64], y: &mut [f64]| {
                for place in 0..size {
                    let before = if place > 0 { x[place - 1] } else { 0.0 };
                    y[place] = before + x.get(place + 1).copied().unwrap_or(0.0);
                }
            };
            let pair = largest(path, vec![1.0; size], 1e-12).unwrap_or_else(|best| best);
            let angle = std::f64::consts::PI / (size as f64 + 1.0);
            let exact = 2.0 * angle.cos();
            assert!((pair.value - exact).abs() < 1e-12, "{size}: {} {exact}", pair.value);
            let wanted: Vec<f64> =
                (1..=size).map(|k| (k as f64 * angle).sin() * (2.0 / (size as f64 + 1.0)).sqrt()).collect();
            let worst = pair.vector.iter().zip(&wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(worst < 1e-7, "{size}: {worst}");
        }
    }
}
