//! Sparse rows of shares, and their product with the masses of the rows.

/// A matrix by rows: which columns each row touches, and how much.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    offsets: Vec<usize>,
    columns: Vec<u32>,
    shares: Vec<f64>,
}

impl Default for Rows {
    fn default() -> Self {
        Self { offsets: vec![0], columns: Vec::new(), shares: Vec::new() }
    }
}

impl Rows {
    /// Adds an entry to the row that is being written.
    pub(crate) fn push(&mut self, column: u32, share: f64) {
        self.columns.push(column);
        self.shares.push(share);
    }

    /// Ends the row that is being written.
    pub(crate) fn end_row(&mut self) {
        self.offsets.push(self.columns.len());
    }

    /// Columns and shares of a row.
    pub(crate) fn row(&self, row: usize) -> impl ExactSizeIterator<Item = (usize, f64)> {
        let range = self.offsets[row]..self.offsets[row + 1];
        let columns = self.columns[range.clone()].iter().map(|column| *column as usize);
        columns.zip(self.shares[range].iter().copied())
    }

    /// The sum over rows of mass times share, column by column, always in the order of the rows.
    pub(crate) fn sums(&self, mass: &[f64], columns: usize) -> Vec<f64> {
        let mut sums = vec![0.0; columns];
        for (row, mass) in mass.iter().enumerate().filter(|(_, mass)| **mass != 0.0) {
            for (column, share) in self.row(row) {
                sums[column] += mass * share;
            }
        }
        sums
    }
}
