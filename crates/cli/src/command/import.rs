//! `twinloom import`: a source becomes a study.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use indicatif::ProgressBar;
use serde::Serialize;
use serde_json::json;
use twinloom_event::{AttributeType, Source, Split, SubjectId};
use twinloom_records::fhir::{self, ImportOptions, Progress};
use twinloom_records::meds::{self, DatasetMetadata};
use twinloom_records::study::{StudyOptions, StudySummary, StudyWriter};
use twinloom_records::tables::{self, TableFormat};
use twinloom_records::{ImportReport, Sink};
use twinloom_views::SplitPlan;

use crate::args::{ImportArguments, ImportFormat};
use crate::context::{Context, Stopwatch};
use crate::failure::BadInput;
use crate::manifest::{self, Manifest};
use crate::output::{grouped, print_json, print_text, table};
use crate::study::Incoming;
use crate::{progress, study};

/// Nothing of the input could be kept.
const NOTHING_KEPT: u8 = 2;

/// What a machine is told of an import.
#[derive(Debug, Serialize)]
struct Outcome<'a> {
    study: String,
    report: &'a ImportReport,
    written: Written,
}

/// What stands in the study afterwards.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Written {
    pub(crate) subjects: u64,
    pub(crate) events: u64,
    pub(crate) links: u64,
    pub(crate) entities: u64,
    pub(crate) codes: u64,
}

impl From<&StudySummary> for Written {
    fn from(summary: &StudySummary) -> Self {
        Self {
            subjects: summary.subjects,
            events: summary.events,
            links: summary.links,
            entities: summary.entities,
            codes: summary.codes,
        }
    }
}

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &ImportArguments) -> Result<ExitCode> {
    study::require_inputs(&arguments.paths)?;
    let description = match &arguments.description {
        Some(path) => Some(
            fs::read_to_string(path)
                .map_err(|error| BadInput::new(format!("{} can't be read: {error}", path.display())))?,
        ),
        None => None,
    };
    let incoming = Incoming::create(&arguments.study)?;
    let folder = incoming.folder();
    let mut stopwatch = Stopwatch::start();
    let name = arguments.source.clone().unwrap_or_else(|| arguments.format.as_str().to_owned());
    let mut writer = writer(folder, &name)?;
    let bar = progress::bar(&context.common, "reading", None);
    let report = read(context, arguments, description, &mut writer, &bar)?;
    bar.finish_and_clear();
    stopwatch.lap("read");
    let published = published_splits(arguments)?;
    let written = finish(context, folder, writer, &report, &published)?;
    stopwatch.lap("write");
    if report.kept() > 0 {
        let mut inputs = arguments.paths.clone();
        inputs.extend(arguments.description.clone());
        let step = context.step(
            "import",
            json!({ "format": arguments.format.as_str(), "source": name }),
            manifest::inputs(&inputs)?,
            manifest::outputs(folder, &["events", "records"])?,
        );
        stopwatch.lap("hash");
        Manifest::record(folder, "import", step, stopwatch.timing(context.threads), &[])?;
        incoming.accept()?;
    }
    if context.common.json {
        print_json(&Outcome { study: arguments.study.display().to_string(), report: &report, written });
    } else {
        print_text(&summary(&report, written));
    }
    Ok(if report.kept() == 0 { ExitCode::from(NOTHING_KEPT) } else { ExitCode::SUCCESS })
}

/// The parts that a MEDS source says its subjects belong to.
fn published_splits(arguments: &ImportArguments) -> Result<BTreeMap<SubjectId, Split>> {
    let mut published = BTreeMap::new();
    if arguments.format == ImportFormat::Meds {
        for path in &arguments.paths {
            let found = meds::read_splits(path).map_err(|error| BadInput::from_chain(&error.into()))?;
            published.extend(found);
        }
    }
    Ok(published)
}

/// A writer for the study's events and records.
pub(crate) fn writer(folder: &Path, name: &str) -> Result<StudyWriter> {
    // The time of making would differ between equal runs; MEDS lets it be absent.
    let metadata = DatasetMetadata { created_at: None, ..DatasetMetadata::new(name, "") };
    StudyWriter::create(folder, StudyOptions::new(metadata))
        .with_context(|| format!("the study {} can't be written", folder.display()))
}

/// Opens a study for events that come in order, with no attributes but these.
pub(crate) fn ordered_writer(
    folder: &Path,
    name: &str,
    attributes: &[(&str, AttributeType)],
) -> Result<StudyWriter> {
    let metadata = DatasetMetadata { created_at: None, ..DatasetMetadata::new(name, "") };
    StudyWriter::create_ordered(folder, metadata, attributes)
        .with_context(|| format!("the study {} can't be written", folder.display()))
}

