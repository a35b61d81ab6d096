use proptest::prelude::*;
use twinloom_event::{Attribute, Code, EncounterId, Event, EventKind, Source, SubjectId, Timestamp, Unit};

use super::*;
use crate::meds::{DatasetMetadata, read};

const WORDS: [&str; 6] = ["A//1", "B//2", "observation", "condition", "mg", "answer"];
const FURTHER: [FurtherColumn; 4] = [
    FurtherColumn { name: "category", holds: FurtherType::Word },
    FurtherColumn { name: "reason", holds: FurtherType::Word },
    FurtherColumn { name: "images", holds: FurtherType::Integer },
    FurtherColumn { name: "administration", holds: FurtherType::Flag },
];

/// A row before it is in columns.
#[expect(clippy::struct_excessive_bools, reason = "each is a cell of its own")]
#[derive(Clone, Debug)]
struct Row {
    subject: i64,
    time: Option<i64>,
    code: u32,
    number: Option<f32>,
    has_text: bool,
    kind: u32,
    has_unit: bool,
    encounter: Option<u32>,
    length: Option<i64>,
    category: Option<u32>,
    has_reason: bool,
    images: Option<i64>,
    is_administration: bool,
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let some = (0_i64..5, prop::option::of(0_i64..4000), 0_u32..2, prop::option::of(-1e6_f32..1e6));
    let more = (any::<bool>(), 2_u32..4, any::<bool>(), prop::option::of(0_u32..300));
    let rest = (prop::option::of(0_i64..50), prop::option::of(4_u32..6), any::<bool>());
    let last = (prop::option::of(-3_i64..3), any::<bool>());
    prop::collection::vec((some, more, rest, last), 0..300).prop_map(|rows| {
        let mut rows: Vec<Row> = rows
            .into_iter()
            .map(|((subject, time, code, number), (has_text, kind, has_unit, encounter), rest, last)| Row {
                subject,
                time,
                code,
                number,
                has_text,
                kind,
                has_unit,
                encounter,
                length: rest.0.filter(|_| time.is_some()),
                category: rest.1,
                has_reason: rest.2,
                images: last.0,
                is_administration: last.1,
            })
            .collect();
        rows.sort_by_key(|row| (row.subject, row.time));
        rows
    })
}

fn encode(encoder: &mut GroupEncoder, rows: &[Row]) -> EncodedGroup {
    fn keys(rows: &[Row], key: impl Fn(&Row) -> Option<u32>) -> Vec<u32> {
        rows.iter().map(|row| key(row).unwrap_or(NO_WORD)).collect()
    }
    let ids: Vec<String> = (0..300).map(|id| format!("Encounter/{id}")).collect();
    let word = |key: u32| WORDS[key as usize];
    let id = |key: u32| ids[key as usize].as_str();
    let places = |has: &dyn Fn(&Row) -> bool| -> Vec<u32> {
        (0..rows.len()).filter(|place| has(&rows[*place])).map(|place| place as u32).collect()
    };
    let subject_id: Vec<i64> = rows.iter().map(|row| row.subject).collect();
    let time: Vec<i64> = rows.iter().map(|row| row.time.unwrap_or(NO_TIME)).collect();
    let end_time: Vec<i64> = rows
        .iter()
        .map(|row| row.time.zip(row.length).map_or(NO_TIME, |(start, length)| start + length))
        .collect();
    let numeric_value: Vec<f32> = rows.iter().map(|row| row.number.unwrap_or(f32::NAN)).collect();
    let (code, kind) = (keys(rows, |row| Some(row.code)), keys(rows, |row| Some(row.kind)));
    let text = keys(rows, |row| row.has_text.then_some(5));
    let unit = keys(rows, |row| row.has_unit.then_some(4));
    let encounter = keys(rows, |row| row.encounter);
    let category = keys(rows, |row| row.category);
    let reasoned = places(&|row| row.has_reason);
    let reasons = vec![0; reasoned.len()];
    let pictured = places(&|row| row.images.is_some());
    let images: Vec<i64> = rows.iter().filter_map(|row| row.images).collect();
    let given = places(&|row| row.is_administration);
    let further = [
        Cells::Words(Words { keys: &category, texts: &word }),
        Cells::SparseWords { rows: &reasoned, words: Words { keys: &reasons, texts: &word } },
        Cells::SparseIntegers { rows: &pictured, values: &images },
        Cells::SparseFlags { rows: &given },
    ];
    let columns = EventColumns {
        subject_id: &subject_id,
        time: &time,
        code: Words { keys: &code, texts: &word },
        numeric_value: &numeric_value,
        text_value: Words { keys: &text, texts: &word },
        kind: Words { keys: &kind, texts: &word },
        unit: Words { keys: &unit, texts: &word },
        encounter_id: Words { keys: &encounter, texts: &id },
        end_time: &end_time,
        source: "simulator",
        further: &further,
    };
    encoder.encode(&columns).unwrap()
}

