//! A row of the benchmark, fitted and kept, so that it can be asked why.

use std::sync::Arc;

use rand::seq::SliceRandom;
use twinloom_event::CohortError;
use twinloom_neural::{Pass, SparseMatrix, stream};
use twinloom_views::Visible;

use super::deletion::Rewritten;
use super::evidence::{Naming, dated_codes};
use super::gnn;
use super::gradients::Gradients;
use super::{
    Deletion, EdgeExplanation, EdgeParameters, Evidence, Explanation, KernelError, Method, Share,
    TreeEnsemble, TreeError,
};
use crate::benchmark::{check_data, check_fold};
use crate::embeddings::VectorError;
use crate::encoding::TransformerNetwork;
use crate::folds::Fold;
use crate::inputs::Inputs;
use crate::labels::Labels;
use crate::loss::sigmoid;
use crate::model::{Asking, Learning, OnNetwork, on_network, tried};
use crate::network::Learned;
use crate::sage::{Messages, SageNetwork};
use crate::{
    BenchmarkData, BenchmarkError, BenchmarkParameters, BoostedTrees, LogisticParameters, LogisticRegression,
    ModelKind, Purpose, TreesParameters,
};

/// One row of the benchmark fitted on a study's training subjects, to be asked for predictions, for what each
/// entry of the record added to them, and for what they would be without some entries.
///
/// The setting is chosen on the tuning subjects as in the benchmark; but there is one network, not several
/// averaged, and nothing is fitted again on the tuning subjects, so that their explanations are of a model that
/// never saw them.
///
/// # Limits
/// Controls are not explained, nor BEHRT, which would be pretrained anew at each question, nor rows that read the
/// people at home. An explanation says what the model goes by, not what causes the outcome.
pub struct Explainer<'a> {
    data: BenchmarkData<'a>,
    parameters: &'a BenchmarkParameters,
    kind: ModelKind,
    outcome: usize,
    labels: Labels,
    fold: Fold,
    inputs: Inputs<'a>,
    row: Row,
}

/// What was fitted.
pub(super) enum Row {
    Logistic { model: LogisticRegression, means: Vec<f64> },
    Trees { model: Box<BoostedTrees>, ensemble: TreeEnsemble },
    Network(Learned),
}

/// Whether a row reads nothing but the person's own record, and so can be taken apart and asked without a part.
const fn is_read(kind: ModelKind) -> bool {
    !matches!(
        kind,
        ModelKind::Behrt | ModelKind::Rgcn | ModelKind::Hgt | ModelKind::BoostedTreesWithHousehold
    )
}

impl<'a> Explainer<'a> {
    /// Fits a row for one of the task's outcomes.
    ///
    /// # Errors
    /// [`ExplainError`] on a control, an outcome past the last, or what the benchmark refuses.
    pub fn fit(
        data: BenchmarkData<'a>,
        parameters: &'a BenchmarkParameters,
        kind: ModelKind,
        outcome: usize,
    ) -> Result<Self, ExplainError> {
        if kind.purpose() == Purpose::Control || !is_read(kind) {
            return Err(ExplainError::Unread { kind });
        }
        parameters.check()?;
        let labels = Labels::of(data.task, data.cohort, data.instances).map_err(BenchmarkError::from)?;
        if outcome >= labels.outcomes() {
            return Err(ExplainError::Outcome { outcome, outcomes: labels.outcomes() });
        }
        check_data(&data, &labels)?;
        let fold = Fold::of_splits(data.splits);
        check_fold(&fold, &labels)?;
        let inputs = Inputs::new(data.task, data.cohort, data.instances, &fold.train)?;
        let row = fit_row(kind, outcome, (&inputs, &labels, &fold), parameters)?;
        Ok(Self { data, parameters, kind, outcome, labels, fold, inputs, row })
    }

    /// Which row it is.
    pub fn kind(&self) -> ModelKind {
        self.kind
    }

    /// Instances on subjects that neither fit nor choice saw.
    pub fn held_out(&self) -> &[usize] {
        &self.fold.held_out
    }

    /// The outcome's share among the training instances.
    pub fn share(&self) -> f64 {
        let labels = self.labels.column(self.outcome, &self.fold.train);
        labels.iter().filter(|label| **label).count() as f64 / labels.len().max(1) as f64
    }

    /// Probabilities of instances.
    ///
    /// # Errors
    /// [`ExplainError::Instance`] past the last.
    pub fn predict(&self, instances: &[usize]) -> Result<Vec<f64>, ExplainError> {
        instances.iter().try_for_each(|&instance| self.check(instance))?;
        self.ask((&self.inputs, &self.fold), instances)
    }

