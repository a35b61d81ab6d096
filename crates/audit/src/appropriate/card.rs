//! A model card: what a generator is, what its table is for, and what it was judged by.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::evidence::Evidence;
use super::uses::{Judged, UseRow};
use super::{Recommendation, appropriate_use};

/// What the figures don't tell of a generator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardSubject {
    /// The generator, with what it was told to do.
    pub model: String,
    /// Version of the program that fitted it.
    pub version: String,
    /// What the real table is, and where it comes from.
    pub data: String,
    /// Columns of the table.
    pub columns: usize,
    /// Who or what one row is, and whose privacy the claim is about.
    pub unit: String,
}

/// One heading and what stands under it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardSection {
    /// The heading.
    pub heading: String,
    /// Its paragraphs.
    pub paragraphs: Vec<String>,
}

/// A model card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelCard {
    /// The sections in reading order.
    pub sections: Vec<CardSection>,
}

impl ModelCard {
    /// The card as Markdown.
    pub fn to_markdown(&self) -> String {
        let mut text = "# Model card\n".to_owned();
        for section in &self.sections {
            // Writing into a String can't fail.
            let _ = write!(text, "\n## {}\n", section.heading);
            for paragraph in &section.paragraphs {
                let _ = write!(text, "\n{paragraph}\n");
            }
        }
        text
    }
}

/// Writes a model card from the evidence and the recommendation that follows from it.
///
/// # Source
/// Mitchell et al., Model cards for model reporting, FAccT 2019, section 4: its headings in its order.
pub fn model_card(subject: &CardSubject, evidence: &Evidence<'_>) -> ModelCard {
    let recommendation = appropriate_use(evidence);
    let section = |heading: &str, paragraphs: Vec<String>| CardSection {
        heading: heading.to_owned(),
        paragraphs: paragraphs.into_iter().filter(|paragraph| !paragraph.is_empty()).collect(),
    };
    let rows = match (evidence.fidelity, evidence.people) {
        (Some(report), _) => format!("{} real rows, {} columns.", report.rows.real, subject.columns),
        (None, 0) => format!("{} columns.", subject.columns),
        (None, people) => format!("{people} people, {} columns.", subject.columns),
    };
    ModelCard {
        sections: vec![
            section(
                "Model details",
                vec![format!("{}, fitted by Twinloom {}.", subject.model, subject.version)],
            ),
            section("Intended use", used(&recommendation, Judged::Supported, "No use is supported.")),
            section(
                "Out of scope",
                [
                    used(&recommendation, Judged::Unsupported, ""),
                    used(&recommendation, Judged::Unknown, ""),
                    vec!["Care of any patient: synthetic rows are nobody.".to_owned()],
                ]
                .concat(),
            ),
            section("Factors", factors(evidence)),
            section("Metrics", vec![METRICS.to_owned()]),
            section("Training data", vec![subject.data.clone(), rows, subject.unit.clone()]),
            section("Evaluation data", evaluation_data(evidence)),
            section("Quantitative analyses", quantitative(evidence)),
            section("Ethical considerations", recommendation.paragraphs().into_iter().take(1).collect()),
            section("Caveats and recommendations", vec![CAVEATS.to_owned()]),
        ],
    }
}

const METRICS: &str = "Differences of columns, pairs and missing values from the real table; learners that tell rows \
                       apart; models trained on synthetic rows and judged on people held out; attacks with a verbatim \
                       copy, a leak of a tenth, and other people as controls. 95 % intervals.";

const CAVEATS: &str = "An attack that finds nobody proves no privacy, and a figure that is good says nothing of questions \
                       that were not asked. Rare groups are kept worst. Confirm on the real data whatever is to be \
                       published.";

fn used(recommendation: &Recommendation, judged: Judged, otherwise: &str) -> Vec<String> {
    let told = |row: &UseRow| {
        let reasons: Vec<&str> = row.reasons.iter().map(|reason| reason.says.as_str()).collect();
        format!("{}: {}. {}.", row.used_for, row.judged, reasons.join("; "))
    };
    let own: Vec<String> = recommendation.uses.iter().filter(|row| row.judged == judged).map(told).collect();
    if own.is_empty() { vec![otherwise.to_owned()] } else { own }
}

fn factors(evidence: &Evidence<'_>) -> Vec<String> {
    let groups = evidence.fidelity.map(|report| report.groups.as_slice()).unwrap_or_default();
    if groups.is_empty() {
        return vec!["No group of people was looked at on its own.".to_owned()];
    }
    let told = groups.iter().map(|row| {
        let shares =
            format!("{:.3} of real rows, {:.3} of synthetic ones", row.real_share, row.synthetic_share);
        match row.quality.and_then(|quality| quality.quality.value) {
            Some(quality) => format!("{} {}: {shares}; quality {quality:.3}.", row.column, row.category),
            None => format!("{} {}: {shares}; too few rows to judge.", row.column, row.category),
        }
    });
    told.collect()
}

fn evaluation_data(evidence: &Evidence<'_>) -> Vec<String> {
    match evidence.fidelity.map(|report| report.rows) {
        Some(rows) => vec![match rows.holdout {
            Some(holdout) => format!("{holdout} real people whom the generator never saw."),
            None => "No people held out: what chance alone leaves is not known.".to_owned(),
        }],
        None => vec!["The table was not held against the real one.".to_owned()],
    }
}

fn quantitative(evidence: &Evidence<'_>) -> Vec<String> {
    let Some(report) = evidence.fidelity else { return vec!["None.".to_owned()] };
    let sentence =
        |own: crate::synthetic::Sentence| format!("{}: {}. Blind to {}.", own.figure, own.says, own.blind_to);
    report.summary().into_iter().map(sentence).collect()
}
