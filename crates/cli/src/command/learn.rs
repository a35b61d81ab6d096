//! `twinloom learn benchmark`: every model on one task, each with its intervals.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use serde_json::json;
use twinloom_event::{Cohort, Split};
use twinloom_learn::{BenchmarkData, BenchmarkParameters, benchmark as fit_and_predict};
use twinloom_views::{Instance, SplitPlan, Task, instances};

use crate::args::BenchmarkArguments;
use crate::context::{Context, Stopwatch};
use crate::evaluation::{BenchmarkDocument, Panel};
use crate::failure::BadInput;
use crate::manifest::{self, Manifest};
use crate::output::{grouped, print_json, print_text, table};
use crate::{evaluation, progress, study};

/// Runs the verb.
pub(crate) fn benchmark(context: &Context, arguments: &BenchmarkArguments) -> Result<ExitCode> {
    let task = Task::named(&arguments.task).map_err(|error| BadInput::new(error.to_string()))?;
    let cohort = study::dataset(&arguments.study)?.cohort;
    let parameters = BenchmarkParameters { settings: arguments.settings, ..of_context(context) };
    let (document, seconds) =
        run(context, &arguments.study, &task, &cohort, arguments.replicates, &parameters)?;
    if context.common.json {
        let mut printed = serde_json::to_value(&document).context("the benchmark has no JSON form")?;
        printed["fit_seconds"] = json!(seconds.into_iter().collect::<std::collections::BTreeMap<_, _>>());
        print_json(&printed);
    } else {
        print_text(&describe(&document, &seconds));
    }
    Ok(ExitCode::SUCCESS)
}

/// All rows, with the command's seed and threads.
fn of_context(context: &Context) -> BenchmarkParameters {
    BenchmarkParameters { seed: context.common.seed, threads: context.threads, ..Default::default() }
}

/// A first look: the rows that take seconds, each with a small budget of tuning.
pub(crate) fn quick(context: &Context) -> BenchmarkParameters {
    use twinloom_learn::ModelKind::{
        BoostedTrees, EntityEmbeddings, GraphSage, GraphSageShuffled, LogisticRegression,
    };
    let models = vec![LogisticRegression, BoostedTrees, EntityEmbeddings, GraphSage, GraphSageShuffled];
    BenchmarkParameters { models, settings: 1, ..of_context(context) }
}

/// Fits and judges every model and stores the results; gives them with each model's seconds.
pub(crate) fn run(
    context: &Context,
    folder: &Path,
    task: &Task,
    cohort: &Cohort,
    replicates: u32,
    parameters: &BenchmarkParameters,
) -> Result<(BenchmarkDocument, Vec<(String, f64)>)> {
    let mut stopwatch = Stopwatch::start();
    let (found, report) = instances(task, cohort);
    if found.is_empty() {
        return Err(BadInput::new(format!("task {} finds no instance in this study", task.name))
            .hint(format!("left out: {}", json!(report.excluded)))
            .into());
    }
    let splits = splits(context, folder, &found)?;
    stopwatch.lap("find instances");
    let data = BenchmarkData { task, cohort, instances: &found, splits: &splits };
    let bar = progress::bar(&context.common, "fitting", Some(1));
    let fitted = fit_and_predict(&data, parameters, &|progress| {
        bar.set_length(progress.total as u64);
        bar.set_position(progress.finished as u64);
    })
    .map_err(|error| BadInput::from_chain(&anyhow::Error::new(error)))?;
    bar.finish_and_clear();
    stopwatch.lap("fit");
    let document = evaluation::judge(task, report, &found, &fitted, replicates, context.common.seed)?;
    stopwatch.lap("judge");
    store(context, folder, task, &found, &fitted, &document, parameters, stopwatch)?;
    let seconds = fitted.models.iter().map(|model| (model.name.clone(), model.fit_seconds)).collect();
    Ok((document, seconds))
}

/// Each instance's part: the study's own, or the seed's for subjects that it does not name.
fn splits(context: &Context, folder: &Path, found: &[Instance]) -> Result<Vec<Split>> {
    let stored = twinloom_records::meds::read_splits(&folder.join("events"))?;
    let plan = SplitPlan::new(context.common.seed);
    let part = |instance: &Instance| {
        let subject_id = instance.subject_id();
        stored.get(&subject_id).copied().unwrap_or_else(|| plan.of(subject_id))
    };
    Ok(found.iter().map(part).collect())
}

#[expect(clippy::too_many_arguments, reason = "one call, each argument a thing of its own")]
fn store(
    context: &Context,
    folder: &Path,
    task: &Task,
    found: &[Instance],
    fitted: &twinloom_learn::Benchmark,
    document: &BenchmarkDocument,
    parameters: &BenchmarkParameters,
    stopwatch: Stopwatch,
) -> Result<()> {
    let home = format!("models/{}", task.name);
    manifest::write_json(&folder.join(&home).join(evaluation::FILE), document)?;
    let labels: Vec<_> = found.iter().map(|instance| instance.label.clone()).collect();
    twinloom_records::meds::write_labels(&folder.join(&home).join("labels.parquet"), &labels)?;
    evaluation::write_predictions(&folder.join(&home).join("predictions.csv"), found, fitted)?;
    // Neither the thread count nor the wall time may reach a reproducible file.
    let reproducible = BenchmarkParameters { threads: 0, ..parameters.clone() };
    let step = context.step(
        "learn benchmark",
        json!({ "task": task, "models": reproducible, "replicates": document.replicates }),
        manifest::outputs(folder, &["events"])?,
        manifest::outputs(folder, &[home.as_str()])?,
    );
    let name = format!("learn/{}", task.name);
    let mut timing = stopwatch.timing(context.threads);
    for model in &fitted.models {
        timing.parts_seconds.insert(format!("fit {}", model.name), model.fit_seconds);
    }
    Manifest::record(folder, &name, step, timing, &[])
}

fn describe(document: &BenchmarkDocument, seconds: &[(String, f64)]) -> String {
    let mut text = format!(
        "{}\n{} instances of {} subjects, {} with the outcome; {}.\n",
        document.description,
        grouped(document.instances),
        grouped(document.subjects),
        grouped(document.positives),
        document.design,
    );
    for panel in &document.panels {
        // Writing into a String can't fail.
        let _ = write!(text, "\n{}\n{}\n", panel.population, panel_table(panel, seconds));
    }
    let _ = write!(text, "\n95 % intervals from {} bootstrap samples of subjects.", document.replicates);
    text
}

fn panel_table(panel: &Panel, seconds: &[(String, f64)]) -> String {
    let heading = ["model", "AUROC", "AUPRC", "Brier", "calibration slope", "fit s"];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    for row in &panel.rows {
        let judged = &row.evaluation;
        let spent = seconds.iter().find(|(name, _)| *name == row.name).map(|(_, seconds)| *seconds);
        rows.push(vec![
            row.name.clone(),
            evaluation::in_words(&judged.auroc),
            evaluation::in_words(&judged.auprc),
            evaluation::in_words(&judged.brier),
            evaluation::in_words(&judged.calibration_slope),
            spent.map_or_else(String::new, |seconds| format!("{seconds:.1}")),
        ]);
    }
    table(&rows)
}