    /// Takes the prediction of an instance apart, by Shapley values of a model of tables and by integrated
    /// gradients of a network.
    ///
    /// # Errors
    /// [`ExplainError`] where the instance is past the last, or the network reads codes otherwise than as sums.
    pub fn explain(&self, instance: usize) -> Result<Explanation, ExplainError> {
        self.check(instance)?;
        let features = || self.inputs.table.features().iter().map(|feature| Arc::clone(&feature.name));
        let (method, expected, log_odds, parts): (_, _, _, Vec<(Arc<str>, f64)>) = match &self.row {
            Row::Logistic { model, means } => {
                let row = self.inputs.scaled.select_rows(&[instance]);
                let values = dense(&row, 0);
                let terms = model.coefficients.iter().zip(values.iter().zip(means));
                let parts: Vec<f64> = terms.map(|(weight, (value, mean))| weight * (value - mean)).collect();
                let start = model.coefficients.iter().zip(means).map(|(weight, mean)| weight * mean);
                let expected = model.intercept + start.sum::<f64>();
                let log_odds = expected + parts.iter().sum::<f64>();
                (Method::LinearShapley, expected, log_odds, features().zip(parts).collect())
            }
            Row::Trees { ensemble, .. } => {
                let row = self.inputs.columns(&[instance]).values;
                let found = ensemble.shapley(&row);
                let names = self.inputs.tree_features();
                (
                    Method::TreeShapley,
                    found.expected,
                    ensemble.predict(&row),
                    names.zip(found.contributions).collect(),
                )
            }
            Row::Network(learned) => {
                let Self { kind, ref inputs, outcome, .. } = *self;
                let gradients = Gradients { kind, learned, inputs, instance, outcome };
                let found = self.on_own_network(&gradients)?;
                let found = found.ok_or(ExplainError::Unread { kind: self.kind })?;
                (Method::IntegratedGradients, found.baseline, found.log_odds, found.inputs)
            }
        };
        let sum: f64 = parts.iter().map(|(_, weight)| weight).sum();
        let view = self.view(instance)?;
        Ok(Explanation {
            subject_id: view.subject_id(),
            prediction_time: view.prediction_time(),
            model: self.kind,
            method,
            probability: sigmoid(log_odds),
            expected,
            remainder: log_odds - expected - sum,
            evidence: Naming::of(&view).gathered(parts),
        })
    }

    /// The edges of the record's graph that GraphSAGE needs to predict of an instance what it does: more than the
    /// outcome's share in training, or less.
    ///
    /// # Errors
    /// [`ExplainError`] past the last instance, on parameters out of range, or where the row is another.
    pub fn needed_edges(
        &self,
        instance: usize,
        parameters: EdgeParameters,
    ) -> Result<EdgeExplanation, ExplainError> {
        self.check(instance)?;
        parameters.check()?;
        let (Row::Network(learned), ModelKind::GraphSage) = (&self.row, self.kind) else {
            return Err(ExplainError::Unread { kind: self.kind });
        };
        let Inputs { graph, facts, .. } = &self.inputs;
        let network = SageNetwork::new(graph, &self.fold.train, facts, Messages::Sent, &self.parameters.sage);
        let network = network.map_err(BenchmarkError::from)?;
        let layers = learned.trained(&network).layers;
        let shift = learned.shift(self.outcome);
        let share = self.share().clamp(1e-6, 1.0 - 1e-6);
        let usual = (share / (1.0 - share)).ln() + shift;
        let asked = (instance, self.outcome);
        let (edges, shares, [whole, in_part]) =
            gnn::search(&network, &layers, &learned.weights, asked, usual, parameters);
        let of = &self.data.instances[instance];
        let (subject_id, at) = (of.subject_id(), of.label.prediction_time);
        let edges = self.data.cohort.get(subject_id).map_or_else(Vec::new, |timeline| {
            gnn::reasons(&Visible::new(timeline, at), graph.concepts(), &edges, &shares)
        });
        Ok(EdgeExplanation { whole: sigmoid(whole - shift), in_part: sigmoid(in_part - shift), edges })
    }

    /// What a Transformer's attention rests on when it predicts an instance, rolled out over its blocks; shares add
    /// up to 1 where the record holds any token.
    ///
    /// # Errors
    /// [`ExplainError`] past the last instance, or where the row is another.
    pub fn attended(&self, instance: usize) -> Result<Vec<Share>, ExplainError> {
        self.check(instance)?;
        let (Row::Network(learned), ModelKind::Transformer) = (&self.row, self.kind) else {
            return Err(ExplainError::Unread { kind: self.kind });
        };
        let Inputs { sequences, tokens, facts, words, .. } = &self.inputs;
        let network = TransformerNetwork::new(sequences, *tokens, facts, &self.parameters.sequence);
        let layers = learned.trained(&network).layers;
        let shares = network.rolled_out(&layers, &mut Pass::in_use(&learned.weights), instance);
        let named = shares.into_iter().map(|(token, share)| (Arc::clone(&words[token as usize]), share));
        let found = Naming::of(&self.view(instance)?).gathered(named);
        Ok(found
            .into_iter()
            .map(|Evidence { what, weight, records }| Share { what, share: weight, records })
            .collect())
    }

