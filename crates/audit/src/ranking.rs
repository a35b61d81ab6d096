//! How well predictions rank: AUROC and average precision, with instance weights and ties.

use crate::estimate::Undefined;

/// Instances in order of prediction, in groups of equal prediction.
pub(crate) struct Ranking {
    /// Instance indices, lowest prediction first.
    order: Vec<u32>,
    /// Ends of the groups of equal prediction within `order`.
    ends: Vec<u32>,
}

impl Ranking {
    pub(crate) fn new(probabilities: &[f64]) -> Self {
        let mut order: Vec<u32> = (0..probabilities.len() as u32).collect();
        order.sort_by(|&left, &right| {
            probabilities[left as usize].total_cmp(&probabilities[right as usize]).then(left.cmp(&right))
        });
        let mut ends = Vec::new();
        for index in 1..=order.len() {
            let ends_here = order
                .get(index)
                .is_none_or(|&next| probabilities[next as usize] > probabilities[order[index - 1] as usize]);
            if ends_here {
                ends.push(index as u32);
            }
        }
        Self { order, ends }
    }

    /// The probability that a positive outranks a negative, ties counting half (Mann-Whitney U).
    pub(crate) fn auroc(&self, labels: &[bool], weights: &[f64]) -> Result<f64, Undefined> {
        let (mut below, mut positives, mut wins) = (0.0, 0.0, 0.0);
        for group in self.groups() {
            let (positive, negative) = weigh(group, labels, weights);
            wins += positive * (below + 0.5 * negative);
            below += negative;
            positives += positive;
        }
        both_classes(positives, below)?;
        Ok(wins / (positives * below))
    }

    /// Average precision: precision at each threshold, weighted by the recall gained there.
    pub(crate) fn average_precision(&self, labels: &[bool], weights: &[f64]) -> Result<f64, Undefined> {
        let (mut positives, mut negatives, mut sum) = (0.0, 0.0, 0.0);
        for group in self.groups().rev() {
            let (positive, negative) = weigh(group, labels, weights);
            positives += positive;
            negatives += negative;
            if positive > 0.0 {
                sum += positive * positives / (positives + negatives);
            }
        }
        both_classes(positives, negatives)?;
        Ok(sum / positives)
    }

    /// Weights of positives and negatives in each group of equal prediction, highest first.
    pub(crate) fn weights_from_the_top<'a>(
        &'a self,
        labels: &'a [bool],
        weights: &'a [f64],
    ) -> impl Iterator<Item = (f64, f64)> + 'a {
        self.groups().rev().map(|group| weigh(group, labels, weights))
    }

    /// Number of different predictions.
    pub(crate) fn distinct(&self) -> usize {
        self.ends.len()
    }

    /// Whether all predictions are equal.
    pub(crate) fn is_constant(&self) -> bool {
        self.ends.len() < 2
    }

    /// Instances from the lowest prediction to the highest.
    pub(crate) fn order(&self) -> &[u32] {
        &self.order
    }

    /// The first `count` instances of [`Ranking::order`], and those tied with the last of them.
    pub(crate) fn end_of_tie(&self, count: usize) -> usize {
        if count == 0 {
            return 0;
        }
        let group = self.ends.partition_point(|&end| (end as usize) < count);
        self.ends.get(group).map_or(self.order.len(), |&end| end as usize)
    }

    /// Midranks from 1, by instance: ties share the mean of the ranks they fill.
    pub(crate) fn midranks(&self) -> Vec<f64> {
        let mut ranks = vec![0.0; self.order.len()];
        let mut start = 0;
        for &end in &self.ends {
            let midrank = f64::from(start + end + 1) / 2.0;
            for &index in &self.order[start as usize..end as usize] {
                ranks[index as usize] = midrank;
            }
            start = end;
        }
        ranks
    }

    fn groups(&self) -> impl DoubleEndedIterator<Item = &[u32]> {
        (0..self.ends.len()).map(|group| {
            let start = group.checked_sub(1).map_or(0, |before| self.ends[before]);
            &self.order[start as usize..self.ends[group] as usize]
        })
    }
}

fn weigh(group: &[u32], labels: &[bool], weights: &[f64]) -> (f64, f64) {
    group.iter().fold((0.0, 0.0), |(positive, negative), &index| {
        let weight = weights[index as usize];
        if labels[index as usize] { (positive + weight, negative) } else { (positive, negative + weight) }
    })
}

pub(crate) fn both_classes(positives: f64, negatives: f64) -> Result<(), Undefined> {
    match (positives > 0.0, negatives > 0.0) {
        (true, true) => Ok(()),
        (false, false) => Err(Undefined::NoInstances),
        _ => Err(Undefined::OneClass),
    }
}
