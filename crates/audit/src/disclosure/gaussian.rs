//! Normal probabilities: the quantile, and boxes under correlated variables.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// Beyond this a normal variable does not lie, to double precision.
const FAR: f64 = 38.0;
/// Points of the lattice for boxes of three dimensions and more.
const POINTS: usize = 256;

/// The chance that a standard normal variable is at most `x`.
pub(super) fn below(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// Where a standard normal variable is at most with chance `p`.
///
/// # Source
/// Abramowitz and Stegun 26.2.23 to start, then Halley's steps on the distribution itself.
pub(super) fn quantile(p: f64) -> f64 {
    if p <= 0.0 {
        return -FAR;
    }
    if p >= 1.0 {
        return FAR;
    }
    let tail = p.min(1.0 - p);
    let t = (-2.0 * tail.ln()).sqrt();
    let start = t
        - (2.515_517 + t * (0.802_853 + t * 0.010_328))
            / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
    let mut x = -start;
    for _ in 0..3 {
        let density = (-0.5 * x * x).exp() / (2.0 * PI).sqrt();
        if density <= 0.0 {
            break;
        }
        let step = (below(x) - tail) / density;
        x -= step / (1.0 + 0.5 * x * step);
    }
    if p < 0.5 { x } else { -x }
}

/// The chance that two standard normal variables of correlation `rho` are at most `h` and `k`.
///
/// # Source
/// Drezner and Wesolowsky (1990) with Genz's angle, Numerical computation of rectangular bivariate and trivariate normal
/// probabilities, Statistics and Computing 14 (2004), equation 3, by Gauss and Legendre's rule of 32 nodes.
pub(super) fn both_below(h: f64, k: f64, rho: f64, rule: &[(f64, f64)]) -> f64 {
    let angle = rho.clamp(-1.0, 1.0).asin();
    let integrand = |at: f64| {
        let sine = (0.5 * angle * (1.0 + at)).sin();
        (-(h * h + k * k - 2.0 * h * k * sine) / (2.0 * (1.0 - sine * sine))).exp()
    };
    let sum: f64 = rule.iter().map(|&(at, weight)| weight * integrand(at)).sum();
    (below(h) * below(k) + 0.5 * angle * sum / (2.0 * PI)).clamp(0.0, 1.0)
}

/// Nodes and weights of Gauss and Legendre's rule on -1 to 1, by Newton's steps from Chebyshev's nodes.
pub(super) fn legendre(nodes: usize) -> Vec<(f64, f64)> {
    let n = nodes as f64;
    (0..nodes)
        .map(|node| {
            let mut x = (PI * (node as f64 + 0.75) / (n + 0.5)).cos();
            let mut slope = 1.0;
            for _ in 0..20 {
                let (mut before, mut value) = (1.0, x);
                for degree in 2..=nodes {
                    let d = degree as f64;
                    (before, value) = (value, ((2.0 * d - 1.0) * x * value - (d - 1.0) * before) / d);
                }
                slope = n * (x * value - before) / (x * x - 1.0);
                x -= value / slope;
            }
            (x, 2.0 / ((1.0 - x * x) * slope * slope))
        })
        .collect()
}

/// The lower triangle whose product with its transpose is the matrix; none if it is not positive definite.
pub(super) fn cholesky(matrix: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let size = matrix.len();
    let mut lower = vec![vec![0.0; size]; size];
    for row in 0..size {
        for column in 0..=row {
            let known: f64 = (0..column).map(|at| lower[row][at] * lower[column][at]).sum();
            let rest = matrix[row][column] - known;
            if row == column {
                if rest <= 1e-10 {
                    return None;
                }
                lower[row][row] = rest.sqrt();
            } else {
                lower[row][column] = rest / lower[column][column];
            }
        }
    }
    Some(lower)
}

/// The chance that correlated standard normal variables lie in a box.
///
/// # Source
/// Genz, Numerical computation of multivariate normal probabilities, Journal of Computational and Graphical
/// Statistics 1 (1992), section 4, on a Richtmyer lattice of 256 points (square roots of primes), each
/// with its mirror image. Relative error is of the order of 1 in 100.
pub(super) fn in_box(limits: &[(f64, f64)], lower: &[Vec<f64>]) -> f64 {
    let roots: Vec<f64> = primes(limits.len()).map(f64::sqrt).collect();
    let mut drawn = vec![0.0; limits.len()];
    let mut total = 0.0;
    for point in 1..=POINTS {
        for mirrored in [false, true] {
            let mut chance = 1.0;
            for (at, &(least, greatest)) in limits.iter().enumerate() {
                let mean: f64 =
                    lower[at][..at].iter().zip(&drawn).map(|(weight, value)| weight * value).sum();
                let (least, greatest) = ((least - mean) / lower[at][at], (greatest - mean) / lower[at][at]);
                let (from, to) = (below(least), below(greatest));
                chance *= (to - from).max(0.0);
                if chance <= 0.0 {
                    break;
                }
                let place = (point as f64 * roots[at]).fract();
                let place = if mirrored { 1.0 - place } else { place };
                drawn[at] = quantile(from + place * (to - from))
                    .clamp(least.max(-FAR), greatest.min(FAR).max(least.max(-FAR)));
            }
            total += chance;
        }
    }
    total / (2 * POINTS) as f64
}

fn primes(count: usize) -> impl Iterator<Item = f64> {
    let is_prime = |number: &u32| (2..*number).all(|divisor| !number.is_multiple_of(divisor));
    (2_u32..).filter(is_prime).map(f64::from).take(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_quantiles_and_quadrants() {
        // scipy norm.ppf; the quadrant by Sheppard: 1/4 + asin(rho) / (2 pi).
        for (p, x) in [(0.975, 1.959_963_984_540_054), (0.001, -3.090_232_306_167_813_6), (0.5, 0.0)] {
            assert!((quantile(p) - x).abs() < 1e-12, "{p}");
        }
        let rule = legendre(32);
        for rho in [-0.9_f64, -0.3, 0.0, 0.5, 0.8] {
            let expected = 0.25 + rho.asin() / (2.0 * PI);
            assert!((both_below(0.0, 0.0, rho, &rule) - expected).abs() < 1e-12, "{rho}");
        }
        // Three variables of correlation 1/2: an octant holds 1/4.
        let matrix: Vec<Vec<f64>> =
            (0..3).map(|row| (0..3).map(|column| if row == column { 1.0 } else { 0.5 }).collect()).collect();
        let octant = in_box(&[(-FAR, 0.0); 3], &cholesky(&matrix).unwrap());
        assert!((octant - 0.25).abs() < 2e-3, "{octant}");
        assert!(cholesky(&[vec![1.0, 2.0], vec![2.0, 1.0]]).is_none());
    }
}
