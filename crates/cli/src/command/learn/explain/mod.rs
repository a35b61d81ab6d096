//! `twinloom learn explain`: why a model predicts what it predicts of people it never saw, and how far that can be
//! believed.

mod document;
mod truth;
mod words;

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::json;
use twinloom_event::{Split, SubjectId};
use twinloom_learn::explain::{
    CounterfactualParameters, EdgeParameters, Explainer, Explanation, PointsParameters, QualityParameters,
    quality, rank_agreement,
};
use twinloom_learn::{BenchmarkParameters, ModelKind};

use self::document::{Agreement, Part};
use super::row::{AskedRow, RowArguments, refused};
use crate::context::{Context, Stopwatch};
use crate::failure::BadInput;
use crate::output::{print_json, print_text};
use crate::{compose, progress};

pub(crate) use document::{ExplanationDocument, PersonExplained, Reason};
pub(crate) use words::{quality_rows, truth_in_words};

/// Arguments of `learn explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    #[command(flatten)]
    pub(crate) row: RowArguments,
    /// The held-out person to explain, by subject id; all of their predictions.
    #[arg(long, value_name = "ID", conflicts_with = "highest")]
    pub(crate) subject: Option<i64>,
    /// So many held-out predictions, those with the highest risk.
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100))]
    pub(crate) highest: u64,
    /// Held-out predictions, drawn at random, on which explanations are judged.
    #[arg(long, default_value_t = 60, value_name = "N", value_parser = clap::value_parser!(u64).range(2..=10_000))]
    pub(crate) judged: u64,
    /// Write the report, STUDY/reports/explanations-TASK-MODEL.html.
    #[arg(long)]
    pub(crate) report: bool,
}

/// Most telling codes that an explanation is judged by.
const CODES_JUDGED: usize = 3;

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &ExplainArguments) -> Result<ExitCode> {
    let mut stopwatch = Stopwatch::start();
    let row = arguments.row.read(context)?;
    let asked = arguments.subject.map(|id| of_subject(&row, SubjectId::new(id))).transpose()?;
    stopwatch.lap("read");
    let bar = progress::bar(&context.common, "explaining", None);
    let explainer = row.fit(&row.parameters)?;
    let held_out = explainer.held_out().to_vec();
    let predicted = explainer.predict(&held_out).map_err(refused)?;
    let chosen = asked.unwrap_or_else(|| highest(&held_out, &predicted, arguments.highest as usize));
    stopwatch.lap("fit");
    let words = compose::Words::of(&row.dataset);
    let mut people = Vec::with_capacity(chosen.len());
    for instance in chosen {
        people.push(explained(&row, &explainer, instance, &words)?);
    }
    stopwatch.lap("explain");

    let judging = QualityParameters {
        people: arguments.judged as usize,
        codes: CODES_JUDGED,
        seed: context.common.seed,
    };
    let drawn = judging.drawn(&explainer);
    let judged = drawn.iter().map(|&instance| Ok((instance, explainer.explain(instance).map_err(refused)?)));
    let judged: Vec<(usize, Explanation)> = judged.collect::<Result<_>>()?;
    let truth = truth::judge(&arguments.row.study, &row, &words, &judged, (&held_out, &predicted))?;
    let second_opinion = second_opinion(&explainer, &judged)?;
    let share = explainer.share();
    let again = BenchmarkParameters { seed: row.parameters.seed.wrapping_add(1), ..row.parameters.clone() };
    let reseeded = row.fit(&again)?;
    let quality = quality(explainer, &reseeded, &judged, judging).map_err(refused)?;
    bar.finish_and_clear();
    stopwatch.lap("judge");

    let document = ExplanationDocument {
        task: row.task.name.to_string(),
        description: row.task.description.to_string(),
        outcome: row.outcome_name.to_string(),
        model: row.kind.name().to_owned(),
        slug: row.kind.slug(),
        method: judged.first().map_or("", |(_, one)| words::method(one.method)).to_owned(),
        share_in_training: share,
        held_out: held_out.len(),
        statement: document::STATEMENT.to_owned(),
        people,
        quality,
        second_opinion,
        truth,
    };
    let report = arguments
        .report
        .then(|| compose::explanations::write(&arguments.row.study, &row.dataset.cohort, &document))
        .transpose()?;
    if context.common.json {
        let mut printed = serde_json::to_value(&document).context("the explanations have no JSON form")?;
        printed["seconds"] = json!(stopwatch.seconds());
        printed["report_file"] = json!(report.map(|report| report.display().to_string()));
        print_json(&printed);
    } else {
        let file = report.map_or_else(String::new, |report| format!("\n\nReport: {}", report.display()));
        print_text(&format!("{}{file}", words::describe(&document)));
    }
    Ok(ExitCode::SUCCESS)
}

