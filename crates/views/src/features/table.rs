//! A sparse table of features.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// One column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feature {
    /// What it is, in words and codes: `count ever SNOMED//44054006`.
    pub name: Arc<str>,
    /// What its numbers mean.
    pub role: FeatureRole,
}

/// What the numbers of a column mean, and so what the absence of an entry means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureRole {
    /// How often; no entry means 0.
    Count,
    /// 1 if it holds; no entry means 0.
    Indicator,
    /// A quantity in its own unit; no entry means that it is not known.
    Measurement,
}

/// Features of many instances in compressed sparse rows.
///
/// # Shapes
/// `indptr` has one more entry than there are rows; row i owns `indptr[i]..indptr[i + 1]` of `indices`
/// (columns, increasing) and `values`. A value of 0 that is stored was measured as 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureTable {
    pub(super) features: Arc<[Feature]>,
    pub(super) indptr: Vec<usize>,
    pub(super) indices: Vec<u32>,
    pub(super) values: Vec<f32>,
}

impl FeatureTable {
    pub(super) fn from_rows(features: Arc<[Feature]>, rows: Vec<Vec<(u32, f32)>>) -> Self {
        let entries = rows.iter().map(Vec::len).sum();
        let mut table = Self {
            features,
            indptr: Vec::with_capacity(rows.len() + 1),
            indices: Vec::with_capacity(entries),
            values: Vec::with_capacity(entries),
        };
        table.indptr.push(0);
        for row in rows {
            for (column, value) in row {
                table.indices.push(column);
                table.values.push(value);
            }
            table.indptr.push(table.indices.len());
        }
        table
    }

    /// The columns.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.indptr.len() - 1
    }

    /// Number of columns.
    pub fn n_columns(&self) -> usize {
        self.features.len()
    }

    /// Where each row begins and ends.
    pub fn indptr(&self) -> &[usize] {
        &self.indptr
    }

    /// The column of each entry.
    pub fn indices(&self) -> &[u32] {
        &self.indices
    }

    /// The value of each entry.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Columns and values of one row; empty past the end.
    pub fn row(&self, row: usize) -> (&[u32], &[f32]) {
        match (self.indptr.get(row), self.indptr.get(row + 1)) {
            (Some(&start), Some(&end)) => (&self.indices[start..end], &self.values[start..end]),
            _ => (&[], &[]),
        }
    }

    /// The rows chosen, in the order chosen; those past the end are empty.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let chosen = rows
            .iter()
            .map(|&row| {
                let (columns, values) = self.row(row);
                columns.iter().copied().zip(values.iter().copied()).collect()
            })
            .collect();
        Self::from_rows(Arc::clone(&self.features), chosen)
    }

    /// All cells, row by row, with `missing` (such as NaN) for measurements not known.
    ///
    /// # Shapes
    /// `n_rows * n_columns`, row-major.
    pub fn to_dense(&self, missing: f32) -> Vec<f32> {
        let columns = self.n_columns();
        let blank: Vec<f32> = self
            .features
            .iter()
            .map(|feature| if feature.role == FeatureRole::Measurement { missing } else { 0.0 })
            .collect();
        let mut dense = Vec::with_capacity(columns * self.n_rows());
        for row in 0..self.n_rows() {
            let start = dense.len();
            dense.extend_from_slice(&blank);
            let (indices, values) = self.row(row);
            for (&column, &value) in indices.iter().zip(values) {
                dense[start + column as usize] = value;
            }
        }
        dense
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> FeatureTable {
        let feature = |name: &str, role| Feature { name: name.into(), role };
        let features = [feature("n", FeatureRole::Count), feature("age", FeatureRole::Measurement)]
            .into_iter()
            .collect();
        FeatureTable::from_rows(features, vec![vec![(0, 2.0)], vec![], vec![(0, 1.0), (1, 0.0)]])
    }

    #[test]
    fn regress_dense_tells_zero_from_unknown() {
        let dense = table().to_dense(-1.0);
        assert_eq!(dense, [2.0, -1.0, 0.0, -1.0, 1.0, 0.0]);
        assert_eq!((table().n_rows(), table().n_columns()), (3, 2));
    }

    #[test]
    fn regress_rows_can_be_chosen() {
        let chosen = table().select(&[2, 0, 9]);
        assert_eq!(chosen.to_dense(-1.0), [1.0, 0.0, 2.0, -1.0, 0.0, -1.0]);
        assert_eq!(table().row(3), (&[][..], &[][..]));
    }
}
