//! What FHIR resources become: codes, values, times, subjects, links.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::path::PathBuf;

use serde_json::{Value, json};
use twinloom_event::{Dataset, Event, EventKind, TimePrecision};
use twinloom_records::{ImportReport, MemorySink, fhir};

fn import_text(text: &str, name: &str, threads: usize) -> (Dataset, ImportReport) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    import_paths(&[path], threads)
}

fn import_paths(paths: &[PathBuf], threads: usize) -> (Dataset, ImportReport) {
    let mut sink = MemorySink::default();
    let options = fhir::ImportOptions { threads, ..fhir::ImportOptions::default() };
    let report = fhir::import(paths, &options, &mut sink, &|_| {}).unwrap();
    (sink.into_dataset().unwrap(), report)
}

fn import(resources: &[Value]) -> (Dataset, ImportReport) {
    let entries: Vec<Value> = resources
        .iter()
        .map(|resource| json!({"fullUrl": format!("urn:uuid:{}", resource["id"].as_str().unwrap()), "resource": resource}))
        .collect();
    import_text(&json!({"resourceType": "Bundle", "entry": entries}).to_string(), "a.json", 1)
}

fn events(dataset: &Dataset) -> Vec<&Event> {
    dataset.cohort.events().collect()
}

fn codes(dataset: &Dataset) -> Vec<&str> {
    dataset.cohort.events().map(|event| event.code().as_str()).collect()
}

fn blood_pressure() -> Value {
    let component = |code: &str, value: f64| {
        json!({"code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "valueQuantity": {"value": value, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"}})
    };
    json!({"resourceType": "Observation", "id": "bp", "status": "final",
        "subject": {"reference": "urn:uuid:p1"}, "encounter": {"reference": "urn:uuid:e1"},
        "effectiveDateTime": "2024-03-01T09:30:00+01:00",
        "category": [{"coding": [{"code": "vital-signs"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "85354-9", "display": "Blood pressure panel"}]},
        "component": [component("8480-6", 121.3), component("8462-4", 79.1)]})
}

fn patient() -> Value {
    json!({"resourceType": "Patient", "id": "p1", "gender": "male", "birthDate": "1961-04",
        "name": [{"family": "Nobody"}],
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000001"}]})
}

fn encounter() -> Value {
    json!({"resourceType": "Encounter", "id": "e1", "status": "finished", "class": {"code": "AMB"},
        "subject": {"reference": "urn:uuid:p1"},
        "period": {"start": "2024-03-01T09:00:00Z", "end": "2024-03-01T09:40:00Z"}})
}

#[test]
fn regress_components_follow_their_panel_and_share_its_record() {
    let (dataset, _) = import(&[patient(), encounter(), blood_pressure()]);
    let all = events(&dataset);
    let [panel, systolic, diastolic] = &all[all.len() - 3..] else { panic!("{all:?}") };
    assert_eq!(panel.code().as_str(), "LOINC//85354-9");
    assert_eq!((systolic.code().as_str(), systolic.numeric_value()), ("LOINC//8480-6", Some(121.3)));
    assert_eq!((diastolic.code().as_str(), diastolic.unit().unwrap().as_str()), ("LOINC//8462-4", "mm[Hg]"));
    for event in [panel, systolic, diastolic] {
        assert_eq!(event.record_id().unwrap().as_str(), "Observation/bp");
        assert_eq!(event.encounter_id().unwrap().as_str(), "Encounter/e1");
        assert_eq!(event.time().unwrap().to_string(), "2024-03-01T09:30:00");
        assert_eq!(event.attribute("category").unwrap().as_text(), Some("vital-signs"));
    }
    assert_eq!((systolic.seq(), diastolic.seq()), (panel.seq() + 1, panel.seq() + 2));
    let visit = all.iter().find(|event| event.kind() == EventKind::Encounter).unwrap();
    assert_eq!(visit.code().as_str(), "ACTCODE//AMB");
    assert_eq!(visit.end_time().unwrap().to_string(), "2024-03-01T09:40:00");
    assert_eq!(dataset.concepts.iter().filter(|concept| concept.description.is_some()).count(), 1);
}

#[test]
fn law_a_patient_after_its_events_gives_the_same_dataset() {
    let tie = json!({"resourceType": "Procedure", "id": "x", "status": "completed",
        "subject": {"reference": "urn:uuid:p1"}, "performedDateTime": "2024-03-01T09:30:00Z",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "1"}]}});
    let all = [patient(), encounter(), blood_pressure(), tie];
    let first = import(&all);
    for order in [[1, 2, 0, 3], [1, 2, 3, 0], [2, 0, 1, 3], [2, 1, 3, 0]] {
        let mut later: Vec<Value> = order.iter().map(|index| all[*index].clone()).collect();
        // Encounter and observation keep their order among those that tie; only the patient moves.
        later.sort_by_key(|resource| usize::from(resource["id"] == "x"));
        let moved = import(&later);
        assert_eq!(moved.0, first.0, "{order:?}");
    }
}

