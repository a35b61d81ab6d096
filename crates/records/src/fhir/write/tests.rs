//! What bundles hold, against R4's own rules and against ourselves.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value;
use twinloom_event::{
    Attribute, Code, EncounterId, Event, EventKind, MICROSECONDS_PER_DAY, RecordId, SubjectId, TimePrecision,
    Timeline, Timestamp, Unit,
};

use super::{BASE_URL, BundleWriter, PatientIdentity, Practice, Written};

const SUBJECT: SubjectId = SubjectId::new(17);
const IDENTITY: PatientIdentity = PatientIdentity {
    nhs_number: "9990000018",
    family: "O\"Neill",
    given: "Zoë",
    address_line: "1 Alder Row",
    city: "Dunmere Cross",
    postcode: "ZZ99 3VZ",
    telephone: Some("07700 900000"),
    practice: Practice { ods_code: "A81001", name: "The \\ Practice" },
};

fn day(year: i32, month: u32, day: u32) -> Timestamp {
    Timestamp::from_ymd(year, month, day).unwrap()
}

fn event(kind: EventKind, time: Option<Timestamp>, code: &str, record: &str) -> Event {
    Event::new(SUBJECT, time, Code::parse(code).unwrap())
        .with_kind(kind)
        .with_record_id(RecordId::new(record).unwrap())
}

fn display(code: &Code) -> Option<&'static str> {
    (code.as_str() == "SNOMED//44054006").then_some("Type 2 diabetes mellitus")
}

fn written(events: Vec<Event>) -> (Value, Written) {
    let timeline = Timeline::from_unordered(SUBJECT, events).unwrap();
    let mut out = Vec::new();
    let written = BundleWriter::new(&display).write(&mut out, &timeline, Some(&IDENTITY));
    assert!(!out.contains(&b'\n'));
    (serde_json::from_slice(&out).unwrap(), written)
}

fn resource<'v>(bundle: &'v Value, name: &str) -> &'v Value {
    let url = format!("{BASE_URL}{name}");
    let entries = bundle["entry"].as_array().unwrap();
    &entries.iter().find(|entry| entry["fullUrl"] == url.as_str()).unwrap()["resource"]
}

#[test]
fn regress_a_patient_states_their_demographics() {
    let (bundle, written) = written(vec![
        event(EventKind::Demographic, None, "SEX//female", "Patient/17"),
        event(EventKind::Demographic, None, "ETHNICITY//G", "Patient/17"),
        event(EventKind::Demographic, None, "IMD_DECILE//3", "Patient/17"),
        event(EventKind::Birth, Some(day(1960, 5, 1)), "MEDS_BIRTH", "Patient/17")
            .with_time_precision(TimePrecision::Month),
        event(EventKind::Death, Some(day(2020, 2, 3)), "MEDS_DEATH", "Patient/17")
            .with_time_precision(TimePrecision::Day),
        event(EventKind::Demographic, None, "SHOE_SIZE//38", "Patient/17"),
        event(EventKind::Administrative, Some(day(2019, 1, 2)), "HOUSEHOLD", "Patient/17")
            .with_text_value("3f9a")
            .with_time_precision(TimePrecision::Day),
        event(EventKind::Administrative, Some(day(2019, 1, 2)), "PRACTICE", "Patient/17"),
    ]);
    let patient = resource(&bundle, "Patient/17");
    assert_eq!(patient["gender"], "female");
    assert_eq!(patient["birthDate"], "1960-05");
    assert_eq!(patient["deceasedDateTime"], "2020-02-03");
    assert_eq!(patient["name"][0]["family"], "O\"Neill");
    assert_eq!(patient["identifier"][0]["value"], "9990000018");
    assert_eq!(patient["extension"][0]["valueCodeableConcept"]["coding"][0]["code"], "G");
    assert_eq!(patient["extension"][1]["valueInteger"], 3);
    let home = &patient["extension"][2]["extension"];
    assert_eq!((&home[0]["valueString"], &home[1]["valueDateTime"]), (&"3f9a".into(), &"2019-01-02".into()));
    assert_eq!(patient["generalPractitioner"][0]["reference"], "Organization/A81001");
    assert_eq!(resource(&bundle, "Organization/A81001")["name"], "The \\ Practice");
    assert_eq!((written.resources, written.events), (2, 6));
    assert_eq!(written.left_out[&EventKind::Demographic], 1);
    // A practice that is not told can't be stated.
    assert_eq!(written.left_out[&EventKind::Administrative], 1);
}

