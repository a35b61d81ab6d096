//! Sparse matrices in compressed rows, and their product with dense ones.

use crate::operation::WeightedRows;
use crate::random::mix;

/// A sparse matrix in compressed-row form (CSR).
///
/// Invariants: row offsets start at 0, never fall and end at the number of entries; every column
/// is less than [`SparseMatrix::columns`]; within a row, columns strictly increase.
///
/// # Shapes
/// `rows x columns`, values in f32.
#[derive(Clone, Debug, PartialEq)]
pub struct SparseMatrix {
    columns: usize,
    offsets: Vec<usize>,
    indices: Vec<u32>,
    values: Vec<f32>,
}

impl SparseMatrix {
    /// Takes rows of (column, value) in any order; values of a repeated column are added.
    ///
    /// # Errors
    /// [`SparseError`] when a column is out of range or a value is not finite.
    pub fn from_rows<R>(columns: usize, rows: R) -> Result<Self, SparseError>
    where
        R: IntoIterator<Item = Vec<(u32, f32)>>,
    {
        let mut matrix = Self::empty(columns);
        for mut row in rows {
            row.sort_by_key(|entry| entry.0);
            let start = matrix.indices.len();
            for (column, value) in row {
                if column as usize >= columns {
                    return Err(SparseError::Column { row: matrix.rows(), column, columns });
                }
                if !value.is_finite() {
                    return Err(SparseError::Value { row: matrix.rows(), column, value });
                }
                if matrix.indices.len() > start && matrix.indices.last() == Some(&column) {
                    if let Some(last) = matrix.values.last_mut() {
                        *last += value;
                    }
                } else {
                    matrix.indices.push(column);
                    matrix.values.push(value);
                }
            }
            matrix.offsets.push(matrix.indices.len());
        }
        Ok(matrix)
    }

