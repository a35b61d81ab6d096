//! The report of `learn explain`: why, person by person, and how far it can be believed.

use std::path::{Path, PathBuf};

use anyhow::Result;
use twinloom_event::Cohort;
use twinloom_learn::explain::percent;
use twinloom_report::{Cell, Methods, MethodsBlock, ReasonBar, ReasonBars, Report, Section, Table};
use twinloom_views::summary::volume;

use super::{methods, results};
use crate::command::learn::explain::{
    ExplanationDocument, PersonExplained, Reason, quality_rows, truth_in_words,
};
use crate::command::twin::setting;
use crate::manifest::Manifest;

/// Reasons drawn of each person.
const BARS: usize = 12;

/// Writes the report; gives its path.
pub(crate) fn write(folder: &Path, cohort: &Cohort, document: &ExplanationDocument) -> Result<PathBuf> {
    let manifest = Manifest::read(folder)?;
    let title = format!("Why {} predicts {}", document.model, results::outcome(&document.outcome));
    let mut report = Report::new(title, methods::study(&manifest, &volume(cohort)))
        .subtitle(document.description.clone())
        .section(Section::new(in_short(document)).heading("What an explanation is"));
    for person in &document.people {
        report = report.section(reasons(document, person)).section(beside(person));
    }
    let report = report.section(quality(document)).section(how(document));
    let path = folder.join(format!("reports/explanations-{}-{}.html", document.task, document.slug));
    setting::write_report(&report, &path)?;
    Ok(path)
}

fn in_short(document: &ExplanationDocument) -> Methods {
    let mut blocks = vec![MethodsBlock::new("What it says, and what not", document.statement.clone())];
    if let Some(truth) = &document.truth {
        blocks.push(MethodsBlock::new("Against the truth", truth_in_words(truth)));
    }
    Methods { blocks, ..Methods::default() }
}

fn heading(person: &PersonExplained) -> String {
    let probability = percent(person.probability);
    format!("Subject {} as of {}: {probability}", person.subject_id, person.prediction_time)
}

fn reasons(document: &ExplanationDocument, person: &PersonExplained) -> Section {
    let happened =
        if person.happened { "The outcome came about." } else { "The outcome did not come about." };
    let bar = |reason: &Reason| ReasonBar {
        label: reason.name.clone(),
        weight: reason.weight,
        place: match (&reason.last, reason.entries) {
            (None, _) => "no entry of the record".to_owned(),
            (Some(last), 1) => last.clone(),
            (Some(last), entries) => format!("{entries} times, last {last}"),
        },
    };
    let bars = ReasonBars {
        caption: format!(
            "Reasons of {} for one prediction, by {}. {happened}",
            document.model, document.method
        ),
        reading: format!(
            "A bar to the right raises the prediction, one to the left lowers it; \u{201c}×2\u{201d} doubles the odds, \
             \u{201c}÷2\u{201d} halves them. All reasons together, from what the model says knowing nothing ({}), make \
             the prediction. Reasons without an entry are things that the record does not hold, or quantities such \
             as age.",
            percent(1.0 / (1.0 + (-person.expected_log_odds).exp()))
        ),
        rows: person.reasons.iter().take(BARS).map(bar).collect(),
        left_out: person.reasons.len().saturating_sub(BARS) as u64,
    };
    Section::new(bars).heading(heading(person))
}

/// What else is known of the person's prediction: deletions, edges, attention, points.
fn beside(person: &PersonExplained) -> Section {
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let mut add = |what: &str, line: String| rows.push(vec![what.into(), line.into()]);
    for one in &person.counterfactuals {
        add("Without some entries (exact)", one.sentence.clone());
    }
    for one in person.needed_edges.iter().flat_map(|part| &part.shares) {
        add("Edge that the prediction needs (GNNExplainer)", one.sentence.clone());
    }
    for one in person.attended.iter().flat_map(|part| &part.shares) {
        add("Where attention rests", one.sentence.clone());
    }
    for one in person.points.iter().flatten() {
        add("Points of probability (KernelSHAP)", format!("{}: {:+.1}", one.name, 100.0 * one.adds));
    }
    let table = Table {
        caption: format!("What else moves the prediction of subject {}", person.subject_id),
        columns: vec!["Asked how".to_owned(), "Answer".to_owned()],
        rows,
    };
    Section::new(table).heading(format!("What if: subject {}", person.subject_id))
}

fn quality(document: &ExplanationDocument) -> Section {
    let judged = document.quality.fidelity.plus.people;
    let table = Table {
        caption: format!("Over {judged} held-out predictions drawn at random; means with 95 % intervals"),
        columns: ["Measure", "Mean (95 % interval)", "What it says"].map(str::to_owned).to_vec(),
        rows: quality_rows(document).into_iter().map(|row| row.map(Cell::Text).to_vec()).collect(),
    };
    Section::new(table).heading("How far such explanations can be believed").introduction(
        "Fidelity is in probability: how much of what was predicted is lost when entries are taken out. An explanation \
         worth having loses more than entries at random do, is much the same when the model is trained again, and is \
         not the same when what the model learned is shuffled.",
    )
}

fn how(document: &ExplanationDocument) -> Methods {
    let block = |heading: &str, text: String| MethodsBlock::new(heading, text);
    Methods {
        blocks: vec![
            block(
                "How predictions are taken apart",
                format!(
                    "{}: {}. Parts add up to the log odds predicted; those of one code are taken together and named with \
                     the entries of the record that hold it.",
                    document.model, document.method
                ),
            ),
            block(
                "What if",
                "The record is written anew without the codes, read by the same vocabularies and scales, and predicted by \
                 the same model: singly, in pairs, and by adding the code that lowers the prediction most."
                    .to_owned(),
            ),
            block(
                "Judging",
                "Fidelity: Yuan et al., IEEE TPAMI 2023. Stability: the same model from another seed. Sanity: what the \
                 model learned shuffled, or fitted on labels dealt anew (Adebayo et al., NeurIPS 2018). Edges: Ying et al., \
                 NeurIPS 2019. Intervals are 1.96 standard errors over people."
                    .to_owned(),
            ),
        ],
        limits: vec![
            document.statement.clone(),
            "One fit of one model: another as good may go by other entries.".to_owned(),
            "Reasons that go together (an illness and its drug) share what either says; taking out one may do little."
                .to_owned(),
            "Research output. Not for patient care.".to_owned(),
        ],
        manifest: Vec::new(),
    }
}
