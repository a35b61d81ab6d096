//! What the verbs that run the twin by themselves share: scenario files, the calendar of a run, reports.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use twinloom_event::Timestamp;
use twinloom_report::Report;
use twinloom_twin::measure::Followed;
use twinloom_twin::systems::SystemRates;
use twinloom_twin::{Scenario, TwinError, TwinParameters};

use crate::context::Context;
use crate::failure::BadInput;
use crate::manifest::Step;

/// The first day that is simulated with services.
const START_YEAR: i32 = 2020;

/// Days before the judged period in which queues fill up; assumption of this release.
const WARM_UP_DAYS: f64 = 182.0;

/// How large a run is.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Size {
    /// People to simulate.
    #[arg(long, default_value_t = 5_000, value_name = "N")]
    pub(crate) population: u64,
    /// Years that are judged, after half a year in which queues fill up.
    #[arg(long, default_value_t = 2, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=40))]
    pub(crate) years: u32,
}

impl Size {
    /// Parameters of a run of this size and the period judged in it.
    pub(crate) fn parameters(
        self,
        context: &Context,
        scenario: Scenario,
    ) -> Result<(TwinParameters, Followed)> {
        let start = Timestamp::from_ymd(START_YEAR, 1, 1)?;
        let from = start.plus_days(WARM_UP_DAYS)?;
        let to = Timestamp::from_ymd(from.year() + self.years as i32, from.month(), from.day())?;
        let parameters = TwinParameters {
            population: self.population,
            seed: context.common.seed,
            start,
            end: to,
            // What is judged is the truth; nobody needs to record it.
            systems: None,
            threads: context.threads,
            ..TwinParameters::default()
        };
        let parameters =
            parameters.with_scenario(scenario).map_err(|error| BadInput::new(error.to_string()))?;
        parameters.check().map_err(|error| BadInput::new(error.to_string()))?;
        Ok((parameters, Followed { from, to }))
    }
}

/// Reads a scenario file.
pub(crate) fn scenario(path: &Path) -> Result<Scenario> {
    Scenario::read(path).map_err(|error| {
        BadInput::new(error.to_string())
            .hint("scenarios/ holds examples; docs/evaluating-the-twin.md says what a scenario may change")
            .into()
    })
}

/// The run's parameters as its manifest tells them.
pub(crate) fn of_manifest(step: &Step, threads: usize) -> Result<TwinParameters> {
    if step.version != env!("CARGO_PKG_VERSION") {
        return Err(BadInput::new(format!(
            "the study was made by version {}, this is {}: the same seed would give other people",
            step.version,
            env!("CARGO_PKG_VERSION")
        ))
        .hint("run `twinloom twin run` again with this version")
        .into());
    }
    let said = &step.parameters;
    let missing = |name: &str| BadInput::new(format!("the manifest does not say the run's {name}"));
    let time = |name: &str| -> Result<Timestamp> {
        Ok(said[name].as_str().and_then(|text| parse_time(text).ok()).ok_or_else(|| missing(name))?)
    };
    let mut parameters = TwinParameters {
        population: said["population"].as_u64().ok_or_else(|| missing("population"))?,
        seed: step.seed,
        start: time("start")?,
        end: time("end")?,
        record_from: time("record_from")?,
        threads,
        ..TwinParameters::default()
    };
    if let Some(people) = said["people_per_locality"].as_u64() {
        parameters.people_per_locality = people;
    }
    if let Some(text) = said["scenario_toml"].as_str().filter(|text| !text.is_empty()) {
        let scenario = Scenario::parse(text, "the manifest's scenario")
            .map_err(|error| BadInput::new(error.to_string()))?;
        parameters = parameters.with_scenario(scenario).map_err(|error| BadInput::new(error.to_string()))?;
    }
    if let Some(text) = said["systems_toml"].as_str() {
        let rates = SystemRates::parse(text)
            .map_err(|error| BadInput::new(format!("the manifest's systems: {error}")))?;
        parameters.systems = Some(rates);
    }
    Ok(parameters)
}

/// Reads 2022-03-01, 2022-03-01T09:00 or 2022-03-01T09:00:00.
pub(crate) fn parse_time(text: &str) -> Result<Timestamp> {
    let wrong =
        || BadInput::new(format!("{text:?} is no time; permitted: such as 2022-03-01 or 2022-03-01T09:00"));
    let (date, clock) = text.split_once(['T', ' ']).unwrap_or((text, "00:00:00"));
    let numbers = |text: &str, separator: char| -> Option<Vec<u32>> {
        text.split(separator).map(|part| part.parse().ok()).collect()
    };
    let date = numbers(date, '-').filter(|parts| parts.len() == 3).ok_or_else(wrong)?;
    let clock = numbers(clock.split('.').next().unwrap_or(clock), ':')
        .filter(|parts| (2..=3).contains(&parts.len()))
        .ok_or_else(wrong)?;
    let seconds = clock.get(2).copied().unwrap_or(0);
    Timestamp::from_ymd_hms(date[0] as i32, date[1], date[2], clock[0], clock[1], seconds)
        .map_err(|_| wrong().into())
}

/// A run that can't be made because of what the user asked is the user's to mend.
pub(crate) fn blamed(error: TwinError) -> anyhow::Error {
    match error {
        TwinError::Threads { .. } => anyhow::Error::new(error),
        other => BadInput::new(other.to_string()).into(),
    }
}

/// Writes a report as one HTML file.
pub(crate) fn write_report(report: &Report, path: &Path) -> Result<PathBuf> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).with_context(|| format!("{} can't be made", folder.display()))?;
    }
    fs::write(path, report.to_html()).with_context(|| format!("{} can't be written", path.display()))?;
    Ok(path.to_owned())
}

/// A number as people read it in a table: enough digits to tell values apart.
pub(crate) fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let decimals = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        size if size >= 0.01 => 3,
        _ => 5,
    };
    let text = format!("{value:.decimals$}");
    // What rounds to nothing has no sign.
    if text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) { text } else { text.replace('-', "") }
}

/// The same for a value that may be absent.
pub(crate) fn number_or_dash(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), number)
}
