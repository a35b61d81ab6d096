//! Writes a study of N synthetic events, reads it back and prints events per second and peak memory.
//!
//! `cargo run --release --example measure_study -- 10000000`; expected on two cores: over a million
//! events per second each way, and a peak under 1 GiB while writing, whatever N is. Check the peak
//! independently with `/usr/bin/time -v`.

use std::error::Error;
use std::time::Instant;

use twinloom_event::{
    Attribute, Code, EncounterId, Event, EventKind, RecordId, Source, Split, SubjectId, Timestamp, Unit,
};
use twinloom_records::Sink;
use twinloom_records::meds::DatasetMetadata;
use twinloom_records::study::{StudyOptions, StudyWriter, read_dataset};

/// A cheap repeatable sequence (Knuth's MMIX generator); nothing statistical rests on it.
struct Sequence(u64);

impl Sequence {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

#[expect(clippy::print_stdout, reason = "a program for the terminal")]
fn main() -> Result<(), Box<dyn Error>> {
    let count: u64 = std::env::args().nth(1).unwrap_or("1000000".to_owned()).parse()?;
    let folder = tempfile::tempdir_in(".")?;
    let codes = (0..500).map(|n| Code::new("LOINC", &format!("{n}-4"))).collect::<Result<Vec<_>, _>>()?;
    let (unit, source) = (Unit::new("mmol/L")?, Source::new("synthetic")?);
    let mut sequence = Sequence(1);

    let start = Instant::now();
    let options = StudyOptions::new(DatasetMetadata::new("measure", "2026-01-01T00:00:00"));
    let mut writer = StudyWriter::create(folder.path(), options)?;
    let mut making = std::time::Duration::ZERO;
    for number in 0..count {
        let began = Instant::now();
        let subject = SubjectId::new((sequence.next(count / 400 + 1)) as i64);
        let at = Timestamp::from_micros(sequence.next(1 << 30) as i64 * 1_000_000)?;
        let event = Event::new(subject, Some(at), codes[sequence.next(500) as usize].clone())
            .with_kind(EventKind::Observation)
            .with_numeric_value(sequence.next(1000) as f64 / 8.0)?
            .with_unit(unit.clone())
            .with_source(source.clone())
            .with_encounter_id(EncounterId::new(format!("Encounter/{}", number / 20))?)
            .with_record_id(RecordId::new(format!("Observation/{number}"))?)
            .with_attribute("status", Attribute::Text("final".into()));
        making += began.elapsed();
        writer.event(event)?;
    }
    let taken = start.elapsed();
    let summary = writer.finish(&|_| Split::Train)?;
    let whole = start.elapsed();
    let per_second = |seconds: f64| count as f64 / seconds / 1e6;
    println!("events          {count} of {} subjects in {} shards", summary.subjects, summary.shards);
    println!("making events   {:.2} M/s (not the study's work)", per_second(making.as_secs_f64()));
    println!("taking          {:.2} M/s", per_second(taken.as_secs_f64() - making.as_secs_f64()));
    println!("writing, whole  {:.2} M/s", per_second(whole.as_secs_f64() - making.as_secs_f64()));
    println!("peak memory     {} MiB after writing", peak_mebibytes());
    if count <= 5_000_000 {
        let start = Instant::now();
        let dataset = read_dataset(folder.path())?;
        println!("reading         {:.2} M/s", per_second(start.elapsed().as_secs_f64()));
        assert_eq!(dataset.cohort.event_count() as u64, count);
    }
    Ok(())
}

/// The highest resident size so far, as Linux counts it; 0 elsewhere.
fn peak_mebibytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).map_or(0, |kib| kib / 1024)
}
