//! Runs the twin and prints what the calibration looks at: recorded and true prevalence among the
//! living at the end, by age; contacts at the practice per person-year; deaths; speed.
//!
//! Run: `cargo run --release -p twinloom-twin --example prevalence -- [population] [seed]`.
//! Expected for the default 20,000: recorded hypertension near 15.3 %, diabetes 6.5 %, COPD 1.9 %.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Instant;

use twinloom_event::EventKind;
use twinloom_twin::{SmokingStatus, TwinError, TwinParameters, run};

const CONDITIONS: [(&str, &str); 3] = [
    ("hypertension", "SNOMED//59621000"),
    ("type 2 diabetes", "SNOMED//44054006"),
    ("COPD", "SNOMED//13645005"),
];

fn main() -> Result<(), TwinError> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>().unwrap_or(1));
    let population = arguments.next().unwrap_or(20_000);
    let seed = arguments.next().unwrap_or(1);
    let parameters = TwinParameters { population, seed, threads: 1, ..TwinParameters::default() };
    let (mut living, mut by_age) = (0_u64, BTreeMap::<i32, u64>::new());
    let mut counts = BTreeMap::<(usize, &str, i32), u64>::new();
    let (mut contacts, mut person_years, mut adults, mut smokers) = (0_u64, 0.0, 0_u64, 0_u64);
    let mut kinds = BTreeMap::<(EventKind, &str), u64>::new();
    let started = Instant::now();
    let summary = run::<TwinError>(
        &parameters,
        |journey| {
            let person = &journey.person;
            for (source, timeline) in [("truth", &journey.truth), ("gp", &journey.gp_record)] {
                for event in timeline.events() {
                    *kinds.entry((event.kind(), source)).or_default() += 1;
                }
            }
            let last_year = parameters.end.plus_days(-365.25).unwrap_or(parameters.start);
            if person.death.is_none() {
                living += 1;
                let age = parameters.end.years_since(person.birth);
                if age >= 18 {
                    adults += 1;
                    smokers += u64::from(person.smoking.status_at(parameters.end) == SmokingStatus::Current);
                }
                *by_age.entry(age / 10).or_default() += 1;
                for (index, (_, code)) in CONDITIONS.iter().enumerate() {
                    for (source, timeline) in [("truth", &journey.truth), ("gp", &journey.gp_record)] {
                        if timeline.events().iter().any(|event| event.code().as_str() == *code) {
                            *counts.entry((index, source, age / 10)).or_default() += 1;
                        }
                    }
                }
                if person.birth < last_year {
                    person_years += 1.0;
                    let at_practice: BTreeSet<_> = journey
                        .gp_record
                        .timed_events()
                        .iter()
                        .filter(|event| {
                            event.kind() == EventKind::Encounter && event.time() >= Some(last_year)
                        })
                        .filter_map(|event| event.encounter_id())
                        .collect();
                    contacts += at_practice.len() as u64;
                }
            }
            Ok(())
        },
        |_| {},
    )?;
    let seconds = started.elapsed().as_secs_f64();
    let mut out = String::new();
    for (index, (name, _)) in CONDITIONS.iter().enumerate() {
        for source in ["truth", "gp"] {
            let of = |age: i32| counts.get(&(index, source, age)).copied().unwrap_or_default();
            let all: u64 = by_age.keys().map(|age| of(*age)).sum();
            let _ = write!(out, "{name:16}{source:6}{:6.2} %  by age:", 100.0 * all as f64 / living as f64);
            for (age, people) in &by_age {
                let _ = write!(out, " {}0s {:.1}", age, 100.0 * of(*age) as f64 / *people as f64);
            }
            let _ = writeln!(out);
        }
    }
    let _ = writeln!(out, "contacts per person-year {:.2}", contacts as f64 / person_years);
    let _ = writeln!(out, "adults who smoke {:.1} %", 100.0 * smokers as f64 / adults as f64);
    for ((kind, source), count) in &kinds {
        let _ = writeln!(out, "{kind} {source} {:.2} per person", *count as f64 / population as f64);
    }
    let _ = writeln!(out, "{summary:?}\n{:.0} people per second on one thread", population as f64 / seconds);
    std::io::stdout().write_all(out.as_bytes()).expect("standard output is open");
    Ok(())
}
