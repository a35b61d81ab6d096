//! The models of the benchmark, each fitted and asked in the same way.

use rand::RngExt;
use twinloom_neural::stream;

use crate::benchmark::{BenchmarkError, BenchmarkParameters};
use crate::embedding::EmbeddingNetwork;
use crate::encoding::{
    BagNetwork, BehrtNetwork, CodeSets, GctNetwork, GruNetwork, Interactions, Links, Nodes, People,
    RelationalNetwork, RetainNetwork, Sentences, Steps, TemporalNetwork, TransformerNetwork, TypedNetwork,
    VgnnNetwork, VisitsNetwork, ages_years,
};
use crate::folds::Fold;
use crate::housemates::HousemateColumns;
use crate::inputs::Inputs;
use crate::labels::Labels;
use crate::network::{Learned, Network, Part, Trained, predict, train};
use crate::sage::{Messages, SageNetwork};
use crate::{BoostedTrees, LogisticRegression, ModelKind, TrainerParameters, Weighting};

/// What one fit gave.
pub(crate) struct Fitted {
    /// `[instances, outcomes]`, row by row, as is the next.
    pub tuning: Vec<f64>,
    pub held_out: Vec<f64>,
    pub chosen: String,
    /// Numbers learned.
    pub learned: usize,
    /// Of a model fitted to labels dealt anew: the held-out predictions of each dealing.
    pub dealings: Vec<Vec<f64>>,
}

/// Fits on the fold's training instances, chooses on its tuning instances, predicts both others.
///
/// Tuning predictions are those of the model before it is refitted on train and tuning together. `dealt` are the
/// labels that the rows on labels dealt anew learn from.
pub(crate) fn fit(
    kind: ModelKind,
    inputs: &Inputs<'_>,
    labels: &Labels,
    dealt: &[Labels],
    fold: &Fold,
    parameters: &BenchmarkParameters,
    seed: u64,
) -> Result<Fitted, BenchmarkError> {
    match kind {
        ModelKind::LogisticRegression | ModelKind::BoostedTrees | ModelKind::BoostedTreesWithHousehold => {
            let one = |outcome| fit_one_outcome(kind, inputs, (labels, outcome), fold, parameters, seed);
            let each = (0..labels.outcomes()).map(one).collect::<Result<Vec<_>, _>>()?;
            Ok(Fitted::side_by_side(&each))
        }
        _ => {
            let run = Run { fold, settings: parameters.settings, seed };
            let seeded = (parameters, seed);
            match kind {
                ModelKind::GraphSagePermuted => {
                    on_network(kind, inputs, labels, fold, seeded, &Dealt { run, dealt })
                }
                _ => on_network(kind, inputs, labels, fold, seeded, &run),
            }
        }
    }
}

impl Fitted {
    /// The outcomes' own fits as one.
    fn side_by_side(each: &[Self]) -> Self {
        let rows = |of: fn(&Self) -> &[f64]| {
            let instances = each.first().map_or(0, |first| of(first).len());
            (0..instances).flat_map(|row| each.iter().map(move |fitted| of(fitted)[row])).collect()
        };
        let chosen: Vec<&str> = each.iter().map(|fitted| fitted.chosen.as_str()).collect();
        Self {
            tuning: rows(|fitted| &fitted.tuning),
            held_out: rows(|fitted| &fitted.held_out),
            chosen: chosen.join("; "),
            learned: each.iter().map(|fitted| fitted.learned).sum(),
            dealings: Vec::new(),
        }
    }
}

