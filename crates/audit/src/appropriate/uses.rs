//! What a synthetic table may be used for.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::audience::Audience;
use super::evidence::{Evidence, Link, Reason, Weighs};
use crate::estimate::Estimate;
use crate::synthetic::{Beside, SyntheticReport};

/// What people want of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Use {
    /// Seeing whether a program runs on such data.
    TestingSoftware,
    /// Writing an analysis that will run on the real data.
    DevelopingCode,
    /// Exercises and demonstrations.
    Teaching,
    /// Looking for what may be worth asking of the real data.
    Exploring,
    /// Training models that real people will meet.
    TrainingModels,
    /// Reporting estimates as if they were of real people.
    PublishingEstimates,
}

impl fmt::Display for Use {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::TestingSoftware => "Testing software",
            Self::DevelopingCode => "Developing code for the real data",
            Self::Teaching => "Teaching",
            Self::Exploring => "Exploring",
            Self::TrainingModels => "Training models",
            Self::PublishingEstimates => "Publishing estimates",
        })
    }
}

/// Whether a use is supported by evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judged {
    /// Every figure asked for is there, and good.
    Supported,
    /// A figure speaks against it.
    Unsupported,
    /// A figure asked for is missing, and none speaks against it.
    Unknown,
}

impl fmt::Display for Judged {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Supported => "supported",
            Self::Unsupported => "not supported",
            Self::Unknown => "not known",
        })
    }
}

/// One use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UseRow {
    /// Which.
    pub used_for: Use,
    /// Whether evidence supports it.
    pub judged: Judged,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// Greatest loss of area under the curve, for sure, that a model trained on synthetic rows may have.
const COST: f64 = 0.05;
/// Least share of the real values that columns cover, on average.
const COVERAGE: f64 = 0.9;
/// How much rarer a constraint may hold than in real rows.
const ADHERENCE: f64 = 0.01;
/// Greatest difference of missing shares, on average.
const MISSING: f64 = 0.1;
/// Greatest difference of columns and correlations for teaching, and for exploring.
const TEACHING: f64 = 0.15;
const EXPLORING: f64 = 0.10;

pub(super) fn uses(evidence: &Evidence<'_>, audience: Audience) -> Vec<UseRow> {
    let row = |used_for: Use, mut reasons: Vec<Reason>| {
        if audience == Audience::Nobody {
            let says = "the claim is refuted, and nothing of this mechanism may be used";
            reasons = vec![Reason::new(Weighs::Against, says, Link::attacked("verdict"))];
        }
        let any = |weighs| reasons.iter().any(|reason| reason.weighs == weighs);
        let judged = if any(Weighs::Against) {
            Judged::Unsupported
        } else if any(Weighs::Missing) || reasons.is_empty() {
            Judged::Unknown
        } else {
            Judged::Supported
        };
        UseRow { used_for, judged, reasons }
    };
    let publishing = || {
        let says = "one synthetic table does not show how far an estimate would move with another; intervals computed \
                    as if rows were people are too narrow. Confirm on the real data";
        Reason::new(Weighs::Against, says, Link::evaluated("transfer"))
    };
    let Some(report) = evidence.fidelity else {
        let missing = || {
            let says = "the table was not held against the real one";
            vec![Reason::new(Weighs::Missing, says, Link::evaluated("quality"))]
        };
        let asked =
            [Use::TestingSoftware, Use::DevelopingCode, Use::Teaching, Use::Exploring, Use::TrainingModels];
        let mut rows: Vec<UseRow> = asked.into_iter().map(|used_for| row(used_for, missing())).collect();
        rows.push(row(Use::PublishingEstimates, vec![publishing()]));
        return rows;
    };
    let software = vec![constraints(report), coverage(report)];
    let mut code = software.clone();
    code.push(beyond(
        "missing shares differ",
        &report.absence.map(|own| own.share),
        MISSING,
        Link::evaluated("absence.synthetic.share"),
        report.absence.synthetic.columns == 0,
    ));
    vec![
        row(Use::TestingSoftware, software),
        row(Use::DevelopingCode, code),
        row(Use::Teaching, shapes(report, TEACHING)),
        row(Use::Exploring, shapes(report, EXPLORING)),
        row(Use::TrainingModels, training(report)),
        row(Use::PublishingEstimates, vec![publishing()]),
    ]
}

