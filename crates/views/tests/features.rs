//! Feature tables and sequences of a record small enough to check by hand.
#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use twinloom_event::{Code, EncounterId, Event, EventKind, SubjectId, Timeline, Timestamp, Unit};
use twinloom_views::{
    CodeSet, FeatureMap, FeatureOptions, FeatureTable, SequenceMap, SequenceOptions, Sequences, Visible,
};

fn days_before(days: f64) -> Timestamp {
    prediction_time().plus_days(-days).unwrap()
}

fn prediction_time() -> Timestamp {
    Timestamp::from_ymd(2020, 1, 1).unwrap()
}

fn event(subject: i64, days: Option<f64>, code: &str, kind: EventKind) -> Event {
    Event::new(SubjectId::new(subject), days.map(days_before), Code::parse(code).unwrap()).with_kind(kind)
}

fn measured(days: f64, code: &str, value: f64, unit: &str) -> Event {
    event(1, Some(days), code, EventKind::Observation)
        .with_numeric_value(value)
        .unwrap()
        .with_unit(Unit::new(unit).unwrap())
}

fn in_encounter(event: Event, id: &str) -> Event {
    event.with_encounter_id(EncounterId::new(id).unwrap())
}

fn timeline() -> Timeline {
    Timeline::from_unordered(
        SubjectId::new(1),
        vec![
            event(1, None, "SEX//female", EventKind::Demographic),
            event(1, None, "IMD_DECILE//3", EventKind::Demographic).with_numeric_value(3.0).unwrap(),
            event(1, Some(36_525.0 / 2.0), "MEDS_BIRTH", EventKind::Birth),
            in_encounter(event(1, Some(400.0), "VISIT", EventKind::Encounter), "a"),
            in_encounter(event(1, Some(400.0), "SNOMED//1", EventKind::Condition), "a"),
            in_encounter(event(1, Some(100.0), "VISIT", EventKind::Encounter), "b"),
            in_encounter(
                event(1, Some(100.0), "SMOKING", EventKind::Observation).with_text_value("SNOMED//266919005"),
                "b",
            ),
            event(1, Some(20.0), "SNOMED//1", EventKind::Condition),
            measured(300.0, "HBA1C", 70.0, "mmol/mol"),
            measured(200.0, "HBA1C", 8.5, "%"),
            measured(25.0, "HBA1C", 50.0, "mmol/mol"),
            measured(10.0, "HBA1C", 60.0, "mmol/mol"),
        ],
    )
    .unwrap()
}

fn cell(map: &FeatureMap, table: &FeatureTable, name: &str) -> Option<f32> {
    let column = map.features().iter().position(|feature| &*feature.name == name);
    let column = column.unwrap_or_else(|| panic!("no column {name}"));
    let (columns, values) = table.row(0);
    columns.iter().position(|&other| other as usize == column).map(|place| values[place])
}

/// Homes and practices join people; of one person alone they say nothing that a table or a sequence may hold.
#[test]
fn law_where_somebody_lives_makes_no_feature_and_no_token() {
    let plain = timeline();
    let mut events = plain.clone().into_events();
    for (days, home) in [(9_000.0, "3f9a"), (30.0, "77c1")] {
        events.push(event(1, Some(days), "HOUSEHOLD", EventKind::Administrative).with_text_value(home));
        events.push(event(1, Some(days), "PRACTICE", EventKind::Administrative).with_text_value("ZZ0001"));
    }
    let with_homes = Timeline::from_unordered(SubjectId::new(1), events).unwrap();
    let [plain, with_homes] = [&plain, &with_homes].map(|own| Visible::new(own, prediction_time()));
    assert_eq!(with_homes.events().count(), plain.events().count() + 4, "graphs across people see them");
    let options = FeatureOptions { minimum_support: 1, extremes: true, ..FeatureOptions::default() };
    let [own, other] = [plain, with_homes].map(|view| {
        let map = FeatureMap::fit(&[view], options.clone());
        let table = map.transform(&[view]);
        let sequences = SequenceMap::fit(&[view], SequenceOptions { minimum_support: 1, maximum_length: 99 });
        (map, table, sequences.transform(&[view]), sequences)
    });
    assert_eq!(own.0, other.0);
    assert_eq!(own.1, other.1);
    assert_eq!(own.2, other.2);
    assert_eq!(own.3, other.3);
}

#[test]
fn regress_features_of_one_record() {
    let timeline = timeline();
    let view = Visible::new(&timeline, prediction_time());
    let options = FeatureOptions { minimum_support: 1, extremes: true, ..FeatureOptions::default() };
    let map = FeatureMap::fit(&[view], options);
    let table = map.transform(&[view]);
    for (name, expected) in [
        ("age in years", Some(50.0)),
        ("days of record", Some(400.0)),
        ("days since last encounter", Some(100.0)),
        ("encounters ever", Some(2.0)),
        ("encounters 365 d", Some(1.0)),
        ("encounters 30 d", None),
        ("events ever", Some(9.0)),
        ("SEX//female", Some(1.0)),
        ("last IMD_DECILE", Some(3.0)),
        ("count ever SNOMED//1", Some(2.0)),
        ("count 365 d SNOMED//1", Some(1.0)),
        ("count 30 d SNOMED//1", Some(1.0)),
        ("count ever SMOKING=SNOMED//266919005", Some(1.0)),
        ("measured HBA1C in %", Some(1.0)),
        ("last HBA1C in %", Some(8.5)),
        ("least 30 d HBA1C in %", None),
        ("last HBA1C in mmol/mol", Some(60.0)),
        ("least 30 d HBA1C in mmol/mol", Some(50.0)),
        ("greatest 30 d HBA1C in mmol/mol", Some(60.0)),
    ] {
        assert_eq!(cell(&map, &table, name), expected, "{name}");
    }
    assert!(map.features().iter().all(|feature| !feature.name.contains("MEDS_BIRTH")));
}

