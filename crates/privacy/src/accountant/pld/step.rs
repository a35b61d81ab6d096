//! One mechanism's privacy loss, spread to the grid in the pessimistic way.
//!
//! A cell's mass p under P and q under Q goes to the cell's two ends so that both are kept. The curve of delta against e^epsilon then
//! joins the true curve's points by straight lines, which lie above it since it is convex (Doroshenko et al. 2022).

use super::grid::Grid;
use crate::accountant::rdp::SubsampledGaussian;

/// Which neighbour holds the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// P does: the mixture over its presence in the sample.
    Remove,
    /// Q does.
    Add,
}

/// A loss on the grid.
pub(super) struct Step {
    /// Mass under P by cell; see [`Grid::cell`].
    pub(super) mass: Vec<f64>,
    /// Mass of losses above the grid, taken as infinite.
    pub(super) infinite: f64,
    /// Mass of losses below the grid, raised to its lowest point.
    pub(super) raised: f64,
}

/// Masses of the mixture and of pure noise between neighbouring points of the grid, for both directions.
pub(super) struct Table {
    first: i64,
    /// (mixture, noise) where the loss of removal lies between points `first + index` and one more.
    between: Vec<(f64, f64)>,
    /// What lies below the first point and above the last.
    below: (f64, f64),
    above: (f64, f64),
}

impl Table {
    pub(super) fn new(step: SubsampledGaussian, grid: &Grid) -> Self {
        let (rate, sigma) = (step.sampling_rate(), step.noise_multiplier());
        let variance = sigma * sigma;
        // Where the loss of removal takes a value (Mironov, Talwar and Zhang 2019, section 3.1): it grows with the output.
        let output = |loss: f64| {
            let ratio = loss.exp_m1() + rate;
            if ratio > 0.0 { variance * (ratio / rate).ln() + 0.5 } else { f64::NEG_INFINITY }
        };
        let tails = |point: i64| Tails::at(output(point as f64 * grid.width()), rate, sigma);
        // Beyond 39 deviations no mass is left in a double.
        let loss = |output: f64| {
            let exponent = (2.0 * output - 1.0) / (2.0 * variance);
            if exponent > 650.0 { f64::INFINITY } else { (rate * exponent.exp_m1()).ln_1p() }
        };
        let reach = grid.reach();
        let points = |value: f64| (value / grid.width()).clamp(-(reach as f64), reach as f64);
        let first = points(loss(-39.0 * sigma)).floor() as i64;
        let last = points(loss(1.0 + 39.0 * sigma)).ceil() as i64;
        let mut left = tails(first);
        let (below, mut between) = (left.below(), Vec::with_capacity((last - first) as usize));
        for point in first + 1..=last {
            let right = tails(point);
            between.push(left.until(&right));
            left = right;
        }
        Self { first, between, below, above: left.above() }
    }

    pub(super) fn step(&self, direction: Direction, grid: &Grid) -> Step {
        let mut step = Step { mass: vec![0.0; grid.cells()], infinite: 0.0, raised: 0.0 };
        let scale = -(-grid.width()).exp_m1();
        for (index, &(mixture, noise)) in self.between.iter().enumerate() {
            let point = self.first + index as i64;
            // The loss of addition is that of removal with its sign turned.
            let (low, p, q) = match direction {
                Direction::Remove => (point, mixture, noise),
                Direction::Add => (-point - 1, noise, mixture),
            };
            let upper = ((p - q * (low as f64 * grid.width()).exp()) / scale).clamp(0.0, p);
            step.mass[grid.cell(low)] += p - upper;
            step.mass[grid.cell(low + 1)] += upper;
        }
        (step.infinite, step.raised) = match direction {
            Direction::Remove => (self.above.0, self.below.0),
            Direction::Add => (self.below.1, self.above.1),
        };
        let lowest = grid.cell(-grid.reach());
        step.mass[lowest] += step.raised;
        step
    }
}

/// The shares of mixture and noise on the shorter side of an output.
#[derive(Clone, Copy)]
struct Tails {
    upper: bool,
    mixture: f64,
    noise: f64,
}

impl Tails {
    fn at(output: f64, rate: f64, sigma: f64) -> Self {
        let upper = output > 0.5;
        let sign = if upper { 1.0 } else { -1.0 };
        let tail = |mean: f64| 0.5 * libm::erfc(sign * (output - mean) / sigma / std::f64::consts::SQRT_2);
        let noise = tail(0.0);
        Self { upper, mixture: (1.0 - rate) * noise + rate * tail(1.0), noise }
    }

    fn below(&self) -> (f64, f64) {
        if self.upper { (1.0 - self.mixture, 1.0 - self.noise) } else { (self.mixture, self.noise) }
    }

    fn above(&self) -> (f64, f64) {
        if self.upper { (self.mixture, self.noise) } else { (1.0 - self.mixture, 1.0 - self.noise) }
    }

    /// Masses between this output and a larger one.
    fn until(&self, right: &Self) -> (f64, f64) {
        let between = |left: f64, far: f64| match (self.upper, right.upper) {
            (false, false) => (far - left).max(0.0),
            (true, true) => (left - far).max(0.0),
            _ => (1.0 - left - far).max(0.0),
        };
        (between(self.mixture, right.mixture), between(self.noise, right.noise))
    }
}

/// The worst of the purely private mechanisms: the truth with chance e^epsilon / (1 + e^epsilon), else a lie.
///
/// # Source
/// Kairouz, Oh and Viswanath 2015, *The Composition Theorem for Differential Privacy*, theorem 2.
pub(super) fn randomised_response(epsilon: f64, grid: &Grid) -> Step {
    let mut step = Step { mass: vec![0.0; grid.cells()], infinite: 0.0, raised: 0.0 };
    let truth = 1.0 / (1.0 + (-epsilon).exp());
    let scale = -(-grid.width()).exp_m1();
    for (loss, chance) in [(epsilon, truth), (-epsilon, truth * (-epsilon).exp())] {
        let low = (loss / grid.width()).floor();
        let share = (-(low * grid.width() - loss).exp_m1() / scale).clamp(0.0, 1.0);
        step.mass[grid.cell(low as i64)] += chance * (1.0 - share);
        step.mass[grid.cell(low as i64 + 1)] += chance * share;
    }
    step
}
