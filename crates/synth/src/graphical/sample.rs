//! Rows of codes drawn from a graphical model.

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::estimate::Estimate;
use super::factor::Factor;

impl Estimate {
    /// Codes of so many rows, the same for a seed whatever the number of threads.
    ///
    /// Down the tree, rows with the same codes of the shared columns get the new columns' combinations in their expected
    /// numbers, the fractions at random, in random order: less spread than independent draws.
    ///
    /// # Source
    /// The rounding of McKenna et al.'s Private-PGM, as Winning the NIST contest (2021), section 2, refers to it.
    ///
    /// # Shapes
    /// `[columns][rows]`
    pub(crate) fn sample(&self, sizes: &[usize], rows: usize, seed: u64) -> Vec<Vec<u32>> {
        let mut codes: Vec<Vec<u32>> = vec![Vec::new(); sizes.len()];
        for (place, clique) in self.tree.cliques.iter().enumerate() {
            let separator = &self.tree.separators[place];
            let new: Vec<usize> =
                clique.iter().copied().filter(|column| !separator.contains(column)).collect();
            let order: Vec<usize> = separator.iter().chain(&new).copied().collect();
            let table = ordered(&self.marginals[place], &order, sizes);
            let cells: usize = new.iter().map(|column| sizes[*column]).product();
            let groups = table.len() / cells;
            let group_of = |row: usize| {
                separator
                    .iter()
                    .fold(0, |group, column| group * sizes[*column] + codes[*column][row] as usize)
            };
            let (starts, members) = grouped(rows, groups, group_of);
            let mut drawn = vec![0_u32; rows];
            // Each group's rows are a stretch of their own.
            let mut stretches: Vec<(usize, &mut [u32])> = Vec::with_capacity(groups);
            let mut rest = drawn.as_mut_slice();
            for group in 0..groups {
                let (own, others) = rest.split_at_mut(starts[group + 1] - starts[group]);
                stretches.push((group, own));
                rest = others;
            }
            stretches.par_iter_mut().for_each(|(group, own)| {
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                rng.set_stream(((place as u64) << 32) | *group as u64);
                deal(&table[*group * cells..(*group + 1) * cells], own, &mut rng);
            });
            for &column in &new {
                codes[column] = vec![0; rows];
            }
            for (row, cell) in members.iter().zip(&drawn) {
                let mut cell = *cell as usize;
                for &column in new.iter().rev() {
                    codes[column][*row as usize] = (cell % sizes[column]) as u32;
                    cell /= sizes[column];
                }
            }
        }
        codes
    }
}

/// The numbers of a factor with its columns in another order.
fn ordered(factor: &Factor, order: &[usize], sizes: &[usize]) -> Vec<f64> {
    let own: Vec<usize> = order.iter().map(|column| sizes[*column]).collect();
    factor.cells_of(order, &own).into_iter().map(|cell| factor.values[cell as usize]).collect()
}

/// Rows by their group, in order, and where each group's begin.
fn grouped(rows: usize, groups: usize, group_of: impl Fn(usize) -> usize) -> (Vec<usize>, Vec<u32>) {
    let of: Vec<u32> = (0..rows).map(|row| group_of(row) as u32).collect();
    let mut starts = vec![0; groups + 1];
    for group in &of {
        starts[*group as usize + 1] += 1;
    }
    for group in 0..groups {
        starts[group + 1] += starts[group];
    }
    let mut next = starts.clone();
    let mut members = vec![0; rows];
    for (row, group) in of.iter().enumerate() {
        members[next[*group as usize]] = row as u32;
        next[*group as usize] += 1;
    }
    (starts, members)
}

/// Gives rows cells in proportion to the weights.
fn deal(weights: &[f64], rows: &mut [u32], rng: &mut ChaCha8Rng) {
    if rows.is_empty() {
        return;
    }
    let sum: f64 = weights.iter().sum();
    let share = |weight: f64| if sum > 0.0 { weight / sum } else { 1.0 / weights.len() as f64 };
    let expected: Vec<f64> = weights.iter().map(|weight| share(*weight) * rows.len() as f64).collect();
    let mut place = 0;
    for (cell, count) in expected.iter().enumerate() {
        for _ in 0..(count.floor() as usize).min(rows.len() - place) {
            rows[place] = cell as u32;
            place += 1;
        }
    }
    // The fractions, by systematic sampling: each cell is taken with chance its fraction.
    let left = rows.len() - place;
    if left > 0 {
        let fractions: f64 = expected.iter().map(|count| count.fract()).sum();
        let step = fractions / left as f64;
        let mut mark = rng.random::<f64>() * step;
        let mut passed = 0.0;
        for (cell, count) in expected.iter().enumerate() {
            passed += count.fract();
            while mark < passed && place < rows.len() {
                rows[place] = cell as u32;
                place += 1;
                mark += step;
            }
        }
        // Rounding may leave the last mark beyond the last cell.
        let last = expected.iter().rposition(|count| *count > 0.0).unwrap_or_default() as u32;
        rows[place..].fill(last);
    }
    rows.shuffle(rng);
}

#[cfg(test)]
mod tests {
    use super::super::counts::counts;
    use super::super::estimate::{Measurement, estimate};
    use super::*;

    #[test]
    fn law_rows_have_the_models_marginals_and_do_not_depend_on_threads() {
        let sizes = [3, 4, 2, 5];
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let mut all = Factor::filled(&[0, 1, 2, 3], &sizes, 0.0);
        all.values.iter_mut().for_each(|value| *value = 3.0 * rng.random::<f64>());
        let all = all.normalised(1.0);
        let measured: Vec<Measurement> = [vec![0, 1], vec![1, 2], vec![2, 3], vec![1, 3]]
            .into_iter()
            .map(|columns| Measurement { counts: all.sum(&columns, &sizes).values, columns, sigma: 0.001 })
            .collect();
        let found = estimate(&sizes, &measured, 1.0, 2_000);
        let rows = 100_000;
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| found.sample(&sizes, rows, 11))
        };
        let codes = on(1);
        assert_eq!(codes, on(2));
        for own in &measured {
            let counted = counts(&codes, &sizes, &own.columns);
            for (count, share) in counted.iter().zip(&own.counts) {
                // A share of at most a quarter has a standard deviation of 0.0014 even of independent draws; five of them
                // and what the fit lacks.
                assert!((count / rows as f64 - share).abs() < 0.01, "{count} {share}");
            }
        }
    }
}
