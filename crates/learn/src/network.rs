//! What the benchmark needs of a network, and how one is trained on outcomes that happen or not.

use burn::tensor::{Tensor, TensorData};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use twinloom_neural::{FitError, Objective, Pass, Weights, fit, stream};

use crate::loss::{log_loss, logit, sigmoid};
use crate::{TrainerParameters, Weighting};

/// A network that gives instances a probability of each outcome.
pub(crate) trait Network {
    /// Its layers: where their matrices lie among the weights.
    type Layers;
    /// The inputs of some instances, ready to compute with.
    type Batch;

    /// Layers and weights to start from, given the log odds of each outcome's share.
    fn initial(&self, prior_log_odds: &[f32], rng: &mut ChaCha8Rng) -> (Self::Layers, Weights);

    /// Gathers the inputs of these instances.
    fn batch(&self, instances: &[usize]) -> Self::Batch;

    /// Scores the instances of a batch; `dropout` is the share of units left out in training.
    fn forward(&self, layers: &Self::Layers, pass: &mut Pass, batch: &Self::Batch, dropout: f32) -> Scored;
}

/// What a network says of a batch.
pub(crate) struct Scored {
    /// Log odds of the outcomes.
    ///
    /// # Shapes
    /// `[instances, outcomes]`
    pub log_odds: Tensor<2>,
    /// What is added to the mean log loss in training, weighed already.
    pub penalty: Option<Tensor<1>>,
}

impl From<Tensor<2>> for Scored {
    fn from(log_odds: Tensor<2>) -> Self {
        Self { log_odds, penalty: None }
    }
}

/// One instance set with its labels.
///
/// # Shapes
/// `labels` is `[instances, outcomes]`, row by row.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    pub instances: &'a [usize],
    pub labels: &'a [bool],
    pub outcomes: usize,
}

impl Part<'_> {
    /// Number of instances with each outcome.
    fn positives(&self) -> Vec<usize> {
        let mut positives = vec![0; self.outcomes];
        for row in self.labels.chunks(self.outcomes) {
            for (count, label) in positives.iter_mut().zip(row) {
                *count += usize::from(*label);
            }
        }
        positives
    }

    fn positive_weights(&self, weighting: Weighting) -> Vec<f32> {
        let weight = |positives| weighting.positive_weight(positives, self.instances.len());
        self.positives().into_iter().map(weight).collect()
    }
}

/// A trained network.
pub(crate) struct Trained<L> {
    pub layers: L,
    pub weights: Weights,
    /// Weight in training of the instances with each outcome.
    positive_weights: Vec<f32>,
    /// The epoch that the weights are of.
    pub epoch: usize,
    /// Mean log loss on the tuning instances; infinite where there are none.
    pub tuning_loss: f64,
}

/// What a network learned, apart from its layers: so a network made anew, of other instances, can be asked.
#[derive(Clone)]
pub(crate) struct Learned {
    pub weights: Weights,
    positive_weights: Vec<f32>,
}

impl<L> Trained<L> {
    /// Keeps the numbers alone.
    pub(crate) fn into_learned(self) -> Learned {
        Learned { weights: self.weights, positive_weights: self.positive_weights }
    }
}

impl Learned {
    /// The numbers in the layers of a network of the same shape.
    pub(crate) fn trained<N: Network>(&self, network: &N) -> Trained<N::Layers> {
        let Self { weights, positive_weights } = self.clone();
        let priors = vec![0.0; positive_weights.len()];
        let (layers, _) = network.initial(&priors, &mut stream(0, INITIAL_STREAM));
        Trained { layers, weights, positive_weights, epoch: 0, tuning_loss: f64::INFINITY }
    }

    /// What an outcome's log odds are above those in the population.
    pub(crate) fn shift(&self, outcome: usize) -> f64 {
        f64::from(self.positive_weights[outcome]).ln()
    }
}

/// Mean log loss of some instances and outcomes, with what the network adds to it.
struct Outcomes<'a, N: Network> {
    network: &'a N,
    layers: &'a N::Layers,
    train: Vec<Prepared<N::Batch>>,
    tuning: Vec<N::Batch>,
    tuning_labels: &'a [bool],
    dropout: f32,
    positive_weights: Vec<f32>,
}

/// A batch of training: who, the labels, and the inputs where they are kept.
struct Prepared<B> {
    instances: Vec<usize>,
    labels: Vec<f32>,
    inputs: Option<B>,
}

