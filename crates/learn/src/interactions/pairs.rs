//! Every model of pairs on the same folds.

use rayon::prelude::*;
use serde::Serialize;
use twinloom_neural::stream;

use super::folds::PairSplit;
use super::hierarchy::Hierarchy;
use super::link::{Decoder, Encoder, LinkModel, link};
use super::neighbourhood::Partners;
use super::tabular::{Told, logistic, trees};
use super::{InteractionError, InteractionGraph};

/// How interactions are learnt and asked.
///
/// | field | default | purpose | range |
/// |---|---|---|---|
/// | `repeats` | 3 | divisions into folds, each with a seed of its own | >= 1 |
/// | `folds` | 5 | parts of the pairs, each asked once a repeat | >= 2 |
/// | `triple_folds` | 3 | parts of the pairs where sets of three are asked | >= 2 |
/// | `epochs` | 100 | most epochs of a network | >= 1 |
/// | `patience` | 15 | epochs without a better tuning loss before stopping | >= 1 |
/// | `width` | 32 | numbers of a class | >= 1 |
/// | `seed` | 0 | what all draws follow from | |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct InteractionParameters {
    /// Divisions into folds.
    pub repeats: usize,
    /// Parts of the pairs.
    pub folds: usize,
    /// Parts of the pairs where sets of three are asked.
    pub triple_folds: usize,
    /// Most epochs of a network.
    pub epochs: usize,
    /// Epochs without a better tuning loss before stopping.
    pub patience: usize,
    /// Numbers of a class.
    pub width: usize,
    /// What all draws follow from.
    pub seed: u64,
}

impl Default for InteractionParameters {
    fn default() -> Self {
        Self { repeats: 3, folds: 5, triple_folds: 3, epochs: 100, patience: 15, width: 32, seed: 0 }
    }
}

impl InteractionParameters {
    /// Whether the values can be used.
    ///
    /// # Errors
    /// [`InteractionError::Parameter`] naming the value out of range.
    pub fn check(&self) -> Result<(), InteractionError> {
        let checks = [
            ("repeats", self.repeats, 1),
            ("folds", self.folds, 2),
            ("folds of triples", self.triple_folds, 2),
            ("epochs", self.epochs, 1),
            ("patience", self.patience, 1),
            ("width", self.width, 1),
        ];
        match checks.into_iter().find(|(_, value, least)| value < least) {
            Some((name, value, least)) => {
                let permitted = if least == 1 { "1 or more" } else { "2 or more" };
                Err(InteractionError::Parameter { name, value: value as f64, permitted })
            }
            None => Ok(()),
        }
    }

    /// A seed for a model in a fold.
    pub(super) fn seed_of(&self, repeat: usize, fold: usize, model: usize) -> u64 {
        use rand::Rng;
        stream(self.seed, (1 << 41) + ((repeat * 1000 + fold) * 100 + model) as u64).next_u64()
    }
}

/// A row of the comparison of pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PairModel {
    /// The product of both numbers of known partners.
    DegreeProduct,
    /// The number of partners in common.
    CommonNeighbours,
    /// The same, rare partners counting more.
    AdamicAdar,
    /// Logistic regression on the levels of both codes.
    LogisticHierarchy,
    /// Boosted trees on the same.
    TreesHierarchy,
    /// Logistic regression on the levels and the three counts above.
    LogisticHierarchyAndCounts,
    /// Boosted trees on the levels and the three counts.
    TreesHierarchyAndCounts,
    /// The network without the graph, compared by DistMult.
    NetworkWithoutGraph,
    /// Graph convolution, compared by the inner product.
    ConvolutionInner,
    /// Graph convolution, compared by DistMult.
    ConvolutionDistMult,
    /// GraphSAGE, compared by the inner product.
    SageInner,
    /// GraphSAGE, compared by DistMult.
    SageDistMult,
    /// The same with messages along the edges of other classes.
    SageShuffled,
    /// The same learnt from labels dealt anew: must be at chance.
    SagePermuted,
}

impl PairModel {
    /// All rows, in the order of the table.
    pub const ALL: [Self; 14] = [
        Self::DegreeProduct,
        Self::CommonNeighbours,
        Self::AdamicAdar,
        Self::LogisticHierarchy,
        Self::TreesHierarchy,
        Self::LogisticHierarchyAndCounts,
        Self::TreesHierarchyAndCounts,
        Self::NetworkWithoutGraph,
        Self::ConvolutionInner,
        Self::ConvolutionDistMult,
        Self::SageInner,
        Self::SageDistMult,
        Self::SageShuffled,
        Self::SagePermuted,
    ];

