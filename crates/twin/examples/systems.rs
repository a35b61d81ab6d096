//! Measures what the systems of record cost and hold: CPU per person, artefacts by system and kind.
//!
//! Run: `cargo run --release -p twinloom-twin --example systems -- [people] [years]`. One thread; the
//! seconds of the simulation itself are not counted.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::{Duration, Instant};

use twinloom_event::Timestamp;
use twinloom_twin::systems::{Observer, Particulars, SystemRates};
use twinloom_twin::{Pathway, TwinError, TwinParameters, concepts, run};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let population = arguments.next().map_or(Ok(2_000), |text| text.parse())?;
    let years: i32 = arguments.next().map_or(Ok(10), |text| text.parse())?;
    let parameters = TwinParameters {
        population,
        start: Timestamp::from_ymd(2025 - years, 1, 1)?,
        systems: None,
        ..TwinParameters::default()
    };
    let observer = Observer::new(&parameters, &SystemRates::embedded(), &concepts(&Pathway::library())?);
    let (mut faithful_time, mut whole_time) = (Duration::ZERO, Duration::ZERO);
    let (mut entries, mut truth_events, mut gp_events) = (0_usize, 0_usize, 0_usize);
    let mut counts = BTreeMap::<(&str, &str), u64>::new();
    run::<Box<TwinError>>(
        &parameters,
        |journey| {
            let person = Particulars::from(&journey.person);
            let begun = Instant::now();
            let faithful = observer.faithful(&person, &journey.truth);
            faithful_time += begun.elapsed();
            drop(faithful);
            let begun = Instant::now();
            let observed = observer.observe(&person, &journey.truth);
            whole_time += begun.elapsed();
            entries += observed.ledger.len();
            truth_events += journey.truth.events().len();
            gp_events += observed.gp_record.events().len();
            for artefact in observed.recorded.artefacts() {
                let heading = artefact.heading;
                *counts.entry((heading.system.as_str(), heading.kind.as_str())).or_default() += 1;
            }
            Ok(())
        },
        |_| {},
    )?;
    let people = population as f64;
    let mut out = std::io::stdout().lock();
    for ((system, kind), count) in &counts {
        let of_year = *count as f64 / people / f64::from(years);
        writeln!(out, "{system:15} {kind:17} {count:9} {of_year:7.2} a person-year")?;
    }
    let artefacts: u64 = counts.values().sum();
    writeln!(
        out,
        "{artefacts} artefacts ({:.1} a person-year), {entries} ledger entries, {truth_events} events in truth, \
         {gp_events} in the GP record; {:.0} us a person faithful, {:.0} us observed",
        artefacts as f64 / people / f64::from(years),
        faithful_time.as_secs_f64() / people * 1e6,
        whole_time.as_secs_f64() / people * 1e6,
    )?;
    Ok(())
}
