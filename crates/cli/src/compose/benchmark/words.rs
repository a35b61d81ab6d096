//! The findings in sentences that a clinician can follow.

use twinloom_audit::Estimate;

use crate::evaluation::{AGAINST_TABLES, BenchmarkDocument, Contrast, Role, Row};
use crate::output::grouped;

/// Which model ranks best, and how much of a lead that is.
pub(super) fn best(document: &BenchmarkDocument) -> Vec<String> {
    let Some(panel) = document.panels.first() else { return Vec::new() };
    let mut said = vec![format!(
        "{} predictions of {} patients were judged; the outcome followed {} of them ({:.1} %).",
        grouped(document.instances),
        grouped(document.subjects),
        grouped(document.positives),
        100.0 * document.positives as f64 / document.instances.max(1) as f64
    )];
    for (role, noun) in [(Role::Baseline, "on tables"), (Role::Model, "that are networks")] {
        let rows = panel.rows.iter().filter(|row| row.role == role);
        if let Some(row) = rows.max_by(|one, other| area(one).total_cmp(&area(other))) {
            said.push(format!(
                "Of the models {noun}, {} ranks best: AUROC {}. Of a patient with the outcome and one without, it gives \
                 the first the higher risk {} times in 100.",
                row.name,
                with_interval(&row.evaluation.auroc, 3),
                (100.0 * area(row)).round()
            ));
        }
    }
    let all = against_tables(document).count();
    if all > 0 {
        let (better, worse): (Vec<&Contrast>, Vec<&Contrast>) =
            against_tables(document).filter(|one| is_settled(one)).partition(|one| difference(one) > 0.0);
        said.push(format!(
            "Beside boosted trees on tables, {} of {all} networks rank better{} and {} worse{}, after allowing for so \
             many comparisons; the others can't be told apart from them on these patients.",
            better.len(),
            listed(&better),
            worse.len(),
            listed(&worse)
        ));
    }
    said
}

/// What each planned comparison of a graph with less of a graph says.
pub(super) fn graph(document: &BenchmarkDocument) -> Vec<String> {
    let own = document.contrasts.iter().filter(|contrast| contrast.question != AGAINST_TABLES);
    let said: Vec<String> = own.map(sentence).collect();
    if said.is_empty() {
        vec!["No model was fitted both with and without its graph.".to_owned()]
    } else {
        said
    }
}

/// Controls, calibration and leaks.
pub(super) fn trust(document: &BenchmarkDocument) -> Vec<String> {
    let chance = |row: &crate::evaluation::ChanceRow| {
        let verdict = match row.chance.at_chance {
            Some(true) => "as chance would: the comparison invents nothing",
            Some(false) => {
                "off chance, as one sound comparison in a hundred is: run it again with another seed before trusting any figure"
            }
            None => "without an interval, so that nothing follows",
        };
        format!(
            "{}: models that were taught {} random dealings of the outcome score AUROC {} on average, {verdict}.",
            row.name,
            row.chance.permutations,
            with_interval(&row.chance.auroc, 3).replace("95 %", "99 %")
        )
    };
    let mut said: Vec<String> = document.chance.iter().map(chance).collect();
    if let Some(leakage) = &document.leakage {
        said.push(if leakage.warnings.is_empty() {
            "A search for columns that tell the outcome as they should not (noted after it, dated back, or by having \
             been measured at all) raised no warning."
                .to_owned()
        } else {
            format!(
                "A search for columns that tell the outcome as they should not raised {}; see below.",
                super::counted(leakage.warnings.len(), "warning")
            )
        });
    }
    let rows = document.panels.iter().take(1).flat_map(|panel| &panel.rows);
    let index = |row: &Row| row.evaluation.calibration_index.value.unwrap_or(1.0);
    let nearest =
        rows.filter(|row| row.role != Role::Control).min_by(|one, other| index(one).total_cmp(&index(other)));
    if let Some(row) = nearest {
        said.push(format!(
            "The risks that lie nearest to what happened are those of {}: on average {} percentage points off.",
            row.name,
            with_interval(&in_points(&row.evaluation.calibration_index), 1)
        ));
    }
    said
}

fn sentence(contrast: &Contrast) -> String {
    let verdict = if !is_settled(contrast) {
        "nothing that can be told from chance"
    } else if difference(contrast) > 0.0 {
        "a gain that chance does not explain"
    } else {
        "a loss that chance does not explain"
    };
    let p = contrast.adjusted_p.map_or_else(String::new, |p| format!(", adjusted p {}", p_in_words(p)));
    format!(
        "{} ({} against {}): {verdict}. Difference of AUROC {}{p}.",
        contrast.question,
        contrast.model,
        contrast.reference,
        with_interval(&contrast.comparison.auroc, 3)
    )
}

/// Whether a difference stands after adjustment.
pub(super) fn is_settled(contrast: &Contrast) -> bool {
    contrast.adjusted_p.is_some_and(|p| p < 0.05)
}

fn against_tables(document: &BenchmarkDocument) -> impl Iterator<Item = &Contrast> {
    document.contrasts.iter().filter(|contrast| contrast.question == AGAINST_TABLES)
}

fn area(row: &Row) -> f64 {
    row.evaluation.auroc.value.unwrap_or(0.0)
}

fn difference(contrast: &Contrast) -> f64 {
    contrast.comparison.auroc.value.unwrap_or(0.0)
}

fn listed(contrasts: &[&Contrast]) -> String {
    let names: Vec<&str> = contrasts.iter().map(|contrast| contrast.model.as_str()).collect();
    if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) }
}

/// A share in percentage points.
fn in_points(share: &Estimate) -> Estimate {
    let points = |value: Option<f64>| value.map(|value| 100.0 * value);
    Estimate {
        value: points(share.value),
        lower: points(share.lower),
        upper: points(share.upper),
        undefined: share.undefined,
    }
}

pub(super) fn p_in_words(p: f64) -> String {
    if p < 0.001 { "below 0.001".to_owned() } else { format!("{p:.3}") }
}

/// `0.812 (95 % interval 0.780 to 0.843)`, or why there is no number.
fn with_interval(estimate: &Estimate, decimals: usize) -> String {
    match (estimate.value, estimate.lower, estimate.upper) {
        (Some(value), Some(lower), Some(upper)) => {
            format!("{value:.decimals$} (95 % interval {lower:.decimals$} to {upper:.decimals$})")
        }
        (Some(value), ..) => format!("{value:.decimals$} (no interval)"),
        (None, ..) => estimate.undefined.map_or_else(String::new, |reason| format!("none: {reason}")),
    }
}
