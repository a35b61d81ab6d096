//! Every model on one task: same splits, same information, predictions out.
//!
//! Metrics are not made here: whoever judges sees predictions and labels, never a model's inside.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use twinloom_event::{Cohort, Split, SubjectId};
use twinloom_graph::CsrError;
use twinloom_neural::{FitError, SparseError, ThreadsError, side_by_side, stream};
use twinloom_views::{Instance, Task, TaskError};

use crate::folds::{Design, Fold, cross_validation};
use crate::inputs::Inputs;
use crate::labels::Labels;
use crate::model::{Fitted, fit};
use crate::trainer::MOST_SETTINGS;
use crate::{
    EmbeddingParameters, GraphParameters, LogisticError, LogisticParameters, ModelKind, SageParameters,
    SequenceParameters, TrainerError, TreesError, TreesParameters,
};

/// A task's instances with the record they come from.
///
/// # Shapes
/// `splits` has one entry per instance.
#[derive(Clone, Copy, Debug)]
pub struct BenchmarkData<'a> {
    /// What is predicted, and which codes are hidden from the models.
    pub task: &'a Task,
    /// The record.
    pub cohort: &'a Cohort,
    /// Who is predicted, when, and what became of them.
    pub instances: &'a [Instance],
    /// The part of the study that each instance's subject belongs to.
    pub splits: &'a [Split],
}

/// What to run and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BenchmarkParameters {
    /// Seed of every random choice.
    pub seed: u64,
    /// Threads; 0 takes what the machine has. The predictions are the same for any number.
    pub threads: usize,
    /// Rows, in order of report.
    pub models: Vec<ModelKind>,
    /// How predictions on unseen subjects are had; `None` lets the number of positives decide.
    pub design: Option<Design>,
    /// Settings that each model may try on the tuning subjects, 1 to 4, the same number for all: penalties of
    /// logistic regression, depths of trees, learning rates and dropouts of networks.
    pub settings: usize,
    /// Of logistic regression.
    pub logistic: LogisticParameters,
    /// Of boosted trees.
    pub trees: TreesParameters,
    /// Of the entity-embedding network.
    pub embedding: EmbeddingParameters,
    /// Of GraphSAGE.
    pub sage: SageParameters,
    /// Of the networks that read a bag or a sequence.
    pub sequence: SequenceParameters,
    /// Of the networks that read the codes or visits as a graph of their own.
    pub graph: GraphParameters,
}

impl Default for BenchmarkParameters {
    fn default() -> Self {
        Self {
            seed: 0,
            threads: 0,
            models: ModelKind::ALL.to_vec(),
            design: None,
            settings: MOST_SETTINGS,
            logistic: LogisticParameters::default(),
            trees: TreesParameters::default(),
            embedding: EmbeddingParameters::default(),
            sage: SageParameters::default(),
            sequence: SequenceParameters::default(),
            graph: GraphParameters::default(),
        }
    }
}

impl BenchmarkParameters {
    /// Whether the values can be used.
    ///
    /// # Errors
    /// The error of the model whose parameters are out of range.
    pub fn check(&self) -> Result<(), BenchmarkError> {
        if self.models.is_empty() {
            return Err(BenchmarkError::NoModel);
        }
        if let Some(Design::CrossValidated { folds }) = self.design
            && folds < 2
        {
            return Err(BenchmarkError::Folds { folds });
        }
        if !(1..=MOST_SETTINGS).contains(&self.settings) {
            return Err(BenchmarkError::Settings { settings: self.settings });
        }
        self.logistic.check()?;
        self.trees.check()?;
        self.embedding.check()?;
        self.sage.check()?;
        self.sequence.check()?;
        self.graph.check()?;
        Ok(())
    }
}

/// Fewest held-out positives for which one split says anything: with 100, the standard error of a
/// sensitivity is at most 5 points.
const FEWEST_POSITIVES: usize = 100;

/// Folds taken when the splits hold out too few positives.
const FOLDS: usize = 5;

/// Every model's predictions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Benchmark {
    /// How they were had.
    pub design: Design,
    /// What is predicted: the task itself, or the diagnoses that it seeks, where it seeks several.
    pub outcomes: Vec<Arc<str>>,
    /// Whose each instance is.
    pub subjects: Vec<SubjectId>,
    /// What became of each instance, by instance, then outcome.
    pub labels: Vec<bool>,
    /// One entry per model asked for, in that order.
    pub models: Vec<ModelPredictions>,
}

