//! The report of generators at several budgets.

use twinloom_audit::appropriate::{ModelCard, Recommendation};
use twinloom_audit::synthetic::Target;
use twinloom_report::{
    Budgets, Cell, Estimate, Fact, Methods, MethodsBlock, Origin, Report, Section, Study, Table,
};

use super::tables::recommendation;
use crate::command::synth::arguments::ReportArguments;
use crate::command::synth::compare::{Halves, Reference, Row};
use crate::command::synth::report::budget_in_words;
use crate::context::Context;
use crate::evaluation::in_words;
use crate::output::grouped;

/// Everything that the comparison found.
pub(crate) struct Found {
    pub(crate) reference: Reference,
    pub(crate) rows: Vec<Row>,
    pub(crate) questions: Vec<Target>,
    pub(crate) budgets: Vec<Option<f64>>,
    /// The release judged in full.
    pub(crate) judged: Option<Judged>,
}

/// What one release may be used for, and its card.
pub(crate) struct Judged {
    /// Its place among the rows.
    pub(crate) place: usize,
    pub(crate) recommendation: Recommendation,
    pub(crate) card: ModelCard,
}

/// Builds the page.
pub(crate) fn report(
    context: &Context,
    arguments: &ReportArguments,
    halves: &Halves,
    found: &Found,
) -> Report {
    let mut study = Study::new(Origin::Imported, "a table of the user's", halves.train.len() as u64, 0);
    study.seed = Some(context.common.seed);
    study.command = format!("twinloom synth report TABLE --repeats {} --out FILE", arguments.repeats);
    study.facts = vec![
        Fact::new("People whose rows the generators saw", grouped(halves.train.len() as u64)),
        Fact::new("People held out, who judge", grouped(halves.holdout.len() as u64)),
        Fact::new("Columns", halves.train.columns().len().to_string()),
        Fact::new("Delta", arguments.source.delta.to_string()),
    ];
    let mut report = Report::new("What may these synthetic rows be used for?", study).subtitle(
        "Generators at several budgets of privacy: how well their rows stand for people, and whom they give away",
    );
    let reference = &found.reference;
    for (place, question) in found.questions.iter().enumerate() {
        let figure = |row: &Row| row.utility[place];
        let real = reference.utility[place];
        let section = budgets(found, arguments, "AUROC", Some(("Taught by real rows", real)), figure);
        report = report.section(section.heading(format!("What models learn from the rows: {}", asked(question))).introduction(
            "Logistic regression is taught by synthetic rows and asked about people held out. The dashed line is the same model \
             taught by as many real rows.",
        ));
    }
    let quality =
        budgets(found, arguments, "quality", Some(("People held out", reference.quality)), |row| row.quality);
    report = report
        .section(quality.heading("How alike columns and pairs are").introduction(
            "SDMetrics' quality: the mean of how alike each column and each pair of columns is. It can't see what three \
             columns do together, and it rewards generators that bin as it does.",
        ))
        .section(
            budgets(found, arguments, "correlations off by", Some(("People held out", reference.pearson)), |row| {
                row.pearson
            })
            .heading("How far off correlations are")
            .introduction("Mean absolute difference of Pearson's correlations between columns of numbers; less is better."),
        )
        .section(
            budgets(found, arguments, "found", None, |row| row.found)
                .heading("Whom an attack finds")
                .introduction(
                    "Share of people whose rows made the synthetic ones that an attack by ratios of distances finds when it \
                     accuses 1 in 100 others wrongly: 0.01 is chance. An attack that finds nobody proves no privacy; \
                     another may.",
                ),
        )
        .section(controls(found))
        .section(claims(found))
        .section(methods(arguments));
    if let Some(judged) = &found.judged {
        let row = &found.rows[judged.place];
        let which = format!("{}, epsilon {}", row.generator.as_str(), budget_in_words(row.epsilon));
        report = report
            .section(
                recommendation::section(&judged.recommendation)
                    .heading(format!("What {which} may be used for")),
            )
            .section(card(&judged.card, &which));
    }
    report
}

/// A question in words.
fn asked(target: &Target) -> String {
    match target {
        Target::Category { column, category } => format!("{column} is {category}"),
        Target::Above { column, threshold } => format!("{column} above {threshold}"),
    }
}

fn drawn(estimate: &twinloom_audit::Estimate) -> Estimate {
    let or_none = |value: Option<f64>| value.unwrap_or(f64::NAN);
    Estimate::new(or_none(estimate.value), or_none(estimate.lower), or_none(estimate.upper))
}

