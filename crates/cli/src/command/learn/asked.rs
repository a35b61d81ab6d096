//! What a benchmark is asked for: the task, the models, and who is held out.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use twinloom_event::{Cohort, Split, SubjectId, Timestamp};
use twinloom_learn::{BenchmarkParameters, Design, ModelKind};
use twinloom_views::task::{ConditionGroup, Outcome, top_conditions};
use twinloom_views::{CodeSet, Instance, SplitPlan, Task, TemporalSplit, instances, sites};

use crate::args::{BenchmarkArguments, SplitBy};
use crate::context::Context;
use crate::failure::BadInput;

/// Conditions looked at for those that are diagnosed often enough, for each that is asked for.
const LOOKED_AT: usize = 4;

/// Fewest training instances with a diagnosis for it to be predicted.
const FEWEST_WITH_DIAGNOSIS: usize = 50;

/// Shares of the predictions, in order of time, before tuning and before what is held out.
const TUNING_FROM: f64 = 0.6;
const HELD_OUT_FROM: f64 = 0.75;

/// The task by name or from its file, with the condition asked for.
pub(crate) fn task(name: &str, condition: Option<&str>) -> Result<Task> {
    let asked = Path::new(name);
    let is_file = asked.extension().is_some_and(|end| end == "yaml" || end == "yml");
    if is_file {
        let text = fs::read_to_string(asked)
            .map_err(|error| BadInput::new(format!("{} can't be read: {error}", asked.display())))?;
        let name = asked.file_stem().and_then(|stem| stem.to_str()).unwrap_or("task");
        return Task::from_aces(name, &text)
            .map_err(|error| BadInput::new(format!("{}: {error}", asked.display())).into());
    }
    let mut task = Task::named(name).map_err(|error| BadInput::new(error.to_string()))?;
    if let Some(condition) = condition {
        if !matches!(task.outcome, Outcome::FirstEver(_)) {
            return Err(BadInput::new(format!("task {} is about no condition's onset", task.name))
                .hint("leave --condition out, or take onset-1-year to onset-5-years")
                .into());
        }
        let group = condition_group(condition)?;
        task.name = format!("{}-{}", task.name, group.name.to_lowercase().replace(' ', "-")).into();
        task.description = task.description.replace("a condition", &group.name).into();
        task = task.conditions(vec![group]);
    }
    Ok(task)
}

/// Sets what a task about the next diagnosis seeks: the commonest among the training instances' labels; the other
/// parts have no say. Other tasks stay as they are.
pub(super) fn with_common_diagnoses(
    task: Task,
    cohort: &Cohort,
    parts: &Parts,
    number: usize,
) -> Result<Task> {
    if !matches!(task.outcome, Outcome::NextOf(_)) {
        return Ok(task);
    }
    let is_train = |subject: SubjectId| parts.of_patient(subject) == Split::Train;
    let task = task.conditions(top_conditions(cohort, number * LOOKED_AT, is_train));
    let (found, _) = instances(&task, cohort);
    let train: Vec<Instance> = found.into_iter().filter(|instance| is_train(instance.subject_id())).collect();
    let labels = task.condition_labels(cohort, &train).context("the diagnoses' labels")?;
    let Outcome::NextOf(sought) = &task.outcome else { return Ok(task) };
    let mut counted: Vec<(usize, ConditionGroup)> = sought
        .iter()
        .enumerate()
        .map(|(column, group)| {
            let with = labels.labels.iter().filter(|row| row[column] == Some(true)).count();
            (with, group.clone())
        })
        .filter(|(with, _)| *with >= FEWEST_WITH_DIAGNOSIS)
        .collect();
    counted.sort_by_key(|(with, _)| std::cmp::Reverse(*with));
    if counted.len() < 2 {
        return Err(BadInput::new(format!(
            "{} diagnoses are made after {FEWEST_WITH_DIAGNOSIS} or more of the {} training predictions; permitted: 2 or more",
            counted.len(),
            train.len()
        ))
        .into());
    }
    Ok(task.conditions(counted.into_iter().take(number).map(|(_, group)| group).collect()))
}

fn condition_group(text: &str) -> Result<ConditionGroup> {
    let refused = || {
        BadInput::new(format!("{text} names no condition; permitted: NAME=CODE,CODE,.."))
            .hint("for example asthma=SNOMED//195967001")
    };
    let (name, codes) = text.split_once('=').ok_or_else(refused)?;
    let codes: Vec<&str> = codes.split(',').map(str::trim).filter(|code| !code.is_empty()).collect();
    if name.is_empty() || codes.is_empty() {
        return Err(refused().into());
    }
    Ok(ConditionGroup { name: name.into(), codes: CodeSet::of(codes) })
}

