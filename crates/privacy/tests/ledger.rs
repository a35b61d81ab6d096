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