#[test]
fn regress_rare_words_and_hidden_codes_give_no_column() {
    let timelines: Vec<Timeline> = (0..10)
        .map(|subject| {
            let mut events = vec![event(subject, Some(5.0), "COMMON", EventKind::Condition)];
            // Subject 3 states the rare code at many times: one subject all the same.
            events.extend(
                (0..20)
                    .filter(|_| subject == 3)
                    .map(|day| event(subject, Some(f64::from(day)), "RARE", EventKind::Condition)),
            );
            events.extend((subject < 6).then(|| event(subject, Some(2.0), "OTHER", EventKind::Condition)));
            Timeline::from_unordered(SubjectId::new(subject), events).unwrap()
        })
        .collect();
    let hidden = CodeSet::of(["OTHER"]);
    // Every subject twice, as at two prediction times.
    let views: Vec<Visible<'_>> = timelines
        .iter()
        .chain(&timelines)
        .map(|timeline| Visible::new(timeline, prediction_time()).hiding(&hidden))
        .collect();
    let has = |minimum_support, code: &str| {
        let options = FeatureOptions { minimum_support, ..FeatureOptions::default() };
        let map = FeatureMap::fit(&views, options);
        map.features().iter().any(|feature| feature.name.ends_with(code))
    };
    assert!(has(2, " COMMON") && has(10, " COMMON") && !has(11, " COMMON"));
    assert!(has(1, " RARE") && !has(2, " RARE"));
    assert!(!has(1, " OTHER"));
}

#[test]
fn law_threads_change_neither_columns_nor_rows() {
    let timelines: Vec<Timeline> = (0..200)
        .map(|subject| {
            let events = (0..subject % 17)
                .map(|n| {
                    let code = format!("C//{}", (subject * 31 + n * 7) % 23);
                    event(
                        subject,
                        Some(f64::from(u16::try_from(n * 13).unwrap())),
                        &code,
                        EventKind::Condition,
                    )
                    .with_numeric_value(f64::from(u16::try_from(n).unwrap()))
                    .unwrap()
                })
                .collect();
            Timeline::from_unordered(SubjectId::new(subject), events).unwrap()
        })
        .collect();
    let views: Vec<Visible<'_>> =
        timelines.iter().map(|timeline| Visible::new(timeline, prediction_time())).collect();
    let made = |threads| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| {
            let features = FeatureMap::fit(&views, FeatureOptions::default());
            let sequences = SequenceMap::fit(&views, SequenceOptions::default());
            let (table, tokens) = (features.transform(&views), sequences.transform(&views));
            (features, table, sequences, tokens)
        })
    };
    assert_eq!(made(1), made(3));
}

#[test]
fn regress_sequences_of_one_record() {
    let timeline = timeline();
    let view = Visible::new(&timeline, prediction_time());
    let of = |maximum_length| {
        let map = SequenceMap::fit(&[view], SequenceOptions { minimum_support: 1, maximum_length });
        let sequences = map.transform(&[view]);
        let words: Vec<String> =
            sequences.tokens_of(0).iter().map(|&id| map.vocabulary()[id as usize].to_string()).collect();
        (words, sequences)
    };
    let (words, sequences) = of(100);
    assert_eq!(
        words,
        [
            "SEX//female",
            "IMD_DECILE//3",
            "MEDS_BIRTH",
            "VISIT",
            "SNOMED//1",
            "HBA1C",
            "HBA1C",
            "VISIT",
            "SMOKING",
            "SMOKING=SNOMED//266919005",
            "HBA1C",
            "SNOMED//1",
            "HBA1C",
        ]
    );
    assert_eq!(sequences.visits_of(0), [0, 0, 1, 2, 2, 3, 4, 5, 5, 5, 6, 7, 8]);
    assert_eq!(sequences.gap_days_of(0)[3..8], [17_862.5, 0.0, 100.0, 100.0, 100.0]);
    assert_eq!((sequences.len(), sequences.tokens_of(1)), (1, &[][..]));
    let values =
        words.iter().zip(sequences.values_of(0)).filter_map(|(word, value)| Some((&**word, (*value)?)));
    let numbers = [("IMD_DECILE//3", 3.0), ("HBA1C", 70.0), ("HBA1C", 8.5), ("HBA1C", 50.0), ("HBA1C", 60.0)];
    assert_eq!(values.collect::<Vec<_>>(), numbers);
    // The latest facts are kept, and the demographics.
    assert_eq!(of(4).0, ["SEX//female", "IMD_DECILE//3", "SNOMED//1", "HBA1C"]);
    assert_eq!(of(4).1.values_of(0), [None, Some(3.0), None, Some(60.0)]);

    let map = SequenceMap::fit(&[], SequenceOptions::default());
    let unknown = map.transform(&[view]);
    assert_eq!(unknown.tokens.len(), 12);
    assert!(unknown.tokens.iter().all(|&token| token == Sequences::UNKNOWN));
}
