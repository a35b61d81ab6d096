//! `twinloom twin gmf`: Synthea's modules, run by our interpreter, and held against the Java engine.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;
use twinloom_event::Timestamp;
use twinloom_gmf::{
    Comparison, Difference, Library, LoadError, LoadOptions, Parameters, SimulationError, Summary,
    VisitTable, compare, simulate,
};

use crate::command::import;
use crate::command::twin::gmf_study;
use crate::context::{Context, Stopwatch};
use crate::failure::BadInput;
use crate::manifest::{self, Manifest};
use crate::output::{grouped, print_json, print_text, table};
use crate::progress;
use crate::study::Incoming;

/// Where Synthea's modules stand beside a working copy.
const MODULES: &str = "../shared/data/synthea_modules/modules";
/// Family-wise level of the tests against the other engine.
const LEVEL: f64 = 0.01;
/// Relative difference of mean durations that is let pass beyond chance.
const DURATION_TOLERANCE: f64 = 0.02;

/// Arguments of `twin gmf`.
#[derive(Debug, Args)]
pub(crate) struct GmfArguments {
    /// The folder of modules, with submodules in folders and tables in lookup_tables.
    #[arg(long, value_name = "DIR", default_value = MODULES)]
    modules: PathBuf,
    /// Living people to make; those who die before the reference date are made too.
    #[arg(long, default_value_t = 1000, value_name = "N")]
    population: u64,
    /// The date on which the run ends and for which ages are drawn (YYYY-MM-DD).
    #[arg(long, value_name = "DATE", default_value = "2026-01-01")]
    reference_date: String,
    /// Write the events as a study.
    #[arg(long, value_name = "DIR")]
    study: Option<PathBuf>,
    /// Hold the visits against another engine's, from a JSON file.
    #[arg(long, value_name = "FILE")]
    compare: Option<PathBuf>,
    /// Populations to simulate for a comparison; more tell chance from difference better.
    #[arg(long, default_value_t = 8, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1000))]
    replicates: u64,
    /// Let people die of nothing in particular too, as a switch of Synthea's does.
    #[arg(long)]
    natural_death: bool,
    /// How far from 1 the probabilities of one transition may sum, 0 to 1.
    #[arg(
        long,
        value_name = "X",
        default_value_t = LoadOptions::default().probability_tolerance,
        value_parser = tolerance
    )]
    probability_tolerance: f64,
}

/// Findings that people are shown; machines get all.
const FINDINGS_SHOWN: usize = 10;

fn tolerance(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "permitted: a number from 0 to 1".to_owned())?;
    if (0.0..=1.0).contains(&value) { Ok(value) } else { Err("permitted: a number from 0 to 1".to_owned()) }
}

/// Another engine's visits.
#[derive(Debug, Deserialize)]
struct Reference {
    meta: BTreeMap<String, String>,
    modules: VisitTable,
}

/// What a machine is told.
#[derive(Debug, Serialize)]
struct Outcome {
    modules: Modules,
    population: u64,
    seed: u64,
    reference_date: String,
    summary: Summary,
    seconds: BTreeMap<String, f64>,
    lifetimes_per_second: f64,
    threads: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    study: Option<Study>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<Compared>,
    visits: VisitTable,
}

#[derive(Debug, Serialize)]
struct Modules {
    folder: String,
    loaded: usize,
    files: usize,
    top_level: usize,
    states: usize,
    lookup_tables: usize,
    unsupported: usize,
    unsupported_constructs: Vec<String>,
    findings: Vec<String>,
    host_tables: BTreeMap<&'static str, &'static str>,
}

#[derive(Debug, Serialize)]
struct Study {
    folder: String,
    written: import::Written,
}

