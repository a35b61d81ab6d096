//! `twinloom twin run`: simulated people, their truth, and what eight systems recorded of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde::Serialize;
use serde_json::json;
use twinloom_event::{Code, Concept, Timestamp};
use twinloom_records::fhir::write::{BundleWriter, PatientIdentity, Practice, ShardWriter, Written};
use twinloom_records::study::StudyWriter;
use twinloom_records::{ImportReport, Sink as _};
use twinloom_twin::systems::{SystemRates, gp_record_attributes};
use twinloom_twin::{
    Journey, Pathway, RunSummary, TwinParameters, concepts, embedded_tables, truth_attributes,
};

use super::setting;
use crate::command::import;
use crate::context::{Context, Stopwatch};
use crate::failure::BadInput;
use crate::manifest::{self, FileRecord, Manifest};
use crate::odd::ModelDescription;
use crate::output::{grouped, print_json, print_text};
use crate::progress;
use crate::study::Incoming;
use crate::systems::SystemsWriter;

/// Where the GP record stands in a study as FHIR bundles.
const GP_RECORD: &str = "records/gp";
/// Where the events of the truth stand in a study.
const TRUTH: &str = "truth";
/// The last year of a run that states no start: it ends with it.
const LAST_YEAR: i32 = 2024;
/// Everyone is alive at the start by construction, so nobody may be predicted before it: two years of
/// enrolment and five of follow-up fit into this many years, with one to spare.
const USUAL_YEARS: u32 = 8;
/// The practice's system is live since then, or for some years before an earlier start.
const RECORD_FROM_YEAR: i32 = 2010;
const LEAST_RECORD_YEARS: i32 = 2;

/// Arguments of `twin run`.
#[derive(Debug, Args)]
pub(crate) struct TwinRunArguments {
    /// The study folder to write; an earlier run in it is replaced.
    #[arg(long, value_name = "DIR")]
    study: PathBuf,
    /// People to simulate.
    #[arg(long, visible_alias = "patients", default_value_t = 1000, value_name = "N")]
    population: u64,
    /// Years to simulate with services.
    #[arg(long, default_value_t = USUAL_YEARS, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=50))]
    years: u32,
    /// The first day with services, as YYYY-MM-DD; by default the run ends with 2024.
    #[arg(long, value_name = "DATE", value_parser = date)]
    start: Option<Timestamp>,
    /// A TOML file of what is changed of need, pathways or supply.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// A TOML file of how the systems of record err; what it leaves out is as in the built-in one.
    #[arg(long, value_name = "FILE")]
    systems: Option<PathBuf>,
    /// Write no FHIR bundles: the GP record goes straight to the study's events.
    #[arg(long)]
    no_fhir: bool,
}

/// A date of the command line.
fn date(text: &str) -> Result<Timestamp, String> {
    let parts: Vec<&str> = text.split('-').collect();
    let parsed = match parts[..] {
        [year, month, day] => match (year.parse(), month.parse(), day.parse()) {
            (Ok(year), Ok(month), Ok(day)) => Timestamp::from_ymd(year, month, day).ok(),
            _ => None,
        },
        _ => None,
    };
    parsed.ok_or_else(|| format!("{text:?} is no date; permitted: YYYY-MM-DD"))
}

/// What a run is asked for.
#[derive(Debug)]
pub(crate) struct Order {
    parameters: TwinParameters,
    with_fhir: bool,
    /// The text of the rates by which the systems err, if they are not the built-in ones.
    systems_toml: Option<String>,
    /// Files that the run depends on.
    inputs: Vec<PathBuf>,
}

impl Order {
    /// The usual run of so many people, with FHIR bundles.
    pub(crate) fn usual(context: &Context, population: u64) -> Result<Self> {
        let parameters = parameters(context, population, USUAL_YEARS, None)?;
        Ok(Self { parameters, with_fhir: true, systems_toml: None, inputs: Vec::new() })
    }

