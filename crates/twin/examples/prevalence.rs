//! Runs the twin and prints what the calibration of the pathways looks at: true and diagnosed prevalence
//! among the living at the end beside the published figure, contacts by service, admissions,
//! emergency attendances, items prescribed by medicine; deaths; speed.
//!
//! Run: `cargo run --release -p twinloom-twin --example prevalence -- [population] [seed] [0 or 1] [folder]`;
//! with 0 the two years before the start are counted, in which every demand is met after the pathway's own
//! wait; a folder of modules takes the library's place.
//! Expected for the default 10,000: diagnosed hypertension near 15.3 %, diabetes 6.5 %, COPD 1.9 %, about
//! 21 items per person-year.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Instant;

use twinloom_event::{Attribute, Event, EventKind};
use twinloom_twin::{Pathway, PathwayError, TwinParameters, concepts, run};

/// Conditions by code and the published share of all registered people (QOF, England; those marked `~`
/// in pathways/README.md are from memory).
const CONDITIONS: [(&str, &[&str], f64); 24] = [
    ("hypertension", &["59621000"], 15.3),
    ("diabetes", &["44054006", "46635009"], 6.5),
    ("COPD", &["13645005"], 1.9),
    ("asthma", &["195967001"], 6.2),
    ("coronary heart disease", &["53741008"], 3.0),
    ("heart failure", &["84114007"], 1.1),
    ("atrial fibrillation", &["49436004"], 2.2),
    ("stroke or TIA", &["275526006"], 1.9),
    ("peripheral arterial", &["400047006"], 0.6),
    ("chronic kidney disease", &["709044004"], 3.5),
    ("obesity", &["414916001"], 11.0),
    ("non-diabetic hyperglyc.", &["714628002"], 6.0),
    ("hypothyroidism", &["40930008"], 3.8),
    ("depression", &["35489007"], 10.5),
    ("anxiety", &["197480006"], 6.0),
    ("dementia", &["52448006"], 0.8),
    ("severe mental illness", &["58214004", "13746004"], 1.0),
    ("epilepsy", &["84757009"], 0.7),
    ("rheumatoid arthritis", &["69896004"], 0.7),
    ("osteoarthritis", &["239873007", "239872002"], 8.0),
    ("osteoporosis", &["64859006"], 1.5),
    ("gout", &["90560007"], 2.5),
    ("reflux", &["235595009"], 6.0),
    ("cancer", &["254837009", "399068003", "93880001", "363406005", "363346000"], 3.6),
];

/// Sums by name.
type Counts = BTreeMap<String, f64>;

fn text<'a>(event: &'a Event, name: &str) -> Option<&'a str> {
    event.attribute(name).and_then(Attribute::as_text)
}

fn add(counts: &mut Counts, name: impl Into<String>, amount: f64) {
    *counts.entry(name.into()).or_default() += amount;
}

/// Writes the largest sums per person-year.
fn table(out: &mut String, title: &str, counts: &Counts, person_years: f64, most: usize) {
    let all: f64 = counts.values().sum();
    let _ = writeln!(out, "\n{title}: {:.3} per person-year", all / person_years);
    let mut rows: Vec<_> = counts.iter().collect();
    rows.sort_by(|one, other| other.1.total_cmp(one.1));
    for (name, count) in rows.into_iter().take(most) {
        let _ = writeln!(out, "  {:9.4}  {name}", count / person_years);
    }
}

