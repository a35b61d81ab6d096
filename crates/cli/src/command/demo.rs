//! `twinloom demo`: the whole house on simulated patients.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;
use twinloom_views::Task;

use crate::args::DemoArguments;
use crate::command::{graph, learn, twin};
use crate::context::{Context, Stopwatch};
use crate::output::{print_json, print_text};
use crate::{compose, evaluation, study};

/// What the demo predicts.
const TASK: &str = "new-long-term-condition";
/// Bootstrap samples behind each interval.
const REPLICATES: u32 = 1000;

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &DemoArguments) -> Result<ExitCode> {
    let stopwatch = Stopwatch::start();
    let folder = &arguments.study;
    let say = |text: &str| {
        if !context.common.json {
            print_text(text);
        }
    };
    let simulated =
        twin::run::simulate(context, folder, &twin::run::Order::usual(context, arguments.patients)?)?;
    say(&simulated.text());
    let (built, _) = graph::make(context, folder, &graph::Terminologies::default())?;
    graph::open_database(context, &folder.join(graph::FOLDER))?;
    say(&format!("Graph: {} nodes, {} edges.", built.node_count(), built.edge_count()));
    let dataset = study::dataset(folder)?;
    let task = Task::named(TASK)?;
    let (document, _) = learn::run(
        context,
        folder,
        (&task, &learn::Parts::by_patient(context, folder)?),
        &dataset.cohort,
        REPLICATES,
        &learn::quick(context),
    )?;
    say(&format!("{}: {} with the outcome of {}.", document.task, document.positives, document.instances));
    for row in document.panels.iter().flat_map(|panel| &panel.rows) {
        say(&format!("  {:<32} AUROC {}", row.name, evaluation::in_words(&row.evaluation.auroc)));
    }
    let report = compose::write(context, folder, &dataset, &built)?;
    if context.common.json {
        print_json(&json!({
            "study": folder.display().to_string(),
            "report": report.display().to_string(),
            "twin": simulated,
            "graph": { "nodes": built.node_count(), "edges": built.edge_count() },
            "benchmark": document,
            "seconds": stopwatch.seconds(),
        }));
    } else {
        print_text(&format!("Report: {} ({:.1} s)", report.display(), stopwatch.seconds()));
    }
    Ok(ExitCode::SUCCESS)
}
