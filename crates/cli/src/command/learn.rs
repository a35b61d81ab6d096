//! `twinloom learn benchmark`: every model on one task, each with its intervals, and the report on them.

pub(crate) mod asked;
pub(crate) mod embed;
pub(crate) mod explain;
pub(crate) mod row;

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use serde_json::json;
use twinloom_event::Cohort;
use twinloom_learn::{BenchmarkData, BenchmarkParameters, benchmark as fit_and_predict};
use twinloom_views::{Instance, Task, instances};

use crate::args::BenchmarkArguments;
use crate::context::{Context, Stopwatch};
use crate::evaluation::{BenchmarkDocument, Panel};
use crate::failure::BadInput;
use crate::manifest::{self, Manifest};
use crate::output::{grouped, print_json, print_text, table};
use crate::{compose, evaluation, progress, study};

pub(crate) use asked::Parts;

/// Runs the verb.
pub(crate) fn benchmark(context: &Context, arguments: &BenchmarkArguments) -> Result<ExitCode> {
    let task = asked::task(&arguments.task, arguments.condition.as_deref())?;
    let parameters = asked::parameters(arguments, of_context(context))?;
    let cohort = study::dataset(&arguments.study)?.cohort;
    let parts = Parts::of(context, arguments)?;
    let task = asked::with_common_diagnoses(task, &cohort, &parts, arguments.diagnoses as usize)?;
    let (document, seconds) =
        run(context, &arguments.study, (&task, &parts), &cohort, arguments.replicates, &parameters)?;
    let report = compose::benchmark::write(&arguments.study, &cohort, &document)?;
    if context.common.json {
        let mut printed = serde_json::to_value(&document).context("the benchmark has no JSON form")?;
        printed["fit_seconds"] = json!(seconds.into_iter().collect::<std::collections::BTreeMap<_, _>>());
        printed["report_file"] = json!(report.display().to_string());
        print_json(&printed);
    } else {
        print_text(&format!("{}\n\nReport: {}", describe(&document, &seconds), report.display()));
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
    (task, parts): (&Task, &Parts),
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
    let (found, splits) = parts.deal(cohort, found)?;
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
    let predicted = evaluation::Predicted {
        task,
        cohort,
        report,
        instances: &found,
        fitted: &fitted,
        settings: parameters.settings,
        held_out: parts.in_words(fitted.design),
    };
    let document = evaluation::judge(&predicted, replicates, context.common.seed)?;
    stopwatch.lap("judge");
    store(context, folder, task, &found, &fitted, &document, parameters, stopwatch)?;
    let seconds = fitted.models.iter().map(|model| (model.name.clone(), model.fit_seconds)).collect();
    Ok((document, seconds))
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
    if !document.several.is_empty() {
        let _ = write!(
            text,
            "\nOver the {} diagnoses, each counting the same\n{}\n",
            document.outcomes.len(),
            several_table(document)
        );
    }
    for row in &document.chance {
        let verdict = match row.chance.at_chance {
            Some(true) => "at chance, as it must be",
            Some(false) => {
                "off chance, as one sound comparison in a hundred is: try another seed before trusting any figure"
            }
            None => "without an interval",
        };
        let _ = write!(
            text,
            "\n{}: AUROC {} (99 % interval), {verdict}.",
            row.name,
            evaluation::in_words(&row.chance.auroc)
        );
    }
    for warning in document.leakage.iter().flat_map(|leakage| &leakage.warnings) {
        let _ = write!(text, "\nWarning: {warning}");
    }
    let _ = write!(text, "\n95 % intervals from {} bootstrap samples of subjects.", document.replicates);
    text
}

fn panel_table(panel: &Panel, seconds: &[(String, f64)]) -> String {
    let heading = ["model", "AUROC", "AUPRC", "Brier", "calibration slope", "ICI", "fit s"];
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
            evaluation::in_words(&judged.calibration_index),
            spent.map_or_else(String::new, |seconds| format!("{seconds:.1}")),
        ]);
    }
    table(&rows)
}

fn several_table(document: &BenchmarkDocument) -> String {
    let heading = ["model", "macro AUROC", "macro AUPRC", "right of likeliest 1", "of 3", "of 5"];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    for row in &document.several {
        let mut cells = vec![
            row.name.clone(),
            evaluation::in_words(&row.figures.macro_auroc),
            evaluation::in_words(&row.figures.macro_auprc),
        ];
        cells.extend(row.figures.lists.iter().map(|list| evaluation::in_words(&list.precision)));
        cells.resize(heading.len(), String::new());
        rows.push(cells);
    }
    table(&rows)
}
