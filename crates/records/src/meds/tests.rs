use std::fs::File;
use std::sync::Arc;

use arrow::array::*;
use arrow::datatypes::{DataType, Field, Int32Type, Schema, TimeUnit};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::prelude::*;
use twinloom_event::{
    Attribute, Code, Cohort, Concept, EncounterId, Event, EventKind, Label, LabelValue, RecordId, Source,
    TimePrecision, Timestamp, Unit,
};

use super::*;
use crate::MemorySink;

const CREATED: &str = "2026-01-01T00:00:00";

/// Any attribute that a column can hold.
fn attribute() -> impl Strategy<Value = Attribute> {
    prop_oneof![
        any::<i64>().prop_map(Attribute::Integer),
        (-1e300_f64..1e300).prop_map(Attribute::Float),
        any::<bool>().prop_map(Attribute::Boolean),
        "\\PC{0,8}".prop_map(|text| Attribute::Text(text.into())),
        time().prop_map(Attribute::Time),
    ]
}

fn time() -> impl Strategy<Value = Timestamp> {
    (-62_135_596_800_000_000_i64..253_402_300_799_999_999)
        .prop_map(|micros| Timestamp::from_micros(micros).unwrap())
}

/// Any event of few subjects, codes and times, so that ties and repeats are common.
pub(crate) fn event() -> impl Strategy<Value = Event> {
    let who = (
        -2_i64..4,
        prop::option::of(prop_oneof![time(), (0_i64..3).prop_map(|n| Timestamp::from_micros(n).unwrap())]),
    );
    let what = (prop_oneof![Just("A//1"), Just("MEDS_BIRTH"), Just("é//ü")], 0..15_usize, 0..4_usize);
    let values = (
        prop::option::of(prop_oneof![Just(0.1), Just(2.0), -1e300_f64..1e300]),
        prop::option::of("\\PC{0,6}"),
        prop::option::of(prop_oneof![Just("mg"), Just("mm[Hg]")]),
    );
    let origin = (prop::option::of("[a-c]"), prop::option::of("[a-c]/[0-9]"), prop::option::of("gp|lab"));
    let times = (prop::option::of(0_i64..1_000_000_000), prop::option::of(time()));
    let name = prop_oneof![Just("status"), Just("kind"), Just("attribute.x"), Just("n")];
    let attributes = prop::collection::btree_map(name, attribute(), 0..3);
    (who, what, values, origin, times, attributes, 0_u32..3).prop_map(
        |(
            (subject, time),
            (code, kind, precision),
            (number, text, unit),
            (encounter, record, source),
            (length, recorded),
            attributes,
            seq,
        )| {
            let precisions =
                [TimePrecision::Instant, TimePrecision::Day, TimePrecision::Month, TimePrecision::Year];
            let mut event = Event::new(SubjectId::new(subject), time, Code::parse(code).unwrap())
                .with_kind(EventKind::ALL[kind])
                .with_time_precision(precisions[precision])
                .with_seq(seq);
            if let Some(number) = number {
                event = event.with_numeric_value(number).unwrap();
            }
            if let Some(text) = text {
                event = event.with_text_value(text);
            }
            if let Some(unit) = unit {
                event = event.with_unit(Unit::new(unit).unwrap());
            }
            if let Some(id) = encounter {
                event = event.with_encounter_id(EncounterId::new(id).unwrap());
            }
            if let Some(id) = record {
                event = event.with_record_id(RecordId::new(id).unwrap());
            }
            if let Some(source) = source {
                event = event.with_source(Source::new(source).unwrap());
            }
            if let (Some(start), Some(length)) = (time, length)
                && let Ok(end) = start.plus_micros(length)
            {
                event = event.with_end_time(end).unwrap();
            }
            if let Some(at) = recorded {
                event = event.with_recorded_time(at);
            }
            for (name, value) in attributes {
                event = event.with_attribute(name, value);
            }
            event
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn law_events_to_meds_to_events_is_identity(events in prop::collection::vec(event(), 0..60)) {
        let folder = tempfile::tempdir().unwrap();
        let concepts = vec![Concept {
            code: Code::parse("A//1").unwrap(),
            description: Some("first".into()),
            parents: vec![Code::parse("A//0").unwrap()],
        }];
        let dataset = Dataset { cohort: Cohort::from_events(events).unwrap(), concepts, ..Dataset::default() };
        let splits: BTreeMap<_, _> =
            dataset.cohort.timelines().iter().map(|timeline| (timeline.subject_id(), Split::Tuning)).collect();
        let metadata = DatasetMetadata::new("law", CREATED);
        write(folder.path(), &dataset, &metadata, &splits).unwrap();
        let back = read(folder.path()).unwrap();
        prop_assert_eq!(&back.dataset, &dataset);
        prop_assert_eq!(&back.splits, &splits);
        prop_assert_eq!(back.metadata.created_at.as_deref(), Some(CREATED));
        prop_assert_eq!(back.report.skipped(), 0);

        let mut sink = MemorySink::default();
        import(folder.path(), &mut sink, &mut |_| ()).unwrap();
        prop_assert_eq!(sink.into_dataset().unwrap(), dataset);
    }
}

fn write_file(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let fields: Vec<_> =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), Arc::clone(&schema), None).unwrap();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    writer.write(&RecordBatch::try_new(schema, arrays).unwrap()).unwrap();
    writer.close().unwrap();
}

