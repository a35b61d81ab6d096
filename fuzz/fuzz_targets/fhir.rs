//! Any bytes, under any of the names that choose a reader, import without a panic and add up.

#![no_main]

use libfuzzer_sys::fuzz_target;
use twinloom_records::{MemorySink, fhir};

const NAMES: [&str; 4] = ["a.json", "a.ndjson", "a.json.gz", "a.zip"];

fuzz_target!(|data: &[u8]| {
    let Some((choice, content)) = data.split_first() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join(NAMES[usize::from(*choice) % NAMES.len()]);
    std::fs::write(&path, content).expect("a temporary file can be written");
    let options = fhir::ImportOptions { threads: 1, ..fhir::ImportOptions::default() };
    let mut sink = MemorySink::default();
    let report = fhir::import(&[path], &options, &mut sink, &|_| {});
    // Two patients whose ids hash alike are the only fault an import may stop at.
    if let Ok(report) = report {
        assert_eq!(report.read(), report.kept() + report.skipped());
        let dataset = sink.into_dataset().expect("fewer events than can be numbered");
        let events: u64 = report.tables.values().map(|table| table.events).sum();
        assert_eq!(dataset.cohort.event_count() as u64, events);
    }
});