    /// The dated codes of an instance's record, in order: what a deletion may take out.
    ///
    /// # Errors
    /// [`ExplainError::Instance`] past the last.
    pub fn codes(&self, instance: usize) -> Result<Vec<Arc<str>>, ExplainError> {
        self.check(instance)?;
        Ok(dated_codes(&self.view(instance)?).into_iter().collect())
    }

    /// What would be predicted without some codes, exactly: each deletion's record is written anew, read by the
    /// same vocabularies and scales, and predicted by the same model.
    ///
    /// # Errors
    /// [`ExplainError::Instance`] past the last.
    ///
    /// # Limits
    /// Each call reads the training subjects anew, so ask all deletions at once. Links to other people (household,
    /// practice) are not rewritten.
    pub fn without(&self, deletions: &[Deletion]) -> Result<Vec<f64>, ExplainError> {
        deletions.iter().try_for_each(|deletion| self.check(deletion.instance))?;
        let BenchmarkData { task, cohort, instances, .. } = self.data;
        let Rewritten { cohort, instances, train, asked } =
            Rewritten::new(cohort, instances, &self.fold.train, deletions)?;
        let inputs = Inputs::new(task, &cohort, &instances, &train)?;
        let fold = Fold { train, ..Fold::default() };
        self.ask((&inputs, &fold), &asked)
    }

    /// The same row with what it learned made meaningless: a network's numbers dealt anew within each matrix, or a
    /// model of tables fitted on labels dealt anew. An explanation that stays the same says nothing of the model.
    ///
    /// # Source
    /// Adebayo et al., Sanity Checks for Saliency Maps (NeurIPS 2018), sections 3.1 and 3.2.
    ///
    /// # Errors
    /// As [`Explainer::fit`].
    pub fn randomised(self, seed: u64) -> Result<Self, ExplainError> {
        let row = match &self.row {
            Row::Network(learned) => {
                let mut dealt = learned.clone();
                let ids: Vec<_> = dealt.weights.ids().collect();
                for (block, id) in ids.into_iter().enumerate() {
                    dealt.weights.values_mut(id).shuffle(&mut stream(seed, block as u64));
                }
                Row::Network(dealt)
            }
            Row::Logistic { .. } | Row::Trees { .. } => {
                let labels = self.labels.dealt(&mut stream(seed, 0));
                fit_row(self.kind, self.outcome, (&self.inputs, &labels, &self.fold), self.parameters)?
            }
        };
        Ok(Self { row, ..self })
    }

    /// What a network learned; nothing of a model of tables.
    pub(crate) fn learned(&self) -> Option<&Learned> {
        match &self.row {
            Row::Network(learned) => Some(learned),
            Row::Logistic { .. } | Row::Trees { .. } => None,
        }
    }

    pub(crate) fn inputs(&self) -> &Inputs<'a> {
        &self.inputs
    }

    /// Asks the row's network, made for the instances as they are.
    pub(crate) fn on_own_network<U: OnNetwork>(&self, run: &U) -> Result<U::Out, ExplainError> {
        Ok(on_network(self.kind, &self.inputs, &self.labels, &self.fold, self.seed(), run)?)
    }

    /// An instance by its subject and time.
    pub(crate) fn name(&self, instance: usize) -> Arc<str> {
        let of = &self.data.instances[instance];
        format!("{} at {}", of.subject_id(), of.label.prediction_time).into()
    }

    pub(crate) fn check(&self, instance: usize) -> Result<(), ExplainError> {
        let instances = self.data.instances.len();
        if instance < instances { Ok(()) } else { Err(ExplainError::Instance { instance, instances }) }
    }

    /// What an instance's model may see.
    pub(super) fn view(&self, instance: usize) -> Result<Visible<'a>, ExplainError> {
        let views = self.data.task.views(self.data.cohort, &self.data.instances[instance..=instance]);
        Ok(views.map_err(BenchmarkError::from)?[0])
    }

    /// What was fitted.
    pub(super) fn row(&self) -> &Row {
        &self.row
    }

    /// Instances of subjects that were trained on.
    pub(super) fn train(&self) -> &[usize] {
        &self.fold.train
    }

    fn seed(&self) -> (&BenchmarkParameters, u64) {
        (self.parameters, self.parameters.seed)
    }

    /// Probabilities of instances of some inputs.
    fn ask(
        &self,
        (inputs, fold): (&Inputs<'_>, &Fold),
        instances: &[usize],
    ) -> Result<Vec<f64>, ExplainError> {
        Ok(match &self.row {
            Row::Logistic { model, .. } => model.predict(&inputs.scaled.select_rows(instances)),
            Row::Trees { model, .. } => model.predict(&inputs.columns(instances)),
            Row::Network(learned) => {
                let asking = Asking { learned, instances };
                let found = on_network(self.kind, inputs, &self.labels, fold, self.seed(), &asking)?;
                found.into_iter().skip(self.outcome).step_by(self.labels.outcomes()).collect()
            }
        })
    }
}