/// One model's predictions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelPredictions {
    /// Which model.
    pub kind: ModelKind,
    /// Its name in tables.
    pub name: String,
    /// What it is, in a sentence.
    pub description: String,
    /// On subjects that the model never saw, by instance, then outcome.
    pub held_out: Vec<Prediction>,
    /// On the subjects it was chosen by, by fold then instance; only to recalibrate or to choose a
    /// threshold. Under cross-validation an instance occurs in several folds.
    pub tuning: Vec<Prediction>,
    /// Of a model fitted to labels dealt anew: each dealing; empty for others. `held_out` is of the first.
    #[serde(default)]
    pub dealings: Vec<Dealing>,
    /// What the tuning subjects chose, fold by fold.
    pub chosen: Vec<String>,
    /// Numbers that the last fit learned: weights of a network, coefficients, or leaves of trees.
    pub learned: usize,
    /// Wall time of all its fits, added up; differs from run to run.
    pub fit_seconds: f64,
}

/// Labels dealt anew among all instances, and what a model that learned from some of them said of the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dealing {
    /// The labels, by instance, then outcome: what the predictions are to be judged by.
    pub labels: Vec<bool>,
    /// On subjects that the model never saw, by instance, then outcome.
    pub held_out: Vec<Prediction>,
}

/// One probability.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// Place among the task's instances.
    pub instance: usize,
    /// Place among the benchmark's outcomes.
    #[serde(default)]
    pub outcome: usize,
    /// The fit that made it, from 0.
    pub fold: usize,
    /// Of that outcome.
    pub probability: f64,
}

/// A fit is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Fits done so far.
    pub finished: usize,
    /// Fits in all.
    pub total: usize,
    /// Which model this was.
    pub model: ModelKind,
}

