//! State types that write into the record, each in a module of its own.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    clippy::needless_pass_by_value,
    clippy::cloned_ref_to_slice_refs,
    reason = "a test may panic, and exact values are meant"
)]

mod common;

use common::{delay, reached, run, snomed, terminal, to};
use serde_json::{Value as Json, json};
use twinloom_event::{Attribute, EventKind};

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