/// The command's parameters with the models and networks asked for.
pub(super) fn parameters(
    arguments: &BenchmarkArguments,
    mut parameters: BenchmarkParameters,
) -> Result<BenchmarkParameters> {
    parameters.settings = arguments.settings;
    if !arguments.models.is_empty() {
        parameters.models = arguments.models.iter().map(|name| model(name)).collect::<Result<_>>()?;
    }
    let members = arguments.members as usize;
    parameters.embedding.trainer.members = members;
    parameters.sage.trainer.members = members;
    parameters.sequence.trainer.members = members;
    parameters.graph.trainer.members = members;
    parameters.design = match (arguments.split, arguments.folds) {
        (SplitBy::Patient, folds) => folds.map(|folds| Design::CrossValidated { folds: folds as usize }),
        (_, None) => Some(Design::SingleSplit),
        (_, Some(_)) => {
            return Err(BadInput::new("--folds holds patients out, and the split is by time or site")
                .hint("leave out --folds or --split")
                .into());
        }
    };
    Ok(parameters)
}

pub(super) fn model(name: &str) -> Result<ModelKind> {
    let known = || ModelKind::ALL.map(ModelKind::slug).join(", ");
    ModelKind::ALL
        .into_iter()
        .find(|kind| kind.slug() == name.trim())
        .ok_or_else(|| BadInput::new(format!("{name} is no model; permitted: {}", known())).into())
}

/// Who is trained on, tuned on and held out.
pub(crate) struct Parts {
    by: SplitBy,
    site_column: String,
    stored: std::collections::BTreeMap<SubjectId, Split>,
    plan: SplitPlan,
}

impl Parts {
    pub(super) fn of(context: &Context, arguments: &BenchmarkArguments) -> Result<Self> {
        let by_patient = Self::by_patient(context, &arguments.study)?;
        Ok(Self { by: arguments.split, site_column: arguments.site_column.clone(), ..by_patient })
    }

    /// The study's own parts, or the seed's for subjects that it does not name.
    pub(crate) fn by_patient(context: &Context, folder: &Path) -> Result<Self> {
        let stored = twinloom_records::meds::read_splits(&folder.join("events"))?;
        Ok(Self {
            by: SplitBy::Patient,
            site_column: String::new(),
            stored: stored.into_iter().collect(),
            plan: SplitPlan::new(context.common.seed),
        })
    }

    fn of_patient(&self, subject: SubjectId) -> Split {
        self.stored.get(&subject).copied().unwrap_or_else(|| self.plan.of(subject))
    }

    /// The instances that have a part, with it.
    pub(super) fn deal(&self, cohort: &Cohort, found: Vec<Instance>) -> Result<(Vec<Instance>, Vec<Split>)> {
        let parts: Vec<Option<Split>> = match self.by {
            SplitBy::Patient => found.iter().map(|one| Some(self.of_patient(one.subject_id()))).collect(),
            SplitBy::Time => by_time(&found)?.of(&found),
            SplitBy::Site => {
                let sites = sites(cohort, &found, &self.site_column)?;
                if sites.iter().all(Option::is_none) {
                    return Err(BadInput::new(format!(
                        "no event states a site in column {}",
                        self.site_column
                    ))
                    .hint("name the column with --site-column")
                    .into());
                }
                self.plan.by_site(&found, &sites)
            }
        };
        Ok(found.into_iter().zip(parts).filter_map(|(one, part)| Some((one, part?))).unzip())
    }

    /// How the held-out part is had.
    pub(super) fn in_words(&self, design: Design) -> String {
        match (design, self.by) {
            (Design::CrossValidated { folds }, _) => {
                format!(
                    "{folds}-fold cross-validation by patient, each predicted by a fit that never saw them"
                )
            }
            (Design::SingleSplit, SplitBy::Patient) => {
                "one split by patient: 60 % train, 15 % tuning, 25 % held out".to_owned()
            }
            (Design::SingleSplit, SplitBy::Time) => {
                "one split by time: the latest predictions held out, no patient in two parts".to_owned()
            }
            (Design::SingleSplit, SplitBy::Site) => "one split by site: whole sites held out".to_owned(),
        }
    }
}

fn by_time(found: &[Instance]) -> Result<TemporalSplit> {
    let mut times: Vec<Timestamp> = found.iter().map(|one| one.label.prediction_time).collect();
    times.sort_unstable();
    let at = |share: f64| {
        let place = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
        times.get(place).copied().context("there is no instance to split by time")
    };
    Ok(TemporalSplit::new(at(TUNING_FROM)?, at(HELD_OUT_FROM)?)?)
}
