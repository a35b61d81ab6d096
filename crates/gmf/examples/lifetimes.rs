//! Lifetimes per second, and how many modules load.
#![allow(clippy::print_stdout)]

use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("a folder of modules")?;
    let population = arguments.next().map_or(Ok(200), |text| text.parse())?;
    let events = arguments.next().is_some_and(|text| text == "events");
    let start = Instant::now();
    let library = twinloom_gmf::Library::load(folder.as_ref())?;
    println!(
        "{} files, {} states, loaded in {:?}",
        library.file_count(),
        library.state_count(),
        start.elapsed()
    );
    let start = Instant::now();
    let parameters =
        twinloom_gmf::Parameters { events, threads: 1, ..twinloom_gmf::Parameters::new(population, 1) };
    let summary = twinloom_gmf::simulate(&library, &parameters, |_| Ok::<(), std::convert::Infallible>(()))?;
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{} lifetimes ({} living, {:.0} years) in {seconds:.2} s: {:.0} a second; {} events, {} mismatches, halted {:?}",
        summary.lifetimes,
        summary.living,
        summary.person_years,
        summary.lifetimes as f64 / seconds,
        summary.events,
        summary.mismatches,
        summary.halted
    );
    Ok(())
}
