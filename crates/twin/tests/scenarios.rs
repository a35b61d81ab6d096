//! The scenario files that ship with Twinloom: each is read, and acts in the direction that it says.

use std::path::PathBuf;

use twinloom_event::{Event, EventKind, Timestamp};
use twinloom_twin::supply::{Clinic, ServiceKind};
use twinloom_twin::{Journey, RunSummary, Scenario, TwinError, TwinParameters, run};

/// What `household_smoking` does is tested in `plant.rs`.
const FILES: [&str; 5] = [
    "baseline",
    "earlier_statin_threshold",
    "household_smoking",
    "more_gp_appointments",
    "winter_influenza_wave",
];

fn day(year: i32, month: u32) -> Timestamp {
    Timestamp::from_ymd(year, month, 1).expect("the first of a month exists")
}

fn scenario(name: &str) -> Scenario {
    let path = format!("{}/../../scenarios/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    Scenario::read(&PathBuf::from(path)).unwrap_or_else(|error| panic!("{error}"))
}

/// A year with one winter of 1,500 people under a scenario file, seed 8.
fn simulate(name: &str) -> (Vec<Journey>, RunSummary) {
    let usual = TwinParameters {
        population: 1_500,
        seed: 8,
        start: day(2020, 7),
        end: day(2021, 7),
        systems: None,
        ..TwinParameters::default()
    };
    let parameters = usual.with_scenario(scenario(name)).unwrap_or_else(|error| panic!("{error}"));
    let mut journeys = Vec::new();
    let summary = run::<TwinError>(
        &parameters,
        |journey| {
            journeys.push(journey);
            Ok(())
        },
        |_| {},
    );
    (journeys, summary.expect("the parameters are sound"))
}

fn count(journeys: &[Journey], is_it: impl Fn(&Event) -> bool) -> usize {
    journeys.iter().flat_map(|journey| journey.truth.events().iter()).filter(|event| is_it(event)).count()
}

#[test]
fn law_every_scenario_file_is_tested_here_and_fits_the_model() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios");
    let mut found: Vec<String> = std::fs::read_dir(folder)
        .expect("the folder stands beside the crates")
        .filter_map(|entry| entry.expect("the folder can be read").file_name().into_string().ok())
        .collect();
    found.sort_unstable();
    assert_eq!(found, FILES.map(|name| format!("{name}.toml")));
    for name in FILES {
        TwinParameters::default().with_scenario(scenario(name)).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(scenario(name).changes_nothing(), name == "baseline", "{name}");
    }
}

/// The runs share their random numbers, so what differs is the scenario's doing.
#[test]
fn ref_each_scenario_acts_in_its_direction() {
    let (base, base_summary) = simulate("baseline");

    let (earlier, _) = simulate("earlier_statin_threshold");
    let statins = |journeys: &[Journey]| {
        count(journeys, |event| {
            event.kind() == EventKind::Medication && event.code().as_str().ends_with("//C10AA05")
        })
    };
    let (usual, more) = (statins(&base), statins(&earlier));
    assert!(usual > 100 && more as f64 > 1.05 * usual as f64, "statins: {usual}, earlier {more}");

    let (_, summary) = simulate("more_gp_appointments");
    for clinic in [Clinic::GeneralPractitioner, Clinic::Nurse, Clinic::Telephone] {
        let offered = |of: &RunSummary| of.supply.service(ServiceKind::Clinic(clinic)).offered_minutes as f64;
        let ratio = offered(&summary) / offered(&base_summary);
        assert!((1.05..1.15).contains(&ratio), "{clinic:?} offers {ratio} times as much");
    }

    // A bell of 90 days with a peak of 8 means 4.5 times as many cases of the community, and those whom
    // they infect. Some 10 and 45 cases: a ratio below 2 comes by chance less than once in a thousand runs.
    let (wave, _) = simulate("winter_influenza_wave");
    let onsets = |journeys: &[Journey], from, to| {
        count(journeys, |event| {
            event.kind() == EventKind::Condition
                && event.code().as_str() == "SNOMED//6142004"
                && event.time().is_some_and(|at| from <= at && at < to)
        })
    };
    let winter = |journeys: &[Journey]| onsets(journeys, day(2020, 12), day(2021, 3));
    let (usual, more) = (winter(&base), winter(&wave));
    assert!(usual > 0 && more > 2 * usual, "winter onsets of influenza: {usual}, in the wave {more}");
    let autumn = |journeys: &[Journey]| onsets(journeys, day(2020, 7), day(2020, 12));
    assert_eq!(autumn(&base), autumn(&wave), "the wave begins in December");
}
