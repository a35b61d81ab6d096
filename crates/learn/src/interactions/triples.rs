//! Sets of three classes as hyperedges: which of them interact each with each.
//!
//! No open table says which three drugs together do harm that no two of them do. What stands here for a
//! hyperedge is a clique: three classes that interact pairwise. It is asked against sets in which exactly two
//! pairs interact, so that knowing busy classes is not enough.
//!
//! Pairs are divided into known and hidden; a set is learnt from when all its pairs are known, asked when all
//! are hidden, and left out otherwise. No pair of a set that is asked was seen.

use std::collections::BTreeSet;

use burn::tensor::Tensor;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::Serialize;
use twinloom_neural::layer::{DeepSets, Hypergraph, Linear, SetTransformer};
use twinloom_neural::{
    AdamParameters, Aggregator, Edges, FitParameters, Objective, Pass, SparseMatrix, WeightId, Weights, fit,
    relu, stream,
};

use super::folds::PairSplit;
use super::graph::{Pair, pairs_of};
use super::hierarchy::Hierarchy;
use super::link::{log_loss, probabilities};
use super::neighbourhood::Partners;
use super::{InteractionError, InteractionGraph, InteractionParameters, PairModel, RunScores};

/// A row of the comparison of sets of three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TripleModel {
    /// The mean of a pair model's scores of the three pairs.
    PairMean(PairModel),
    /// The least of them: a clique lacks none.
    PairLeast(PairModel),
    /// AllDeepSets over known pairs and cliques.
    DeepSets,
    /// AllSetTransformer over known pairs and cliques.
    SetTransformer,
    /// A function of the three classes' own vectors, without the hypergraph.
    SetAlone,
}

impl TripleModel {
    /// All rows, in the order of the table.
    pub const ALL: [Self; 11] = [
        Self::PairMean(PairModel::DegreeProduct),
        Self::PairLeast(PairModel::DegreeProduct),
        Self::PairMean(PairModel::LogisticHierarchyAndCounts),
        Self::PairLeast(PairModel::LogisticHierarchyAndCounts),
        Self::PairMean(PairModel::TreesHierarchyAndCounts),
        Self::PairLeast(PairModel::TreesHierarchyAndCounts),
        Self::PairMean(PairModel::SageDistMult),
        Self::PairLeast(PairModel::SageDistMult),
        Self::SetAlone,
        Self::DeepSets,
        Self::SetTransformer,
    ];

    /// In words.
    pub fn name(self) -> String {
        match self {
            Self::PairMean(model) => format!("mean of pairs: {}", model.name()),
            Self::PairLeast(model) => format!("least of pairs: {}", model.name()),
            Self::DeepSets => "AllDeepSets".to_owned(),
            Self::SetTransformer => "AllSetTransformer".to_owned(),
            Self::SetAlone => "set network without hypergraph".to_owned(),
        }
    }

    fn pair(self) -> Option<PairModel> {
        match self {
            Self::PairMean(model) | Self::PairLeast(model) => Some(model),
            Self::DeepSets | Self::SetTransformer | Self::SetAlone => None,
        }
    }
}

type Triple = ([u32; 3], bool);

/// Sets by what is known of their pairs.
struct TripleSplit {
    pairs: PairSplit,
    train: Vec<Triple>,
    tuning: Vec<Triple>,
    asked: Vec<Triple>,
}

/// One set in so many of those known is kept for tuning.
const TUNING_PART: usize = 5;

impl TripleSplit {
    fn new(graph: &InteractionGraph, triples: &[Triple], pairs: PairSplit, rng: &mut ChaCha8Rng) -> Self {
        let hidden: BTreeSet<Pair> = pairs.asked.iter().map(|(pair, _)| *pair).collect();
        debug_assert!(graph.classes().len() == pairs.nodes);
        let hidden_of =
            |set: [u32; 3]| pairs_of(set).into_iter().filter(|pair| hidden.contains(pair)).count();
        let asked = triples.iter().filter(|(set, _)| hidden_of(*set) == 3).copied().collect();
        let mut split = Self { pairs, train: vec![], tuning: vec![], asked };
        for wanted in [true, false] {
            let mut known: Vec<Triple> = triples
                .iter()
                .filter(|(set, label)| *label == wanted && hidden_of(*set) == 0)
                .copied()
                .collect();
            known.shuffle(rng);
            let kept = known.len() / TUNING_PART;
            split.tuning.extend_from_slice(&known[..kept]);
            split.train.extend_from_slice(&known[kept..]);
        }
        split
    }
}

