//! Privacy loss distributions: composed on a grid, with an upper and a lower bound on epsilon.
//!
//! # Source
//! Sommer, Meiser and Mohammadi 2019, *Privacy Loss Classes*, theorem 1 (losses add up, delta is a mean over them);
//! Koskela, Jälkö and Honkela 2020, *Computing Tight Differential Privacy Guarantees Using FFT*; Doroshenko, Ghazi,
//! Kamath, Kumar and Manurangsi 2022, *Connect the Dots: Tighter Discrete Approximations of Privacy Loss Distributions*,
//! section 3 (the pessimistic grid); Zhu, Dong and Wang 2022, *Optimal Accounting of Differential Privacy via
//! Characteristic Function*, proposition 30 (the two directions of Poisson sampling dominate); the lower bound by
//! Hoeffding's inequality as in Gopi, Lee and Wutschitz 2021, *Numerical Composition of Differential Privacy*, theorem 5.5.

mod grid;
mod step;
mod transform;

use serde::{Deserialize, Serialize};

use self::grid::{Composed, Grid};
use self::step::Direction;
use super::AccountantError;
use super::rdp::{self, SubsampledGaussian, default_orders, pure_divergence};
use crate::budget::{Delta, Epsilon};
use crate::rounding::{down, up};

/// Cells of the grid that bounds are computed on.
const CELLS: usize = 1 << 19;
/// Cells of a grid that calibration and ledgers do with; the bound is a little looser.
pub(crate) const COARSE: usize = 1 << 18;
/// A loss so large that the grid would be too coarse to say anything.
const LARGEST_LOSS: f64 = 600.0;
/// Chance of a sum of losses to leave the grid.
const OUTSIDE: f64 = 1e-16;
const MOST_STEPS: u64 = 100_000_000;

/// Epsilon lies between these.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpsilonBounds {
    /// At least this: the least that any accountant may say.
    pub lower: f64,
    /// At most this: what may be claimed.
    pub upper: f64,
}

/// Mechanisms whose privacy losses add up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PrivacyLoss {
    sampled: Vec<(SubsampledGaussian, u64)>,
    pure: Vec<f64>,
    delta: f64,
}

impl PrivacyLoss {
    /// No mechanism yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds steps of a subsampled Gaussian.
    #[must_use]
    pub fn subsampled_gaussian(mut self, step: SubsampledGaussian, steps: u64) -> Self {
        if steps > 0 {
            self.sampled.push((step, steps));
        }
        self
    }

    /// Adds a purely private mechanism, as the worst of its kind: randomised response.
    #[must_use]
    pub fn pure(mut self, epsilon: Epsilon) -> Self {
        self.pure.push(epsilon.get());
        self
    }

    /// Adds an (epsilon, delta) mechanism, as the worst of its kind.
    #[must_use]
    pub fn approximate(mut self, epsilon: Epsilon, delta: Delta) -> Self {
        self.pure.push(epsilon.get());
        self.delta = up(self.delta + delta.get());
        self
    }

    /// Bounds on epsilon at `delta`.
    ///
    /// # Errors
    /// [`AccountantError`] for delta 0 or so small that the arithmetic cannot resolve it (about 1e-15 a step), more than 10^8
    /// steps, or losses beyond 600.
    ///
    /// # Limits
    /// The upper bound grants every source of error its worst: losses spread to the grid in the pessimistic way, what leaves
    /// the grid counted as lost, and rounding of the transform. The lower bound allows for how far the spread can move a
    /// sum, except with a thousandth of delta.
    pub fn epsilon(&self, delta: Delta) -> Result<EpsilonBounds, AccountantError> {
        self.on(CELLS, delta)
    }

