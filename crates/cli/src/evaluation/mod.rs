//! A benchmark's stored results: which models were judged on whom, and how they did.

mod contrasts;
mod judge;
mod searches;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use twinloom_audit::{Chance, Comparison, Estimate, Evaluation, LeakageReport, Several, SubgroupRow};
use twinloom_learn::Benchmark;
use twinloom_views::Instance;

pub(crate) use contrasts::{AGAINST_TABLES, Contrast};
pub(crate) use judge::{Predicted, judge};

/// The results' file in `models/TASK`.
pub(crate) const FILE: &str = "evaluation.json";

/// Results of one task; nothing in it depends on the machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BenchmarkDocument {
    /// The task's name.
    pub(crate) task: String,
    /// What it predicts, in a sentence.
    pub(crate) description: String,
    /// Instances judged.
    pub(crate) instances: u64,
    /// Subjects they belong to.
    pub(crate) subjects: u64,
    /// Instances with the outcome.
    pub(crate) positives: u64,
    /// How unseen subjects were had.
    pub(crate) design: String,
    /// Bootstrap samples behind each interval.
    pub(crate) replicates: u32,
    /// How instances were found, and what was left out by reason.
    pub(crate) report: serde_json::Value,
    /// Models side by side, on all instances first.
    pub(crate) panels: Vec<Panel>,
    /// Where several outcomes are predicted: which.
    #[serde(default)]
    pub(crate) outcomes: Vec<String>,
    /// Where several outcomes are predicted: each model's figures over them.
    #[serde(default)]
    pub(crate) several: Vec<SeveralRow>,
    /// Planned comparisons.
    #[serde(default)]
    pub(crate) contrasts: Vec<Contrast>,
    /// Models trained on labels dealt anew, which must stand at chance.
    #[serde(default)]
    pub(crate) chance: Vec<ChanceRow>,
    /// Figures in groups of people, of the best baseline and the best model under study.
    #[serde(default)]
    pub(crate) subgroups: Vec<SubgroupsOfModel>,
    /// What tells the outcome that should not.
    #[serde(default)]
    pub(crate) leakage: Option<LeakageReport>,
    /// Settings that each model could try on the tuning subjects.
    #[serde(default)]
    pub(crate) settings: usize,
    /// What each model's tuning chose, fold by fold.
    #[serde(default)]
    pub(crate) chosen: Vec<Chosen>,
}

/// A model's figures over several outcomes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SeveralRow {
    /// The model.
    pub(crate) name: String,
    /// Its figures, outcome by outcome in the order of `outcomes`.
    pub(crate) figures: Several,
}

/// A model trained on labels dealt anew.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ChanceRow {
    /// The model.
    pub(crate) name: String,
    /// Its figures.
    pub(crate) chance: Chance,
}

/// A model's figures in groups of people.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SubgroupsOfModel {
    /// The model.
    pub(crate) name: String,
    /// Its figures, grouping by grouping.
    pub(crate) rows: Vec<SubgroupRow>,
}

/// What a model's tuning chose.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Chosen {
    /// The model.
    pub(crate) name: String,
    /// Settings by fold.
    pub(crate) settings: Vec<String>,
    /// Numbers that the last fit learned.
    pub(crate) learned: usize,
}

/// Models judged on the same instances.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Panel {
    /// Who was judged, in words.
    pub(crate) population: String,
    /// The models.
    pub(crate) rows: Vec<Row>,
}

/// What a row is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// A plain model to beat.
    Baseline,
    /// A model under study.
    Model,
    /// A model deprived of what it claims to use.
    Control,
    /// A prediction that came with the data.
    Comparator,
}

/// One model's figures.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    /// The model.
    pub(crate) name: String,
    /// What it is, in a sentence.
    pub(crate) description: String,
    /// What the row is there for.
    pub(crate) role: Role,
    /// Its figures.
    pub(crate) evaluation: Evaluation,
    /// Instances by predicted risk, in bins of equal width over 0 to 1.
    pub(crate) histogram: Vec<u64>,
    /// Its figures minus those of the panel's first row.
    pub(crate) against_first: Option<Comparison>,
}

/// Writes every held-out prediction as CSV, instance by instance.
pub(crate) fn write_predictions(path: &Path, found: &[Instance], fitted: &Benchmark) -> Result<()> {
    let mut text = String::from("subject_id,prediction_time,predicted,outcome,model,fold,probability\n");
    for model in &fitted.models {
        for prediction in &model.held_out {
            let instance = &found[prediction.instance];
            // Writing into a String can't fail.
            let _ = writeln!(
                text,
                "{},{},\"{}\",{},\"{}\",{},{}",
                instance.subject_id(),
                instance.label.prediction_time,
                fitted.outcomes[prediction.outcome],
                fitted.label(fitted.labels_of(model), prediction),
                model.name,
                prediction.fold,
                prediction.probability
            );
        }
    }
    fs::write(path, text).with_context(|| format!("{} can't be written", path.display()))
}

/// An estimate as people read it: `0.812 (0.780 to 0.843)`, or why there is none.
pub(crate) fn in_words(estimate: &Estimate) -> String {
    match (estimate.value, estimate.lower, estimate.upper) {
        (Some(value), Some(lower), Some(upper)) => format!("{value:.3} ({lower:.3} to {upper:.3})"),
        (Some(value), _, _) => format!("{value:.3} (no interval)"),
        (None, ..) => estimate.undefined.map_or_else(String::new, |reason| format!("none: {reason}")),
    }
}
