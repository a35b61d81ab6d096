//! A benchmark's stored results: which models were judged on whom, and how they did.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use twinloom_audit::{Comparison, Estimate, Evaluation, Options, Predictions, compare, evaluate};
use twinloom_event::SubjectId;
use twinloom_learn::{Benchmark, Design, ModelPredictions, Purpose};
use twinloom_views::{Instance, Task, TaskReport};

/// The results' file in `models/TASK`.
pub(crate) const FILE: &str = "evaluation.json";

const HISTOGRAM_BINS: usize = 50;

/// Results of one task; nothing in it depends on the machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BenchmarkDocument {
    /// The task's name.
    pub(crate) task: String,
    /// What it predicts, in a sentence.
    pub(crate) description: String,
    /// Instances judged.
    pub(crate) instances: u64,
    /// Subjects they belong to.
    pub(crate) subjects: u64,
    /// Instances with the outcome.
    pub(crate) positives: u64,
    /// How unseen subjects were had.
    pub(crate) design: String,
    /// Bootstrap samples behind each interval.
    pub(crate) replicates: u32,
    /// How instances were found, and what was left out by reason.
    pub(crate) report: serde_json::Value,
    /// Models side by side, on all instances first.
    pub(crate) panels: Vec<Panel>,
}

/// Models judged on the same instances.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Panel {
    /// Who was judged, in words.
    pub(crate) population: String,
    /// The models.
    pub(crate) rows: Vec<Row>,
}

/// What a row is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// A plain model to beat.
    Baseline,
    /// A model under study.
    Model,
    /// A model deprived of what it claims to use.
    Control,
    /// A prediction that came with the data.
    Comparator,
}

/// One model's figures.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    /// The model.
    pub(crate) name: String,
    /// What it is, in a sentence.
    pub(crate) description: String,
    /// What the row is there for.
    pub(crate) role: Role,
    /// Its figures.
    pub(crate) evaluation: Evaluation,
    /// Instances by predicted risk, in bins of equal width over 0 to 1.
    pub(crate) histogram: Vec<u64>,
    /// Its figures minus those of the panel's first row.
    pub(crate) against_first: Option<Comparison>,
}

/// Judges every model on all instances that it never saw, and beside the data's own prediction on
/// those that have one.
pub(crate) fn judge(
    task: &Task,
    report: TaskReport,
    found: &[Instance],
    fitted: &Benchmark,
    replicates: u32,
    seed: u64,
) -> Result<BenchmarkDocument> {
    let options = Options { replicates, seed, ..Options::default() };
    let judged: BTreeSet<usize> =
        fitted.models.iter().flat_map(|model| model.held_out.iter().map(|p| p.instance)).collect();
    let mut panels = vec![panel("All patients held out".to_owned(), found, fitted, None, &judged, &options)?];
    if let Some(comparator) = &task.comparator {
        let with: BTreeSet<usize> =
            judged.iter().copied().filter(|&index| found[index].comparator.is_some()).collect();
        if !with.is_empty() {
            let population = format!("The same patients, those with a prediction by {}", comparator.name);
            panels.push(panel(population, found, fitted, Some(&comparator.name), &with, &options)?);
        }
    }
    let subjects: BTreeSet<SubjectId> = judged.iter().map(|&index| found[index].subject_id()).collect();
    Ok(BenchmarkDocument {
        task: task.name.to_string(),
        description: task.description.to_string(),
        instances: judged.len() as u64,
        subjects: subjects.len() as u64,
        positives: judged.iter().filter(|&&index| found[index].is_positive()).count() as u64,
        design: match fitted.design {
            Design::SingleSplit => "one split by patient: 60 % train, 15 % tuning, 25 % held out".to_owned(),
            Design::CrossValidated { folds } => {
                format!(
                    "{folds}-fold cross-validation by patient, each predicted by a fit that never saw them"
                )
            }
        },
        replicates,
        report: serde_json::to_value(report).context("the task's report has no JSON form")?,
        panels,
    })
}

