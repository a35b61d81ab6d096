//! MEDS written here and read by pyarrow, and written by pyarrow and read here.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use twinloom_event::{Attribute, Code, EventKind, Split, SubjectId, Timestamp};
use twinloom_records::meds::{self, DatasetMetadata};
use twinloom_records::study::{StudyOptions, StudyWriter};
use twinloom_records::tables::{TableFormat, import_tables};

/// Runs one of tests/python's scripts; `None`, saying so, where `./test` has not set up Python.
fn python(script: &str, argument: &Path) -> Option<String> {
    let Some(python) = std::env::var_os("TWINLOOM_TEST_PYTHON") else {
        let in_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
        assert!(!in_ci, "TWINLOOM_TEST_PYTHON is not set; ./test sets it");
        eprintln!("skipped: TWINLOOM_TEST_PYTHON names no Python with the outside readers; run ./test");
        return None;
    };
    let script = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/python")).join(script);
    let output = Command::new(python).arg(script).arg(argument).output().expect("Python can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).expect("the scripts print UTF-8"))
}

#[test]
fn ref_pyarrow_reads_what_is_written() {
    let tables = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/mimic3_demo"));
    if !tables.is_dir() {
        eprintln!("skipped: ../shared/data/mimic3_demo is absent");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let options = StudyOptions {
        memory_budget_bytes: 8 << 20,
        ..StudyOptions::new(DatasetMetadata::new("outside", "2026-01-01T00:00:00"))
    };
    let mut writer = StudyWriter::create(folder.path(), options).unwrap();
    import_tables(&TableFormat::Mimic3, tables, &mut writer, &mut |_| ()).unwrap();
    let summary = writer.finish(&|_| Split::Train).unwrap();
    let Some(text) = python("check_meds.py", &folder.path().join("events")) else { return };
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(found["rows"].as_u64(), Some(summary.events));
    assert_eq!(found["subjects"].as_u64(), Some(100));
    assert_eq!(found["codes"].as_u64(), Some(summary.codes));
}

#[test]
fn ref_what_pyarrow_writes_is_read_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    if python("make_meds.py", folder.path()).is_none() {
        return;
    }
    let read = meds::read(folder.path()).unwrap();
    assert_eq!(
        read.splits,
        BTreeMap::from([(SubjectId::new(1), Split::Train), (SubjectId::new(-9), Split::HeldOut)])
    );
    assert_eq!(read.metadata.dataset_name.as_deref(), Some("other"));
    let potassium = &read.dataset.concepts[0];
    assert_eq!(potassium.description.as_deref(), Some("potassium"));
    assert_eq!(potassium.parents, [Code::parse("LAB").unwrap()]);
    let events = read.dataset.cohort.get(SubjectId::new(1)).unwrap().events();
    let text = |text: &str| Some(Attribute::Text(text.into()));
    let time = |micros| Some(Attribute::Time(Timestamp::from_micros(micros).unwrap()));
    let wanted = [
        ("int32", Some(Attribute::Integer(1))),
        ("uint64", text("18446744073709551615")),
        ("half", Some(Attribute::Float(0.25))),
        ("yes", Some(Attribute::Boolean(true))),
        ("word", text("a")),
        ("list", text("[1,null]")),
        ("struct", text(r#"{"x":1,"y":"z"}"#)),
        ("ns", time(1)),
        ("ms", time(7000)),
        ("date", Some(Attribute::Time(Timestamp::from_ymd(2020, 2, 29).unwrap()))),
        ("binary", text("00ff")),
        ("decimal", text("1.50")),
        ("nothing", None),
    ];
    for (name, value) in wanted {
        assert_eq!(events[0].attribute(name), value.as_ref(), "{name}");
    }
    assert_eq!(events[0].time(), None);
    assert_eq!(events[0].kind(), EventKind::Observation);
    assert_eq!(events[0].unit().unwrap().as_str(), "mmol/L");
    assert_eq!(events[1].attribute("kind"), text("of their own").as_ref());
    assert_eq!(events[1].text_value(), Some("né"));
    assert_eq!(events[2].text_value(), Some(""));

    let again = tempfile::tempdir().unwrap();
    meds::write(again.path(), &read.dataset, &read.metadata, &read.splits).unwrap();
    assert_eq!(meds::read(again.path()).unwrap().dataset, read.dataset);
}