#[derive(Debug, Serialize)]
struct Compared {
    with: BTreeMap<String, String>,
    populations: usize,
    #[serde(flatten)]
    comparison: Comparison,
}

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &GmfArguments) -> Result<ExitCode> {
    let mut stopwatch = Stopwatch::start();
    let options = LoadOptions { probability_tolerance: arguments.probability_tolerance };
    let library = Library::load_with(&arguments.modules, options).map_err(|error| refused(&error))?;
    let reference = arguments.compare.as_deref().map(reference).transpose()?;
    stopwatch.lap("load");
    let parameters = Parameters {
        reference: date(&arguments.reference_date)?,
        threads: context.common.threads,
        events: arguments.study.is_some(),
        natural_death: arguments.natural_death,
        ..Parameters::new(arguments.population, context.common.seed)
    };
    let (summary, study) = if let Some(folder) = &arguments.study {
        let (summary, study) = into_study(context, &library, &parameters, arguments, folder, &mut stopwatch)?;
        (summary, Some(study))
    } else {
        let summary = lives(context, &library, &parameters)?;
        stopwatch.lap("simulate");
        (summary, None)
    };
    let comparison = match reference {
        Some(reference) => {
            Some(against(context, &library, &parameters, arguments.replicates, &summary, reference)?)
        }
        None => None,
    };
    stopwatch.lap("compare");
    let timing = stopwatch.timing(context.threads);
    let seconds = timing.parts_seconds;
    let outcome = Outcome {
        modules: modules(&library, &arguments.modules),
        population: arguments.population,
        seed: context.common.seed,
        reference_date: arguments.reference_date.clone(),
        lifetimes_per_second: summary.lifetimes as f64 / seconds.get("simulate").copied().unwrap_or(f64::NAN),
        threads: context.threads,
        visits: summary.visits.clone(),
        summary,
        seconds,
        study,
        comparison,
    };
    if context.common.json {
        print_json(&outcome);
    } else {
        print_text(&outcome.text());
    }
    Ok(ExitCode::SUCCESS)
}

/// Simulates more populations with the seeds that follow, and compares them all.
fn against(
    context: &Context,
    library: &Library,
    parameters: &Parameters,
    replicates: u64,
    first: &Summary,
    reference: Reference,
) -> Result<Compared> {
    let mut tables = vec![first.visits.clone()];
    for replicate in 1..replicates {
        let seed = parameters.seed.wrapping_add(replicate);
        let more = lives(context, library, &Parameters { seed, events: false, ..*parameters })?;
        tables.push(more.visits);
    }
    let names = library.module_names();
    let comparison = compare(&tables, &reference.modules, &names, LEVEL, DURATION_TOLERANCE);
    Ok(Compared { with: reference.meta, populations: tables.len(), comparison })
}

fn refused(error: &LoadError) -> BadInput {
    BadInput::new(error.to_string())
        .hint("--modules names a folder of Synthea modules, such as its src/main/resources/modules")
}

fn date(text: &str) -> Result<Timestamp> {
    let wrong = || BadInput::new(format!("reference date {text:?} is no date; permitted: YYYY-MM-DD"));
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return Err(wrong().into()) };
    let number = |part: &str| part.parse::<u32>().map_err(|_| wrong());
    let (year, month, day) = (number(year)?, number(month)?, number(day)?);
    if !(1950..=2200).contains(&year) {
        return Err(BadInput::new(format!(
            "reference date {text:?} is out of range; permitted: 1950 to 2200"
        ))
        .into());
    }
    Ok(Timestamp::from_ymd(year as i32, month, day).map_err(|_| wrong())?)
}

fn reference(path: &Path) -> Result<Reference> {
    let bytes = fs::read(path)
        .map_err(|error| BadInput::new(format!("{} can't be read: {error}", path.display())))?;
    let found = serde_json::from_slice(&bytes)
        .map_err(|error| BadInput::new(format!("{} holds no visits: {error}", path.display())))?;
    Ok(found)
}

/// Simulates without events.
fn lives(context: &Context, library: &Library, parameters: &Parameters) -> Result<Summary> {
    let bar = progress::bar(&context.common, "living", Some(parameters.population));
    let summary = simulate(library, parameters, |lifetime| -> Result<()> {
        bar.inc(u64::from(lifetime.is_alive));
        Ok(())
    })
    .map_err(refused_run)?;
    bar.finish_and_clear();
    Ok(summary)
}

/// Whose fault it is that a run could not be made.
pub(super) fn refused_run(error: SimulationError<anyhow::Error>) -> anyhow::Error {
    match error {
        SimulationError::Receive(error) => error,
        SimulationError::Population { .. } => {
            BadInput::new(error.to_string()).hint("--population counts the living").into()
        }
        SimulationError::Threads(_) => anyhow::anyhow!("{error}"),
    }
}

