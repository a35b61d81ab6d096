//! The ledger refuses what overspends, and certifies nothing that went past it.

use proptest::prelude::*;
use twinloom_privacy::{
    Access, Adjacency, BoundBy, Certificate, Claim, Delta, Epsilon, Ledger, LedgerError, NoiseSource,
    PrivacyUnit, Rho,
};

fn claim(epsilon: f64, delta: f64) -> Claim {
    Claim {
        epsilon: Epsilon::new(epsilon).expect("in range"),
        delta: Delta::new(delta).expect("in range"),
        adjacency: Adjacency::AddRemove,
        unit: PrivacyUnit::Subject,
    }
}

fn private() -> NoiseSource {
    NoiseSource::from_entropy().expect("the system has entropy")
}

#[test]
fn law_an_overspend_is_refused_and_not_entered() {
    let mut ledger = Ledger::new(claim(1.0, 1e-5));
    ledger.spend_pure(Access::Bounds, Epsilon::new(0.7).unwrap(), "bounds of age").unwrap();
    let before = ledger.clone();
    let refused = ledger.spend_pure(Access::Binning, Epsilon::new(0.4).unwrap(), "bins of age");
    assert!(matches!(refused, Err(LedgerError::Overspend { .. })), "{refused:?}");
    assert_eq!(ledger, before);
    assert!(ledger.spend_subsampled_gaussian(Access::Training, 0.01, 1.0, 1000, "").is_err());
    ledger.spend_pure(Access::Binning, Epsilon::new(0.29).unwrap(), "bins of age").unwrap();
    assert!(ledger.total(ledger.claim().delta).epsilon <= 1.0);
}

#[test]
fn law_an_unaccounted_access_makes_a_certificate_impossible() {
    let mut ledger = Ledger::new(claim(1.0, 1e-5));
    ledger.spend_zcdp(Access::Marginals, Rho::new(0.001).unwrap(), "counts").unwrap();
    assert_eq!(ledger.certify(), Err(LedgerError::NoNoise));
    ledger.draws_from(&private());
    assert!(ledger.certify().is_ok());
    ledger.touch_unaccounted(Access::EarlyStopping, "loss on the training rows");
    assert!(matches!(ledger.certify(), Err(LedgerError::Unaccounted { count: 1, .. })));
    assert!(ledger.total(ledger.claim().delta).epsilon.is_infinite());
    let sheet = ledger.claim_sheet();
    assert!(!sheet.holds && sheet.upper_bound.is_none());
    let printed = sheet.to_string();
    assert!(printed.contains("does NOT hold") && printed.contains("loss on the training rows"), "{printed}");
}

#[test]
fn law_noise_from_a_seed_is_never_certified() {
    let mut ledger = Ledger::new(claim(1.0, 1e-5));
    ledger.spend_zcdp(Access::Marginals, Rho::new(0.001).unwrap(), "counts").unwrap();
    ledger.draws_from(&NoiseSource::from_seed(1));
    ledger.draws_from(&private());
    assert_eq!(ledger.certify(), Err(LedgerError::SeededNoise));
}

#[test]
fn law_a_certificate_read_from_a_file_is_checked_again() {
    let mut ledger = Ledger::new(claim(1.0, 1e-5));
    ledger.spend_subsampled_gaussian(Access::Training, 0.01, 1.6, 1000, "an autoencoder").unwrap();
    ledger.declare(Access::Bounds, "age 0 to 120");
    ledger.draws_from(&private());
    let certificate = ledger.certify().unwrap();
    let written = serde_json::to_string(&certificate).unwrap();
    assert_eq!(serde_json::from_str::<Certificate>(&written).unwrap(), certificate);
    let forged = written.replace("\"epsilon\":1.0", "\"epsilon\":0.5");
    assert_ne!(forged, written);
    assert!(serde_json::from_str::<Certificate>(&forged).is_err());
}

#[test]
fn law_sampling_is_refused_where_a_unit_is_replaced() {
    let mut ledger = Ledger::new(Claim { adjacency: Adjacency::ReplaceOne, ..claim(100.0, 1e-5) });
    let refused = ledger.spend_subsampled_gaussian(Access::Training, 0.01, 1.0, 10, "");
    assert_eq!(refused, Err(LedgerError::Sampling));
}

#[test]
fn law_all_of_the_remaining_rho_can_be_spent() {
    for epsilon in [0.1, 1.0, 8.0] {
        let mut ledger = Ledger::new(claim(epsilon, 1e-6));
        ledger.spend_pure(Access::Bounds, Epsilon::new(epsilon / 10.0).unwrap(), "bounds").unwrap();
        let rho = ledger.remaining().rho.unwrap();
        ledger.spend_zcdp(Access::Marginals, rho, "all that is left").unwrap();
        let spent = ledger.remaining().spent;
        assert!(spent <= epsilon && spent > epsilon * (1.0 - 1e-4), "{epsilon}: {spent}");
    }
}

#[test]
fn law_pure_entries_alone_add_up_at_delta_nought() {
    let mut ledger = Ledger::new(claim(1.0, 0.0));
    ledger.spend_pure(Access::Bounds, Epsilon::new(0.5).unwrap(), "").unwrap();
    assert!(ledger.spend_zcdp(Access::Marginals, Rho::new(1e-9).unwrap(), "").is_err());
    let bound = ledger.total(Delta::new(0.0).unwrap());
    assert_eq!((bound.epsilon, bound.by), (0.5, BoundBy::Sum));
    assert_eq!(ledger.remaining().rho, None);
}