    pub(crate) fn on(&self, cells: usize, delta: Delta) -> Result<EpsilonBounds, AccountantError> {
        let left = if self.delta > 0.0 { down(delta.get() - self.delta) } else { delta.get() };
        if left <= 0.0 {
            return Err(AccountantError {
                parameter: "delta",
                value: delta.get(),
                range: "above 0 and the sum of deltas",
            });
        }
        let steps = self.steps();
        if steps > MOST_STEPS {
            return Err(AccountantError {
                parameter: "number of steps",
                value: steps as f64,
                range: "at most 100000000",
            });
        }
        if steps == 0 {
            return Ok(EpsilonBounds { lower: 0.0, upper: 0.0 });
        }
        let grid = self.grid(cells, steps)?;
        let mut parts: Vec<([step::Step; 2], u64)> = self
            .sampled
            .iter()
            .map(|(step, count)| {
                let table = step::Table::new(*step, &grid);
                ([Direction::Remove, Direction::Add].map(|direction| table.step(direction, &grid)), *count)
            })
            .collect();
        parts.extend(self.pure.iter().map(|&epsilon| {
            ([epsilon, epsilon].map(|epsilon| step::randomised_response(epsilon, &grid)), 1)
        }));
        let mut bounds = EpsilonBounds { lower: 0.0, upper: 0.0 };
        for composed in Composed::both(&parts, &grid, OUTSIDE) {
            let upper = composed.upper(left).ok_or(AccountantError {
                parameter: "delta",
                value: delta.get(),
                range: "large enough to tell from rounding; about 1e-15 a step",
            })?;
            bounds.upper = bounds.upper.max(up(upper));
            bounds.lower = bounds.lower.max(down(composed.lower(left, steps)));
        }
        Ok(bounds)
    }

    fn steps(&self) -> u64 {
        self.sampled.iter().fold(self.pure.len() as u64, |sum, (_, steps)| sum.saturating_add(*steps))
    }

    fn divergence(&self, order: f64) -> f64 {
        let sampled: f64 =
            self.sampled.iter().map(|(step, steps)| *steps as f64 * step.divergence(order)).sum();
        sampled + self.pure.iter().map(|&epsilon| pure_divergence(order, epsilon)).sum::<f64>()
    }

    /// A grid that the sum of losses leaves with chance [`OUTSIDE`] at most, by Chernoff's bound.
    ///
    /// Under P, E e^((a-1) loss) = e^((a-1) D_a(P, Q)) bounds the upper end and E e^(-a loss) = e^((a-1) D_a(Q, P)) the
    /// lower. Spreading to the grid moves each step's exponent by a (a+1) width^2 / 8 at most, which the margin
    /// below holds for the widths in use.
    fn grid(&self, cells: usize, steps: u64) -> Result<Grid, AccountantError> {
        let unlikely = -OUTSIDE.ln();
        let (mut high, mut low) = (f64::INFINITY, f64::INFINITY);
        for order in default_orders().into_iter().step_by(3) {
            let divergence = self.divergence(order);
            // One more width per order squared over steps, taken for a window of its own size.
            let spread = |window: f64| {
                let width = 2.0 * window / cells as f64;
                steps as f64 * order * (order + 1.0) * width * width / 8.0
            };
            let above = divergence + unlikely / (order - 1.0);
            high = high.min(above + spread(above) / (order - 1.0));
            let below = ((order - 1.0) * divergence + unlikely) / order;
            low = low.min(below + spread(below.max(above)) / order);
        }
        // Symmetric, so that one table serves both directions.
        let half = high.max(low);
        if half > LARGEST_LOSS {
            return Err(AccountantError {
                parameter: "privacy loss",
                value: half,
                range: "at most 600 with all but negligible chance",
            });
        }
        Ok(Grid::new(2.0 * half, cells))
    }
}