    fn of(context: &Context, arguments: &TwinRunArguments) -> Result<Self> {
        let mut parameters = parameters(context, arguments.population, arguments.years, arguments.start)?;
        let (mut inputs, mut systems_toml) = (Vec::new(), None);
        if let Some(path) = &arguments.scenario {
            parameters = parameters
                .with_scenario(setting::scenario(path)?)
                .map_err(|error| BadInput::new(error.to_string()))?;
            inputs.push(path.clone());
        }
        if let Some(path) = &arguments.systems {
            let (rates, text) = rates(path)?;
            parameters.systems = Some(rates);
            systems_toml = Some(text);
            inputs.push(path.clone());
        }
        Ok(Self { parameters, with_fhir: !arguments.no_fhir, systems_toml, inputs })
    }
}

/// Reads a file of error rates; its text goes into the manifest.
fn rates(path: &Path) -> Result<(SystemRates, String)> {
    let text = fs::read_to_string(path)
        .map_err(|error| BadInput::new(format!("{} can't be read: {error}", path.display())))?;
    let rates = SystemRates::parse(&text).map_err(|error| {
        BadInput::new(format!("{}: {error}", path.display()))
            .hint("crates/twin/data/systems.toml is the built-in file and says what may stand in one")
    })?;
    Ok((rates, text))
}

fn parameters(
    context: &Context,
    population: u64,
    years: u32,
    start: Option<Timestamp>,
) -> Result<TwinParameters> {
    let years = years as i32;
    let start = start.map_or_else(|| Timestamp::from_ymd(LAST_YEAR + 1 - years, 1, 1), Ok)?;
    let end = Timestamp::from_ymd(start.year() + years, start.month(), start.day())
        .or_else(|_| Timestamp::from_ymd(start.year() + years, 3, 1))?;
    let record_from = Timestamp::from_ymd(RECORD_FROM_YEAR.min(start.year() - LEAST_RECORD_YEARS), 1, 1)?;
    let parameters = TwinParameters {
        population,
        start,
        end,
        record_from,
        seed: context.common.seed,
        threads: context.threads,
        ..TwinParameters::default()
    };
    parameters.check().map_err(|error| BadInput::new(error.to_string()))?;
    Ok(parameters)
}

/// What a machine is told of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    study: String,
    patients: u64,
    deaths: u64,
    truth_events: u64,
    gp_events: u64,
    artefacts: u64,
    ledger_entries: u64,
    halted_modules: u64,
    bundles: u64,
    resources: u64,
    written: import::Written,
    #[serde(skip_serializing_if = "Option::is_none")]
    import: Option<ImportReport>,
    /// Every file of the run with its hash, as the manifest has them: equal runs have equal lists.
    outputs: Vec<FileRecord>,
    seconds: BTreeMap<String, f64>,
}

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &TwinRunArguments) -> Result<ExitCode> {
    let outcome = simulate(context, &arguments.study, &Order::of(context, arguments)?)?;
    if context.common.json {
        print_json(&outcome);
    } else {
        print_text(&outcome.text());
    }
    Ok(ExitCode::SUCCESS)
}