    /// In words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DegreeProduct => "degree product",
            Self::CommonNeighbours => "common neighbours",
            Self::AdamicAdar => "Adamic-Adar",
            Self::LogisticHierarchy => "logistic regression, ATC levels",
            Self::TreesHierarchy => "boosted trees, ATC levels",
            Self::LogisticHierarchyAndCounts => "logistic regression, ATC levels and counts",
            Self::TreesHierarchyAndCounts => "boosted trees, ATC levels and counts",
            Self::NetworkWithoutGraph => "network without graph, DistMult",
            Self::ConvolutionInner => "GCN, inner product",
            Self::ConvolutionDistMult => "GCN, DistMult",
            Self::SageInner => "GraphSAGE, inner product",
            Self::SageDistMult => "GraphSAGE, DistMult",
            Self::SageShuffled => "GraphSAGE, DistMult, edges shuffled",
            Self::SagePermuted => "GraphSAGE, DistMult, labels permuted",
        }
    }

    fn link(self) -> Option<LinkModel> {
        let model = |encoder, decoder| Some(LinkModel { encoder, decoder, shuffled: false });
        match self {
            Self::NetworkWithoutGraph => model(Encoder::Alone, Decoder::DistMult),
            Self::ConvolutionInner => model(Encoder::Convolution, Decoder::InnerProduct),
            Self::ConvolutionDistMult => model(Encoder::Convolution, Decoder::DistMult),
            Self::SageInner => model(Encoder::Sage, Decoder::InnerProduct),
            Self::SageDistMult | Self::SagePermuted => model(Encoder::Sage, Decoder::DistMult),
            Self::SageShuffled => {
                Some(LinkModel { encoder: Encoder::Sage, decoder: Decoder::DistMult, shuffled: true })
            }
            _ => None,
        }
    }

    /// Scores of the pairs asked, 0 to 1, more being likelier.
    pub(super) fn scores(
        self,
        hierarchy: &Hierarchy,
        split: &PairSplit,
        parameters: &InteractionParameters,
        seed: u64,
    ) -> Result<Vec<f64>, InteractionError> {
        if let Some(model) = self.link() {
            return if self == Self::SagePermuted {
                let dealt = split.permuted(&mut stream(seed, u64::MAX - 1));
                link(model, hierarchy, &dealt, parameters, seed)
            } else {
                link(model, hierarchy, split, parameters, seed)
            };
        }
        let known = Partners::new(split.nodes, &split.known_edges());
        let counted = |count: &dyn Fn((u32, u32)) -> f64| {
            Ok(split.asked.iter().map(|(pair, _)| count(*pair)).map(|count| count / (1.0 + count)).collect())
        };
        match self {
            Self::CommonNeighbours => counted(&|pair| known.common(pair)),
            Self::AdamicAdar => counted(&|pair| known.adamic_adar(pair)),
            Self::LogisticHierarchy => logistic(Told::Hierarchy, hierarchy, split),
            Self::LogisticHierarchyAndCounts => logistic(Told::HierarchyAndPartners, hierarchy, split),
            Self::TreesHierarchy => trees(Told::Hierarchy, hierarchy, split, seed),
            Self::TreesHierarchyAndCounts => trees(Told::HierarchyAndPartners, hierarchy, split, seed),
            // Networks were taken above.
            _ => counted(&|pair| known.degree_product(pair)),
        }
    }
}

/// What one model said of what one fold asked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunScores<M> {
    /// The model.
    pub model: M,
    /// The division into folds.
    pub repeat: usize,
    /// The fold.
    pub fold: usize,
    /// Scores from 0 to 1, more being likelier.
    pub scores: Vec<f64>,
    /// Whether they interact.
    pub labels: Vec<bool>,
    /// Places of all that interact and of as many others.
    pub balanced: Vec<usize>,
}

/// Least number of interacting pairs for each fold: some to learn from, to stop by and to ask.
const LEAST_PER_FOLD: usize = 4;

/// Scores of hidden pairs by every model, in the order of models, repeats and folds; `progress` is called
/// after each fit.
///
/// # Errors
/// [`InteractionError`] on parameters out of range, too few pairs, or a fit that fails.
pub fn predict_pairs(
    graph: &InteractionGraph,
    models: &[PairModel],
    parameters: &InteractionParameters,
    progress: &(dyn Fn() + Sync),
) -> Result<Vec<RunScores<PairModel>>, InteractionError> {
    parameters.check()?;
    let least = LEAST_PER_FOLD * parameters.folds;
    if graph.pairs().len() < least || graph.apart().len() < least {
        return Err(InteractionError::Few { pairs: graph.pairs().len().min(graph.apart().len()), least });
    }
    let hierarchy = Hierarchy::new(graph.classes());
    let jobs: Vec<(PairModel, usize, usize)> = models
        .iter()
        .flat_map(|model| {
            let fold = move |repeat| (0..parameters.folds).map(move |fold| (*model, repeat, fold));
            (0..parameters.repeats).flat_map(fold)
        })
        .collect();
    let run = |(model, repeat, fold): &(PairModel, usize, usize)| {
        let split = PairSplit::new(graph, parameters.seed, (*repeat, *fold, parameters.folds));
        let balanced =
            split.balanced(&mut stream(parameters.seed, (1 << 42) + (repeat * 1000 + fold) as u64));
        let seed = parameters.seed_of(*repeat, *fold, *model as usize);
        let scores = model.scores(&hierarchy, &split, parameters, seed)?;
        progress();
        let labels = split.asked.iter().map(|(_, label)| *label).collect();
        Ok(RunScores { model: *model, repeat: *repeat, fold: *fold, scores, labels, balanced })
    };
    jobs.par_iter().map(run).collect()
}
