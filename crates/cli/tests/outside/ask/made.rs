//! A small record of what neither study of the tests holds.

use serde_json::{Value, json};

use super::compare;
use crate::harness::{Python, twinloom};

/// What is asked of the small record that is made here, and what must be told.
const MADE: [(&str, &str); 7] = [
    ("nsaid-in-ckd-diabetes --days 36500", "cases people.with_the_drug"),
    ("drugs-without-indication", "classes.with_stated_reason classes.with_reason_of_encounter"),
    ("drugs-without-indication --reasons order", "classes.unexplained_orders"),
    ("unanswered-results", "tests.judged_by_record tests.unanswered left_out.results"),
    ("missing-companions", "rules.people"),
    ("central-conditions --least 1", "sets.people"),
    ("next-condition --from ckd-3-plus,type-2-diabetes", "next.people"),
];

/// A record of what neither study holds: reasons of orders, interpretations and ranges of the laboratory,
/// conditions that are not confirmed, or that are stated as observations.
#[test]
fn ref_answers_on_a_made_record_equal_those_of_the_tables() {
    let Some(python) = Python::find() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (input, study) = (folder.path().join("made.json"), folder.path().join("study"));
    std::fs::write(&input, made_record().to_string()).expect("the record can be written");
    twinloom(&[&"import", &"--format", &"fhir", &input, &"--study", &study]);
    compare(&python, &study, &MADE, ["1", "1", "100"]);
    let ask = |question: &str, table: &str| {
        let answer = twinloom(&[&"graph", &"ask", &question, &"--study", &study, &"--suppress", &"0"]);
        let tables = answer["tables"].as_array().expect("an answer has tables");
        tables.iter().find(|own| own["name"] == table).expect("the table is there")["rows"].clone()
    };
    // Of six people with kidney disease one has diabetes confirmed, one does not say; the others have it
    // provisionally, as an observation, and at stage 1 alone.
    assert_eq!(ask("nsaid-in-ckd-diabetes", "steps")[2][1], 2);
    let classes = ask("drugs-without-indication", "classes");
    let told = |row: &Value| [row[0].clone(), row[1].clone(), row[6].clone(), row[7].clone()];
    let rows: Vec<_> = classes.as_array().expect("rows").iter().map(told).collect();
    assert_eq!(rows, [[json!("thyroid-hormone"), json!(3), json!(1), json!(1)]]);
    let coverage = ask("drugs-without-indication", "coverage");
    let orders: Vec<_> = coverage.as_array().expect("rows").iter().map(|row| row[1].clone()).collect();
    assert_eq!(orders, [3, 1, 6, 10].map(Value::from));
    // Abnormal by its code; by its range although within ours; usual by its code although outside ours.
    let tests = ask("unanswered-results", "tests");
    let told = |row: &Value| [row[0].clone(), row[1].clone(), row[2].clone(), row[7].clone()];
    let rows: Vec<_> = tests.as_array().expect("rows").iter().map(told).collect();
    assert_eq!(
        rows,
        [
            [json!("potassium"), json!(2), json!(1), json!(2)],
            [json!("eGFR"), json!(1), json!(1), json!(0)],
            [json!("LOINC//1975-2"), json!(1), json!(1), json!(1)],
        ]
    );
}