    /// A matrix without rows.
    pub fn empty(columns: usize) -> Self {
        Self { columns, offsets: vec![0], indices: Vec::new(), values: Vec::new() }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Number of stored entries.
    pub fn entries(&self) -> usize {
        self.indices.len()
    }

    /// The columns of a row and their values.
    ///
    /// # Panics
    /// When there is no such row, as slices do.
    pub fn row(&self, row: usize) -> (&[u32], &[f32]) {
        let range = self.offsets[row]..self.offsets[row + 1];
        (&self.indices[range.clone()], &self.values[range])
    }

    /// Divides each row by the sum of its values, so that a product with it is a weighted mean;
    /// rows that sum to nothing stay as they are.
    #[must_use]
    pub fn into_row_means(mut self) -> Self {
        for row in 0..self.rows() {
            let range = self.offsets[row]..self.offsets[row + 1];
            let sum: f32 = self.values[range.clone()].iter().sum();
            if sum > 0.0 {
                for value in &mut self.values[range] {
                    *value /= sum;
                }
            }
        }
        self
    }

    /// A square matrix of ones where an edge joins two nodes, both ways, each once.
    ///
    /// # Errors
    /// [`SparseError`] when an end is out of range.
    pub fn from_edges(nodes: usize, edges: &[(u32, u32)]) -> Result<Self, SparseError> {
        let mut rows: Vec<Vec<(u32, f32)>> = vec![Vec::new(); nodes];
        for &(one, other) in edges {
            for (row, column) in [(one, other), (other, one)] {
                let own = rows.get_mut(row as usize);
                own.ok_or(SparseError::Column { row: column as usize, column: row, columns: nodes })?
                    .push((column, 1.0));
            }
        }
        for row in &mut rows {
            row.sort_by_key(|entry| entry.0);
            row.dedup_by_key(|entry| entry.0);
        }
        Self::from_rows(nodes, rows)
    }

    /// With an entry of 1 on the diagonal, in the place of what was there.
    #[must_use]
    pub fn with_self_loops(&self) -> Self {
        let mut looped = Self::empty(self.columns);
        for row in 0..self.rows() {
            let (indices, values) = self.row(row);
            let own = row as u32;
            let before = indices.partition_point(|column| *column < own);
            let after = before + usize::from(indices.get(before) == Some(&own));
            looped.indices.extend_from_slice(&indices[..before]);
            looped.values.extend_from_slice(&values[..before]);
            if row < self.columns {
                looped.indices.push(own);
                looped.values.push(1.0);
            }
            looped.indices.extend_from_slice(&indices[after..]);
            looped.values.extend_from_slice(&values[after..]);
            looped.offsets.push(looped.indices.len());
        }
        looped
    }

    /// The same entries with other values, from row, column and value.
    #[must_use]
    pub fn map_values(mut self, map: impl Fn(usize, u32, f32) -> f32) -> Self {
        for row in 0..self.rows() {
            for place in self.offsets[row]..self.offsets[row + 1] {
                self.values[place] = map(row, self.indices[place], self.values[place]);
            }
        }
        self
    }

    /// Without the entries that drop out, the others scaled up to keep the mean; by a key and their place.
    #[must_use]
    pub(crate) fn thinned(&self, rate: f32, key: u64) -> Self {
        let threshold = (rate * 65_536.0) as u64;
        let kept = 1.0 / (1.0 - rate);
        let mut thinned = Self::empty(self.columns);
        for row in 0..self.rows() {
            for place in self.offsets[row]..self.offsets[row + 1] {
                if mix(key, place as u64) & 0xffff >= threshold {
                    thinned.indices.push(self.indices[place]);
                    thinned.values.push(kept * self.values[place]);
                }
            }
            thinned.offsets.push(thinned.indices.len());
        }
        thinned
    }

    /// The given rows, in the given order; a row may be taken more than once.
    #[must_use]
    pub fn select_rows(&self, rows: &[usize]) -> Self {
        let mut selected = Self::empty(self.columns);
        selected.offsets.reserve(rows.len());
        for &row in rows {
            let (columns, values) = self.row(row);
            selected.indices.extend_from_slice(columns);
            selected.values.extend_from_slice(values);
            selected.offsets.push(selected.indices.len());
        }
        selected
    }

    /// Keeps the columns that have a new number and renumbers them; `new_columns` must rise with
    /// the old number.
    #[must_use]
    pub fn map_columns(&self, new_columns: &[Option<u32>], columns: usize) -> Self {
        let mut mapped = Self::empty(columns);
        for row in 0..self.rows() {
            let (indices, values) = self.row(row);
            for (&column, &value) in indices.iter().zip(values) {
                if let Some(new) = new_columns[column as usize] {
                    mapped.indices.push(new);
                    mapped.values.push(value);
                }
            }
            mapped.offsets.push(mapped.indices.len());
        }
        mapped
    }

    /// The transpose, by counting sort.
    #[must_use]
    pub fn transpose(&self) -> Self {
        let mut offsets = vec![0; self.columns + 1];
        for &column in &self.indices {
            offsets[column as usize + 1] += 1;
        }
        for column in 0..self.columns {
            offsets[column + 1] += offsets[column];
        }
        let mut next = offsets.clone();
        let mut indices = vec![0; self.entries()];
        let mut values = vec![0.0; self.entries()];
        for row in 0..self.rows() {
            let (columns, row_values) = self.row(row);
            for (&column, &value) in columns.iter().zip(row_values) {
                let place = &mut next[column as usize];
                indices[*place] = row as u32;
                values[*place] = value;
                *place += 1;
            }
        }
        Self { columns: self.rows(), offsets, indices, values }
    }

    /// The product with a dense row-major matrix of `width` columns.
    ///
    /// Every row is summed in column order by one thread, so the result is the same bit for bit
    /// whatever the number of threads.
    ///
    /// # Shapes
    /// `[rows, columns] x [columns, width] -> [rows, width]`
    pub fn multiply(&self, dense: &[f32], width: usize) -> Vec<f32> {
        debug_assert_eq!(dense.len(), self.columns * width, "one dense row per column");
        let rows =
            WeightedRows { offsets: &self.offsets, indices: &self.indices, weights: &self.values, heads: 1 };
        rows.sums(dense, width)
    }
}

/// Why entries make no sparse matrix.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SparseError {
    /// A column beyond the last.
    #[error("row {row} has column {column}; permitted: 0 to {columns}, the last excluded")]
    Column {
        /// Row of the entry.
        row: usize,
        /// Column given.
        column: u32,
        /// Number of columns.
        columns: usize,
    },
    /// A value that can't be computed with.
    #[error("row {row}, column {column} has value {value}; permitted: finite numbers")]
    Value {
        /// Row of the entry.
        row: usize,
        /// Column of the entry.
        column: u32,
        /// Value given.
        value: f32,
    },
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matrix(columns: usize) -> impl Strategy<Value = SparseMatrix> {
        let row = prop::collection::vec((0..columns as u32, -2.0_f32..2.0), 0..12);
        prop::collection::vec(row, 1..30)
            .prop_map(move |rows| SparseMatrix::from_rows(columns, rows).unwrap())
    }

