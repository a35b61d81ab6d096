use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use twinloom_event::{
    Attribute, AttributeType, Attributes, Code, Concept, Entity, Event, Link, RecordId, Split, SubjectId,
};

use super::*;
use crate::meds::{DatasetMetadata, MedsError};
use crate::{MemorySink, Sink};

fn options(memory_budget_bytes: usize) -> StudyOptions {
    StudyOptions {
        memory_budget_bytes,
        ..StudyOptions::new(DatasetMetadata::new("law", "2026-01-01T00:00:00"))
    }
}

fn split_of(subject: SubjectId) -> Split {
    if subject.get() % 2 == 0 { Split::Train } else { Split::HeldOut }
}

/// Every file below a folder with its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn id(text: &str) -> RecordId {
    RecordId::new(text).unwrap()
}

fn fill(sink: &mut dyn Sink, events: &[Event], links: &[(u8, u8)]) {
    for event in events {
        sink.subject(event.subject_id(), &format!("s{}", event.subject_id())).unwrap();
        sink.event(event.clone()).unwrap();
    }
    for (number, (from, to)) in links.iter().enumerate() {
        let link = Link { from: id(&format!("A/{from}")), path: "p".into(), to: id(&format!("B/{to}")) };
        sink.link(link).unwrap();
        let attributes = Attributes::from([("n".into(), Attribute::Integer(number as i64))]);
        let entity = Entity { record_id: id(&format!("B/{to}")), kind: "B".into(), name: None, attributes };
        sink.entity(entity).unwrap();
        let code = Code::parse(format!("C//{to}")).unwrap();
        sink.concept(Concept { code, description: Some(format!("{number}").into()), parents: Vec::new() })
            .unwrap();
    }
}

const DECLARED: [(&str, AttributeType); 3] =
    [("status", AttributeType::Text), ("kind", AttributeType::Time), ("n", AttributeType::Integer)];

fn ordered(folder: &Path) -> StudyWriter {
    let metadata = DatasetMetadata::new("law", "2026-01-01T00:00:00");
    StudyWriter::create_ordered(folder, metadata, &DECLARED).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn law_events_written_as_they_come_are_those_sorted_first(
        mut events in prop::collection::vec(crate::meds::tests::event(), 0..80),
        links in prop::collection::vec((0_u8..4, 0_u8..4), 0..5),
    ) {
        let declared = |name: &str, value: &Attribute| DECLARED.contains(&(name, value.attribute_type()));
        events.retain(|event| event.attributes().all(|(name, value)| declared(name, value)));
        let mut memory = MemorySink::default();
        fill(&mut memory, &events, &links);
        let expected = memory.into_dataset().unwrap();
        let in_order: Vec<Event> = expected.cohort.events().cloned().collect();
        let folder = tempfile::tempdir().unwrap();
        let mut writer = ordered(folder.path());
        fill(&mut writer, &in_order, &links);
        prop_assert_eq!(writer.finish(&split_of).unwrap().events, events.len() as u64);
        prop_assert_eq!(&read_dataset(folder.path()).unwrap(), &expected);
    }
}

#[test]
fn regress_what_comes_out_of_order_or_undeclared_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = ordered(folder.path());
    let event = |subject| Event::new(SubjectId::new(subject), None, Code::parse("A//1").unwrap());
    writer.event(event(2)).unwrap();
    let early = writer.event(event(1)).unwrap_err().to_string();
    assert!(early.contains("subject 1 comes out of order"), "{early}");
    let unknown = event(3).with_attribute("n", Attribute::Float(1.0));
    let unknown = writer.event(unknown).unwrap_err().to_string();
    assert!(unknown.contains("\"n\" of type Float has no column"), "{unknown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn law_any_budget_and_thread_count_write_the_same_bytes(
        events in prop::collection::vec(crate::meds::tests::event(), 0..80),
        links in prop::collection::vec((0_u8..4, 0_u8..4), 0..20),
    ) {
        let mut memory = MemorySink::default();
        fill(&mut memory, &events, &links);
        let expected = memory.into_dataset().unwrap();
        let mut first: Option<BTreeMap<PathBuf, Vec<u8>>> = None;
        for (budget, threads) in [(usize::MAX, 1), (0, 1), (3000, 3), (usize::MAX, 2)] {
            let folder = tempfile::tempdir().unwrap();
            let mut writer = StudyWriter::create(folder.path(), options(budget)).unwrap();
            fill(&mut writer, &events, &links);
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let summary = pool.install(|| writer.finish(&split_of)).unwrap();
            prop_assert_eq!(summary.events, events.len() as u64);
            prop_assert_eq!(summary.links, expected.links.len() as u64);
            prop_assert_eq!(&read_dataset(folder.path()).unwrap(), &expected);
            let bytes = files(folder.path());
            match &first {
                None => first = Some(bytes),
                Some(first) => prop_assert_eq!(first, &bytes),
            }
        }
    }
}

#[test]
fn law_several_shards_are_alike_spilled_or_not() {
    // 600,000 events of 7 subjects: two cuts, and one subject larger than a shard.
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    for (folder, budget) in folders.iter().zip([usize::MAX, 4 << 20]) {
        let mut writer = StudyWriter::create(folder.path(), options(budget)).unwrap();
        let code = Code::parse("A//1").unwrap();
        for number in 0..600_000_i64 {
            let subject = SubjectId::new(if number % 2 == 0 { 3 } else { number % 7 });
            let at = twinloom_event::Timestamp::from_micros(number * 7_919 % 100_003).unwrap();
            writer.event(Event::new(subject, Some(at), code.clone())).unwrap();
        }
        let summary = writer.finish(&split_of).unwrap();
        assert_eq!((summary.subjects, summary.shards), (7, 2));
    }
    assert_eq!(files(folders[0].path()), files(folders[1].path()));
}

#[test]
fn regress_two_sources_in_one_subject_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = StudyWriter::create(folder.path(), options(1 << 20)).unwrap();
    writer.subject(SubjectId::new(4), "a").unwrap();
    writer.subject(SubjectId::new(5), "a").unwrap();
    writer.subject(SubjectId::new(4), "a").unwrap();
    writer.subject(SubjectId::new(4), "b").unwrap();
    assert!(matches!(
        writer.finish(&split_of),
        Err(MedsError::SubjectCollision { subject_id }) if subject_id.get() == 4
    ));
}

#[test]
fn regress_a_second_import_replaces_the_first() {
    let folder = tempfile::tempdir().unwrap();
    for code in ["A", "B"] {
        let mut writer = StudyWriter::create(folder.path(), options(1 << 20)).unwrap();
        writer.event(Event::new(SubjectId::new(1), None, Code::parse(code).unwrap())).unwrap();
        writer.finish(&split_of).unwrap();
    }
    let dataset = read_dataset(folder.path()).unwrap();
    let codes: Vec<_> = dataset.cohort.events().map(|event| event.code().as_str().to_owned()).collect();
    assert_eq!(codes, ["B"]);
    assert!(fs::read_dir(folder.path().join("events")).unwrap().count() == 2);
}