/// Fits a model of tables, which has one outcome.
fn fit_one_outcome(
    kind: ModelKind,
    inputs: &Inputs<'_>,
    (labels, outcome): (&Labels, usize),
    fold: &Fold,
    parameters: &BenchmarkParameters,
    seed: u64,
) -> Result<Fitted, BenchmarkError> {
    let of = |instances: &[usize]| labels.column(outcome, instances);
    let (train_labels, tuning_labels) = (of(&fold.train), of(&fold.tuning));
    let development: Vec<usize> = fold.train.iter().chain(&fold.tuning).copied().collect();
    let development_labels = of(&development);
    match kind {
        ModelKind::LogisticRegression => {
            let features = inputs.scaled.select_rows(&development);
            let train_only = crate::LogisticParameters {
                refit: false,
                penalties: tried(&parameters.logistic.penalties, parameters.settings),
            };
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
                learned: last.coefficients.len() + 1,
                dealings: Vec::new(),
            })
        }
        ModelKind::BoostedTrees | ModelKind::BoostedTreesWithHousehold => {
            let household = (kind == ModelKind::BoostedTreesWithHousehold).then(|| inputs.people());
            let household = household.transpose()?.map(|people| HousemateColumns::new(people, &fold.train));
            let columns = |instances: &[usize]| match &household {
                Some(household) => household.beside(inputs.columns(instances), instances),
                None => inputs.columns(instances),
            };
            let trees = crate::TreesParameters {
                depths: tried(&parameters.trees.depths, parameters.settings),
                ..parameters.trees.clone()
            };
            let (train, tuning) = (columns(&fold.train), columns(&fold.tuning));
            let first = BoostedTrees::fit((&train, &train_labels), (&tuning, &tuning_labels), &trees, seed)?;
            let last = first.refit((&columns(&development), &development_labels), &parameters.trees, seed)?;
            Ok(Fitted {
                tuning: first.predict(&tuning),
                held_out: last.predict(&columns(&fold.held_out)),
                chosen: format!("depth {}, {} trees", first.depth, first.trees),
                learned: last.leaves(),
                dealings: Vec::new(),
            })
        }
        _ => unreachable!("only models of tables are fitted to one outcome at a time"),
    }
}

/// What is done with a row's network once it is made: it is fitted, or, fitted already, asked.
pub(crate) trait OnNetwork {
    /// What comes of it.
    type Out;

    /// Fits or asks a network, given the labels and the parameters of the row.
    fn fit<N: Network>(
        &self,
        network: &N,
        labels: &Labels,
        parameters: &TrainerParameters,
    ) -> Result<Self::Out, BenchmarkError>;
}

