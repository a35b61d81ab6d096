//! What all entries cost together.
//!
//! Deltas of approximate entries are set aside first: such a mechanism is a pure (or zero-concentrated) one except with a chance of its delta (Kairouz, Oh and
//! Viswanath 2015, *The Composition Theorem for Differential Privacy*, theorem 3.2), so their sum comes off delta and the rest
//! composes as pure. A distance eta of the noise drawn from the noise accounted takes (1 + e^epsilon) eta off delta.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Adjacency, Claim, Cost};
use crate::accountant::pld::{COARSE, PrivacyLoss};
use crate::accountant::rdp::{SubsampledGaussian, default_orders, epsilon_at, loss_at, pure_divergence};
use crate::accountant::valley;
use crate::budget::{Delta, Epsilon, Rho};
use crate::rounding::{down, up};

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
    distance: f64,
    sampled: Vec<(SubsampledGaussian, u64)>,
    unaccounted: bool,
}

impl Sums {
    fn of<'a>(costs: impl Iterator<Item = &'a Cost>, adjacency: Adjacency) -> Self {
        let mut sums = Self::default();
        for cost in costs {
            match *cost {
                Cost::Zcdp { rho } => sums.rho = up(sums.rho + rho.get()),
                Cost::ApproximateZcdp { rho, delta } => {
                    sums.rho = up(sums.rho + rho.get());
                    sums.delta = up(sums.delta + delta.get());
                }
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
                Cost::Distance { total_variation } => {
                    sums.distance = up(sums.distance + total_variation.get());
                }
                Cost::Unaccounted => sums.unaccounted = true,
            }
        }
        sums
    }

    fn is_nothing(&self) -> bool {
        self.rho == 0.0 && self.pure.is_empty() && self.sampled.is_empty()
    }

    /// What of `delta` is left for the rest, when epsilon will be at most `epsilon`.
    fn left(&self, delta: f64, epsilon: f64) -> f64 {
        let far = if self.distance > 0.0 { up(up(1.0 + up(epsilon.exp())) * self.distance) } else { 0.0 };
        let taken = up(self.delta + far);
        if taken > 0.0 { down(delta - taken) } else { delta }
    }

    fn renyi(&self, delta: f64) -> f64 {
        self.least(|order| epsilon_at(order, self.divergence(order), delta))
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
    claim: Claim,
    delta: Delta,
    enough: f64,
) -> Bound {
    let sums = Sums::of(costs, claim.adjacency);
    let none = Bound { epsilon: f64::INFINITY, by: BoundBy::None };
    if sums.unaccounted {
        return none;
    }
    if sums.distance == 0.0 {
        return bound(&sums, sums.left(delta.get(), 0.0), enough);
    }
    // What a distance takes depends on the epsilon that comes out. Supposing one and finding no more proves it: first the
    // claim's, then that of half of delta, which holds whenever the distance takes no more than the other half.
    let supposing = |most: f64| {
        let found = bound(&sums, sums.left(delta.get(), most), enough);
        (found.epsilon <= most).then_some(found)
    };
    supposing(claim.epsilon.get()).or_else(|| supposing(sums.renyi(delta.get() / 2.0))).unwrap_or(none)
}

/// Upper bound on epsilon when `left` of delta is not set aside.
fn bound(sums: &Sums, left: f64, enough: f64) -> Bound {
    let none = Bound { epsilon: f64::INFINITY, by: BoundBy::None };
    if left < 0.0 {
        return none;
    }
    if sums.is_nothing() {
        return Bound { epsilon: 0.0, by: BoundBy::NothingSpent };
    }
    let mut bound = Bound { epsilon: sums.renyi(left), by: BoundBy::Renyi };
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
    let left = sums.left(claim.delta.get(), claim.epsilon.get());
    if sums.unaccounted || left <= 0.0 {
        return None;
    }
    let short = |order: f64| -(claim.epsilon.get() - loss_at(order, left) - sums.divergence(order)) / order;
    Rho::new(-sums.least(short) * (1.0 - 1e-9)).ok()
}
