//! A graph from counts of pairs of columns alone, as noise lets them through.

use std::sync::Arc;

use super::table::nearest_counts;
use crate::causal::score::{Score, log_likelihood};

/// Scores one cause at most by tables of pairs.
pub(super) struct PairScore {
    columns: Vec<Arc<str>>,
    sizes: Vec<usize>,
    /// By the lesser column and then the greater; the greater's levels change fastest.
    tables: Vec<Vec<f64>>,
    rows: f64,
}

/// Pairs of columns in order.
pub(super) fn pairs(columns: usize) -> Vec<(usize, usize)> {
    (0..columns).flat_map(|one| (one + 1..columns).map(move |other| (one, other))).collect()
}

/// How often levels of two columns occur together.
pub(super) fn counted(one: &[u32], other: &[u32], wide: usize, high: usize) -> Vec<f64> {
    let mut counts = vec![0.0; wide * high];
    for (&x, &y) in one.iter().zip(other) {
        counts[x as usize * high + y as usize] += 1.0;
    }
    counts
}

impl PairScore {
    /// Takes a table for each pair in order, its counts with or without noise.
    pub(super) fn new(columns: Vec<Arc<str>>, sizes: Vec<usize>, tables: &[Vec<f64>]) -> Self {
        let tables: Vec<Vec<f64>> = tables.iter().map(|table| nearest_counts(table)).collect();
        let sums: Vec<f64> = tables.iter().map(|table| table.iter().sum()).collect();
        let rows = sums.iter().sum::<f64>() / sums.len().max(1) as f64;
        Self { columns, sizes, tables, rows }
    }

    /// The counts of a pair with the first's levels as strata.
    fn strata(&self, given: usize, column: usize) -> Vec<f64> {
        let (one, other) = (given.min(column), given.max(column));
        let count = self.columns.len();
        let place = one * (2 * count - one - 1) / 2 + (other - one - 1);
        let (table, high) = (&self.tables[place], self.sizes[other]);
        if given < column {
            return table.clone();
        }
        (0..high).flat_map(|level| table.iter().skip(level).step_by(high).copied()).collect()
    }
}

impl Score for PairScore {
    fn columns(&self) -> &[Arc<str>] {
        &self.columns
    }

    /// Relative to the column on its own in the same table, so that noise in one table does not speak for another.
    fn local(&self, column: usize, causes: &[usize]) -> f64 {
        let size = self.sizes[column];
        let &[cause] = causes else {
            return if causes.is_empty() { 0.0 } else { f64::NEG_INFINITY };
        };
        let counts = self.strata(cause, column);
        let mut alone = vec![0.0; size];
        for own in counts.chunks_exact(size) {
            alone.iter_mut().zip(own).for_each(|(sum, count)| *sum += count);
        }
        let parameters = (self.sizes[cause] - 1) * (size - 1);
        let gain = log_likelihood(counts.into_iter(), size) - log_likelihood(alone.into_iter(), size);
        gain - 0.5 * self.rows.max(1.0).ln() * parameters as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causal::{CountScore, CountScoreKind, Levels};

    #[test]
    fn law_pairs_score_as_rows_do() {
        let codes =
            vec![vec![0, 1, 2, 0, 1, 2, 2, 0], vec![0, 1, 1, 0, 1, 0, 1, 0], vec![1, 0, 0, 1, 1, 1, 0, 0]];
        let names: Vec<Arc<str>> = vec!["a".into(), "b".into(), "c".into()];
        let levels = Levels::of_codes(names.clone(), codes.clone());
        let score = CountScore::new(&levels, CountScoreKind::Bic);
        let sizes = vec![3, 2, 2];
        let tables: Vec<Vec<f64>> = pairs(3)
            .into_iter()
            .map(|(one, other)| counted(&codes[one], &codes[other], sizes[one], sizes[other]))
            .collect();
        let by_pairs = PairScore::new(names, sizes, &tables);
        for (column, cause) in [(0, 1), (1, 0), (2, 1), (0, 2)] {
            let gain = score.local(column, &[cause]) - score.local(column, &[]);
            assert!((by_pairs.local(column, &[cause]) - gain).abs() < 1e-9, "{column} {cause}");
        }
        assert!(by_pairs.local(0, &[1, 2]).is_infinite());
    }
}