fn constraints(report: &SyntheticReport) -> Reason {
    let link = Link::evaluated("adherence");
    let short = report.adherence.iter().find(|row| {
        let (real, other) = (row.real.value.unwrap_or(1.0), row.other.value.unwrap_or(0.0));
        other < real - ADHERENCE
    });
    match short {
        Some(row) => {
            let (other, real) = (row.other.value.unwrap_or(0.0), row.real.value.unwrap_or(1.0));
            let says = format!(
                "`{}` holds in {other:.3} of synthetic rows and {real:.3} of real ones",
                row.constraint
            );
            Reason::new(Weighs::Against, says, link)
        }
        None if report.adherence.is_empty() => {
            Reason::new(Weighs::For, "the schema states no constraint that rows could break", link)
        }
        None => Reason::new(Weighs::For, "the schema's constraints hold as often as in real rows", link),
    }
}

fn coverage(report: &SyntheticReport) -> Reason {
    let own: Vec<f64> = report.columns.synthetic.iter().filter_map(|column| column.coverage.value).collect();
    let link = Link::evaluated("columns.synthetic.coverage");
    if own.is_empty() {
        return Reason::new(Weighs::Missing, "no column has a coverage", link);
    }
    let mean = own.iter().sum::<f64>() / own.len() as f64;
    let says =
        format!("columns cover {mean:.3} of the real values or range on average, {COVERAGE} being asked");
    Reason::new(if mean >= COVERAGE { Weighs::For } else { Weighs::Against }, says, link)
}

/// A difference no greater than permitted beyond what people held out show.
fn beyond(says: &str, figure: &Beside<Estimate>, permitted: f64, link: Link, nothing_there: bool) -> Reason {
    let Some(value) = figure.synthetic.value else {
        let weighs = if nothing_there { Weighs::For } else { Weighs::Missing };
        return Reason::new(weighs, format!("there is nothing to say whether {says}"), link);
    };
    let chance = figure.holdout.and_then(|own| own.value);
    let excess = value - chance.unwrap_or(0.0);
    let told = match chance {
        Some(chance) => {
            format!("{says} by {value:.3}, people held out by {chance:.3}; {permitted} more is permitted")
        }
        None => format!("{says} by {value:.3}; {permitted} is permitted"),
    };
    Reason::new(if excess <= permitted { Weighs::For } else { Weighs::Against }, told, link)
}

fn shapes(report: &SyntheticReport, permitted: f64) -> Vec<Reason> {
    let mean = report.columns.map(|columns| {
        let own: Vec<f64> = columns.iter().filter_map(|column| column.total_variation.value).collect();
        let value = (!own.is_empty()).then(|| own.iter().sum::<f64>() / own.len() as f64);
        Estimate { value, ..Estimate::default() }
    });
    let mut reasons = vec![beyond(
        "columns differ",
        &mean,
        permitted,
        Link::evaluated("columns.synthetic.total_variation"),
        false,
    )];
    let pairs = [
        ("correlations of numbers differ", report.pairs.map(|own| own.pearson), "pairs.synthetic.pearson"),
        (
            "associations with words differ",
            report.pairs.map(|own| own.cramers_v),
            "pairs.synthetic.cramers_v",
        ),
        // Means over all pairs hide the few that go together at all; this figure is of those alone.
        (
            "pairs that go together differ",
            report.quality.map(|own| {
                let value = own.column_pair_trends.value.map(|trends| 1.0 - trends);
                Estimate { value, ..Estimate::default() }
            }),
            "quality.synthetic.column_pair_trends",
        ),
    ];
    for (says, figure, link) in pairs {
        // A table without two columns of numbers has no correlation to keep.
        reasons.push(beyond(says, &figure, permitted, Link::evaluated(link), true));
    }
    reasons
}

fn training(report: &SyntheticReport) -> Vec<Reason> {
    let link = || Link::evaluated("transfer");
    if report.transfer.is_empty() {
        return vec![Reason::new(Weighs::Missing, "no question was asked of models", link())];
    }
    let told = report.transfer.iter().map(|row| {
        let question = format!("{} asked whether {}", row.learner, row.target);
        match (row.cost.value, row.cost.upper.or(row.cost.value)) {
            (Some(cost), Some(upper)) => {
                let says = format!(
                    "{question} loses {cost:.3} of area under the curve, at most {upper:.3}; {COST} is permitted"
                );
                Reason::new(if upper <= COST { Weighs::For } else { Weighs::Against }, says, link())
            }
            _ => Reason::new(Weighs::Against, format!("{question} can't be trained"), link()),
        }
    });
    told.collect()
}
