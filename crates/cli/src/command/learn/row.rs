//! One row of the benchmark on one task of a study: what `learn explain` and `learn embed` ask.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::json;
use twinloom_event::{Dataset, Split, SubjectId};
use twinloom_learn::explain::{ExplainError, Explainer};
use twinloom_learn::{BenchmarkData, BenchmarkParameters, ModelKind};
use twinloom_views::task::Outcome;
use twinloom_views::{Instance, Task, instances};

use super::asked::{self, Parts};
use crate::context::Context;
use crate::failure::BadInput;
use crate::study;

/// Arguments that say which row, on which task.
#[derive(Debug, Args)]
pub(crate) struct RowArguments {
    /// The study folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) study: PathBuf,
    /// The task's name, or a file with a task in ACES's YAML; an unknown name prints the list.
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) task: String,
    /// The condition whose onset is sought, as NAME=CODE,CODE,..; for the tasks about onset.
    #[arg(long, value_name = "NAME=CODES")]
    pub(crate) condition: Option<String>,
    /// How many of the commonest diagnoses are predicted side by side; for next-diagnosis.
    #[arg(long, default_value_t = 10, value_name = "N", value_parser = clap::value_parser!(u64).range(2..=100))]
    pub(crate) diagnoses: u64,
    /// The model, by its name in lower case with hyphens, such as boosted-trees or graphsage; an unknown name
    /// prints the list.
    #[arg(long, value_name = "NAME")]
    pub(crate) model: String,
    /// Which of the outcomes, from 1; for next-diagnosis.
    #[arg(long, default_value_t = 1, value_name = "K")]
    pub(crate) outcome: usize,
    /// Settings that the model may try on the tuning part, 1 to 4.
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) settings: usize,
}

/// The row with all that it reads.
pub(crate) struct AskedRow {
    pub(crate) dataset: Dataset,
    pub(crate) task: Task,
    pub(crate) kind: ModelKind,
    pub(crate) instances: Vec<Instance>,
    pub(crate) splits: Vec<Split>,
    pub(crate) parameters: BenchmarkParameters,
    /// The outcome's place, from 0.
    pub(crate) outcome: usize,
    /// What people call the outcome.
    pub(crate) outcome_name: Arc<str>,
    /// Whether it came about, instance by instance.
    pub(crate) labels: Vec<bool>,
}

impl RowArguments {
    /// Reads the study and finds the task's instances.
    pub(crate) fn read(&self, context: &Context) -> Result<AskedRow> {
        let kind = asked::model(&self.model)?;
        let task = asked::task(&self.task, self.condition.as_deref())?;
        let parameters = BenchmarkParameters {
            seed: context.common.seed,
            threads: context.threads,
            settings: self.settings,
            ..BenchmarkParameters::default()
        };
        parameters.check().map_err(|error| BadInput::from_chain(&anyhow::Error::new(error)))?;
        let dataset = study::dataset(&self.study)?;
        let parts = Parts::by_patient(context, &self.study)?;
        let task = asked::with_common_diagnoses(task, &dataset.cohort, &parts, self.diagnoses as usize)?;
        let names = outcomes(&task);
        let outcome_name = self.outcome.checked_sub(1).and_then(|place| names.get(place)).cloned();
        let outcome_name = outcome_name.ok_or_else(|| {
            let known = names.join(", ");
            BadInput::new(format!("outcome {}; permitted: 1 to {} ({known})", self.outcome, names.len()))
        })?;
        let (found, report) = instances(&task, &dataset.cohort);
        if found.is_empty() {
            return Err(BadInput::new(format!("task {} finds no instance in this study", task.name))
                .hint(format!("left out: {}", json!(report.excluded)))
                .into());
        }
        let (instances, splits) = parts.deal(&dataset.cohort, found)?;
        let outcome = self.outcome - 1;
        let labels = if names.len() > 1 {
            let found =
                task.condition_labels(&dataset.cohort, &instances).context("the diagnoses' labels")?;
            found.labels.iter().map(|row| row[outcome] == Some(true)).collect()
        } else {
            instances.iter().map(Instance::is_positive).collect()
        };
        Ok(AskedRow { dataset, task, kind, instances, splits, parameters, outcome, outcome_name, labels })
    }
}

impl AskedRow {
    /// What the benchmark reads.
    pub(crate) fn data(&self) -> BenchmarkData<'_> {
        BenchmarkData {
            task: &self.task,
            cohort: &self.dataset.cohort,
            instances: &self.instances,
            splits: &self.splits,
        }
    }

    /// The subject's predictions.
    pub(crate) fn of_subject(&self, subject: SubjectId) -> Vec<usize> {
        (0..self.instances.len()).filter(|&place| self.instances[place].subject_id() == subject).collect()
    }

    /// Fits the row with the parameters given, which may differ from its own in the seed.
    pub(crate) fn fit<'a>(&'a self, parameters: &'a BenchmarkParameters) -> Result<Explainer<'a>> {
        Explainer::fit(self.data(), parameters, self.kind, self.outcome).map_err(refused)
    }
}

/// What the task predicts, in the order of its outcomes.
fn outcomes(task: &Task) -> Vec<Arc<str>> {
    match &task.outcome {
        Outcome::NextOf(sought) if sought.len() > 1 => {
            sought.iter().map(|group| Arc::clone(&group.name)).collect()
        }
        _ => vec![Arc::clone(&task.name)],
    }
}

/// What can't be explained is the caller's fault.
pub(crate) fn refused(error: ExplainError) -> anyhow::Error {
    let hint = matches!(error, ExplainError::Unread { .. }).then_some(
        "take logistic-regression, boosted-trees, bag-of-codes, entity-embeddings, gru, transformer or graphsage",
    );
    let bad = BadInput::from_chain(&anyhow::Error::new(error));
    match hint {
        Some(hint) => bad.hint(hint).into(),
        None => bad.into(),
    }
}
