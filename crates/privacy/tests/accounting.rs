//! Accountants against dp-accounting 0.6.0, prv-accountant 0.2.0 and Opacus 1.6.0.

use std::fs;

use serde_json::Value;
use twinloom_privacy::accountant::pld::{self, PrivacyLoss};
use twinloom_privacy::accountant::rdp::{SubsampledGaussian, rdp_to_epsilon};
use twinloom_privacy::accountant::{gaussian, rdp};
use twinloom_privacy::{Delta, Epsilon};

fn vectors() -> Option<Value> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/reference/vectors/dp_accounting.json");
    let Ok(text) = fs::read_to_string(file) else {
        eprintln!("skipped: {file} is not there");
        return None;
    };
    Some(serde_json::from_str(&text).expect("the vectors are JSON"))
}

fn rows<'a>(of: &'a Value, pointer: &str) -> &'a [Value] {
    of.pointer(pointer).and_then(Value::as_array).expect("the list is there")
}

fn number(row: &Value, key: &str) -> f64 {
    row[key].as_f64().expect("the number is there")
}

fn numbers(row: &Value, key: &str) -> Vec<Option<f64>> {
    rows(row, &format!("/{key}")).iter().map(Value::as_f64).collect()
}

fn delta(row: &Value) -> Delta {
    Delta::new(number(row, "delta")).expect("the vectors are in range")
}

fn step(row: &Value) -> SubsampledGaussian {
    SubsampledGaussian::new(number(row, "q"), number(row, "sigma")).expect("the vectors are in range")
}

/// Epsilon and the order that gave it.
fn epsilon_over(orders: &[f64], row: &Value, step: SubsampledGaussian) -> (f64, f64) {
    let steps = number(row, "steps");
    let divergences: Vec<(f64, f64)> = orders
        .iter()
        .map(|&order| (order, steps * step.rdp(order).expect("the orders are in range")))
        .collect();
    rdp_to_epsilon(&divergences, delta(row))
}

#[test]
fn ref_divergences_against_dp_accounting() {
    let Some(vectors) = vectors() else { return };
    let (mut whole, mut between, mut skipped) = (0, 0, 0);
    for row in rows(&vectors, "/rdp_per_step") {
        for (order, expected) in numbers(row, "orders").into_iter().zip(numbers(row, "rdp")) {
            let order = order.unwrap();
            let found = step(row).rdp(order).unwrap();
            assert!(found.is_finite() && found > 0.0);
            // They take ln A of an A near 1, and so keep some units of its last place in ln A.
            let lost = 2e-15 / (order - 1.0);
            match expected {
                // Their series does not converge there, and they say so by null.
                None => skipped += 1,
                Some(expected) if order.fract() == 0.0 => {
                    whole += 1;
                    let tolerance = (1e-9 * expected).max(lost);
                    assert!((found - expected).abs() < tolerance, "{row} {order}: {found} {expected}");
                }
                // Between whole orders they stop their series early, on the high side: a tenth too high at rate 0.001 and sigma
                // 0.6, and at rate 0.2 and sigma 4 more at order 1.1 than at 2, which no divergence can be. An integral in 40
                // digits confirms ours (the next test).
                Some(expected) => {
                    between += 1;
                    let limit = expected * (1.0 + 1e-9) + lost;
                    assert!(found <= limit, "{row} {order}: {found} {expected}");
                }
            }
        }
    }
    assert_eq!((whole, between, skipped), (168, 112, 8));
}

#[test]
fn ref_divergences_between_whole_orders_against_an_integral_in_40_digits() {
    let table: Value = serde_json::from_str(include_str!("reference/renyi.json")).unwrap();
    for row in rows(&table, "/rows") {
        let (found, expected) = (step(row).rdp(number(row, "order")).unwrap(), number(row, "rdp"));
        assert!((found / expected - 1.0).abs() < 1e-9, "{row}: {found}");
    }
}

#[test]
fn ref_epsilon_by_divergences_against_dp_accounting_and_opacus() {
    let Some(vectors) = vectors() else { return };
    let orders: Vec<f64> = numbers(&vectors, "rdp_orders").into_iter().flatten().collect();
    let listed = rows(&vectors, "/eps_grid").iter().map(|row| (row, "rdp_eps"));
    for (row, key) in listed.chain(rows(&vectors, "/opacus/eps").iter().map(|row| (row, "opacus_rdp"))) {
        let ((found, order), expected) = (epsilon_over(&orders, row, step(row)), number(row, key));
        // Between whole orders they stop their series early (see above) or drop the order: theirs is the larger then.
        assert!(found < expected + 1e-6, "{row}: {found} at {order}");
        if order.fract() == 0.0 {
            assert!((found - expected).abs() < 1e-6, "{row}: {found} at {order}");
        }
        if let Some(theirs) = row["rdp_order"].as_f64().filter(|order| order.fract() == 0.0) {
            let there = epsilon_over(&[theirs], row, step(row)).0;
            assert!((there - expected).abs() < 1e-6, "{row}: {there} at {theirs}");
        }
        if let Some(lower) = row["prv_eps_lower"].as_f64() {
            assert!(found >= lower, "{row}: {found}");
        }
    }
}