/// One figure of each generator at each budget.
fn budgets(
    found: &Found,
    arguments: &ReportArguments,
    upwards: &str,
    reference: Option<(&str, twinloom_audit::Estimate)>,
    figure: impl Fn(&Row) -> twinloom_audit::Estimate,
) -> Section {
    let mut models: Vec<(String, Vec<Option<Estimate>>)> = Vec::new();
    for row in &found.rows {
        let name = row.generator.as_str();
        if models.last().is_none_or(|(last, _)| last != name) {
            models.push((name.to_owned(), vec![None; found.budgets.len()]));
        }
        let place = found.budgets.iter().position(|budget| *budget == row.epsilon);
        if let (Some(place), Some((_, figures))) = (place, models.last_mut()) {
            figures[place] = Some(drawn(&figure(row)));
        }
    }
    Section::new(Budgets {
        caption: format!(
            "{} generators at {} budgets, means of {} repeats with 95 % intervals over them.",
            models.len(),
            found.budgets.len(),
            arguments.repeats
        ),
        reading: "Each panel is a generator; to the right privacy grows weaker. Intervals are Student's over repeats, wide \
                  where there are few."
            .to_owned(),
        across: "epsilon".to_owned(),
        upwards: upwards.to_owned(),
        budgets: found.budgets.iter().map(|budget| budget_in_words(*budget)).collect(),
        reference: reference.map(|(name, estimate)| (name.to_owned(), drawn(&estimate))),
        models,
    })
}

/// The attack on each release beside what it finds where the answer is known.
fn controls(found: &Found) -> Section {
    let heading = [
        "generator",
        "epsilon",
        "AUC on the release",
        "found at 1 %",
        "a verbatim copy: AUC",
        "a tenth copied: found at 1 %",
        "other people: AUC",
        "rows that are a member's own",
        "a stranger's own",
    ];
    let row = |own: &Row| {
        let attack = &own.membership;
        let cells = [
            own.generator.as_str().to_owned(),
            budget_in_words(own.epsilon),
            in_words(&attack.release.auc),
            in_words(&attack.release.tpr_at_1_percent),
            in_words(&attack.copy.auc),
            in_words(&attack.leak.tpr_at_1_percent),
            in_words(&attack.null.auc),
            in_words(&own.copies.release.exact),
            in_words(&own.copies.release.exact_by_chance),
        ];
        cells.map(Cell::Text).to_vec()
    };
    let table = Table {
        caption: "The attack on the first repeat's rows, with its controls".to_owned(),
        columns: heading.map(str::to_owned).to_vec(),
        rows: found.rows.iter().map(row).collect(),
    };
    Section::new(table).heading("Whether the attack works at all").introduction(
        "The same attack on a verbatim copy of people's rows must find all of them (AUC 1), on a table with a tenth copied a \
         tenth, and on rows of other people nobody (AUC 0.5). Where a control fails, the attack proves nothing.",
    )
}

fn claims(found: &Found) -> Section {
    let blocks = found.rows.iter().map(|row| {
        let heading = format!("{}, epsilon {}", row.generator.as_str(), budget_in_words(row.epsilon));
        let paragraphs = match &row.claim_sheet {
            Some(sheet) => sheet.to_string().lines().map(|line| line.trim().to_owned()).collect(),
            None => vec!["Nothing is claimed: the generator saw people's rows as they are.".to_owned()],
        };
        MethodsBlock { heading, paragraphs }
    });
    Section::new(Methods { blocks: blocks.collect(), ..Methods::default() })
        .heading("Claim sheets")
        .introduction("What is promised of each fit, and every access to people's rows that it rests on.")
}

fn card(card: &ModelCard, which: &str) -> Section {
    let blocks = card.sections.iter().map(|section| MethodsBlock {
        heading: section.heading.clone(),
        paragraphs: section.paragraphs.clone(),
    });
    Section::new(Methods { blocks: blocks.collect(), ..Methods::default() })
        .heading(format!("Model card: {which}"))
        .introduction(
            "Of the release whose rows teach most at epsilon 1 or below, or at the least budget asked for.",
        )
}

fn methods(arguments: &ReportArguments) -> Section {
    let blocks = vec![
        MethodsBlock::new(
            "How it was done",
            format!(
                "People were dealt into halves at random; one half made the rows, the other judges them. Under a budget each of \
                 {} repeats is a fit of its own; without one the fit is made once and drawn from {} times. As many rows are \
                 drawn as people made them.",
                arguments.repeats, arguments.repeats
            ),
        ),
        MethodsBlock::new(
            "What it cost",
            "To look at these figures is to look at people's rows: no budget here pays for it. Where a generator is chosen by \
             them for release, choose on other people, or say so beside the claim.",
        ),
    ];
    let limits = vec![
        "One attack without knowledge of the model; stronger ones exist, and only the claim bounds them all."
            .to_owned(),
        "Intervals are over repeats of one split into halves, not over splits.".to_owned(),
    ];
    Section::new(Methods { blocks, limits, ..Methods::default() }).heading("Methods and limits")
}
