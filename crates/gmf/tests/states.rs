//! Every state type, each in a module of its own.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    clippy::needless_pass_by_value,
    clippy::cloned_ref_to_slice_refs,
    reason = "a test may panic, and exact values are meant"
)]

mod common;

use common::{Run, delay, folder, initial, snomed, terminal, to};
use serde_json::{Value as Json, json};
use twinloom_event::{Attribute, EventKind};

/// Runs states between a first delay and the end, for a few people.
fn run(states: &[(&str, Json)]) -> Run {
    let mut all = json!({ "Initial": initial("First Delay"), "First Delay": delay("Start", 1.0, "days"), "End": terminal() });
    for (name, state) in states {
        all[*name] = state.clone();
    }
    Run::of(&folder(&[("m", all)]), 5)
}

fn reached(run: &Run) -> bool {
    run.entered("m", "End") >= 5
}

fn encounter(target: &str) -> Json {
    to(
        target,
        json!({ "type": "Encounter", "encounter_class": "outpatient", "codes": snomed("100"), "reason": "Found" }),
    )
}

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
fn regress_wellness_visits_block_until_the_schedule_has_one_and_serve_a_module_once() {
    let wellness = |target: &str| to(target, json!({ "type": "Encounter", "wellness": true, "reason": "" }));
    let run = run(&[
        ("Start", wellness("Second")),
        ("Second", wellness("Close")),
        ("Close", to("End", json!({ "type": "EncounterEnd" }))),
    ]);
    // The first visit serves the first state; the second waits for ever, as nobody ended it.
    assert_eq!(run.visits("m", "Start").to.get("Second").copied().unwrap_or(0), run.entered("m", "Second"));
    assert_eq!(run.entered("m", "End"), 0);
    assert!(!run.events("SNOMED//410620009").is_empty());
    let ended = super_run(&[
        ("Start", wellness("Close")),
        ("Close", to("Second", json!({ "type": "EncounterEnd" }))),
        ("Second", wellness("Close Again")),
        ("Close Again", to("End", json!({ "type": "EncounterEnd" }))),
    ]);
    assert!(reached(&ended));
    assert!(ended.visits("m", "Second").duration_ms > 0);
}

fn super_run(states: &[(&str, Json)]) -> Run {
    run(states)
}

#[test]
fn regress_encounters_have_class_reason_and_discharge() {
    let run = run(&[
        (
            "Start",
            to(
                "Visit",
                json!({ "type": "ConditionOnset", "codes": snomed("1"), "assign_to_attribute": "Found" }),
            ),
        ),
        ("Visit", encounter("Stay")),
        ("Stay", delay("Leave", 3.0, "hours")),
        (
            "Leave",
            to(
                "End",
                json!({ "type": "EncounterEnd", "discharge_disposition": { "system": "NUBC", "code": "01", "display": "home" } }),
            ),
        ),
    ]);
    assert!(reached(&run));
    let visit = run.events("SNOMED//100")[0];
    assert_eq!(visit.kind(), EventKind::Encounter);
    assert_eq!(visit.attribute("class").and_then(Attribute::as_text), Some("AMB"));
    assert_eq!(visit.attribute("reason").and_then(Attribute::as_text), Some("SNOMED//1"));
    assert_eq!(visit.attribute("discharge").and_then(Attribute::as_text), Some("NUBC//01"));
    let hours = (visit.end_time().unwrap().micros() - visit.time().unwrap().micros()) / 3_600_000_000;
    assert_eq!(hours, 3);
    assert_eq!(
        visit.record_id().map(twinloom_event::RecordId::as_str),
        visit.encounter_id().map(twinloom_event::EncounterId::as_str)
    );
}

#[test]
fn regress_a_forgotten_encounter_is_closed_at_the_end_and_lets_others_in() {
    let holds = json!({
        "Initial": initial("Wait"), "Wait": delay("Visit", 10.0, "days"), "Visit": encounter("Stay"),
        "Stay": delay("End", 40.0, "days"), "End": terminal(),
    });
    let waits = json!({
        "Initial": initial("Wait"), "Wait": delay("Visit", 20.0, "days"), "Visit": encounter("End"),
        "End": terminal(),
    });
    let run = Run::of(&folder(&[("a", holds), ("b", waits)]), 3);
    // Ten to twenty days after birth nobody else gets in; the fiftieth day frees it, the week's step
    // that sees it is the 56th.
    let waited = run.visits("b", "Visit").duration_ms as f64 / 86_400_000.0 / 3.0;
    assert!((waited - 36.0).abs() < 1e-9, "{waited}");
}

