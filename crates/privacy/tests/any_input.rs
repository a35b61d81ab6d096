//! No input panics, and what comes out is never NaN.

use proptest::prelude::*;
use twinloom_privacy::accountant::pld::PrivacyLoss;
use twinloom_privacy::accountant::rdp::{
    SubsampledGaussian, calibrate_noise, rdp_to_epsilon, subsampled_gaussian_epsilon,
};
use twinloom_privacy::accountant::{gaussian, zcdp};
use twinloom_privacy::{
    Certificate, Delta, Epsilon, GaussianMechanism, LaplaceMechanism, Ledger, NoiseSource, Rho,
    exponential_mechanism,
};

/// Numbers of every size and sign, and those that are none.
fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        -1e3..1e3_f64,
        0.0..1.0_f64,
        (-320.0..300.0_f64).prop_map(|power| 10_f64.powf(power))
    ]
}

/// Of the sizes that parameters have.
fn likely() -> impl Strategy<Value = f64> {
    prop_oneof![(-8.0..5.0_f64).prop_map(|power| 10_f64.powf(power)), any_number()]
}

proptest! {
    #[test]
    fn law_conversions_give_numbers(rho in likely(), epsilon in likely(), delta in likely(), mu in likely()) {
        if let (Ok(rho), Ok(delta)) = (Rho::new(rho), Delta::new(delta)) {
            prop_assert!(zcdp::zcdp_to_epsilon(rho, delta) >= 0.0);
        }
        if let (Ok(epsilon), Ok(delta)) = (Epsilon::new(epsilon), Delta::new(delta)) {
            if let Ok(rho) = zcdp::zcdp_budget(epsilon, delta) {
                prop_assert!(zcdp::zcdp_to_epsilon(rho, delta) <= epsilon.get() * (1.0 + 1e-9));
            }
            if let Ok(sigma) = gaussian::calibrate(epsilon, delta) {
                prop_assert!(gaussian::delta(1.0 / sigma, epsilon).is_ok_and(|found| found <= delta.get()));
            }
            let loss = PrivacyLoss::new().approximate(epsilon, delta).pure(epsilon);
            prop_assert_eq!(loss.clone(), loss);
        }
        if let Ok(delta) = Delta::new(delta)
            && let Ok(found) = gaussian::epsilon(mu, delta)
        {
            prop_assert!(found >= 0.0);
        }
        if let Ok(epsilon) = Epsilon::new(epsilon)
            && let Ok(found) = gaussian::delta(mu, epsilon)
        {
            prop_assert!((0.0..=1.0 + 1e-6).contains(&found), "{}", found);
        }
    }

    #[test]
    fn law_given_divergences_give_numbers(
        divergences in proptest::collection::vec((any_number(), any_number()), 0..4),
        delta in 0.0..1.0_f64,
    ) {
        prop_assert!(!rdp_to_epsilon(&divergences, Delta::new(delta)?).0.is_nan());
    }

    #[test]
    fn law_mechanisms_release_numbers(
        sensitivity in likely(),
        scale in likely(),
        values in proptest::collection::vec(any_number(), 0..4),
        epsilon in likely(),
    ) {
        let mut noise = NoiseSource::from_seed(1);
        if let Ok(mechanism) = GaussianMechanism::new(sensitivity, scale) {
            prop_assert!(mechanism.rho().map_or(0.0, Rho::get) >= 0.0);
            if let Ok(released) = mechanism.release(&values, &mut noise) {
                prop_assert!(released.iter().all(|value| !value.is_nan()));
            }
        }
        if let Ok(mechanism) = LaplaceMechanism::new(sensitivity, scale) {
            prop_assert!(mechanism.epsilon().map_or(0.0, Epsilon::get) >= 0.0);
            if let Ok(released) = mechanism.release(&values, &mut noise) {
                prop_assert!(released.iter().all(|value| !value.is_nan()));
            }
        }
        if let Ok(epsilon) = Epsilon::new(epsilon) {
            let chosen = exponential_mechanism(&values, sensitivity, epsilon, &mut noise);
            prop_assert!(chosen.is_err() || chosen.is_ok_and(|place| place < values.len()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn law_divergences_rise_with_the_order(
        rate in likely(),
        multiplier in prop_oneof![0.01..3.0_f64, likely()],
        order in prop_oneof![1.0..20.0_f64, likely()],
        steps: u64,
    ) {
        if let Ok(step) = SubsampledGaussian::new(rate, multiplier)
            && let Ok(found) = step.rdp(order)
        {
            prop_assert!(found >= 0.0 && found.is_finite());
            if let Ok(next) = step.rdp(order.ceil()) {
                prop_assert!(found <= next * (1.0 + 1e-9), "{} {}", found, next);
            }
            prop_assert!(!subsampled_gaussian_epsilon(step, steps, Delta::new(1e-5)?).is_nan());
        }
    }

    #[test]
    fn law_ledgers_of_any_numbers_are_read_or_refused(
        kind in 0_usize..7,
        epsilon in likely(),
        rest in likely(),
        count in 0_u64..1000,
    ) {
        prop_assume!(epsilon.is_finite() && rest.is_finite());
        let cost = match kind {
            0 => format!(r#"{{"kind": "zcdp", "rho": {rest:e}}}"#),
            1 => format!(r#"{{"kind": "pure", "epsilon": {rest:e}}}"#),
            2 => format!(r#"{{"kind": "approximate", "epsilon": {epsilon:e}, "delta": {rest:e}}}"#),
            3 => format!(r#"{{"kind": "distance", "total_variation": {rest:e}}}"#),
            4 => format!(r#"{{"kind": "approximate_zcdp", "rho": {epsilon:e}, "delta": {rest:e}}}"#),
            5 => r#"{"kind": "unaccounted"}"#.to_owned(),
            _ => format!(
                r#"{{"kind": "subsampled_gaussian", "sampling_rate": 1.0, "noise_multiplier": {rest:e}, "steps": {count}}}"#
            ),
        };
        let text = format!(
            r#"{{"claim": {{"epsilon": {epsilon:e}, "delta": 1e-6, "adjacency": "add_remove", "unit": "subject"}},
                "entries": [{{"purpose": "bounds", "cost": {cost}, "note": ""}}], "origin": "operating_system"}}"#
        );
        if let Ok(ledger) = serde_json::from_str::<Ledger>(&text) {
            prop_assert!(!ledger.total(ledger.claim().delta).epsilon.is_nan());
            prop_assert_eq!(ledger.certify().is_ok(), serde_json::from_str::<Certificate>(&text).is_ok());
            let _ = (ledger.remaining(), ledger.claim_sheet().to_string());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn law_loss_distributions_and_calibration_end(
        rate in 1e-6..1.0_f64,
        multiplier in 0.01..20.0_f64,
        steps in 0_u64..10_000,
        epsilon in 0.01..20.0_f64,
        delta in -12.0..-1.0_f64,
    ) {
        let (step, delta) = (SubsampledGaussian::new(rate, multiplier)?, Delta::new(10_f64.powf(delta))?);
        let loss = PrivacyLoss::new().subsampled_gaussian(step, steps).pure(Epsilon::new(epsilon)?);
        if let Ok(bounds) = loss.epsilon(delta) {
            prop_assert!(bounds.lower >= 0.0 && bounds.lower <= bounds.upper, "{:?}", bounds);
        }
        if let Ok(found) = calibrate_noise(Epsilon::new(epsilon)?, rate, steps, delta) {
            let back = subsampled_gaussian_epsilon(SubsampledGaussian::new(rate, found)?, steps, delta);
            prop_assert!(back <= epsilon, "{} {}", back, epsilon);
        }
    }
}
