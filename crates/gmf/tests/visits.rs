//! Encounters: whose turn it is, what they are for, and what is diagnosed at them.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    clippy::needless_pass_by_value,
    clippy::cloned_ref_to_slice_refs,
    reason = "a test may panic, and exact values are meant"
)]

mod common;

use common::{Run, delay, encounter, folder, initial, reached, run, snomed, super_run, terminal, to};
use serde_json::json;
use twinloom_event::{Attribute, EventKind};

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