/// Vectors of classes that hear their hyperedges, and a function of three of them.
///
/// # Source
/// Chien et al., You are AllSet (ICLR 2022), equations 6 to 8; what is asked of a set is read by the same
/// function of its members.
#[derive(Clone, Copy, Debug)]
struct Layers {
    own: WeightId,
    told: Linear,
    hearing: Option<[Half; 2]>,
    asked: DeepSets,
    score: Linear,
}

#[derive(Clone, Copy, Debug)]
enum Half {
    Deep(DeepSets),
    Transformer(SetTransformer),
}

/// Share of units left out.
const DROPOUT: f32 = 0.3;

/// Parts of an epoch; the pairs of the sets asked in one are hidden from it.
const PARTS: usize = 24;

struct SetNetwork<'a> {
    split: &'a TripleSplit,
    hierarchy: &'a Hierarchy,
    layers: Layers,
}

struct Batch {
    features: Aggregator,
    /// Known pairs and cliques, from classes to them and back.
    hyperedges: Option<[(Aggregator, Edges); 2]>,
    sets: Aggregator,
    labels: Vec<f32>,
}

impl Layers {
    fn new(
        weights: &mut Weights,
        model: TripleModel,
        (nodes, columns, width): (usize, usize, usize),
        prior: f32,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let own = weights.embedding("own", [nodes, width], rng);
        let told = Linear::new(weights, "told", columns, width, rng);
        let mut half = |name: &str| match model {
            TripleModel::SetTransformer => {
                Half::Transformer(SetTransformer::new(weights, name, width, (width, 1), rng))
            }
            _ => Half::Deep(DeepSets::new(weights, name, width, width, rng)),
        };
        let hearing = (model != TripleModel::SetAlone).then(|| [half("to hyperedges"), half("to classes")]);
        let asked = DeepSets::new(weights, "asked", width, width, rng);
        let score = Linear::new(weights, "score", width, 1, rng);
        if let Some(bias) = score.bias() {
            weights.values_mut(bias).fill(prior);
        }
        Self { own, told, hearing, asked, score }
    }

    fn log_odds(&self, pass: &mut Pass, batch: &Batch) -> Tensor<2> {
        let start = pass.weight(self.own) + self.told.forward_sparse(pass, &batch.features);
        let mut vectors = relu(start.clone());
        if let (Some(halves), Some(hyperedges)) = (&self.hearing, &batch.hyperedges) {
            for (half, (means, members)) in halves.iter().zip(hyperedges) {
                let heard = match half {
                    Half::Deep(layer) => layer.forward(pass, means, vectors, DROPOUT),
                    Half::Transformer(layer) => layer.forward(pass, members, vectors),
                };
                vectors = relu(heard);
            }
            // What a class is stays beside what it hears.
            vectors = vectors + start;
        }
        let sets = self.asked.forward(pass, &batch.sets, vectors, DROPOUT);
        self.score.forward(pass, relu(sets))
    }
}

impl SetNetwork<'_> {
    fn batch(&self, known: &[Pair], asked: &[Triple]) -> Batch {
        let nodes = self.split.pairs.nodes;
        let partners = Partners::new(nodes, known);
        let degree_column = self.hierarchy.class_columns() as u32;
        let row = |class: u32| {
            let mut row = self.hierarchy.of_class(class);
            row.push((degree_column, (partners.degree(class) as f32).ln_1p()));
            row
        };
        let features = SparseMatrix::from_rows(degree_column as usize + 1, (0..nodes as u32).map(row))
            .expect("columns of the hierarchy and one more");
        let hyperedges = self.layers.hearing.is_some().then(|| {
            let known: BTreeSet<Pair> = known.iter().copied().collect();
            let cliques = self
                .split
                .train
                .iter()
                .chain(&self.split.tuning)
                .filter(|(set, label)| *label && pairs_of(*set).iter().all(|pair| known.contains(pair)));
            let members = known.iter().map(|(a, b)| vec![*a, *b]).chain(cliques.map(|(set, _)| set.to_vec()));
            let hypergraph = Hypergraph::new(nodes, members.collect()).expect("members are classes");
            let (to_hyperedges, to_nodes) = hypergraph.means();
            [(to_hyperedges, hypergraph.hears_nodes()), (to_nodes, hypergraph.hears_hyperedges())]
        });
        let sets = asked.iter().map(|(set, _)| set.iter().map(|class| (*class, 1.0)).collect());
        let sets = SparseMatrix::from_rows(nodes, sets).expect("members are classes").into_row_means();
        Batch {
            features: Aggregator::new(features),
            hyperedges,
            sets: Aggregator::new(sets),
            labels: asked.iter().map(|(_, label)| f32::from(u8::from(*label))).collect(),
        }
    }

    /// Known edges without the pairs of some sets.
    fn without(&self, asked: &[Triple]) -> Vec<Pair> {
        let hidden: BTreeSet<Pair> = asked.iter().flat_map(|(set, _)| pairs_of(*set)).collect();
        let mut known = self.split.pairs.known_edges();
        known.retain(|pair| !hidden.contains(pair));
        known
    }
}

