//! Limited-memory BFGS for smooth convex functions.

use std::collections::VecDeque;

/// When to stop and how much to remember.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LbfgsParameters {
    /// Pairs of steps remembered.
    pub memory: usize,
    /// Most iterations.
    pub iterations: usize,
    /// Largest absolute gradient component accepted as zero.
    pub tolerance: f64,
}

impl Default for LbfgsParameters {
    fn default() -> Self {
        Self { memory: 10, iterations: 300, tolerance: 1e-7 }
    }
}

struct Correction {
    step: Vec<f64>,
    change: Vec<f64>,
    inverse_product: f64,
}

/// Minimises `function` (value and gradient at a point) from `start`; returns the last point.
///
/// The step is halved until the Armijo condition holds; pairs without positive curvature are not
/// remembered, so the direction always descends.
///
/// # Source
/// Nocedal and Wright, Numerical Optimization (2nd ed.), algorithms 7.4 and 7.5.
pub(crate) fn minimise(
    function: impl Fn(&[f64]) -> (f64, Vec<f64>),
    start: Vec<f64>,
    parameters: LbfgsParameters,
) -> Vec<f64> {
    let mut point = start;
    let (mut value, mut gradient) = function(&point);
    let mut memory: VecDeque<Correction> = VecDeque::with_capacity(parameters.memory);
    for _ in 0..parameters.iterations {
        let largest = gradient.iter().fold(0.0_f64, |largest, slope| largest.max(slope.abs()));
        if largest <= parameters.tolerance {
            break;
        }
        let direction = descent(&gradient, &memory);
        let slope = dot(&direction, &gradient);
        let mut length = if memory.is_empty() { 1.0 / largest.max(1.0) } else { 1.0 };
        let mut accepted = None;
        for _ in 0..40 {
            let next: Vec<f64> = point.iter().zip(&direction).map(|(x, d)| x + length * d).collect();
            let (next_value, next_gradient) = function(&next);
            if next_value <= value + 1e-4 * length * slope {
                accepted = Some((next, next_value, next_gradient));
                break;
            }
            length *= 0.5;
        }
        // No descent at the smallest step: the point is a minimum to rounding.
        let Some((next, next_value, next_gradient)) = accepted else { break };
        let step: Vec<f64> = next.iter().zip(&point).map(|(new, old)| new - old).collect();
        let change: Vec<f64> = next_gradient.iter().zip(&gradient).map(|(new, old)| new - old).collect();
        let product = dot(&step, &change);
        if product > 1e-12 * dot(&change, &change).sqrt() * dot(&step, &step).sqrt() {
            if memory.len() == parameters.memory {
                memory.pop_front();
            }
            memory.push_back(Correction { step, change, inverse_product: 1.0 / product });
        }
        (point, value, gradient) = (next, next_value, next_gradient);
    }
    point
}

fn descent(gradient: &[f64], memory: &VecDeque<Correction>) -> Vec<f64> {
    let mut direction: Vec<f64> = gradient.iter().map(|slope| -slope).collect();
    let mut weights = Vec::with_capacity(memory.len());
    for pair in memory.iter().rev() {
        let weight = pair.inverse_product * dot(&pair.step, &direction);
        add(&mut direction, -weight, &pair.change);
        weights.push(weight);
    }
    if let Some(last) = memory.back() {
        let scale = 1.0 / (last.inverse_product * dot(&last.change, &last.change));
        for x in &mut direction {
            *x *= scale;
        }
    }
    for (pair, weight) in memory.iter().zip(weights.into_iter().rev()) {
        let correction = weight - pair.inverse_product * dot(&pair.change, &direction);
        add(&mut direction, correction, &pair.step);
    }
    direction
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

fn add(target: &mut [f64], factor: f64, other: &[f64]) {
    for (x, y) in target.iter_mut().zip(other) {
        *x += factor * y;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_minimum_of_a_quadratic_is_its_solution() {
        // f(x) = sum k (x_k - k)^2 / 2 with k from 1: minimum at x_k = k.
        let function = |x: &[f64]| {
            let gradient: Vec<f64> = (1..).zip(x).map(|(k, x)| f64::from(k) * (x - f64::from(k))).collect();
            let value = (1..).zip(x).map(|(k, x)| f64::from(k) * (x - f64::from(k)).powi(2) / 2.0).sum();
            (value, gradient)
        };
        let found = minimise(function, vec![0.0; 30], LbfgsParameters::default());
        for (k, x) in (1..).zip(found) {
            assert!((x - f64::from(k)).abs() < 1e-6, "component {k}: {x}");
        }
    }

    #[test]
    fn ref_rosenbrock_from_the_usual_start() {
        let function = |x: &[f64]| {
            let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
            (a * a + 100.0 * b * b, vec![-2.0 * a - 400.0 * x[0] * b, 200.0 * b])
        };
        let found = minimise(function, vec![-1.2, 1.0], LbfgsParameters::default());
        assert!((found[0] - 1.0).abs() < 1e-5 && (found[1] - 1.0).abs() < 1e-5, "{found:?}");
    }
}
