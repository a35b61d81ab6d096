//! Laws: only modules that can move run, and nobody can tell; threads and company change nothing.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    clippy::needless_pass_by_value,
    clippy::cloned_ref_to_slice_refs,
    reason = "a test may panic, and exact values are meant"
)]

mod common;

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use common::{Run, delay, folder, initial, snomed, terminal, to};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use twinloom_event::Timeline;
use twinloom_gmf::{Library, Parameters, Summary, simulate};

/// Modules that wait for everything there is to wait for, and for each other.
fn company() -> Vec<(&'static str, Json)> {
    let guard = |target: &str, allow: Json| to(target, json!({ "type": "Guard", "allow": allow }));
    let set = |attribute: &str, value: Json, target: &str| {
        to(target, json!({ "type": "SetAttribute", "attribute": attribute, "value": value }))
    };
    let is = |attribute: &str, value: Json| json!({ "condition_type": "Attribute", "attribute": attribute, "operator": "==", "value": value });
    let age = |operator: &str, quantity: f64| json!({ "condition_type": "Age", "operator": operator, "quantity": quantity, "unit": "years" });
    let visit = |target: &str| {
        to(
            target,
            json!({ "type": "Encounter", "encounter_class": "inpatient", "codes": snomed("100"), "reason": "" }),
        )
    };
    let out = |target: &str| to(target, json!({ "type": "EncounterEnd" }));
    let wait = |target: &str, low: u32, high: u32, unit: &str| {
        to(target, json!({ "type": "Delay", "range": { "low": low, "high": high, "unit": unit } }))
    };
    vec![
        (
            "a_fever",
            json!({
                "Initial": initial("Well"),
                "Well": wait("Ill", 30, 700, "days"),
                "Ill": set("ill", json!(true), "Fever"),
                "Fever": to("Onset", json!({ "type": "Symptom", "symptom": "Fever", "range": { "low": 200, "high": 600 } })),
                "Onset": to("Stay", json!({ "type": "ConditionOnset", "codes": snomed("1"), "target_encounter": "Visit", "assign_to_attribute": "fever" })),
                "Stay": wait("Visit", 1, 40, "days"),
                "Visit": visit("Inside"),
                "Inside": wait("Leave", 3, 400, "hours"),
                "Leave": out("Over"),
                "Over": to("Better", json!({ "type": "ConditionEnd", "condition_onset": "Onset" })),
                "Better": set("ill", json!(false), "Cool"),
                "Cool": to("Well", json!({ "type": "Symptom", "symptom": "Fever", "exact": { "quantity": 0 } })),
            }),
        ),
        (
            "b_waits",
            json!({
                "Initial": initial("For Ill"),
                "For Ill": guard("Drug", is("ill", json!(true))),
                "Drug": to("For Code", json!({ "type": "MedicationOrder", "codes": snomed("2"), "chronic": true })),
                "For Code": guard("Call", json!({ "condition_type": "Or", "conditions": [
                    { "condition_type": "Active Condition", "codes": snomed("1") }, age(">", 60.0) ] })),
                "Call": to("For Well", json!({ "type": "CallSubmodule", "submodule": "sub/shared" })),
                "For Well": guard("Stop", json!({ "condition_type": "Not", "condition": is("ill", json!(true)) })),
                "Stop": to("For Age", json!({ "type": "MedicationEnd", "codes": snomed("2") })),
                "For Age": guard("For Ill", json!({ "condition_type": "Or", "conditions": [
                    age("==", 30.0), { "condition_type": "Date", "operator": ">=", "year": 2001 },
                    { "condition_type": "Date", "operator": "==", "month": 5 } ] })),
            }),
        ),
        (
            "c_wellness",
            json!({
                "Initial": initial("Visit"),
                "Visit": to("Weigh", json!({ "type": "Encounter", "wellness": true, "reason": "" })),
                "Weigh": to("Leave", json!({ "type": "Observation", "category": "exam", "unit": "kg", "codes": snomed("3"), "vital_sign": "Weight" })),
                "Leave": out("Call"),
                "Call": to("Heavy?", json!({ "type": "CallSubmodule", "submodule": "sub/shared" })),
                "Heavy?": { "type": "Simple", "conditional_transition": [
                    { "condition": { "condition_type": "Observation", "codes": snomed("3"), "operator": ">", "value": 90 }, "transition": "Pressure" },
                    { "transition": "Visit" }] },
                "Pressure": guard("Visit", json!({ "condition_type": "Or", "conditions": [
                    { "condition_type": "Vital Sign", "vital_sign": "Systolic Blood Pressure", "operator": ">", "value": 125 },
                    { "condition_type": "PriorState", "name": "Visit", "within": { "quantity": 1, "unit": "years" } } ] })),
            }),
        ),
        (
            "d_symptom",
            json!({
                "Initial": initial("Watch"),
                "Watch": guard("Visit", json!({ "condition_type": "Symptom", "symptom": "Fever", "operator": ">", "value": 350 })),
                "Visit": visit("Cut"),
                "Cut": to("Leave", json!({ "type": "Procedure", "codes": snomed("4"), "duration": { "low": 1, "high": 300, "unit": "hours" } })),
                "Leave": out("Rest"),
                "Rest": delay("Risk", 3.0, "weeks"),
                "Risk": { "type": "Simple", "distributed_transition": [
                    { "transition": "Die", "distribution": 0.01 }, { "transition": "Quiet", "distribution": 0.99 }] },
                "Quiet": guard("Watch", json!({ "condition_type": "Symptom", "symptom": "Fever", "operator": "<", "value": 100 })),
                "Die": to("End", json!({ "type": "Death", "codes": snomed("5"), "range": { "low": 1, "high": 90, "unit": "days" } })),
                "End": terminal(),
            }),
        ),
        (
            "sub/shared",
            json!({
                "Initial": initial("Think"), "Think": wait("Note", 1, 60, "days"),
                "Note": to("End", json!({ "type": "Counter", "attribute": "thoughts", "action": "increment" })),
                "End": terminal(),
            }),
        ),
    ]
}