impl Objective for SetNetwork<'_> {
    type Batch = Batch;

    fn batches(&self, _epoch: usize, rng: &mut ChaCha8Rng) -> Vec<Batch> {
        let mut sets = self.split.train.clone();
        sets.shuffle(rng);
        let size = sets.len().div_ceil(PARTS).max(1);
        sets.chunks(size).map(|asked| self.batch(&self.without(asked), asked)).collect()
    }

    fn loss(&self, pass: &mut Pass, batch: &Batch) -> Tensor<1> {
        log_loss(self.layers.log_odds(pass, batch), &batch.labels)
    }

    fn tuning_loss(&self, pass: &mut Pass) -> Option<f64> {
        if self.split.tuning.is_empty() {
            return None;
        }
        let size = self.split.tuning.len().div_ceil(PARTS / 6).max(1);
        let mut total = 0.0;
        for asked in self.split.tuning.chunks(size) {
            let batch = self.batch(&self.without(asked), asked);
            total += f64::from(self.loss(pass, &batch).into_scalar::<f32>()) * asked.len() as f64;
        }
        Some(total / self.split.tuning.len() as f64)
    }
}

fn by_sets(
    model: TripleModel,
    hierarchy: &Hierarchy,
    split: &TripleSplit,
    parameters: &InteractionParameters,
    seed: u64,
) -> Result<Vec<f64>, InteractionError> {
    let mut rng = stream(seed, u64::MAX);
    let share = split.train.iter().filter(|(_, label)| *label).count() as f32 / split.train.len() as f32;
    let mut weights = Weights::new();
    let sizes = (split.pairs.nodes, hierarchy.class_columns() + 1, parameters.width);
    let layers = Layers::new(&mut weights, model, sizes, (share / (1.0 - share)).ln(), &mut rng);
    let network = SetNetwork { split, hierarchy, layers };
    let fitting = FitParameters {
        epochs: parameters.epochs,
        patience: Some(parameters.patience),
        optimiser: AdamParameters { learning_rate: 3e-3, weight_decay: 1e-2, ..AdamParameters::default() },
        ..FitParameters::default()
    };
    let fitted = fit(&network, weights, &fitting, seed, None, &|_| {})?;
    let batch = network.batch(&split.pairs.known_edges(), &split.asked);
    Ok(probabilities(network.layers.log_odds(&mut Pass::in_use(&fitted.weights), &batch)))
}

/// Of the three pairs of each set asked, from the scores of the pairs hidden.
fn by_pairs(model: TripleModel, split: &TripleSplit, scores: &[f64]) -> Vec<f64> {
    let of: std::collections::BTreeMap<Pair, f64> =
        split.pairs.asked.iter().zip(scores).map(|((pair, _), score)| (*pair, *score)).collect();
    let combined = |(set, _): &Triple| {
        // All pairs of a set that is asked are hidden, and so have a score.
        let own = pairs_of(*set).map(|pair| of.get(&pair).copied().unwrap_or(0.0));
        match model {
            TripleModel::PairLeast(_) => own.into_iter().fold(1.0, f64::min),
            _ => own.into_iter().sum::<f64>() / 3.0,
        }
    };
    split.asked.iter().map(combined).collect()
}