#[test]
fn ref_exact_gaussian_against_balle_and_wang() {
    let Some(vectors) = vectors() else { return };
    for row in rows(&vectors, "/gaussian_exact/rows") {
        let found = gaussian::epsilon(number(row, "mu"), delta(row)).unwrap();
        assert!((found - number(row, "eps")).abs() < 1e-6, "{row}: {found}");
    }
}

#[test]
fn ref_central_limit_estimate_lies_below_every_bound() {
    let Some(vectors) = vectors() else { return };
    for row in rows(&vectors, "/gdp_clt/rows") {
        let found = gaussian::gdp_clt_estimate_not_a_bound(
            number(row, "q"),
            number(row, "sigma"),
            number(row, "steps") as u64,
            delta(row),
        );
        assert!((found.unwrap() - number(row, "eps")).abs() < 1e-6, "{row}: {found:?}");
    }
}

#[test]
fn ref_calibration_by_divergences_against_opacus() {
    let Some(vectors) = vectors() else { return };
    for row in rows(&vectors, "/opacus/calibration") {
        let (rate, steps) = (number(row, "q"), number(row, "steps") as u64);
        let target = Epsilon::new(number(row, "target_eps")).unwrap();
        let found = rdp::calibrate_noise(target, rate, steps, delta(row)).unwrap();
        let expected = number(row, "opacus_get_noise_multiplier_rdp");
        // Opacus stops its search within 0.01 of the target epsilon, and searches fewer orders.
        assert!(found < expected * 1.001 && found > expected * 0.99, "{row}: {found}");
        let back = rdp::subsampled_gaussian_epsilon(
            SubsampledGaussian::new(rate, found).unwrap(),
            steps,
            delta(row),
        );
        assert!(back <= target.get() && target.get() - back < 1e-4, "{row}: {back}");
    }
}

fn loss(row: &Value) -> PrivacyLoss {
    PrivacyLoss::new().subsampled_gaussian(step(row), number(row, "steps") as u64)
}

#[test]
fn ref_loss_distributions_against_dp_accounting() {
    let Some(vectors) = vectors() else { return };
    for row in rows(&vectors, "/pld") {
        let bounds = loss(row).epsilon(delta(row)).unwrap();
        let expected = number(row, "pld_eps");
        // Their grid is coarser at small rates, and their figure up to 0.006 above; prv-accountant's estimate is ours there.
        assert!(bounds.upper < expected + 1e-3 && bounds.upper > expected - 1e-2, "{row}: {bounds:?}");
        assert!(bounds.lower <= expected && bounds.upper - bounds.lower < 0.01, "{row}: {bounds:?}");
    }
}

#[test]
fn ref_loss_distributions_lie_in_the_bracket_of_prv_accountant() {
    let Some(vectors) = vectors() else { return };
    // One in eleven of its 128 rows; between them they have every rate, multiplier, number of steps and delta.
    for row in rows(&vectors, "/eps_grid").iter().step_by(11) {
        let bounds = loss(row).epsilon(delta(row)).unwrap();
        let (low, high) = (number(row, "prv_eps_lower"), number(row, "prv_eps_upper"));
        assert!((low..=high).contains(&bounds.upper), "{row}: {bounds:?}");
        assert!(bounds.lower <= high && bounds.lower <= bounds.upper, "{row}: {bounds:?}");
        assert!(bounds.upper <= number(row, "rdp_eps"), "{row}: {bounds:?}");
    }
}

#[test]
fn ref_calibration_by_loss_distributions_against_prv_accountant() {
    let Some(vectors) = vectors() else { return };
    for row in rows(&vectors, "/opacus/calibration").iter().step_by(6) {
        let (rate, steps) = (number(row, "q"), number(row, "steps") as u64);
        let target = Epsilon::new(number(row, "target_eps")).unwrap();
        let found = pld::calibrate_noise(target, rate, steps, delta(row)).unwrap();
        // Opacus asks for what its own upper end, 0.01 and more above the figure, keeps within the target.
        let expected = number(row, "opacus_get_noise_multiplier_prv");
        assert!(found <= expected && found > 0.98 * expected, "{row}: {found}");
        let back = PrivacyLoss::new()
            .subsampled_gaussian(SubsampledGaussian::new(rate, found).unwrap(), steps)
            .epsilon(delta(row))
            .unwrap();
        assert!((back.upper - target.get()).abs() < 1e-4, "{row}: {back:?}");
    }
}
