//! What all entries cost together.
//!
//! Deltas of approximate entries are set aside first: such a mechanism is a pure one except with a chance of its delta (Kairouz, Oh and
//! Viswanath 2015, *The Composition Theorem for Differential Privacy*, theorem 3.2), so their sum comes off delta and the rest
//! composes as pure.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Adjacency, Claim, Cost};
use crate::accountant::pld::{COARSE, PrivacyLoss};
use crate::accountant::rdp::{SubsampledGaussian, default_orders, epsilon_at, loss_at, pure_divergence};
use crate::accountant::valley;
use crate::budget::{Delta, Epsilon, Rho};
use crate::rounding::up;

/// An upper bound on epsilon and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bound {
    /// Epsilon is at most this.
    pub epsilon: f64,
    /// By this accountant, the tighter of those that apply.
    pub by: BoundBy,
}

/// How a [`Bound`] was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoundBy {
    /// Nothing was spent.
    NothingSpent,
    /// The sum of pure epsilons.
    Sum,
    /// Rényi divergences.
    Renyi,
    /// Distributions of the privacy loss.
    LossDistribution,
    /// There is no bound: an access was not accounted, or delta is used up.
    None,
}

impl fmt::Display for BoundBy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NothingSpent => "nothing spent",
            Self::Sum => "sum of epsilons",
            Self::Renyi => "Rényi divergences",
            Self::LossDistribution => "privacy loss distributions",
            Self::None => "no accountant",
        })
    }
}

/// Costs, gathered by kind.
#[derive(Default)]
struct Sums {
    rho: f64,
    pure: Vec<Epsilon>,
    delta: f64,
    sampled: Vec<(SubsampledGaussian, u64)>,
    unaccounted: bool,
}

impl Sums {
    fn of<'a>(costs: impl Iterator<Item = &'a Cost>, adjacency: Adjacency) -> Self {
        let mut sums = Self::default();
        for cost in costs {
            match *cost {
                Cost::Zcdp { rho } => sums.rho = up(sums.rho + rho.get()),
                Cost::Pure { epsilon } => sums.pure.push(epsilon),
                Cost::Approximate { epsilon, delta } => {
                    sums.pure.push(epsilon);
                    sums.delta = up(sums.delta + delta.get());
                }
                // A file may hold what spending would have refused.
                Cost::SubsampledGaussian { step, .. }
                    if adjacency == Adjacency::ReplaceOne && step.sampling_rate() < 1.0 =>
                {
                    sums.unaccounted = true;
                }
                Cost::SubsampledGaussian { step, steps } if steps > 0 => sums.sampled.push((step, steps)),
                Cost::Declared | Cost::SubsampledGaussian { .. } => {}
                Cost::Unaccounted => sums.unaccounted = true,
            }
        }
        sums
    }

    fn is_nothing(&self) -> bool {
        self.rho == 0.0 && self.pure.is_empty() && self.sampled.is_empty()
    }

    fn loss(&self) -> PrivacyLoss {
        let pure = self.pure.iter().fold(PrivacyLoss::new(), |loss, &epsilon| loss.pure(epsilon));
        self.sampled.iter().fold(pure, |loss, &(step, steps)| loss.subsampled_gaussian(step, steps))
    }

    fn divergence(&self, order: f64) -> f64 {
        let pure: f64 = self.pure.iter().map(|epsilon| pure_divergence(order, epsilon.get())).sum();
        let sampled: f64 =
            self.sampled.iter().map(|(step, steps)| *steps as f64 * step.divergence(order)).sum();
        // The divergences' own relative error is below 1e-10; zCDP's is exact.
        self.rho * order + (pure + sampled) * (1.0 + 1e-10)
    }

    /// The least of `value` over the default orders, refined between the neighbours of the best.
    fn least(&self, value: impl Fn(f64) -> f64) -> f64 {
        let orders = default_orders();
        let (best, least) = orders
            .iter()
            .map(|&order| value(order))
            .enumerate()
            .fold((0, f64::INFINITY), |found, next| if next.1 < found.1 { next } else { found });
        let last = orders.len() - 1;
        // Sampled steps take a sum or an integral per order; refining gains them little.
        if !self.sampled.is_empty() || !least.is_finite() {
            return least;
        }
        let low = if best == 0 { 1.02 } else { orders[best - 1] };
        let high = if best == last { 1e7 } else { orders[best + 1] };
        let refined = valley((low - 1.0).ln(), (high - 1.0).ln(), |log| value(1.0 + log.exp())).1;
        least.min(refined)
    }
}

/// Upper bound on epsilon of all `costs` at `delta`; no tighter one is sought than `enough`.
pub(crate) fn total<'a>(
    costs: impl Iterator<Item = &'a Cost>,
    adjacency: Adjacency,
    delta: Delta,
    enough: f64,
) -> Bound {
    let sums = Sums::of(costs, adjacency);
    let none = Bound { epsilon: f64::INFINITY, by: BoundBy::None };
    if sums.unaccounted {
        return none;
    }
    if sums.is_nothing() {
        return Bound { epsilon: 0.0, by: BoundBy::NothingSpent };
    }
    let left = delta.get() - sums.delta;
    if left < 0.0 {
        return none;
    }
    let renyi = sums.least(|order| epsilon_at(order, sums.divergence(order), left));
    let mut bound = Bound { epsilon: renyi, by: BoundBy::Renyi };
    if sums.rho == 0.0 && sums.sampled.is_empty() {
        let sum = if sums.pure.len() == 1 {
            sums.pure[0].get()
        } else {
            sums.pure.iter().fold(0.0, |sum, epsilon| up(sum + epsilon.get()))
        };
        if sum <= bound.epsilon {
            bound = Bound { epsilon: sum, by: BoundBy::Sum };
        }
    }
    // Zero-concentrated mechanisms have no one loss distribution that is worst.
    if sums.rho == 0.0 && !sums.sampled.is_empty() && bound.epsilon > enough {
        let loss = sums.loss();
        let bounds = Delta::new(left).ok().and_then(|left| loss.on(COARSE, left).ok());
        if let Some(bounds) = bounds.filter(|bounds| bounds.upper < bound.epsilon) {
            bound = Bound { epsilon: bounds.upper, by: BoundBy::LossDistribution };
        }
    }
    if bound.epsilon.is_finite() { bound } else { none }
}

/// The most zCDP that can be added to `costs` within the claim.
pub(crate) fn room<'a>(costs: impl Iterator<Item = &'a Cost>, claim: Claim) -> Option<Rho> {
    let sums = Sums::of(costs, claim.adjacency);
    let left = claim.delta.get() - sums.delta;
    if sums.unaccounted || left <= 0.0 {
        return None;
    }
    let short = |order: f64| -(claim.epsilon.get() - loss_at(order, left) - sums.divergence(order)) / order;
    Rho::new(-sums.least(short) * (1.0 - 1e-9)).ok()
}