/// The pathways of a folder, to try changes without building again.
fn read(folder: &str) -> Result<Vec<Pathway>, PathwayError> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    files.sort();
    files.iter().map(|path| Pathway::read(path)).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let texts: Vec<String> = std::env::args().skip(1).collect();
    let number =
        |place: usize, usual: u64| texts.get(place).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (population, seed, unlimited) = (number(0, 10_000), number(1, 1), number(2, 1) == 0);
    let pathways = texts.get(3).map_or_else(|| Ok(Pathway::library()), |folder| read(folder))?;
    let described = concepts(&pathways)?;
    let parameters = TwinParameters { population, seed, threads: 1, pathways, ..TwinParameters::default() };
    let words: BTreeMap<&str, &str> = described
        .iter()
        .map(|own| (own.code.as_str(), own.description.as_deref().unwrap_or_default()))
        .collect();
    let word = |code: &str| words.get(code).map_or_else(|| code.to_owned(), |text| (*text).to_owned());
    // The last two years, so that waits have settled; or the two before the start, when nobody queues.
    let to = if unlimited { parameters.start } else { parameters.end };
    let from = to.plus_days(-730.5).unwrap_or(to);
    let (mut living, mut person_years) = (0.0, 0.0);
    let (mut truly, mut known) = ([0.0; CONDITIONS.len()], [0.0; CONDITIONS.len()]);
    let mut services = Counts::new();
    let mut items = Counts::new();
    let mut emergencies = Counts::new();
    let mut stays = Counts::new();
    let mut clinics = Counts::new();
    let started = Instant::now();
    let summary = run::<Box<dyn Error>>(
        &parameters,
        |journey| {
            let born = journey.person.birth;
            let last = journey.person.death.map_or(to, |death| death.min(to));
            let first = born.max(from);
            if last <= first {
                return Ok(());
            }
            person_years += last.days_since(first) / 365.25;
            let alive = journey.person.death.is_none();
            living += f64::from(u8::from(alive));
            let (mut has, mut told) = ([false; CONDITIONS.len()], [false; CONDITIONS.len()]);
            for event in journey.truth.events() {
                let Some(at) = event.time() else { continue };
                match event.kind() {
                    EventKind::Condition if event.end_time().is_none_or(|end| end >= to) => {
                        for (place, (_, codes, _)) in CONDITIONS.iter().enumerate() {
                            if codes.contains(&event.code().value()) {
                                has[place] = true;
                                told[place] |= event.attribute("diagnosed").is_some();
                            }
                        }
                    }
                    EventKind::Encounter if at >= from && at < to => {
                        let service = text(event, "service").unwrap_or("other").to_owned();
                        let reason = text(event, "reason").map_or_else(|| word(event.code().as_str()), word);
                        match service.as_str() {
                            "emergency" => add(&mut emergencies, reason, 1.0),
                            "inpatient" | "day_case" => add(&mut stays, format!("{service}: {reason}"), 1.0),
                            "outpatient" => {
                                add(&mut clinics, text(event, "specialty").unwrap_or("other"), 1.0);
                            }
                            _ => {}
                        }
                        add(&mut services, service, 1.0);
                    }
                    EventKind::Medication => {
                        let Some(Attribute::Integer(days)) = event.attribute("issue_days") else { continue };
                        let (begin, end) = (at.max(first), event.end_time().unwrap_or(last).min(last));
                        let issues = end.days_since(begin).max(0.0) / *days as f64;
                        add(&mut items, word(event.code().as_str()), issues);
                    }
                    _ => {}
                }
            }
            if alive {
                for place in 0..CONDITIONS.len() {
                    truly[place] += f64::from(u8::from(has[place]));
                    known[place] += f64::from(u8::from(told[place]));
                }
            }
            Ok(())
        },
        |_| {},
    )?;
    let seconds = started.elapsed().as_secs_f64();
    let mut out = String::from("condition                   true   known  published (% of the living)\n");
    for (place, (name, _, published)) in CONDITIONS.iter().enumerate() {
        let share = |count: f64| 100.0 * count / living;
        let _ = writeln!(
            out,
            "{name:25} {:6.2}  {:6.2}  {published:6.2}",
            share(truly[place]),
            share(known[place])
        );
    }
    table(&mut out, "contacts by service", &services, person_years, 12);
    table(&mut out, "items prescribed", &items, person_years, 40);
    table(&mut out, "emergency attendances", &emergencies, person_years, 30);
    table(&mut out, "admissions", &stays, person_years, 40);
    table(&mut out, "outpatient attendances", &clinics, person_years, 22);
    let (deaths, halted) = (summary.deaths, summary.halted_modules);
    let _ = writeln!(
        out,
        "\n{deaths} deaths, {halted} halted modules, {} events of the truth",
        summary.truth_events
    );
    let _ = writeln!(out, "{:.0} people per second on one thread", population as f64 / seconds);
    std::io::stdout().write_all(out.as_bytes()).expect("standard output is open");
    Ok(())
}
