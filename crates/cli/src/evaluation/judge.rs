//! From predictions to figures.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use twinloom_audit::{Options, Predictions, compare, evaluate, several, stands_at_chance};
use twinloom_event::{Cohort, SubjectId};
use twinloom_learn::{Benchmark, Dealing, ModelPredictions, Prediction, Purpose};
use twinloom_views::{Instance, Task, TaskReport};

use super::contrasts::contrasts;
use super::searches::{leakage, subgroups_of_best};
use super::{BenchmarkDocument, ChanceRow, Chosen, Panel, Role, Row, SeveralRow};

const HISTOGRAM_BINS: usize = 50;

/// What was predicted, of whom.
pub(crate) struct Predicted<'a> {
    pub(crate) task: &'a Task,
    pub(crate) cohort: &'a Cohort,
    pub(crate) report: TaskReport,
    pub(crate) instances: &'a [Instance],
    pub(crate) fitted: &'a Benchmark,
    /// Settings that each model could try.
    pub(crate) settings: usize,
    /// How the held-out part was had, in words.
    pub(crate) held_out: String,
}

/// Judges every model on all instances that it never saw, and beside the data's own prediction on
/// those that have one. Where several outcomes are predicted, each pair of instance and outcome counts, and the
/// figures over the outcomes stand beside.
pub(crate) fn judge(predicted: &Predicted<'_>, replicates: u32, seed: u64) -> Result<BenchmarkDocument> {
    let options = Options { replicates, seed, ..Options::default() };
    let &Predicted { task, instances: found, fitted, settings, .. } = predicted;
    let judged: BTreeSet<usize> =
        fitted.models.iter().flat_map(|model| model.held_out.iter().map(|p| p.instance)).collect();
    let is_one = fitted.outcomes.len() == 1;
    let population = if is_one {
        "All patients held out".to_owned()
    } else {
        format!("All patients held out, all {} diagnoses together", fitted.outcomes.len())
    };
    let mut panels = vec![panel(population, found, fitted, None, &judged, &options)?];
    if let Some(comparator) = task.comparator.as_ref().filter(|_| is_one) {
        let with: BTreeSet<usize> =
            judged.iter().copied().filter(|&index| found[index].comparator.is_some()).collect();
        if !with.is_empty() {
            let population = format!("The same patients, those with a prediction by {}", comparator.name);
            panels.push(panel(population, found, fitted, Some(&comparator.name), &with, &options)?);
        }
    }
    let subjects: BTreeSet<SubjectId> = judged.iter().map(|&index| found[index].subject_id()).collect();
    let happened = |index: usize| {
        fitted.labels[index * fitted.outcomes.len()..][..fitted.outcomes.len()].contains(&true)
    };
    Ok(BenchmarkDocument {
        task: task.name.to_string(),
        description: task.description.to_string(),
        instances: judged.len() as u64,
        subjects: subjects.len() as u64,
        positives: judged.iter().filter(|&&index| happened(index)).count() as u64,
        design: predicted.held_out.clone(),
        replicates,
        report: serde_json::to_value(&predicted.report).context("the task's report has no JSON form")?,
        outcomes: if is_one { Vec::new() } else { fitted.outcomes.iter().map(ToString::to_string).collect() },
        several: if is_one { Vec::new() } else { over_outcomes(fitted, &options)? },
        contrasts: contrasts(fitted, &options)?,
        chance: chance(fitted)?,
        subgroups: subgroups_of_best(predicted, &panels[0], &options)?,
        leakage: Some(leakage(predicted)?),
        settings,
        chosen: fitted.models.iter().map(chosen).collect(),
        panels,
    })
}

fn chosen(model: &ModelPredictions) -> Chosen {
    Chosen { name: model.name.clone(), settings: model.chosen.clone(), learned: model.learned }
}

