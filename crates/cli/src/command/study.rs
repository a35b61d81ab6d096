//! `twinloom study`: show and report.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;

use crate::context::Context;
use crate::manifest::Manifest;
use crate::output::{grouped, print_json, print_text, table};
use crate::{compose, evaluation, study};

/// Runs `study show`.
pub(crate) fn show(context: &Context, folder: &Path) -> Result<ExitCode> {
    study::require(folder)?;
    let manifest = Manifest::read(folder)?;
    let timings = Manifest::timings(folder);
    let benchmarks = compose::benchmarks(folder)?;
    if context.common.json {
        print_json(&json!({ "manifest": manifest, "timings": timings, "benchmarks": benchmarks }));
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows =
        vec![["step", "command", "seed", "inputs", "outputs", "bytes", "s"].map(str::to_owned).to_vec()];
    for (name, step) in &manifest.steps {
        let bytes: u64 = step.outputs.iter().map(|file| file.bytes).sum();
        rows.push(vec![
            name.clone(),
            step.command.clone(),
            step.seed.to_string(),
            grouped(step.inputs.len() as u64),
            grouped(step.outputs.len() as u64),
            grouped(bytes),
            timings.get(name).map_or_else(String::new, |timing| format!("{:.1}", timing.seconds)),
        ]);
    }
    print_text(&format!("{}\n\n{}", manifest.notice, table(&rows)));
    for document in benchmarks {
        for panel in &document.panels {
            print_text(&format!("\n{}: {}", document.task, panel.population));
            let mut rows = vec![["model", "AUROC", "AUPRC"].map(str::to_owned).to_vec()];
            rows.extend(panel.rows.iter().map(|row| {
                let judged = &row.evaluation;
                vec![
                    row.name.clone(),
                    evaluation::in_words(&judged.auroc),
                    evaluation::in_words(&judged.auprc),
                ]
            }));
            print_text(&table(&rows));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs `study report`.
pub(crate) fn report(context: &Context, folder: &Path) -> Result<ExitCode> {
    let path = compose::write_for(context, folder)?;
    if context.common.json {
        print_json(&json!({ "report": path.display().to_string() }));
    } else {
        print_text(&format!("Report: {}", path.display()));
    }
    Ok(ExitCode::SUCCESS)
}