/// Makes the network of a row for these inputs and does something with it.
pub(crate) fn on_network<U: OnNetwork>(
    kind: ModelKind,
    inputs: &Inputs<'_>,
    labels: &Labels,
    fold: &Fold,
    (parameters, seed): (&BenchmarkParameters, u64),
    run: &U,
) -> Result<U::Out, BenchmarkError> {
    let BenchmarkParameters { embedding, sage, sequence, graph, .. } = parameters;
    let Inputs { sequences, tokens, facts, .. } = inputs;
    let balanced = TrainerParameters { weighting: Weighting::Balanced, ..graph.trainer };
    let steps = || Steps::new(sequences, *tokens);
    let sets = || CodeSets::new(sequences, *tokens, graph.most_codes);
    let on_graph = |of: &_, messages| {
        let network = SageNetwork::new(of, &fold.train, facts, messages, sage)?;
        run.fit(&network, labels, &sage.trainer)
    };
    let people = |links| -> Result<People<'_>, BenchmarkError> {
        Ok(People::new(inputs.people()?, &fold.train, facts, links)?)
    };
    let typed = |links| run.fit(&TypedNetwork::new(people(links)?, sage), labels, &sage.trainer);
    match kind {
        ModelKind::LogisticRegression | ModelKind::BoostedTrees | ModelKind::BoostedTreesWithHousehold => {
            unreachable!("these are no networks, and are fitted above")
        }
        ModelKind::BagOfCodes => {
            run.fit(&BagNetwork::new(sequences, *tokens, facts, sequence)?, labels, &sequence.trainer)
        }
        ModelKind::EntityEmbeddings => {
            let network = EmbeddingNetwork::new(sequences, *tokens, facts, embedding)?;
            run.fit(&network, labels, &embedding.trainer)
        }
        ModelKind::Gru => run.fit(&GruNetwork::new(&steps()?, facts, sequence), labels, &sequence.trainer),
        ModelKind::Retain => {
            run.fit(&RetainNetwork::new(&steps()?, facts, sequence), labels, &sequence.trainer)
        }
        ModelKind::Transformer => {
            run.fit(&TransformerNetwork::new(sequences, *tokens, facts, sequence), labels, &sequence.trainer)
        }
        ModelKind::Behrt => {
            let ages = ages_years(&inputs.table);
            let sentences = Sentences::new(sequences, *tokens, &ages, sequence);
            let network = BehrtNetwork::new(sentences, &fold.train, facts, sequence, seed)?;
            run.fit(&network, labels, &sequence.trainer)
        }
        ModelKind::TemporalGraph => {
            let interactions = Interactions::new(sequences, *tokens, &fold.train)?;
            let network = TemporalNetwork::new(&interactions, facts, sequence);
            run.fit(&network, labels, &sequence.trainer)
        }
        ModelKind::HypergraphOfVisits => {
            run.fit(&VisitsNetwork::new(&inputs.graph, facts, graph), labels, &graph.trainer)
        }
        ModelKind::Gct => {
            run.fit(&GctNetwork::new(&sets(), &fold.train, facts, graph), labels, &graph.trainer)
        }
        ModelKind::EncoderDecoder => {
            run.fit(&VgnnNetwork::new(&sets(), facts, Nodes::Plain, graph), labels, &balanced)
        }
        ModelKind::Vgnn => run.fit(&VgnnNetwork::new(&sets(), facts, Nodes::Drawn, graph), labels, &balanced),
        ModelKind::Rgcn => {
            run.fit(&RelationalNetwork::new(people(Links::Kept)?, sage), labels, &sage.trainer)
        }
        ModelKind::Hgt => typed(Links::Kept),
        ModelKind::HgtHouseholdsRemoved => typed(Links::Removed),
        ModelKind::GraphSage | ModelKind::GraphSagePermuted => on_graph(&inputs.graph, Messages::Sent),
        ModelKind::GraphSageRemoved => on_graph(&inputs.graph, Messages::Withheld),
        ModelKind::GraphSageShuffled => on_graph(&inputs.graph.shuffled(seed), Messages::Sent),
    }
}

/// As many settings as each model may try.
pub(crate) fn tried<T: Copy>(all: &[T], settings: usize) -> Vec<T> {
    all.iter().copied().take(settings).collect()
}

/// How every network is fitted.
#[derive(Clone, Copy)]
struct Run<'a> {
    fold: &'a Fold,
    settings: usize,
    seed: u64,
}

impl Run<'_> {
    fn own_seed(&self, member: usize) -> u64 {
        stream(self.seed, MEMBER_STREAM + member as u64).random()
    }

    /// Tries the settings, each stopped by the tuning instances; gives the one of the least tuning loss.
    fn chosen<N: Network>(
        &self,
        network: &N,
        labels: &Labels,
        parameters: &TrainerParameters,
    ) -> Result<(TrainerParameters, Trained<N::Layers>), BenchmarkError> {
        let Self { fold, settings, .. } = *self;
        let outcomes = labels.outcomes();
        let (train_labels, tuning_labels) = (labels.rows(&fold.train), labels.rows(&fold.tuning));
        let first = Part { instances: &fold.train, labels: &train_labels, outcomes };
        let tuning = Part { instances: &fold.tuning, labels: &tuning_labels, outcomes };
        let mut best = None;
        for setting in parameters.settings(settings) {
            let trained = train(network, first, tuning, &setting, self.own_seed(0))?;
            if best
                .as_ref()
                .is_none_or(|(_, least): &(_, Trained<_>)| trained.tuning_loss < least.tuning_loss)
            {
                best = Some((setting, trained));
            }
        }
        Ok(best.expect("there is a setting to try, as the parameters' check asks"))
    }
}