/// Simulates into a study: truth, the systems' records with their ledger, and the GP record's events.
pub(crate) fn simulate(context: &Context, study: &Path, order: &Order) -> Result<Outcome> {
    let parameters = &order.parameters;
    let incoming = Incoming::create(study)?;
    let folder = incoming.folder();
    let mut stopwatch = Stopwatch::start();
    let described: BTreeMap<_, Concept> =
        concepts(&parameters.pathways)?.into_iter().map(|concept| (concept.code.clone(), concept)).collect();
    let displays = |code: &Code| described.get(code)?.description.as_deref();
    let bundles = order.with_fhir.then(|| BundleWriter::new(&displays));
    let mut recording = Recording::create(folder, described.values(), bundles)?;
    let bar = progress::bar(&context.common, "simulating", Some(parameters.population));
    let receive = |journey: Journey| recording.receive(journey);
    let summary = twinloom_twin::run(parameters, receive, |people| bar.set_position(people)).map_err(
        |error: anyhow::Error| match error.downcast() {
            Ok(error) => setting::blamed(error),
            Err(error) => error.context("the twin can't be run"),
        },
    )?;
    bar.finish_and_clear();
    stopwatch.lap("simulate and record");
    let (bundles, events) = recording.finish(context, folder)?;
    stopwatch.lap("write");

    let (written, report) = if let Some(events) = events {
        (import::finish_events(context, folder, *events, &BTreeMap::new())?, None)
    } else {
        let (written, report) = read_bundles(context, folder)?;
        (written, Some(report))
    };
    stopwatch.lap("import");

    let outputs = manifest::outputs(folder, &["truth", "records", "events"])?;
    let inputs = manifest::inputs(&order.inputs)?;
    let mut step = context.step("twin run", settings(order), inputs, outputs.clone());
    step.model_description = Some(ModelDescription::of_run(parameters));
    stopwatch.lap("hash");
    let timing = stopwatch.timing(context.threads);
    let seconds = timing.parts_seconds.clone();
    Manifest::record(folder, "twin", step, timing, &[])?;
    incoming.accept()?;
    Ok(outcome(study, &summary, &bundles, written, report, outputs, seconds))
}

/// Reads the bundles back into the study's events, as any FHIR record would be.
fn read_bundles(context: &Context, folder: &Path) -> Result<(import::Written, ImportReport)> {
    let mut writer = import::writer(folder, "twin")?;
    let bar = progress::bar(&context.common, "reading the record", None);
    let paths = [folder.join(GP_RECORD)];
    let mut report = import::read_fhir(context, &paths, Some("gp"), &mut writer, &bar)?;
    // Where the study stands on this machine must not reach its files.
    report.relative_to(folder);
    bar.finish_and_clear();
    let written = import::finish(context, folder, writer, &report, &BTreeMap::new())?;
    Ok((written, report))
}

/// Everything that is written while journeys come.
struct Recording<'d> {
    systems: SystemsWriter,
    truth: StudyWriter,
    gp: GpRecord<'d>,
}

/// Where the GP record goes.
enum GpRecord<'d> {
    /// Into FHIR bundles, from which the study's events are read.
    Bundles { bundles: Box<BundleWriter<'d>>, shards: ShardWriter, counts: Written, line: Vec<u8> },
    /// Straight into the study's events.
    Events(Box<StudyWriter>),
}

impl<'d> Recording<'d> {
    fn create<'c>(
        folder: &Path,
        described: impl Iterator<Item = &'c Concept> + Clone,
        bundles: Option<BundleWriter<'d>>,
    ) -> Result<Self> {
        let mut truth = import::ordered_writer(&folder.join(TRUTH), "truth", &truth_attributes())?;
        for concept in described.clone() {
            truth.concept(concept.clone())?;
        }
        let gp = if let Some(bundles) = bundles {
            let shards = ShardWriter::create(&folder.join(GP_RECORD), ShardWriter::BUNDLES_PER_SHARD)?;
            GpRecord::Bundles {
                bundles: Box::new(bundles),
                shards,
                counts: Written::default(),
                line: Vec::new(),
            }
        } else {
            let mut events = import::ordered_writer(folder, "twin", &gp_record_attributes())?;
            for concept in described {
                events.concept(concept.clone())?;
            }
            GpRecord::Events(Box::new(events))
        };
        Ok(Self { systems: SystemsWriter::create(folder)?, truth, gp })
    }

    fn receive(&mut self, journey: Journey) -> Result<()> {
        self.systems.write(&journey)?;
        let journey = journey.with_others();
        let subject = journey.person.subject_id;
        match &mut self.gp {
            GpRecord::Bundles { bundles, shards, counts, line } => {
                line.clear();
                let digits = journey.person.identity.nhs_number.to_string();
                let identity = identity(&journey, &digits);
                counts.merge(bundles.write(line, &journey.gp_record, Some(&identity)));
                shards.push(line)?;
            }
            GpRecord::Events(events) => {
                events.subject(subject, &subject.to_string())?;
                for event in journey.gp_record.into_events() {
                    events.event(event)?;
                }
            }
        }
        self.truth.subject(subject, &subject.to_string())?;
        for event in journey.truth.into_events() {
            self.truth.event(event)?;
        }
        Ok(())
    }

    /// Ends the files; the writer of events is left when the GP record went straight into it.
    fn finish(self, context: &Context, folder: &Path) -> Result<(Written, Option<Box<StudyWriter>>)> {
        self.systems.finish()?;
        import::finish_events(context, &folder.join(TRUTH), self.truth, &BTreeMap::new())?;
        Ok(match self.gp {
            GpRecord::Bundles { shards, counts, .. } => {
                shards.finish()?;
                (counts, None)
            }
            GpRecord::Events(events) => (Written::default(), Some(events)),
        })
    }
}