#[test]
fn law_a_patient_in_a_later_file_gives_the_same_dataset() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, resources: &[Value]| {
        let lines: Vec<String> = resources
            .iter()
            .map(|resource| {
                let full_url = format!("urn:uuid:{}", resource["id"].as_str().unwrap());
                json!({"resourceType": "Bundle", "entry": [{"fullUrl": full_url, "resource": resource}]})
                    .to_string()
            })
            .collect();
        let path = folder.path().join(name);
        std::fs::write(&path, lines.join("\n")).unwrap();
        path
    };
    let facts = write("facts.ndjson", &[encounter(), blood_pressure()]);
    let patients = write("patients.ndjson", &[patient()]);
    let together = import_paths(&[patients.clone(), facts.clone()], 1);
    let apart = import_paths(&[facts, patients], 2);
    assert_eq!(together.0, apart.0);
    assert_eq!(together.1.tables, apart.1.tables);
}

#[test]
fn regress_every_form_of_reference_becomes_a_link() {
    let practitioner = json!({"resourceType": "Practitioner", "id": "d1", "name": [{"family": "Smith", "given": ["A"]}],
        "identifier": [{"system": "https://fhir.hl7.org.uk/Id/gmp-number", "value": "G1"}]});
    let condition = json!({"resourceType": "Condition", "id": "c1", "onsetDateTime": "2020",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "44054006"}]},
        "contained": [{"resourceType": "Practitioner", "id": "in"}],
        "subject": {"reference": "Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|9990000001"},
        "encounter": {"reference": "http://server.example/fhir/Encounter/e1/_history/2"},
        "recorder": {"reference": "urn:uuid:d1"},
        "asserter": {"reference": "#in"},
        "evidence": [{"detail": [{"reference": "Observation/bp"},
            {"type": "Practitioner", "identifier": {"system": "https://fhir.hl7.org.uk/Id/gmp-number", "value": "G1"}}]}]});
    let (dataset, report) = import(&[condition, patient(), encounter(), blood_pressure(), practitioner]);
    let links: Vec<(&str, &str)> = dataset
        .links
        .iter()
        .filter(|link| link.from.as_str() == "Condition/c1")
        .map(|link| (&*link.path, link.to.as_str()))
        .collect();
    assert_eq!(
        links,
        [
            ("asserter", "Condition/c1#in"),
            ("encounter", "Encounter/e1"),
            ("evidence.detail", "Observation/bp"),
            ("evidence.detail", "Practitioner/d1"),
            ("recorder", "Practitioner/d1"),
            ("subject", "Patient/p1"),
        ]
    );
    assert!(report.tables["Condition"].problems.is_empty());
    assert_eq!(report.subjects, 1);
    let names: Vec<Option<&str>> = dataset.entities.iter().map(|entity| entity.name.as_deref()).collect();
    assert_eq!(names, [None, Some("A Smith")]);
}

#[test]
fn regress_a_medicine_described_elsewhere_gives_the_code() {
    let request = |id: &str, reference: &str| {
        json!({"resourceType": "MedicationRequest", "id": id, "status": "active", "intent": "order",
            "authoredOn": "2021-05-06", "subject": {"reference": "Patient/p1"},
            "contained": [{"resourceType": "Medication", "id": "m", "code": {"coding": [{"system": "https://dmd.nhs.uk", "code": "2"}]}}],
            "medicationReference": {"reference": reference}})
    };
    let medication = json!({"resourceType": "Medication", "id": "m1",
        "code": {"coding": [{"system": "https://dmd.nhs.uk", "code": "1", "display": "Metformin 500mg tablets"}]}});
    let resources =
        [request("a", "Medication/m1"), request("b", "#m"), request("c", "Medication/none"), medication];
    let (dataset, _) = import(&resources);
    // What waited for its medicine comes back in the order of the input.
    assert_eq!(codes(&dataset), ["DMD//1", "DMD//2", "FHIR//MedicationRequest"]);
}

