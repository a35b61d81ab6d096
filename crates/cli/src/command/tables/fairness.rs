//! `twinloom audit fairness`: whether decisions serve groups of people alike, and what could be done where not.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use clap::Args;
use serde::Serialize;
use twinloom_audit::fairness::{
    Fairness, GroupThreshold, crossed, decide, equal_opportunity_thresholds, fairness, reweighing,
};
use twinloom_audit::{Estimate, Grouping, Options, Predictions, SubgroupRow, subgroups};
use twinloom_event::SubjectId;
use twinloom_records::rectangle::read_rows;
use twinloom_table::Rows;

use super::refused;
use crate::compose;
use crate::context::Context;
use crate::evaluation::in_words;
use crate::failure::BadInput;
use crate::output::{grouped, print_json, print_text, table};

/// Arguments of `audit fairness`.
#[derive(Debug, Args)]
pub(crate) struct FairnessArguments {
    /// Predictions, a row each: what happened, what the model said, and groups; comma-separated values under a heading.
    #[arg(value_name = "CSV")]
    predictions: PathBuf,
    /// Columns that people are grouped by; of several, their cells too.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', required = true)]
    group: Vec<String>,
    /// The column of what happened: 1 or 0, yes or no, true or false.
    #[arg(long, value_name = "NAME", default_value = "label")]
    label: String,
    /// The column of the model's probability.
    #[arg(long, value_name = "NAME", default_value = "probability")]
    probability: String,
    /// The column of whose row it is, where people have several.
    #[arg(long, value_name = "NAME")]
    subject: Option<String>,
    /// Predictions from which on the decision selects.
    #[arg(long, value_name = "P", default_value_t = 0.5)]
    threshold: f64,
    /// Bootstrap replicates behind each 95 % interval.
    #[arg(long, default_value_t = 1000, value_name = "N", value_parser = clap::value_parser!(u32).range(20..=100_000))]
    replicates: u32,
    /// Write a report that can be read by itself.
    #[arg(long, value_name = "HTML")]
    report: Option<PathBuf>,
}

/// One grouping judged.
#[derive(Serialize)]
pub(crate) struct Judged {
    pub(crate) fairness: Fairness,
    /// Discrimination and calibration in each group.
    pub(crate) subgroups: Vec<SubgroupRow>,
    pub(crate) reweighing: Vec<WeightRow>,
    pub(crate) thresholds: Thresholds,
}

/// The weight of one group's rows with and without the outcome in training.
#[derive(Serialize)]
pub(crate) struct WeightRow {
    pub(crate) group: Arc<str>,
    pub(crate) with: f64,
    pub(crate) without: f64,
}

/// Thresholds of equal opportunity, chosen on one half of the people and judged on the other.
#[derive(Serialize)]
pub(crate) struct Thresholds {
    pub(crate) rules: Vec<GroupThreshold>,
    pub(crate) before: Fairness,
    pub(crate) after: Fairness,
    /// Share of decisions that were right, before and after.
    pub(crate) accuracy: [f64; 2],
}

/// Everything that was judged.
#[derive(Serialize)]
pub(crate) struct Document {
    pub(crate) instances: usize,
    pub(crate) threshold: f64,
    pub(crate) groupings: Vec<Judged>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) written: Option<String>,
}

/// Runs the verb.
pub(crate) fn run(context: &Context, arguments: &FairnessArguments) -> Result<ExitCode> {
    if !(0.0..=1.0).contains(&arguments.threshold) {
        let message = format!("the threshold is {}; permitted: 0 to 1", arguments.threshold);
        return Err(BadInput::new(message).into());
    }
    let rows = read_rows(&arguments.predictions).map_err(refused)?;
    let predictions = predictions(&rows, arguments)?;
    let mut groupings =
        arguments.group.iter().map(|name| grouping(&rows, name)).collect::<Result<Vec<_>>>()?;
    if groupings.len() > 1 {
        let all: Vec<&Grouping> = groupings.iter().collect();
        groupings.push(crossed(&all));
    }
    let options =
        Options { replicates: arguments.replicates, seed: context.common.seed, ..Options::default() };
    let judged =
        groupings.iter().map(|grouping| judge(&predictions, grouping, arguments.threshold, &options));
    let document = Document {
        instances: predictions.len(),
        threshold: arguments.threshold,
        groupings: judged.collect::<Result<_>>()?,
        written: arguments.report.as_ref().map(|path| path.display().to_string()),
    };
    if let Some(path) = &arguments.report {
        compose::write_page(&compose::tables::fairness::report(context, &document), path)?;
    }
    if context.common.json {
        print_json(&document);
    } else {
        print_text(&describe(&document));
    }
    Ok(ExitCode::SUCCESS)
}