/// Fits every model and predicts subjects it never saw.
///
/// With fewer than 100 positive instances held out by the splits, five-fold cross-validation by
/// subject replaces them (unless `design` says otherwise): every instance then has one prediction
/// from a fit that never saw its subject, at five times the cost. Vocabularies, scaling and
/// everything else fitted are fitted anew within each fold.
///
/// Models see the same record: counts, demographics and the last measurements. After tuning, every
/// model is refitted on train and tuning subjects with what was chosen. `progress` is called from
/// several threads, one call at a time.
///
/// # Errors
/// [`BenchmarkError`] on parameters out of range or data that leave nothing to learn.
///
/// # Limits
/// All inputs and all folds are in memory at once. Five folds of all 21 rows on 1,101 instances of 948 people take
/// 8 minutes 19 seconds on two cores with the defaults (four settings, three networks), 941 processor-seconds, a
/// quarter of them the pretrained Transformer's.
///
/// The bits of the networks' probabilities depend on the processor's vector width, not on the
/// number of threads.
pub fn benchmark(
    data: &BenchmarkData<'_>,
    parameters: &BenchmarkParameters,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Benchmark, BenchmarkError> {
    parameters.check()?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(parameters.threads)
        .build()
        .map_err(|_| ThreadsError { threads: parameters.threads })?;
    pool.install(|| run(data, parameters, progress))
}

/// [`benchmark`] with every subject held out once.
///
/// # Errors
/// As [`benchmark`].
pub fn cross_validated(
    data: &BenchmarkData<'_>,
    parameters: &BenchmarkParameters,
    folds: usize,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Benchmark, BenchmarkError> {
    let design = Some(Design::CrossValidated { folds });
    benchmark(data, &BenchmarkParameters { design, ..parameters.clone() }, progress)
}

/// Times that labels are dealt anew. A model of one dealing ranks by whatever that dealing suggested; only the mean
/// over dealings must be at chance.
const DEALINGS: u64 = 10;

/// The first of the streams that deal labels anew.
const DEALING_STREAM: u64 = 1 << 40;

fn run(
    data: &BenchmarkData<'_>,
    parameters: &BenchmarkParameters,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Benchmark, BenchmarkError> {
    let labels = Labels::of(data.task, data.cohort, data.instances)?;
    check_data(data, &labels)?;
    let subjects: Vec<SubjectId> = data.instances.iter().map(Instance::subject_id).collect();
    let design = parameters.design.unwrap_or_else(|| enough_positives(data.splits, &labels));
    let folds = match design {
        Design::SingleSplit => vec![Fold::of_splits(data.splits)],
        Design::CrossValidated { folds } => {
            cross_validation(&subjects, &labels.any(), folds, parameters.seed)
        }
    };
    for fold in &folds {
        check_fold(fold, &labels)?;
    }
    let inputs: Vec<Inputs<'_>> = folds
        .par_iter()
        .map(|fold| Inputs::new(data.task, data.cohort, data.instances, &fold.train))
        .collect::<Result<_, _>>()?;

    let dealing = |number| labels.dealt(&mut stream(parameters.seed, DEALING_STREAM + number));
    let dealt: Vec<Labels> = (0..DEALINGS).map(dealing).collect();

    // The longest fits come last in the list of kinds; starting them first leaves no thread idle.
    let mut tasks: Vec<(usize, usize)> = (0..parameters.models.len())
        .flat_map(|model| (0..folds.len()).map(move |fold| (model, fold)))
        .collect();
    tasks.sort_by_key(|&(model, _)| std::cmp::Reverse(parameters.models[model]));
    let finished = Mutex::new(0);
    let one = |&(model, fold): &(usize, usize)| {
        let kind = parameters.models[model];
        let start = Instant::now();
        let seed = parameters.seed.wrapping_add((fold as u64) << 32);
        let fitted = fit(kind, &inputs[fold], &labels, &dealt, &folds[fold], parameters, seed)?;
        let seconds = start.elapsed().as_secs_f64();
        if let Ok(mut finished) = finished.lock() {
            *finished += 1;
            progress(Progress { finished: *finished, total: tasks.len(), model: kind });
        }
        Ok::<_, BenchmarkError>((model, fold, fitted, seconds))
    };
    let mut fits: Vec<(usize, usize, Fitted, f64)> = side_by_side(&tasks, one)?;
    fits.sort_by_key(|&(model, fold, ..)| (model, fold));

    let mut models: Vec<ModelPredictions> =
        parameters.models.iter().map(|&kind| ModelPredictions::empty(kind)).collect();
    for model in models.iter_mut().filter(|model| model.kind.is_permuted()) {
        let empty = |labels: &Labels| Dealing { labels: labels.values.clone(), held_out: Vec::new() };
        model.dealings = dealt.iter().map(empty).collect();
    }
    for (model, fold, fitted, seconds) in fits {
        models[model].add(fold, &folds[fold], fitted, (labels.outcomes(), seconds));
    }
    for model in &mut models {
        let dealings = model.dealings.iter_mut().map(|dealing| &mut dealing.held_out);
        for predictions in std::iter::once(&mut model.held_out).chain(dealings) {
            predictions.sort_by_key(|prediction| (prediction.instance, prediction.outcome));
        }
    }
    Ok(Benchmark { design, outcomes: labels.names, subjects, labels: labels.values, models })
}

impl Benchmark {
    /// Whether what was predicted happened, going by these labels.
    pub fn label(&self, labels: &[bool], prediction: &Prediction) -> bool {
        labels[prediction.instance * self.outcomes.len() + prediction.outcome]
    }

    /// The labels that a model's held-out predictions are judged by: what became of each instance, or the first
    /// dealing's for a model that was fitted to labels dealt anew.
    pub fn labels_of<'a>(&'a self, model: &'a ModelPredictions) -> &'a [bool] {
        model.dealings.first().map_or(&self.labels, |dealing| &dealing.labels)
    }
}

impl ModelPredictions {
    fn empty(kind: ModelKind) -> Self {
        Self {
            kind,
            name: kind.name().to_owned(),
            description: kind.description().to_owned(),
            held_out: Vec::new(),
            tuning: Vec::new(),
            dealings: Vec::new(),
            chosen: Vec::new(),
            learned: 0,
            fit_seconds: 0.0,
        }
    }

    fn add(&mut self, fold: usize, parts: &Fold, fitted: Fitted, (outcomes, seconds): (usize, f64)) {
        let one = |instances: &[usize], (place, &probability): (usize, &f64)| {
            let (instance, outcome) = (instances[place / outcomes], place % outcomes);
            Prediction { instance, outcome, fold, probability }
        };
        let (held_out, tuning) = (&parts.held_out, &parts.tuning);
        self.held_out.extend(fitted.held_out.iter().enumerate().map(|pair| one(held_out, pair)));
        self.tuning.extend(fitted.tuning.iter().enumerate().map(|pair| one(tuning, pair)));
        for (dealing, new) in self.dealings.iter_mut().zip(&fitted.dealings) {
            dealing.held_out.extend(new.iter().enumerate().map(|pair| one(held_out, pair)));
        }
        self.chosen.push(fitted.chosen);
        self.learned = fitted.learned;
        self.fit_seconds += seconds;
    }
}

/// One split if its outcomes are common enough in the mean; of several, a rare one has a wide interval, and the mean
/// over them, by which models are told apart, a narrow one.
fn enough_positives(splits: &[Split], labels: &Labels) -> Design {
    let held_out: Vec<usize> =
        (0..splits.len()).filter(|&instance| splits[instance] == Split::HeldOut).collect();
    let positives = |outcome| labels.column(outcome, &held_out).into_iter().filter(|label| *label).count();
    let all: usize = (0..labels.outcomes()).map(positives).sum();
    if all >= FEWEST_POSITIVES * labels.outcomes() {
        Design::SingleSplit
    } else {
        Design::CrossValidated { folds: FOLDS }
    }
}

pub(crate) fn check_data(data: &BenchmarkData<'_>, labels: &Labels) -> Result<(), BenchmarkError> {
    if data.splits.len() != data.instances.len() {
        return Err(BenchmarkError::Splits { splits: data.splits.len(), instances: data.instances.len() });
    }
    let mut pairs: Vec<(SubjectId, Split)> =
        data.instances.iter().map(Instance::subject_id).zip(data.splits.iter().copied()).collect();
    pairs.sort_unstable();
    if let Some(pair) = pairs.windows(2).find(|pair| pair[0].0 == pair[1].0 && pair[0].1 != pair[1].1) {
        return Err(BenchmarkError::SubjectInTwoSplits { subject_id: pair[0].0 });
    }
    let all: Vec<usize> = (0..data.instances.len()).collect();
    for outcome in 0..labels.outcomes() {
        let positives = labels.column(outcome, &all).into_iter().filter(|label| *label).count();
        let negatives = all.len() - positives;
        if positives.min(negatives) < FEWEST_OF_EITHER {
            return Err(BenchmarkError::TooFew { positives, negatives });
        }
    }
    Ok(())
}

/// Fewest instances of either outcome to learn anything from.
const FEWEST_OF_EITHER: usize = 10;

pub(crate) fn check_fold(fold: &Fold, labels: &Labels) -> Result<(), BenchmarkError> {
    let empty = fold.tuning.is_empty() || fold.held_out.is_empty();
    for outcome in 0..labels.outcomes() {
        let positives = labels.column(outcome, &fold.train).into_iter().filter(|label| *label).count();
        if empty || positives == 0 || positives == fold.train.len() {
            return Err(BenchmarkError::Fold {
                positives,
                train: fold.train.len(),
                tuning: fold.tuning.len(),
                held_out: fold.held_out.len(),
            });
        }
    }
    Ok(())
}

/// Why a benchmark can't be run.
#[derive(Debug, thiserror::Error)]
pub enum BenchmarkError {
    /// Nothing was asked for.
    #[error("no model asked for; permitted: one or more")]
    NoModel,
    /// Too few folds.
    #[error("{folds} folds; permitted: 2 or more")]
    Folds {
        /// Number given.
        folds: usize,
    },
    /// A budget of tuning that not every model can be given.
    #[error("{settings} settings; permitted: 1 to 4")]
    Settings {
        /// Number given.
        settings: usize,
    },
    /// The system gave no threads.
    #[error(transparent)]
    Threads(#[from] ThreadsError),
    /// Splits and instances don't match.
    #[error("{splits} splits for {instances} instances; permitted: one each")]
    Splits {
        /// Number of splits.
        splits: usize,
        /// Number of instances.
        instances: usize,
    },
    /// A subject would be trained on and judged by.
    #[error("subject {subject_id} is in two splits; permitted: one per subject")]
    SubjectInTwoSplits {
        /// Who.
        subject_id: SubjectId,
    },
    /// Too few instances of an outcome.
    #[error("{positives} positive and {negatives} negative instances; permitted: 10 or more of each")]
    TooFew {
        /// Instances with the outcome.
        positives: usize,
        /// Instances without.
        negatives: usize,
    },
    /// A part is empty or its training instances agree.
    #[error(
        "{train} instances to train on ({positives} positive), {tuning} to tune on, {held_out} held out; permitted: none empty, both outcomes to train on"
    )]
    Fold {
        /// Training instances with the outcome.
        positives: usize,
        /// Training instances.
        train: usize,
        /// Tuning instances.
        tuning: usize,
        /// Held-out instances.
        held_out: usize,
    },
    /// The task does not fit the cohort.
    #[error("task")]
    Task(#[from] TaskError),
    /// The graph can't be made.
    #[error("graph")]
    Graph(#[from] CsrError),
    /// A matrix can't be made.
    #[error("features")]
    Sparse(#[from] SparseError),
    /// Logistic regression.
    #[error("logistic regression")]
    Logistic(#[from] LogisticError),
    /// Boosted trees.
    #[error("boosted trees")]
    Trees(#[from] TreesError),
    /// A network's parameters.
    #[error("network")]
    Trainer(#[from] TrainerError),
    /// A network's training.
    #[error("training a network")]
    Fit(#[from] FitError),
}
