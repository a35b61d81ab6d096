//! What is learnt from, what tells when to stop, and what is asked.

use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use twinloom_neural::stream;

use super::InteractionGraph;
use super::graph::Pair;

/// One division of all pairs of classes, those that interact and those that don't, each by itself.
#[derive(Clone, Debug)]
pub(super) struct PairSplit {
    /// Number of classes.
    pub nodes: usize,
    pub train: Vec<(Pair, bool)>,
    pub tuning: Vec<(Pair, bool)>,
    pub asked: Vec<(Pair, bool)>,
}

/// One pair in so many of those known is kept for tuning.
const TUNING_PART: usize = 5;

/// Streams of the folds, apart from those of networks.
const FOLD_STREAM: u64 = 1 << 40;

impl PairSplit {
    /// The division of one repeat that asks one fold of so many.
    pub(super) fn new(
        graph: &InteractionGraph,
        seed: u64,
        (repeat, fold, folds): (usize, usize, usize),
    ) -> Self {
        let mut rng = stream(seed, FOLD_STREAM + repeat as u64);
        let mut split = Self { nodes: graph.classes().len(), train: vec![], tuning: vec![], asked: vec![] };
        for (mut pairs, label) in [(graph.pairs().to_vec(), true), (graph.apart(), false)] {
            pairs.shuffle(&mut rng);
            let mut known = 0;
            for (place, pair) in pairs.into_iter().enumerate() {
                let part = if place % folds == fold {
                    &mut split.asked
                } else {
                    known += 1;
                    if known % TUNING_PART == 0 { &mut split.tuning } else { &mut split.train }
                };
                part.push((pair, label));
            }
        }
        split
    }

    /// Interacting pairs to learn from.
    pub(super) fn train_edges(&self) -> Vec<Pair> {
        edges(&self.train)
    }

    /// Interacting pairs that are known when the others are asked.
    pub(super) fn known_edges(&self) -> Vec<Pair> {
        [edges(&self.train), edges(&self.tuning)].concat()
    }

    /// Places among those asked: all that interact, and as many drawn from the others.
    pub(super) fn balanced(&self, rng: &mut ChaCha8Rng) -> Vec<usize> {
        let of = |wanted: bool| -> Vec<usize> {
            let asked = self.asked.iter().enumerate();
            asked.filter(|(_, (_, label))| *label == wanted).map(|(place, _)| place).collect()
        };
        let (mut chosen, mut others) = (of(true), of(false));
        others.shuffle(rng);
        others.truncate(chosen.len());
        chosen.extend(others);
        chosen.sort_unstable();
        chosen
    }

    /// The same pairs with the labels to learn from dealt anew: nothing can be learnt from it.
    pub(super) fn permuted(&self, rng: &mut ChaCha8Rng) -> Self {
        let mut permuted = self.clone();
        for part in [&mut permuted.train, &mut permuted.tuning] {
            let mut labels: Vec<bool> = part.iter().map(|(_, label)| *label).collect();
            labels.shuffle(rng);
            part.iter_mut().zip(labels).for_each(|((_, label), dealt)| *label = dealt);
        }
        permuted
    }
}

/// The pairs that interact.
pub(super) fn edges(part: &[(Pair, bool)]) -> Vec<Pair> {
    part.iter().filter(|(_, label)| *label).map(|(pair, _)| *pair).collect()
}