#[test]
fn law_deltas_of_entries_come_off_the_claims() {
    let mut ledger = Ledger::new(claim(2.0, 1e-5));
    let (epsilon, delta) = (Epsilon::new(0.1).unwrap(), Delta::new(6e-6).unwrap());
    ledger.spend_approximate(Access::Bounds, epsilon, delta, "").unwrap();
    assert!(ledger.spend_approximate(Access::Bounds, epsilon, delta, "").is_err());
}

#[test]
fn law_a_distance_takes_its_share_of_delta_on_both_sides() {
    // (1 + e^0.5) 3.775e-6 is 1e-5.
    let mut ledger = Ledger::new(claim(0.5, 1e-5));
    ledger.spend_pure(Access::Bounds, Epsilon::new(0.5).unwrap(), "").unwrap();
    ledger.allow_distance(Access::Training, Delta::new(3.774e-6).unwrap(), "").unwrap();
    assert!(ledger.allow_distance(Access::Training, Delta::new(2e-9).unwrap(), "").is_err());
    assert!((ledger.total(ledger.claim().delta).epsilon - 0.5).abs() < 1e-15);
    assert!(ledger.total(Delta::new(9.99e-6).unwrap()).epsilon.is_infinite());
    ledger.draws_from(&private());
    assert!(ledger.certify().is_ok());
    assert!(ledger.claim_sheet().to_string().contains("total variation 3.774e-6"));
    let text = serde_json::to_string(&ledger).unwrap();
    assert_eq!(serde_json::from_str::<Ledger>(&text).unwrap(), ledger);
}

#[test]
fn law_approximate_concentrated_entries_cost_rho_at_a_smaller_delta() {
    let (rho, delta) = (Rho::new(0.01).unwrap(), Delta::new(4e-6).unwrap());
    let mut ledger = Ledger::new(claim(1.0, 1e-5));
    ledger.spend_approximate_zcdp(Access::Categories, rho, delta, "").unwrap();
    let mut plain = Ledger::new(claim(1.0, 1e-5));
    plain.spend_zcdp(Access::Categories, rho, "").unwrap();
    let expected = plain.total(Delta::new(6e-6).unwrap()).epsilon;
    let found = ledger.total(ledger.claim().delta).epsilon;
    assert!((found / expected - 1.0).abs() < 1e-9, "{found} {expected}");
    ledger.spend_approximate_zcdp(Access::Categories, rho, delta, "").unwrap();
    assert!(ledger.spend_approximate_zcdp(Access::Categories, rho, delta, "").is_err());
}

#[test]
fn law_a_distance_makes_a_claim_dearer_and_leaves_less() {
    let (rho, far) = (Rho::new(0.01).unwrap(), Delta::new(1e-6).unwrap());
    let mut ledger = Ledger::new(claim(1.0, 1e-5));
    ledger.spend_zcdp(Access::Marginals, rho, "").unwrap();
    let (before, room) = (ledger.total(ledger.claim().delta).epsilon, ledger.remaining().rho.unwrap());
    ledger.allow_distance(Access::Marginals, far, "").unwrap();
    let after = ledger.total(ledger.claim().delta).epsilon;
    // With (1 + e) 1e-6 set aside, and epsilon at most 1.
    let mut plain = Ledger::new(claim(1.0, 1e-5));
    plain.spend_zcdp(Access::Marginals, rho, "").unwrap();
    let expected = plain.total(Delta::new(1e-5 - 3.718_281_828e-6).unwrap()).epsilon;
    assert!(after > before && (after / expected - 1.0).abs() < 1e-9, "{before} {after} {expected}");
    let rest = ledger.remaining().rho.unwrap();
    assert!(rest < room);
    ledger.spend_zcdp(Access::Marginals, rest, "").unwrap();
    assert!(ledger.total(ledger.claim().delta).epsilon <= 1.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn law_the_total_never_falls_and_never_is_nan(
        costs in proptest::collection::vec((0_u8..3, 1e-6_f64..3.0), 1..6),
    ) {
        let mut ledger = Ledger::new(claim(1e6, 1e-5));
        let mut last = 0.0;
        for (kind, size) in costs {
            let entered = match kind {
                0 => ledger.spend_zcdp(Access::Marginals, Rho::new(size).unwrap(), ""),
                1 => ledger.spend_pure(Access::Bounds, Epsilon::new(size).unwrap(), ""),
                _ => ledger.spend_subsampled_gaussian(Access::Training, 0.01, 0.5 + size, 3, ""),
            };
            prop_assert!(entered.is_ok());
            let total = ledger.total(Delta::new(1e-5).unwrap()).epsilon;
            // Another accountant, or another grid, may be tighter by parts of a thousand.
            prop_assert!(total >= last * (1.0 - 2e-3) - 1e-4, "{} after {}", total, last);
            prop_assert!(ledger.total(Delta::new(1e-7).unwrap()).epsilon >= total * (1.0 - 1e-6));
            last = total;
        }
    }
}

#[test]
fn law_loss_distributions_admit_what_divergences_would_not() {
    // Epsilon is 2.101 by divergences and 1.829 by loss distributions.
    let mut ledger = Ledger::new(claim(1.9, 1e-5));
    ledger.spend_subsampled_gaussian(Access::Training, 0.01, 1.0, 1000, "").unwrap();
    let bound = ledger.total(ledger.claim().delta);
    assert_eq!(bound.by, BoundBy::LossDistribution);
    assert!((bound.epsilon - 1.829).abs() < 1e-3, "{bound:?}");
}
