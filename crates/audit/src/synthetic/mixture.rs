//! A mixture of Gaussians with independent columns.

use rand::{RngExt, SeedableRng};
use rayon::prelude::*;

use super::vector_machine::squared;

/// Numbers of components tried.
const SIZES: [usize; 10] = [1, 2, 4, 6, 8, 10, 15, 20, 25, 30];
/// Rounds of expectation and maximisation, and the gain in mean log-likelihood below which they stop: scikit-learn's.
const MOST_ROUNDS: usize = 100;
const LEAST_GAIN: f64 = 1e-3;
/// Added to every variance of unit-scaled columns: scikit-learn's, which adds it to raw ones.
const FLOOR: f64 = 1e-6;

/// Components on columns scaled to mean 0 and variance 1.
pub(crate) struct Mixture {
    shift: Vec<f64>,
    spread: Vec<f64>,
    /// Logarithm of each component's share.
    shares: Vec<f64>,
    means: Vec<Vec<f64>>,
    variances: Vec<Vec<f64>>,
}

impl Mixture {
    /// The one of least Bayesian information criterion; `None` where no row or column is.
    ///
    /// # Source
    /// Schwarz, Annals of Statistics 6 (1978); Bishop, Pattern Recognition and Machine Learning (2006), section 9.2.2.
    pub(crate) fn best(rows: &[Vec<f64>], seed: u64) -> Option<Self> {
        let sizes = SIZES.par_iter().filter(|size| **size <= rows.len());
        let fitted: Vec<Self> = sizes.filter_map(|size| Self::fit(rows, *size, seed)).collect();
        let criterion = |own: &Self| {
            let parameters = own.shares.len() * (2 * own.shift.len() + 1) - 1;
            let sum: f64 = own.log_likelihoods(rows).iter().sum();
            parameters as f64 * (rows.len() as f64).ln() - 2.0 * sum
        };
        let by_criterion = fitted.into_iter().map(|own| (criterion(&own), own));
        by_criterion.min_by(|left, right| left.0.total_cmp(&right.0)).map(|(_, own)| own)
    }

    pub(crate) fn fit(rows: &[Vec<f64>], components: usize, seed: u64) -> Option<Self> {
        let width = rows.first().map(Vec::len).filter(|width| *width > 0)?;
        let count = rows.len() as f64;
        let mean = |column: usize| rows.iter().map(|row| row[column] / count).sum::<f64>();
        let shift: Vec<f64> = (0..width).map(mean).collect();
        let spread: Vec<f64> = (0..width)
            .map(|column| {
                let variance =
                    rows.iter().map(|row| (row[column] - shift[column]).powi(2) / count).sum::<f64>();
                if variance > 0.0 && variance.is_finite() { variance.sqrt() } else { 1.0 }
            })
            .collect();
        let mut mixture =
            Self { shift, spread, shares: Vec::new(), means: Vec::new(), variances: Vec::new() };
        let scaled: Vec<Vec<f64>> = rows.iter().map(|row| mixture.scaled(row)).collect();
        mixture.means = spread_out(&scaled, components, seed);
        mixture.shares = vec![-(components as f64).ln(); components];
        mixture.variances = vec![vec![1.0; width]; components];
        let mut last = f64::NEG_INFINITY;
        for _ in 0..MOST_ROUNDS {
            let mut sums = vec![(0.0, vec![0.0; width], vec![0.0; width]); components];
            let mut total = 0.0;
            for row in &scaled {
                let logs = mixture.log_parts(row);
                let whole = log_sum(&logs);
                total += whole;
                for (log, (share, first, second)) in logs.iter().zip(&mut sums) {
                    let weight = (log - whole).exp();
                    *share += weight;
                    for (at, value) in row.iter().enumerate() {
                        first[at] += weight * value;
                        second[at] += weight * value * value;
                    }
                }
            }
            for (at, (share, first, second)) in sums.into_iter().enumerate() {
                let share = share + 1e-12;
                mixture.shares[at] = (share / count).ln();
                mixture.means[at] = first.iter().map(|sum| sum / share).collect();
                let own = second.iter().zip(&mixture.means[at]);
                mixture.variances[at] =
                    own.map(|(sum, mean)| (sum / share - mean * mean).max(0.0) + FLOOR).collect();
            }
            let gain = total / count - last;
            last = total / count;
            if gain.abs() < LEAST_GAIN {
                break;
            }
        }
        Some(mixture)
    }

    /// Log density of each row on its own scale.
    pub(crate) fn log_likelihoods(&self, rows: &[Vec<f64>]) -> Vec<f64> {
        let scale: f64 = self.spread.iter().map(|spread| spread.ln()).sum();
        rows.iter().map(|row| log_sum(&self.log_parts(&self.scaled(row))) - scale).collect()
    }

    fn scaled(&self, row: &[f64]) -> Vec<f64> {
        row.iter()
            .zip(self.shift.iter().zip(&self.spread))
            .map(|(value, (shift, spread))| (value - shift) / spread)
            .collect()
    }

    fn log_parts(&self, row: &[f64]) -> Vec<f64> {
        let parts = self.shares.iter().zip(self.means.iter().zip(&self.variances));
        let part = |(share, (means, variances)): (&f64, (&Vec<f64>, &Vec<f64>))| {
            let terms = row.iter().zip(means.iter().zip(variances));
            let of = |(value, (mean, variance)): (&f64, (&f64, &f64))| {
                (std::f64::consts::TAU * variance).ln() + (value - mean).powi(2) / variance
            };
            share - terms.map(of).sum::<f64>() / 2.0
        };
        parts.map(part).collect()
    }
}

fn log_sum(logs: &[f64]) -> f64 {
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if most.is_finite() { most + logs.iter().map(|log| (log - most).exp()).sum::<f64>().ln() } else { most }
}

/// First means, each drawn by its squared distance from those before.
///
/// # Source
/// Arthur and Vassilvitskii, k-means++, SODA 2007, section 2.2.
fn spread_out(rows: &[Vec<f64>], components: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(components as u64);
    let mut means = vec![rows[random.random_range(0..rows.len())].clone()];
    let mut nearest: Vec<f64> = rows.iter().map(|row| squared(row, &means[0])).collect();
    while means.len() < components {
        let mut left = random.random::<f64>() * nearest.iter().sum::<f64>();
        let chosen = nearest.iter().position(|distance| {
            left -= distance;
            left < 0.0
        });
        let mean = rows[chosen.unwrap_or(rows.len() - 1)].clone();
        for (distance, row) in nearest.iter_mut().zip(rows) {
            *distance = distance.min(squared(row, &mean));
        }
        means.push(mean);
    }
    means
}
