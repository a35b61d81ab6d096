//! A column's shares given its causes.

use serde::{Deserialize, Serialize};

use crate::causal::random::choose;

/// Shares of a column's levels by combination of its causes' coarser levels, the last cause's changing fastest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ShareTable {
    levels: usize,
    shares: Vec<f64>,
}

impl ShareTable {
    /// From counts, with so many rows of prior knowledge that each combination is as all are together.
    ///
    /// With noise of a standard deviation, a combination's own shares count by what it holds beyond the noise: `total /
    /// (total + prior + noise sqrt(levels))`, and counts are first brought to the nearest that could be counts.
    ///
    /// # Source
    /// Dirichlet smoothing: Koller and Friedman, Probabilistic Graphical Models (2009), section 17.3.2. The nearest
    /// counts: Duchi et al., Efficient projections onto the l1-ball, ICML 2008, figure 1.
    pub(crate) fn of_counts(counts: &[f64], levels: usize, prior_rows: f64, noise: f64) -> Self {
        let mut together = vec![0.0; levels];
        for own in counts.chunks_exact(levels) {
            together.iter_mut().zip(own).for_each(|(sum, count)| *sum += count);
        }
        let marginal = shares(&nearest_counts(&together));
        let weight = prior_rows + noise * (levels as f64).sqrt();
        let combination = |own: &[f64]| {
            let own = nearest_counts(own);
            let total: f64 = own.iter().sum();
            // A fifth of a row's prior knowledge at least, so that no combination is without shares.
            let weight = weight.max(0.2);
            let share = move |(count, marginal): (f64, &f64)| (count + weight * marginal) / (total + weight);
            own.into_iter().zip(&marginal).map(share).collect::<Vec<f64>>()
        };
        Self { levels, shares: counts.chunks_exact(levels).flat_map(combination).collect() }
    }

    pub(crate) fn draw(&self, combination: usize, drawn: f64) -> u32 {
        choose(&self.shares[combination * self.levels..][..self.levels], drawn) as u32
    }
}

fn shares(counts: &[f64]) -> Vec<f64> {
    let all: f64 = counts.iter().sum();
    let even = 1.0 / counts.len() as f64;
    counts.iter().map(|count| if all > 0.0 { count / all } else { even }).collect()
}

/// The counts, none below 0, of the same sum (0 if that lies below) that are nearest in squares.
pub(crate) fn nearest_counts(counts: &[f64]) -> Vec<f64> {
    if counts.iter().all(|&count| count >= 0.0) {
        return counts.to_vec();
    }
    let total: f64 = counts.iter().sum();
    if total <= 0.0 {
        return vec![0.0; counts.len()];
    }
    let mut sorted = counts.to_vec();
    sorted.sort_unstable_by(|one, other| other.total_cmp(one));
    let (mut sum, mut off) = (0.0, 0.0);
    for (place, count) in (1..).zip(sorted) {
        sum += count;
        let next = (sum - total) / f64::from(place);
        if count <= next {
            break;
        }
        off = next;
    }
    counts.iter().map(|count| (count - off).max(0.0)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ref_smoothed_shares_by_hand() {
        let table = ShareTable::of_counts(&[3.0, 1.0, 0.0, 0.0], 2, 1.0, 0.0);
        assert_eq!(table.shares, [3.75 / 5.0, 1.25 / 5.0, 0.75, 0.25]);
        assert_eq!(nearest_counts(&[3.0, -1.0, 2.0]), [2.5, 0.0, 1.5]);
        assert_eq!(ShareTable::of_counts(&[-1.0, -2.0], 2, 0.0, 3.0).shares, [0.5, 0.5]);
    }

    proptest! {
        #[test]
        fn law_shares_are_shares(counts in proptest::collection::vec(-20.0..50.0_f64, 12), noise in 0.0..9.0_f64) {
            let table = ShareTable::of_counts(&counts, 4, 1.0, noise);
            for own in table.shares.chunks_exact(4) {
                prop_assert!((own.iter().sum::<f64>() - 1.0).abs() < 1e-9 && own.iter().all(|&share| share >= 0.0));
            }
            let near = nearest_counts(&counts);
            let total: f64 = counts.iter().sum();
            prop_assert!((near.iter().sum::<f64>() - total.max(0.0)).abs() < 1e-9);
        }
    }
}
