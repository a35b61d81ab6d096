//! The record as sentences of codes, read by a Transformer that has first learnt to fill in hidden codes.

use burn::tensor::{Tensor, TensorData};
use rand_chacha::ChaCha8Rng;
use twinloom_neural::layer::Runs;
use twinloom_neural::{Aggregator, FitError, Pass, SparseMatrix, WeightId, Weights};
use twinloom_views::{FeatureTable, Sequences};

use super::encoder::{Encoder, Token, latest_tokens, means, one_each};
use super::pretraining::pretrained;
use super::{Head, SequenceParameters};
use crate::network::{Network, Scored};

/// A BEHRT-like network: each code is the sum of the vectors of code, age, visit and segment; a Transformer that
/// was trained to fill in hidden codes of the training instances is trained on with the outcome, all weights of
/// it. The mean over the tokens is the record's summary, as with the other Transformers here.
///
/// A visit is a time slot of the record, as with the other rows: a stay in intensive care is one visit. Visits
/// are counted back from the prediction, so that those of a record cut at the longest sequence keep their
/// numbers; the paper's markers between them are left out, since segments tell neighbours apart.
///
/// # Source
/// Li et al., BEHRT: Transformer for Electronic Health Records (Scientific Reports 2020), methods and figure 2:
/// the four vectors, positions as fixed sines, segments that alternate; pretraining as in `pretraining`. Vaswani
/// et al., Attention Is All You Need (NeurIPS 2017), section 3.5 for the sines, 3.4 for the factor on vectors
/// that are learnt, without which the sines would drown them.
pub(crate) struct BehrtNetwork<'a> {
    sentences: Sentences,
    facts: &'a SparseMatrix,
    hidden: usize,
    /// Embedding and encoder as pretrained, which every training starts from.
    weights: Weights,
    layers: CodeLayers,
}

impl<'a> BehrtNetwork<'a> {
    /// Makes sentences of every instance and pretrains on those of `train` alone.
    ///
    /// # Errors
    /// When pretraining leaves the finite numbers.
    pub(crate) fn new(
        sentences: Sentences,
        train: &[usize],
        facts: &'a SparseMatrix,
        parameters: &SequenceParameters,
        seed: u64,
    ) -> Result<Self, FitError> {
        let (layers, weights) = pretrained(&sentences, train, parameters, seed)?;
        Ok(Self { sentences, facts, hidden: parameters.hidden, weights, layers })
    }
}

/// Codes with age and visit, of every instance.
pub(crate) struct Sentences {
    words: Vec<Vec<Word>>,
    vocabulary: usize,
    hidden: usize,
}

#[derive(Clone, Copy)]
struct Word {
    code: u32,
    age: u32,
    /// Place of the visit, counted back from the latest.
    visit: u32,
}

/// Ages in years that have a vector each; the last stands for those that are not known.
const AGES: usize = 122;

impl Sentences {
    /// The latest tokens of each instance; ages as the table of features has them at the prediction.
    pub(crate) fn new(
        sequences: &Sequences,
        vocabulary: usize,
        ages_years: &[Option<f32>],
        parameters: &SequenceParameters,
    ) -> Self {
        let words = |instance: usize| {
            let tokens = latest_tokens(sequences, instance, parameters.longest);
            words(&tokens, ages_years.get(instance).copied().flatten())
        };
        Self { words: (0..sequences.len()).map(words).collect(), vocabulary, hidden: parameters.hidden }
    }

    /// Number of codes that there are; the next number stands for a hidden one.
    pub(crate) fn vocabulary(&self) -> usize {
        self.vocabulary
    }

    /// Numbers of each word's vector.
    pub(crate) fn hidden(&self) -> usize {
        self.hidden
    }

    /// The codes of some instances, one instance's after the other's.
    pub(crate) fn codes(&self, instances: &[usize]) -> Vec<u32> {
        instances.iter().flat_map(|&instance| self.words[instance].iter().map(|word| word.code)).collect()
    }

    /// The same instances to embed, with these codes in place of their own.
    pub(crate) fn batch(&self, instances: &[usize], codes: &[u32]) -> SentencesBatch {
        let own = || instances.iter().flat_map(|&instance| &self.words[instance]);
        let positions = own().flat_map(|word| sines(word.visit, self.hidden)).collect();
        SentencesBatch {
            runs: Runs::of_lengths(instances.iter().map(|&instance| self.words[instance].len())),
            codes: one_each(self.vocabulary + 1, codes.iter().copied()),
            ages: one_each(AGES, own().map(|word| word.age)),
            segments: one_each(2, own().map(|word| word.visit % 2)),
            positions,
        }
    }
}

/// The age at the prediction of each row of a table of features, where it is known.
pub(crate) fn ages_years(table: &FeatureTable) -> Vec<Option<f32>> {
    let column = table.features().iter().position(|feature| &*feature.name == "age in years");
    let age = |row: usize| {
        let (columns, values) = table.row(row);
        let place = columns.iter().position(|&other| Some(other as usize) == column)?;
        Some(values[place])
    };
    (0..table.n_rows()).map(age).collect()
}

