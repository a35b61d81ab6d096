//! `twinloom twin calibrate`: tune onset rates to the targets that are not held out.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::json;
use twinloom_twin::Scenario;
use twinloom_twin::calibration::{CalibrationError, Settings, Tuned, tune};
use twinloom_twin::validation::{Catalogue, RealismTable};

use super::setting::{self, Size, number_or_dash};
use super::validate::{read_targets, value};
use crate::context::Context;
use crate::failure::BadInput;
use crate::output::{print_json, print_text, table};
use crate::progress;

/// Arguments of `twin calibrate`.
#[derive(Debug, Args)]
pub(crate) struct CalibrateArguments {
    /// The targets, a TOML file; those that ship with Twinloom when absent.
    #[arg(long, value_name = "FILE")]
    targets: Option<PathBuf>,
    /// Names of the conditions and problems whose onset rates are tuned, with commas between.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', required = true)]
    tune: Vec<String>,
    #[command(flatten)]
    size: Size,
    /// Iterations of the cross-entropy method.
    #[arg(long, default_value_t = 6, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    iterations: u32,
    /// Candidates of each iteration, each a run of its own.
    #[arg(long, default_value_t = 12, value_name = "N")]
    candidates: usize,
    /// A scenario to start from.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// The scenario file to write with the ratios found.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &CalibrateArguments) -> Result<ExitCode> {
    let targets = read_targets(arguments.targets.as_deref(), &Catalogue::embedded())?;
    let start = match &arguments.scenario {
        Some(path) => setting::scenario(path)?,
        None => Scenario::default(),
    };
    let (parameters, followed) = arguments.size.parameters(context, start)?;
    let usual = Settings::default();
    // Two candidates at the least tell a spread.
    let elite_share = usual.elite_share.max(2.0 / arguments.candidates.max(2) as f64);
    let settings =
        Settings { candidates: arguments.candidates, elite_share, seed: context.common.seed, ..usual };
    let bar = progress::bar(&context.common, "iterations", Some(u64::from(arguments.iterations)));
    let names: Vec<String> = arguments.tune.iter().map(|name| name.trim().to_owned()).collect();
    let tuned = tune(&parameters, &targets, followed, &names, arguments.iterations, settings, |_| bar.inc(1))
        .map_err(blamed)?;
    bar.finish_and_clear();
    let description = format!(
        "Rate ratios found by the cross-entropy method: {} iterations of {} candidates, {} people, seed {}; mean squared \
         error of the targets tuned to, in half-widths of their bands, {} before and {} after.",
        arguments.iterations,
        arguments.candidates,
        arguments.size.population,
        context.common.seed,
        number_or_dash(tuned.before.loss(false)),
        number_or_dash(tuned.after.loss(false)),
    );
    let found = parameters.scenario.with_rates(&tuned.ratios).renamed("Calibrated rates", description);
    if let Some(path) = &arguments.output {
        fs::write(path, found.to_toml()).with_context(|| format!("{} can't be written", path.display()))?;
    }
    if context.common.json {
        let loss = |table: &RealismTable| json!({ "tuned": table.loss(false), "held_out": table.loss(true) });
        print_json(&json!({
            "ratios": tuned.ratios,
            "method": { "name": "cross-entropy", "settings": settings },
            "iterations": tuned.iterations,
            "loss": { "before": loss(&tuned.before), "after": loss(&tuned.after) },
            "before": tuned.before.rows,
            "after": tuned.after.rows,
            "scenario": found.to_toml(),
            "output": arguments.output.as_ref().map(|path| path.display().to_string()),
        }));
    } else {
        print_text(&text(&tuned));
        match &arguments.output {
            Some(path) => print_text(&format!("\nScenario: {}", path.display())),
            None => print_text(&format!("\n{}", found.to_toml())),
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn blamed(error: CalibrationError) -> anyhow::Error {
    match error {
        CalibrationError::Twin(error) => setting::blamed(*error),
        other => BadInput::new(other.to_string()).into(),
    }
}

/// What a person is told: the ratios, and the targets before and after, tuned and held out apart.
fn text(tuned: &Tuned) -> String {
    let mut ratios = vec![["rate", "ratio"].map(str::to_owned).to_vec()];
    ratios.extend(tuned.ratios.iter().map(|(name, ratio)| vec![name.clone(), format!("{ratio:.3}")]));
    let mut rows =
        vec![["target", "use", "published", "before", "after", "verdict"].map(str::to_owned).to_vec()];
    for held_out in [false, true] {
        let pairs = tuned.before.rows.iter().zip(&tuned.after.rows);
        for (before, after) in pairs.filter(|(row, _)| row.held_out == held_out) {
            if before.simulated.value.is_none() && after.simulated.value.is_none() {
                continue;
            }
            rows.push(vec![
                after.title.clone(),
                if held_out { "held out" } else { "tuned" }.to_owned(),
                value(after, Some(after.target)),
                value(before, before.simulated.value),
                value(after, after.simulated.value),
                after.verdict.as_str().to_owned(),
            ]);
        }
    }
    format!(
        "{}\n\n{}\n\nMean squared error in half-widths of the band: tuned {} before, {} after; held out {} before, {} after.",
        table(&ratios),
        table(&rows),
        number_or_dash(tuned.before.loss(false)),
        number_or_dash(tuned.after.loss(false)),
        number_or_dash(tuned.before.loss(true)),
        number_or_dash(tuned.after.loss(true)),
    )
}
