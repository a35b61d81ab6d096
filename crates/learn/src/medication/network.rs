//! A network that remembers drugs by two graphs: given together, and interacting.

use burn::tensor::activation::{sigmoid, softmax};
use burn::tensor::{Tensor, TensorData};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use twinloom_neural::layer::{Direction, GraphConvolution, Gru, Linear, Runs, renormalised};
use twinloom_neural::{
    AdamParameters, Aggregator, FitParameters, Keep, Objective, Pass, SparseMatrix, WeightId, Weights, fit,
    product, relu, stream,
};

use super::MedicationError;
use super::admissions::{Admission, Admissions};
use super::loss::{Interacting, SafeDrugLoss};
use super::recommending::{Fold, MedicationParameters};

/// Drugs given with others, and what a visit asks of them.
///
/// A visit's query comes from two recurrent layers, over diagnoses and over procedures. It asks a memory of the
/// classes of drugs, `GCN(together) - w GCN(interacting)`, and what was given at earlier visits, by how alike
/// their queries are. Without graphs, the query answers alone.
///
/// # Source
/// Shang et al., GAMENet (AAAI 2019), section 3: patient representation, memory bank, dynamic memory and output;
/// from memory. The weight of what interacts is learnt, and edges of classes given together are weighed by
/// how often.
#[derive(Clone, Debug)]
struct Layers {
    coded: [Linear; 2],
    recurrent: [Gru; 2],
    query: Linear,
    memory: Option<Memory>,
    output: Linear,
}

#[derive(Clone, Debug)]
struct Memory {
    classes: WeightId,
    together: [GraphConvolution; 2],
    interacting: [GraphConvolution; 2],
    weight: WeightId,
}

/// Which network, and how it is trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct MemoryModel {
    pub graphs: bool,
    pub loss: SafeDrugLoss,
}

struct Recommender<'a> {
    admissions: &'a Admissions,
    fold: &'a Fold,
    loss: SafeDrugLoss,
    interacting: Interacting,
    layers: Layers,
    graphs: [Aggregator; 2],
}

/// Visits of some patients, each patient's one after another.
struct Batch {
    runs: Runs,
    coded: [Aggregator; 2],
    given: Vec<bool>,
    /// Log of what an earlier visit of the same patient may weigh: 0 or far below.
    mask: Vec<f32>,
    /// Whether a visit has an earlier one.
    later: Vec<f32>,
}

/// Patients of a step.
const PATIENTS: usize = 16;

/// Share of units left out.
const DROPOUT: f32 = 0.4;

/// A share of nothing, before the exponential.
const NEVER: f32 = -1e9;

/// Probabilities of the classes at each asked admission, row after row.
pub(super) fn remember(
    model: MemoryModel,
    admissions: &Admissions,
    fold: &Fold,
    parameters: &MedicationParameters,
    seed: u64,
) -> Result<Vec<Vec<f64>>, MedicationError> {
    model.loss.check()?;
    let mut weights = Weights::new();
    let priors = fold.prior_log_odds(admissions);
    let layers =
        Layers::new(&mut weights, model.graphs, admissions, parameters.width, &mut stream(seed, u64::MAX));
    if let Some(bias) = layers.output.bias() {
        weights.values_mut(bias).copy_from_slice(&priors);
    }
    let classes = admissions.classes().len();
    let recommender = Recommender {
        admissions,
        fold,
        loss: model.loss,
        interacting: Interacting::new(classes, admissions.interactions()),
        layers,
        graphs: [together(admissions, &fold.train), interacting(admissions)],
    };
    let fitting = FitParameters {
        epochs: parameters.epochs,
        patience: Some(parameters.patience),
        optimiser: AdamParameters { learning_rate: 5e-3, weight_decay: 1e-2, ..AdamParameters::default() },
        largest_norm: Some(5.0),
        keep: Keep::Best,
        ..FitParameters::default()
    };
    let fitted = fit(&recommender, weights, &fitting, seed, None, &|_| {})?;
    let batch = recommender.batch(&fold.asked);
    let found = numbers(sigmoid(recommender.log_odds(&mut Pass::in_use(&fitted.weights), &batch)));
    Ok(found.chunks(classes).map(|row| row.iter().map(|p| f64::from(*p)).collect()).collect())
}

