//! The rewind: what happens between two weekly steps happens at its exact time.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    clippy::needless_pass_by_value,
    clippy::cloned_ref_to_slice_refs,
    reason = "a test may panic, and exact values are meant"
)]

mod common;

use common::{Run, delay, folder, initial, snomed, terminal, to};
use serde_json::json;
use twinloom_event::Timestamp;

const HOUR_MICROS: i64 = 3_600_000_000;

fn birth(run: &Run) -> Timestamp {
    run.timelines[0].birth().unwrap()
}

fn hours_after_birth(run: &Run, code: &str) -> Vec<f64> {
    run.events(code)
        .iter()
        .map(|event| (event.time().unwrap().micros() - birth(run).micros()) as f64 / HOUR_MICROS as f64)
        .collect()
}

/// A delay of ten days is noticed in the second week and acted on at the tenth day.
#[test]
fn ref_a_delay_that_ends_within_a_week_hands_over_at_its_end() {
    let folder = folder(&[(
        "m",
        json!({
            "Initial": initial("Wait"),
            "Wait": delay("Find", 10.0, "days"),
            "Find": to("Again", json!({ "type": "ConditionOnset", "codes": snomed("1") })),
            "Again": delay("Found", 30.0, "hours"),
            "Found": to("End", json!({ "type": "ConditionOnset", "codes": snomed("2") })),
            "End": terminal(),
        }),
    )]);
    let run = Run::of(&folder, 1);
    assert_eq!(hours_after_birth(&run, "SNOMED//1"), [240.0]);
    // 240 + 30 hours: still before the next step at 336 hours, so found by a second rewind.
    assert_eq!(hours_after_birth(&run, "SNOMED//2"), [270.0]);
    assert_eq!(run.visits("m", "Wait").duration_ms, 10 * 24 * 3_600_000);
}

/// Procedures with a duration wait like delays, so a chain of them runs on exact times too.
#[test]
fn ref_procedures_in_a_chain_follow_each_other_to_the_minute() {
    let procedure = |code: &str, target: &str| {
        to(
            target,
            json!({ "type": "Procedure", "codes": snomed(code), "duration": { "low": 20, "high": 20, "unit": "minutes" } }),
        )
    };
    let folder = folder(&[(
        "m",
        json!({
            "Initial": initial("Wait"),
            "Wait": delay("One", 3.0, "days"),
            "One": procedure("1", "Two"),
            "Two": procedure("2", "Three"),
            "Three": procedure("3", "End"),
            "End": terminal(),
        }),
    )]);
    let run = Run::of(&folder, 1);
    let starts: Vec<f64> =
        ["SNOMED//1", "SNOMED//2", "SNOMED//3"].map(|code| hours_after_birth(&run, code)[0]).to_vec();
    let expected = [72.0, 72.0 + 1.0 / 3.0, 72.0 + 2.0 / 3.0];
    assert!(
        starts.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-9),
        "{starts:?}"
    );
    let event = run.events("SNOMED//1")[0];
    assert_eq!(event.end_time().unwrap().micros() - event.time().unwrap().micros(), HOUR_MICROS / 3);
}

/// A submodule that ended within the week hands its exact end to its caller.
#[test]
fn ref_a_submodule_hands_its_end_to_its_caller() {
    let folder = folder(&[
        (
            "m",
            json!({
                "Initial": initial("Call"),
                "Call": to("After", json!({ "type": "CallSubmodule", "submodule": "sub/wait" })),
                "After": to("End", json!({ "type": "ConditionOnset", "codes": snomed("3") })),
                "End": terminal(),
            }),
        ),
        (
            "sub/wait",
            json!({ "Initial": initial("Wait"), "Wait": delay("Done", 5.0, "days"), "Done": terminal() }),
        ),
    ]);
    let run = Run::of(&folder, 1);
    assert_eq!(hours_after_birth(&run, "SNOMED//3"), [120.0]);
    assert_eq!(run.visits("m", "Call").duration_ms, 5 * 24 * 3_600_000);
}

/// After the rewind the module goes on at the present: a guard is asked at the delay's end and, still
/// closed, again at the step.
#[test]
fn ref_after_the_rewind_the_module_is_asked_again_at_the_present() {
    let folder = folder(&[(
        "m",
        json!({
            "Initial": initial("Wait"),
            "Wait": delay("Gate", 25.0, "days"),
            // True from the 30th day: not at day 25, where the delay ends, but at day 35, the fifth
            // step; that step is the second after the one at day 28 that ended the delay.
            "Gate": to("Through", json!({ "type": "Guard", "allow":
                { "condition_type": "Age", "operator": ">=", "quantity": 1, "unit": "months" } })),
            "Through": to("End", json!({ "type": "ConditionOnset", "codes": snomed("4") })),
            "End": terminal(),
        }),
    )]);
    let run = Run::of(&folder, 1);
    assert_eq!(hours_after_birth(&run, "SNOMED//4"), [35.0 * 24.0]);
}

/// Nobody acts after death, even inside the week of it.
#[test]
fn ref_the_dead_do_not_go_on() {
    let folder = folder(&[(
        "m",
        json!({
            "Initial": initial("Doom"),
            "Doom": to("Wait", json!({ "type": "Death", "codes": snomed("9"),
                "exact": { "quantity": 3, "unit": "days" } })),
            "Wait": delay("Late", 4.0, "days"),
            "Late": to("End", json!({ "type": "ConditionOnset", "codes": snomed("5") })),
            "End": terminal(),
        }),
    )]);
    let parameters = twinloom_gmf::Parameters::new(1, 7);
    let run = Run::with(&folder, parameters);
    assert!(run.events("SNOMED//5").is_empty());
    assert_eq!((run.summary.living, run.summary.given_up), (0, 1));
    let death = run.timelines[0].death().unwrap();
    assert_eq!(death.micros() - birth(&run).micros(), 72 * HOUR_MICROS);
}