/// Orders and writes what was read, and the import report beside it.
pub(crate) fn finish(
    context: &Context,
    folder: &Path,
    writer: StudyWriter,
    report: &ImportReport,
    published: &BTreeMap<SubjectId, Split>,
) -> Result<Written> {
    let written = finish_events(context, folder, writer, published)?;
    manifest::write_json(&folder.join(study::IMPORT_REPORT), report)?;
    Ok(written)
}

/// Orders and writes what was read; subjects without a published part get theirs from the seed.
pub(crate) fn finish_events(
    context: &Context,
    folder: &Path,
    writer: StudyWriter,
    published: &BTreeMap<SubjectId, Split>,
) -> Result<Written> {
    let plan = SplitPlan::new(context.common.seed);
    let summary = writer
        .finish(&|subject| published.get(&subject).copied().unwrap_or_else(|| plan.of(subject)))
        .with_context(|| format!("the study {} can't be written", folder.display()))?;
    Ok(Written::from(&summary))
}

/// Reads the input in its format.
fn read(
    context: &Context,
    arguments: &ImportArguments,
    description: Option<String>,
    sink: &mut dyn Sink,
    bar: &ProgressBar,
) -> Result<ImportReport> {
    let format = match arguments.format {
        ImportFormat::Fhir => {
            return read_fhir(context, &arguments.paths, arguments.source.as_deref(), sink, bar);
        }
        ImportFormat::Meds => None,
        ImportFormat::Eicu => Some(TableFormat::Eicu),
        ImportFormat::Mimic => Some(TableFormat::Mimic3),
        ImportFormat::Omop => Some(TableFormat::Omop),
        ImportFormat::Csv => Some(TableFormat::Csv { description: description.unwrap_or_default() }),
    };
    let mut report = ImportReport::new(arguments.format.as_str());
    let mut bytes = 0;
    let mut progress = |more: u64| {
        bytes += more;
        bar.set_message(format!("{} MB", grouped(bytes / 1_000_000)));
    };
    for path in &arguments.paths {
        let part = match &format {
            Some(format) => {
                tables::import_tables(format, path, sink, &mut progress).map_err(anyhow::Error::from)
            }
            None => meds::import(path, sink, &mut progress).map_err(anyhow::Error::from),
        };
        report.merge(part.map_err(|error| BadInput::from_chain(&error))?);
    }
    Ok(report)
}

/// Reads FHIR R4 JSON.
pub(crate) fn read_fhir(
    context: &Context,
    paths: &[PathBuf],
    source: Option<&str>,
    sink: &mut dyn Sink,
    bar: &ProgressBar,
) -> Result<ImportReport> {
    let mut options = ImportOptions { threads: context.threads, ..ImportOptions::default() };
    if let Some(source) = source {
        options.source = Source::new(source).map_err(|error| BadInput::new(error.to_string()))?;
    }
    let progress = |at: Progress| {
        bar.set_length(at.total_bytes.max(at.read_bytes));
        bar.set_position(at.read_bytes);
        bar.set_message(if at.resolving {
            "resolving references".to_owned()
        } else {
            format!("{} resources", grouped(at.resources))
        });
    };
    Ok(fhir::import(paths, &options, sink, &progress)?)
}

/// What a person is told of an import.
fn summary(report: &ImportReport, written: Written) -> String {
    let mut rows = vec![["", "read", "kept", "skipped", "events"].map(str::to_owned).to_vec()];
    for (name, counts) in &report.tables {
        let numbers = [counts.read, counts.kept, counts.skipped, counts.events].map(grouped);
        rows.push([vec![name.clone()], numbers.to_vec()].concat());
    }
    let mut text = table(&rows);
    let problems: Vec<_> = report
        .tables
        .iter()
        .flat_map(|(name, counts)| counts.problems.iter().map(move |p| (name, p)))
        .collect();
    if !problems.is_empty() {
        text.push_str("\n\nNot taken as it stands:");
    }
    for (name, problem) in problems {
        let place = problem.first.first().map(|place| format!(", first at {place}")).unwrap_or_default();
        // Writing into a String can't fail.
        let _ = write!(text, "\n  {} x {name}: {}{place}", grouped(problem.count), problem.reason);
    }
    let _ = write!(
        text,
        "\n\n{} subjects, {} events, {} links, {} codes; {} of {} items kept, {} skipped.",
        grouped(written.subjects),
        grouped(written.events),
        grouped(written.links),
        grouped(written.codes),
        grouped(report.kept()),
        grouped(report.read()),
        grouped(report.skipped()),
    );
    text
}
