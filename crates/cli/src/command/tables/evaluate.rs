//! `twinloom synth evaluate`: whether a synthetic table stands for the real one.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use serde::Serialize;
use serde_json::Value;
use twinloom_audit::appropriate::{Evidence, Recommendation, appropriate_use};
use twinloom_audit::synthetic::{
    Learner, Resampling, Sentence, SurvivalColumns, SyntheticOptions, SyntheticReport, Target,
    evaluate_synthetic_telling,
};
use twinloom_table::Table;

use super::arguments::EvaluateArguments;
use super::described::evaluation;
use super::{Tables, refused};
use crate::compose;
use crate::context::Context;
use crate::failure::BadInput;
use crate::output::{print_json, print_text};
use crate::progress;

#[derive(Serialize)]
struct Document<'a> {
    /// The figures, without the map: its points are single people.
    #[serde(flatten)]
    report: Value,
    summary: &'a [Sentence],
    appropriate_use: &'a Recommendation,
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<String>,
}

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &EvaluateArguments) -> Result<ExitCode> {
    let tables = Tables::read(&arguments.tables)?;
    let options = options(context, arguments, &tables)?;
    let learners: Vec<Box<dyn Learner>> = arguments.learner.iter().map(|kind| kind.learner()).collect();
    let learners: Vec<&dyn Learner> = learners.iter().map(Box::as_ref).collect();
    let bar = progress::bar(&context.common, "comparing", None);
    let report = evaluate_synthetic_telling(
        &tables.real,
        Some(&tables.holdout),
        &tables.synthetic,
        &learners,
        &options,
        &mut |part| bar.set_message(part),
    )
    .map_err(refused)?;
    let evidence = Evidence { people: tables.real.len(), fidelity: Some(&report), ..Evidence::default() };
    let recommendation = appropriate_use(&evidence);
    if let Some(path) = &arguments.report {
        bar.set_message("drawing");
        let page = compose::tables::evaluation::report(context, &tables, &report, &recommendation, &options)?;
        compose::write_page(&page, path)?;
    }
    bar.finish_and_clear();
    let summary = report.summary();
    let written = arguments.report.as_ref().map(|path| path.display().to_string());
    if context.common.json {
        let report = without_points(&report)?;
        print_json(&Document { report, summary: &summary, appropriate_use: &recommendation, written });
    } else {
        let written = written.map_or_else(String::new, |path| format!("\n\nThe report is in {path}."));
        print_text(&format!("{}{written}", evaluation(&report)));
    }
    Ok(ExitCode::SUCCESS)
}

fn without_points(report: &SyntheticReport) -> Result<Value> {
    let mut value = serde_json::to_value(report).context("figures have string keys")?;
    if let Some(fields) = value.as_object_mut() {
        fields.remove("map");
    }
    Ok(value)
}

fn options(context: &Context, arguments: &EvaluateArguments, tables: &Tables) -> Result<SyntheticOptions> {
    let targets = if arguments.target.is_empty() {
        Target::of_each(&tables.real)
    } else {
        arguments.target.iter().map(|text| target(text, &tables.real)).collect::<Result<_>>()?
    };
    let survival = arguments.survival.as_deref().map(|text| survival(text, &tables.real)).transpose()?;
    // A follow-up time tells the outcome that it runs up to.
    let kept_away = survival.iter().map(|columns| columns.duration.clone());
    let without = arguments.without.iter().map(|name| name.as_str().into()).chain(kept_away).collect();
    Ok(SyntheticOptions {
        resampling: Resampling {
            replicates: arguments.replicates,
            seed: context.common.seed,
            most_rows: arguments.rows as usize,
        },
        targets,
        without,
        survival,
        groups: arguments.group.iter().map(|name| name.as_str().into()).collect(),
        ..SyntheticOptions::default()
    })
}

/// `COLUMN=CATEGORY` or `COLUMN>NUMBER`.
fn target(text: &str, table: &Table) -> Result<Target> {
    let refused =
        || BadInput::new(format!("{text} is no question; permitted: COLUMN=CATEGORY or COLUMN>NUMBER"));
    if let Some((column, threshold)) = text.split_once('>') {
        let threshold = threshold.trim().parse().ok().filter(|number: &f64| number.is_finite());
        return Ok(Target::Above { column: column.trim().into(), threshold: threshold.ok_or_else(refused)? });
    }
    let (column, category) = text.split_once('=').ok_or_else(refused)?;
    Ok(category_of(column.trim(), category.trim(), table))
}

/// A category as it is spelled in the table, or that of the same number: `1` is `1.0`.
fn category_of(column: &str, category: &str, table: &Table) -> Target {
    let schema = table.schema().column(column).ok();
    let categories = schema.and_then(|schema| schema.kind.categories()).unwrap_or_default();
    let number: Option<f64> = category.parse().ok();
    let same = categories
        .iter()
        .find(|own| ***own == *category)
        .or_else(|| categories.iter().find(|own| number.is_some() && own.parse().ok() == number));
    Target::Category { column: column.into(), category: same.map_or_else(|| category.into(), Clone::clone) }
}

/// `TIME,EVENT`, the event as a question, or a column of which 1 is the event.
fn survival(text: &str, table: &Table) -> Result<SurvivalColumns> {
    let Some((duration, event)) = text.split_once(',') else {
        let permitted = "TIME,COLUMN, TIME,COLUMN=CATEGORY or TIME,COLUMN>NUMBER";
        return Err(BadInput::new(format!("{text} names no time and event; permitted: {permitted}")).into());
    };
    let event = if event.contains(['=', '>']) {
        target(event, table)?
    } else {
        category_of(event.trim(), "1", table)
    };
    Ok(SurvivalColumns { duration: duration.trim().into(), event })
}