/// Instances in training whose inputs are kept ready; of more, they are made at each step, which takes a
/// little longer and no memory.
const MOST_KEPT: usize = 4096;

/// Instances of one batch outside training; bounds the memory.
const INSTANCES_PER_BATCH: usize = 512;

/// Streams of random numbers that only the seed decides, apart from the trainer's own, which are numbered
/// by epoch.
const INITIAL_STREAM: u64 = u64::MAX;
const BATCH_STREAM: u64 = u64::MAX - 1;

impl<'a, N: Network> Outcomes<'a, N> {
    fn new(
        network: &'a N,
        layers: &'a N::Layers,
        train: Part<'_>,
        tuning: Part<'a>,
        parameters: &TrainerParameters,
        (seed, most_kept): (u64, usize),
    ) -> Self {
        let mut order: Vec<usize> = (0..train.instances.len()).collect();
        order.shuffle(&mut stream(seed, BATCH_STREAM));
        let batch = |places: &[usize]| {
            let instances: Vec<usize> = places.iter().map(|&place| train.instances[place]).collect();
            let rows =
                places.iter().flat_map(|&place| &train.labels[place * train.outcomes..][..train.outcomes]);
            let labels = rows.map(|&label| f32::from(u8::from(label))).collect();
            let inputs = (order.len() <= most_kept).then(|| network.batch(&instances));
            Prepared { instances, labels, inputs }
        };
        Self {
            network,
            layers,
            train: order.chunks(parameters.batch_size).map(batch).collect(),
            tuning: tuning.instances.chunks(INSTANCES_PER_BATCH).map(|part| network.batch(part)).collect(),
            tuning_labels: tuning.labels,
            dropout: parameters.dropout,
            positive_weights: train.positive_weights(parameters.weighting),
        }
    }
}

impl<N: Network> Objective for Outcomes<'_, N> {
    type Batch = usize;

    /// The batches are dealt once, since making their inputs costs more than a step; their order is the
    /// epoch's.
    fn batches(&self, _epoch: usize, rng: &mut ChaCha8Rng) -> Vec<usize> {
        let mut turn: Vec<usize> = (0..self.train.len()).collect();
        turn.shuffle(rng);
        turn
    }

    fn loss(&self, pass: &mut Pass, place: &usize) -> Tensor<1> {
        let Prepared { instances, labels, inputs } = &self.train[*place];
        let made = inputs.is_none().then(|| self.network.batch(instances));
        let batch = inputs.as_ref().or(made.as_ref()).expect("made where it is not kept");
        let Scored { log_odds, penalty } = self.network.forward(self.layers, pass, batch, self.dropout);
        let loss = mean_log_loss(log_odds, labels, &self.positive_weights);
        match penalty {
            Some(penalty) => loss + penalty,
            None => loss,
        }
    }

    fn tuning_loss(&self, pass: &mut Pass) -> Option<f64> {
        let mut probabilities = Vec::with_capacity(self.tuning_labels.len());
        for batch in &self.tuning {
            probabilities.extend(self.probabilities(pass, batch));
        }
        (!self.tuning.is_empty()).then(|| log_loss(&probabilities, self.tuning_labels))
    }
}

impl<N: Network> Outcomes<'_, N> {
    fn probabilities(&self, pass: &mut Pass, batch: &N::Batch) -> Vec<f64> {
        probabilities(self.network.forward(self.layers, pass, batch, 0.0), &self.positive_weights)
    }
}

/// Minimises the mean log loss on `train`; gives the weights of the epoch with the least log loss
/// on `tuning` (the last epoch's when `tuning` is empty).
///
/// Whatever the outcomes weigh in training, the tuning loss and the predictions are those of the population.
pub(crate) fn train<N: Network>(
    network: &N,
    train: Part<'_>,
    tuning: Part<'_>,
    parameters: &TrainerParameters,
    seed: u64,
) -> Result<Trained<N::Layers>, FitError> {
    let mut rng = stream(seed, INITIAL_STREAM);
    let positive_weights = train.positive_weights(parameters.weighting);
    let prior =
        |(positives, weight): (usize, &f32)| prior_log_odds(positives, train.instances.len()) + weight.ln();
    let priors: Vec<f32> = train.positives().into_iter().zip(&positive_weights).map(prior).collect();
    let (layers, weights) = network.initial(&priors, &mut rng);
    let outcomes = Outcomes::new(network, &layers, train, tuning, parameters, (seed, MOST_KEPT));
    let fitted = fit(&outcomes, weights, &parameters.fit_parameters(), seed, None, &|_| ())?;
    drop(outcomes);
    let (epoch, tuning_loss) = (fitted.epoch, fitted.tuning_loss.unwrap_or(f64::INFINITY));
    Ok(Trained { layers, weights: fitted.weights, positive_weights, epoch, tuning_loss })
}

