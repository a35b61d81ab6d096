//! Where sequences begin and end among rows that lie one after another.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

/// Sequences of rows: the first has the first rows, and so on, each in the order of time.
///
/// No row stands for padding, so that a batch costs what its sequences hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runs {
    /// The first row of each sequence; then the number of rows.
    offsets: Arc<[usize]>,
}

/// Sequences of one task: the same for any number of threads, since sums over tasks are taken in order.
const RUNS_PER_TASK: usize = 8;

impl Runs {
    /// Sequences of these lengths, one after another.
    pub fn of_lengths(lengths: impl IntoIterator<Item = usize>) -> Self {
        let mut offsets = vec![0];
        let mut end = 0;
        for length in lengths {
            end += length;
            offsets.push(end);
        }
        Self { offsets: offsets.into() }
    }

    /// Number of sequences.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there is no sequence.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of rows of all sequences.
    pub fn rows(&self) -> usize {
        self.offsets[self.len()]
    }

    /// The rows of a sequence.
    ///
    /// # Panics
    /// When there is no such sequence, as slices do.
    pub fn range(&self, run: usize) -> Range<usize> {
        self.offsets[run]..self.offsets[run + 1]
    }

    /// What `work` makes of tasks of neighbouring sequences, in their order.
    pub(super) fn by_task<T: Send>(&self, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
        let starts: Vec<usize> = (0..self.len()).step_by(RUNS_PER_TASK).collect();
        starts.into_par_iter().map(|start| work(start..(start + RUNS_PER_TASK).min(self.len()))).collect()
    }

    /// The rows of neighbouring sequences.
    pub(super) fn rows_of(&self, runs: &Range<usize>) -> Range<usize> {
        self.offsets[runs.start]..self.offsets[runs.end]
    }
}