fn lives(folder: &Path, parameters: Parameters) -> (Summary, Vec<Timeline>) {
    let library = Library::load(folder).unwrap_or_else(|error| panic!("{error}"));
    let mut timelines = Vec::new();
    let summary = simulate(&library, &parameters, |lifetime| {
        timelines.extend(lifetime.timeline);
        Ok::<(), Infallible>(())
    })
    .unwrap();
    (summary, timelines)
}

fn assert_same(folder: &Path, population: u64) {
    let parameters = Parameters::new(population, 11);
    let (fast, fast_lives) = lives(folder, parameters);
    let (naive, naive_lives) = lives(folder, Parameters { every_week: true, ..parameters });
    for (module, states) in &naive.visits {
        for (state, visits) in states {
            let found = fast.visits.get(module).and_then(|states| states.get(state));
            assert_eq!(found, Some(visits), "{module} {state}");
        }
    }
    assert_eq!(fast, naive);
    assert_eq!(fast_lives, naive_lives);
}

#[test]
fn law_running_only_what_can_move_changes_nothing() {
    assert_same(folder(&company()).path(), 150);
}

#[test]
fn law_running_only_what_can_move_changes_nothing_in_synthea() {
    let Some(modules) = synthea() else { return };
    assert_same(&modules, 12);
}

#[test]
fn law_threads_change_nothing() {
    let folder = folder(&company());
    let parameters = Parameters { threads: 1, ..Parameters::new(60, 3) };
    let one = lives(folder.path(), parameters);
    assert_eq!(one, lives(folder.path(), Parameters { threads: 3, ..parameters }));
    let other = lives(folder.path(), Parameters { seed: 4, ..parameters });
    assert_ne!(one.1, other.1);
}

#[test]
fn law_another_module_in_the_folder_shifts_nobodys_draws() {
    let alone: Vec<(&str, Json)> = vec![(
        "z_alone",
        json!({
            "Initial": initial("Wait"),
            "Wait": to("Find", json!({ "type": "Delay", "range": { "low": 1, "high": 9000, "unit": "days" } })),
            "Find": to("End", json!({ "type": "ConditionOnset", "codes": snomed("77") })),
            "End": terminal(),
        }),
    )];
    let mut with_company = alone.clone();
    with_company.extend(company().into_iter().filter(|(path, _)| !path.starts_with("d_")));
    let times = |folder: &TempDir| -> Vec<_> {
        Run::of(folder, 40)
            .events("SNOMED//77")
            .iter()
            .map(|event| (event.subject_id(), event.time()))
            .collect()
    };
    assert_eq!(times(&folder(&alone)), times(&folder(&with_company)));
}

/// Fewer events than asked for are kept when none are wanted, and the visits are the same.
#[test]
fn law_visits_do_not_depend_on_events() {
    let folder = folder(&company());
    let parameters = Parameters::new(60, 5);
    let (with, _) = lives(folder.path(), parameters);
    let (without, none) = lives(folder.path(), Parameters { events: false, ..parameters });
    assert_eq!((with.visits, none.len()), (without.visits, 0));
}

fn synthea() -> Option<PathBuf> {
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/synthea_modules/modules");
    if modules.is_dir() {
        return Some(modules);
    }
    eprintln!("skipped: {} is not there", modules.display());
    None
}