#[test]
fn regress_a_blood_pressure_is_one_observation() {
    let at = Timestamp::from_ymd_hms(2024, 7, 1, 9, 30, 0).unwrap();
    let pressure = |code: &str, value: f64| {
        event(EventKind::Observation, Some(at), code, "Observation/bp1")
            .with_numeric_value(value)
            .unwrap()
            .with_unit(Unit::new("mm[Hg]").unwrap())
    };
    let (bundle, written) = written(vec![
        event(EventKind::Observation, Some(at), "SNOMED//75367002", "Observation/bp1"),
        pressure("SNOMED//271649006", 141.0),
        pressure("SNOMED//271650006", 83.5),
        event(EventKind::Observation, Some(at), "SNOMED//1", "Observation/smoking")
            .with_text_value("SNOMED//266919005"),
    ]);
    let observation = resource(&bundle, "Observation/bp1");
    assert_eq!(observation["effectiveDateTime"], "2024-07-01T09:30:00+01:00");
    assert_eq!(observation["component"][0]["valueQuantity"]["value"], 141);
    assert_eq!(observation["component"][1]["valueQuantity"]["code"], "mm[Hg]");
    assert_eq!(observation["component"][1]["valueQuantity"]["value"], 83.5);
    let answer = &resource(&bundle, "Observation/smoking")["valueCodeableConcept"]["coding"][0];
    assert_eq!(answer["system"], "http://snomed.info/sct");
    assert_eq!((written.resources, written.events), (4, 4));
}

#[test]
fn regress_a_condition_refers_to_its_encounter() {
    let encounter = || EncounterId::new("Encounter/e1").unwrap();
    let (bundle, written) = written(vec![
        event(EventKind::Encounter, Some(day(2020, 1, 1)), "SNOMED//185317003", "Encounter/e1")
            .with_encounter_id(encounter())
            .with_attribute("class", Attribute::Text("VR".into())),
        event(EventKind::Condition, Some(day(2013, 1, 1)), "SNOMED//44054006", "Condition/c1")
            .with_time_precision(TimePrecision::Year)
            .with_end_time(day(2021, 1, 1))
            .unwrap()
            .with_recorded_time(day(2020, 1, 1))
            .with_encounter_id(encounter())
            .with_attribute("other_codes", Attribute::Text("[\"ICD10//E11.9\"]".into())),
        event(EventKind::Condition, Some(day(2020, 1, 1)), "SNOMED//2", "Condition/c2")
            .with_encounter_id(EncounterId::new("Encounter/elsewhere").unwrap()),
    ]);
    let condition = resource(&bundle, "Condition/c1");
    assert_eq!(condition["encounter"]["reference"], "Encounter/e1");
    assert_eq!(condition["onsetDateTime"], "2013");
    assert_eq!(condition["clinicalStatus"]["coding"][0]["code"], "resolved");
    assert_eq!(condition["code"]["coding"][0]["display"], "Type 2 diabetes mellitus");
    assert_eq!(condition["code"]["coding"][1]["code"], "E11.9");
    assert_eq!(resource(&bundle, "Encounter/e1")["class"]["code"], "VR");
    assert_eq!(written.without_encounter, 1);
    assert!(resource(&bundle, "Condition/c2").get("encounter").is_none());
}

#[test]
fn regress_words_without_a_code_are_text_without_coding() {
    let (bundle, _) = written(vec![
        event(EventKind::Condition, Some(day(2013, 1, 1)), "TEXT//Bad \"chest\"", "Condition/c1"),
        event(EventKind::Condition, Some(day(2013, 1, 2)), "TEXT//Gout", "Condition/c2")
            .with_attribute("other_codes", Attribute::Text("[\"ICD10//M10\"]".into())),
    ]);
    assert_eq!(resource(&bundle, "Condition/c1")["code"], serde_json::json!({ "text": "Bad \"chest\"" }));
    // Among codings, words keep their rank as a display.
    let code = &resource(&bundle, "Condition/c2")["code"];
    assert_eq!((&code["coding"][0]["display"], &code["coding"][1]["code"]), (&"Gout".into(), &"M10".into()));
}