#[test]
fn regress_target_encounter_tells_onset_from_diagnosis() {
    let run = run(&[
        (
            "Start",
            to(
                "Later",
                json!({ "type": "ConditionOnset", "codes": snomed("1"), "target_encounter": "Visit", "assign_to_attribute": "found" }),
            ),
        ),
        ("Later", delay("Allergy", 30.0, "days")),
        (
            "Allergy",
            to(
                "Visit",
                json!({ "type": "AllergyOnset", "allergy_type": "allergy", "category": "food", "codes": snomed("2"),
            "target_encounter": "Visit", "reactions": [{ "reaction": { "system": "SNOMED-CT", "code": "3", "display": "wheals" },
            "possible_severities": [{ "severity": "MILD", "value": 1.0 }] }] }),
            ),
        ),
        ("Visit", encounter("Out")),
        ("Out", to("End", json!({ "type": "EncounterEnd" }))),
    ]);
    for (code, kind) in [("SNOMED//1", EventKind::Condition), ("SNOMED//2", EventKind::Allergy)] {
        let event = run.events(code)[0];
        let visit = run.events("SNOMED//100")[0];
        assert_eq!(
            (event.kind(), event.time(), event.encounter_id()),
            (kind, visit.time(), visit.encounter_id())
        );
    }
    assert_eq!(
        run.events("SNOMED//2")[0].attribute("reactions").and_then(Attribute::as_text),
        Some("SNOMED//3")
    );
}

#[test]
fn regress_what_begins_ends_by_state_attribute_and_code() {
    let begin = |kind: &str, code: &str, target: &str| {
        let mut state = to(
            target,
            json!({ "type": kind, "codes": snomed(code), "assign_to_attribute": format!("a{code}") }),
        );
        if kind == "Device" {
            state["code"] = snomed(code)[0].clone();
        }
        state
    };
    let ends = [
        ("ConditionOnset", "ConditionEnd", "condition_onset"),
        ("AllergyOnset", "AllergyEnd", "allergy_onset"),
        ("MedicationOrder", "MedicationEnd", "medication_order"),
        ("CarePlanStart", "CarePlanEnd", "careplan"),
        ("Device", "DeviceEnd", "device"),
    ];
    for (start, end, by_state) in ends {
        let mut by = to("E2", json!({ "type": end }));
        by[by_state] = json!("Start");
        let run = run(&[
            ("Start", begin(start, "1", "B2")),
            ("B2", begin(start, "2", "B3")),
            ("B3", begin(start, "3", "B4")),
            ("B4", begin(start, "4", "Wait")),
            ("Wait", delay("E1", 10.0, "days")),
            ("E1", by),
            ("E2", to("E3", json!({ "type": end, "referenced_by_attribute": "a2" }))),
            ("E3", to("End", json!({ "type": end, "codes": snomed("3") }))),
        ]);
        for code in ["1", "2", "3"] {
            assert!(
                run.events(&format!("SNOMED//{code}")).iter().all(|event| event.end_time().is_some()),
                "{start} {code}"
            );
        }
        assert!(run.events("SNOMED//4").iter().all(|event| event.end_time().is_none()), "{start}");
    }
}

#[test]
fn regress_medicines_are_orders_or_administrations_and_chronic_ones_are_renewed() {
    let order = |code: &str, key: &str, target: &str| {
        let mut state = to(
            target,
            json!({ "type": "MedicationOrder", "codes": [{ "system": "RxNorm", "code": code, "display": "d" }] }),
        );
        state[key] = json!(true);
        state
    };
    let run = run(&[
        ("Start", order("1", "administration", "Chronic")),
        ("Chronic", order("2", "chronic", "Visit")),
        ("Visit", to("Over", json!({ "type": "Encounter", "wellness": true }))),
        ("Over", to("End", json!({ "type": "EncounterEnd" }))),
    ]);
    let given = run.events("RXNORM//1")[0];
    assert_eq!(
        (given.end_time(), given.attribute("administration")),
        (given.time(), Some(&Attribute::Boolean(true)))
    );
    let renewed = run.events("RXNORM//2");
    assert!(renewed.len() >= 10, "one order and its renewal for each of five people: {}", renewed.len());
}