/// How often two classes were given at one admission of those learnt from.
fn together(admissions: &Admissions, rows: &[usize]) -> Aggregator {
    let classes = admissions.classes().len();
    let mut counts = vec![vec![0.0_f32; classes]; classes];
    for row in rows {
        let given = given(&admissions.rows()[*row]);
        for one in &given {
            for other in given.iter().filter(|other| *other != one) {
                counts[*one][*other] += 1.0;
            }
        }
    }
    let row = |counts: Vec<f32>| (0..).zip(counts).filter(|(_, count)| *count > 0.0).collect();
    let matrix = SparseMatrix::from_rows(classes, counts.into_iter().map(row)).expect("counts of classes");
    Aggregator::new(renormalised(&matrix))
}

fn interacting(admissions: &Admissions) -> Aggregator {
    let matrix = SparseMatrix::from_edges(admissions.classes().len(), admissions.interactions());
    Aggregator::new(renormalised(&matrix.expect("ends among the classes")))
}

fn given(admission: &Admission) -> Vec<usize> {
    admission.given.iter().enumerate().filter(|(_, given)| **given).map(|(class, _)| class).collect()
}

fn numbers(tensor: Tensor<2>) -> Vec<f32> {
    tensor.into_data().try_to_vec().expect("networks compute in f32")
}

impl Layers {
    fn new(
        weights: &mut Weights,
        graphs: bool,
        admissions: &Admissions,
        width: usize,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let classes = admissions.classes().len();
        let mut coded = |name: &str, columns| Linear::new(weights, name, columns, width, rng);
        let coded =
            [coded("diagnoses", admissions.diagnoses()), coded("procedures", admissions.procedures())];
        let mut gru = |name: &str| Gru::new(weights, name, width, width, Direction::Forward, rng);
        let recurrent = [gru("visits by diagnoses"), gru("visits by procedures")];
        let query = Linear::new(weights, "query", 2 * width, width, rng);
        let memory = graphs.then(|| {
            let vectors = weights.embedding("classes", [classes, width], rng);
            let mut layer = |name: &str| GraphConvolution::new(weights, name, width, width, rng);
            let together = [layer("together.first"), layer("together.second")];
            let interacting = [layer("interacting.first"), layer("interacting.second")];
            Memory {
                classes: vectors,
                together,
                interacting,
                weight: weights.bias("interacting.weight", 1, 1.0),
            }
        });
        let inputs = if graphs { 3 * width } else { width };
        Self { coded, recurrent, query, memory, output: Linear::new(weights, "output", inputs, classes, rng) }
    }
}

impl Memory {
    fn vectors(&self, pass: &mut Pass, [together, interacting]: &[Aggregator; 2]) -> Tensor<2> {
        let mut through = |layers: &[GraphConvolution; 2], graph: &Aggregator| {
            let start = pass.weight(self.classes);
            let hidden = relu(layers[0].forward(pass, graph, start));
            let hidden = pass.dropout(hidden, DROPOUT);
            layers[1].forward(pass, graph, hidden)
        };
        let given = through(&self.together, together);
        let apart = through(&self.interacting, interacting);
        given - apart * pass.weight(self.weight)
    }
}