fn judge(
    predictions: &Predictions,
    grouping: &Grouping,
    threshold: f64,
    options: &Options,
) -> Result<Judged> {
    let weights = reweighing(predictions.labels(), grouping).map_err(refused)?;
    let mut reweighing: Vec<WeightRow> = Vec::new();
    let mut names: Vec<&Arc<str>> = grouping.groups.iter().flatten().collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let weight = |label: bool| {
            let of = (0..predictions.len()).find(|&row| {
                predictions.labels()[row] == label && grouping.groups[row].as_ref() == Some(name)
            });
            of.map_or(1.0, |row| weights[row])
        };
        reweighing.push(WeightRow { group: Arc::clone(name), with: weight(true), without: weight(false) });
    }
    Ok(Judged {
        fairness: fairness(predictions, grouping, threshold, options),
        subgroups: subgroups(predictions, std::slice::from_ref(grouping), options),
        reweighing,
        thresholds: thresholds(predictions, grouping, threshold, options)?,
    })
}

/// Rules chosen on one half of the people and judged on the other, lest luck look like fairness.
fn thresholds(
    predictions: &Predictions,
    grouping: &Grouping,
    threshold: f64,
    options: &Options,
) -> Result<Thresholds> {
    let half = |own: bool| -> Result<(Predictions, Grouping)> {
        let chosen: Vec<usize> = (0..predictions.len())
            .filter(|&row| is_of_first_half(predictions.subjects()[row], options.seed) == own)
            .collect();
        let part = Predictions::new(
            chosen.iter().map(|&row| predictions.subjects()[row]).collect(),
            chosen.iter().map(|&row| predictions.labels()[row]).collect(),
            chosen.iter().map(|&row| predictions.probabilities()[row]).collect(),
        );
        let groups = chosen.iter().map(|&row| grouping.groups[row].clone()).collect();
        Ok((part.map_err(refused)?, Grouping { name: Arc::clone(&grouping.name), groups }))
    };
    let (choosing, judging) = (half(true)?, half(false)?);
    let rules = equal_opportunity_thresholds(&choosing.0, &choosing.1);
    let decided = decide(&judging.0, &judging.1, &rules, threshold, options.seed).map_err(refused)?;
    let right = |predictions: &Predictions, threshold: f64| {
        let pairs = predictions.labels().iter().zip(predictions.probabilities());
        let right = pairs.filter(|(label, probability)| **label == (**probability >= threshold)).count();
        right as f64 / predictions.len().max(1) as f64
    };
    Ok(Thresholds {
        before: fairness(&judging.0, &judging.1, threshold, options),
        after: fairness(&decided, &judging.1, 0.5, options),
        accuracy: [right(&judging.0, threshold), right(&decided, 0.5)],
        rules,
    })
}

/// Deals people into halves by a mixed number, so that the order of a file does not tell.
fn is_of_first_half(subject: SubjectId, seed: u64) -> bool {
    // Knuth, The Art of Computer Programming 3 (2nd edition), section 6.4: multiplicative hashing by the golden ratio.
    let mixed = (subject.get() as u64).wrapping_add(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed >> 63 == 0
}

fn predictions(rows: &Rows, arguments: &FairnessArguments) -> Result<Predictions> {
    let at = |row: usize| format!("row {}", row + 1);
    let labels = column(rows, &arguments.label)?.iter().enumerate().map(|(row, cell)| {
        match cell.trim().to_ascii_lowercase().as_str() {
            "1" | "1.0" | "yes" | "true" => Ok(true),
            "0" | "0.0" | "no" | "false" => Ok(false),
            _ => {
                let message = format!(
                    "{} of {} tells no outcome; permitted: 1 or 0, yes or no, true or false",
                    at(row),
                    arguments.label
                );
                Err(BadInput::new(message).into())
            }
        }
    });
    let labels = labels.collect::<Result<Vec<bool>>>()?;
    let probabilities = column(rows, &arguments.probability)?.iter().enumerate().map(|(row, cell)| {
        let number: Option<f64> = cell.trim().parse().ok();
        number.filter(|number| (0.0..=1.0).contains(number)).ok_or_else(|| {
            let message =
                format!("{} of {} is no probability; permitted: 0 to 1", at(row), arguments.probability);
            BadInput::new(message).into()
        })
    });
    let probabilities = probabilities.collect::<Result<Vec<f64>>>()?;
    let subjects: Vec<SubjectId> = match &arguments.subject {
        // Subjects are numbered as they come, so that ids may be any words.
        Some(name) => {
            let mut known = std::collections::BTreeMap::new();
            let cells = column(rows, name)?.iter();
            cells
                .map(|cell| {
                    let next = known.len() as i64;
                    SubjectId::new(*known.entry(Arc::clone(cell)).or_insert(next))
                })
                .collect()
        }
        None => (0..rows.len() as i64).map(SubjectId::new).collect(),
    };
    if rows.is_empty() {
        return Err(BadInput::new("there is no prediction; permitted: 1 or more rows").into());
    }
    Ok(Predictions::new(subjects, labels, probabilities).map_err(refused)?)
}

fn column<'a>(rows: &'a Rows, name: &str) -> Result<&'a [Arc<str>]> {
    let named = || {
        let names: Vec<&str> = rows.names().iter().map(|name| &**name).collect();
        BadInput::new(format!("no column {name}; permitted: {}", names.join(", ")))
    };
    Ok(rows.column(name).ok_or_else(named)?)
}