/// Probabilities of the instances, row by row, in batches that bound the memory.
pub(crate) fn predict<N: Network>(
    network: &N,
    trained: &Trained<N::Layers>,
    instances: &[usize],
) -> Vec<f64> {
    let mut pass = Pass::in_use(&trained.weights);
    let mut found = Vec::with_capacity(instances.len());
    for part in instances.chunks(INSTANCES_PER_BATCH) {
        let scored = network.forward(&trained.layers, &mut pass, &network.batch(part), 0.0);
        found.extend(probabilities(scored, &trained.positive_weights));
    }
    found
}

/// Probabilities in the population, after training in which the outcomes weighed `positive_weights`.
fn probabilities(scored: Scored, positive_weights: &[f32]) -> Vec<f64> {
    let shifts = positive_weights.iter().map(|&weight| f64::from(weight).ln()).cycle();
    let log_odds = values(scored.log_odds).into_iter().map(f64::from);
    log_odds.zip(shifts).map(|(log_odds, shift)| sigmoid(log_odds - shift)).collect()
}

/// The log odds of an outcome's share, kept finite, to start an output bias from.
fn prior_log_odds(positives: usize, instances: usize) -> f32 {
    logit((positives as f64 + 0.5) / (instances as f64 + 1.0)) as f32
}

/// The weighted mean of log(1 + e^z) - y z, written so that neither sign of z overflows.
fn mean_log_loss(log_odds: Tensor<2>, labels: &[f32], positive_weights: &[f32]) -> Tensor<1> {
    let (device, shape) = (log_odds.device(), log_odds.dims());
    let matrix = |values: Vec<f32>| Tensor::<2>::from_data(TensorData::new(values, shape), &device);
    let pairs = labels.iter().zip(positive_weights.iter().cycle());
    let weights: Vec<f32> = pairs.map(|(label, weight)| 1.0 + label * (weight - 1.0)).collect();
    let total: f32 = weights.iter().sum();
    let magnitude = log_odds.clone().abs();
    let softplus = log_odds.clone().clamp_min(0.0) + magnitude.neg().exp().log1p();
    let losses = softplus - log_odds * matrix(labels.to_vec());
    (losses * matrix(weights)).sum().div_scalar(total)
}

/// The numbers of a tensor.
pub(crate) fn values(tensor: Tensor<2>) -> Vec<f32> {
    tensor.into_data().try_to_vec::<f32>().expect("the networks compute in f32")
}

#[cfg(test)]
pub(crate) mod tests {
    use twinloom_neural::Keeping;

    use super::*;

    /// Asserts that a network's slopes by all its weights agree with central differences, step 1e-2 in f32:
    /// kinks of the rectifier make single weights miss, so 97 in 100 must agree within 2e-3 plus 2 %.
    pub(crate) fn slopes_of_network_agree<N: Network>(
        network: &N,
        layers: &N::Layers,
        weights: &Weights,
        instances: &[usize],
    ) {
        slopes_of_network_agree_at(network, layers, (weights, 1e-2), instances);
    }

