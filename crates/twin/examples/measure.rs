//! Measures a run: people a second, CPU time for each, memory, and what the truth holds.
//!
//! Run: `cargo run --release -p twinloom-twin --example measure -- [people] [years] [threads] [seed]`.
//! Expected on two cores: at most 3 ms of CPU a person for ten years.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::Instant;

use twinloom_event::Timestamp;
use twinloom_twin::{TwinError, TwinParameters, run};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>().unwrap_or(1));
    let population = arguments.next().unwrap_or(2_000);
    let years = arguments.next().unwrap_or(10) as i32;
    let threads = arguments.next().unwrap_or(0) as usize;
    let seed = arguments.next().unwrap_or(1);
    let parameters = TwinParameters {
        population,
        seed,
        threads,
        start: Timestamp::from_ymd(2025 - years, 1, 1)?,
        record_from: Timestamp::from_ymd(2020 - years, 1, 1)?,
        ..TwinParameters::default()
    };
    let started = Instant::now();
    let mut kinds = BTreeMap::<String, (u64, u64)>::new();
    let mut bytes = 0_u64;
    let summary = run::<TwinError>(
        &parameters,
        |journey| {
            for event in journey.truth.events() {
                let word = match event.attribute("service").and_then(|value| value.as_text()) {
                    Some(service) => format!(
                        "{} {service} {}",
                        event.kind(),
                        event
                            .code()
                            .system()
                            .filter(|own| *own == "APPOINTMENT")
                            .map_or("", |_| event.code().value())
                    ),
                    None => event.kind().to_string(),
                };
                let entry = kinds.entry(word).or_default();
                entry.0 += 1;
                entry.1 += u64::from(event.time() >= Some(parameters.start));
            }
            bytes += journey.gp_record.events().len() as u64;
            Ok(())
        },
        |_| {},
    )?;
    let seconds = started.elapsed().as_secs_f64();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: f64 =
        stat.split_whitespace().skip(13).take(2).filter_map(|word| word.parse::<f64>().ok()).sum();
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{population} people, {years} years: {seconds:.1} s, {:.0} people/s, {:.2} ms CPU each, {peak}",
        population as f64 / seconds,
        ticks * 10.0 / population as f64
    )?;
    writeln!(
        out,
        "{} deaths, {} halted modules, {bytes} events in GP records",
        summary.deaths, summary.halted_modules
    )?;
    for (kind, (all, since)) in kinds {
        let rate = since as f64 / population as f64 / f64::from(years);
        writeln!(out, "{kind:60} {all:10} of these {since:10} since the start: {rate:.3} per person-year")?;
    }
    Ok(())
}
