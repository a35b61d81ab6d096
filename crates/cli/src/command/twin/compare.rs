//! `twinloom twin compare`: two scenarios, the same people, the same random numbers.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::json;
use twinloom_twin::Comparison;
use twinloom_twin::measure::{Group, Interval};

use super::setting::{self, Size, number, number_or_dash};
use crate::compose;
use crate::context::Context;
use crate::failure::BadInput;
use crate::output::{grouped, print_json, print_text, table};
use crate::progress;

/// Arguments of `twin compare`.
#[derive(Debug, Args)]
pub(crate) struct CompareArguments {
    /// The scenario compared with, a TOML file.
    #[arg(value_name = "BASE")]
    base: PathBuf,
    /// The scenario compared, a TOML file.
    #[arg(value_name = "ALTERNATIVE")]
    alternative: PathBuf,
    #[command(flatten)]
    size: Size,
    /// Pairs of runs, each with its own seed; intervals need at least 2.
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    replications: u32,
    /// The HTML report to write.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// A folder in which to write the report, as reports/compare.html.
    #[arg(long, value_name = "DIR", conflicts_with = "report")]
    study: Option<PathBuf>,
}

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &CompareArguments) -> Result<ExitCode> {
    let size = arguments.size;
    let (base, followed) = size.parameters(context, setting::scenario(&arguments.base)?)?;
    let (alternative, _) = size.parameters(context, setting::scenario(&arguments.alternative)?)?;
    let report = arguments
        .report
        .clone()
        .or_else(|| arguments.study.as_ref().map(|study| study.join("reports/compare.html")));
    if report.as_ref().is_some_and(|path| path.is_dir()) {
        return Err(BadInput::new("the report is a folder; permitted: the name of a file to write").into());
    }
    let people = 2 * u64::from(arguments.replications) * size.population;
    let bar = progress::bar(&context.common, "simulating both scenarios", Some(people));
    let comparison = Comparison::run(&base, &alternative, followed, arguments.replications, |done| {
        bar.set_position(done);
    })
    .map_err(setting::blamed)?;
    bar.finish_and_clear();
    let written = report
        .map(|path| {
            let page = compose::comparison::report(&comparison, &base, &alternative, followed);
            setting::write_report(&page, &path)
        })
        .transpose()?;
    if context.common.json {
        print_json(&json!({
            "comparison": comparison,
            "no_difference": comparison.is_nothing(),
            "followed": { "from": followed.from.to_string(), "to": followed.to.to_string() },
            "report": written.map(|path| path.display().to_string()),
        }));
    } else {
        print_text(&text(&comparison));
        if let Some(path) = written {
            print_text(&format!("\nReport: {}", path.display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What a person is told: everybody's differences, then those by deprivation that are beyond chance.
fn text(comparison: &Comparison) -> String {
    let mut rows = vec![
        ["measure", "unit", "base", "alternative", "difference", "95 % interval"].map(str::to_owned).to_vec(),
    ];
    for row in comparison.rows.iter().filter(|row| row.group == Group::Everyone) {
        if row.base.is_none() && row.alternative.is_none() {
            continue;
        }
        rows.push(vec![
            row.measure.title(),
            row.unit.to_owned(),
            number_or_dash(row.base),
            number_or_dash(row.alternative),
            number_or_dash(row.difference),
            row.interval.map_or_else(|| "–".to_owned(), in_words),
        ]);
    }
    let beyond: Vec<String> = comparison
        .rows
        .iter()
        .filter(|row| row.group != Group::Everyone)
        .filter_map(|row| {
            let interval = row.interval.filter(|interval| !interval.contains(0.0))?;
            Some(format!(
                "  {}: {} {} {} ({})",
                row.group.title(),
                row.measure.title(),
                number(row.difference?),
                row.unit,
                in_words(interval)
            ))
        })
        .collect();
    let mut text = format!(
        "{:?} against {:?}: {} people, {} {}, {} person-years followed in each arm.\n\n{}",
        comparison.alternative,
        comparison.base,
        grouped(comparison.population),
        comparison.replications,
        if comparison.replications == 1 { "replication" } else { "replications" },
        grouped(comparison.person_years.round() as u64),
        table(&rows)
    );
    if comparison.is_nothing() {
        text.push_str("\n\nNo difference anywhere: exactly 0 in every replication and group.");
    } else if beyond.is_empty() {
        text.push_str("\n\nBy deprivation quintile, no interval excludes 0.");
    } else {
        text.push_str("\n\nBy deprivation quintile, where the interval excludes 0 (of many looked at, 1 in 20 does by chance):\n");
        text.push_str(&beyond.join("\n"));
    }
    text
}

fn in_words(interval: Interval) -> String {
    format!("{} to {}", number(interval.lower), number(interval.upper))
}