#[test]
fn regress_ids_are_permitted_and_distinct() {
    let at = Some(day(2020, 1, 1));
    let unnamed = Event::new(SUBJECT, at, Code::parse("A//1").unwrap()).with_kind(EventKind::Procedure);
    let (bundle, _) = written(vec![
        event(EventKind::Procedure, at, "A//2", "Procedure/17-2"),
        event(EventKind::Procedure, at, "A//3", "Procedure/17-2"),
        unnamed,
        event(EventKind::Procedure, at, "A//4", "surgery/12 b"),
    ]);
    let mut ids: Vec<&str> = bundle["entry"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["resource"]["id"].as_str().unwrap())
        .collect();
    assert!(ids.iter().all(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')));
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), count), (6, 6));
}

#[test]
fn law_a_writer_used_before_writes_the_same() {
    let timeline = Timeline::from_unordered(
        SUBJECT,
        vec![event(EventKind::Condition, Some(day(2020, 1, 1)), "SNOMED//44054006", "Condition/c1")],
    )
    .unwrap();
    let mut writer = BundleWriter::new(&display);
    let (mut first, mut second) = (Vec::new(), Vec::new());
    writer.write(&mut first, &timeline, Some(&IDENTITY));
    writer.write(&mut second, &timeline, Some(&IDENTITY));
    assert_eq!(first, second);
}

/// Every reference below a value.
fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str() {
                    Some(reference) if name == "reference" => found.push(reference),
                    _ => references(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

fn any_event() -> impl Strategy<Value = Event> {
    let record =
        prop::option::of("(Procedure|Observation|Encounter|DocumentReference|ServiceRequest|t)/(17-)?[0-4ü]");
    let encounter = prop::option::of("Encounter/[0-4ü]");
    let kind = prop::sample::select(EventKind::ALL.to_vec());
    let value = (prop::option::of(-1e6..1e6_f64), prop::option::of(".{0,12}|SNOMED//[0-9]{1,3}"));
    (
        kind,
        prop::option::of(0_i64..4),
        "(SNOMED|TEXT|LOCAL|SEX|https:a\\.b/c)//[a-zé\" ]{1,6}|X",
        record,
        encounter,
        value,
    )
        .prop_map(|(kind, day, code, record, encounter, (number, text))| {
            let time = day.map(|day| Timestamp::from_micros(day * MICROSECONDS_PER_DAY).unwrap());
            let mut event = Event::new(SUBJECT, time, Code::parse(code).unwrap()).with_kind(kind);
            if let Some(record) = record {
                event = event.with_record_id(RecordId::new(record).unwrap());
            }
            if let Some(encounter) = encounter {
                event = event.with_encounter_id(EncounterId::new(encounter).unwrap());
            }
            if let Some(number) = number {
                event = event.with_numeric_value(number).unwrap().with_unit(Unit::new("m\"").unwrap());
            }
            if let Some(text) = text {
                event = event.with_text_value(text);
            }
            event
        })
}

proptest! {
    #[test]
    fn law_any_timeline_makes_a_closed_bundle(events in prop::collection::vec(any_event(), 0..30)) {
        let count = events.len() as u64;
        let (bundle, written) = written(events);
        prop_assert_eq!(written.events + written.left_out.values().sum::<u64>(), count);
        let entries = bundle["entry"].as_array().unwrap();
        prop_assert_eq!(written.resources, entries.len() as u64);
        let urls: BTreeSet<&str> = entries.iter().map(|entry| entry["fullUrl"].as_str().unwrap()).collect();
        prop_assert_eq!(urls.len(), entries.len());
        let mut found = Vec::new();
        references(&bundle, &mut found);
        for reference in found {
            let url = format!("{BASE_URL}{reference}");
            prop_assert!(urls.contains(url.as_str()), "{} leads nowhere", reference);
        }
    }
}
