//! State types that act on the person and on time, each in a module of its own.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    clippy::needless_pass_by_value,
    clippy::cloned_ref_to_slice_refs,
    reason = "a test may panic, and exact values are meant"
)]

mod common;

use common::{Run, encounter, folder, initial, reached, run, snomed, terminal, to};
use serde_json::{Value as Json, json};
use twinloom_event::Attribute;

#[test]
fn regress_simple_and_set_attribute_in_all_its_forms() {
    let set = |attribute: &str, target: &str, rest: Json| {
        let mut state = to(target, json!({ "type": "SetAttribute", "attribute": attribute }));
        rest.as_object().unwrap().iter().for_each(|(key, value)| state[key] = value.clone());
        state
    };
    let is = |attribute: &str, operator: &str, value: Json| json!({ "condition_type": "Attribute", "attribute": attribute, "operator": operator, "value": value });
    let run = run(&[
        ("Start", to("B", json!({ "type": "Simple" }))),
        ("B", set("b", "C", json!({ "value": true }))),
        ("C", set("c", "D", json!({ "range": { "low": 2, "high": 3, "decimals": 1 } }))),
        ("D", set("d", "E", json!({ "distribution": { "kind": "EXACT", "parameters": { "value": 4.5 } } }))),
        ("E", set("e", "F", json!({ "value_attribute": "d" }))),
        (
            "F",
            set("f", "G", json!({ "value_code": { "system": "SNOMED-CT", "code": 7, "display": "seven" } })),
        ),
        ("G", set("b2", "H", json!({ "value": "text" }))),
        ("H", set("g", "I", json!({ "value": 1 }))),
        ("I", set("g", "Check", json!({}))),
        (
            "Check",
            json!({ "type": "Simple", "conditional_transition": [{
            "condition": { "condition_type": "And", "conditions": [
                is("b", "==", json!(true)), is("c", ">=", json!(2)), is("c", "<=", json!(3)),
                is("e", "==", json!(4.5)), is("f", "is not nil", Json::Null), is("b2", "==", json!("text")),
                is("g", "is nil", Json::Null) ] },
            "transition": "End" }, { "transition": "Wrong" }] }),
        ),
        ("Wrong", terminal()),
    ]);
    assert!(reached(&run));
}

#[test]
fn regress_counter_counts_up_and_down() {
    let count = |action: &str, amount: i32, target: &str| {
        to(target, json!({ "type": "Counter", "attribute": "n", "action": action, "amount": amount }))
    };
    let run = run(&[
        ("Start", count("increment", 5, "Down")),
        ("Down", count("decrement", 2, "Once")),
        ("Once", to("Check", json!({ "type": "Counter", "attribute": "n", "action": "increment" }))),
        (
            "Check",
            json!({ "type": "Simple", "conditional_transition": [
            { "condition": { "condition_type": "Attribute", "attribute": "n", "operator": "==", "value": 4 }, "transition": "End" },
            { "transition": "Wrong" }] }),
        ),
        ("Wrong", terminal()),
    ]);
    assert!(reached(&run));
}

#[test]
fn regress_guard_waits_until_its_condition_holds() {
    let run = run(&[(
        "Start",
        to(
            "End",
            json!({ "type": "Guard", "allow": { "condition_type": "Age", "operator": ">=", "quantity": 2, "unit": "years" } }),
        ),
    )]);
    let guard = run.visits("m", "Start");
    let days = guard.duration_ms as f64 / 86_400_000.0 / guard.to["End"] as f64;
    assert!((729.0..739.0).contains(&days), "{days}");
}

#[test]
fn regress_death_by_code_onset_and_attribute_at_once_or_later() {
    let run = run(&[
        (
            "Start",
            to(
                "Chance",
                json!({ "type": "ConditionOnset", "codes": snomed("1"), "assign_to_attribute": "why" }),
            ),
        ),
        (
            "Chance",
            json!({ "type": "Simple", "distributed_transition": [
            { "transition": "By Code", "distribution": 0.2 }, { "transition": "By Onset", "distribution": 0.2 },
            { "transition": "By Attribute", "distribution": 0.2 }, { "transition": "End", "distribution": 0.4 }] }),
        ),
        ("By Code", to("End", json!({ "type": "Death", "codes": snomed("2") }))),
        (
            "By Onset",
            to(
                "End",
                json!({ "type": "Death", "condition_onset": "Start", "exact": { "quantity": 1, "unit": "weeks" } }),
            ),
        ),
        (
            "By Attribute",
            to(
                "End",
                json!({ "type": "Death", "referenced_by_attribute": "why", "range": { "low": 1, "high": 2, "unit": "months" } }),
            ),
        ),
    ]);
    assert_eq!(run.summary.living, 5);
    let deaths = run.events("MEDS_DEATH");
    assert_eq!(deaths.len() as u64, run.summary.lifetimes - 5);
    assert!(deaths.iter().all(|death| matches!(
        death.attribute("cause").and_then(Attribute::as_text),
        Some("SNOMED//1" | "SNOMED//2")
    )));
}

#[test]
fn regress_submodules_share_the_encounter_but_not_the_history() {
    let caller = json!({
        "Initial": initial("Visit"), "Visit": encounter("Call"),
        "Call": to("Check", json!({ "type": "CallSubmodule", "submodule": "deep/sub" })),
        "Check": { "type": "Simple", "conditional_transition": [
            { "condition": { "condition_type": "PriorState", "name": "Inside" }, "transition": "Out" }, { "transition": "Wrong" }] },
        "Out": to("End", json!({ "type": "EncounterEnd" })), "End": terminal(), "Wrong": terminal(),
    });
    let sub = json!({
        "Initial": { "type": "Initial", "conditional_transition": [
            { "condition": { "condition_type": "PriorState", "name": "Visit" }, "transition": "Wrong" }, { "transition": "Inside" }] },
        "Inside": to("Done", json!({ "type": "ConditionOnset", "codes": snomed("1"), "target_encounter": "Visit" })),
        "Done": terminal(), "Wrong": terminal(),
    });
    let run = Run::of(&folder(&[("m", caller), ("deep/sub", sub)]), 3);
    assert_eq!((run.entered("m", "End"), run.entered("deep/sub", "Wrong")), (3, 0));
    assert!(run.events("SNOMED//1").iter().all(|event| event.encounter_id().is_some()));
}

#[test]
fn regress_remarks_numeric_codes_and_unused_fields_are_no_faults() {
    let run = run(&[(
        "Start",
        to(
            "End",
            json!({ "type": "ConditionOnset", "name": "Start", "remarks": "one text", "codes": [{ "system": "SNOMED-CT", "code": 44_054_006, "display": "number" }], "whatever": 3 }),
        ),
    )]);
    assert_eq!(run.events("SNOMED//44054006").len(), run.entered("m", "Start") as usize);
}
