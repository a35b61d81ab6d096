//! Zero-concentrated privacy to epsilon and delta, and back.
//!
//! # Source
//! Bun and Steinke 2016 (definition 1.1: the divergence of order a is at most rho a); converted by Canonne, Kamath and
//! Steinke 2020, proposition 12, minimised over the order, their corollary 13. Any order gives a sound bound, so the
//! search need not find the very least.

use super::rdp::{epsilon_at, loss_at};
use super::valley;
use crate::budget::{BudgetError, Delta, Epsilon, Rho};

// Orders above 1 are searched by the logarithm of what they exceed it by.
const LOW: f64 = -4.0;
const HIGH: f64 = 20.0;

/// Upper bound on epsilon at `delta` of a mechanism that is `rho`-zCDP; infinite when delta is 0.
pub fn zcdp_to_epsilon(rho: Rho, delta: Delta) -> f64 {
    let at = |log: f64| {
        let order = 1.0 + log.exp();
        epsilon_at(order, rho.get() * order, delta.get())
    };
    valley(LOW, HIGH, at).1
}

/// The most rho that is (epsilon, delta) private.
///
/// # Errors
/// [`BudgetError`] when there is none, as at delta 0.
pub fn zcdp_budget(epsilon: Epsilon, delta: Delta) -> Result<Rho, BudgetError> {
    let room = |log: f64| {
        let order = 1.0 + log.exp();
        -(epsilon.get() - loss_at(order, delta.get())) / order
    };
    let most = if delta.get() > 0.0 { -valley(LOW, HIGH, room).1 } else { 0.0 };
    // A thousandth of a millionth less, so that converting it back by another order's search stays within.
    Rho::new(most * (1.0 - 1e-9))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accountant::gaussian;

    #[test]
    fn law_the_budget_converts_back_to_its_epsilon() -> Result<(), BudgetError> {
        for epsilon in [0.01, 0.3, 1.0, 10.0] {
            for delta in [1e-9, 1e-5, 0.01] {
                let rho = zcdp_budget(Epsilon::new(epsilon)?, Delta::new(delta)?)?;
                let back = zcdp_to_epsilon(rho, Delta::new(delta)?);
                assert!(back <= epsilon && back > epsilon * (1.0 - 1e-6), "{epsilon} {delta}: {back}");
            }
        }
        assert!(zcdp_budget(Epsilon::new(1.0)?, Delta::new(0.0)?).is_err());
        assert!(zcdp_to_epsilon(Rho::new(1.0)?, Delta::new(0.0)?).is_infinite());
        Ok(())
    }

    #[test]
    fn law_the_bound_lies_above_the_exact_gaussian() -> Result<(), Box<dyn std::error::Error>> {
        for sigma in [0.5_f64, 1.0, 10.0] {
            let delta = Delta::new(1e-6)?;
            let bound = zcdp_to_epsilon(Rho::new(0.5 / (sigma * sigma))?, delta);
            let exact = gaussian::epsilon(1.0 / sigma, delta)?;
            assert!(bound >= exact && bound < 1.25 * exact, "{sigma}: {bound} {exact}");
        }
        Ok(())
    }
}