    /// The same at another step: a shorter one meets fewer kinks where rectifier follows rectifier, and more
    /// rounding.
    pub(crate) fn slopes_of_network_agree_at<N: Network>(
        network: &N,
        layers: &N::Layers,
        (weights, step): (&Weights, f32),
        instances: &[usize],
    ) {
        let batch = network.batch(instances);
        let total = |pass: &mut Pass| {
            let Scored { log_odds, penalty } = network.forward(layers, pass, &batch, 0.0);
            penalty.map_or(log_odds.clone().sum(), |penalty| log_odds.sum() + penalty)
        };
        let mut pass = Pass::differentiable(weights);
        let gradients = total(&mut pass).backward();
        let at = |weights: &Weights| total(&mut Pass::in_use(weights)).into_scalar::<f32>();
        let (mut agree, mut count, mut moved) = (0, 0, 0);
        for (block, id) in weights.blocks().iter().zip(weights.ids()) {
            let slopes = pass.weight(id).grad(&gradients).map(values);
            let slopes = slopes.unwrap_or_else(|| vec![0.0; block.values().len()]);
            for (place, slope) in slopes.into_iter().enumerate() {
                let (mut up, mut down) = (weights.clone(), weights.clone());
                up.values_mut(id)[place] += step;
                down.values_mut(id)[place] -= step;
                let numeric = (at(&up) - at(&down)) / (2.0 * step);
                agree += usize::from((numeric - slope).abs() < 2e-3 + 0.02 * slope.abs());
                moved += usize::from(slope.abs() > 1e-3);
                count += 1;
            }
        }
        assert!(agree * 100 >= count * 97, "{agree} of {count} gradients agree");
        assert!(moved * 4 >= count, "{moved} of {count} weights matter");
    }

    /// A line in noise, to see training itself.
    struct Line(Vec<f32>);

    impl Network for Line {
        type Layers = twinloom_neural::layer::Linear;
        type Batch = Vec<f32>;

        fn initial(&self, prior_log_odds: &[f32], rng: &mut ChaCha8Rng) -> (Self::Layers, Weights) {
            let mut weights = Weights::new();
            let outcomes = prior_log_odds.len();
            let layer = twinloom_neural::layer::Linear::new(&mut weights, "line", 2, outcomes, rng);
            weights.values_mut(layer.bias().unwrap()).copy_from_slice(prior_log_odds);
            (layer, weights)
        }

        fn batch(&self, instances: &[usize]) -> Vec<f32> {
            instances.iter().flat_map(|&place| [self.0[place], (place as f32).sin()]).collect()
        }

        fn forward(&self, layer: &Self::Layers, pass: &mut Pass, batch: &Vec<f32>, dropout: f32) -> Scored {
            let rows = TensorData::new(batch.clone(), [batch.len() / 2, 2]);
            let rows = Tensor::from_data(rows, &pass.device());
            let rows = pass.dropout(rows, dropout);
            layer.forward(pass, rows).into()
        }
    }

    fn part<'a>(instances: &'a [usize], labels: &'a [bool]) -> Part<'a> {
        Part { instances, labels, outcomes: 1 }
    }

    fn line() -> (Line, Vec<bool>) {
        let x: Vec<f32> = (0..600).map(|i| ((i * 7919) % 601) as f32 / 300.0 - 1.0).collect();
        let labels = x.iter().enumerate().map(|(i, x)| x + 0.4 * ((i * 31) as f32).sin() > 0.3).collect();
        (Line(x), labels)
    }