fn fit_row(
    kind: ModelKind,
    outcome: usize,
    (inputs, labels, fold): (&Inputs<'_>, &Labels, &Fold),
    parameters: &BenchmarkParameters,
) -> Result<Row, ExplainError> {
    let settings = parameters.settings;
    let of = |instances: &[usize]| labels.column(outcome, instances);
    match kind {
        ModelKind::LogisticRegression => {
            let penalties = tried(&parameters.logistic.penalties, settings);
            let logistic = LogisticParameters { refit: false, penalties };
            let development: Vec<usize> = fold.train.iter().chain(&fold.tuning).copied().collect();
            let features = inputs.scaled.select_rows(&development);
            let model = LogisticRegression::fit(&features, &of(&development), fold.train.len(), &logistic);
            Ok(Row::Logistic {
                model: model.map_err(BenchmarkError::from)?,
                means: means(&inputs.scaled, &fold.train),
            })
        }
        ModelKind::BoostedTrees => {
            let trees = TreesParameters {
                depths: tried(&parameters.trees.depths, settings),
                ..parameters.trees.clone()
            };
            let (train, tuning) = (inputs.columns(&fold.train), inputs.columns(&fold.tuning));
            let (train_labels, tuning_labels) = (of(&fold.train), of(&fold.tuning));
            let model = BoostedTrees::fit(
                (&train, &train_labels),
                (&tuning, &tuning_labels),
                &trees,
                parameters.seed,
            );
            let model = model.map_err(BenchmarkError::from)?;
            let ensemble = model.ensemble(train.columns)?;
            Ok(Row::Trees { model: Box::new(model), ensemble })
        }
        _ => {
            let learning = Learning::new(fold, settings, parameters.seed);
            let seed = (parameters, parameters.seed);
            Ok(Row::Network(on_network(kind, inputs, labels, fold, seed, &learning)?))
        }
    }
}

fn dense(rows: &SparseMatrix, row: usize) -> Vec<f64> {
    let mut values = vec![0.0; rows.columns()];
    let (columns, entries) = rows.row(row);
    for (&column, &value) in columns.iter().zip(entries) {
        values[column as usize] = f64::from(value);
    }
    values
}

fn means(rows: &SparseMatrix, chosen: &[usize]) -> Vec<f64> {
    let mut sums = vec![0.0; rows.columns()];
    for &row in chosen {
        let (columns, entries) = rows.row(row);
        for (&column, &value) in columns.iter().zip(entries) {
            sums[column as usize] += f64::from(value) / chosen.len() as f64;
        }
    }
    sums
}

/// Why a row can't be explained.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// The row reads the record in a way that is not taken apart.
    #[error("{} can't be explained; permitted: rows of the person's own record that add up vectors of codes, but BEHRT", kind.name())]
    Unread {
        /// Which row.
        kind: ModelKind,
    },
    /// A parameter is out of range.
    #[error("{name} {value}; permitted: {permitted}")]
    Parameter {
        /// Which parameter.
        name: &'static str,
        /// Value given.
        value: f64,
        /// What is permitted.
        permitted: &'static str,
    },
    /// An outcome past the last.
    #[error("outcome {outcome}; permitted: below {outcomes}")]
    Outcome {
        /// Place asked for.
        outcome: usize,
        /// Number of outcomes.
        outcomes: usize,
    },
    /// An instance past the last.
    #[error("instance {instance}; permitted: below {instances}")]
    Instance {
        /// Place asked for.
        instance: usize,
        /// Number of instances.
        instances: usize,
    },
    /// The row can't be fitted or asked.
    #[error("fitting what is to be explained")]
    Benchmark(#[from] BenchmarkError),
    /// The library's trees are none.
    #[error("trees")]
    Tree(#[from] TreeError),
    /// A probability can't be shared out.
    #[error("shares of the probability")]
    Kernel(#[from] KernelError),
    /// Vectors that are none.
    #[error("vectors")]
    Vector(#[from] VectorError),
    /// A record can't be written anew.
    #[error("cohort without the codes")]
    Cohort(#[from] CohortError),
}