/// The subject's predictions, which must be held out: a model may know others by heart.
fn of_subject(row: &AskedRow, subject: SubjectId) -> Result<Vec<usize>> {
    let own = row.of_subject(subject);
    let held_out: Vec<usize> =
        own.iter().copied().filter(|&place| row.splits[place] == Split::HeldOut).collect();
    if !held_out.is_empty() {
        return Ok(held_out);
    }
    let some = row.splits.iter().zip(&row.instances).filter(|(split, _)| **split == Split::HeldOut);
    let some: Vec<String> = some.take(3).map(|(_, one)| one.subject_id().to_string()).collect();
    let why = if own.is_empty() {
        "no prediction of the task is of subject"
    } else {
        "the model was fitted on subject"
    };
    Err(BadInput::new(format!("{why} {subject}; permitted: a subject held out"))
        .hint(format!(
            "for example {}; or leave --subject out for those with the highest risk",
            some.join(", ")
        ))
        .into())
}

/// Those with the highest risk first; of equals the first.
fn highest(held_out: &[usize], predicted: &[f64], most: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..held_out.len()).collect();
    order.sort_by(|&one, &other| predicted[other].total_cmp(&predicted[one]));
    order.into_iter().take(most).map(|place| held_out[place]).collect()
}

fn explained(
    row: &AskedRow,
    explainer: &Explainer<'_>,
    instance: usize,
    words: &compose::Words<'_>,
) -> Result<PersonExplained> {
    let found = explainer.explain(instance).map_err(refused)?;
    let tried =
        explainer.counterfactuals(instance, &found, CounterfactualParameters::default()).map_err(refused)?;
    let needed_edges = match row.kind {
        ModelKind::GraphSage => {
            let found = explainer.needed_edges(instance, EdgeParameters::default()).map_err(refused)?;
            Some(Part::of_edges(&found, words))
        }
        _ => None,
    };
    let attended = match row.kind {
        ModelKind::Transformer => {
            Some(Part::of_attention(&explainer.attended(instance).map_err(refused)?, words))
        }
        _ => None,
    };
    let points = match row.kind {
        ModelKind::LogisticRegression | ModelKind::BoostedTrees => {
            Some(explainer.points(instance, &found, PointsParameters::default()).map_err(refused)?)
        }
        _ => None,
    };
    Ok(PersonExplained::new(&found, &tried, words).what_happened(row.labels[instance]).beside(
        needed_edges,
        attended,
        points.map(|points| document::named_points(&points, words)),
    ))
}

/// Whether KernelSHAP, which knows nothing of the model's form, ranks the reasons of a model of tables alike.
fn second_opinion(explainer: &Explainer<'_>, judged: &[(usize, Explanation)]) -> Result<Option<Agreement>> {
    if !matches!(explainer.kind(), ModelKind::LogisticRegression | ModelKind::BoostedTrees) {
        return Ok(None);
    }
    let mut found = Vec::with_capacity(judged.len());
    for (instance, explanation) in judged.iter().take(document::SECOND_OPINIONS) {
        let points =
            explainer.points(*instance, explanation, PointsParameters::default()).map_err(refused)?;
        let (one, other) = document::beside(explanation, &points);
        found.extend(rank_agreement(&one, &other));
    }
    Ok(Some(Agreement::of(&found)))
}
