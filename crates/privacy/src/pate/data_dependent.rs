//! What an answer costs at these very votes. **Not publishable**: such a figure tells of the data that it was made from.

use super::PateError;

/// At most the chance that noise of standard deviation `sigma` on each count makes another class than the first among the
/// largest win.
///
/// # Source
/// Papernot et al. 2018, proposition 7: half the sum over other classes of erfc(gap / (2 sigma)).
///
/// # Errors
/// [`PateError::Parameter`] for no class, or a sigma not above 0 and finite.
pub fn chance_of_another_label(votes: &[u32], sigma: f64) -> Result<f64, PateError> {
    if !(sigma > 0.0 && sigma.is_finite()) {
        return Err(PateError::Parameter { parameter: "sigma", value: sigma, range: "above 0 and finite" });
    }
    let Some(most) = votes.iter().copied().max() else {
        return Err(PateError::Parameter { parameter: "classes", value: 0.0, range: "at least 1" });
    };
    let winner = votes.iter().position(|&votes| votes == most);
    let others = votes.iter().enumerate().filter(|(class, _)| Some(*class) != winner);
    let chance: f64 =
        others.map(|(_, &votes)| 0.5 * libm::erfc(f64::from(most - votes) / (2.0 * sigma))).sum();
    // The grid that noise is drawn on, and the arithmetic here, stay below a thousandth of a millionth.
    Ok((chance * (1.0 + 1e-9)).min(1.0))
}

/// Rényi divergence of one answer at an order, at these votes, against any neighbour's.
///
/// To be looked at, never released: it is a function of private votes. The publishable figure is
/// [`Aggregation::rho`](super::Aggregation::rho); the paper's smoothed one (its section 4.3) is not offered here.
///
/// # Source
/// Papernot et al. 2018, theorem 6, with the orders of proposition 10: mu2 = sigma sqrt(-ln q), mu1 = mu2 + 1; where its
/// conditions do not hold, the order over sigma^2, which holds for any votes.
///
/// # Errors
/// [`PateError::Parameter`] for an order not above 1 and at most 1e5, or as [`chance_of_another_label`].
pub fn data_dependent_divergence_not_publishable(
    votes: &[u32],
    sigma: f64,
    order: f64,
) -> Result<f64, PateError> {
    if !(order > 1.0 && order <= 1e5) {
        let range = "above 1 and at most 100000";
        return Err(PateError::Parameter { parameter: "order", value: order, range });
    }
    let chance = chance_of_another_label(votes, sigma)?;
    let variance = sigma * sigma;
    let independent = order / variance;
    // Two orders at which the divergence is known, and what q and the orders must be to each other.
    let log_q = chance.ln();
    let second = sigma * (-log_q).sqrt();
    let first = second + 1.0;
    if !(second > 1.0 && first >= order && chance > 0.0) {
        // A chance too small for a double is no evidence of a smaller one than the least.
        return Ok(independent);
    }
    let (at_first, at_second) = (first / variance, second / variance);
    let limit =
        (second - 1.0) * at_second - second * ((first / (first - 1.0)).ln() + (second / (second - 1.0)).ln());
    if log_q > limit || log_q + at_second >= 0.0 {
        return Ok(independent);
    }
    let log_agree = (-chance).ln_1p();
    let log_a = log_agree - log_one_minus_exp((log_q + at_second) * (1.0 - 1.0 / second));
    let log_b = at_first - log_q / (first - 1.0);
    let (agree, differ) = (log_agree + (order - 1.0) * log_a, log_q + (order - 1.0) * log_b);
    let most = agree.max(differ);
    let log_sum = most + ((agree - most).exp() + (differ - most).exp()).ln();
    let dependent = log_sum / (order - 1.0) * (1.0 + 1e-10) + 1e-14;
    // A minimum with NaN is the other number.
    Ok(independent.min(dependent).max(0.0))
}

