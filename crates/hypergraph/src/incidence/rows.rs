//! A sparse zero-one matrix by rows.

/// Distinct column numbers of each row, ascending within a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rows {
    offsets: Vec<usize>,
    columns: Vec<u32>,
}

impl Rows {
    /// Rows of `rows` numbers from pairs (row, column) in any order; repeated pairs count once.
    pub(crate) fn from_pairs(rows: usize, pairs: &[(u32, u32)]) -> Self {
        let mut offsets = vec![0; rows + 1];
        for (row, _) in pairs {
            offsets[*row as usize + 1] += 1;
        }
        for row in 0..rows {
            offsets[row + 1] += offsets[row];
        }
        let mut next = offsets.clone();
        let mut columns = vec![0; pairs.len()];
        for (row, column) in pairs {
            columns[next[*row as usize]] = *column;
            next[*row as usize] += 1;
        }
        let mut kept = Self { offsets: vec![0], columns: Vec::with_capacity(columns.len()) };
        for row in 0..rows {
            let found = &mut columns[offsets[row]..offsets[row + 1]];
            found.sort_unstable();
            let start = kept.columns.len();
            for column in found {
                if kept.columns.len() == start || kept.columns.last() != Some(column) {
                    kept.columns.push(*column);
                }
            }
            kept.offsets.push(kept.columns.len());
        }
        kept
    }

    /// Rows from lists that are already ascending and distinct.
    pub(crate) fn from_sorted(lists: impl IntoIterator<Item = Vec<u32>>) -> Self {
        let mut rows = Self { offsets: vec![0], columns: Vec::new() };
        for list in lists {
            rows.columns.extend_from_slice(&list);
            rows.offsets.push(rows.columns.len());
        }
        rows
    }

    /// The matrix with rows and columns exchanged.
    pub(crate) fn transposed(&self, columns: usize) -> Self {
        let mut offsets = vec![0; columns + 1];
        for column in &self.columns {
            offsets[*column as usize + 1] += 1;
        }
        for column in 0..columns {
            offsets[column + 1] += offsets[column];
        }
        let mut next = offsets.clone();
        let mut rows = vec![0; self.columns.len()];
        for row in 0..self.len() {
            for column in self.row(row) {
                rows[next[*column as usize]] = row as u32;
                next[*column as usize] += 1;
            }
        }
        Self { offsets, columns: rows }
    }

    pub(crate) fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Number of ones.
    pub(crate) fn ones(&self) -> usize {
        self.columns.len()
    }

    pub(crate) fn row(&self, row: usize) -> &[u32] {
        &self.columns[self.offsets[row]..self.offsets[row + 1]]
    }

    pub(crate) fn row_len(&self, row: usize) -> usize {
        self.offsets[row + 1] - self.offsets[row]
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &[u32]> {
        self.offsets.windows(2).map(|bounds| &self.columns[bounds[0]..bounds[1]])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_repeated_pairs_count_once_and_transposing_twice_changes_nothing() {
        let rows = Rows::from_pairs(3, &[(2, 1), (0, 4), (0, 1), (0, 4), (2, 0)]);
        assert_eq!(rows.iter().collect::<Vec<_>>(), [&[1, 4][..], &[], &[0, 1]]);
        assert_eq!(rows.transposed(5).transposed(3), rows);
        assert_eq!(rows.transposed(5).row(1), [0, 2]);
    }
}
