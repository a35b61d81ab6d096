//! Networks that tell interacting pairs: classes hear their partners, then two classes are compared.

use burn::tensor::activation::log_sigmoid;
use burn::tensor::{Int, Tensor, TensorData};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use twinloom_neural::layer::{GraphConvolution, Linear, Neighbours, Sage, renormalised};
use twinloom_neural::{
    AdamParameters, Aggregator, FitParameters, Keep, Objective, Pass, SparseMatrix, WeightId, Weights, fit,
    product, relu, stream,
};

use super::folds::{PairSplit, edges};
use super::graph::Pair;
use super::hierarchy::Hierarchy;
use super::neighbourhood::Partners;
use super::{InteractionError, InteractionParameters};

/// How a class hears its known partners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoder {
    /// Not at all.
    Alone,
    /// Graph convolution.
    Convolution,
    /// GraphSAGE, by means.
    Sage,
}

/// How two classes are compared.
///
/// # Limits
/// ComplEx is no third way here: interaction has no direction, and the mean of its scores both ways,
/// `Re(r) . Re(h conj(t))`, is DistMult's of twice the width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decoder {
    /// The inner product of their vectors.
    InnerProduct,
    /// The same with a learnt weight for each coordinate.
    DistMult,
}

/// Which network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LinkModel {
    pub encoder: Encoder,
    pub decoder: Decoder,
    /// Whether messages pass along the edges of other classes.
    pub shuffled: bool,
}

/// Two layers and a comparison.
///
/// A class starts from a vector of its own, a map of its place in the hierarchy and of the log of its
/// number of known partners. The score of a pair is the comparison plus a number for each of the two,
/// linear in its vector, so that a class with many partners can say so.
///
/// # Source
/// Hamilton et al. (NeurIPS 2017) and Kipf and Welling (ICLR 2017) for the layers; Kipf and Welling, Variational
/// Graph Auto-Encoders (2016), section 2, for the inner product; Yang et al. (ICLR 2015), equation 2, for
/// DistMult.
#[derive(Clone, Debug)]
struct Layers {
    own: WeightId,
    told: Linear,
    hidden: [Layer; 2],
    weigh: Option<WeightId>,
    class_score: Linear,
    level: WeightId,
}

#[derive(Clone, Copy, Debug)]
enum Layer {
    Alone(Linear),
    Convolution(GraphConvolution),
    Sage(Sage),
}

/// What classes are told before a step.
#[derive(Clone, Debug)]
struct Messages {
    features: Aggregator,
    neighbours: Option<Aggregator>,
}

/// Messages along all edges but those hidden, and the pairs asked.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    messages: Messages,
    places: Vec<i64>,
    labels: Vec<f32>,
}

/// Parts of an epoch: the edges of each are hidden while it is asked, for a network that sees the edge it is
/// asked for learns nothing else.
const PARTS: usize = 5;

/// Share of units left out.
const DROPOUT: f32 = 0.3;

struct Link<'a> {
    model: LinkModel,
    split: &'a PairSplit,
    hierarchy: &'a Hierarchy,
    /// In whose place each class hears.
    places: Vec<u32>,
    layers: Layers,
}

/// Probabilities of the pairs asked.
pub(super) fn link(
    model: LinkModel,
    hierarchy: &Hierarchy,
    split: &PairSplit,
    parameters: &InteractionParameters,
    seed: u64,
) -> Result<Vec<f64>, InteractionError> {
    let mut rng = stream(seed, u64::MAX);
    let mut places: Vec<u32> = (0..split.nodes as u32).collect();
    if model.shuffled {
        places.shuffle(&mut rng);
    }
    let share = split.train.iter().filter(|(_, label)| *label).count() as f32 / split.train.len() as f32;
    let prior = (share / (1.0 - share)).ln();
    let mut weights = Weights::new();
    let sizes = (split.nodes, hierarchy.class_columns() + 1, parameters.width);
    let layers = Layers::new(&mut weights, model, sizes, prior, &mut rng);
    let objective = Link { model, split, hierarchy, places, layers };
    let fitting = FitParameters {
        epochs: parameters.epochs,
        patience: Some(parameters.patience),
        optimiser: AdamParameters { learning_rate: 5e-3, weight_decay: 1e-2, ..AdamParameters::default() },
        keep: Keep::Best,
        ..FitParameters::default()
    };
    let fitted = fit(&objective, weights, &fitting, seed, None, &|_| {})?;
    let messages = objective.messages(&split.known_edges());
    let scores =
        objective.scores(&mut Pass::in_use(&fitted.weights), &messages, &objective.flat(&split.asked));
    Ok(probabilities(scores))
}

impl Layers {
    fn new(
        weights: &mut Weights,
        model: LinkModel,
        (nodes, columns, width): (usize, usize, usize),
        prior: f32,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let own = weights.embedding("own", [nodes, width], rng);
        let told = Linear::new(weights, "told", columns, width, rng);
        let mut layer = |name: &str| match model.encoder {
            Encoder::Alone => Layer::Alone(Linear::new(weights, name, width, width, rng)),
            Encoder::Convolution => {
                Layer::Convolution(GraphConvolution::new(weights, name, width, width, rng))
            }
            Encoder::Sage => Layer::Sage(Sage::mean(weights, name, width, width, rng)),
        };
        let hidden = [layer("first"), layer("second")];
        let weigh =
            (model.decoder == Decoder::DistMult).then(|| weights.uniform("weigh", [1, width], 1.0, rng));
        let class_score = Linear::without_bias(weights, "class score", width, 1, rng);
        Self { own, told, hidden, weigh, class_score, level: weights.bias("level", 1, prior) }
    }