/// ln(1 - e^x) for x below 0.
fn log_one_minus_exp(x: f64) -> f64 {
    if x > -std::f64::consts::LN_2 { (-x.exp_m1()).ln() } else { (-x.exp()).ln_1p() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Chances that each class wins, by the rectangle rule over ten standard deviations.
    fn chances(votes: &[u32], sigma: f64) -> Vec<f64> {
        let below = |z: f64| 0.5 * libm::erfc(-z / std::f64::consts::SQRT_2);
        let step = sigma / 100.0;
        votes
            .iter()
            .enumerate()
            .map(|(class, &own)| {
                (-1000..=1000)
                    .map(|at| {
                        let x = f64::from(own) + f64::from(at) * step;
                        let density = (-0.5 * (f64::from(at) / 100.0).powi(2)).exp()
                            / (100.0 * (2.0 * std::f64::consts::PI).sqrt());
                        let others = votes.iter().enumerate().filter(|(other, _)| *other != class);
                        density
                            * others.map(|(_, &votes)| below((x - f64::from(votes)) / sigma)).product::<f64>()
                    })
                    .sum()
            })
            .collect()
    }

    fn divergence(ours: &[f64], theirs: &[f64], order: f64) -> f64 {
        let pairs = ours.iter().zip(theirs).filter(|(one, _)| **one > 0.0);
        let sum: f64 = pairs.map(|(one, other)| (order * one.ln() + (1.0 - order) * other.ln()).exp()).sum();
        sum.ln() / (order - 1.0)
    }

    #[test]
    fn ref_the_bound_lies_above_the_true_divergence_of_every_neighbour() {
        let mut tighter = 0;
        for votes in [[90_u32, 7, 3], [60, 30, 10], [40, 35, 25], [100, 0, 0]] {
            for sigma in [5.0, 10.0, 20.0] {
                let ours = chances(&votes, sigma);
                let chance = chance_of_another_label(&votes, sigma).unwrap();
                assert!(1.0 - ours[0] <= chance + 1e-9, "{votes:?} {sigma}: {chance}");
                for order in [1.5, 3.0, 8.0] {
                    let bound = data_dependent_divergence_not_publishable(&votes, sigma, order).unwrap();
                    tighter += usize::from(bound < 0.5 * order / (sigma * sigma));
                    for (from, to) in [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0)] {
                        let mut other = votes;
                        if other[from] == 0 {
                            continue;
                        }
                        other[from] -= 1;
                        other[to] += 1;
                        let found = divergence(&ours, &chances(&other, sigma), order);
                        assert!(found <= bound + 1e-9, "{votes:?} {sigma} {order}: {found} {bound}");
                    }
                }
            }
        }
        // Where teachers agree it is far below the bound that holds for any votes.
        assert!(tighter >= 6, "{tighter}");
    }

    #[test]
    fn law_agreement_costs_less_than_any_votes_may() {
        // 250 teachers, 220 of one mind, sigma 40: the kind of vote that section 5 of the paper reports.
        let found = data_dependent_divergence_not_publishable(&[220, 20, 10], 20.0, 10.0).unwrap();
        assert!(found < 1e-3 * 10.0 / 400.0, "{found}");
        let even = data_dependent_divergence_not_publishable(&[100, 100], 20.0, 10.0).unwrap();
        assert!((even - 10.0 / 400.0).abs() < 1e-15, "{even}");
    }

    proptest! {
        #[test]
        fn law_never_above_the_independent_bound_and_never_nan(
            votes in proptest::collection::vec(any::<u32>(), 0..5),
            sigma: f64,
            order: f64,
        ) {
            if let Ok(found) = data_dependent_divergence_not_publishable(&votes, sigma, order) {
                prop_assert!(found >= 0.0 && found <= order / (sigma * sigma), "{}", found);
            }
            let plain = data_dependent_divergence_not_publishable(&votes, 30.0, 2.0 + order.abs().min(50.0));
            if let Ok(found) = plain {
                prop_assert!(found >= 0.0 && found.is_finite());
            }
        }
    }
}
