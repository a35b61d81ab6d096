//! Figures in plain sentences.

use serde::{Deserialize, Serialize};

use super::published::PublishedFigures;
use super::report::{Beside, SyntheticReport};
use super::univariate::ColumnFigures;
use crate::estimate::Estimate;

/// One figure in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sentence {
    /// Its name.
    pub figure: String,
    /// What it says.
    pub says: String,
    /// What it can't see.
    pub blind_to: std::borrow::Cow<'static, str>,
}

pub(crate) fn sentences(report: &SyntheticReport) -> Vec<Sentence> {
    let mut all = Vec::new();
    let mut add = |figure: &str, says: String, blind_to: &'static str| {
        all.push(Sentence { figure: figure.to_owned(), says, blind_to: blind_to.into() });
    };
    if let Some(says) = worst_column(&report.columns) {
        add("single columns", says, "how columns go together");
    }
    let both = |figure: &Beside<Estimate>| {
        let holdout = figure.holdout.map(|own| format!("; held-out people {}", told(own)));
        format!("{}{}", told(figure.synthetic), holdout.unwrap_or_default())
    };
    add(
        "correlations",
        format!(
            "correlations of two numbers differ from the real ones by {} on average (Pearson)",
            both(&report.pairs.map(|own| own.pearson))
        ),
        "what is not a straight line, and what takes three columns to see",
    );
    add(
        "associations",
        format!(
            "Cramer's V of pairs with categories differs by {} on average, mutual information by {} nats",
            both(&report.pairs.map(|own| own.cramers_v)),
            both(&report.pairs.map(|own| own.mutual_information))
        ),
        "what takes three columns to see, and numbers within a tenth of their range",
    );
    add(
        "quality (SDMetrics)",
        format!("the quality score is {}, 1 being best", both(&report.quality.map(|own| own.quality))),
        "three columns together; moved ranges (each table is binned by its own); weakly associated pairs",
    );
    for (at, learner) in report.detection.synthetic.iter().enumerate() {
        let figure = Beside {
            synthetic: learner.auroc,
            holdout: report.detection.holdout.as_ref().and_then(|own| own.get(at)).map(|own| own.auroc),
        };
        add(
            "telling apart",
            format!(
                "{} tells synthetic rows from real ones with an area under the curve of {}, 0.5 being not at all",
                learner.learner,
                both(&figure)
            ),
            "what the learner can't learn; logistic regression does not see joint structure",
        );
    }
    add(
        "discrepancy",
        format!("the squared maximum mean discrepancy is {}, nought being alike", both(&report.discrepancy)),
        "differences in few of many columns",
    );
    add(
        "rows among real ones",
        format!(
            "real rows reach {} of synthetic rows (precision), which cover {} of real ones (coverage)",
            both(&report.support.map(|own| own.precision)),
            both(&report.support.map(|own| own.coverage))
        ),
        "copies, which score best; many columns make all rows lie equally far off",
    );
    add(
        "own rows",
        format!(
            "{} of synthetic rows lie further from the nearest real row than that from its own nearest",
            both(&report.support.map(|own| own.authenticity))
        ),
        "copies moved by a little: this is no measure of privacy",
    );
    for row in &report.transfer {
        add(
            "training on synthetic",
            format!(
                "{} of `{}` on held-out people: area {} trained on synthetic, {} on real; the cost is {}",
                row.learner,
                row.target,
                told(row.synthetic),
                told(row.real),
                told(row.cost)
            ),
            "every other question that may be asked of the table",
        );
    }
    if let Some(survival) = &report.survival {
        let mean = survival.map(|own| own.mean_difference);
        let area = survival.map(|own| own.restricted_mean_difference);
        add(
            "survival",
            format!(
                "survival curves differ by {} on average, and mean time without the event by {}",
                both(&mean),
                both(&area)
            ),
            "what survival depends on",
        );
    }
    for row in &report.adherence {
        add(
            "constraints",
            format!(
                "`{}` holds in {} of synthetic rows, {} of real ones",
                row.constraint,
                told(row.other),
                told(row.real)
            ),
            "everything that nobody wrote down",
        );
    }
    if report.absence.synthetic.columns > 0 {
        add(
            "missing values",
            format!(
                "shares missing differ by {} on average, how gaps go together by {}, and what they go with by {}",
                both(&report.absence.map(|own| own.share)),
                both(&report.absence.map(|own| own.together)),
                both(&report.absence.map(|own| own.by_value))
            ),
            "gaps that depend on the value that is missing",
        );
    }
    let named = report.published.map(PublishedFigures::named);
    for (at, (name, figure, blind_to)) in named.synthetic.into_iter().enumerate() {
        let figure = Beside { synthetic: figure, holdout: named.holdout.map(|own| own[at].1) };
        add(name, format!("{name} is {}", both(&figure)), blind_to);
    }
    for row in &report.groups {
        let says = match row.quality {
            Some(quality) => {
                format!("quality where {} is {}: {}", row.column, row.category, told(quality.quality))
            }
            None => format!("too few rows where {} is {}", row.column, row.category),
        };
        add("within groups", says, "groups within groups");
    }
    all
}

fn worst_column(columns: &Beside<Vec<ColumnFigures>>) -> Option<String> {
    let value = |column: &ColumnFigures| column.total_variation.value.unwrap_or(0.0);
    let own = &columns.synthetic;
    let worst = own.iter().max_by(|left, right| value(left).total_cmp(&value(right)))?;
    let mean = |own: &[ColumnFigures]| own.iter().map(value).sum::<f64>() / own.len() as f64;
    let holdout = columns.holdout.as_ref().map(|own| format!("; held-out people {:.3}", mean(own)));
    Some(format!(
        "columns differ in {:.3} of their distribution on average{}; `{}` differs most, in {}",
        mean(own),
        holdout.unwrap_or_default(),
        worst.column,
        told(worst.total_variation)
    ))
}

/// A value with its interval, or why there is none.
fn told(figure: Estimate) -> String {
    match (figure.value, figure.lower.zip(figure.upper), figure.undefined) {
        (Some(value), Some((lower, upper)), _) => {
            format!("{} ({} to {})", short(value), short(lower), short(upper))
        }
        (Some(value), None, _) => short(value),
        (None, _, Some(why)) => format!("not defined ({why})"),
        (None, _, None) => "not defined".to_owned(),
    }
}

fn short(value: f64) -> String {
    if value.abs() >= 100.0 { format!("{value:.1}") } else { format!("{value:.3}") }
}