fn core(
    subjects: Vec<Option<i64>>,
    times: Vec<Option<i64>>,
    codes: Vec<Option<&str>>,
) -> Vec<(&'static str, ArrayRef)> {
    vec![
        ("subject_id", Arc::new(Int64Array::from(subjects))),
        ("time", Arc::new(TimestampMicrosecondArray::from(times))),
        ("code", Arc::new(StringArray::from(codes))),
    ]
}

#[test]
fn ref_written_schema_is_that_of_meds_0_4() {
    let folder = tempfile::tempdir().unwrap();
    let event = Event::new(SubjectId::new(1), None, Code::parse("A").unwrap());
    let dataset = Dataset { cohort: Cohort::from_events(vec![event]).unwrap(), ..Dataset::default() };
    write(folder.path(), &dataset, &DatasetMetadata::new("x", CREATED), &BTreeMap::new()).unwrap();
    let schema = |name: &str| {
        let file = File::open(folder.path().join(name)).unwrap();
        ParquetRecordBatchReaderBuilder::try_new(file).unwrap().schema().clone()
    };
    // meds 0.4.1, schema.py: DataSchema.
    let data = schema("data/00000.parquet");
    let field = |name, data_type, nullable| {
        assert_eq!(data.field_with_name(name).unwrap(), &Field::new(name, data_type, nullable));
    };
    field("subject_id", DataType::Int64, false);
    field("time", DataType::Timestamp(TimeUnit::Microsecond, None), true);
    field("code", DataType::Utf8, false);
    field("numeric_value", DataType::Float32, true);
    field("text_value", DataType::LargeUtf8, true);
    assert!(data.field_with_name("numeric_value_f64").is_err());
    let splits = schema("metadata/subject_splits.parquet");
    assert_eq!(splits.fields().len(), 2);
    let codes = schema("metadata/codes.parquet");
    assert_eq!(
        codes.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>(),
        ["code", "description", "parent_codes"]
    );
}

#[test]
fn regress_foreign_types_become_attributes() {
    let folder = tempfile::tempdir().unwrap();
    let mut columns = core(vec![Some(7), Some(7)], vec![None, Some(5)], vec![Some("A"), Some("B")]);
    columns[1].1 = Arc::new(TimestampNanosecondArray::from(vec![None, Some(5_000)]));
    columns[2].1 = Arc::new(DictionaryArray::<Int32Type>::from_iter(["A", "B"]));
    let mut lists = ListBuilder::new(Int32Builder::new());
    lists.append_value([Some(1), None]);
    lists.append_null();
    columns.extend([
        ("numeric_value", Arc::new(Float64Array::from(vec![Some(0.1), None])) as ArrayRef),
        ("int", Arc::new(Int32Array::from(vec![Some(4), None]))),
        ("big", Arc::new(UInt64Array::from(vec![Some(u64::MAX), Some(3)]))),
        ("yes", Arc::new(BooleanArray::from(vec![Some(true), None]))),
        ("list", Arc::new(lists.finish())),
        ("at", Arc::new(TimestampMillisecondArray::from(vec![Some(2), None]))),
        ("word", Arc::new(DictionaryArray::<Int32Type>::from_iter([Some("w"), None]))),
        ("unit", Arc::new(Int32Array::from(vec![Some(1), None]))),
        ("kind", Arc::new(StringArray::from(vec![Some("thing"), Some("condition")]))),
    ]);
    write_file(&folder.path().join("data/deep/er/a.parquet"), columns);
    let read = read(folder.path()).unwrap();
    let events = read.dataset.cohort.timelines()[0].events();
    let first = &events[0];
    assert_eq!(first.numeric_value(), Some(0.1));
    assert_eq!(first.attribute("int"), Some(&Attribute::Integer(4)));
    assert_eq!(first.attribute("big"), Some(&Attribute::Text(u64::MAX.to_string().into())));
    assert_eq!(first.attribute("yes"), Some(&Attribute::Boolean(true)));
    assert_eq!(first.attribute("list"), Some(&Attribute::Text("[1,null]".into())));
    assert_eq!(first.attribute("at"), Some(&Attribute::Time(Timestamp::from_micros(2000).unwrap())));
    assert_eq!(first.attribute("word"), Some(&Attribute::Text("w".into())));
    assert_eq!(first.attribute("unit"), Some(&Attribute::Integer(1)));
    assert_eq!(first.attribute("kind"), Some(&Attribute::Text("thing".into())));
    assert_eq!(events[1].kind(), EventKind::Condition);
    assert_eq!(events[1].time().unwrap().micros(), 5);
    assert_eq!(events[1].attribute("int"), None);

    // And what was read can be written and read again.
    let again = tempfile::tempdir().unwrap();
    write(again.path(), &read.dataset, &DatasetMetadata::new("x", CREATED), &BTreeMap::new()).unwrap();
    assert_eq!(super::read(again.path()).unwrap().dataset, read.dataset);
}