impl Recommender<'_> {
    fn batch(&self, rows: &[usize]) -> Batch {
        let all = self.admissions.rows();
        let mut lengths: Vec<usize> = Vec::new();
        for (place, row) in rows.iter().enumerate() {
            let same = place > 0 && all[rows[place - 1]].subject == all[*row].subject;
            match lengths.last_mut().filter(|_| same) {
                Some(length) => *length += 1,
                None => lengths.push(1),
            }
        }
        let coded = |columns: usize, codes: &dyn Fn(&Admission) -> Vec<u32>| {
            let row = |row: &usize| {
                let codes = codes(&all[*row]);
                let share = 1.0 / (codes.len().max(1) as f32).sqrt();
                codes.into_iter().map(|code| (code, share)).collect()
            };
            Aggregator::new(SparseMatrix::from_rows(columns, rows.iter().map(row)).expect("columns of codes"))
        };
        let count = rows.len();
        let mut mask = vec![NEVER; count * count];
        let mut later = vec![0.0; count];
        for place in 0..count {
            for before in (0..place).filter(|before| all[rows[*before]].subject == all[rows[place]].subject) {
                mask[place * count + before] = 0.0;
                later[place] = 1.0;
            }
        }
        Batch {
            runs: Runs::of_lengths(lengths),
            coded: [
                coded(self.admissions.diagnoses(), &|row| row.diagnoses.clone()),
                coded(self.admissions.procedures(), &|row| row.procedures.clone()),
            ],
            given: rows.iter().flat_map(|row| all[*row].given.iter().copied()).collect(),
            mask,
            later,
        }
    }

    fn log_odds(&self, pass: &mut Pass, batch: &Batch) -> Tensor<2> {
        let mut states = Vec::with_capacity(2);
        for ((coded, gru), codes) in self.layers.coded.iter().zip(&self.layers.recurrent).zip(&batch.coded) {
            let told = coded.forward_sparse(pass, codes);
            let told = pass.dropout(told, DROPOUT);
            states.push(gru.forward(pass, &batch.runs, told));
        }
        let query = self.layers.query.forward(pass, relu(Tensor::cat(states, 1)));
        let Some(memory) = &self.layers.memory else {
            return self.layers.output.forward(pass, relu(query));
        };
        let vectors = memory.vectors(pass, &self.graphs);
        let asked = softmax(product(query.clone(), vectors.clone().transpose()), 1);
        let from_memory = product(asked, vectors.clone());

        let count = batch.later.len();
        let device = pass.device();
        let tensor = |values: Vec<f32>, shape: [usize; 2]| -> Tensor<2> {
            Tensor::from_data(TensorData::new(values, shape), &device)
        };
        let mask = tensor(batch.mask.clone(), [count, count]);
        let alike = softmax(product(query.clone(), query.clone().transpose()) + mask, 1);
        let given = batch.given.iter().map(|given| f32::from(u8::from(*given))).collect();
        let earlier = product(alike, tensor(given, [count, self.admissions.classes().len()]));
        // A visit without an earlier one has shares of what it may not see: they count for nothing.
        let from_visits = product(earlier, vectors) * tensor(batch.later.clone(), [count, 1]);
        self.layers.output.forward(pass, relu(Tensor::cat(vec![query, from_memory, from_visits], 1)))
    }
}

impl Objective for Recommender<'_> {
    type Batch = Batch;

    fn batches(&self, _epoch: usize, rng: &mut ChaCha8Rng) -> Vec<Batch> {
        let mut patients = Fold::patients_of(self.admissions, &self.fold.train);
        patients.shuffle(rng);
        patients.chunks(PATIENTS).map(|some| self.batch(&some.concat())).collect()
    }

    fn loss(&self, pass: &mut Pass, batch: &Batch) -> Tensor<1> {
        self.loss.of(self.log_odds(pass, batch), &batch.given, &self.interacting)
    }

    /// The mean log loss, and how far the interaction rate is above gamma, in units of the correction.
    fn tuning_loss(&self, pass: &mut Pass) -> Option<f64> {
        if self.fold.tuning.is_empty() {
            return None;
        }
        let batch = self.batch(&self.fold.tuning);
        let probabilities = numbers(sigmoid(self.log_odds(pass, &batch)));
        let exact: Vec<f64> = probabilities.iter().map(|p| f64::from(*p)).collect();
        let rows = probabilities.chunks(self.admissions.classes().len());
        let rates: f32 = rows.clone().map(|row| self.interacting.rate(row)).sum();
        let excess = (rates / rows.len() as f32 - self.loss.gamma).max(0.0) / self.loss.correction;
        Some(crate::loss::log_loss(&exact, &batch.given) + f64::from(excess))
    }
}
