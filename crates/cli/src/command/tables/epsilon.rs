//! `twinloom audit epsilon`: what the counts of an audit say of epsilon, and of a claim.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde::Serialize;
use twinloom_audit::attack::{
    AuditMethod, AuditedEpsilon, Claimed, Outcomes, Verdict, classic_audit, one_run_bound, one_run_p_value,
    verdict,
};

use super::refused;
use crate::context::Context;
use crate::failure::BadInput;
use crate::output::{print_json, print_text};

/// Arguments of `audit epsilon`.
#[derive(Debug, Args)]
pub(crate) struct EpsilonArguments {
    /// One run: canaries, each in the training data or not by the toss of a fair coin.
    #[arg(
        long,
        value_name = "N",
        requires = "guesses",
        requires = "correct",
        conflicts_with = "true_positives"
    )]
    canaries: Option<u64>,
    /// Canaries that the auditor guessed about; the number must be fixed beforehand.
    #[arg(long, value_name = "N", requires = "canaries")]
    guesses: Option<u64>,
    /// Guesses that were right.
    #[arg(long, value_name = "N", requires = "canaries")]
    correct: Option<u64>,
    /// Many runs: trained with the canary, and so guessed.
    #[arg(
        long,
        value_name = "N",
        requires = "false_negatives",
        requires = "false_positives",
        requires = "true_negatives"
    )]
    true_positives: Option<u64>,
    /// Trained with it, and guessed without.
    #[arg(long, value_name = "N", requires = "true_positives")]
    false_negatives: Option<u64>,
    /// Trained without it, and guessed with.
    #[arg(long, value_name = "N", requires = "true_positives")]
    false_positives: Option<u64>,
    /// Trained without it, and so guessed.
    #[arg(long, value_name = "N", requires = "true_positives")]
    true_negatives: Option<u64>,
    /// The delta that the claim is for.
    #[arg(long, default_value_t = 0.0, value_name = "DELTA")]
    delta: f64,
    /// Chance of at least this that the true epsilon is not below the bound.
    #[arg(long, default_value_t = 0.95, value_name = "P")]
    confidence: f64,
    /// The epsilon that was claimed; refused, with exit code 1, where the bound exceeds it.
    #[arg(long, value_name = "EPSILON")]
    claimed_epsilon: Option<f64>,
}

#[derive(Serialize)]
struct Document {
    audited: AuditedEpsilon,
    /// The greatest chance of so many right guesses that the claim allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    claim_p_value: Option<f64>,
    verdict: Verdict,
    refused: bool,
}

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &EpsilonArguments) -> Result<ExitCode> {
    let (delta, confidence) = (arguments.delta, arguments.confidence);
    let mut claim_p_value = None;
    let audited = match (one_run(arguments), outcomes(arguments)) {
        (Some([canaries, guesses, correct]), _) => {
            if let Some(epsilon) = arguments.claimed_epsilon {
                let p = one_run_p_value(canaries, guesses, correct, epsilon, delta).map_err(refused)?;
                claim_p_value = Some(p);
            }
            one_run_bound(canaries, guesses, correct, delta, confidence)
        }
        (None, Some(outcomes)) => classic_audit(&outcomes, delta, confidence),
        (None, None) => {
            let hint = "--canaries, --guesses and --correct of one run; or --true-positives, --false-negatives, \
                        --false-positives and --true-negatives of many";
            return Err(BadInput::new("there are no counts to judge").hint(hint).into());
        }
    };
    let audited = audited.map_err(refused)?;
    let claimed = arguments.claimed_epsilon.map(|epsilon| Claimed { epsilon, delta });
    let verdict = verdict(claimed, &[audited]).map_err(refused)?;
    let is_refused = matches!(verdict, Verdict::Refused { .. });
    let document = Document { audited, claim_p_value, verdict, refused: is_refused };
    if context.common.json {
        print_json(&document);
    } else {
        print_text(&describe(&document));
    }
    Ok(if is_refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn one_run(arguments: &EpsilonArguments) -> Option<[u64; 3]> {
    Some([arguments.canaries?, arguments.guesses?, arguments.correct?])
}

fn outcomes(arguments: &EpsilonArguments) -> Option<Outcomes> {
    Some(Outcomes {
        true_positives: arguments.true_positives?,
        false_negatives: arguments.false_negatives?,
        false_positives: arguments.false_positives?,
        true_negatives: arguments.true_negatives?,
    })
}

fn describe(document: &Document) -> String {
    let AuditedEpsilon { method, lower, delta, confidence } = document.audited;
    let how = match method {
        AuditMethod::OneRun => "one trained model with many canaries (Steinke, Nasr and Jagielski 2023)",
        AuditMethod::Classic => "many trained models with and without a canary (Clopper-Pearson limits)",
    };
    let end = super::verdict_in_words(&document.verdict);
    format!("Epsilon is at least {lower:.6} at delta {delta:e}, with confidence {confidence}: {how}.\n{end}")
}
