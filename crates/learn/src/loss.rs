//! Log loss, log odds and their inverse.

/// The probability of these log odds.
pub(crate) fn sigmoid(log_odds: f64) -> f64 {
    if log_odds >= 0.0 {
        1.0 / (1.0 + (-log_odds).exp())
    } else {
        let odds = log_odds.exp();
        odds / (1.0 + odds)
    }
}

/// The log odds of a probability strictly between 0 and 1.
pub(crate) fn logit(probability: f64) -> f64 {
    (probability / (1.0 - probability)).ln()
}

/// Mean negative log likelihood of the labels; probabilities are kept 1e-12 off 0 and 1.
pub(crate) fn log_loss(probabilities: &[f64], labels: &[bool]) -> f64 {
    let total: f64 = probabilities
        .iter()
        .zip(labels)
        .map(|(probability, label)| {
            let probability = probability.clamp(1e-12, 1.0 - 1e-12);
            if *label { -probability.ln() } else { -(-probability).ln_1p() }
        })
        .sum();
    total / labels.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ref_log_loss_of_a_coin_is_ln_two() {
        assert!((log_loss(&[0.5, 0.5], &[true, false]) - std::f64::consts::LN_2).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn law_logit_inverts_sigmoid(log_odds in -30.0_f64..30.0) {
            prop_assert!((logit(sigmoid(log_odds)) - log_odds).abs() < 1e-2);
            prop_assert!((sigmoid(log_odds) + sigmoid(-log_odds) - 1.0).abs() < 1e-12);
        }
    }
}
