//! `twinloom twin run`: simulated patients, their truth, and the GP record they left.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;
use serde_json::json;
use twinloom_event::{Concept, Timestamp};
use twinloom_records::fhir::write::{BundleWriter, PatientIdentity, Practice, ShardWriter, Written};
use twinloom_records::{ImportReport, Sink as _};
use twinloom_twin::{Journey, ParameterError, Pathway, RunSummary, TwinParameters, concepts};

use crate::args::TwinRunArguments;
use crate::command::import;
use crate::context::{Context, Stopwatch};
use crate::failure::BadInput;
use crate::manifest::{self, Manifest};
use crate::odd::ModelDescription;
use crate::output::{grouped, print_json, print_text};
use crate::progress;
use crate::study::Incoming;

/// Where the GP record stands in a study.
const GP_RECORD: &str = "records/gp";

/// What a machine is told of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    study: String,
    patients: u64,
    deaths: u64,
    truth_events: u64,
    gp_events: u64,
    halted_modules: u64,
    bundles: u64,
    resources: u64,
    written: import::Written,
    import: ImportReport,
    seconds: BTreeMap<String, f64>,
}

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &TwinRunArguments) -> Result<ExitCode> {
    let outcome = simulate(context, &arguments.study, arguments.patients)?;
    if context.common.json {
        print_json(&outcome);
    } else {
        print_text(&outcome.text());
    }
    Ok(ExitCode::SUCCESS)
}

/// Simulates into a study: truth, GP record as FHIR, and the events imported from that record.
pub(crate) fn simulate(context: &Context, study: &Path, patients: u64) -> Result<Outcome> {
    let parameters = TwinParameters {
        population: patients,
        start: followed_from()?,
        seed: context.common.seed,
        threads: context.threads,
        ..TwinParameters::default()
    };
    parameters.check().map_err(|error: ParameterError| BadInput::new(error.to_string()))?;
    let incoming = Incoming::create(study)?;
    let folder = incoming.folder();
    let mut stopwatch = Stopwatch::start();
    let (summary, bundles) = record(context, folder, &parameters)?;
    stopwatch.lap("simulate and record");

    let mut writer = import::writer(folder, "twin")?;
    let bar = progress::bar(&context.common, "reading the record", None);
    let paths = [folder.join(GP_RECORD)];
    let mut report = import::read_fhir(context, &paths, Some("gp"), &mut writer, &bar)?;
    // Where the study stands on this machine must not reach its files.
    report.relative_to(folder);
    bar.finish_and_clear();
    let written = import::finish(context, folder, writer, &report, &BTreeMap::new())?;
    stopwatch.lap("import");

    let mut step = context.step(
        "twin run",
        described(&parameters),
        Vec::new(),
        manifest::outputs(folder, &["truth", "records", "events"])?,
    );
    step.model_description = Some(ModelDescription::of_the_twin());
    stopwatch.lap("hash");
    let timing = stopwatch.timing(context.threads);
    let seconds = timing.parts_seconds.clone();
    Manifest::record(folder, "twin", step, timing, &[])?;
    incoming.accept()?;
    Ok(Outcome {
        study: study.display().to_string(),
        patients: summary.patients,
        deaths: summary.deaths,
        truth_events: summary.truth_events,
        gp_events: summary.gp_events,
        halted_modules: summary.halted_modules,
        bundles: bundles.bundles,
        resources: bundles.resources,
        written,
        import: report,
        seconds,
    })
}

/// Everyone is alive at the start by construction, so nobody may be predicted before it: two years of
/// enrolment and five of follow-up fit between this date and the default end.
fn followed_from() -> Result<Timestamp> {
    Ok(Timestamp::from_ymd(2017, 1, 1)?)
}

/// Writes each journey as it comes: the truth as MEDS, the GP record as a FHIR bundle.
fn record(context: &Context, folder: &Path, parameters: &TwinParameters) -> Result<(RunSummary, Written)> {
    let described: BTreeMap<_, Concept> =
        concepts(&parameters.pathways)?.into_iter().map(|concept| (concept.code.clone(), concept)).collect();
    let displays = |code: &_| described.get(code)?.description.as_deref();
    let mut bundles = BundleWriter::new(&displays);
    let mut shards = ShardWriter::create(&folder.join(GP_RECORD), ShardWriter::BUNDLES_PER_SHARD)?;
    let mut truth = import::writer(&folder.join("truth"), "truth")?;
    for concept in described.values() {
        truth.concept(concept.clone())?;
    }
    let mut counts = Written::default();
    let mut line = Vec::new();
    let bar = progress::bar(&context.common, "simulating", Some(parameters.population));
    let receive = |journey: Journey| -> Result<()> {
        line.clear();
        let digits = journey.person.identity.nhs_number.to_string();
        counts.merge(bundles.write(&mut line, &journey.gp_record, Some(&identity(&journey, &digits))));
        shards.push(&line)?;
        truth.subject(journey.person.subject_id, &journey.person.subject_id.to_string())?;
        for event in journey.truth.into_events() {
            truth.event(event)?;
        }
        Ok(())
    };
    let summary = twinloom_twin::run(parameters, receive, |patients| bar.set_position(patients))
        .map_err(|error: anyhow::Error| error.context("the twin can't be run"))?;
    bar.finish_and_clear();
    shards.finish()?;
    import::finish_events(context, &folder.join("truth"), truth, &BTreeMap::new())?;
    Ok((summary, counts))
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

fn described(parameters: &TwinParameters) -> serde_json::Value {
    json!({
        "population": parameters.population,
        "start": parameters.start.to_string(),
        "end": parameters.end.to_string(),
        "record_from": parameters.record_from.to_string(),
        "pathways": parameters.pathways.iter().map(Pathway::name).collect::<Vec<_>>(),
    })
}

impl Outcome {
    /// What a person is told.
    pub(crate) fn text(&self) -> String {
        let halted = if self.halted_modules == 0 {
            String::new()
        } else {
            format!("\n{} runs of a pathway went in circles and were halted.", grouped(self.halted_modules))
        };
        format!(
            "{} patients simulated, {} died; {} events in truth, {} in the GP record.\n\
             {} FHIR bundles with {} resources; {} events imported from them into {}.{halted}",
            grouped(self.patients),
            grouped(self.deaths),
            grouped(self.truth_events),
            grouped(self.gp_events),
            grouped(self.bundles),
            grouped(self.resources),
            grouped(self.written.events),
            self.study,
        )
    }
}