fn words(tokens: &[Token], age_years: Option<f32>) -> Vec<Word> {
    let visits = tokens.chunk_by(|one, other| one.slot == other.slot).count() as u32;
    let mut words = Vec::with_capacity(tokens.len());
    for (visit, together) in (0..visits).rev().zip(tokens.chunk_by(|one, other| one.slot == other.slot)) {
        words.extend(together.iter().map(|token| {
            let age = age_years.map(|age| age - token.days_before / 365.25).filter(|age| age.is_finite());
            let age = age.map_or(AGES - 1, |age| (age.max(0.0) as usize).min(AGES - 2));
            Word { code: token.code, age: age as u32, visit }
        }));
    }
    words
}

/// Sines and cosines of a place, with periods from 2 pi to 10,000 times that.
fn sines(place: u32, width: usize) -> impl Iterator<Item = f32> {
    (0..width).map(move |column| {
        let angle = place as f32 / 10_000_f32.powf((column - column % 2) as f32 / width as f32);
        if column.is_multiple_of(2) { angle.sin() } else { angle.cos() }
    })
}

/// Sentences of some instances.
pub(crate) struct SentencesBatch {
    runs: Runs,
    codes: Aggregator,
    ages: Aggregator,
    segments: Aggregator,
    /// `[words, hidden]`, row by row.
    positions: Vec<f32>,
}

/// Where the matrices of embedding and encoder lie.
#[derive(Clone, Debug)]
pub(crate) struct CodeLayers {
    /// One row per code and one that stands for a hidden code.
    pub codes: WeightId,
    ages: WeightId,
    segments: WeightId,
    encoder: Encoder,
}

impl CodeLayers {
    pub(crate) fn new(
        weights: &mut Weights,
        vocabulary: usize,
        parameters: &SequenceParameters,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let hidden = parameters.hidden;
        Self {
            codes: weights.embedding("codes", [vocabulary + 1, hidden], rng),
            ages: weights.embedding("ages", [AGES, hidden], rng),
            segments: weights.embedding("segments", [2, hidden], rng),
            encoder: Encoder::new(weights, parameters, rng),
        }
    }

    /// The words after hearing those of their own instance.
    ///
    /// # Shapes
    /// `[words, hidden]`
    pub(crate) fn forward(&self, pass: &mut Pass, batch: &SentencesBatch, dropout: f32) -> Tensor<2> {
        let learnt = batch.codes.aggregate(pass.weight(self.codes))
            + batch.ages.aggregate(pass.weight(self.ages))
            + batch.segments.aggregate(pass.weight(self.segments));
        let [rows, hidden] = learnt.dims();
        let positions = TensorData::new(batch.positions.clone(), [rows, hidden]);
        let positions = Tensor::<2>::from_data(positions, &pass.device());
        let words = learnt.mul_scalar((hidden as f32).sqrt()) + positions;
        self.encoder.forward(pass, &batch.runs, words, dropout)
    }
}

/// Inputs of some instances.
pub(crate) struct BehrtBatch {
    sentences: SentencesBatch,
    means: Aggregator,
    facts: Aggregator,
}

impl Network for BehrtNetwork<'_> {
    type Layers = Head;
    type Batch = BehrtBatch;

    fn initial(&self, prior_log_odds: &[f32], rng: &mut ChaCha8Rng) -> (Head, Weights) {
        let mut weights = self.weights.clone();
        let shape = (self.hidden, self.facts.columns(), self.hidden);
        (Head::new(&mut weights, shape, prior_log_odds, rng), weights)
    }

    fn batch(&self, instances: &[usize]) -> BehrtBatch {
        let sentences = self.sentences.batch(instances, &self.sentences.codes(instances));
        let means = means(&sentences.runs);
        BehrtBatch { sentences, means, facts: Aggregator::new(self.facts.select_rows(instances)) }
    }

    fn forward(&self, head: &Head, pass: &mut Pass, batch: &BehrtBatch, dropout: f32) -> Scored {
        let words = self.layers.forward(pass, &batch.sentences, dropout);
        head.forward(pass, batch.means.aggregate(words), &batch.facts, dropout).into()
    }
}

#[cfg(test)]
mod tests {
    use super::super::steps::SLOTS;
    use super::*;

    #[test]
    fn ref_words_know_age_and_visit() {
        let token = |code, slot, days_before| Token { code, slot, days_before };
        let tokens = [token(5, 60, 3652.5), token(4, 60, 3600.0), token(3, 9, 4.0), token(5, 2, 0.02)];
        let found = |age| -> Vec<(u32, u32, u32)> {
            words(&tokens, age).into_iter().map(|word| (word.code, word.age, word.visit)).collect()
        };
        assert_eq!(found(Some(70.5)), [(5, 60, 2), (4, 60, 2), (3, 70, 1), (5, 70, 0)]);
        assert!(found(None).iter().all(|word| word.1 == AGES as u32 - 1));
        assert!(found(Some(f32::NAN)).iter().all(|word| word.1 == AGES as u32 - 1));
        assert!((words(&tokens, Some(500.0)).last().unwrap().age as usize) < AGES - 1);
    }

    #[test]
    fn ref_positions_are_the_sines_of_the_paper() {
        // Width 4: frequencies 1 and 1/100.
        let found: Vec<f32> = sines(3, 4).collect();
        let expected = [3.0_f32.sin(), 3.0_f32.cos(), 0.03_f32.sin(), 0.03_f32.cos()];
        assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-6));
        assert!(sines(SLOTS as u32, 5).all(f32::is_finite));
    }
}
