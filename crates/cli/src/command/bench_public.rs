//! `twinloom learn bench-public`: networks on public data sets beside their published accuracies.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;
use twinloom_neural::public::{PUBLIC_DATA_SETS, PublicNote, PublicParameters, PublicRow, public_table};

use crate::args::BenchPublicArguments;
use crate::context::Context;
use crate::failure::BadInput;
use crate::output::{print_json, print_text, table};
use crate::progress;

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &BenchPublicArguments) -> Result<ExitCode> {
    let missing: Vec<&str> =
        PUBLIC_DATA_SETS.into_iter().filter(|name| !arguments.data.join(name).exists()).collect();
    if missing.len() == PUBLIC_DATA_SETS.len() {
        let message = format!("{} holds none of the public data sets", arguments.data.display());
        let hint = format!("state their folder with --data; it holds {}", PUBLIC_DATA_SETS.join(", "));
        return Err(BadInput::new(message).hint(hint).into());
    }
    let parameters = PublicParameters {
        runs: arguments.runs,
        fold_epochs: arguments.fold_epochs as usize,
        seed: context.common.seed,
        only: arguments.only.clone(),
    };
    let bar = progress::bar(&context.common, "rows", None);
    let mut rows: Vec<PublicRow> = Vec::new();
    let mut run = || {
        public_table(&arguments.data, &parameters, &mut |note| match note {
            PublicNote::Begun { data_set, model } => {
                bar.set_message(format!("{} done, now {model} on {data_set}", rows.len()));
            }
            PublicNote::Found(row) => {
                progress::line(&bar, &context.common, &line(&row));
                rows.push(row);
            }
        })
    };
    run().map_err(|error| BadInput::from_chain(&anyhow::Error::new(error)))?;
    bar.finish_and_clear();
    if context.common.json {
        print_json(&json!({ "rows": rows, "missing": missing }));
    } else {
        print_text(&described(&rows, &missing));
    }
    Ok(ExitCode::SUCCESS)
}

/// A finished row, for who waits for the others.
fn line(row: &PublicRow) -> String {
    let (mean, seconds) = (100.0 * row.mean, row.seconds);
    format!("{}, {}, {}: {mean:.1} % in {seconds:.0} s", row.data_set, row.model, row.protocol)
}

fn described(rows: &[PublicRow], missing: &[&str]) -> String {
    let headings = ["data set", "model", "protocol", "runs", "accuracy (95 %)", "SD", "published", "seconds"];
    let mut lines = vec![headings.map(str::to_owned).to_vec()];
    lines.extend(rows.iter().map(|row| {
        let percent = |share: f64| format!("{:.1}", 100.0 * share);
        let published = row.published.map_or_else(String::new, |published| {
            let deviation = published
                .standard_deviation
                .map_or_else(String::new, |deviation| format!(" +- {}", percent(deviation)));
            format!("{}{deviation}, {}", percent(published.mean), published.source)
        });
        vec![
            row.data_set.clone(),
            row.model.clone(),
            row.protocol.clone(),
            row.runs.to_string(),
            format!("{} ({} to {})", percent(row.mean), percent(row.interval.0), percent(row.interval.1)),
            percent(row.standard_deviation),
            published,
            format!("{:.0}", row.seconds),
        ]
    }));
    let mut text = table(&lines);
    if !missing.is_empty() {
        text.push_str("\n\nNot there, and left out: ");
        text.push_str(&missing.join(", "));
    }
    text
}