    fn forward(&self, pass: &mut Pass, messages: &Messages) -> Tensor<2> {
        let mut vectors = pass.weight(self.own) + self.told.forward_sparse(pass, &messages.features);
        for (place, layer) in self.hidden.iter().enumerate() {
            vectors = pass.dropout(vectors, DROPOUT);
            vectors = match (layer, &messages.neighbours) {
                (Layer::Convolution(layer), Some(map)) => layer.forward(pass, map, vectors),
                (Layer::Sage(layer), Some(map)) => {
                    layer.forward(pass, &Neighbours::Mean(map.clone()), vectors)
                }
                (Layer::Alone(layer), _) => layer.forward(pass, vectors),
                (Layer::Convolution(_) | Layer::Sage(_), None) => vectors,
            };
            if place == 0 {
                vectors = relu(vectors);
            }
        }
        vectors
    }
}

impl Link<'_> {
    fn messages(&self, known: &[Pair]) -> Messages {
        let partners = Partners::new(self.split.nodes, known);
        let degree_column = self.hierarchy.class_columns() as u32;
        let row = |class: u32| {
            let mut row = self.hierarchy.of_class(class);
            row.push((degree_column, (partners.degree(class) as f32).ln_1p()));
            row
        };
        let features =
            SparseMatrix::from_rows(degree_column as usize + 1, (0..self.split.nodes as u32).map(row))
                .expect("columns of the hierarchy and one more");
        let moved: Vec<Pair> =
            known.iter().map(|(a, b)| (self.places[*a as usize], self.places[*b as usize])).collect();
        let adjacency =
            || SparseMatrix::from_edges(self.split.nodes, &moved).expect("ends among the classes");
        let neighbours = match self.model.encoder {
            Encoder::Alone => None,
            Encoder::Convolution => Some(renormalised(&adjacency())),
            Encoder::Sage => Some(adjacency().into_row_means()),
        };
        Messages { features: Aggregator::new(features), neighbours: neighbours.map(Aggregator::new) }
    }

    /// Places in the table of all pairs.
    fn flat(&self, part: &[(Pair, bool)]) -> Vec<i64> {
        part.iter().map(|((a, b), _)| i64::from(*a) * self.split.nodes as i64 + i64::from(*b)).collect()
    }

    fn batch(&self, known: &[Pair], part: &[(Pair, bool)]) -> Batch {
        let labels = part.iter().map(|(_, label)| f32::from(u8::from(*label))).collect();
        Batch { messages: self.messages(known), places: self.flat(part), labels }
    }

    /// Log odds of pairs.
    fn scores(&self, pass: &mut Pass, messages: &Messages, places: &[i64]) -> Tensor<2> {
        let vectors = self.layers.forward(pass, messages);
        let [nodes, width] = vectors.dims();
        let own = self.layers.class_score.forward(pass, vectors.clone());
        let left = match self.layers.weigh {
            Some(weigh) => vectors.clone() * pass.weight(weigh),
            None => vectors.clone(),
        };
        let compared = product(left, vectors.transpose()).mul_scalar(1.0 / (width as f32).sqrt());
        let scores = compared + own.clone() + own.transpose() + pass.weight(self.layers.level);
        let wanted = TensorData::new(places.to_vec(), [places.len()]);
        let wanted = Tensor::<1, Int>::from_data(wanted, &pass.device());
        scores.reshape([nodes * nodes, 1]).select(0, wanted)
    }

    fn loss_of(&self, pass: &mut Pass, batch: &Batch) -> Tensor<1> {
        let scores = self.scores(pass, &batch.messages, &batch.places);
        log_loss(scores, &batch.labels)
    }
}

impl Objective for Link<'_> {
    type Batch = Batch;

    fn batches(&self, _epoch: usize, rng: &mut ChaCha8Rng) -> Vec<Batch> {
        let mut pairs = self.split.train.clone();
        pairs.shuffle(rng);
        let part = |part: usize| -> Batch {
            let (asked, rest): (Vec<_>, Vec<_>) =
                pairs.iter().enumerate().partition(|(place, _)| place % PARTS == part);
            let plain = |part: Vec<(usize, &(Pair, bool))>| part.into_iter().map(|(_, pair)| *pair).collect();
            let (asked, rest): (Vec<_>, Vec<_>) = (plain(asked), plain(rest));
            self.batch(&edges(&rest), &asked)
        };
        (0..PARTS.min(pairs.len())).map(part).collect()
    }

    fn loss(&self, pass: &mut Pass, batch: &Batch) -> Tensor<1> {
        self.loss_of(pass, batch)
    }

    fn tuning_loss(&self, pass: &mut Pass) -> Option<f64> {
        if self.split.tuning.is_empty() {
            return None;
        }
        let batch = self.batch(&self.split.train_edges(), &self.split.tuning);
        Some(f64::from(self.loss_of(pass, &batch).into_scalar::<f32>()))
    }
}

/// Mean log loss of log odds `[rows, 1]`.
pub(super) fn log_loss(log_odds: Tensor<2>, labels: &[f32]) -> Tensor<1> {
    let labels = Tensor::from_data(TensorData::new(labels.to_vec(), [labels.len(), 1]), &log_odds.device());
    let right = labels.clone() * log_sigmoid(log_odds.clone());
    let wrong = (labels.neg().add_scalar(1.0)) * log_sigmoid(log_odds.neg());
    (right + wrong).mean().neg()
}

/// Of log odds.
pub(super) fn probabilities(log_odds: Tensor<2>) -> Vec<f64> {
    let numbers = log_odds.into_data().try_to_vec::<f32>().expect("networks compute in f32");
    numbers.into_iter().map(|odds| crate::loss::sigmoid(f64::from(odds))).collect()
}
