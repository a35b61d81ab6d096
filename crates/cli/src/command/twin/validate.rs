//! `twinloom twin validate`: the realism table of a study.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::json;
use twinloom_twin::TwinParameters;
use twinloom_twin::measure::{Followed, History, Interval};
use twinloom_twin::validation::{Catalogue, Observer, RealismRow, RealismTable, Targets};

use super::histories;
use super::setting::{self, number, number_or_dash};
use super::tracing::Tracing;
use crate::compose;
use crate::context::Context;
use crate::failure::BadInput;
use crate::manifest::Manifest;
use crate::output::{grouped, print_json, print_text, table};
use crate::progress;
use crate::study;

/// Days after the start of a run in which queues fill up and nothing is judged.
const WARM_UP_DAYS: f64 = 182.0;

/// Arguments of `twin validate`.
#[derive(Debug, Args)]
pub(crate) struct ValidateArguments {
    /// The study folder, made by `twin run`.
    #[arg(long, value_name = "DIR")]
    study: PathBuf,
    /// The targets to hold it against, a TOML file; those that ship with Twinloom when absent.
    #[arg(long, value_name = "FILE")]
    targets: Option<PathBuf>,
    /// Write the table with plots to STUDY/reports/realism.html.
    #[arg(long)]
    report: bool,
}

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &ValidateArguments) -> Result<ExitCode> {
    let folder = &arguments.study;
    study::require(folder)?;
    let manifest = Manifest::read(folder)?;
    let step = manifest.steps.get("twin").ok_or_else(|| {
        BadInput::new(format!("{} was not made by the twin, so there is no truth to judge", folder.display()))
            .hint("make one with `twinloom twin run --study DIR`")
    })?;
    let parameters = setting::of_manifest(step, context.threads)?;
    let followed = followed(&parameters)?;
    let catalogue = Catalogue::embedded();
    let targets = read_targets(arguments.targets.as_deref(), &catalogue)?;

    let mut tracing = Tracing::read(folder, &parameters)?;
    let bar = progress::bar(&context.common, "reading the practice's registers", None);
    let registers = histories::registers(&folder.join("events"), followed.to)?;
    bar.finish_and_clear();
    let bar = progress::bar(&context.common, "reading the truth", Some(registers.len() as u64));
    let mut observer = Observer::new(&targets, &catalogue, followed);
    histories::each_timeline(&folder.join("truth/events"), |truth| {
        observer.add(&History::of(&truth), registers.get(&truth.subject_id()));
        tracing.count(&truth, &mut observer);
        bar.inc(1);
    })?;
    bar.finish_and_clear();

    let drawn = compose::realism::Drawn::of(&observer);
    let realism = observer.finish();
    let written = arguments
        .report
        .then(|| {
            let page = compose::realism::report(&realism, &drawn, followed, step);
            setting::write_report(&page, &folder.join("reports/realism.html"))
        })
        .transpose()?;
    if context.common.json {
        let (passed, targets) = realism.passed();
        let (passed_held_out, held_out) = realism.passed_held_out();
        print_json(&json!({
            "people": realism.people,
            "followed": { "from": followed.from.to_string(), "to": followed.to.to_string() },
            "targets": targets,
            "passed": passed,
            "share_passed": passed as f64 / targets.max(1) as f64,
            "held_out": held_out,
            "passed_held_out": passed_held_out,
            "loss": { "tuned": realism.loss(false), "held_out": realism.loss(true) },
            "rows": realism.rows,
            "pyramid": realism.pyramid,
            "report": written.map(|path| path.display().to_string()),
        }));
    } else {
        print_text(&text(&realism));
        if let Some(path) = written {
            print_text(&format!("\nReport: {}", path.display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads a targets file, or the one that ships.
pub(crate) fn read_targets(path: Option<&Path>, catalogue: &Catalogue) -> Result<Targets> {
    let Some(path) = path else { return Ok(Targets::embedded()) };
    let text = std::fs::read_to_string(path)
        .map_err(|error| BadInput::new(format!("{} can't be read: {error}", path.display())))?;
    Targets::parse(&text, &path.display().to_string(), catalogue)
        .map_err(|error| BadInput::new(error.to_string()).into())
}

/// The period judged: from half a year after the run's start, or from its middle if it is short.
fn followed(parameters: &TwinParameters) -> Result<Followed> {
    let (start, to) = (parameters.start, parameters.end);
    let warm_up = WARM_UP_DAYS.min(to.days_since(start) / 2.0);
    Ok(Followed { from: start.plus_days(warm_up)?, to })
}

/// What a person is told.
fn text(realism: &RealismTable) -> String {
    let mut rows = vec![
        ["target", "simulated", "95 % interval", "published", "error", "band", "use", "verdict"]
            .map(str::to_owned)
            .to_vec(),
    ];
    let mut group = "";
    for row in &realism.rows {
        if row.group != group {
            group = &row.group;
            rows.push(vec![format!("{group}:")]);
        }
        rows.push(vec![
            format!("  {}", row.title),
            value(row, row.simulated.value),
            row.simulated.interval.map_or_else(|| "–".to_owned(), |interval| bounds(row, interval)),
            value(row, Some(row.target)),
            row.relative_error.map_or_else(
                || value(row, row.error),
                |error| format!("{}{:.1} %", if error > 0.0 { "+" } else { "" }, 100.0 * error),
            ),
            format!("{} to {}", value(row, Some(row.band.from)), value(row, Some(row.band.to))),
            if row.held_out { "held out" } else { "tuned" }.to_owned(),
            row.verdict.as_str().to_owned(),
        ]);
    }
    let (passed, all) = realism.passed();
    let (passed_held_out, held_out) = realism.passed_held_out();
    let share = |part: usize, of: usize| 100.0 * part as f64 / of.max(1) as f64;
    format!(
        "{}\n\n{} people. {passed} of {all} targets within their band ({:.0} %); of those never used for tuning, \
         {passed_held_out} of {held_out} ({:.0} %). A target that the run can't measure does not pass.\n\
         Sources stand in the JSON and in the report.",
        table(&rows),
        grouped(realism.people),
        share(passed, all),
        share(passed_held_out, held_out),
    )
}

/// A value in the row's unit as people read it.
pub(crate) fn value(row: &RealismRow, value: Option<f64>) -> String {
    match (row.unit.as_str(), value) {
        ("share", Some(value)) => format!("{} %", number(100.0 * value)),
        (_, value) => number_or_dash(value),
    }
}

/// An interval in the row's unit.
pub(crate) fn bounds(row: &RealismRow, interval: Interval) -> String {
    format!("{} to {}", value(row, Some(interval.lower)), value(row, Some(interval.upper)))
}