#[test]
fn regress_observations_take_values_from_everywhere() {
    let observe = |code: &str, target: &str, rest: Json| {
        let mut state = to(
            target,
            json!({ "type": "Observation", "category": "laboratory", "unit": "mmol/L",
            "codes": [{ "system": "LOINC", "code": code, "display": "o" }] }),
        );
        rest.as_object().unwrap().iter().for_each(|(key, value)| state[key] = value.clone());
        state
    };
    let part = |code: &str| {
        json!({ "category": "laboratory", "unit": "g", "exact": { "quantity": 3 },
        "codes": [{ "system": "LOINC", "code": code, "display": "p" }] })
    };
    let run = run(&[
        ("Start", observe("1", "B", json!({ "exact": { "quantity": 5.5 } }))),
        ("B", observe("2", "C", json!({ "range": { "low": 1, "high": 2, "decimals": 1 } }))),
        (
            "C",
            observe(
                "3",
                "D",
                json!({ "distribution": { "kind": "UNIFORM", "parameters": { "low": 7, "high": 8 } } }),
            ),
        ),
        ("D", observe("4", "E", json!({ "vital_sign": "Height" }))),
        (
            "E",
            observe(
                "5",
                "F",
                json!({ "value_code": { "system": "SNOMED-CT", "code": "9", "display": "nine" } }),
            ),
        ),
        ("F", observe("6", "G", json!({ "attribute": "gender" }))),
        ("G", observe("7", "H", json!({ "sampled_data": { "attributes": ["x"] } }))),
        (
            "H",
            to(
                "I",
                json!({ "type": "MultiObservation", "category": "vital-signs", "codes": snomed("20"), "observations": [part("8"), part("9")] }),
            ),
        ),
        (
            "I",
            to(
                "Vital",
                json!({ "type": "DiagnosticReport", "codes": snomed("21"), "observations": [part("10")] }),
            ),
        ),
        (
            "Vital",
            to(
                "J",
                json!({ "type": "VitalSign", "vital_sign": "Left ventricular Ejection fraction", "unit": "%", "exact": { "quantity": 40 } }),
            ),
        ),
        ("J", observe("11", "End", json!({ "vital_sign": "Left ventricular Ejection fraction" }))),
    ]);
    assert!(reached(&run));
    let value = |code: &str| run.events(&format!("LOINC//{code}"))[0].numeric_value();
    assert_eq!(
        (value("1"), value("8"), value("10"), value("11")),
        (Some(5.5), Some(3.0), Some(3.0), Some(40.0))
    );
    assert!(value("2").is_some_and(|value| (1.0..=2.0).contains(&value)));
    assert!(value("3").is_some_and(|value| (7.0..8.0).contains(&value)));
    assert!(value("4").is_some_and(|value| (40.0..65.0).contains(&value)));
    assert_eq!(run.events("LOINC//5")[0].text_value(), Some("SNOMED//9"));
    assert!(matches!(run.events("LOINC//6")[0].text_value(), Some("F" | "M")));
    assert_eq!(run.events("LOINC//7")[0].numeric_value(), None);
    assert_eq!(run.events("LOINC//1")[0].unit().map(twinloom_event::Unit::as_str), Some("mmol/L"));
    assert_eq!(run.events("SNOMED//21")[0].kind(), EventKind::Document);
}

#[test]
fn regress_imaging_supplies_vaccines_and_physiology() {
    let run = run(&[
        (
            "Start",
            to(
                "Supply",
                json!({ "type": "ImagingStudy", "procedure_code": { "system": "SNOMED-CT", "code": "30", "display": "scan" },
            "minNumberSeries": 2, "maxNumberSeries": 2, "series": [{ "minNumberInstances": 3, "maxNumberInstances": 3,
            "modality": { "system": "DICOM-DCM", "code": "CT", "display": "tomography" },
            "instances": [{ "title": "t", "sop_class": { "system": "DICOM-SOP", "code": "1.2", "display": "s" } }] }] }),
            ),
        ),
        (
            "Supply",
            to(
                "Vaccine",
                json!({ "type": "SupplyList", "supplies": [{ "quantity": 12, "code": snomed("31")[0] }] }),
            ),
        ),
        (
            "Vaccine",
            to(
                "Model",
                json!({ "type": "Vaccine", "series": 2, "codes": [{ "system": "CVX", "code": "140", "display": "influenza" }] }),
            ),
        ),
        (
            "Model",
            json!({ "type": "Physiology", "model": "m.xml", "solver": "s", "step_size": 0.1, "sim_duration": 1, "lead_time": 0,
            "inputs": [], "outputs": [], "direct_transition": "Wrong", "alt_direct_transition": "End" }),
        ),
        ("Wrong", terminal()),
    ]);
    assert!(reached(&run));
    let study = run.events("SNOMED//30");
    assert_eq!(study.len() % 2, 0, "a study and its procedure for everyone");
    let images = study.iter().find_map(|event| event.attribute("images"));
    assert_eq!(images, Some(&Attribute::Integer(6)));
    assert_eq!(run.events("SNOMED//31")[0].numeric_value(), Some(12.0));
    assert_eq!(run.events("CVX//140")[0].kind(), EventKind::Immunisation);
}

#[test]
fn regress_symptoms_bring_people_to_care() {
    let symptom = |name: &str, value: u32, target: &str| {
        to(
            target,
            json!({ "type": "Symptom", "symptom": name, "cause": "it", "probability": 1.0, "exact": { "quantity": value } }),
        )
    };
    let run = run(&[
        ("Start", symptom("Pain", 320, "Wait")),
        ("Wait", delay("Worse", 100.0, "days")),
        ("Worse", symptom("Fever", 400, "Wait 2")),
        ("Wait 2", delay("Worst", 100.0, "days")),
        (
            "Worst",
            to(
                "End",
                json!({ "type": "Symptom", "symptom": "Dread", "distribution": { "kind": "EXACT", "parameters": { "value": 600 } } }),
            ),
        ),
    ]);
    // 320: a check-up; it is addressed. 400: urgent care. 600: an emergency.
    for code in ["SNOMED//185349003", "SNOMED//702927004", "SNOMED//50849002"] {
        assert!(run.events(code).len() >= 5, "{code}");
    }
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