fn into_study(
    context: &Context,
    library: &Library,
    parameters: &Parameters,
    arguments: &GmfArguments,
    study: &Path,
    stopwatch: &mut Stopwatch,
) -> Result<(Summary, Study)> {
    let incoming = Incoming::create(study)?;
    let folder = incoming.folder();
    let (summary, written) = gmf_study::write(context, library, parameters, folder)?;
    stopwatch.lap("simulate");
    let step = context.step(
        "twin gmf",
        json!({
            "modules": library.file_count(),
            "population": parameters.population,
            "reference_date": arguments.reference_date,
            "natural_death": parameters.natural_death,
            "probability_tolerance": arguments.probability_tolerance,
        }),
        manifest::inputs(std::slice::from_ref(&arguments.modules))?,
        manifest::outputs(folder, &["events"])?,
    );
    let timing = Stopwatch::start().timing(context.threads);
    Manifest::record(folder, "twin", step, timing, &[]).context("the study's manifest can't be written")?;
    incoming.accept()?;
    Ok((summary, Study { folder: study.display().to_string(), written }))
}

fn modules(library: &Library, folder: &Path) -> Modules {
    Modules {
        folder: folder.display().to_string(),
        loaded: library.file_count(),
        files: library.file_count(),
        top_level: library.top_level_count(),
        states: library.state_count(),
        lookup_tables: library.table_count(),
        unsupported: library.unsupported().len(),
        unsupported_constructs: library.unsupported().iter().map(ToString::to_string).collect(),
        findings: library.findings().iter().map(ToString::to_string).collect(),
        host_tables: library
            .host_sources()
            .into_iter()
            .map(|(name, is_found)| (name, if is_found { "beside the modules" } else { "compiled in" }))
            .collect(),
    }
}

impl Outcome {
    /// What a person is told.
    fn text(&self) -> String {
        let (modules, summary) = (&self.modules, &self.summary);
        let mut lines = vec![
            format!(
                "{}/{} module files loaded ({} on their own, {} states, {} lookup tables); {} unsupported constructs, {} findings.",
                modules.loaded,
                modules.files,
                modules.top_level,
                grouped(modules.states as u64),
                modules.lookup_tables,
                modules.unsupported,
                modules.findings.len(),
            ),
            format!(
                "{} lifetimes ({} living, {} person-years) in {:.1} s: {:.0} a second on {} threads.",
                grouped(summary.lifetimes),
                grouped(summary.living),
                grouped(summary.person_years as u64),
                self.seconds.get("simulate").copied().unwrap_or(0.0),
                self.lifetimes_per_second,
                self.threads,
            ),
        ];
        let more = modules.findings.len().saturating_sub(FINDINGS_SHOWN);
        lines.extend(modules.findings.iter().take(FINDINGS_SHOWN).map(|finding| format!("  {finding}")));
        if more > 0 {
            lines.push(format!("  and {more} more; --json lists all"));
        }
        for (state, times) in &summary.halted {
            lines.push(format!("Halted {times} times for passing too many states without rest: {state}."));
        }
        if let Some(study) = &self.study {
            lines.push(format!("{} events written into {}.", grouped(study.written.events), study.folder));
        }
        if let Some(compared) = &self.comparison {
            lines.push(compared.text());
        }
        lines.join("\n")
    }
}

impl Compared {
    fn text(&self) -> String {
        let found = &self.comparison;
        let engine = self.with.get("engine").map_or("the other engine", String::as_str);
        let heading = format!(
            "Against {engine}: {} states tested, {} certain; {} differ in destinations by visits (Holm, {} %), \
             {} beyond the scatter of {} populations; {} of {} in mean duration; {} states visited here alone, {} there alone.",
            found.states_tested,
            found.states_certain,
            found.destinations.len(),
            found.level * 100.0,
            found.beyond_populations,
            self.populations,
            found.durations.len(),
            found.durations_compared,
            found.only[0],
            found.only[1],
        );
        let mut rows = vec![
            [
                "module",
                "state",
                "what",
                "here",
                "there",
                "n here",
                "n there",
                "p by visits",
                "p by populations",
            ]
            .map(str::to_owned)
            .to_vec(),
        ];
        rows.extend(found.destinations.iter().chain(&found.durations).map(row));
        if rows.len() == 1 { heading } else { format!("{heading}\n{}", table(&rows)) }
    }
}

fn row(difference: &Difference) -> Vec<String> {
    vec![
        difference.module.clone(),
        difference.state.clone(),
        difference.what.clone(),
        format!("{:.4}", difference.values[0]),
        format!("{:.4}", difference.values[1]),
        difference.left[0].to_string(),
        difference.left[1].to_string(),
        difference.corrected.map_or_else(|| "-".to_owned(), |p| format!("{p:.1e}")),
        difference.by_population.map_or_else(|| "-".to_owned(), |p| format!("{p:.2}")),
    ]
}
