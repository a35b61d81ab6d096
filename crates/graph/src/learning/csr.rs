//! Compressed sparse rows: for each row its columns, end to end.

/// Edges from rows to columns, row by row.
///
/// # Shapes
/// `offsets` has rows + 1 entries; row `i` holds `targets[offsets[i]..offsets[i + 1]]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Csr {
    offsets: Vec<u32>,
    targets: Vec<u32>,
    columns: u32,
}

impl Csr {
    /// Takes offsets and targets.
    ///
    /// # Errors
    /// [`CsrError`] when the offsets do not rise from 0 to the number of targets, or a target is no
    /// column.
    pub fn new(offsets: Vec<u32>, targets: Vec<u32>, columns: usize) -> Result<Self, CsrError> {
        let rising = offsets.first() == Some(&0)
            && offsets.windows(2).all(|pair| pair[0] <= pair[1])
            && offsets.last().is_some_and(|last| *last as usize == targets.len());
        if !rising {
            return Err(CsrError::Offsets { edges: targets.len() });
        }
        let columns = u32::try_from(columns).map_err(|_| CsrError::TooLarge { count: columns })?;
        match targets.iter().find(|target| **target >= columns) {
            Some(&target) => Err(CsrError::Target { target, columns }),
            None => Ok(Self { offsets, targets, columns }),
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns as usize
    }

    /// Number of edges.
    pub fn edges(&self) -> usize {
        self.targets.len()
    }

    /// Where each row begins in [`Csr::targets`], and where the last ends.
    pub fn offsets(&self) -> &[u32] {
        &self.offsets
    }

    /// The column of every edge, row by row.
    pub fn targets(&self) -> &[u32] {
        &self.targets
    }

    /// The places of a row's edges in [`Csr::targets`]; empty beyond the last row.
    pub fn range(&self, row: usize) -> std::ops::Range<usize> {
        match self.offsets.get(row..row + 2) {
            Some(bounds) => bounds[0] as usize..bounds[1] as usize,
            None => 0..0,
        }
    }

    /// A row's columns; empty beyond the last row.
    pub fn row(&self, row: usize) -> &[u32] {
        &self.targets[self.range(row)]
    }

    /// The row of every edge, in edge order.
    pub fn sources(&self) -> Vec<u32> {
        let mut sources = Vec::with_capacity(self.edges());
        for row in 0..self.rows() {
            sources.resize(self.offsets[row + 1] as usize, row as u32);
        }
        sources
    }

    /// The same edges from columns to rows, and for each of them its place in this matrix.
    ///
    /// Within a row of the transpose edges keep this matrix's order, so sums over them are the same
    /// bits on every run.
    pub fn transposed(&self) -> (Self, Vec<u32>) {
        let mut offsets = vec![0_u32; self.columns() + 1];
        for &target in &self.targets {
            offsets[target as usize + 1] += 1;
        }
        for column in 0..self.columns() {
            offsets[column + 1] += offsets[column];
        }
        let mut next = offsets.clone();
        let mut targets = vec![0_u32; self.edges()];
        let mut places = vec![0_u32; self.edges()];
        for row in 0..self.rows() {
            for edge in self.range(row) {
                let slot = &mut next[self.targets[edge] as usize];
                targets[*slot as usize] = row as u32;
                places[*slot as usize] = edge as u32;
                *slot += 1;
            }
        }
        (Self { offsets, targets, columns: self.rows() as u32 }, places)
    }

    /// Replaces the targets by others of the same number and range.
    pub(super) fn with_targets(&self, targets: Vec<u32>) -> Self {
        debug_assert_eq!(targets.len(), self.targets.len());
        Self { offsets: self.offsets.clone(), targets, columns: self.columns }
    }
}

/// Why numbers make no compressed rows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CsrError {
    /// The offsets are not in order or do not fit the targets.
    #[error("offsets are out of order; permitted: rising from 0 to {edges}, the number of edges")]
    Offsets {
        /// Number of targets given.
        edges: usize,
    },
    /// A target lies beyond the last column.
    #[error("target {target} is out of range; permitted: below {columns}")]
    Target {
        /// The target given.
        target: u32,
        /// Number of columns.
        columns: u32,
    },
    /// More than 32 bits can number.
    #[error("{count} rows, columns or edges are too many; permitted: at most 4294967295")]
    TooLarge {
        /// The number wanted.
        count: usize,
    },
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn regress_bad_numbers_are_refused() {
        assert!(Csr::new(vec![], vec![], 3).is_err());
        assert!(Csr::new(vec![0, 2, 1], vec![0, 1], 3).is_err());
        assert_eq!(Csr::new(vec![0, 1], vec![3], 3), Err(CsrError::Target { target: 3, columns: 3 }));
        assert_eq!(Csr::default().row(7), &[] as &[u32]);
    }

    proptest! {
        #[test]
        fn law_transposing_twice_is_identity(rows in prop::collection::vec(prop::collection::vec(0_u32..9, 0..6), 0..12)) {
            let mut offsets = vec![0];
            let mut targets = Vec::new();
            for mut row in rows {
                row.sort_unstable();
                targets.extend(row);
                offsets.push(targets.len() as u32);
            }
            let csr = Csr::new(offsets, targets, 9).unwrap();
            let (transpose, places) = csr.transposed();
            for (edge, place) in places.iter().enumerate() {
                prop_assert_eq!(transpose.sources()[edge], csr.targets()[*place as usize]);
            }
            prop_assert_eq!(transpose.transposed().0, csr);
        }
    }
}
