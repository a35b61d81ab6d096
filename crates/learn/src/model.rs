//! The models of the benchmark, each fitted and asked in the same way.

use rand::RngExt;
use serde::{Deserialize, Serialize};
use twinloom_neural::stream;

use crate::benchmark::{BenchmarkError, BenchmarkParameters};
use crate::embedding::EmbeddingNetwork;
use crate::folds::Fold;
use crate::inputs::Inputs;
use crate::network::{Network, Part, predict, train};
use crate::sage::SageNetwork;
use crate::{BoostedTrees, LogisticRegression, TrainerParameters};

/// A row of the benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// L2-penalised logistic regression on scaled features.
    LogisticRegression,
    /// Gradient-boosted trees on features.
    BoostedTrees,
    /// Entity-embedding network on codes and facts.
    EntityEmbeddings,
    /// GraphSAGE on patient, encounter and concept.
    GraphSage,
    /// GraphSAGE on the same graph with its concept edges exchanged at random.
    GraphSageShuffled,
}

impl ModelKind {
    /// Every row, in the order of report.
    pub const ALL: [Self; 5] = [
        Self::LogisticRegression,
        Self::BoostedTrees,
        Self::EntityEmbeddings,
        Self::GraphSage,
        Self::GraphSageShuffled,
    ];

    /// The row's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LogisticRegression => "logistic regression",
            Self::BoostedTrees => "boosted trees",
            Self::EntityEmbeddings => "entity embeddings",
            Self::GraphSage => "GraphSAGE",
            Self::GraphSageShuffled => "GraphSAGE, graph edges shuffled",
        }
    }

    /// What it is, in a sentence.
    pub const fn description(self) -> &'static str {
        match self {
            Self::LogisticRegression => {
                "Logistic regression with an L2 penalty on counts by window, demographics and last measurements, scaled"
            }
            Self::BoostedTrees => {
                "Gradient-boosted trees on counts by window, demographics and last measurements"
            }
            Self::EntityEmbeddings => {
                "Network with one vector per code averaged by window, demographics and last measurements beside them (Guo and Berkhahn 2016)"
            }
            Self::GraphSage => {
                "Two-layer graph network from concepts through encounters to the patient as of the prediction, demographics and last measurements beside them (Hamilton 2017)"
            }
            Self::GraphSageShuffled => {
                "The same graph network on concept edges exchanged at random, every degree kept: what it scores without the record's own links"
            }
        }
    }
}

/// What one fit gave.
pub(crate) struct Fitted {
    pub tuning: Vec<f64>,
    pub held_out: Vec<f64>,
    pub chosen: String,
}

/// Fits on the fold's training instances, chooses on its tuning instances, predicts both others.
///
/// Tuning predictions are those of the model before it is refitted on train and tuning together.
pub(crate) fn fit(
    kind: ModelKind,
    inputs: &Inputs,
    labels: &[bool],
    fold: &Fold,
    parameters: &BenchmarkParameters,
    seed: u64,
) -> Result<Fitted, BenchmarkError> {
    let of = |instances: &[usize]| instances.iter().map(|&instance| labels[instance]).collect::<Vec<_>>();
    let (train_labels, tuning_labels) = (of(&fold.train), of(&fold.tuning));
    let development: Vec<usize> = fold.train.iter().chain(&fold.tuning).copied().collect();
    let development_labels = of(&development);
    match kind {
        ModelKind::LogisticRegression => {
            let features = inputs.scaled.select_rows(&development);
            let train_only = crate::LogisticParameters { refit: false, ..parameters.logistic.clone() };
            let first =
                LogisticRegression::fit(&features, &development_labels, fold.train.len(), &train_only)?;
            let last = if parameters.logistic.refit {
                first.refit(&features, &development_labels)
            } else {
                first.clone()
            };
            Ok(Fitted {
                tuning: first.predict(&inputs.scaled.select_rows(&fold.tuning)),
                held_out: last.predict(&inputs.scaled.select_rows(&fold.held_out)),
                chosen: format!("penalty {}", first.penalty),
            })
        }
        ModelKind::BoostedTrees => {
            let (train, tuning) = (inputs.columns(&fold.train), inputs.columns(&fold.tuning));
            let first = BoostedTrees::fit(
                (&train, &train_labels),
                (&tuning, &tuning_labels),
                &parameters.trees,
                seed,
            )?;
            let last =
                first.refit((&inputs.columns(&development), &development_labels), &parameters.trees, seed)?;
            Ok(Fitted {
                tuning: first.predict(&tuning),
                held_out: last.predict(&inputs.columns(&fold.held_out)),
                chosen: format!("depth {}, {} trees", first.depth, first.trees),
            })
        }
        ModelKind::EntityEmbeddings => {
            let own = &parameters.embedding;
            let network = EmbeddingNetwork::new(&inputs.sequences, inputs.tokens, &inputs.facts, own)?;
            fit_network(&network, labels, fold, &own.trainer, seed)
        }
        ModelKind::GraphSage | ModelKind::GraphSageShuffled => {
            let own = &parameters.sage;
            let shuffled = (kind == ModelKind::GraphSageShuffled).then(|| inputs.graph.shuffled(seed));
            let graph = shuffled.as_ref().unwrap_or(&inputs.graph);
            let network = SageNetwork::new(graph, &fold.train, &inputs.facts, own)?;
            fit_network(&network, labels, fold, &own.trainer, seed)
        }
    }
}

/// Fits as many networks as asked for, each stopped by itself, and averages their probabilities.
///
/// # Source
/// Lakshminarayanan, Pritzel and Blundell (2017), arXiv 1612.01474, for the averaging.
fn fit_network<N: Network>(
    network: &N,
    labels: &[bool],
    fold: &Fold,
    parameters: &TrainerParameters,
    seed: u64,
) -> Result<Fitted, BenchmarkError> {
    let of = |instances: &[usize]| instances.iter().map(|&instance| labels[instance]).collect::<Vec<_>>();
    let (train_labels, tuning_labels) = (of(&fold.train), of(&fold.tuning));
    let development: Vec<usize> = fold.train.iter().chain(&fold.tuning).copied().collect();
    let development_labels = of(&development);
    let mut fitted = Fitted {
        tuning: vec![0.0; fold.tuning.len()],
        held_out: vec![0.0; fold.held_out.len()],
        chosen: String::new(),
    };
    let mut epochs = Vec::with_capacity(parameters.members);
    for member in 0..parameters.members {
        let seed = stream(seed, MEMBER_STREAM + member as u64).random();
        let first = train(
            network,
            Part { instances: &fold.train, labels: &train_labels },
            Part { instances: &fold.tuning, labels: &tuning_labels },
            parameters,
            seed,
        )?;
        let same_length = TrainerParameters { epochs: first.epoch, ..*parameters };
        let last = train(
            network,
            Part { instances: &development, labels: &development_labels },
            Part { instances: &[], labels: &[] },
            &same_length,
            seed,
        )?;
        add_share(&mut fitted.tuning, &predict(network, &first, &fold.tuning), parameters.members);
        add_share(&mut fitted.held_out, &predict(network, &last, &fold.held_out), parameters.members);
        epochs.push(first.epoch.to_string());
    }
    fitted.chosen = format!("epochs {}", epochs.join(", "));
    Ok(fitted)
}

fn add_share(mean: &mut [f64], probabilities: &[f64], members: usize) {
    for (mean, probability) in mean.iter_mut().zip(probabilities) {
        *mean += probability / members as f64;
    }
}

/// Streams that seed the members, apart from those within a member.
const MEMBER_STREAM: u64 = 1 << 16;
