//! Prints one simulated person's GP record, as a check by eye.
//!
//! Run: `cargo run --release -p twinloom-twin --example journey -- [subject] [seed]`.

use std::io::Write as _;

use twinloom_twin::{TwinError, TwinParameters, run};

fn main() -> Result<(), TwinError> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>().unwrap_or(1));
    let population = arguments.next().unwrap_or(1);
    let seed = arguments.next().unwrap_or(1);
    let mut last = None;
    run::<TwinError>(
        &TwinParameters { population, seed, ..TwinParameters::default() },
        |journey| {
            last = Some(journey);
            Ok(())
        },
        |_| {},
    )?;
    let Some(journey) = last else { return Ok(()) };
    let mut out = std::io::stdout().lock();
    let mut lines = vec![format!("{:?}", journey.person)];
    for event in journey.gp_record.events() {
        let time = event.time().map(|at| at.to_string()).unwrap_or_default();
        let end = event.end_time().map(|at| at.to_string()).unwrap_or_default();
        let recorded = event.recorded_time().map(|at| at.to_string()).unwrap_or_default();
        let value = event.numeric_value().map(|value| value.to_string());
        let value = value.or(event.text_value().map(str::to_owned)).unwrap_or_default();
        lines.push(format!(
            "{time:20}{end:20}{recorded:28}{:14}{:30}{value:24}{}",
            event.kind().as_str(),
            event.code().as_str(),
            event.encounter_id().map(ToString::to_string).unwrap_or_default()
        ));
    }
    // A closed pipe is the reader's wish.
    let _ = out.write_all(lines.join("\n").as_bytes());
    Ok(())
}
