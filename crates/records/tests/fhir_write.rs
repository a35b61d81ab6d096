//! Bundles of every resource type written, against outside readers.

use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use twinloom_event::{
    Attribute, Code, Dataset, EncounterId, Event, EventKind, RecordId, Source, SubjectId, TimePrecision,
    Timeline, Timestamp, Unit,
};
use twinloom_records::MemorySink;
use twinloom_records::fhir::write::{BundleWriter, PatientIdentity, Practice, ShardWriter};
use twinloom_records::fhir::{ImportOptions, import};

const SUBJECT: SubjectId = SubjectId::new(17);
const ENCOUNTER: &str = "Encounter/e1";

fn identity() -> PatientIdentity<'static> {
    PatientIdentity {
        nhs_number: "9990000018",
        family: "Armitage",
        given: "Zoë",
        address_line: "1 \"Alder\" Row",
        city: "Dunmere Cross",
        postcode: "ZZ99 3VZ",
        telephone: Some("07700 900000"),
        practice: Practice { ods_code: "A81001", name: "Alder Row Surgery" },
    }
}

fn at(hour: u32) -> Timestamp {
    Timestamp::from_ymd_hms(2023, 6, 15, hour, 5, 9).expect("a date")
}

fn event(kind: EventKind, time: Option<Timestamp>, code: &str, record: &str) -> Event {
    Event::new(SUBJECT, time, Code::parse(code).expect("a code"))
        .with_kind(kind)
        .with_record_id(RecordId::new(record).expect("an id"))
}

fn with(event: Event, attributes: &[(&str, &str)]) -> Event {
    attributes
        .iter()
        .fold(event, |event, (name, text)| event.with_attribute(*name, Attribute::Text((*text).into())))
}

fn in_encounter(event: Event) -> Event {
    event.with_encounter_id(EncounterId::new(ENCOUNTER).expect("an id"))
}

fn until(event: Event, end: Timestamp) -> Event {
    event.with_end_time(end).expect("the end follows the start")
}

fn measured(event: Event, value: f64, unit: &str) -> Event {
    let event = event.with_numeric_value(value).expect("a finite number");
    event.with_unit(Unit::new(unit).expect("a unit"))
}