    fn pool(threads: usize) -> rayon::ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
    }

    #[test]
    fn regress_bad_entries_are_refused() {
        assert!(SparseMatrix::from_rows(2, [vec![(2, 1.0)]]).is_err());
        assert!(SparseMatrix::from_rows(2, [vec![(1, f32::NAN)]]).is_err());
        let repeated = SparseMatrix::from_rows(2, [vec![(1, 1.0), (0, 3.0), (1, 2.0)]]).unwrap();
        assert_eq!(repeated.row(0), (&[0, 1][..], &[3.0, 3.0][..]));
    }

    #[test]
    fn law_product_is_the_same_for_any_thread_count() {
        let rows = (0..4000_u32).map(|row| {
            (0..(row * 7919) % 37).map(|k| ((row * 31 + k * 97) % 501, 1.0 / (1.0 + k as f32))).collect()
        });
        let matrix = SparseMatrix::from_rows(501, rows).unwrap();
        let dense: Vec<f32> = (0..501 * 32).map(|i| ((i * 37) % 101) as f32 / 7.0 - 5.0).collect();
        assert!(matrix.entries() * 32 > 1 << 20, "large enough to be shared between threads");
        let mut serial = vec![0.0_f32; matrix.rows() * 32];
        for (row, sums) in serial.chunks_exact_mut(32).enumerate() {
            for (column, value) in matrix.row(row).0.iter().zip(matrix.row(row).1) {
                let taken = &dense[*column as usize * 32..][..32];
                sums.iter_mut().zip(taken).for_each(|(sum, x)| *sum += value * x);
            }
        }
        for threads in [1, 2, 3] {
            assert_eq!(pool(threads).install(|| matrix.multiply(&dense, 32)), serial);
        }
    }

    proptest! {
        #[test]
        fn law_transpose_twice_is_identity(matrix in matrix(9)) {
            prop_assert_eq!(matrix.transpose().transpose(), matrix);
        }

        #[test]
        fn law_product_with_the_transpose_is_adjoint(matrix in matrix(9), seed in 0_u32..1000) {
            // <A x, y> = <x, A' y> for every x and y.
            let draw = |i: usize| (((i as u32 + 1) * (seed + 17) * 7919) % 199) as f32 / 100.0 - 1.0;
            let x: Vec<f32> = (0..matrix.columns()).map(draw).collect();
            let y: Vec<f32> = (0..matrix.rows()).map(|i| draw(i + 50)).collect();
            let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>();
            let left = dot(&matrix.multiply(&x, 1), &y);
            let right = dot(&x, &matrix.transpose().multiply(&y, 1));
            prop_assert!((left - right).abs() < 1e-3, "{left} {right}");
        }

        #[test]
        fn law_row_means_of_ones_are_one(rows in prop::collection::vec(prop::collection::vec(0_u32..9, 0..12), 1..20)) {
            let rows = rows.into_iter().map(|row| row.into_iter().map(|column| (column, 1.0)).collect());
            let means = SparseMatrix::from_rows(9, rows).unwrap().into_row_means();
            for (row, mean) in means.multiply(&[1.0; 9], 1).into_iter().enumerate() {
                let expected = if means.row(row).0.is_empty() { 0.0 } else { 1.0 };
                prop_assert!((mean - expected).abs() < 1e-5);
            }
        }
    }
}
