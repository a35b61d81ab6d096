//! What `learn explain` finds, for machines and for the report.

use serde::Serialize;
use twinloom_learn::explain::{
    Counterfactual, Counterfactuals, EdgeExplanation, Evidence, Explanation, Mean, Points, Quality, Share,
};

use super::truth::TruthDocument;
use crate::compose::Words;

/// What an explanation is, and is not.
pub(super) const STATEMENT: &str = "An explanation says what the model goes by, not what causes the outcome: taking \
                                    out of the record is not treating. Nothing here is for patient care.";

/// People of whom a second opinion is asked; each asks the model some fifty thousand times.
pub(super) const SECOND_OPINIONS: usize = 20;

/// Parts of a record named in each list.
const NAMED: usize = 8;

/// Explanations of one model on one task.
#[derive(Debug, Serialize)]
pub(crate) struct ExplanationDocument {
    pub(crate) task: String,
    pub(crate) description: String,
    pub(crate) outcome: String,
    pub(crate) model: String,
    pub(crate) slug: String,
    /// How predictions are taken apart.
    pub(crate) method: String,
    pub(crate) share_in_training: f64,
    /// Predictions on subjects that the model never saw.
    pub(crate) held_out: usize,
    pub(crate) statement: String,
    pub(crate) people: Vec<PersonExplained>,
    pub(crate) quality: Quality,
    pub(crate) second_opinion: Option<Agreement>,
    pub(crate) truth: Option<TruthDocument>,
}

/// One prediction with its reasons.
#[derive(Debug, Serialize)]
pub(crate) struct PersonExplained {
    pub(crate) subject_id: i64,
    pub(crate) prediction_time: String,
    pub(crate) probability: f64,
    /// What is predicted knowing nothing, as log odds; with the weights and the remainder it adds up to the prediction.
    pub(crate) expected_log_odds: f64,
    pub(crate) remainder: f64,
    pub(crate) happened: bool,
    pub(crate) reasons: Vec<Reason>,
    /// Deletions that lower the prediction most, each longer by one; then the one that raises it most.
    pub(crate) counterfactuals: Vec<Deleted>,
    /// GNNExplainer's edges.
    pub(crate) needed_edges: Option<Part>,
    /// Attention rolled out.
    pub(crate) attended: Option<Part>,
    /// KernelSHAP: parts of the probability.
    pub(crate) points: Option<Vec<NamedPoint>>,
}

/// One reason.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Reason {
    pub(crate) what: String,
    pub(crate) name: String,
    /// Added to the log odds.
    pub(crate) weight: f64,
    /// Entries of the record that hold it.
    pub(crate) entries: usize,
    /// The last of them, in words.
    pub(crate) last: Option<String>,
    pub(crate) sentence: String,
}

/// What a deletion does, exactly.
#[derive(Debug, Serialize)]
pub(crate) struct Deleted {
    pub(crate) codes: Vec<String>,
    pub(crate) before: f64,
    pub(crate) after: f64,
    pub(crate) sentence: String,
}

/// Parts of the record with their shares.
#[derive(Debug, Serialize)]
pub(crate) struct Part {
    /// The prediction by these shares alone, where the method says.
    pub(crate) in_part: Option<f64>,
    pub(crate) shares: Vec<NamedShare>,
}

/// One part.
#[derive(Debug, Serialize)]
pub(crate) struct NamedShare {
    pub(crate) what: String,
    pub(crate) share: f64,
    pub(crate) sentence: String,
}

/// A reason's part of the probability.
#[derive(Debug, Serialize)]
pub(crate) struct NamedPoint {
    pub(crate) name: String,
    pub(crate) adds: f64,
}

/// Mean rank correlation over people.
#[derive(Debug, Serialize)]
pub(crate) struct Agreement(pub(crate) Mean);

impl Agreement {
    pub(super) fn of(found: &[f64]) -> Self {
        Self(Mean::of(found))
    }
}

impl PersonExplained {
    pub(super) fn new(found: &Explanation, tried: &Counterfactuals, words: &Words<'_>) -> Self {
        let raised = tried.single.last().filter(|tried| tried.after > tried.before);
        let at = found.prediction_time;
        Self {
            subject_id: found.subject_id.get(),
            prediction_time: format!("{:04}-{:02}-{:02}", at.year(), at.month(), at.day()),
            probability: found.probability,
            expected_log_odds: found.expected,
            remainder: found.remainder,
            happened: false,
            reasons: found.evidence.iter().map(|one| reason(one, words)).collect(),
            counterfactuals: tried.greedy.iter().chain(raised).map(|tried| deleted(tried, words)).collect(),
            needed_edges: None,
            attended: None,
            points: None,
        }
    }

    #[must_use]
    pub(super) fn what_happened(self, happened: bool) -> Self {
        Self { happened, ..self }
    }

    #[must_use]
    pub(super) fn beside(
        self,
        needed_edges: Option<Part>,
        attended: Option<Part>,
        points: Option<Vec<NamedPoint>>,
    ) -> Self {
        Self { needed_edges, attended, points, ..self }
    }
}

fn reason(one: &Evidence, words: &Words<'_>) -> Reason {
    let name = words.of_text(&one.what);
    Reason {
        what: one.what.to_string(),
        sentence: one.sentence(&name),
        name,
        weight: one.weight,
        entries: one.records.len(),
        last: one.records.last().map(ToString::to_string),
    }
}

fn deleted(tried: &Counterfactual, words: &Words<'_>) -> Deleted {
    let names = tried.codes.iter().map(|code| words.of_text(code).into()).collect();
    Deleted {
        codes: tried.codes.iter().map(ToString::to_string).collect(),
        before: tried.before,
        after: tried.after,
        sentence: Counterfactual { codes: names, ..tried.clone() }.to_string(),
    }
}

impl Part {
    pub(super) fn of_edges(found: &EdgeExplanation, words: &Words<'_>) -> Self {
        Self { in_part: Some(found.in_part), shares: named(&found.edges, words) }
    }

    pub(super) fn of_attention(found: &[Share], words: &Words<'_>) -> Self {
        Self { in_part: None, shares: named(found, words) }
    }
}

fn named(shares: &[Share], words: &Words<'_>) -> Vec<NamedShare> {
    let one = |share: &Share| NamedShare {
        what: share.what.to_string(),
        share: share.share,
        sentence: Share { what: words.of_text(&share.what).into(), ..share.clone() }.to_string(),
    };
    shares.iter().take(NAMED).map(one).collect()
}

pub(super) fn named_points(points: &Points, words: &Words<'_>) -> Vec<NamedPoint> {
    let reasons =
        points.reasons.iter().map(|(what, adds)| NamedPoint { name: words.of_text(what), adds: *adds });
    reasons.chain([NamedPoint { name: "All else".to_owned(), adds: points.rest }]).collect()
}

/// The same reasons by either method.
pub(super) fn beside(explanation: &Explanation, points: &Points) -> (Vec<Evidence>, Vec<Evidence>) {
    let own = explanation.evidence.iter().take(points.reasons.len()).cloned().collect();
    let other = points.reasons.iter();
    let other = other.map(|(what, adds)| Evidence { what: what.clone(), weight: *adds, records: Vec::new() });
    (own, other.collect())
}
