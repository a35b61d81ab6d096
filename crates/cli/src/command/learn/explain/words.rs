//! Explanations in plain English.

use std::fmt::Write as _;

use twinloom_learn::explain::{Mean, Method, percent};

use super::document::{ExplanationDocument, Part, PersonExplained};
use super::truth::TruthDocument;
use crate::output::{grouped, table};

/// Reasons printed of each person.
const REASONS: usize = 8;

/// How a prediction was taken apart.
pub(super) fn method(method: Method) -> &'static str {
    match method {
        Method::LinearShapley => "Shapley values of a linear model, exact",
        Method::TreeShapley => "Shapley values of trees (TreeSHAP), exact",
        Method::IntegratedGradients => "integrated gradients from an empty record",
    }
}

/// The whole document.
pub(super) fn describe(document: &ExplanationDocument) -> String {
    let mut text = format!(
        "{}\n{}, taken apart by {}. {} held-out predictions; {} of the training predictions had the outcome.\n",
        document.description,
        document.model,
        document.method,
        grouped(document.held_out as u64),
        percent(document.share_in_training),
    );
    for person in &document.people {
        add_person(&mut text, person);
    }
    let mut rows = vec![
        ["How good such explanations are", "mean (95 % interval)", "what it says"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(quality_rows(document).into_iter().map(|row| row.to_vec()));
    // Writing into a String can't fail.
    let _ = write!(text, "\n{}\n", table(&rows));
    if let Some(truth) = &document.truth {
        let _ = write!(text, "\n{}\n", truth_in_words(truth));
    }
    let _ = write!(text, "\n{}", document.statement);
    text
}

fn add_person(text: &mut String, person: &PersonExplained) {
    let happened = if person.happened { "it came about" } else { "it did not come about" };
    // Writing into a String can't fail.
    let _ = writeln!(
        text,
        "\nSubject {} as of {}: {}, and {happened}",
        person.subject_id,
        person.prediction_time,
        percent(person.probability)
    );
    let mut add = |heading: &str, lines: &mut dyn Iterator<Item = &str>| {
        let mut lines = lines.peekable();
        if lines.peek().is_some() {
            let _ = writeln!(text, "  {heading}");
        }
        for line in lines {
            let _ = writeln!(text, "    {line}");
        }
    };
    add("Because", &mut person.reasons.iter().take(REASONS).map(|one| one.sentence.as_str()));
    add("The prediction", &mut person.counterfactuals.iter().map(|one| one.sentence.as_str()));
    let shares = |part: &Part| part.shares.iter().map(|one| one.sentence.clone()).collect::<Vec<_>>();
    if let Some(edges) = &person.needed_edges {
        let heading = format!(
            "Edges of the graph that it needs (GNNExplainer); with all at their share {}",
            percent(edges.in_part.unwrap_or(person.probability))
        );
        add(&heading, &mut shares(edges).iter().map(String::as_str));
    }
    if let Some(attended) = &person.attended {
        add(
            "Where its attention rests (rolled out over the blocks)",
            &mut shares(attended).iter().map(String::as_str),
        );
    }
    if let Some(points) = &person.points {
        let line = |adds: f64, name: &str| format!("{:+.1} points: {name}", 100.0 * adds);
        let lines: Vec<String> = points.iter().map(|point| line(point.adds, &point.name)).collect();
        add("In points of probability (KernelSHAP)", &mut lines.iter().map(String::as_str));
    }
}

/// What explanations are worth: a name, a mean with its interval, and what it says.
pub(crate) fn quality_rows(document: &ExplanationDocument) -> Vec<[String; 3]> {
    let quality = &document.quality;
    let codes = quality.fidelity.codes;
    let row = |name: String, mean: &Mean, says: &str| [name, in_words(mean), says.to_owned()];
    let mut rows = vec![
        row(
            format!("Fidelity+: lost without the {codes} codes named"),
            &quality.fidelity.plus,
            "greater is better; must exceed the next row",
        ),
        row(
            format!("Lost without {codes} codes at random"),
            &quality.fidelity.random,
            "what any deletion costs",
        ),
        row(
            format!("Fidelity-: lost without all but the {codes} codes"),
            &quality.fidelity.minus,
            "nearer 0: the codes named are enough",
        ),
        row(
            "Stability: agreement with another seed".to_owned(),
            &quality.reseeded,
            "rank correlation; 1 is the same order of reasons",
        ),
        row(
            "Agreement with the model made meaningless".to_owned(),
            &quality.randomised,
            "must be lower: else it says nothing of the model",
        ),
    ];
    if let Some(second) = &document.second_opinion {
        rows.push(row(
            "Agreement with KernelSHAP".to_owned(),
            &second.0,
            "rank correlation over the first reasons; KernelSHAP knows nothing of the model's form",
        ));
    }
    if let Some(truth) = &document.truth {
        rows.push(row(
            "True causes among the first reasons".to_owned(),
            &truth.found,
            "share, of people with true causes on record",
        ));
        rows.push(row("The same in any order".to_owned(), &truth.by_chance, "what chance alone finds"));
    }
    rows
}

/// What the twin's truth says of the explanations.
pub(crate) fn truth_in_words(truth: &TruthDocument) -> String {
    let named: Vec<String> = truth
        .causes
        .iter()
        .filter(|cause| cause.people > 0)
        .take(REASONS)
        .map(|cause| {
            let people = if cause.people == 1 { "person" } else { "people" };
            format!("{} (×{:.2}, {} {people})", cause.name, cause.ratio, cause.people)
        })
        .collect();
    let mut text = format!(
        "The twin's truth: of the people judged {} truly have something that raises the outcome's rate; of it {} stands \
         in their record. Strongest: {}.",
        truth.with_cause,
        percent(truth.on_record.value),
        if named.is_empty() { "none".to_owned() } else { named.join("; ") }
    );
    if let Some(planted) = &truth.planted {
        // Writing into a String can't fail.
        let _ = write!(
            text,
            " Of {} held-out outcomes {} were brought by the planted effect, somebody else's smoking at home, which no \
             reason from the person's own record can name: {} was predicted of them, {} of the others.",
            planted.outcomes,
            planted.brought,
            percent(planted.predicted.value),
            percent(planted.others.value)
        );
    }
    text
}

/// `0.123 (0.100 to 0.146)`.
fn in_words(mean: &Mean) -> String {
    match mean.people {
        0 => "nobody to judge by".to_owned(),
        1 => format!("{:.3} (one person)", mean.value),
        _ => format!("{:.3} ({:.3} to {:.3})", mean.value, mean.low, mean.high),
    }
}
