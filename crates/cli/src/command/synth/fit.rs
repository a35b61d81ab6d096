//! `twinloom synth fit`: a generator of a table, with its claim.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use serde_json::json;

use super::arguments::FitArguments;
use super::source;
use crate::context::{Context, Stopwatch};
use crate::output::{grouped, print_json, print_text};
use crate::progress;

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &FitArguments) -> Result<ExitCode> {
    // A claim out of range is told before the table is read.
    let claim = arguments.epsilon.map(|epsilon| (epsilon, arguments.source.delta));
    if let Some((epsilon, delta)) = claim {
        source::ledger(epsilon, delta)?;
    }
    let bar = progress::bar(&context.common, "fit", None);
    let mut stopwatch = Stopwatch::start();
    let table = source::read(&arguments.source, context.common.seed)?;
    stopwatch.lap("read");
    let asked = source::Asked::of(&arguments.source, context.common.seed);
    let release = source::fit(arguments.model.into(), &table, &asked, claim)?;
    stopwatch.lap("fit");
    bar.finish_and_clear();
    let text = serde_json::to_string(&release).context("the generator has no JSON form")?;
    std::fs::write(&arguments.out, text)
        .with_context(|| format!("{} can't be written", arguments.out.display()))?;
    if context.common.json {
        print_json(&json!({
            "file": arguments.out,
            "generator": release.generator().kind(),
            "claim_sheet": release.claim_sheet(),
        }));
    } else {
        // The number of rows is not told where a claim is made: it is a fact about the people.
        let seen = match claim {
            Some(_) => String::new(),
            None => format!(" on {} rows", grouped(table.len() as u64)),
        };
        print_text(&format!(
            "{} fitted{seen}, {} columns: written to {}.\n\n{}",
            release.generator().kind().as_str(),
            table.columns().len(),
            arguments.out.display(),
            release.remarks(),
        ));
    }
    Ok(ExitCode::SUCCESS)
}