/// A record with every resource type, every attribute, each precision of time.
fn record() -> Timeline {
    use EventKind::{
        Administrative, Allergy, Birth, CarePlan, Condition, Death, Demographic, Document, Encounter,
        Immunisation, Medication, Observation, Procedure,
    };
    let (status, patient) = ("status", "Patient/17");
    let year = Timestamp::from_ymd(2013, 1, 1).expect("a date");
    let day = Timestamp::from_ymd(2023, 6, 14).expect("a date");
    let panel = |code| {
        in_encounter(event(Observation, Some(at(9)), code, "Observation/bp")).with_recorded_time(at(10))
    };
    let events = vec![
        event(Demographic, None, "SEX//male", patient),
        event(Demographic, None, "ETHNICITY//H", patient),
        event(Demographic, None, "IMD_DECILE//10", patient).with_numeric_value(10.0).expect("finite"),
        event(Birth, Some(year), "MEDS_BIRTH", patient).with_time_precision(TimePrecision::Year),
        event(Death, Some(at(18)), "MEDS_DEATH", patient).with_recorded_time(at(23)),
        event(Administrative, Some(year), "HOUSEHOLD", patient)
            .with_time_precision(TimePrecision::Day)
            .with_text_value("3f9a"),
        event(Administrative, Some(day), "HOUSEHOLD", patient)
            .with_time_precision(TimePrecision::Day)
            .with_text_value("b2 \"cottage\""),
        event(Administrative, Some(at(7)), "PRACTICE", patient).with_text_value("ZZ0001"),
        with(
            in_encounter(until(event(Encounter, Some(at(9)), "SNOMED//185317003", ENCOUNTER), at(10)))
                .with_recorded_time(at(20)),
            &[("class", "VR"), (status, "finished"), ("reason", "SNOMED//44054006")],
        ),
        with(
            in_encounter(until(event(Condition, Some(year), "SNOMED//44054006", "Condition/c1"), at(11)))
                .with_time_precision(TimePrecision::Year)
                .with_recorded_time(at(9)),
            &[
                ("clinical_status", "resolved"),
                ("verification_status", "confirmed"),
                ("category", "problem-list-item"),
                ("other_codes", "[\"ICD10//E11.9\"]"),
            ],
        ),
        with(panel("SNOMED//75367002"), &[(status, "final"), ("category", "vital-signs")]),
        with(
            measured(panel("SNOMED//271649006"), 141.0, "mm[Hg]"),
            &[(status, "final"), ("category", "vital-signs")],
        ),
        with(
            measured(panel("SNOMED//271650006"), 83.5, "mm[Hg]"),
            &[(status, "final"), ("category", "vital-signs")],
        ),
        with(
            event(Observation, Some(day), "SNOMED//1000731000000107", "Observation/creatinine")
                .with_time_precision(TimePrecision::Day)
                .with_numeric_value(88.25)
                .expect("finite")
                .with_unit(Unit::new("umol/L").expect("a unit")),
            &[(status, "final"), ("category", "laboratory")],
        ),
        with(
            event(Observation, Some(at(9)), "SNOMED//365980008", "Observation/smoking")
                .with_text_value("SNOMED//266919005"),
            &[(status, "final")],
        ),
        with(
            event(Observation, Some(at(9)), "SNOMED//11429006", "Observation/text")
                .with_text_value("seen\nat \"home\""),
            &[(status, "final")],
        ),
        with(
            measured(
                in_encounter(until(
                    event(Medication, Some(at(9)), "DMD//319283006", "MedicationRequest/m1"),
                    at(12),
                )),
                2.0,
                "mg",
            )
            .with_recorded_time(at(20)),
            &[(status, "completed"), ("intent", "order")],
        ),
        with(
            in_encounter(event(Procedure, Some(at(9)), "SNOMED//164847006", "Procedure/p1"))
                .with_recorded_time(at(20)),
            &[(status, "completed")],
        ),
        with(
            until(event(Procedure, Some(at(9)), "OPCS4//K40.1", "Procedure/p2"), at(14)),
            &[(status, "completed")],
        ),
        with(
            event(Immunisation, Some(day), "DMD//39114911000001105", "Immunization/i1")
                .with_time_precision(TimePrecision::Day)
                .with_recorded_time(at(9)),
            &[(status, "completed")],
        ),
        with(
            event(Allergy, Some(at(9)), "SNOMED//91936005", "AllergyIntolerance/a1")
                .with_recorded_time(at(10)),
            &[
                ("clinical_status", "active"),
                ("verification_status", "confirmed"),
                ("category", "medication"),
            ],
        ),
        with(
            in_encounter(event(Document, Some(at(9)), "SNOMED//721981007", "DiagnosticReport/r1"))
                .with_recorded_time(at(15))
                .with_text_value("No acute change."),
            &[(status, "final")],
        ),
        with(
            in_encounter(event(Document, Some(at(9)), "SNOMED//823681000000100", "DocumentReference/d1"))
                .with_recorded_time(at(20)),
            &[(status, "current")],
        ),
        with(
            in_encounter(event(CarePlan, Some(at(9)), "SNOMED//268400002", "ServiceRequest/s1"))
                .with_recorded_time(at(20)),
            &[(status, "active"), ("intent", "order")],
        ),
        with(
            in_encounter(event(CarePlan, Some(at(9)), "SNOMED//718347000", "CarePlan/cp1"))
                .with_recorded_time(at(20)),
            // A CarePlan has its code for a category.
            &[(status, "active"), ("intent", "plan"), ("category", "718347000")],
        ),
    ];
    Timeline::from_unordered(SUBJECT, events).expect("one subject's events")
}

fn display(code: &Code) -> Option<&'static str> {
    (code.system() == Some("SNOMED")).then_some("a term")
}

fn write_to(folder: &Path, timeline: &Timeline) {
    let mut bundle = Vec::new();
    let written = BundleWriter::new(&display).write(&mut bundle, timeline, Some(&identity()));
    assert_eq!((written.events as usize, written.left_out.len()), (timeline.events().len(), 0));
    let mut shards = ShardWriter::create(folder, ShardWriter::BUNDLES_PER_SHARD).expect("a folder");
    shards.push(&bundle).expect("space");
    shards.finish().expect("space");
}

