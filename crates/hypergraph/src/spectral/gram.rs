//! Products of an incidence with its transpose, as an operator.

use rayon::prelude::*;

/// Rows shorter than this are not worth a task each.
const ROWS_A_TASK: usize = 4_096;

/// Lists of numbers: the members of each set, or the sets of each member.
#[derive(Clone, Debug)]
pub(crate) struct Lists {
    offsets: Vec<usize>,
    entries: Vec<u32>,
}

impl Default for Lists {
    fn default() -> Self {
        Self { offsets: vec![0], entries: Vec::new() }
    }
}

impl Lists {
    pub(crate) fn of<L: AsRef<[u32]>>(lists: &[L]) -> Self {
        let mut all = Self::default();
        all.offsets.reserve(lists.len());
        for list in lists {
            all.push(list.as_ref());
        }
        all
    }

    pub(crate) fn push(&mut self, list: &[u32]) {
        self.entries.extend_from_slice(list);
        self.offsets.push(self.entries.len());
    }

    pub(crate) fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    pub(crate) fn get(&self, list: usize) -> &[u32] {
        &self.entries[self.offsets[list]..self.offsets[list + 1]]
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &[u32]> {
        (0..self.len()).map(|list| self.get(list))
    }

    /// For each of `count` entries, the lists that hold it, in order.
    pub(crate) fn transposed(&self, count: usize) -> Self {
        let mut offsets = vec![0; count + 1];
        for entry in &self.entries {
            offsets[*entry as usize + 1] += 1;
        }
        for entry in 0..count {
            offsets[entry + 1] += offsets[entry];
        }
        let mut next = offsets.clone();
        let mut entries = vec![0; self.entries.len()];
        for (place, list) in self.iter().enumerate() {
            for entry in list {
                entries[next[*entry as usize]] = place as u32;
                next[*entry as usize] += 1;
            }
        }
        Self { offsets, entries }
    }
}

/// S (N W Nᵀ − diagonal) S, N being an incidence of rows and columns, W weights of the columns and S the
/// square roots of a resultant weight of the rows.
#[derive(Clone, Debug)]
pub(crate) struct Gram {
    rows: Lists,
    columns: Lists,
    weights: Vec<f64>,
    scale: Option<Vec<f64>>,
    diagonal: bool,
}

impl Gram {
    /// `resultant` weighs the rows; the diagonal is kept only when `diagonal` holds.
    pub(crate) fn new(
        rows: Lists,
        columns: Lists,
        weights: Vec<f64>,
        resultant: Option<&[f64]>,
        diagonal: bool,
    ) -> Self {
        let scale = resultant.map(|weights| weights.iter().map(|weight| weight.sqrt()).collect());
        Self { rows, columns, weights, scale, diagonal }
    }

    /// Number of rows.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn keeps_diagonal(&self) -> bool {
        self.diagonal
    }

    fn scale_of(&self, row: usize) -> f64 {
        self.scale.as_ref().map_or(1.0, |scale| scale[row])
    }

    /// The columns that connect anything, with the rows that they connect.
    pub(super) fn connecting(&self) -> impl Iterator<Item = impl Iterator<Item = u32>> {
        let weighty = self.columns.iter().zip(&self.weights).filter(|(_, weight)| **weight > 0.0);
        weighty.map(|(column, _)| column.iter().copied().filter(|row| self.scale_of(*row as usize) > 0.0))
    }

    /// Writes the product with `x` to `product`.
    pub(crate) fn apply(&self, x: &[f64], product: &mut [f64]) {
        let sum = |column: usize| -> f64 {
            let rows = self.columns.get(column).iter();
            rows.map(|row| self.scale_of(*row as usize) * x[*row as usize]).sum()
        };
        let task = |total: usize| ROWS_A_TASK.min(total.max(1));
        let columns = self.columns.len();
        let sums: Vec<f64> = (0..columns).into_par_iter().with_min_len(task(columns)).map(sum).collect();
        let entry = |row: usize| -> f64 {
            let own = if self.diagonal { 0.0 } else { self.scale_of(row) * x[row] };
            let columns = self.rows.get(row).iter().map(|column| *column as usize);
            let total: f64 = columns.map(|column| self.weights[column] * (sums[column] - own)).sum();
            total * self.scale_of(row)
        };
        // A row may have very many columns: a node of all sets. So few rows make a task.
        let rows = product.len();
        let entries = self.rows.entries.len().max(1);
        let least = (rows * ROWS_A_TASK / entries).clamp(1, ROWS_A_TASK);
        product
            .par_iter_mut()
            .with_min_len(least)
            .enumerate()
            .for_each(|(row, product)| *product = entry(row));
    }

    /// Sums of the rows, which bound the eigenvalues.
    pub(crate) fn row_sums(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.len()];
        self.apply(&vec![1.0; self.len()], &mut sums);
        sums
    }

    /// The same of some rows only, ascending, which no column connects to others.
    pub(super) fn part(&self, rows: &[u32]) -> Self {
        let mut place_of = rustc_hash::FxHashMap::default();
        for (place, row) in rows.iter().enumerate() {
            place_of.insert(*row, place as u32);
        }
        let (mut columns, mut weights) = (Vec::new(), Vec::new());
        let mut chosen: Vec<u32> =
            rows.iter().flat_map(|row| self.rows.get(*row as usize).iter().copied()).collect();
        chosen.sort_unstable();
        chosen.dedup();
        for column in chosen.iter().map(|column| *column as usize) {
            let members = self.columns.get(column).iter().filter_map(|row| place_of.get(row).copied());
            columns.push(members.collect::<Vec<u32>>());
            weights.push(self.weights[column]);
        }
        let columns = Lists::of(&columns);
        let scale = self.scale.as_ref().map(|scale| rows.iter().map(|row| scale[*row as usize]).collect());
        Self { rows: columns.transposed(rows.len()), columns, weights, scale, diagonal: self.diagonal }
    }
}