fn over_outcomes(fitted: &Benchmark, options: &Options) -> Result<Vec<SeveralRow>> {
    let row = |model: &ModelPredictions| {
        let outcomes = by_outcome(fitted, model)?;
        Ok(SeveralRow { name: model.name.clone(), figures: several(&outcomes, options)? })
    };
    fitted.models.iter().map(row).collect()
}

fn chance(fitted: &Benchmark) -> Result<Vec<ChanceRow>> {
    let permuted = fitted.models.iter().filter(|model| model.kind.is_permuted());
    let row = |model: &ModelPredictions| {
        let dealings = model.dealings.iter().map(|dealing| by_outcome_and_fold(fitted, dealing));
        let dealings = dealings.collect::<Result<Vec<_>>>()?;
        Ok(ChanceRow { name: model.name.clone(), chance: stands_at_chance(&dealings) })
    };
    permuted.map(row).collect()
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
        let those = model.held_out.iter().filter(|one| among.contains(&one.instance));
        columns.push((
            model.name.clone(),
            model.description.clone(),
            role(model),
            predictions(fitted, fitted.labels_of(model), those).with_context(|| model.name.clone())?,
        ));
    }
    if let Some(name) = comparator {
        let those = among.iter().filter_map(|&instance| {
            Some(Prediction { instance, outcome: 0, fold: 0, probability: found[instance].comparator? })
        });
        let those: Vec<Prediction> = those.collect();
        let description = format!("{name}, as recorded in the data");
        columns.push((
            name.to_owned(),
            description,
            Role::Comparator,
            predictions(fitted, &fitted.labels, those.iter())?,
        ));
    }
    let first = columns.first().map(|column| column.3.clone());
    let mut rows = Vec::with_capacity(columns.len());
    for (place, (name, description, role, predicted)) in columns.into_iter().enumerate() {
        let against_first = match &first {
            // Labels dealt anew are others than the first row's.
            Some(first) if place > 0 && predicted.labels() == first.labels() => {
                Some(compare(&predicted, first, options)?)
            }
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

/// All of a model's held-out predictions.
pub(super) fn pooled(fitted: &Benchmark, model: &ModelPredictions) -> Result<Predictions> {
    predictions(fitted, fitted.labels_of(model), model.held_out.iter()).with_context(|| model.name.clone())
}

/// The same predictions, outcome by outcome.
fn by_outcome(fitted: &Benchmark, model: &ModelPredictions) -> Result<Vec<Predictions>> {
    let those = |outcome| model.held_out.iter().filter(move |one| one.outcome == outcome);
    let of = |outcome| predictions(fitted, fitted.labels_of(model), those(outcome));
    (0..fitted.outcomes.len()).map(of).collect()
}

/// The same predictions, outcome by outcome and fold by fold; a fold in which an outcome happened to nobody or to
/// all says nothing of ranking and is left out.
fn by_outcome_and_fold(fitted: &Benchmark, dealing: &Dealing) -> Result<Vec<Predictions>> {
    let those = &dealing.held_out;
    let folds = those.iter().map(|one| one.fold + 1).max().unwrap_or(0);
    let mut parts = Vec::new();
    for outcome in 0..fitted.outcomes.len() {
        for fold in 0..folds {
            let part = those.iter().filter(|one| one.outcome == outcome && one.fold == fold);
            let part = predictions(fitted, &dealing.labels, part)?;
            if part.labels().contains(&true) && part.labels().contains(&false) {
                parts.push(part);
            }
        }
    }
    Ok(parts)
}

fn predictions<'a>(
    fitted: &Benchmark,
    truth: &[bool],
    those: impl Iterator<Item = &'a Prediction>,
) -> Result<Predictions> {
    let (mut subjects, mut labels, mut probabilities) = (Vec::new(), Vec::new(), Vec::new());
    for one in those {
        subjects.push(fitted.subjects[one.instance]);
        labels.push(fitted.label(truth, one));
        probabilities.push(one.probability);
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