/// People 1 to 6, each with kidney disease and an NSAID, and what differs between them.
fn made_record() -> Value {
    let coded = |system: &str, code: &str| json!({ "coding": [{ "system": system, "code": code }] });
    let snomed = |code: &str| coded("http://snomed.info/sct", code);
    let loinc = |code: &str| coded("http://loinc.org", code);
    let atc = |code: &str| coded("http://www.whocc.no/atc", code);
    let quantity = |value: f64, unit: &str| json!({ "value": value, "unit": unit, "code": unit, "system": "http://unitsofmeasure.org" });
    let mut entries = Vec::new();
    let mut add = |kind: &str, id: String, person: usize, fields: Value| {
        let mut resource = json!({ "resourceType": kind, "id": id });
        if kind != "Patient" {
            resource["subject"] = json!({ "reference": format!("Patient/{person}") });
        }
        for (name, value) in fields.as_object().expect("fields are an object") {
            resource[name] = value.clone();
        }
        entries.push(json!({ "resource": resource }));
    };
    let order = |drug: &str, day: &str| json!({ "status": "active", "intent": "order", "authoredOn": format!("{day}T09:30:00"), "medicationCodeableConcept": atc(drug) });
    for person in 1..=6 {
        add(
            "Patient",
            person.to_string(),
            person,
            json!({ "gender": if person % 2 == 0 { "male" } else { "female" } }),
        );
        let kidney = if person == 5 { "431855005" } else { "433144002" };
        add(
            "Condition",
            format!("kidney-{person}"),
            person,
            json!({ "code": snomed(kidney), "onsetDateTime": "2019-01-01T09:00:00" }),
        );
        add("MedicationRequest", format!("nsaid-{person}"), person, order("M01AE02", "2020-03-01"));
        let status =
            |status: &str| coded("http://terminology.hl7.org/CodeSystem/condition-ver-status", status);
        let mut diabetes = json!({ "code": snomed("44054006"), "onsetDateTime": "2019-06-01T09:00:00" });
        match person {
            1 => diabetes["verificationStatus"] = status("confirmed"),
            2 => diabetes["verificationStatus"] = status("provisional"),
            _ => {}
        }
        if person == 3 {
            let diabetes = json!({ "status": "final", "code": snomed("44054006"), "effectiveDateTime": "2019-06-01T09:00:00" });
            add("Observation", "diabetes-3".into(), 3, diabetes);
        } else if person < 6 {
            add("Condition", format!("diabetes-{person}"), person, diabetes);
        }
    }
    add(
        "Condition",
        "later-1".into(),
        1,
        json!({ "code": snomed("59621000"), "onsetDateTime": "2020-06-01T09:00:00" }),
    );
    let encounter = json!({ "status": "finished", "class": { "code": "AMB" }, "period": { "start": "2020-01-01T09:00:00", "end": "2020-01-01T10:00:00" }, "reasonCode": [snomed("195662009")] });
    add("Encounter", "seen-6".into(), 6, encounter);
    // A reason of its own, one of the encounter's, none; and a drug without a rule that states one.
    for (person, drug, reason, within) in [
        (6, "H03AA01", true, false),
        (6, "H03AA02", false, true),
        (6, "H03AA03", false, false),
        (6, "J01CA04", true, false),
    ] {
        let mut fields = order(drug, "2020-01-01");
        if reason {
            fields["reasonCode"] = json!([snomed("38341003")]);
        }
        if within {
            fields["encounter"] = json!({ "reference": "Encounter/seen-6" });
        }
        add("MedicationRequest", format!("order-{drug}"), person, fields);
    }
    let flag = |code: &str| {
        json!([coded("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", code)])
    };
    for (id, code, value, unit, day, own) in [
        ("high", "1975-2", 40.0, "umol/L", "2020-07-01", json!({ "interpretation": flag("H") })),
        (
            "range",
            "2823-3",
            5.2,
            "mmol/L",
            "2020-07-01",
            json!({ "referenceRange": [{ "low": { "value": 3.5 }, "high": { "value": 5.1 } }] }),
        ),
        ("usual", "2823-3", 5.6, "mmol/L", "2020-09-01", json!({ "interpretation": flag("N") })),
        ("table", "62238-1", 41.0, "mL/min/{1.73_m2}", "2020-07-01", json!({})),
        ("unit", "718-7", 7.0, "mmol/L", "2020-07-01", json!({})),
        ("last", "8302-2", 170.0, "cm", "2021-12-31", json!({})),
    ] {
        let mut fields = json!({ "status": "final", "code": loinc(code), "effectiveDateTime": format!("{day}T09:00:00"), "valueQuantity": quantity(value, unit) });
        for (name, value) in own.as_object().expect("an object") {
            fields[name] = value.clone();
        }
        add("Observation", id.into(), 4, fields);
    }
    json!({ "resourceType": "Bundle", "type": "collection", "entry": entries })
}
