//! Columns hold what timelines hold, in the same order, for any number of threads.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::convert::Infallible;
use std::path::Path;

use common::{delay, folder, initial, snomed, terminal, to};
use serde_json::json;
use tempfile::TempDir;
use twinloom_event::{Attribute, Event, Timeline, Timestamp};
use twinloom_gmf::{
    Columns, Library, NO_TIME, NO_WORD, Parameters, SimulationError, Sparse, Summary, Wording, simulate,
    simulate_columns,
};

/// One row in words, as columns and as an event have it.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    subject: i64,
    time: Option<i64>,
    end: Option<i64>,
    number: Option<f32>,
    words: Vec<(String, String)>,
}

impl Row {
    fn of_event(event: &Event) -> Self {
        let text = |name: &str, word: Option<&str>| Some((name.to_owned(), word?.to_owned()));
        let named = [
            text("code", Some(event.code().as_str())),
            text("kind", Some(event.kind().as_str())),
            text("text", event.text_value()),
            text("unit", event.unit().map(twinloom_event::Unit::as_str)),
            text("encounter", event.encounter_id().map(twinloom_event::EncounterId::as_str)),
        ];
        let attributes = event.attributes().map(|(name, value)| {
            let value = match value {
                Attribute::Text(text) => text.to_string(),
                Attribute::Integer(whole) => whole.to_string(),
                Attribute::Boolean(flag) => flag.to_string(),
                other => panic!("{other:?}"),
            };
            (name.to_string(), value)
        });
        let mut words: Vec<_> = named.into_iter().flatten().chain(attributes).collect();
        words.sort();
        Self {
            subject: event.subject_id().get(),
            time: event.time().map(Timestamp::micros),
            end: event.end_time().map(Timestamp::micros),
            number: event.numeric_value().map(|number| number as f32),
            words,
        }
    }

    fn of_columns(columns: &Columns, wording: &Wording) -> Vec<Self> {
        let mut rows: Vec<Self> = (0..columns.len())
            .map(|row| {
                let word = |name: &str, key: u32| {
                    (key != NO_WORD).then(|| (name.to_owned(), wording.word(key).to_owned()))
                };
                let encounter = columns.encounter[row];
                let encounter = (encounter != NO_WORD).then(|| columns.encounter(encounter).to_owned());
                let words = [
                    word("code", columns.code[row]),
                    word("kind", columns.kind[row]),
                    word("text", columns.text_value[row]),
                    word("unit", columns.unit[row]),
                    word("category", columns.category[row]),
                    encounter.map(|id| ("encounter".to_owned(), id)),
                ];
                let time = |time: i64| (time != NO_TIME).then_some(time);
                Self {
                    subject: columns.subject_id[row],
                    time: time(columns.time[row]),
                    end: time(columns.end_time[row]),
                    number: Some(columns.numeric_value[row]).filter(|number| !number.is_nan()),
                    words: words.into_iter().flatten().collect(),
                }
            })
            .collect();
        let mut add = |name: &str, row: u32, word: String| {
            rows[row as usize].words.push((name.to_owned(), word));
        };
        let sparse: [(&str, &Sparse<u32>); 8] = [
            ("class", &columns.class),
            ("service", &columns.service),
            ("reason", &columns.reason),
            ("discharge", &columns.discharge),
            ("cause", &columns.cause),
            ("reactions", &columns.reactions),
            ("modality", &columns.modality),
            ("body_site", &columns.body_site),
        ];
        for (name, column) in sparse {
            for (row, key) in column.rows.iter().zip(&column.values) {
                add(name, *row, wording.word(*key).to_owned());
            }
        }
        for (row, images) in columns.images.rows.iter().zip(&columns.images.values) {
            add("images", *row, images.to_string());
        }
        for row in &columns.administration.rows {
            add("administration", *row, "true".to_owned());
        }
        for row in &mut rows {
            row.words.sort();
        }
        rows
    }
}

fn in_columns(library: &Library, parameters: &Parameters) -> (Summary, Vec<Row>) {
    let wording = Wording::new(library);
    let mut rows = Vec::new();
    let encoder = || |columns: &Columns| Row::of_columns(columns, &wording);
    let summary = simulate_columns(library, &wording, parameters, encoder, |group| {
        rows.extend(group.encoded);
        Ok::<(), Infallible>(())
    })
    .unwrap();
    (summary, rows)
}