    #[test]
    fn law_training_is_the_same_for_any_number_of_threads_and_finds_the_line() {
        let (network, labels) = line();
        let all: Vec<usize> = (0..labels.len()).collect();
        let (first, last) = (part(&all[..400], &labels[..400]), &all[400..]);
        let tuning = part(last, &labels[400..]);
        let parameters = TrainerParameters { learning_rate: 0.05, ..TrainerParameters::default() };
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| train(&network, first, tuning, &parameters, 5).unwrap())
        };
        let one = run(1);
        assert_eq!(one.weights.digest(), run(2).weights.digest());
        let predicted = predict(&network, &one, last);
        assert!(log_loss(&predicted, &labels[400..]) < 0.5, "{predicted:?}");
        let right = predicted.iter().zip(&labels[400..]).filter(|(found, label)| (**found > 0.5) == **label);
        assert!(right.count() > 160, "of 200");
    }

    fn column(values: &[f32]) -> Tensor<2> {
        let data = TensorData::new(values.to_vec(), [values.len(), 1]);
        Tensor::from_data(data, &burn::tensor::Device::flex())
    }

    #[test]
    fn law_an_instance_that_weighs_three_counts_as_three_instances() {
        let weighed = mean_log_loss(column(&[0.3, -1.2, 2.0]), &[1.0, 0.0, 0.0], &[3.0]);
        let repeated = mean_log_loss(column(&[0.3, 0.3, 0.3, -1.2, 2.0]), &[1.0, 1.0, 1.0, 0.0, 0.0], &[1.0]);
        let (weighed, repeated) = (weighed.into_scalar::<f32>(), repeated.into_scalar::<f32>());
        assert!((weighed - repeated).abs() < 1e-6, "{weighed} against {repeated}");
    }

    #[test]
    fn law_two_outcomes_are_learned_side_by_side() {
        // The second is the first turned round: its probabilities must be the first's from 1.
        let (network, labels) = line();
        let both: Vec<bool> = labels.iter().flat_map(|&label| [label, !label]).collect();
        let all: Vec<usize> = (0..labels.len()).collect();
        let (two, none) = (Part { instances: &all, labels: &both, outcomes: 2 }, part(&[], &[]));
        let none = Part { outcomes: 2, ..none };
        let weighting = Weighting::Balanced;
        let parameters = TrainerParameters { learning_rate: 0.05, weighting, ..TrainerParameters::default() };
        let found = predict(&network, &train(&network, two, none, &parameters, 5).unwrap(), &all);
        let right = found.chunks(2).zip(&labels).filter(|(row, label)| (row[0] > 0.5) == **label).count();
        let apart = found.chunks(2).map(|row| (row[0] + row[1] - 1.0).abs()).fold(0.0, f64::max);
        assert!(right > 500 && apart < 0.05, "{right} of 600, {apart}");
    }

    #[test]
    fn law_the_rarer_outcome_weighs_more_and_both_as_much_in_all() {
        // The third defect of VGNN's program: its weight was the reciprocal, below 1 for a rare outcome.
        for (positives, count) in [(1, 20), (7, 30), (15, 20)] {
            let weight = Weighting::Balanced.positive_weight(positives, count);
            assert_eq!(weight > 1.0, 2 * positives < count, "{positives} of {count}: {weight}");
            assert!((weight * positives as f32 - (count - positives) as f32).abs() < 1e-4);
        }
    }

    #[test]
    fn law_balanced_training_still_predicts_the_share_of_the_population() {
        // 30 % of the labels are true whatever x; without the shift the mean prediction would be a half.
        let (network, _) = line();
        let labels: Vec<bool> = (0..600).map(|place| (place * 7) % 10 < 3).collect();
        let all: Vec<usize> = (0..600).collect();
        let (part, none) = (part(&all, &labels), part(&[], &[]));
        let plain = TrainerParameters { epochs: 20, learning_rate: 0.02, ..TrainerParameters::default() };
        for weighting in [Weighting::Plain, Weighting::Balanced] {
            let trained = train(&network, part, none, &TrainerParameters { weighting, ..plain }, 5).unwrap();
            let mean = predict(&network, &trained, &all).iter().sum::<f64>() / 600.0;
            assert!((mean - 0.3).abs() < 0.03, "{weighting:?}: {mean}");
        }
    }

    #[test]
    fn law_a_killed_run_ends_with_the_same_weights() {
        let folder = tempfile::tempdir().unwrap();
        let keeping = Keeping { file: folder.path().join("run.safetensors"), every_epochs: 3 };
        let (network, labels) = line();
        let all: Vec<usize> = (0..labels.len()).collect();
        let parameters = TrainerParameters { epochs: 12, ..TrainerParameters::default() };
        let (layers, weights) = network.initial(&[0.0], &mut stream(5, INITIAL_STREAM));
        let (first, rest) = all.split_at(400);
        let outcomes = |most_kept| {
            let (train, tuning) = (part(first, &labels[..400]), part(rest, &labels[400..]));
            Outcomes::new(&network, &layers, train, tuning, &parameters, (5, most_kept))
        };
        let (outcomes, unkept) = (outcomes(MOST_KEPT), outcomes(0));
        let fit_parameters = parameters.fit_parameters();
        let whole = fit(&outcomes, weights.clone(), &fit_parameters, 5, None, &|_| ()).unwrap();
        // Nor does it matter whether the inputs were kept or made at each step.
        assert_eq!(fit(&unkept, weights.clone(), &fit_parameters, 5, None, &|_| ()).unwrap(), whole);
        let killed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            fit(&outcomes, weights.clone(), &fit_parameters, 5, Some(&keeping), &|report| {
                assert!(report.epoch < 8, "killed");
            })
        }));
        assert!(killed.is_err() && keeping.file.exists());
        let resumed = fit(&outcomes, weights, &fit_parameters, 5, Some(&keeping), &|report| {
            assert!(report.epoch > 6, "taken up where it was written");
        });
        assert_eq!(resumed.unwrap(), whole);
    }
}
