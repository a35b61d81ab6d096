//! One field's distribution, from the sample to the population.

use std::collections::BTreeMap;

use twinloom_table::{Column, ColumnKind};

use crate::attack::cell_key;

/// A field's values as whole numbers from 0, with the law that fits them best.
#[derive(Clone, Debug)]
pub(super) struct Marginal {
    /// Of each row.
    pub(super) codes: Vec<usize>,
    law: Law,
}

/// Laws of whole numbers from 0.
#[derive(Clone, Debug)]
enum Law {
    /// Cumulative shares of the values seen.
    Categorical(Vec<f64>),
    /// Cumulative chances of a law that goes on beyond the values seen, as far as they matter.
    Parametric(Vec<f64>),
}

impl Marginal {
    /// Codes values (ordered ones by order, words by how common they are, the missing value last) and chooses among
    /// the categorical, geometric, negative binomial and logarithmic laws by Bayes' information criterion.
    ///
    /// # Source
    /// Rocher, Hendrickx and de Montjoye, Nature Communications 10, 3069 (2019), methods, for the four laws
    /// and the criterion (Schwarz 1978).
    pub(super) fn fit(kind: &ColumnKind, column: &Column, rows: usize) -> Self {
        let codes = codes(kind, column, rows);
        let size = codes.iter().map(|code| code + 1).max().unwrap_or(1);
        let mut counts = vec![0_usize; size];
        for &code in &codes {
            counts[code] += 1;
        }
        let n = rows as f64;
        let mean = codes.iter().map(|&code| code as f64).sum::<f64>() / n;
        let shares: Vec<f64> = counts.iter().map(|&count| count as f64 / n).collect();
        let likelihood = |chances: &[f64]| -> f64 {
            let seen = counts.iter().zip(chances).filter(|(count, _)| **count > 0);
            seen.map(|(&count, chance)| count as f64 * chance.max(f64::MIN_POSITIVE).ln()).sum()
        };
        let criterion = |free: f64, chances: &[f64]| free * n.ln() - 2.0 * likelihood(chances);
        let mut best = (criterion(size as f64 - 1.0, &shares), Law::Categorical(cumulative(&shares)));
        if mean > 0.0 {
            let length = (4 * size).max(64);
            let binomial = negative_binomial(&counts, mean, length);
            for (free, chances) in
                [(1.0, geometric(mean, length)), (1.0, logarithmic(mean, length)), (2.0, binomial)]
            {
                let value = criterion(free, &chances);
                if value < best.0 {
                    best = (value, Law::Parametric(cumulative(&chances)));
                }
            }
        }
        Self { codes, law: best.1 }
    }

    /// Chances of less than a code, and of it or less.
    pub(super) fn limits(&self, code: usize) -> (f64, f64) {
        let (Law::Categorical(cumulative) | Law::Parametric(cumulative)) = &self.law;
        let at =
            |place: Option<usize>| place.map_or(0.0, |place| cumulative.get(place).copied().unwrap_or(1.0));
        (at(code.checked_sub(1)), at(Some(code)))
    }
}

fn codes(kind: &ColumnKind, column: &Column, rows: usize) -> Vec<usize> {
    let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
    let keys: Vec<u64> = (0..rows).map(|row| cell_key(column, row)).collect();
    for key in &keys {
        *counts.entry(*key).or_insert(0) += 1;
    }
    let mut order: Vec<(u64, usize)> = counts.into_iter().collect();
    match kind {
        ColumnKind::Category { ordered: true, .. } => {}
        ColumnKind::Category { .. } => {
            order.sort_by_key(|(key, count)| (*key == u64::MAX, std::cmp::Reverse(*count), *key));
        }
        _ => order.sort_by(|(left, _), (right, _)| {
            let value = |key: u64| if key == u64::MAX { f64::INFINITY } else { f64::from_bits(key) };
            value(*left).total_cmp(&value(*right))
        }),
    }
    let places: BTreeMap<u64, usize> = order.into_iter().map(|(key, _)| key).zip(0..).collect();
    keys.iter().map(|key| places[key]).collect()
}

/// Sums that end at 1 exactly: what lies beyond belongs to the last.
fn cumulative(chances: &[f64]) -> Vec<f64> {
    let mut sum = 0.0;
    let mut sums: Vec<f64> = chances
        .iter()
        .map(|chance| {
            sum += chance;
            sum.min(1.0)
        })
        .collect();
    if let Some(last) = sums.last_mut() {
        *last = 1.0;
    }
    sums
}

fn geometric(mean: f64, length: usize) -> Vec<f64> {
    let stop = 1.0 / (1.0 + mean);
    (0..length).map(|code| stop * (1.0 - stop).powi(code as i32)).collect()
}

/// Fisher's logarithmic law of code + 1, its parameter by the mean.
fn logarithmic(mean: f64, length: usize) -> Vec<f64> {
    let expected = |p: f64| -p / ((1.0 - p) * (-p).ln_1p());
    let (mut low, mut high) = (1e-9, 1.0 - 1e-12);
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if expected(middle) < mean + 1.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    let p = 0.5 * (low + high);
    let scale = -1.0 / (-p).ln_1p();
    (1..=length).map(|code| scale * p.powi(code as i32) / code as f64).collect()
}

/// The negative binomial law of the greatest likelihood: its mean is the sample's, its size by golden section.
fn negative_binomial(counts: &[usize], mean: f64, length: usize) -> Vec<f64> {
    let log_chance = |size: f64, code: usize| {
        let k = code as f64;
        libm::lgamma(k + size) - libm::lgamma(size) - libm::lgamma(k + 1.0)
            + size * (size / (size + mean)).ln()
            + k * (mean / (size + mean)).ln()
    };
    let likelihood = |log_size: f64| -> f64 {
        let size = log_size.exp();
        counts.iter().enumerate().map(|(code, &count)| count as f64 * log_chance(size, code)).sum()
    };
    let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
    let (mut low, mut high) = (-7.0, 12.0);
    for _ in 0..60 {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        if likelihood(left) > likelihood(right) {
            high = right;
        } else {
            low = left;
        }
    }
    let size = (0.5 * (low + high)).exp();
    (0..length).map(|code| log_chance(size, code).exp()).collect()
}
