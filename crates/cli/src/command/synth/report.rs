//! `twinloom synth report`: which generator, at which budget, for which use.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use serde_json::json;
use twinloom_audit::appropriate::{CardSubject, Evidence, appropriate_use, model_card};
use twinloom_audit::attack::{Claimed, verdict};
use twinloom_audit::synthetic::{Resampling, RidgeLogistic, SyntheticOptions, Target, evaluate_synthetic};
use twinloom_synth::GeneratorKind;
use twinloom_table::{ColumnKind, Table};

use super::arguments::ReportArguments;
use super::compare::{Comparison, Halves, Row, alike, to_judge};
use super::refused;
use super::source::{self, Asked};
use crate::compose;
use crate::compose::synthesis::Judged;
use crate::context::Context;
use crate::evaluation::in_words;
use crate::failure::BadInput;
use crate::output::{print_json, print_text, table as text_table};
use crate::progress;

/// Fewest people of whom half may judge.
const FEWEST: usize = 40;

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &ReportArguments) -> Result<ExitCode> {
    for epsilon in &arguments.epsilon {
        source::ledger(*epsilon, arguments.source.delta)?;
    }
    let seed = context.common.seed;
    let table = source::read(&arguments.source, seed)?;
    if table.len() < FEWEST {
        let message = format!("{} people; permitted: {FEWEST} or more, half to judge the rows", table.len());
        return Err(BadInput::new(message).into());
    }
    let questions = questions(arguments, &table)?;
    let halves = Halves::of(&table, seed);
    let without: Vec<&str> = arguments.without.iter().map(String::as_str).collect();
    let asked = Asked::of(&arguments.source, seed);
    let comparison = Comparison {
        halves: &halves,
        asked: &asked,
        questions: &questions,
        without: &without,
        delta: arguments.source.delta,
        repeats: arguments.repeats,
        seed,
    };
    let mut budgets: Vec<Option<f64>> = arguments.epsilon.iter().copied().map(Some).collect();
    budgets.push(None);
    let count = arguments.models.len() * budgets.len();
    let bar = progress::bar(&context.common, "generators", Some(count as u64));
    let reference = comparison.reference()?;
    let mut rows: Vec<Row> = Vec::with_capacity(count);
    for model in &arguments.models {
        for budget in &budgets {
            let row = comparison.row(GeneratorKind::from(*model), *budget)?;
            progress::line(&bar, &context.common, &line(&row));
            rows.push(row);
            bar.inc(1);
        }
    }
    bar.set_message("writing");
    let judged = to_judge(&rows)
        .map(|place| judged(context, &comparison, rows[place].claim_sheet.is_some(), (place, &rows[place])));
    let found = compose::synthesis::Found {
        reference,
        rows,
        questions: questions.clone(),
        budgets,
        judged: judged.transpose()?,
    };
    let page = compose::synthesis::report(context, arguments, &halves, &found);
    std::fs::write(&arguments.out, page.to_html())
        .with_context(|| format!("{} can't be written", arguments.out.display()))?;
    bar.finish_and_clear();
    if context.common.json {
        print_json(&json!({
            "reference": found.reference,
            "rows": found.rows,
            "judged": found.judged.as_ref().map(|judged| json!({
                "generator": found.rows[judged.place].generator,
                "epsilon": found.rows[judged.place].epsilon,
                "appropriate_use": judged.recommendation,
                "model_card": judged.card,
            })),
            "written": arguments.out,
        }));
    } else {
        print_text(&described(&found));
        print_text(&format!("\nReport: {}", arguments.out.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Bootstrap replicates behind the intervals of the release that is judged in full.
const REPLICATES: u32 = 50;

/// Judges one release by everything, for the recommendation and the model card.
fn judged(
    context: &Context,
    comparison: &Comparison<'_>,
    is_claimed: bool,
    (place, row): (usize, &Row),
) -> Result<Judged> {
    let Halves { train, holdout } = comparison.halves;
    let [train, holdout, made] = alike([train, holdout, &row.rows])?;
    let options = SyntheticOptions {
        resampling: Resampling { replicates: REPLICATES, seed: context.common.seed, ..Resampling::default() },
        targets: comparison.questions.to_vec(),
        without: comparison.without.iter().map(|name| (*name).into()).collect(),
        ..SyntheticOptions::default()
    };
    let learner = RidgeLogistic::default();
    let fidelity =
        evaluate_synthetic(&train, Some(&holdout), &made, &[&learner], &options).map_err(refused)?;
    let claimed =
        row.epsilon.filter(|_| is_claimed).map(|epsilon| Claimed { epsilon, delta: comparison.delta });
    let evidence = Evidence {
        people: train.len(),
        verdict: Some(verdict(claimed, &[]).map_err(refused)?),
        fidelity: Some(&fidelity),
        membership: std::slice::from_ref(&row.membership),
        guesses: &[],
        copies: Some(&row.copies),
    };
    let subject = CardSubject {
        model: format!("{}, epsilon {}", row.generator.as_str(), budget_in_words(row.epsilon)),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        data: "A table of the user's.".to_owned(),
        columns: train.columns().len(),
        unit: "One row is one person, and the claim is about persons.".to_owned(),
    };
    Ok(Judged { place, recommendation: appropriate_use(&evidence), card: model_card(&subject, &evidence) })
}

/// A budget as people write it.
pub(crate) fn budget_in_words(epsilon: Option<f64>) -> String {
    epsilon.map_or_else(|| "no privacy".to_owned(), |epsilon| epsilon.to_string())
}

fn line(row: &Row) -> String {
    let utility: Vec<String> = row.utility.iter().map(in_words).collect();
    format!(
        "{}, epsilon {}: quality {}, taught by its rows {}, attack {}, {:.1} s a fit",
        row.generator.as_str(),
        budget_in_words(row.epsilon),
        in_words(&row.quality),
        utility.join(", "),
        in_words(&row.attack),
        row.fit_seconds,
    )
}

fn described(found: &compose::synthesis::Found) -> String {
    let heading = [
        "generator",
        "epsilon",
        "quality",
        "correlations off by",
        "taught by its rows",
        "attack's AUC",
        "found at 1 %",
    ];
    let mut lines = vec![heading.map(str::to_owned).to_vec()];
    let words =
        |figures: &[twinloom_audit::Estimate]| figures.iter().map(in_words).collect::<Vec<_>>().join("; ");
    let reference = &found.reference;
    lines.push(vec![
        "people held out".to_owned(),
        String::new(),
        in_words(&reference.quality),
        in_words(&reference.pearson),
        words(&reference.utility),
        String::new(),
        String::new(),
    ]);
    for row in &found.rows {
        lines.push(vec![
            row.generator.as_str().to_owned(),
            budget_in_words(row.epsilon),
            in_words(&row.quality),
            in_words(&row.pearson),
            words(&row.utility),
            in_words(&row.attack),
            in_words(&row.found),
        ]);
    }
    text_table(&lines)
}

/// What is asked, or each category of the target but the first.
fn questions(arguments: &ReportArguments, table: &Table) -> Result<Vec<Target>> {
    if !arguments.question.is_empty() {
        return arguments.question.iter().map(|text| question(text)).collect();
    }
    let Some(target) = &arguments.source.target else {
        return Err(BadInput::new("nothing is asked of models taught by the rows")
            .hint("give --target COLUMN or --question COLUMN=CATEGORY")
            .into());
    };
    let column = table.schema().column(target).map_err(refused)?;
    match &column.kind {
        ColumnKind::Category { categories, .. } => {
            let of = |category: &std::sync::Arc<str>| Target::Category {
                column: target.as_str().into(),
                category: category.clone(),
            };
            Ok(categories.iter().skip(1).map(of).collect())
        }
        _ => Err(BadInput::new(format!("column {target} holds numbers"))
            .hint(format!("ask --question \"{target}>NUMBER\""))
            .into()),
    }
}

/// `COLUMN=CATEGORY` or `COLUMN>NUMBER`.
fn question(text: &str) -> Result<Target> {
    let refused =
        || BadInput::new(format!("{text} is no question; permitted: COLUMN=CATEGORY or COLUMN>NUMBER"));
    // A category may hold signs of its own: what comes first parts the two.
    let place = text.find(['=', '>']).ok_or_else(refused)?;
    let (column, rest) = (text[..place].trim(), text[place + 1..].trim());
    if text[place..].starts_with('=') {
        return Ok(Target::Category { column: column.into(), category: rest.into() });
    }
    let threshold = rest.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(refused)?;
    Ok(Target::Above { column: column.into(), threshold })
}
