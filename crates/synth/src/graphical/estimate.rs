//! The distribution that best fits noisy marginals.

use super::belief::marginals;
use super::factor::Factor;
use super::junction::JunctionTree;

/// Noisy counts of the combinations of some columns' codes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Measurement {
    /// The columns, in order.
    pub(crate) columns: Vec<usize>,
    /// A count for each combination, the last column's code running fastest.
    pub(crate) counts: Vec<f64>,
    /// Standard deviation of the noise of each.
    pub(crate) sigma: f64,
}

/// A fitted graphical model.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Estimate {
    pub(crate) tree: JunctionTree,
    /// The marginal of each clique of the tree.
    pub(crate) marginals: Vec<Factor>,
    pub(crate) potentials: Vec<Factor>,
    pub(crate) total: f64,
}

/// Steps at most.
pub(crate) const STEPS: usize = 1_000;
/// Relative gain of ten steps at which more are not worth their time.
const ENOUGH: f64 = 1e-4;

/// Finds the distribution of most entropy among those nearest to the measurements, each weighed by its noise.
///
/// # Source
/// McKenna, Sheldon and Miklau, Graphical-model based estimation and inference for differential privacy (ICML 2019),
/// algorithm 1 (proximal estimation: mirror descent on marginals), with a step found by Armijo's rule.
pub(crate) fn estimate(sizes: &[usize], measured: &[Measurement], total: f64, steps: usize) -> Estimate {
    estimate_from(sizes, measured, total, steps, None)
}

/// [`estimate`] that begins at another fit's potentials, where its cliques lie within the new tree's.
pub(crate) fn estimate_from(
    sizes: &[usize],
    measured: &[Measurement],
    total: f64,
    steps: usize,
    before: Option<&Estimate>,
) -> Estimate {
    let sets: Vec<Vec<usize>> = measured.iter().map(|own| own.columns.clone()).collect();
    let tree = JunctionTree::new(sizes.len(), sizes, &sets);
    let mut potentials: Vec<Factor> =
        tree.cliques.iter().map(|clique| Factor::filled(clique, sizes, 0.0)).collect();
    for old in before.iter().flat_map(|before| &before.potentials) {
        if let Some(place) = tree.holder(&old.columns) {
            potentials[place].add(old);
        }
    }
    let held: Vec<(usize, Vec<u32>, &Measurement)> = measured
        .iter()
        .filter_map(|own| {
            let place = tree.holder(&own.columns)?;
            let cells = Factor::filled(&own.columns, sizes, 0.0)
                .cells_of(&potentials[place].columns, &potentials[place].sizes);
            Some((place, cells, own))
        })
        .collect();
    let mut found = marginals(&tree, sizes, &potentials, total);
    let (mut loss, mut slopes) = judged(&found, &held);
    let mut step =
        held.iter().map(|(.., own)| own.sigma * own.sigma).fold(f64::INFINITY, f64::min) / total.max(1.0);
    let mut before = loss;
    for round in 1..=steps {
        step *= 2.0;
        let mut accepted = false;
        for _ in 0..40 {
            let mut tried = potentials.clone();
            for (factor, slope) in tried.iter_mut().zip(&slopes) {
                for (value, slope) in factor.values.iter_mut().zip(slope) {
                    *value -= step * slope;
                }
            }
            let next = marginals(&tree, sizes, &tried, total);
            let (next_loss, next_slopes) = judged(&next, &held);
            let fall: f64 = slopes
                .iter()
                .zip(found.iter().zip(&next))
                .map(|(slope, (old, new))| {
                    let pairs = slope.iter().zip(old.values.iter().zip(&new.values));
                    pairs.map(|(slope, (old, new))| slope * (old - new)).sum::<f64>()
                })
                .sum();
            if next_loss.is_finite() && loss - next_loss >= 0.5 * fall && fall >= 0.0 {
                (potentials, found, loss, slopes) = (tried, next, next_loss, next_slopes);
                accepted = true;
                break;
            }
            step *= 0.5;
        }
        if !accepted {
            break;
        }
        if round % 10 == 0 {
            if before - loss <= ENOUGH * before.max(1e-9) {
                break;
            }
            before = loss;
        }
    }
    Estimate { tree, marginals: found, potentials, total }
}

/// Half the weighed squared distance to the measurements, and its slope by each cell of each clique.
fn judged(found: &[Factor], held: &[(usize, Vec<u32>, &Measurement)]) -> (f64, Vec<Vec<f64>>) {
    let mut slopes: Vec<Vec<f64>> = found.iter().map(|factor| vec![0.0; factor.values.len()]).collect();
    let mut loss = 0.0;
    for (place, cells, own) in held {
        let mut sums = vec![0.0; own.counts.len()];
        for (value, cell) in found[*place].values.iter().zip(cells) {
            sums[*cell as usize] += value;
        }
        let weight = 1.0 / (own.sigma * own.sigma);
        for (sum, count) in sums.iter_mut().zip(&own.counts) {
            *sum -= count;
            loss += 0.5 * weight * *sum * *sum;
            *sum *= weight;
        }
        for (slope, cell) in slopes[*place].iter_mut().zip(cells) {
            *slope += sums[*cell as usize];
        }
    }
    (loss, slopes)
}

impl Estimate {
    /// The counts of the combinations of some columns that one clique holds.
    pub(crate) fn marginal(&self, columns: &[usize], sizes: &[usize]) -> Option<Factor> {
        Some(self.marginals[self.tree.holder(columns)?].sum(columns, sizes))
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn ref_marginals_without_noise_are_met() {
        let sizes = [3, 4, 2, 3];
        let mut rng = ChaCha8Rng::seed_from_u64(9);
        let mut all = Factor::filled(&[0, 1, 2, 3], &sizes, 0.0);
        all.values.iter_mut().for_each(|value| *value = rng.random::<f64>());
        let all = all.normalised(1_000.0);
        let measured: Vec<Measurement> = [vec![0, 1], vec![1, 2], vec![2, 3], vec![0, 3]]
            .into_iter()
            .map(|columns| Measurement { counts: all.sum(&columns, &sizes).values, columns, sigma: 1.0 })
            .collect();
        let found = estimate(&sizes, &measured, 1_000.0, 5_000);
        for own in &measured {
            let marginal = found.marginal(&own.columns, &sizes).unwrap();
            for (value, expected) in marginal.values.iter().zip(&own.counts) {
                assert!((value - expected).abs() < 0.5, "{value} {expected}");
            }
        }
    }
}