impl OnNetwork for Run<'_> {
    type Out = Fitted;

    /// Chooses a setting; then fits as many networks as asked for on train and tuning together with it and its
    /// number of epochs, and averages their probabilities.
    ///
    /// # Source
    /// Lakshminarayanan, Pritzel and Blundell (2017), arXiv 1612.01474, for the averaging.
    fn fit<N: Network>(
        &self,
        network: &N,
        labels: &Labels,
        parameters: &TrainerParameters,
    ) -> Result<Fitted, BenchmarkError> {
        let (fold, outcomes) = (self.fold, labels.outcomes());
        let (setting, chosen) = self.chosen(network, labels, parameters)?;
        let development: Vec<usize> = fold.train.iter().chain(&fold.tuning).copied().collect();
        let development_labels = labels.rows(&development);
        let everything = Part { instances: &development, labels: &development_labels, outcomes };
        let nothing = Part { instances: &[], labels: &[], outcomes };
        let same_length = TrainerParameters { epochs: chosen.epoch, ..setting };
        let (mut held_out, mut learned) = (vec![0.0; fold.held_out.len() * outcomes], 0);
        for member in 0..setting.members {
            let last = train(network, everything, nothing, &same_length, self.own_seed(member))?;
            learned += last.weights.blocks().iter().map(|block| block.values().len()).sum::<usize>();
            for (mean, probability) in held_out.iter_mut().zip(predict(network, &last, &fold.held_out)) {
                *mean += probability / setting.members as f64;
            }
        }
        let TrainerParameters { learning_rate, dropout, .. } = setting;
        Ok(Fitted {
            tuning: predict(network, &chosen, &fold.tuning),
            held_out,
            chosen: format!("rate {learning_rate}, dropout {dropout}, {} epochs", chosen.epoch),
            learned,
            dealings: Vec::new(),
        })
    }
}

/// Fits one network, with one setting, to each dealing of the labels; the first stands for all where one
/// prediction is asked for.
struct Dealt<'a> {
    run: Run<'a>,
    dealt: &'a [Labels],
}

impl OnNetwork for Dealt<'_> {
    type Out = Fitted;

    fn fit<N: Network>(
        &self,
        network: &N,
        _labels: &Labels,
        parameters: &TrainerParameters,
    ) -> Result<Fitted, BenchmarkError> {
        let alone = TrainerParameters { members: 1, ..*parameters };
        let once = Run { settings: 1, ..self.run };
        let fits = self.dealt.iter().map(|labels| once.fit(network, labels, &alone));
        let mut fits = fits.collect::<Result<Vec<_>, _>>()?;
        let dealings = fits.iter().map(|fitted| fitted.held_out.clone()).collect();
        Ok(Fitted { dealings, ..fits.swap_remove(0) })
    }
}

/// Fits one network on the training instances, chosen on the tuning instances, and keeps it.
pub(crate) struct Learning<'a>(Run<'a>);

impl<'a> Learning<'a> {
    pub(crate) fn new(fold: &'a Fold, settings: usize, seed: u64) -> Self {
        Self(Run { fold, settings, seed })
    }
}

impl OnNetwork for Learning<'_> {
    type Out = Learned;

    fn fit<N: Network>(
        &self,
        network: &N,
        labels: &Labels,
        parameters: &TrainerParameters,
    ) -> Result<Learned, BenchmarkError> {
        Ok(self.0.chosen(network, labels, parameters)?.1.into_learned())
    }
}

/// Asks a network kept for probabilities.
pub(crate) struct Asking<'a> {
    pub learned: &'a Learned,
    pub instances: &'a [usize],
}

impl OnNetwork for Asking<'_> {
    /// `[instances, outcomes]`, row by row.
    type Out = Vec<f64>;

    fn fit<N: Network>(
        &self,
        network: &N,
        _labels: &Labels,
        _parameters: &TrainerParameters,
    ) -> Result<Vec<f64>, BenchmarkError> {
        Ok(predict(network, &self.learned.trained(network), self.instances))
    }
}

/// Streams that seed the members, apart from those within a member.
const MEMBER_STREAM: u64 = 1 << 16;