#[test]
fn regress_patients_become_demographics_without_identity() {
    let coding = |code: &str| json!({"coding": [{"system": "https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland", "code": code}]});
    let mut person = patient();
    person["deceasedBoolean"] = true.into();
    person["extension"] = json!([
        {"url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory", "valueCodeableConcept": coding("J")},
        {"url": "https://twinloom.example/fhir/StructureDefinition/imd-decile", "valueInteger": 3},
        {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race",
         "extension": [{"url": "ombCategory", "valueCoding": {"code": "2106-3", "display": "White"}}]},
        {"url": "https://twinloom.example/fhir/StructureDefinition/household",
         "extension": [{"url": "value", "valueString": "3f9a"}, {"url": "since", "valueDateTime": "2019-01-02"}]},
        {"url": "https://twinloom.example/fhir/StructureDefinition/practice",
         "extension": [{"url": "value", "valueString": "A81001"}]}]);
    let (dataset, report) = import(&[person]);
    assert_eq!(
        codes(&dataset),
        [
            "SEX//male",
            "ETHNICITY//J",
            "IMD_DECILE//3",
            "RACE//2106-3",
            "MEDS_DEATH",
            "MEDS_BIRTH",
            "HOUSEHOLD"
        ]
    );
    let all = events(&dataset);
    assert_eq!((all[6].text_value(), all[6].kind()), (Some("3f9a"), EventKind::Administrative));
    let told = |words: &str| {
        let mut problems = report.tables["Patient"].problems.iter();
        problems.any(|problem| problem.reason.contains(words))
    };
    assert!(told("home or practice left out"), "since when is not said");
    assert_eq!(all[2].numeric_value(), Some(3.0));
    assert_eq!((all[4].time(), all[4].kind()), (None, EventKind::Death));
    assert_eq!((all[5].time_precision(), all[5].kind()), (TimePrecision::Month, EventKind::Birth));
    assert!(told("identifiers left behind"));
    assert!(!format!("{dataset:?}").contains("Nobody"));
    assert!(!format!("{dataset:?}").contains("9990000001"));
}

#[test]
fn regress_family_history_is_not_the_subjects_own() {
    let history = json!({"resourceType": "FamilyMemberHistory", "id": "f", "status": "completed", "date": "2019-01",
        "patient": {"reference": "Patient/p1"},
        "relationship": {"coding": [{"system": "http://snomed.info/sct", "code": "72705000"}]},
        "condition": [{"code": {"coding": [{"system": "http://snomed.info/sct", "code": "44054006"}]}}]});
    let (dataset, _) = import(&[history]);
    let event = events(&dataset)[0];
    assert_eq!((event.code().as_str(), event.kind()), ("FHIR//FamilyMemberHistory", EventKind::Observation));
    assert_eq!(event.text_value(), Some("SNOMED//44054006"));
    assert_eq!(event.attribute("relationship").unwrap().as_text(), Some("SNOMED//72705000"));
}

#[test]
fn regress_answers_of_a_form_become_events() {
    let form = json!({"resourceType": "QuestionnaireResponse", "id": "q", "status": "completed", "authored": "2022-02-02",
        "subject": {"reference": "Patient/p1"}, "questionnaire": "http://example.org/phq9|2",
        "item": [{"linkId": "1", "answer": [{"valueInteger": 3}]},
                 {"linkId": "g", "item": [{"linkId": "2", "answer": [{"valueString": "often"}]}]}]});
    let (dataset, _) = import(&[form]);
    assert_eq!(
        codes(&dataset),
        ["FHIR//QuestionnaireResponse", "example.org/phq9//1", "example.org/phq9//2"]
    );
    assert_eq!(events(&dataset)[1].numeric_value(), Some(3.0));
    assert_eq!(events(&dataset)[2].text_value(), Some("often"));
}

#[test]
fn regress_known_time_waits_for_the_record() {
    let mut late = blood_pressure();
    late["subject"] = json!({"reference": "Patient/p1"});
    late["issued"] = "2024-03-05T10:00:00Z".into();
    let procedure = json!({"resourceType": "Procedure", "id": "x", "status": "completed",
        "subject": {"reference": "Patient/p1"}, "performedDateTime": "2024-03-01", "code": {"text": "x"},
        "extension": [{"url": fhir::write::RECORDED_TIME_URL, "valueDateTime": "2024-03-09"}]});
    let (dataset, _) = import(&[late, procedure]);
    let known: Vec<String> =
        events(&dataset).iter().map(|event| event.known_time().unwrap().to_string()).collect();
    assert_eq!(known[0], "2024-03-09T23:59:59.999999");
    assert_eq!(known[1], "2024-03-05T10:00:00");
}