fn in_timelines(library: &Library, parameters: &Parameters) -> (Summary, Vec<Row>) {
    let mut rows = Vec::new();
    let summary = simulate(library, parameters, |lifetime| {
        rows.extend(lifetime.timeline.iter().flat_map(Timeline::events).map(Row::of_event));
        Ok::<(), Infallible>(())
    })
    .unwrap();
    (summary, rows)
}

/// A module with a visit, a reading of a number and of a word, and a death.
fn visits() -> TempDir {
    folder(&[(
        "visits",
        json!({
            "Initial": initial("Wait"),
            "Wait": delay("Onset", 200.0, "days"),
            "Onset": to("Visit", json!({ "type": "ConditionOnset", "codes": snomed("1"), "target_encounter": "Visit" })),
            "Visit": to("Weigh", json!({ "type": "Encounter", "encounter_class": "outpatient", "codes": snomed("2"), "reason": "Onset" })),
            "Weigh": to("Leave", json!({ "type": "Observation", "category": "exam", "unit": "kg", "codes": snomed("3"), "range": { "low": 50, "high": 90 } })),
            "Leave": { "type": "EncounterEnd", "distributed_transition": [
                { "transition": "Wait", "distribution": 0.99 }, { "transition": "Die", "distribution": 0.01 }] },
            "Die": to("End", json!({ "type": "Death", "codes": snomed("4") })),
            "End": terminal(),
        }),
    )])
}

#[test]
fn law_columns_hold_what_timelines_hold() {
    let folder = visits();
    let library = Library::load(folder.path()).unwrap();
    let parameters = Parameters::new(150, 5);
    let (summary, rows) = in_columns(&library, &parameters);
    let (expected_summary, expected) = in_timelines(&library, &parameters);
    assert_eq!(summary, expected_summary);
    assert_eq!(rows, expected);
    assert!(rows.iter().any(|row| row.words.iter().any(|(name, _)| name == "cause")));
}

#[test]
fn law_columns_hold_what_timelines_hold_of_synthea() {
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/synthea_modules/modules");
    if !modules.is_dir() {
        eprintln!("skipped: {} is not there", modules.display());
        return;
    }
    let library = Library::load(&modules).unwrap();
    let parameters = Parameters::new(70, 9);
    let (summary, rows) = in_columns(&library, &parameters);
    let (expected_summary, expected) = in_timelines(&library, &parameters);
    assert_eq!(summary, expected_summary);
    for (row, expected) in rows.iter().zip(&expected) {
        assert_eq!(row, expected);
    }
    assert_eq!(rows.len(), expected.len());
}

#[test]
fn law_threads_change_no_column() {
    let folder = visits();
    let library = Library::load(folder.path()).unwrap();
    let parameters = Parameters { threads: 1, ..Parameters::new(700, 3) };
    let one = in_columns(&library, &parameters);
    assert_eq!(one, in_columns(&library, &Parameters { threads: 3, ..parameters }));
}

#[test]
fn regress_whoever_refuses_a_group_ends_the_run() {
    let folder = visits();
    let library = Library::load(folder.path()).unwrap();
    let wording = Wording::new(&library);
    let parameters = Parameters { threads: 2, ..Parameters::new(5000, 3) };
    let mut received = 0;
    let refused = simulate_columns(
        &library,
        &wording,
        &parameters,
        || |columns: &Columns| columns.len(),
        |_| {
            received += 1;
            if received < 3 { Ok(()) } else { Err("full") }
        },
    );
    assert!(matches!(refused, Err(SimulationError::Receive("full"))), "{refused:?}");
    assert_eq!(received, 3);
}

#[test]
#[should_panic(expected = "an encoder broke")]
fn regress_a_broken_encoder_hangs_nobody() {
    let folder = visits();
    let library = Library::load(folder.path()).unwrap();
    let wording = Wording::new(&library);
    let parameters = Parameters { threads: 3, ..Parameters::new(5000, 3) };
    let encoder = || |_: &Columns| -> () { panic!("an encoder broke") };
    let _ = simulate_columns(&library, &wording, &parameters, encoder, |_| Ok::<(), Infallible>(()));
}

#[test]
fn regress_nobody_is_refused() {
    let folder = visits();
    let library = Library::load(folder.path()).unwrap();
    let wording = Wording::new(&library);
    for population in [0, 100_000_001] {
        let parameters = Parameters::new(population, 1);
        let refused = simulate_columns(
            &library,
            &wording,
            &parameters,
            || |_: &Columns| (),
            |_| Ok::<(), Infallible>(()),
        );
        assert!(matches!(refused, Err(SimulationError::Population { .. })), "{population}");
    }
}