fn event(row: &Row) -> Event {
    let time = |micros| Timestamp::from_micros(micros).unwrap();
    let code = Code::parse(WORDS[row.code as usize]).unwrap();
    let kind = if row.kind == 2 { EventKind::Observation } else { EventKind::Condition };
    let mut event = Event::new(SubjectId::new(row.subject), row.time.map(time), code)
        .with_kind(kind)
        .with_source(Source::new("simulator").unwrap());
    if let Some(number) = row.number {
        event = event.with_numeric_value(f64::from(number)).unwrap();
    }
    if row.has_text {
        event = event.with_text_value(WORDS[5]);
    }
    if row.has_unit {
        event = event.with_unit(Unit::new(WORDS[4]).unwrap());
    }
    if let Some(id) = row.encounter {
        event = event.with_encounter_id(EncounterId::new(format!("Encounter/{id}")).unwrap());
    }
    if let Some((start, length)) = row.time.zip(row.length) {
        event = event.with_end_time(time(start + length)).unwrap();
    }
    if let Some(category) = row.category {
        event = event.with_attribute("category", Attribute::Text(WORDS[category as usize].into()));
    }
    if row.has_reason {
        event = event.with_attribute("reason", Attribute::Text(WORDS[0].into()));
    }
    if let Some(images) = row.images {
        event = event.with_attribute("images", Attribute::Integer(images));
    }
    if row.is_administration {
        event = event.with_attribute("administration", Attribute::Boolean(true));
    }
    event
}

fn word(key: u32) -> &'static str {
    WORDS[key as usize]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn law_columns_come_back_as_events(rows in rows(), cut in 0_i64..5) {
        let folder = tempfile::tempdir().unwrap();
        let layout = EventLayout::new(&FURTHER).unwrap();
        let mut encoder = GroupEncoder::new(&layout);
        let mut writer =
            ColumnarWriter::create(folder.path(), DatasetMetadata::new("columns", ""), &layout).unwrap();
        let (first, second) = rows.split_at(rows.partition_point(|row| row.subject < cut));
        for part in [first, second] {
            writer.append(encode(&mut encoder, part)).unwrap();
        }
        let summary = writer.finish(&word, std::iter::empty(), &|_| None).unwrap();
        prop_assert_eq!(summary.events, rows.len() as u64);

        let found = read(folder.path()).unwrap().dataset.cohort;
        let found: Vec<Event> = found.events().map(|event| event.clone().with_seq(0)).collect();
        prop_assert_eq!(found, rows.iter().map(event).collect::<Vec<_>>());
    }
}

#[test]
fn regress_subjects_out_of_order_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let layout = EventLayout::new(&FURTHER).unwrap();
    let mut encoder = GroupEncoder::new(&layout);
    let row = |subject| Row {
        subject,
        time: None,
        code: 0,
        number: None,
        has_text: false,
        kind: 2,
        has_unit: false,
        encounter: None,
        length: None,
        category: None,
        has_reason: false,
        images: None,
        is_administration: false,
    };
    let mut writer = ColumnarWriter::create(folder.path(), DatasetMetadata::new("x", ""), &layout).unwrap();
    writer.append(encode(&mut encoder, &[row(2)])).unwrap();
    assert!(writer.append(encode(&mut encoder, &[row(1)])).is_err());
}