/// Scores of hidden sets of three by every model, in the order of models, repeats and folds; `progress` is
/// called after each fit. A fold whose hidden sets are all of one sort is left out.
///
/// # Errors
/// [`InteractionError`] on parameters out of range, too few pairs or sets, or a fit that fails.
pub fn predict_triples(
    graph: &InteractionGraph,
    models: &[TripleModel],
    parameters: &InteractionParameters,
    progress: &(dyn Fn() + Sync),
) -> Result<Vec<RunScores<TripleModel>>, InteractionError> {
    parameters.check()?;
    let hierarchy = Hierarchy::new(graph.classes());
    let triples = graph.triples();
    let folds = parameters.triple_folds;
    let mut jobs = Vec::new();
    for repeat in 0..parameters.repeats {
        for fold in 0..folds {
            let place = (repeat * 1000 + fold) as u64;
            // Other folds than those of the pairs: a part is larger.
            let pairs = PairSplit::new(graph, parameters.seed ^ 1, (repeat, fold, folds));
            let mut rng = stream(parameters.seed, (1 << 43) + place);
            let split = TripleSplit::new(graph, &triples, pairs, &mut rng);
            let both = |sets: &[Triple]| {
                sets.iter().any(|(_, label)| *label) && sets.iter().any(|(_, label)| !*label)
            };
            if both(&split.asked) && both(&split.train) {
                jobs.push((repeat, fold, split));
            }
        }
    }
    if jobs.is_empty() {
        let cliques = triples.iter().filter(|(_, label)| *label).count();
        return Err(InteractionError::Few { pairs: cliques, least: cliques + 1 });
    }
    let mut pair_models: Vec<PairModel> = models.iter().filter_map(|model| model.pair()).collect();
    pair_models.sort_unstable();
    pair_models.dedup();
    let run = |(repeat, fold, split): &(usize, usize, TripleSplit)| {
        let seed = |model: usize| parameters.seed_of(*repeat, *fold, model);
        let mut of_pairs = Vec::new();
        for pair in &pair_models {
            of_pairs.push(pair.scores(&hierarchy, &split.pairs, parameters, seed(*pair as usize))?);
        }
        let mut found = Vec::new();
        for (place, model) in models.iter().enumerate() {
            let scores = match model.pair().and_then(|pair| pair_models.binary_search(&pair).ok()) {
                Some(pair) => by_pairs(*model, split, &of_pairs[pair]),
                None => by_sets(*model, &hierarchy, split, parameters, seed(50 + place))?,
            };
            progress();
            let labels: Vec<bool> = split.asked.iter().map(|(_, label)| *label).collect();
            let balanced = (0..labels.len()).collect();
            found.push(RunScores { model: *model, repeat: *repeat, fold: *fold, scores, labels, balanced });
        }
        Ok(found)
    };
    let by_fold: Vec<Vec<RunScores<TripleModel>>> =
        jobs.par_iter().map(run).collect::<Result<_, InteractionError>>()?;
    let mut by_model: Vec<_> = by_fold.into_iter().flatten().collect();
    by_model.sort_by_key(|run| models.iter().position(|model| *model == run.model));
    Ok(by_model)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_no_pair_of_a_set_asked_is_known() {
        let classes: Vec<String> = (0..12).map(|place| format!("A{place:02}A")).collect();
        let pairs = (0..12).flat_map(|a| (a + 1..12).map(move |b| (a, b))).filter(|(a, b)| (a * b) % 3 != 1);
        let graph = InteractionGraph::new(pairs.map(|(a, b)| (&classes[a], &classes[b]))).unwrap();
        let pairs = PairSplit::new(&graph, 3, (0, 1, 3));
        let split = TripleSplit::new(&graph, &graph.triples(), pairs, &mut stream(3, 0));
        assert!(!split.asked.is_empty() && !split.train.is_empty() && !split.tuning.is_empty());
        let known: BTreeSet<Pair> =
            split.pairs.train.iter().chain(&split.pairs.tuning).map(|(pair, _)| *pair).collect();
        let seen = |set: [u32; 3]| pairs_of(set).into_iter().filter(|pair| known.contains(pair)).count();
        assert!(split.asked.iter().all(|(set, _)| seen(*set) == 0));
        assert!(split.train.iter().chain(&split.tuning).all(|(set, _)| seen(*set) == 3));
    }
}