fn grouping(rows: &Rows, name: &str) -> Result<Grouping> {
    let groups = column(rows, name)?.iter();
    let groups = groups.map(|cell| (!cell.trim().is_empty()).then(|| Arc::clone(cell))).collect();
    Ok(Grouping { name: name.into(), groups })
}

/// The measures of a grouping by name, with their ideal.
pub(crate) fn measures(fairness: &Fairness) -> [(&'static str, Estimate, f64); 6] {
    [
        ("demographic parity, difference", fairness.demographic_parity, 0.0),
        ("demographic parity, ratio", fairness.demographic_parity_ratio, 1.0),
        ("equal opportunity, difference", fairness.equal_opportunity, 0.0),
        ("equalised odds, difference", fairness.equalised_odds, 0.0),
        ("predictive parity, difference", fairness.predictive_parity, 0.0),
        ("calibration in the large, difference", fairness.calibration, 0.0),
    ]
}

fn describe(document: &Document) -> String {
    let mut parts = vec![format!(
        "{} predictions, selected from {} on.",
        grouped(document.instances as u64),
        document.threshold
    )];
    for own in &document.groupings {
        let heading = [
            &*own.fairness.grouping,
            "selected",
            "of those with the outcome",
            "of those without",
            "precision",
            "too low by",
        ];
        let mut rows = vec![heading.map(str::to_owned).to_vec()];
        rows.extend(own.fairness.groups.iter().map(|group| match &group.rates {
            Some(rates) => {
                std::iter::once(group.group.to_string()).chain(rates.iter().map(in_words)).collect()
            }
            None => vec![group.group.to_string(), "held back: few people".to_owned()],
        }));
        let heading = ["measure", "all people", "judged half, before", "after thresholds by group"];
        let mut measured = vec![heading.map(str::to_owned).to_vec()];
        let (before, after) = (measures(&own.thresholds.before), measures(&own.thresholds.after));
        for (at, (name, figure, ideal)) in measures(&own.fairness).into_iter().enumerate() {
            // Decisions are no probabilities to calibrate.
            let after = if at == 5 { String::new() } else { in_words(&after[at].1) };
            let name = format!("{name} (ideal {ideal})");
            measured.push(vec![name, in_words(&figure), in_words(&before[at].1), after]);
        }
        let weights = own.reweighing.iter().map(|row| {
            vec![row.group.to_string(), format!("{:.3}", row.with), format!("{:.3}", row.without)]
        });
        let heading = ["weights in training", "with the outcome", "without"].map(str::to_owned).to_vec();
        let weights: Vec<Vec<String>> = std::iter::once(heading).chain(weights).collect();
        let [before, after] = own.thresholds.accuracy;
        parts.push(table(&rows));
        parts.push(format!(
            "{}\nRight decisions on the judged half: {before:.3} before, {after:.3} after.",
            table(&measured)
        ));
        parts.push(table(&weights));
    }
    parts.push(
        "95 % intervals resample people. Differences of the greatest and the least group are above nought by chance alone; \
         the measures contradict each other where the outcome is not equally common."
            .to_owned(),
    );
    parts.join("\n\n")
}
