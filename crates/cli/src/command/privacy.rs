//! `twinloom privacy epsilon` and `calibrate`: what noise is worth, before any data are touched.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use twinloom_privacy::accountant::pld::{self, PrivacyLoss};
use twinloom_privacy::accountant::rdp::{self, SubsampledGaussian, subsampled_gaussian_epsilon};
use twinloom_privacy::{Delta, Epsilon};

use crate::context::Context;
use crate::failure::BadInput;
use crate::output::{print_json, print_text};

/// Verbs of differential privacy.
#[derive(Debug, Subcommand)]
pub(crate) enum PrivacyVerb {
    /// Say what epsilon steps of Gaussian noise over Poisson samples give.
    #[command(
        after_help = "Example:\n  twinloom privacy epsilon --sampling-rate 0.01 --noise-multiplier 1 --steps 1000 --delta 1e-5"
    )]
    Epsilon(EpsilonArguments),
    /// Find the least noise whose epsilon is at most a target.
    #[command(
        after_help = "Example:\n  twinloom privacy calibrate --target-epsilon 1 --sampling-rate 0.01 --steps 1000 --delta 1e-5"
    )]
    Calibrate(CalibrateNoiseArguments),
}

/// What is done with the noise.
#[derive(Debug, Args)]
pub(crate) struct StepsArguments {
    /// Chance of a subject to be in a batch: above 0, at most 1.
    #[arg(long, value_name = "RATE")]
    sampling_rate: f64,
    /// Steps of training.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    steps: u64,
    /// Chance that the promise may fail: above 0, below 1, and well below one in the number of subjects.
    #[arg(long, value_name = "DELTA")]
    delta: f64,
}

/// Arguments of `privacy epsilon`.
#[derive(Debug, Args)]
pub(crate) struct EpsilonArguments {
    #[command(flatten)]
    steps: StepsArguments,
    /// Standard deviation of the noise over the clipping norm.
    #[arg(long, value_name = "SIGMA")]
    noise_multiplier: f64,
}

/// Arguments of `privacy calibrate`.
#[derive(Debug, Args)]
pub(crate) struct CalibrateNoiseArguments {
    #[command(flatten)]
    steps: StepsArguments,
    /// Epsilon that the noise must not exceed.
    #[arg(long, value_name = "EPSILON")]
    target_epsilon: f64,
    /// What bounds epsilon: privacy loss distributions (tighter) or Rényi divergences (simpler).
    #[arg(long, value_enum, default_value_t = Accountant::Pld)]
    accountant: Accountant,
}

/// What bounds epsilon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Accountant {
    /// Privacy loss distributions.
    Pld,
    /// Rényi divergences.
    Rdp,
}

fn refused(error: impl std::error::Error + Send + Sync + 'static) -> BadInput {
    BadInput::from_chain(&anyhow::Error::new(error))
}

/// Runs the verb.
pub(crate) fn run(context: &Context, verb: &PrivacyVerb) -> Result<ExitCode> {
    match verb {
        PrivacyVerb::Epsilon(arguments) => {
            epsilon(context, &arguments.steps, arguments.noise_multiplier, None)
        }
        PrivacyVerb::Calibrate(arguments) => {
            let target = Epsilon::new(arguments.target_epsilon).map_err(refused)?;
            let StepsArguments { sampling_rate, steps, .. } = arguments.steps;
            let delta = delta(&arguments.steps)?;
            let multiplier = match arguments.accountant {
                Accountant::Pld => pld::calibrate_noise(target, sampling_rate, steps, delta),
                Accountant::Rdp => rdp::calibrate_noise(target, sampling_rate, steps, delta),
            };
            epsilon(context, &arguments.steps, multiplier.map_err(refused)?, Some(target))
        }
    }
}

fn delta(arguments: &StepsArguments) -> Result<Delta> {
    let delta = Delta::new(arguments.delta).map_err(refused)?;
    if delta.get() > 0.0 {
        return Ok(delta);
    }
    let message =
        format!("delta {}; permitted: above 0 and below 1, as Gaussian noise gives none", arguments.delta);
    Err(BadInput::new(message).into())
}

fn epsilon(
    context: &Context,
    arguments: &StepsArguments,
    noise_multiplier: f64,
    target: Option<Epsilon>,
) -> Result<ExitCode> {
    let delta = delta(arguments)?;
    let step = SubsampledGaussian::new(arguments.sampling_rate, noise_multiplier).map_err(refused)?;
    let by_divergence = subsampled_gaussian_epsilon(step, arguments.steps, delta);
    let by_loss =
        PrivacyLoss::new().subsampled_gaussian(step, arguments.steps).epsilon(delta).map_err(refused)?;
    if context.common.json {
        print_json(&json!({
            "sampling_rate": arguments.sampling_rate,
            "noise_multiplier": noise_multiplier,
            "steps": arguments.steps,
            "delta": delta.get(),
            "adjacency": "add or remove one subject",
            "target_epsilon": target.map(Epsilon::get),
            "rdp": by_divergence,
            "pld": { "lower": by_loss.lower, "upper": by_loss.upper },
        }));
    } else {
        let found = target.map_or_else(String::new, |target| {
            format!("Noise multiplier {noise_multiplier:.6} keeps epsilon at most {}.\n", target.get())
        });
        print_text(&format!(
            "{found}{} steps of noise multiplier {noise_multiplier:.6} over Poisson samples of rate {}, delta {}, a subject \
             added or removed:\n\
             epsilon at most {:.4} by privacy loss distributions (no accountant may say less than {:.4}),\n\
             epsilon at most {by_divergence:.4} by Rényi divergences.\n\
             Claim an upper bound only, and count everything else that touched the data.",
            arguments.steps,
            arguments.sampling_rate,
            delta.get(),
            by_loss.upper,
            by_loss.lower,
        ));
    }
    Ok(ExitCode::SUCCESS)
}
