//! `twinloom synth evaluate`: whether a synthetic table stands for the real one.

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;
use twinloom_audit::Estimate;
use twinloom_audit::synthetic::{
    ColumnFigures, PairFigures, QualityFigures, QualityThresholds, Resampling, RidgeLogistic, Target,
    TransferFigures, pairwise, quality, transfer, univariate,
};
use twinloom_table::Table;

use super::arguments::EvaluateArguments;
use super::{Tables, refused};
use crate::context::Context;
use crate::evaluation::in_words;
use crate::failure::BadInput;
use crate::output::{grouped, print_json, print_text, table};

/// Another table beside the real one.
#[derive(Serialize)]
struct Beside {
    quality: QualityFigures,
    columns: Vec<ColumnFigures>,
    pairs: PairFigures,
}

#[derive(Serialize)]
struct Document {
    real_rows: usize,
    holdout_rows: usize,
    synthetic_rows: usize,
    synthetic: Beside,
    holdout: Beside,
    transfer: Vec<TransferFigures>,
    broken_constraints: Vec<(String, usize)>,
}

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &EvaluateArguments) -> Result<ExitCode> {
    let tables = Tables::read(&arguments.tables)?;
    let resampling =
        Resampling { replicates: arguments.replicates, seed: context.common.seed, ..Resampling::default() };
    let targets = if arguments.target.is_empty() {
        Target::of_each(&tables.real)
    } else {
        arguments.target.iter().map(|text| target(text)).collect::<Result<_>>()?
    };
    let without: Vec<&str> = arguments.without.iter().map(String::as_str).collect();
    let beside = |other: &Table| -> Result<Beside> {
        let thresholds = QualityThresholds::default();
        Ok(Beside {
            quality: quality(&tables.real, other, &thresholds, &resampling).map_err(refused)?,
            columns: univariate(&tables.real, other, &resampling).map_err(refused)?,
            pairs: pairwise(&tables.real, other, &resampling).map_err(refused)?,
        })
    };
    let three = [&tables.real, &tables.holdout, &tables.synthetic];
    let learner = RidgeLogistic::default();
    let document = Document {
        real_rows: tables.real.len(),
        holdout_rows: tables.holdout.len(),
        synthetic_rows: tables.synthetic.len(),
        synthetic: beside(&tables.synthetic)?,
        holdout: beside(&tables.holdout)?,
        transfer: transfer(three, &targets, &without, &[&learner], &resampling).map_err(refused)?,
        broken_constraints: tables
            .synthetic
            .violations()
            .into_iter()
            .map(|(constraint, rows)| (constraint.to_string(), rows))
            .collect(),
    };
    if context.common.json {
        print_json(&document);
    } else {
        print_text(&describe(&document));
    }
    Ok(ExitCode::SUCCESS)
}

/// `COLUMN=CATEGORY` or `COLUMN>NUMBER`.
fn target(text: &str) -> Result<Target> {
    let refused =
        || BadInput::new(format!("{text} is no question; permitted: COLUMN=CATEGORY or COLUMN>NUMBER"));
    if let Some((column, threshold)) = text.split_once('>') {
        let threshold = threshold.trim().parse().ok().filter(|number: &f64| number.is_finite());
        return Ok(Target::Above { column: column.trim().into(), threshold: threshold.ok_or_else(refused)? });
    }
    let (column, category) = text.split_once('=').ok_or_else(refused)?;
    Ok(Target::Category { column: column.trim().into(), category: category.trim().into() })
}

fn describe(document: &Document) -> String {
    let (synthetic, holdout) = (&document.synthetic, &document.holdout);
    let row = |name: &str, of: &dyn Fn(&Beside) -> Estimate| {
        vec![name.to_owned(), in_words(&of(synthetic)), in_words(&of(holdout))]
    };
    let heading = ["", "synthetic", "people held out"].map(str::to_owned).to_vec();
    let overall = [
        heading,
        row("SDMetrics' quality, 1 is best", &|beside| beside.quality.quality),
        row("its column shapes", &|beside| beside.quality.column_shapes),
        row("its column pair trends", &|beside| beside.quality.column_pair_trends),
        row("Pearson's correlation, mean difference", &|beside| beside.pairs.pearson),
        row("Spearman's", &|beside| beside.pairs.spearman),
        row("Cramer's V", &|beside| beside.pairs.cramers_v),
        row("mutual information, nats", &|beside| beside.pairs.mutual_information),
        row("contingency tables, total variation", &|beside| beside.pairs.contingency),
    ];
    let heading = ["column", "total variation", "held out", "coverage", "missing, difference"];
    let mut columns = vec![heading.map(str::to_owned).to_vec()];
    for (own, chance) in synthetic.columns.iter().zip(&holdout.columns) {
        columns.push(vec![
            own.column.to_string(),
            in_words(&own.total_variation),
            in_words(&chance.total_variation),
            in_words(&own.coverage),
            in_words(&own.missing_difference),
        ]);
    }
    let heading = ["predicting", "taught by real people", "taught by synthetic", "what synthesis costs"];
    let mut transfer = vec![heading.map(str::to_owned).to_vec()];
    for figures in &document.transfer {
        let question = match &figures.target {
            Target::Category { column, category } => format!("{column} is {category}"),
            Target::Above { column, threshold } => format!("{column} above {threshold}"),
        };
        transfer.push(vec![
            question,
            in_words(&figures.real),
            in_words(&figures.synthetic),
            in_words(&figures.cost),
        ]);
    }
    let mut broken = String::new();
    for (constraint, rows) in &document.broken_constraints {
        // Writing into a String can't fail.
        let _ = write!(broken, "\n{rows} synthetic rows break {constraint}.");
    }
    format!(
        "{} synthetic rows beside {} real ones; {} real people held out show what chance alone leaves.\n\n{}\n\n{}\n\n\
         Logistic regression, AUROC on people held out\n{}\n{broken}\n\
         95 % intervals by the bootstrap. Close to the held-out column is as good as it gets; much closer than it is \
         a copy: see `twinloom audit privacy`.",
        grouped(document.synthetic_rows as u64),
        grouped(document.real_rows as u64),
        grouped(document.holdout_rows as u64),
        table(&overall),
        table(&columns),
        table(&transfer),
    )
}
