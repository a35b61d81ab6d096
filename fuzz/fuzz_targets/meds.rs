//! A MEDS folder with any bytes in one of its files reads without a panic, and what was read can be
//! written and read again alike.

#![no_main]

use std::collections::BTreeMap;
use std::sync::Once;

use libfuzzer_sys::fuzz_target;
use twinloom_records::meds::{self, DatasetMetadata};

const FILES: [&str; 4] =
    ["data/0.parquet", "metadata/codes.parquet", "metadata/subject_splits.parquet", "metadata/dataset.json"];

/// Panics of the Parquet reader are caught by ours; only those that get past it end the run.
static PANICS_ARE_SHELTERED: Once = Once::new();

fuzz_target!(|data: &[u8]| {
    PANICS_ARE_SHELTERED.call_once(|| std::panic::set_hook(Box::new(|_| ())));
    let [choice, rest @ ..] = data else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for inner in ["data", "metadata"] {
        std::fs::create_dir(folder.path().join(inner)).expect("a temporary folder can be made");
    }
    let sound = meds::write(
        folder.path(),
        &twinloom_event::Dataset::default(),
        &DatasetMetadata::new("fuzz", "2026-01-01T00:00:00"),
        &BTreeMap::new(),
    );
    sound.expect("a temporary folder can be written");
    let file = FILES[usize::from(*choice) % FILES.len()];
    std::fs::write(folder.path().join(file), rest).expect("a temporary file can be written");
    let _ = meds::read_labels(&folder.path().join(file));
    if let Ok(read) = meds::read(folder.path()) {
        let again = tempfile::tempdir().expect("a temporary folder can be made");
        meds::write(again.path(), &read.dataset, &read.metadata, &read.splits)
            .expect("what was read can be written");
        let back = meds::read(again.path()).expect("what was written can be read");
        assert_eq!(back.dataset.cohort.event_count(), read.dataset.cohort.event_count());
    }
});
