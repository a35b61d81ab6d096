//! A benchmark's tables and calibration plots.

use twinloom_audit::Estimate as Judged;
use twinloom_report::{
    Calibration, CalibrationBin, CalibrationModel, Estimate, ModelKind, ModelResult, Results, Section,
};

use crate::evaluation::{BenchmarkDocument, Panel, Role, Row};

/// A table per panel, then calibration on the last panel, the one that has every model.
pub(super) fn sections(document: &BenchmarkDocument) -> Vec<Section> {
    let mut sections: Vec<Section> = document
        .panels
        .iter()
        .map(|panel| {
            Section::new(table(document, panel))
                .heading(format!("Models compared: {}", lower_first(&panel.population)))
                .introduction(format!("{}. {}.", document.description, super::upper_first(&document.design)))
        })
        .collect();
    if let Some(panel) = document.panels.last() {
        let models = panel.rows.iter().map(calibration).collect();
        sections.push(Section::new(Calibration { outcome: outcome(&document.task), models }));
    }
    sections
}

/// What a task predicts, as part of a sentence.
pub(super) fn outcome(task: &str) -> String {
    match task {
        "in-hospital-mortality" => "death in hospital".to_owned(),
        "new-long-term-condition" => "a new long-term condition within 5 years".to_owned(),
        "emergency-admission-12-months" => "an emergency admission within 12 months".to_owned(),
        "mortality-5-years" => "death within 5 years".to_owned(),
        other => other.replace('-', " "),
    }
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn table(document: &BenchmarkDocument, panel: &Panel) -> Results {
    Results {
        outcome: outcome(&document.task),
        prediction_time: "from what was known at the prediction time".to_owned(),
        population: lower_first(&panel.population),
        interval_method: format!("{} bootstrap samples of patients", document.replicates),
        rows: panel.rows.iter().map(result).collect(),
    }
}

fn result(row: &Row) -> ModelResult {
    let judged = &row.evaluation;
    ModelResult {
        name: row.name.clone(),
        kind: match row.role {
            Role::Baseline => ModelKind::Baseline,
            Role::Model => ModelKind::Model,
            Role::Control => ModelKind::Control,
            Role::Comparator => ModelKind::Comparator,
        },
        auroc: estimate(&judged.auroc),
        auprc: estimate(&judged.auprc),
        brier: estimate(&judged.brier),
        calibration_slope: estimate(&judged.calibration_slope),
        n: judged.instances as u64,
        events: judged.positives as u64,
        note: row.description.clone(),
    }
}

pub(super) fn estimate(judged: &Judged) -> Option<Estimate> {
    let value = judged.value?;
    Some(Estimate::new(value, judged.lower.unwrap_or(value), judged.upper.unwrap_or(value)))
}

fn calibration(row: &Row) -> CalibrationModel {
    let bins = row
        .evaluation
        .calibration
        .iter()
        .map(|bin| CalibrationBin {
            predicted: bin.predicted,
            observed: Estimate::new(bin.observed, bin.lower, bin.upper),
            n: bin.instances as u64,
            events: bin.positives as u64,
        })
        .collect();
    CalibrationModel { name: row.name.clone(), bins, histogram: row.histogram.clone() }
}
