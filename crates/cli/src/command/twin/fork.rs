//! `twinloom twin fork`: one person's futures, with and without an intervention.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::json;
use twinloom_event::{Code, Timestamp};
use twinloom_twin::measure::{Interval, PairedOutcome, UnitCosts, paired_outcomes};
use twinloom_twin::{ForkError, Intervention, TwinError};

use super::setting::{number, number_or_dash, of_manifest, parse_time};
use crate::context::Context;
use crate::failure::BadInput;
use crate::manifest::Manifest;
use crate::output::{print_json, print_text, table};
use crate::study;

/// Arguments of `twin fork`.
#[derive(Debug, Args)]
pub(crate) struct ForkArguments {
    /// The study folder, made by `twin run`: its manifest holds the run's parameters.
    #[arg(long, value_name = "DIR")]
    study: PathBuf,
    /// The person's number in the run.
    #[arg(long, value_name = "ID")]
    subject: u64,
    /// When the futures part, such as 2022-03-01 or 2022-03-01T09:00.
    #[arg(long, value_name = "TIME")]
    at: String,
    /// What is done: nothing, stop-smoking, lose-weight=KG, start-medication=CODE, diagnose=CODE,
    /// vaccinate=CODE or set:ATTRIBUTE=VALUE, with codes as SYSTEM//VALUE.
    #[arg(long = "do", value_name = "INTERVENTION")]
    intervention: String,
    /// How many futures, each lived with and without.
    #[arg(long, default_value_t = 200, value_name = "N")]
    futures: u32,
}

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &ForkArguments) -> Result<ExitCode> {
    let intervention = parse_intervention(&arguments.intervention)?;
    let at = parse_time(&arguments.at)?;
    study::require(&arguments.study)?;
    let manifest = Manifest::read(&arguments.study)?;
    let step = manifest.steps.get("twin").ok_or_else(|| {
        BadInput::new(format!("{} was not made by the twin", arguments.study.display()))
            .hint("make one with `twinloom twin run --study DIR`")
    })?;
    let parameters = of_manifest(step, context.threads)?;
    let futures = twinloom_twin::fork(&parameters, arguments.subject, at, &intervention, arguments.futures)
        .map_err(blamed)?;
    let acted = futures.iter().any(|future| future.acted);
    let outcomes = paired_outcomes(&futures, at, parameters.end, &UnitCosts::of(&parameters.supply));
    if context.common.json {
        print_json(&json!({
            "label": "SIMULATED: what the model says of an invented person; not for care",
            "subject": arguments.subject,
            "at": at.to_string(),
            "until": parameters.end.to_string(),
            "intervention": arguments.intervention,
            "acted": acted,
            "futures": futures.len(),
            "outcomes": outcomes,
        }));
    } else {
        print_text(&text(&outcomes, arguments, at, parameters.end, futures.len()));
        if !acted && intervention != Intervention::Nothing {
            print_text(&format!(
                "\nThere was nothing to do: at {at} {:?} changes nothing for this person, so both arms are alike.",
                arguments.intervention
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn blamed(error: ForkError) -> anyhow::Error {
    match error {
        ForkError::Twin(TwinError::Threads { .. }) => anyhow::Error::new(error),
        other => BadInput::new(other.to_string()).into(),
    }
}

/// Reads what is to be done.
fn parse_intervention(text: &str) -> Result<Intervention> {
    let wrong = || {
        BadInput::new(format!("{text:?} is no intervention")).hint(
            "permitted: nothing, stop-smoking, lose-weight=KG, start-medication=CODE, diagnose=CODE, vaccinate=CODE, \
             set:ATTRIBUTE=VALUE; codes as SYSTEM//VALUE, such as SNOMED//386864001",
        )
    };
    let code = |value: &str| Code::parse(value).map_err(|error| BadInput::new(error.to_string()));
    Ok(match text.split_once('=') {
        None if text == "nothing" => Intervention::Nothing,
        None if text == "stop-smoking" => Intervention::StopSmoking,
        Some(("lose-weight", value)) => Intervention::LoseWeight(value.parse().map_err(|_| wrong())?),
        Some(("start-medication", value)) => Intervention::StartMedication(code(value)?),
        Some(("diagnose", value)) => Intervention::Diagnose(code(value)?),
        Some(("vaccinate", value)) => Intervention::Vaccinate(code(value)?),
        Some((name, value)) => {
            let name = name.strip_prefix("set:").ok_or_else(wrong)?.to_owned();
            match value {
                "true" => Intervention::SetFlag(name, true),
                "false" => Intervention::SetFlag(name, false),
                value => Intervention::SetNumber(name, value.parse().map_err(|_| wrong())?),
            }
        }
        None => return Err(wrong().into()),
    })
}

/// What a person is told.
fn text(
    outcomes: &[PairedOutcome],
    arguments: &ForkArguments,
    at: Timestamp,
    until: Timestamp,
    futures: usize,
) -> String {
    let mut rows = vec![
        ["outcome", "unit", "without", "with", "difference", "95 % interval", "2.5 %", "median", "97.5 %"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for outcome in outcomes.iter().filter(|outcome| outcome.pairs > 0) {
        let bounds = |interval: Interval| format!("{} to {}", number(interval.lower), number(interval.upper));
        let quantile = |index: usize| number_or_dash(outcome.quantiles.map(|quantiles| quantiles[index]));
        rows.push(vec![
            outcome.title.to_owned(),
            outcome.unit.to_owned(),
            number_or_dash(outcome.without),
            number_or_dash(outcome.with),
            number_or_dash(outcome.difference),
            outcome.interval.map_or_else(|| "–".to_owned(), bounds),
            quantile(0),
            quantile(1),
            quantile(2),
        ]);
    }
    format!(
        "SIMULATED: what the model says of an invented person. Not for care.\n\
         Subject {}, {futures} futures from {at} to {until}, each lived with and without {:?} on the same random numbers.\n\n{}\n\n\
         The interval is that of the mean difference; the last three columns say how differences are spread over futures.",
        arguments.subject,
        arguments.intervention,
        table(&rows)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regress_interventions_and_times_are_read() {
        assert_eq!(parse_intervention("nothing").unwrap(), Intervention::Nothing);
        assert_eq!(parse_intervention("lose-weight=5").unwrap(), Intervention::LoseWeight(5.0));
        assert_eq!(
            parse_intervention("set:statin.risk=5").unwrap(),
            Intervention::SetNumber("statin.risk".to_owned(), 5.0)
        );
        assert_eq!(
            parse_intervention("set:smoker=true").unwrap(),
            Intervention::SetFlag("smoker".to_owned(), true)
        );
        for wrong in ["", "pray", "lose-weight=much", "statin=1", "set:x=", "nothing=1"] {
            assert!(parse_intervention(wrong).is_err(), "{wrong}");
        }
        assert_eq!(parse_time("2022-03-01").unwrap(), Timestamp::from_ymd(2022, 3, 1).unwrap());
        assert_eq!(parse_time("2022-03-01T09:05").unwrap().hour(), 9);
        for wrong in ["", "2022", "2022-13-01", "2022-03-01T25:00", "tomorrow"] {
            assert!(parse_time(wrong).is_err(), "{wrong}");
        }
    }
}
