//! Records to build graphs of.
#![expect(clippy::unwrap_used, reason = "the values are written here and valid")]

use proptest::prelude::*;
use twinloom_event::{
    Attribute, Code, Cohort, Concept, Dataset, EncounterId, Entity, Event, EventKind, Link,
    MICROSECONDS_PER_DAY, RecordId, SubjectId, TimePrecision, Timestamp, Unit,
};

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

fn record(text: &str) -> RecordId {
    RecordId::new(text).unwrap()
}

fn at(month: u32, day: u32, hour: u32) -> Timestamp {
    Timestamp::from_ymd_hms(2020, month, day, hour, 0, 0).unwrap()
}

fn link(from: &str, path: &str, to: &str) -> Link {
    Link { from: record(from), path: path.into(), to: record(to) }
}

/// Two patients; one with two encounters, a blood pressure, a smoking status and a diagnosis.
pub(crate) fn small_record() -> Dataset {
    let one = SubjectId::new(1);
    let event = |time, text: &str, kind, from: &str| {
        Event::new(one, time, code(text)).with_kind(kind).with_record_id(record(from))
    };
    let within = |event: Event, id: &str| event.with_encounter_id(EncounterId::new(id).unwrap());
    let fact = |text: &str| event(None, text, EventKind::Demographic, "Patient/p1");
    let encounter = |id: &str, month, hour| {
        within(event(Some(at(month, 1, hour)), "SNOMED//185349003", EventKind::Encounter, id), id)
            .with_attribute("class", Attribute::Text("AMB".into()))
    };
    let born = Timestamp::from_ymd(1950, 6, 1).unwrap();
    let events = vec![
        fact("SEX//female"),
        fact("IMD_DECILE//3"),
        event(Some(born), "MEDS_BIRTH", EventKind::Birth, "Patient/p1"),
        Event::new(one, Some(at(1, 2, 9)), code("SNOMED//185349003"))
            .with_kind(EventKind::Encounter)
            .with_record_id(record("Encounter/e1"))
            .with_encounter_id(EncounterId::new("Encounter/e1").unwrap())
            .with_attribute("class", Attribute::Text("AMB".into()))
            .with_end_time(at(1, 2, 10))
            .unwrap(),
        within(
            event(Some(at(1, 2, 9)), "LOINC//85354-9", EventKind::Observation, "Observation/bp"),
            "Encounter/e1",
        ),
        within(
            event(Some(at(1, 2, 9)), "LOINC//8480-6", EventKind::Observation, "Observation/bp"),
            "Encounter/e1",
        )
        .with_numeric_value(150.0)
        .unwrap()
        .with_unit(Unit::new("mm[Hg]").unwrap()),
        within(
            event(Some(at(1, 2, 9)), "LOINC//8462-4", EventKind::Observation, "Observation/bp"),
            "Encounter/e1",
        )
        .with_numeric_value(95.0)
        .unwrap(),
        encounter("Encounter/e2", 2, 10),
        event(Some(at(1, 20, 9)), "LOINC//72166-2", EventKind::Observation, "Observation/smoking")
            .with_text_value("SNOMED//266919005"),
        within(
            event(Some(at(2, 1, 10)), "ICD10//I10", EventKind::Condition, "Condition/htn"),
            "Encounter/e2",
        )
        .with_attribute("other_codes", Attribute::Text(r#"["SNOMED//38341003"]"#.into())),
        Event::new(SubjectId::new(2), None, code("SEX//male")).with_kind(EventKind::Demographic),
    ];
    let concept = |text: &str, words: &str, parents: Vec<Code>| Concept {
        code: code(text),
        description: Some(words.into()),
        parents,
    };
    Dataset {
        cohort: Cohort::from_events(events).unwrap(),
        links: vec![
            link("Encounter/e2", "reasonReference", "Condition/htn"),
            link("Encounter/e2", "serviceProvider", "Organization/o1"),
            link("Observation/bp", "performer", "Practitioner/none"),
            link("Observation/bp", "subject", "Patient/p1"),
        ],
        entities: vec![Entity {
            record_id: record("Organization/o1"),
            kind: "Organization".into(),
            name: Some("A surgery".into()),
            attributes: std::collections::BTreeMap::new(),
        }],
        concepts: vec![
            concept("LOINC//8480-6", "Systolic", vec![]),
            concept("ICD10//I10", "Hypertension", vec![code("ICD10//I10-I15")]),
            concept("LOINC//unused", "Never seen", vec![]),
        ],
    }
}

const KINDS: [EventKind; 5] = [
    EventKind::Encounter,
    EventKind::Condition,
    EventKind::Observation,
    EventKind::Medication,
    EventKind::Demographic,
];
const CODES: [&str; 6] = ["SNOMED//1", "ICD10//E11.9", "ATC//A10BA02", "SEX//female", "PLAIN", "LOINC//2"];
const PATHS: [&str; 4] = ["result", "partOf", "subject", "participant.individual"];

/// Up to forty events of three subjects who share encounters, artefacts and entities, rightly or not.
pub(crate) fn any_record() -> impl Strategy<Value = Dataset> {
    let event = (
        (0_i64..3, prop::option::of(0_i64..60), prop::option::of(0_i64..90)),
        (prop::sample::select(&KINDS[..]), prop::sample::select(&CODES[..])),
        (prop::option::of(0_u8..4), prop::option::of(0_u8..6)),
        prop::option::of(-5.0_f64..5.0),
        any::<bool>(),
    );
    let reference = (0_u8..8, prop::sample::select(&PATHS[..]), 0_u8..8);
    (prop::collection::vec(event, 0..40), prop::collection::vec(reference, 0..20)).prop_map(
        |(events, links)| {
            let day = |day: i64| Timestamp::from_micros(day * MICROSECONDS_PER_DAY).unwrap();
            let events = events
                .into_iter()
                .map(|((subject, time, recorded), (kind, text), (encounter, artefact), value, whole_day)| {
                    let mut event =
                        Event::new(SubjectId::new(subject), time.map(day), code(text)).with_kind(kind);
                    if whole_day {
                        event = event.with_time_precision(TimePrecision::Day);
                    }
                    if let Some(recorded) = recorded {
                        event = event.with_recorded_time(day(recorded));
                    }
                    if let Some(encounter) = encounter {
                        event = event
                            .with_encounter_id(EncounterId::new(format!("Encounter/{encounter}")).unwrap());
                    }
                    if let Some(artefact) = artefact {
                        let name = if artefact < 5 { "Observation" } else { "Patient" };
                        event = event.with_record_id(record(&format!("{name}/{artefact}")));
                    }
                    match value {
                        Some(value) => event.with_numeric_value(value).unwrap(),
                        None => event,
                    }
                })
                .collect();
            let name = |number: u8| match number {
                0..6 => format!("Observation/{number}"),
                6 => "Encounter/1".to_owned(),
                _ => "Device/1".to_owned(),
            };
            Dataset {
                cohort: Cohort::from_events(events).unwrap(),
                links: links.into_iter().map(|(from, path, to)| link(&name(from), path, &name(to))).collect(),
                entities: vec![Entity {
                    record_id: record("Device/1"),
                    kind: "Device".into(),
                    name: None,
                    attributes: std::collections::BTreeMap::new(),
                }],
                concepts: Vec::new(),
            }
        },
    )
}
