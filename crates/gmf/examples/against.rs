//! Our visits against the Java engine's: which destinations and durations differ beyond chance.
#![allow(clippy::print_stdout)]

use std::fs;

use twinloom_gmf::{Library, Parameters, VisitTable, compare, simulate};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let library = Library::load(arguments.next().ok_or("a folder of modules")?.as_ref())?;
    let json: serde_json::Value =
        serde_json::from_slice(&fs::read(arguments.next().ok_or("a file of visits")?)?)?;
    let population = arguments.next().map_or(Ok(2000), |text| text.parse())?;
    let theirs: VisitTable = serde_json::from_value(json["modules"].clone())?;
    let mut tables = Vec::new();
    let mut summary = twinloom_gmf::Summary::default();
    for seed in 1..=10 {
        let parameters = Parameters { events: false, ..Parameters::new(population, seed) };
        summary = simulate(&library, &parameters, |_| Ok::<(), std::convert::Infallible>(()))?;
        tables.push(summary.visits.clone());
    }
    let found = compare(&tables, &theirs, &library.module_names(), 0.01, 0.02);
    println!(
        "{} lifetimes, {} living, {} mismatches; {} tested, {} certain, {} differ ({} beyond populations); {} durations, {} differ; only {:?}",
        summary.lifetimes,
        summary.living,
        summary.mismatches,
        found.states_tested,
        found.states_certain,
        found.destinations.len(),
        found.beyond_populations,
        found.durations_compared,
        found.durations.len(),
        found.only
    );
    if let Some(module) = arguments.next() {
        fs::write(module, serde_json::to_vec(&summary.visits)?)?;
    }
    println!("halted {:?}", summary.halted);
    for each in found.destinations.iter().chain(&found.durations) {
        println!(
            "{:45} {:40} {:35} {:10.4} {:10.4} {:8} {:8} {:.1e} {:.1e}",
            each.module,
            each.state,
            each.what,
            each.values[0],
            each.values[1],
            each.left[0],
            each.left[1],
            each.corrected.unwrap_or(f64::NAN),
            each.by_population.unwrap_or(f64::NAN)
        );
    }
    Ok(())
}