#[test]
fn regress_breaches_are_repaired_or_located() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/a.parquet");
    write_file(
        &path,
        core(
            vec![Some(2), Some(1), None, Some(2), Some(1)],
            vec![Some(9), Some(3), Some(1), Some(4), Some(2)],
            vec![Some("A"), Some("B"), Some("C"), Some("D"), None],
        ),
    );
    write_file(&folder.path().join("data/b.parquet"), core(vec![Some(1)], vec![Some(1)], vec![Some("E")]));
    std::fs::write(folder.path().join("data/c.parquet"), b"PAR1 no").unwrap();
    let read = read(folder.path()).unwrap();
    let codes: Vec<_> = read.dataset.cohort.events().map(|event| event.code().as_str()).collect();
    assert_eq!(codes, ["E", "B", "D", "A"]);
    let data = &read.report.tables["data"];
    assert_eq!((data.read, data.kept, data.skipped), (6, 4, 2));
    let null_code = data.problems.iter().find(|problem| problem.reason.contains("code")).unwrap();
    assert_eq!(null_code.first[0].position, 5);
    assert!(data.problems.iter().any(|problem| problem.reason.contains("more than one file")));
    assert!(data.problems.iter().any(|problem| problem.reason.contains("do not stand together")));
    assert_eq!(read.report.tables["files"].skipped, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn law_a_damaged_file_is_read_or_refused(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        kept in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/a.parquet");
        let mut columns = core(vec![Some(1); 40], (0..40).map(Some).collect(), vec![Some("A//1"); 40]);
        columns.push(("text_value", Arc::new(LargeStringArray::from_iter_values((0..40).map(|n| n.to_string())))));
        columns.push(("flag", Arc::new(BooleanArray::from(vec![true; 40]))));
        write_file(&path, columns);
        let mut bytes = std::fs::read(&path).unwrap();
        for (place, value) in damage {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if let Some(kept) = kept {
            bytes.truncate(kept.index(bytes.len()));
        }
        std::fs::write(&path, bytes).unwrap();
        if let Ok(read) = read(folder.path()) {
            prop_assert_eq!(read.report.read(), read.report.kept() + read.report.skipped());
        }
    }
}

#[test]
fn regress_a_missing_or_hopeless_column_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/a.parquet");
    let mut columns = core(vec![Some(1)], vec![Some(1)], vec![Some("A")]);
    columns.pop();
    write_file(&path, columns);
    let text = read(folder.path()).unwrap_err().to_string();
    assert!(text.contains("no column code") && text.contains("subject_id, time"), "{text}");

    let mut columns = core(vec![Some(1)], vec![Some(1)], vec![Some("A")]);
    columns[0].1 = Arc::new(StringArray::from(vec!["one"]));
    write_file(&path, columns);
    assert!(matches!(read(folder.path()), Err(MedsError::ColumnType { .. })));
    assert!(matches!(read(&folder.path().join("data")), Err(MedsError::NoData { .. })));
}

#[test]
fn law_labels_round_trip_in_each_form() {
    let folder = tempfile::tempdir().unwrap();
    let label = |subject, value| Label {
        subject_id: SubjectId::new(subject),
        prediction_time: Timestamp::from_ymd(2020, 1, 1).unwrap(),
        value,
    };
    let forms = [
        [LabelValue::Boolean(true), LabelValue::Boolean(false)],
        [LabelValue::Integer(-3), LabelValue::Integer(i64::MAX)],
        [LabelValue::Float(0.5), LabelValue::Float(-2.0)],
        [LabelValue::Categorical("a".into()), LabelValue::Categorical(String::new().into())],
    ];
    for [first, second] in forms {
        let labels = vec![label(1, first), label(2, second)];
        let file = folder.path().join("labels.parquet");
        write_labels(&file, &labels).unwrap();
        assert_eq!(read_labels(&file).unwrap(), labels);
    }
    let mixed = [label(1, LabelValue::Boolean(true)), label(2, LabelValue::Integer(1))];
    assert!(matches!(write_labels(&folder.path().join("m.parquet"), &mixed), Err(MedsError::MixedLabels)));
}