/// The least noise multiplier, to about 1e-6 of itself and from above, whose upper bound is at most `target`.
///
/// # Errors
/// [`AccountantError`] for parameters out of range, or a target out of reach.
pub fn calibrate_noise(
    target: Epsilon,
    sampling_rate: f64,
    steps: u64,
    delta: Delta,
) -> Result<f64, AccountantError> {
    let excess = |multiplier: f64| -> Result<f64, AccountantError> {
        let step = SubsampledGaussian::new(sampling_rate, multiplier)?;
        let bounds = PrivacyLoss::new().subsampled_gaussian(step, steps).on(COARSE, delta);
        // Where losses are too large for the grid, noise is far too small.
        Ok(match bounds {
            Ok(bounds) => (bounds.upper / target.get()).max(1e-6).ln(),
            Err(error) if error.parameter == "privacy loss" => 10.0,
            Err(error) => return Err(error),
        })
    };
    // Divergences ask for more noise, or hardly less.
    let mut high = rdp::calibrate_noise(target, sampling_rate, steps, delta)?;
    let mut at_high = excess(high)?;
    while at_high > 0.0 {
        high *= 1.05;
        at_high = excess(high)?;
    }
    let mut low = high * 0.9;
    let mut at_low = excess(low.max(0.01))?;
    while at_low <= 0.0 {
        if low <= 0.01 {
            return Ok(0.01);
        }
        (high, at_high) = (low, at_low);
        low = (low * 0.9).max(0.01);
        at_low = excess(low)?;
    }
    // False position in the Illinois manner: the end that stays twice counts half.
    let (mut weight_low, mut weight_high) = (at_low, at_high);
    while high - low > 1e-6 * high && at_high < -1e-6 {
        let share = (weight_low / (weight_low - weight_high)).clamp(0.01, 0.99);
        let middle = low + share * (high - low);
        let at = excess(middle)?;
        if at <= 0.0 {
            (high, at_high, weight_high) = (middle, at, at);
            weight_low /= 2.0;
        } else {
            (low, weight_low) = (middle, at);
            weight_high /= 2.0;
        }
    }
    Ok(high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accountant::gaussian;

    #[test]
    fn ref_without_sampling_the_bounds_hold_the_exact_gaussian() -> Result<(), Box<dyn std::error::Error>> {
        for (sigma, steps) in [(2.0, 1), (5.0, 10), (50.0, 1000)] {
            for delta in [1e-4, 1e-7] {
                let delta = Delta::new(delta)?;
                let step = SubsampledGaussian::new(1.0, sigma)?;
                let bounds = PrivacyLoss::new().subsampled_gaussian(step, steps).on(COARSE, delta)?;
                let exact = gaussian::epsilon((steps as f64).sqrt() / sigma, delta)?;
                assert!(bounds.lower <= exact && exact <= bounds.upper, "{bounds:?} {exact}");
                assert!(bounds.upper - exact < 1e-4 && exact - bounds.lower < 0.01, "{bounds:?} {exact}");
            }
        }
        Ok(())
    }

    #[test]
    fn ref_randomised_response_composes_as_the_binomial() -> Result<(), Box<dyn std::error::Error>> {
        // Ten answers at epsilon 0.1: delta(e) = sum over k of Bin(k; 10, p) (1 - e^(e - (2k - 10) 0.1)) where positive.
        let (mechanisms, each) = (10, 0.1_f64);
        let truth = 1.0 / (1.0 + (-each).exp());
        let delta = |epsilon: f64| {
            let mut choose = 1.0;
            let mut sum = 0.0;
            for k in 0..=mechanisms {
                let chance = choose * truth.powi(k) * (1.0 - truth).powi(mechanisms - k);
                sum += chance * (1.0 - (epsilon - f64::from(2 * k - mechanisms) * each).exp()).max(0.0);
                choose *= f64::from(mechanisms - k) / f64::from(k + 1);
            }
            sum
        };
        let mut loss = PrivacyLoss::new();
        for _ in 0..mechanisms {
            loss = loss.pure(Epsilon::new(each)?);
        }
        for epsilon in [0.3, 0.55, 0.8] {
            let bounds = loss.on(COARSE, Delta::new(delta(epsilon))?)?;
            assert!(bounds.lower <= epsilon && epsilon <= bounds.upper, "{epsilon}: {bounds:?}");
            assert!(bounds.upper - bounds.lower < 1e-3, "{epsilon}: {bounds:?}");
        }
        Ok(())
    }

    #[test]
    fn law_what_cannot_be_told_is_refused() -> Result<(), Box<dyn std::error::Error>> {
        let step = SubsampledGaussian::new(0.01, 1.0)?;
        let loss = PrivacyLoss::new().subsampled_gaussian(step, 1000);
        assert!(loss.on(COARSE, Delta::new(0.0)?).is_err());
        assert!(loss.on(COARSE, Delta::new(1e-15)?).is_err());
        let loud = PrivacyLoss::new().subsampled_gaussian(SubsampledGaussian::new(1.0, 0.01)?, 1000);
        assert!(loud.on(COARSE, Delta::new(1e-5)?).is_err());
        Ok(())
    }
}
