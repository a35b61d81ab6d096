//! Timelines to FHIR bundles, in bytes of JSON per second on one core.
//!
//! The record is that of a patient with two long-term conditions: each contact has an encounter, a
//! blood pressure, two laboratory results, a repeat prescription and now and then a diagnosis.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use twinloom_event::{
    Attribute, Code, EncounterId, Event, EventKind, RecordId, SubjectId, TimePrecision, Timeline, Timestamp,
    Unit,
};
use twinloom_records::fhir::write::{BundleWriter, PatientIdentity, Practice};

const SUBJECT: SubjectId = SubjectId::new(1_000_017);
const IDENTITY: PatientIdentity = PatientIdentity {
    nhs_number: "9990000018",
    family: "Armitage",
    given: "Edith",
    address_line: "1 Alder Row",
    city: "Dunmere Cross",
    postcode: "ZZ99 3VZ",
    telephone: None,
    practice: Practice { ods_code: "A81001", name: "Alder Row Surgery" },
};
const DAYS_BETWEEN_CONTACTS: f64 = 91.0;

fn event(kind: EventKind, time: Option<Timestamp>, code: &str, record: &str) -> Event {
    Event::new(SUBJECT, time, Code::parse(code).expect("a code"))
        .with_kind(kind)
        .with_record_id(RecordId::new(record).expect("an id"))
}

fn measured(time: Timestamp, code: &str, record: &str, value: f64, unit: &str) -> Event {
    event(EventKind::Observation, Some(time), code, record)
        .with_numeric_value(value)
        .expect("a finite number")
        .with_unit(Unit::new(unit).expect("a unit"))
}

fn record(contacts: u32) -> Timeline {
    let birth = Timestamp::from_ymd(1950, 4, 2).expect("a date");
    let mut events = vec![
        event(EventKind::Demographic, None, "SEX//female", "Patient/1000017"),
        event(EventKind::Demographic, None, "ETHNICITY//A", "Patient/1000017"),
        event(EventKind::Demographic, None, "IMD_DECILE//3", "Patient/1000017"),
        event(EventKind::Birth, Some(birth), "MEDS_BIRTH", "Patient/1000017")
            .with_time_precision(TimePrecision::Day),
    ];
    let first = Timestamp::from_ymd_hms(2000, 1, 5, 9, 40, 0).expect("a date");
    for contact in 0..contacts {
        let at = first.plus_days(DAYS_BETWEEN_CONTACTS * f64::from(contact)).expect("a date");
        let encounter = format!("Encounter/{contact}");
        let id = EncounterId::new(encounter.as_str()).expect("an id");
        let value = f64::from(contact % 30);
        let pressure = format!("Observation/bp{contact}");
        let status = || Attribute::Text("final".into());
        let mut own = vec![
            event(EventKind::Encounter, Some(at), "SNOMED//185349003", &encounter)
                .with_end_time(at.plus_days(0.01).expect("a date"))
                .expect("an end after the start"),
            event(EventKind::Observation, Some(at), "SNOMED//75367002", &pressure),
            measured(at, "SNOMED//271649006", &pressure, 120.0 + value, "mm[Hg]"),
            measured(at, "SNOMED//271650006", &pressure, 70.0 + value, "mm[Hg]"),
            measured(
                at,
                "SNOMED//999791000000106",
                &format!("Observation/h{contact}"),
                48.0 + value,
                "mmol/mol",
            ),
            measured(
                at,
                "SNOMED//1000641000000106",
                &format!("Observation/c{contact}"),
                4.2 + value / 10.0,
                "mmol/L",
            ),
            event(EventKind::Medication, Some(at), "DMD//319283006", &format!("MedicationRequest/{contact}")),
        ];
        if contact.is_multiple_of(20) {
            let id = format!("Condition/{contact}");
            own.push(event(EventKind::Condition, Some(at), "SNOMED//44054006", &id).with_recorded_time(at));
        }
        events.extend(own.into_iter().map(|event| {
            let event = event.with_encounter_id(id.clone());
            if event.kind() == EventKind::Observation {
                event.with_attribute("status", status())
            } else {
                event
            }
        }));
    }
    Timeline::from_unordered(SUBJECT, events).expect("one subject's events")
}

fn display(code: &Code) -> Option<&'static str> {
    (code.system() == Some("SNOMED")).then_some("A preferred term of usual length")
}

fn write(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fhir_write");
    for contacts in [10, 100, 1000] {
        let timeline = record(contacts);
        let mut writer = BundleWriter::new(&display);
        let mut out = Vec::new();
        writer.write(&mut out, &timeline, Some(&IDENTITY));
        group.throughput(Throughput::Bytes(out.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(contacts), &timeline, |bencher, timeline| {
            bencher.iter(|| {
                out.clear();
                writer.write(&mut out, black_box(timeline), Some(&IDENTITY));
                out.len()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, write);
criterion_main!(benches);