fn identity<'j>(journey: &'j Journey, nhs_number: &'j str) -> PatientIdentity<'j> {
    let identity = &journey.person.identity;
    PatientIdentity {
        nhs_number,
        family: &identity.family_name,
        given: &identity.given_name,
        address_line: &identity.address_line,
        city: &identity.town,
        postcode: &identity.postcode,
        telephone: Some(&identity.telephone),
        practice: Practice {
            ods_code: &journey.person.practice.ods_code,
            name: &journey.person.practice.name,
        },
    }
}

/// The run's parameters for its manifest; built-in tables by the hash of their text.
fn settings(order: &Order) -> serde_json::Value {
    let parameters = &order.parameters;
    let tables: BTreeMap<&str, String> =
        embedded_tables().into_iter().map(|(name, text)| (name, manifest::text_hash(text))).collect();
    let hashed = |pathway: &Pathway| (pathway.name().to_owned(), manifest::text_hash(&pathway.content()));
    let pathways: BTreeMap<String, String> = parameters.pathways.iter().map(hashed).collect();
    json!({
        "population": parameters.population,
        "start": parameters.start.to_string(),
        "end": parameters.end.to_string(),
        "record_from": parameters.record_from.to_string(),
        "people_per_locality": parameters.people_per_locality,
        "pathways_sha256": pathways,
        "scenario": parameters.scenario.name,
        "scenario_toml":
            (!parameters.scenario.changes_nothing()).then(|| parameters.scenario.to_toml()),
        "systems_toml": order.systems_toml,
        "fhir": order.with_fhir,
        "tables_sha256": tables,
    })
}

fn outcome(
    study: &Path,
    summary: &RunSummary,
    bundles: &Written,
    written: import::Written,
    import: Option<ImportReport>,
    outputs: Vec<FileRecord>,
    seconds: BTreeMap<String, f64>,
) -> Outcome {
    Outcome {
        study: study.display().to_string(),
        patients: summary.patients,
        deaths: summary.deaths,
        truth_events: summary.truth_events,
        gp_events: summary.gp_events,
        artefacts: summary.artefacts,
        ledger_entries: summary.ledger_entries,
        halted_modules: summary.halted_modules,
        bundles: bundles.bundles,
        resources: bundles.resources,
        written,
        import,
        outputs,
        seconds,
    }
}

impl Outcome {
    /// What a person is told.
    pub(crate) fn text(&self) -> String {
        let halted = if self.halted_modules == 0 {
            String::new()
        } else {
            format!(
                "\n{} runs of a pathway passed too many states without rest and were halted.",
                grouped(self.halted_modules)
            )
        };
        let fhir = if self.bundles == 0 {
            String::new()
        } else {
            format!("{} FHIR bundles with {} resources; ", grouped(self.bundles), grouped(self.resources))
        };
        format!(
            "{} patients simulated, {} died; {} events in truth, {} in the GP record.\n\
             {} artefacts in eight systems of record, {} entries in their error ledger.\n\
             {fhir}{} events in the study {}.{halted}",
            grouped(self.patients),
            grouped(self.deaths),
            grouped(self.truth_events),
            grouped(self.gp_events),
            grouped(self.artefacts),
            grouped(self.ledger_entries),
            grouped(self.written.events),
            self.study,
        )
    }
}