fn panel(
    population: String,
    found: &[Instance],
    fitted: &Benchmark,
    comparator: Option<&str>,
    among: &BTreeSet<usize>,
    options: &Options,
) -> Result<Panel> {
    let mut columns: Vec<(String, String, Role, Predictions)> = Vec::new();
    for model in &fitted.models {
        let pairs = model
            .held_out
            .iter()
            .filter(|p| among.contains(&p.instance))
            .map(|p| (p.instance, p.probability));
        columns.push((
            model.name.clone(),
            model.description.clone(),
            role(model),
            predictions(found, pairs).with_context(|| model.name.clone())?,
        ));
    }
    if let Some(name) = comparator {
        let pairs = among.iter().filter_map(|&index| Some((index, found[index].comparator?)));
        let description = format!("{name}, as recorded in the data");
        columns.push((name.to_owned(), description, Role::Comparator, predictions(found, pairs)?));
    }
    let first = columns.first().map(|column| column.3.clone());
    let mut rows = Vec::with_capacity(columns.len());
    for (place, (name, description, role, predicted)) in columns.into_iter().enumerate() {
        let against_first = match &first {
            Some(first) if place > 0 => Some(compare(&predicted, first, options)?),
            _ => None,
        };
        let evaluation = evaluate(&predicted, options);
        rows.push(Row {
            name,
            description,
            role,
            evaluation,
            histogram: histogram(&predicted),
            against_first,
        });
    }
    Ok(Panel { population, rows })
}

fn predictions(found: &[Instance], pairs: impl Iterator<Item = (usize, f64)>) -> Result<Predictions> {
    let (mut subjects, mut labels, mut probabilities) = (Vec::new(), Vec::new(), Vec::new());
    for (index, probability) in pairs {
        subjects.push(found[index].subject_id());
        labels.push(found[index].is_positive());
        probabilities.push(probability);
    }
    Ok(Predictions::new(subjects, labels, probabilities)?)
}

fn histogram(predicted: &Predictions) -> Vec<u64> {
    let mut bins = vec![0; HISTOGRAM_BINS];
    for probability in predicted.probabilities() {
        bins[((probability * HISTOGRAM_BINS as f64) as usize).min(HISTOGRAM_BINS - 1)] += 1;
    }
    bins
}

fn role(model: &ModelPredictions) -> Role {
    match model.kind.purpose() {
        Purpose::Baseline => Role::Baseline,
        Purpose::Model => Role::Model,
        Purpose::Control => Role::Control,
    }
}

/// Writes every held-out prediction as CSV, instance by instance.
pub(crate) fn write_predictions(path: &Path, found: &[Instance], fitted: &Benchmark) -> Result<()> {
    let mut text = String::from("subject_id,prediction_time,outcome,model,fold,probability\n");
    for model in &fitted.models {
        for prediction in &model.held_out {
            let instance = &found[prediction.instance];
            // Writing into a String can't fail.
            let _ = writeln!(
                text,
                "{},{},{},\"{}\",{},{}",
                instance.subject_id(),
                instance.label.prediction_time,
                instance.is_positive(),
                model.name,
                prediction.fold,
                prediction.probability
            );
        }
    }
    fs::write(path, text).with_context(|| format!("{} can't be written", path.display()))
}

/// An estimate as people read it: `0.812 (0.780 to 0.843)`, or why there is none.
pub(crate) fn in_words(estimate: &Estimate) -> String {
    match (estimate.value, estimate.lower, estimate.upper) {
        (Some(value), Some(lower), Some(upper)) => format!("{value:.3} ({lower:.3} to {upper:.3})"),
        (Some(value), _, _) => format!("{value:.3} (no interval)"),
        (None, ..) => estimate.undefined.map_or_else(String::new, |reason| format!("none: {reason}")),
    }
}