#[test]
fn ref_every_resource_type_is_valid_fhir() {
    let Some(python) = std::env::var_os("TWINLOOM_TEST_PYTHON") else {
        let in_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
        assert!(!in_ci, "TWINLOOM_TEST_PYTHON is not set; ./test sets it");
        eprintln!("skipped: TWINLOOM_TEST_PYTHON names no Python with the outside readers; run ./test");
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    write_to(folder.path(), &record());
    let workspace = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let mut check = Command::new(python);
    check.arg(workspace.join("tests/python/check_fhir.py")).arg(folder.path());
    for (option, path) in [("--schema", "fhir_r4_definitions/fhir.schema.json.gz"), ("--uk-core", "uk_core")]
    {
        let published = workspace.join("../shared/data").join(path);
        if published.exists() {
            check.arg(option).arg(published);
        } else {
            eprintln!("skipped: {option}, since ../shared/data/{path} is absent");
        }
    }
    let output = check.output().expect("Python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let checked: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    for resource_type in [
        "AllergyIntolerance",
        "CarePlan",
        "Condition",
        "DiagnosticReport",
        "DocumentReference",
        "Encounter",
        "Immunization",
        "MedicationRequest",
        "Observation",
        "Organization",
        "Patient",
        "Procedure",
        "ServiceRequest",
    ] {
        assert!(checked["resources"][resource_type].as_u64() >= Some(1), "{resource_type}");
    }
}

fn import_from(folder: &Path) -> Dataset {
    let options =
        ImportOptions { threads: 1, source: Source::new("gp").expect("a name"), ..Default::default() };
    let mut sink = MemorySink::default();
    import(&[folder.to_owned()], &options, &mut sink, &|_| {}).expect("the folder is there");
    sink.into_dataset().expect("few events")
}

/// What a round trip must keep of an event; ties of time may be numbered anew.
fn comparable(event: &Event) -> (RecordId, Event) {
    let record_id = event.record_id().expect("every event has one").clone();
    (record_id, event.clone().with_seq(0).with_source(Source::new("gp").expect("a name")))
}

fn assert_round_trip(timeline: &Timeline) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    write_to(folder.path(), timeline);
    let dataset = import_from(folder.path());
    let read = dataset.cohort.get(timeline.subject_id()).expect("the subject");
    // Within a record the order of events stays; records of one time may change places.
    let sorted = |timeline: &Timeline| {
        let mut events: Vec<_> = timeline.events().iter().map(comparable).collect();
        events.sort_by(|a, b| a.0.cmp(&b.0));
        events
    };
    let (written, read) = (sorted(timeline), sorted(read));
    for (written, read) in written.iter().zip(&read) {
        assert_eq!(written, read);
    }
    assert_eq!(written.len(), read.len());
}

#[test]
fn law_every_kind_of_event_is_imported_as_it_was() {
    assert_round_trip(&record());
}

fn any_time() -> impl Strategy<Value = (Timestamp, TimePrecision)> {
    let precision = prop::sample::select(vec![
        TimePrecision::Year,
        TimePrecision::Month,
        TimePrecision::Day,
        TimePrecision::Instant,
    ]);
    (1900..2100_i32, 1..=12_u32, 1..=28_u32, 0..86_400_000_000_i64, precision).prop_map(
        |(year, month, day, micros, precision)| {
            let (month, day, micros) = match precision {
                TimePrecision::Year => (1, 1, 0),
                TimePrecision::Month => (month, 1, 0),
                TimePrecision::Day => (month, day, 0),
                TimePrecision::Instant => (month, day, micros),
            };
            let date = Timestamp::from_ymd(year, month, day).expect("every month has 28 days");
            (date.plus_micros(micros).expect("within the years"), precision)
        },
    )
}

/// An Observation's value: nothing, a number of at most 15 digits (which any JSON reader reads
/// exactly), a coded answer or words.
fn any_observation(number: usize) -> impl Strategy<Value = Event> {
    let value = prop_oneof![
        Just((None, None)),
        (-999_999_999..999_999_999_i64, 0..5_i32)
            .prop_map(|(digits, places)| (Some(digits as f64 / 10_f64.powi(places)), None)),
        "SNOMED//[1-9][0-9]{5,8}".prop_map(|code| (None, Some(code))),
        "[ -~é\u{1f600}\n\t]{1,20}".prop_map(|text| (None, Some(text))),
    ];
    ("(SNOMED|LOINC|LOCAL|https:a\\.example/codes)//[A-Za-z0-9.-]{1,10}", any_time(), value).prop_map(
        move |(code, (time, precision), (value, text))| {
            let event = event(EventKind::Observation, Some(time), &code, &format!("Observation/o{number}"))
                .with_time_precision(precision)
                .with_recorded_time(time.plus_days(400.5).expect("within the years"))
                .with_attribute("status", Attribute::Text("final".into()));
            match (value, text) {
                (Some(value), _) => measured(event, value, "mmol/L"),
                (None, Some(text)) => event.with_text_value(text),
                (None, None) => event,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn law_observations_are_imported_as_they_were(
        events in (any_observation(0), any_observation(1), any_observation(2)).prop_map(|(a, b, c)| vec![a, b, c])
    ) {
        let timeline = Timeline::from_unordered(SUBJECT, events).expect("one subject's events");
        assert_round_trip(&timeline);
    }
}
